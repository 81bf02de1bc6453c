// Tokens of the definition language with their values: names folded as SQL does, string literals decoded.
#include "core/lexer.hpp"
#include "core/naming.hpp"
#include "core/text.hpp"

namespace bpt::core {

namespace {

/// The name that an identifier stands for: folded, or what its double quotes hold.
std::string_view name_value(Lexer &lexer, const RawToken &raw)
{
	char *const to = static_cast<char *>(lexer.arena.take(static_cast<std::size_t>(raw.end - raw.begin) + 1));
	std::size_t size = 0;
	if (raw.kind == RawKind::word)
	{
		for (std::int32_t i = raw.begin; i < raw.end; i++)
			to[size++] = lower(lexer.text[static_cast<std::size_t>(i)]);
	}
	else
	{
		for (std::int32_t i = raw.begin + 1; i < raw.end - 1; i++)
		{
			const char c = lexer.text[static_cast<std::size_t>(i)];
			to[size++] = c;
			if (c == '"')
				i++;
		}
		if (size == 0)
			lexer.complain(raw.begin, "zero-length delimited identifier");
	}
	to[size] = '\0';
	if (size > kLongestName)
		lexer.complain(
			raw.begin,
			concat(lexer.arena, {"identifier \"", shortened(lexer.arena, {to, size}, kLongestName), "\" is too long"}),
			"A name has at most 63 bytes.");
	return {to, size};
}

/// True if a letter, digit or underscore stands right behind a number, as in 12abc.
bool trails_junk(std::string_view text, std::int32_t end)
{
	if (end >= static_cast<std::int32_t>(text.size()))
		return false;
	const char c = lower(text[static_cast<std::size_t>(end)]);
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || (static_cast<unsigned char>(c) & 0x80) != 0;
}

} // namespace

void Lexer::complain(std::int32_t offset, std::string_view message, std::string_view hint)
{
	if (offset <= reported)
		return;
	reported = offset;
	Diagnostic problem;
	problem.code = "syntax_error";
	problem.offset = offset;
	problem.message = message;
	problem.hint = hint;
	problems.add(arena, problem);
}

Token Lexer::read(std::int32_t at)
{
	const RawToken raw = scan(text, at);
	Token token;
	token.begin = raw.begin;
	token.end = raw.end;
	token.text = slice(text, raw.begin, raw.end);
	switch (raw.kind)
	{
	case RawKind::end:
		break;
	case RawKind::unterminated:
		complain(raw.begin, raw.complaint);
		broken = true;
		token.begin = token.end = static_cast<std::int32_t>(text.size());
		break;
	case RawKind::unicode_word:
		complain(raw.begin, "Unicode escapes are not supported in names of a definition",
				 "Write the character itself between double quotes.");
		token.kind = TokenKind::identifier;
		token.quoted = true;
		break;
	case RawKind::word:
	case RawKind::quoted_word:
		token.kind = TokenKind::identifier;
		token.quoted = raw.kind == RawKind::quoted_word;
		token.text = name_value(*this, raw);
		break;
	case RawKind::string:
	case RawKind::escape_string:
	case RawKind::unicode_string:
	case RawKind::dollar_string:
		token.kind = TokenKind::string;
		token.text = string_value(*this, raw);
		if (raw.kind == RawKind::unicode_string)
			token.end = unicode_string_end(text, raw);
		break;
	case RawKind::number:
		token.kind = TokenKind::number;
		if (trails_junk(text, raw.end))
			complain(raw.begin, "trailing junk after numeric literal");
		break;
	case RawKind::bit_string:
	case RawKind::parameter:
	case RawKind::symbol:
	{
		token.kind = TokenKind::symbol;
		const char next =
			raw.end < static_cast<std::int32_t>(text.size()) ? text[static_cast<std::size_t>(raw.end)] : '\0';
		if (next == '>' && (token.text == "-" || token.text == "="))
		{
			token.kind = token.text == "-" ? TokenKind::arrow : TokenKind::gives;
			token.end++;
			token.text = slice(text, token.begin, token.end);
		}
		break;
	}
	}
	return token;
}

} // namespace bpt::core
