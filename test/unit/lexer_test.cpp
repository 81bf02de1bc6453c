// Tokens: PostgreSQL's quoting, comments and names, and stepping over SQL.
#include "core/lexer.hpp"

#include <gtest/gtest.h>

#include "reading.hpp"

using namespace bpt::core;
using bpt::test::TestArena;

namespace {

struct Lexed
{
	std::string text;
	TestArena arena;
	Diagnostics problems;
	std::vector<std::string> tokens; // "kind:text"

	explicit Lexed(std::string source) : text(std::move(source))
	{
		Lexer lexer{arena, text, problems};
		static const char *const kinds[] = {"end", "name", "string", "number", "->", "=>", "symbol"};
		Token token = lexer.read(0);
		while (token.kind != TokenKind::end)
		{
			tokens.push_back(std::string(kinds[static_cast<int>(token.kind)]) + ":" + std::string(token.text));
			token = lexer.read(token.end);
		}
	}
	std::string problem() const
	{
		return problems.list.empty()
				   ? ""
				   : std::to_string(problems.list[0].offset) + " " + std::string(problems.list[0].message);
	}
};

using Tokens = std::vector<std::string>;

/// What a string literal means.
std::string value_of(const std::string &literal)
{
	const Lexed lexed(literal);
	EXPECT_EQ(lexed.problem(), "") << literal;
	EXPECT_EQ(lexed.tokens.size(), 1U) << literal;
	return lexed.tokens.empty() ? "" : lexed.tokens[0].substr(lexed.tokens[0].find(':') + 1);
}

/// What stands before the ")" or "," at which skipping SQL ends.
std::string skipped(const std::string &sql, bool at_comma = false)
{
	const SqlEnd end = skip_sql(sql, 0, at_comma);
	return end.closed ? sql.substr(0, static_cast<std::size_t>(end.stop)) : "open";
}

} // namespace

TEST(Lexer, FoldsNamesAsSqlDoes)
{
	EXPECT_EQ(Lexed("Abc \"Abc\" \"a\"\"b\" ÄB a$1 _x").tokens,
			  (Tokens{"name:abc", "name:Abc", "name:a\"b", "name:Äb", "name:a$1", "name:_x"}));
}

TEST(Lexer, RefusesNamesOver63Bytes)
{
	EXPECT_EQ(Lexed(std::string(63, 'x')).problem(), "");
	EXPECT_EQ(Lexed(std::string(64, 'x')).problem(), "0 identifier \"" + std::string(63, 'x') + "...\" is too long");
	EXPECT_EQ(Lexed("\"" + std::string(64, 'x') + "\"").problem().substr(0, 14), "0 identifier \"");
	EXPECT_EQ(Lexed("\"\"").problem(), "0 zero-length delimited identifier");
	EXPECT_EQ(Lexed("U&\"d\\0061ta\"").problem(), "0 Unicode escapes are not supported in names of a definition");
}

TEST(Lexer, KnowsArrowsAndSymbols)
{
	EXPECT_EQ(Lexed("a->b=>c=d - > ;").tokens, (Tokens{"name:a", "->:->", "name:b", "=>:=>", "name:c",
													   "symbol:=", "name:d", "symbol:-", "symbol:>", "symbol:;"}));
}

TEST(Lexer, SkipsComments)
{
	EXPECT_EQ(Lexed("a -- b\nc /* d /* e */ f */ g").tokens, (Tokens{"name:a", "name:c", "name:g"}));
	EXPECT_EQ(Lexed("a --> b\rc").tokens, (Tokens{"name:a", "name:c"}));
}

TEST(Lexer, ReadsStrings)
{
	EXPECT_EQ(value_of("'it''s'"), "it's");
	EXPECT_EQ(value_of("'a\\b'"), "a\\b");
	EXPECT_EQ(value_of("N'x'"), "x");
	EXPECT_EQ(value_of("''"), "");
	EXPECT_EQ(value_of("'a'\n  'b'"), "ab");
	EXPECT_EQ(value_of("'a' -- more\n'b'"), "ab");
	EXPECT_EQ(Lexed("'a' 'b'").tokens, (Tokens{"string:a", "string:b"}));
	EXPECT_EQ(value_of("$$a'b$$"), "a'b");
	EXPECT_EQ(value_of("$x$a$$b$y$c$x$"), "a$$b$y$c");
	EXPECT_EQ(value_of("e'\\n\\t\\\\\\'\\101\\x42\\u00e9\\U0001F600''z'"), "\n\t\\'AB\u00e9\U0001F600'z");
	EXPECT_EQ(value_of("E'\\ud83d\\ude00'"), "\U0001F600");
	EXPECT_EQ(value_of("E'\\xc3\\xa9'"), "\u00e9");
	EXPECT_EQ(value_of("E'a\\''\n'\\'b'"), "a''b");
	EXPECT_EQ(value_of("U&'d\\0061t\\+000061\\\\'"), "data\\");
	EXPECT_EQ(value_of("U&'d!0061!!' UESCAPE '!'"), "da!");
}

