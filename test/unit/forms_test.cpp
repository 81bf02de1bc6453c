// Other forms of a definition: what is written from a model reads back as the same model.
#include <filesystem>

#include <gtest/gtest.h>

#include "core/clause.hpp"
#include "core/form.hpp"
#include "core/quote.hpp"
#include "core/write_text.hpp"
#include "model_dump.hpp"
#include "random_definition.hpp"
#include "reading.hpp"

using namespace bpt::core;
using namespace bpt::test;

namespace {

constexpr std::uint64_t kSeeds = 600;

/// The text that a text's model is written as.
std::string rewritten(Reading &reading)
{
	return std::string(write_text(reading.arena, *reading.document));
}

/// Text → model → text → model → text: the models are the same, and so are the written texts.
void expect_round_trip(const std::string &text)
{
	Reading first(text);
	ASSERT_EQ(first.list(), "") << text;
	const std::string written = rewritten(first);
	Reading second(written);
	ASSERT_EQ(second.list(), "") << written;
	ASSERT_EQ(dump(*first.document), dump(*second.document)) << text << "\n---\n" << written;
	ASSERT_EQ(rewritten(second), written);
}

/// The problems of a JSON text, one a line; empty if it is a definition.
std::string json_problems(std::string_view json)
{
	TestArena arena;
	Diagnostics problems;
	read_json(arena, json, problems);
	std::string all;
	for (const Diagnostic &problem : problems.list)
		all += std::string(problem.message) + (problem.hint.empty() ? "" : " | " + std::string(problem.hint)) + "\n";
	return all;
}

/// Text → model → JSON → model → text and JSON: what comes out is what the first model is written as.
void expect_json_round_trip(const std::string &text)
{
	Reading first(text);
	ASSERT_EQ(first.list(), "") << text;
	const std::string json(write_json(first.arena, *first.document));
	Diagnostics problems;
	const Document *const second = read_json(first.arena, json, problems);
	ASSERT_EQ(json_problems(json), "") << json;
	ASSERT_EQ(write_text(first.arena, *second), rewritten(first)) << json;
	ASSERT_EQ(write_json(first.arena, *second), json);
	Reading third(std::string(write_text(first.arena, *second)));
	ASSERT_EQ(dump(*first.document), dump(*third.document)) << json;
}

} // namespace

TEST(Forms, TextOfTheDemoIsKept)
{
	expect_round_trip(read_source_file("test/fixtures/order_handling.bpt"));
	expect_json_round_trip(read_source_file("test/fixtures/order_handling.bpt"));
}

TEST(Forms, FixturesAreKept)
{
	int texts = 0;
	for (const auto &entry : std::filesystem::directory_iterator(BPT_SOURCE_DIR "/test/fixtures"))
	{
		const std::string script = read_source_file("test/fixtures/" + entry.path().filename().string());
		constexpr std::string_view kQuote = "$bpt$";
		for (std::size_t at = script.find(kQuote); at != std::string::npos; at = script.find(kQuote, at))
		{
			const std::size_t begin = at + kQuote.size();
			const std::size_t end = script.find(kQuote, begin);
			ASSERT_NE(end, std::string::npos) << entry.path();
			expect_round_trip(script.substr(begin, end - begin));
			expect_json_round_trip(script.substr(begin, end - begin));
			at = end + kQuote.size();
			texts++;
		}
	}
	EXPECT_GE(texts, 10);
}

TEST(Forms, RandomTextsAreKept)
{
	for (std::uint64_t seed = 0; seed < kSeeds && !HasFatalFailure(); seed++)
		expect_round_trip(random_definition(seed));
}

TEST(Forms, RandomTextsAreKeptAsJson)
{
	for (std::uint64_t seed = 0; seed < kSeeds && !HasFatalFailure(); seed++)
		expect_json_round_trip(random_definition(seed));
}

TEST(Forms, RandomTextsHaveEveryClause)
{
	std::string all;
	for (std::uint64_t seed = 0; seed < kSeeds; seed++)
	{
		Reading reading(random_definition(seed));
		all += rewritten(reading);
	}
	TestArena arena;
	for (const ClauseWords &entry : kClauseWords)
	{
		const std::string words = "\n  " + std::string(clause_name(arena, entry.clause));
		const bool is_inline = entry.clause == Clause::was;
		EXPECT_NE(all.find(is_inline ? " WAS " : words), std::string::npos) << words;
	}
	for (int kind = 0; kind <= static_cast<int>(Kind::comment); kind++)
		EXPECT_NE(all.find("\n\n" + std::string(keyword_of(static_cast<Kind>(kind)))), std::string::npos) << kind;
}

TEST(Forms, WritesTheCanonicalText)
{
	Reading reading("create process \"Order\" was old (a int default 0, b text not null default (now()))\n"
					"  expose entity as v label E'it\\'s' launch on update of paid on shop.orders as id;\n"
					"start -> \"end\"; wait \"end\" close on insert into t where ( x ) or already\n"
					"  on close set (a = 1) do (select 1) check (b) message ('c') timeout (d) -> end, end terminate;");
	EXPECT_EQ(rewritten(reading), R"(PROCESS "Order" WAS old (a int DEFAULT 0, b text NOT NULL DEFAULT (now()))
  LABEL 'it''s'
  EXPOSE ENTITY AS v
  LAUNCH ON UPDATE OF shop.orders (paid) AS id;

START -> "end";

WAIT "end"
  CLOSE ON INSERT INTO t WHERE ( x ) OR ALREADY
  TIMEOUT (d)
  ON CLOSE CHECK (b) MESSAGE ('c') DO (select 1) SET (a = 1)
  -> END, END TERMINATE;
)");
}

