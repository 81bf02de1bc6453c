// TRANSLATION OF process INTO 'locale' (element LABEL '…' INSTRUCTIONS '…', …).
#include "core/grammar.hpp"
#include "core/locale.hpp"

namespace bpt::core {

namespace {

constexpr std::string_view kProperties[] = {"LABEL", "DESCRIPTION", "INSTRUCTIONS", "DETAIL"};

} // namespace

/// One item: an element's name, or none for the process itself, and its translated texts.
bool Parser::translation_item(TranslationItem &item)
{
	item.offset = now.begin;
	bool property = false;
	for (const std::string_view word : kProperties)
		property = property || (at_word(word) && ahead(1).kind == TokenKind::string);
	if (!property && !take_name(item.element, "The name of an element, or LABEL, is expected here."))
		return false;
	std::string_view *const values[] = {&item.label, &item.description, &item.instructions, &item.detail};
	bool any = false;
	while (true)
	{
		int found = -1;
		for (int i = 0; i < 4; i++)
			if (at_word(kProperties[i]))
				found = i;
		if (found < 0)
			break;
		any = true;
		if (values[found]->data() != nullptr)
			problem(now.begin, "duplicate_clause",
					concat(arena, {kProperties[found], " is given more than once for one element"}));
		advance();
		if (!take_string(*values[found], "A text in quotes is expected here."))
			return false;
	}
	return any || fail("LABEL, DESCRIPTION, INSTRUCTIONS or DETAIL is expected here.");
}

/// The statement whose keyword TRANSLATION stands at `begin` and is read.
void Parser::parse_translation(std::int32_t begin)
{
	process = nullptr;
	Translation made;
	made.offset = begin;
	std::int32_t close = 0;
	bool well = expect_word("OF") && take_qualified(made.process, "The name of the process is expected here.") &&
				expect_word("INTO");
	const std::int32_t locale_offset = now.begin;
	well = well && take_string(made.locale, "A locale in quotes, such as 'pt' or 'pt-BR', is expected here.") &&
		   opening_parenthesis(close, "A list such as (element LABEL '…', …) is expected here.");
	if (!well)
	{
		give_up_statement();
		return;
	}
	const std::string_view locale = canonical_locale(arena, made.locale);
	if (locale.empty())
		problem(locale_offset, "wrong_locale",
				concat(arena, {"\"", shortened(arena, made.locale, 63), "\" is not a locale"}),
				"A locale is written as 'pt' or 'pt_BR'.");
	else
		made.locale = locale;
	made.offset = made.process.schema ? made.process.schema.offset : made.process.name.offset;
	while (true)
	{
		TranslationItem item;
		const bool good = translation_item(item);
		if (good)
			made.items.push(arena, item);
		if (good && now.begin < close && !now.is(','))
			fail("LABEL, DESCRIPTION, INSTRUCTIONS, DETAIL, \",\" or \")\" is expected here.");
		if (now.begin >= close || !now.is(','))
			skip_item(close);
		if (now.begin >= close || stopped)
			break;
		advance();
	}
	last_end = close + 1;
	jump(close + 1);
	document.translations.push(arena, made);
	end_statement("\";\" is expected here.");
}

} // namespace bpt::core
