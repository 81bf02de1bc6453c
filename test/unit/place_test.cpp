// Lines, columns and carets.
#include <gtest/gtest.h>

#include "reading.hpp"

using namespace bpt::core;
using bpt::test::Reading;
using bpt::test::TestArena;

TEST(Place, CountsLinesAndCharacters)
{
	const std::string text = "abc\n\täö x\r\nlast";
	const Place tab = place_of(text, 4);
	EXPECT_EQ(tab.line, 2);
	EXPECT_EQ(tab.column, 1);
	const Place behind = place_of(text, 10);
	EXPECT_EQ(text[10], 'x');
	EXPECT_EQ(behind.column, 5);
	EXPECT_EQ(behind.source_line, "\täö x");
	EXPECT_EQ(place_of(text, static_cast<int>(text.size())).column, 5);
	EXPECT_EQ(place_of(text, 3).source_line, "abc");
	EXPECT_EQ(place_of("", 0).line, 1);
	EXPECT_EQ(place_of("", 0).column, 1);
	EXPECT_EQ(place_of("a", 99).column, 2);
	EXPECT_EQ(place_of("a", -1).column, 1);
}

TEST(Place, SortsProblemsStably)
{
	TestArena arena;
	Diagnostics problems;
	for (const int offset : {5, 1, 5, 3, 1, 0, 9})
	{
		Diagnostic problem;
		problem.offset = offset;
		problem.message = arena.copy(std::to_string(problems.list.count));
		problems.add(arena, problem);
	}
	sort_by_place(arena, problems);
	std::string order;
	for (const Diagnostic &problem : problems.list)
		order += std::to_string(problem.offset) + std::string(problem.message) + " ";
	EXPECT_EQ(order, "05 11 14 33 50 52 96 ");
	problems.add(arena, {});
	EXPECT_EQ(problems.list.count, 8);
}

TEST(Place, RendersAllErrorsWithCarets)
{
	Reading reading("PROCESS p DETAIL 'x';\nSTART\t-> ä, b;\nAUTOMATIC c -> END;\nDECISION d WHEN (true) -> c;\n");
	EXPECT_EQ(render(reading.arena, reading.text, reading.problems), "2:10: element \"ä\" does not exist\n"
																	 "START\t-> ä, b;\n"
																	 "     \t   ^\n"
																	 "2:13: element \"b\" does not exist\n"
																	 "START\t-> ä, b;\n"
																	 "     \t      ^\n"
																	 "3:11: element \"c\" cannot be reached\n"
																	 "AUTOMATIC c -> END;\n"
																	 "          ^\n"
																	 "4:10: element \"d\" cannot be reached\n"
																	 "DECISION d WHEN (true) -> c;\n"
																	 "         ^");
	Diagnostics none;
	EXPECT_EQ(render(reading.arena, reading.text, none), "");
}
