// Other forms of a definition: what is written from a model reads back as the same model.
#include <gtest/gtest.h>

#include "core/clause.hpp"
#include "core/write_text.hpp"
#include "model_dump.hpp"
#include "random_definition.hpp"
#include "reading.hpp"

using namespace bpt::core;
using namespace bpt::test;

namespace {

constexpr std::uint64_t kSeeds = 2000;

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

} // namespace

TEST(Forms, TextOfTheDemoIsKept)
{
	expect_round_trip(read_source_file("test/fixtures/order_handling.bpt"));
}

TEST(Forms, RandomTextsAreKept)
{
	for (std::uint64_t seed = 0; seed < kSeeds && !HasFatalFailure(); seed++)
		expect_round_trip(random_definition(seed));
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