TEST(Forms, NamesAreQuotedWhereTheyMustBe)
{
	TestArena arena;
	EXPECT_EQ(written_name(arena, "plain_2"), "plain_2");
	EXPECT_EQ(written_name(arena, "Upper"), "\"Upper\"");
	EXPECT_EQ(written_name(arena, "2nd"), "\"2nd\"");
	EXPECT_EQ(written_name(arena, "label"), "\"label\"");
	EXPECT_EQ(written_name(arena, "terminate"), "\"terminate\"");
	EXPECT_EQ(written_name(arena, "a\"b"), "\"a\"\"b\"");
	EXPECT_EQ(written_name(arena, "größe"), "\"größe\"");
}

TEST(Forms, JsonProblemsNameTheirPath)
{
	const auto in_element = [](const std::string &members) {
		return json_problems(R"({"kind": "process", "name": "p", "elements": [{"kind": "human", "name": "h", )" +
							 members + "}]}");
	};
	EXPECT_EQ(json_problems("{"), "wrong definition at $: a JSON key is expected here\n");
	EXPECT_EQ(json_problems("[]"), "wrong definition at $: a definition, or an array of definitions, is expected\n");
	EXPECT_EQ(json_problems("7"), "wrong definition at $: a definition, or an array of definitions, is expected\n");
	EXPECT_EQ(json_problems(R"({"name": "p"})"), "wrong definition at $: key \"kind\" is missing\n");
	EXPECT_EQ(
		json_problems(R"([{"kind": "proces"}])"),
		"wrong definition at $[0].kind: unknown value \"proces\" | The values are process, translation, timer.\n");
	EXPECT_EQ(
		in_element(R"("du": "x")"),
		"wrong definition at $.elements[0]: unknown key \"du\" | The keys here are kind, name, was, public, called, "
		"label, description, instructions, detail, destination, user, roles, group, start_date, due, close_on, "
		"allow_skip, input, output, set, callbacks, to.\n");
	EXPECT_EQ(in_element(R"("labell": "x")"),
			  "wrong definition at $.elements[0]: unknown key \"labell\" | Did you mean \"label\"?\n");
	EXPECT_EQ(in_element(R"("due": 7)"), "wrong definition at $.elements[0].due: SQL in a string is expected\n");
	EXPECT_EQ(in_element(R"("label": 7)"),
			  "wrong definition at $.elements[0].label: a text, or an object with the key sql, is expected\n");
	EXPECT_EQ(in_element(R"("to": "x")"), "wrong definition at $.elements[0].to: an array is expected\n");
	EXPECT_EQ(in_element(R"("to": [""])"), "wrong definition at $.elements[0].to[0]: a name is expected\n");
	EXPECT_EQ(
		in_element(R"("to": [{"end": true, "terminate": true}])"),
		"wrong definition at $.elements[0].to[0]: the name of an element, {\"end\": true} or {\"terminate\": true} is "
		"expected\n");
	EXPECT_EQ(in_element(R"("callbacks": [{"on": "start", "do": ["SELECT 1"]}])"),
			  "wrong definition at $.elements[0]: an element of this kind has no such callback\n");
	EXPECT_EQ(in_element(R"("callbacks": [{"on": "close", "message": "m"}])"),
			  "wrong definition at $.elements[0].callbacks[0]: a message needs a check\n"
			  "wrong definition at $.elements[0].callbacks[0]: one of the keys check, do and set is expected\n");
	EXPECT_EQ(in_element(R"("close_on": [{"on": "insert", "table": "t", "columns": ["c"]}])"),
			  "wrong definition at $.elements[0].close_on[0]: only \"on\": \"update\" has columns\n");
}

TEST(Forms, JsonCannotLeaveItsPlace)
{
	const auto with_due = [](const std::string &sql) {
		return json_problems(
			R"({"kind": "process", "name": "p", "elements": [{"kind": "human", "name": "h", "due": ")" + sql + "\"}]}");
	};
	const std::string refused = "wrong definition at $.elements[0].due: this SQL is empty, or its quotes, comments or "
								"parentheses are not balanced\n";
	EXPECT_EQ(with_due("1"), "");
	EXPECT_EQ(with_due("1 -- c\\n"), "");
	for (const char *const sql : {"", " ", "1)", "1) LABEL ('x'", "1 -- c", "1 /* c", "'x", "(1", "$$x", "/* c */"})
		EXPECT_EQ(with_due(sql), refused) << sql;
	const auto with_type = [](const std::string &type) {
		return json_problems(R"({"kind": "process", "name": "p", "input": [{"name": "i", "type": ")" + type + "\"}]}");
	};
	EXPECT_EQ(with_type("numeric(10, 2)[]"), "");
	for (const char *const type :
		 {"", "int)", "int, b int", "int NOT NULL", "int DEFAULT 1", "int) LABEL 'x", "int -- c"})
		EXPECT_NE(with_type(type), "") << type;
	const auto with_value = [](const std::string &sql) {
		return json_problems(R"({"kind": "process", "name": "p", "callbacks": [{"on": "close", "set": [{"name": "o", )"
							 R"("value": ")" +
							 sql + "\"}]}]}");
	};
	EXPECT_EQ(with_value(" (1, 2) "), "");
	EXPECT_EQ(with_value("1, b = 2"),
			  "wrong definition at $.callbacks[0].set[0].value: this is not one SQL expression\n");
}

TEST(Forms, JsonIntervalsNeedNoQuotes)
{
	TestArena arena;
	Diagnostics problems;
	const Document *const document = read_json(
		arena, R"({"kind": "timer", "name": "t", "schedule": "22:00", "time_limit": "5 minutes", "do": "SELECT 1"})",
		problems);
	ASSERT_TRUE(problems.list.empty());
	EXPECT_EQ(document->timers[0].time_limit.text, "'5 minutes'");
}
