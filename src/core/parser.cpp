// Text to model: the statements of a definition text, one after the other.
//
// A problem ends only its own statement, so that one run finds all.
#include "core/grammar.hpp"

namespace bpt::core {

namespace {

constexpr StatementWord kStatements[] = {
	{"PROCESS", Opening::process, Kind::start},
	{"TRANSLATION", Opening::translation, Kind::start},
	{"TIMER", Opening::timer, Kind::start},
	{"START", Opening::element, Kind::start},
	{"CONDITIONAL", Opening::element, Kind::conditional_start},
	{"HUMAN", Opening::element, Kind::human},
	{"AUTOMATIC", Opening::element, Kind::automatic},
	{"WAIT", Opening::element, Kind::wait},
	{"DECISION", Opening::element, Kind::decision},
	{"EXECUTE", Opening::element, Kind::execute},
	{"EMAIL", Opening::element, Kind::email},
	{"END", Opening::element, Kind::end},
	{"COMMENT", Opening::element, Kind::comment},
};

constexpr std::string_view kStatementHint =
	"PROCESS, an element (START, CONDITIONAL START, HUMAN, AUTOMATIC, WAIT, DECISION, EXECUTE, EMAIL, END, COMMENT), "
	"TRANSLATION or TIMER is expected here.";

} // namespace

/// The statement that these two tokens begin, or null.
const StatementWord *Parser::statement_word(const Token &first, const Token &second)
{
	for (const StatementWord &entry : kStatements)
		if (is_word(first, entry.word))
		{
			if (entry.opening == Opening::element && entry.kind == Kind::start)
				return second.kind == TokenKind::arrow ? &entry : nullptr;
			if (entry.opening == Opening::element && entry.kind == Kind::comment)
				return second.kind == TokenKind::string ? &entry : nullptr;
			return second.kind == TokenKind::identifier ? &entry : nullptr;
		}
	return nullptr;
}

/// True if the next statement begins here, as it does where a ";" was forgotten.
bool Parser::statement_follows()
{
	return now.kind == TokenKind::identifier && statement_word(now, ahead(1)) != nullptr;
}

/// Reads the ";" that ends a statement; the last of the text may lack it. False if something else stands here, which is
/// reported and, unless the next statement begins there, passed over.
bool Parser::end_statement(std::string_view hint)
{
	if (take(';') || at_end())
		return !lexer.broken;
	if (statement_follows())
	{
		fail("A \";\" is missing before it.");
		return true;
	}
	fail(hint);
	give_up_statement();
	return true;
}

/// One statement.
void Parser::parse_statement()
{
	std::int32_t begin = now.begin;
	if (at_word("CREATE"))
	{
		advance();
		if (take_word("OR") && !expect_word("REPLACE"))
		{
			give_up_statement();
			return;
		}
		begin = now.begin;
		if (!at_word("PROCESS") && !at_word("TRANSLATION") && !at_word("TIMER"))
		{
			fail("PROCESS, TRANSLATION or TIMER is expected here.");
			give_up_statement();
			return;
		}
	}
	const StatementWord *found = nullptr;
	for (const StatementWord &entry : kStatements)
		if (at_word(entry.word))
			found = &entry;
	if (found == nullptr)
	{
		Suggestion nearest{now.kind == TokenKind::identifier && !now.quoted ? now.text : std::string_view{}, {}, 0};
		for (const StatementWord &entry : kStatements)
			nearest.offer(entry.word);
		fail(nearest.best.empty() ? kStatementHint : concat(arena, {"Did you mean ", nearest.best, "?"}));
		for (const StatementWord &entry : kStatements)
			if (entry.word == nearest.best)
				found = &entry;
		if (found == nullptr)
		{
			(process != nullptr ? *process : orphanage).lost_elements = true;
			give_up_statement();
			return;
		}
	}
	advance();
	switch (found->opening)
	{
	case Opening::process:
		parse_process(begin);
		break;
	case Opening::translation:
		parse_translation(begin);
		break;
	case Opening::timer:
		parse_timer(begin);
		break;
	case Opening::element:
		if (found->kind == Kind::conditional_start && !expect_word("START"))
		{
			(process != nullptr ? *process : orphanage).lost_elements = true;
			give_up_statement();
		}
		else
			parse_element(found->kind, begin);
		break;
	case Opening::none:
		break;
	}
	if (process != nullptr)
		process->source = slice(text, process->source_offset, last_end);
}

Document *parse(Arena &arena, std::string_view text, Diagnostics &problems, void (*interrupt)())
{
	Document *const document = arena.make<Document>();
	document->text = text;
	Lexer lexer{arena, text, problems, interrupt};
	Parser parser{arena, text, problems, lexer, *document};
	if (text.size() > INT32_MAX / 2)
	{
		parser.problem(0, "syntax_error", "the definition text is too long");
		return document;
	}
	parser.jump(0);
	while (!parser.at_end() && !parser.stopped)
	{
		if (interrupt != nullptr)
			interrupt();
		if (!parser.take(';'))
			parser.parse_statement();
	}
	if (document->processes.empty() && document->translations.empty() && document->timers.empty() &&
		problems.list.empty())
		parser.problem(0, "syntax_error", "the definition text is empty", "A definition begins with PROCESS.");
	return document;
}

} // namespace bpt::core
