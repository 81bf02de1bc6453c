// The parser's cursor: reading tokens, saying what is wrong at one, and getting to the next statement after a problem.
#include "core/grammar.hpp"

namespace bpt::core {

namespace {

constexpr std::size_t kLongestQuote = 80;
constexpr std::int32_t kMostProblems = 500;

} // namespace

/// Goes on reading at `offset`.
void Parser::jump(std::int32_t offset)
{
	now = lexer.read(offset);
}

void Parser::advance()
{
	last_end = now.end;
	jump(now.end);
}

/// The token `count` places behind the present one, without moving.
Token Parser::ahead(int count)
{
	Token token = now;
	for (int i = 0; i < count && token.kind != TokenKind::end; i++)
		token = lexer.read(token.end);
	return token;
}

bool Parser::is_word(const Token &token, std::string_view word)
{
	return token.kind == TokenKind::identifier && !token.quoted && same_word(token.text, word);
}

bool Parser::take_word(std::string_view word)
{
	if (!at_word(word))
		return false;
	advance();
	return true;
}

bool Parser::take(char symbol)
{
	if (!now.is(symbol))
		return false;
	advance();
	return true;
}

bool Parser::expect_word(std::string_view word)
{
	return take_word(word) || fail(concat(arena, {word, " is expected here."}));
}

/// Adds an error; after very many the rest of the text is left unread.
void Parser::problem(std::int32_t offset, const char *code, std::string_view message, std::string_view hint)
{
	Diagnostic added;
	added.code = code;
	added.offset = offset;
	added.message = message;
	added.hint = hint;
	problems.add(arena, added);
	stopped = stopped || problems.list.count >= kMostProblems;
}

/// A syntax error at the present token; always false, so that callers can return it.
bool Parser::fail(std::string_view hint)
{
	return fail_at(now, hint);
}

bool Parser::fail_at(const Token &token, std::string_view hint)
{
	if (token.kind != TokenKind::end)
	{
		const std::string_view near = shortened(arena, slice(text, token.begin, token.end), kLongestQuote);
		problem(token.begin, "syntax_error", concat(arena, {"syntax error at or near \"", near, "\""}), hint);
	}
	else if (!lexer.broken)
		problem(token.begin, "syntax_error", "syntax error at end of input", hint);
	return false;
}

/// Goes behind the ";" that ends this statement, so that the rest of the text is still checked.
void Parser::give_up_statement()
{
	std::int32_t depth = 0;
	std::int32_t first_semicolon = -1;
	std::int32_t at = now.begin;
	for (std::int32_t steps = 1;; steps++)
	{
		if (lexer.interrupt != nullptr && steps % 4096 == 0)
			lexer.interrupt();
		const RawToken token = scan(text, at);
		if (token.kind == RawKind::end || token.kind == RawKind::unterminated)
			break;
		at = token.end;
		if (token.kind != RawKind::symbol)
			continue;
		const char c = text[static_cast<std::size_t>(token.begin)];
		if (c == '(')
			depth++;
		else if (c == ')' && depth > 0)
			depth--;
		else if (c == ';')
		{
			if (first_semicolon < 0)
				first_semicolon = token.end;
			if (depth == 0 || unbalanced)
			{
				last_end = token.end;
				jump(token.end);
				return;
			}
		}
	}
	if (depth > 0 && first_semicolon >= 0)
	{
		unbalanced = true;
		last_end = first_semicolon;
		jump(first_semicolon);
		return;
	}
	jump(at);
	while (!at_end())
		advance();
}

/// A name; `what` says in a sentence what kind of name is missing.
bool Parser::take_name(Name &name, std::string_view what)
{
	if (now.kind != TokenKind::identifier)
		return fail(what);
	name.text = now.text;
	name.offset = now.begin;
	advance();
	return true;
}

/// WAS and the former name, if they stand here.
bool Parser::take_was(Name &was)
{
	if (!at_word("WAS") || ahead(1).kind != TokenKind::identifier)
		return true;
	advance();
	return take_name(was, "The former name is expected here.");
}

bool Parser::take_qualified(QualifiedName &name, std::string_view what)
{
	if (!take_name(name.name, what))
		return false;
	if (!now.is('.'))
		return true;
	advance();
	name.schema = name.name;
	return take_name(name.name, what);
}

} // namespace bpt::core
