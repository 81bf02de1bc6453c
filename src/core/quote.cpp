// Names with quotes and without, and SQL that is a literal (quote.hpp).
#include "core/quote.hpp"
#include "core/clause.hpp"
#include "core/lexer.hpp"
#include "core/output.hpp"
#include "core/text.hpp"

namespace bpt::core {

namespace {

/// Words that mean something where a name may stand; those of kClauseWords come in addition.
constexpr std::string_view kOtherWords[] = {
	"ACTIVITY", "ALREADY",  "AS",          "AUTOMATIC", "BACKOFF", "CHECK", "COMMENT", "CONDITIONAL",
	"CREATE",   "DECISION", "DEFAULT",     "ELSE",      "EMAIL",   "END",   "EVERY",   "EXECUTE",
	"FALSE",    "HIGH",     "HUMAN",       "INSERT",    "INTO",    "LOW",   "MESSAGE", "NORMAL",
	"NOT",      "NULL",     "OF",          "OR",        "REPLACE", "START", "STRICT",  "TIMER",
	"TIMES",    "TRUE",     "TRANSLATION", "UPDATE",    "WAIT",    "WHEN",  "WHERE",   "WITH",
};

bool is_keyword(std::string_view name)
{
	for (const std::string_view word : kOtherWords)
		if (same_word(word, name))
			return true;
	for (const ClauseWords &entry : kClauseWords)
		for (const std::string_view word : entry.words)
			if (!word.empty() && same_word(word, name))
				return true;
	return false;
}

/// True for a name that can stand without quotes.
bool is_plain(std::string_view name)
{
	for (std::size_t i = 0; i < name.size(); i++)
	{
		const char c = name[i];
		if (!((c >= 'a' && c <= 'z') || c == '_' || (i > 0 && c >= '0' && c <= '9')))
			return false;
	}
	return !name.empty() && !is_keyword(name);
}

} // namespace

std::string_view written_name(Arena &arena, std::string_view name)
{
	if (is_plain(name))
		return name;
	Output out{arena};
	out.add('"');
	for (const char c : name)
		out.add(c == '"' ? std::string_view{"\"\""} : std::string_view{&c, 1});
	out.add('"');
	return out.text();
}

bool is_string_literal(std::string_view sql)
{
	const RawToken token = scan(sql, 0);
	if (token.begin != 0 || token.kind == RawKind::end || token.kind == RawKind::unterminated)
		return false;
	const bool is_string = token.kind == RawKind::string || token.kind == RawKind::escape_string ||
						   token.kind == RawKind::unicode_string || token.kind == RawKind::dollar_string;
	const std::int32_t end = token.kind == RawKind::unicode_string ? unicode_string_end(sql, token) : token.end;
	return is_string && end == static_cast<std::int32_t>(sql.size());
}

bool is_literal(std::string_view sql)
{
	if (is_string_literal(sql) || same_word(sql, "TRUE") || same_word(sql, "FALSE") || same_word(sql, "NULL"))
		return true;
	const bool sign = !sql.empty() && (sql[0] == '-' || sql[0] == '+');
	const std::int32_t begin = sign ? 1 : 0;
	const RawToken token = scan(sql, begin);
	return token.kind == RawKind::number && token.begin == begin && token.end == static_cast<std::int32_t>(sql.size());
}

} // namespace bpt::core