TEST(Lexer, RefusesBrokenEscapes)
{
	EXPECT_EQ(Lexed("E'\\u12'").problem(), "2 invalid Unicode escape");
	EXPECT_EQ(Lexed("E'\\ud83dx'").problem(), "8 invalid Unicode surrogate pair");
	EXPECT_EQ(Lexed("E'\\ude00'").problem(), "2 invalid Unicode surrogate pair");
	EXPECT_EQ(Lexed("E'\\000'").problem(), "0 invalid byte sequence in string literal");
	EXPECT_EQ(Lexed("E'\\xff'").problem(), "0 invalid byte sequence in string literal");
	EXPECT_EQ(Lexed("E'\\U00110000'").problem(), "2 invalid Unicode escape value");
}

TEST(Lexer, ReadsNumbers)
{
	EXPECT_EQ(
		Lexed("1 2.5 .5 1e10 1.5E-3 0x1F 1_000").tokens,
		(Tokens{"number:1", "number:2.5", "number:.5", "number:1e10", "number:1.5E-3", "number:0x1F", "number:1_000"}));
	EXPECT_EQ(Lexed("12abc").problem(), "0 trailing junk after numeric literal");
}

TEST(Lexer, NamesWhatIsUnterminatedAtItsStart)
{
	EXPECT_EQ(Lexed("a 'b").problem(), "2 unterminated quoted string");
	EXPECT_EQ(Lexed("a E'b\\'").problem(), "2 unterminated quoted string");
	EXPECT_EQ(Lexed("a \"b").problem(), "2 unterminated quoted identifier");
	EXPECT_EQ(Lexed("a /* /* */").problem(), "2 unterminated /* comment");
	EXPECT_EQ(Lexed("a $x$ $y$").problem(), "2 unterminated dollar-quoted string");
	EXPECT_EQ(Lexed("a B'1").problem(), "2 unterminated bit string literal");
}

TEST(Lexer, StepsOverSql)
{
	EXPECT_EQ(skipped("a (b) c) d"), "a (b) c");
	EXPECT_EQ(skipped("')' , \")\" , $$)$$ , E'\\')' , U&')' /* ) ( */ -- )\n) x"),
			  "')' , \")\" , $$)$$ , E'\\')' , U&')' /* ) ( */ -- )\n");
	EXPECT_EQ(skipped("a$b$) $b$"), "a$b$");
	EXPECT_EQ(skipped("$1$a$)$a$)"), "$1$a$)$a$");
	EXPECT_EQ(skipped("+--)\n)"), "+--)\n");
	EXPECT_EQ(skipped("fooE'\\')"), "fooE'\\'");
	EXPECT_EQ(skipped("(a"), "open");
	EXPECT_EQ(skipped("f(a, b), c", true), "f(a, b)");
	EXPECT_EQ(skipped("a[1, 2], c", true), "a[1, 2]");
	EXPECT_EQ(skipped("a], c", true), "a]");
}

TEST(Lexer, SplitsListsAtTopLevelCommas)
{
	TestArena arena;
	const std::string list = " a , f(b, c), array[1, 2] , 'x, y', ";
	const Vec<Sql> items = split_list(arena, {list, 100});
	ASSERT_EQ(items.count, 5);
	EXPECT_EQ(items[0].text, "a");
	EXPECT_EQ(items[0].offset, 101);
	EXPECT_EQ(items[1].text, "f(b, c)");
	EXPECT_EQ(items[2].text, "array[1, 2]");
	EXPECT_EQ(items[3].text, "'x, y'");
	EXPECT_EQ(items[4].text, "");
}

TEST(Lexer, CallsTheInterruptInLongTexts)
{
	static int calls;
	calls = 0;
	std::string sql;
	for (int i = 0; i < 20000; i++)
		sql += "x ";
	skip_sql(sql, 0, false, [] { calls++; });
	EXPECT_GT(calls, 2);
}
