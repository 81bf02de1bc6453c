// Syntax errors: where they stand, what they say, and that one of them hides no other.
#include <gtest/gtest.h>

#include "reading.hpp"

using namespace bpt::core;
using namespace bpt::test;

namespace {

std::string hints_of(const std::string &elements)
{
	return Reading(around(elements)).hints();
}

} // namespace

TEST(ParserError, SaysWhereAndWhatIsExpected)
{
	EXPECT_EQ(errors_of("AUTOMATIC a DO SELECT 1 -> END;"), "2:16 syntax_error: syntax error at or near \"SELECT\"\n");
	EXPECT_EQ(hints_of("AUTOMATIC a DO SELECT 1 -> END;"), "A statement in parentheses is expected here.\n");
	EXPECT_EQ(errors_of("AUTOMATIC a DO (SELECT 1)"), "2:11 no_end: no path leads from \"a\" to an END\n");
	EXPECT_EQ(errors_of("AUTOMATIC a DO"), "2:15 syntax_error: syntax error at end of input\n");
	EXPECT_EQ(errors_of("AUTOMATIC a DO (SELECT 1)) -> END;"), "2:26 syntax_error: syntax error at or near \")\"\n");
	EXPECT_EQ(hints_of("AUTOMATIC a DO (SELECT 1)) -> END;"),
			  "A clause of AUTOMATIC, \"->\" or \";\" is expected here.\n");
	EXPECT_EQ(errors_of("HUMAN a DUE interval '2 days' -> END;"),
			  "2:13 syntax_error: syntax error at or near \"interval\"\n");
	EXPECT_EQ(errors_of("HUMAN a INPUT (n) -> END;"), "2:17 syntax_error: syntax error at or near \")\"\n");
	EXPECT_EQ(hints_of("HUMAN a INPUT (n) -> END;"), "The type of \"n\" is expected here.\n");
	EXPECT_EQ(errors_of("HUMAN a INPUT (n int DEFAULT now()) -> END;"),
			  "2:30 syntax_error: syntax error at or near \"now\"\n");
	EXPECT_EQ(errors_of("HUMAN a DUE () -> END;"), "2:13 syntax_error: nothing stands between the parentheses\n");
	EXPECT_EQ(errors_of("WAIT a CLOSE ON DELETE FROM t -> END;"),
			  "2:17 syntax_error: syntax error at or near \"DELETE\"\n");
	EXPECT_EQ(errors_of("HUMAN a -> END rejected;"), "2:16 syntax_error: syntax error at or near \"rejected\"\n");
}

TEST(ParserError, SuggestsKeywords)
{
	EXPECT_EQ(errors_of("HUMAN a LABLE 'x' -> END;"), "2:9 syntax_error: syntax error at or near \"LABLE\"\n");
	EXPECT_EQ(hints_of("HUMAN a LABLE 'x' -> END;"), "Did you mean LABEL?\n");
	EXPECT_EQ(hints_of("HUMAN a ROLES x -> END;"), "Did you mean ROLE?\n");
	EXPECT_EQ(hints_of("AUTOMATC a -> END;"), "Did you mean AUTOMATIC?\n");
	EXPECT_EQ(hints_of("HUMAN a ALLOW -> END;"), "SKIP is expected here.\n");
	EXPECT_EQ(hints_of("WAIT a CLOSE UPDATE OF t -> END;"), "AFTER or ON is expected here.\n");
}

TEST(ParserError, ClausesThatAKindDoesNotHave)
{
	EXPECT_EQ(errors_of("HUMAN a TIMEOUT (x) -> END;"), "2:9 wrong_clause: HUMAN has no clause TIMEOUT\n");
	EXPECT_EQ(errors_of("WAIT a ON OPEN CHECK (x) -> END;"), "2:8 wrong_clause: WAIT has no clause ON OPEN\n");
	EXPECT_EQ(
		errors_of("AUTOMATIC a ALLOW SKIP ROLE x -> END;"),
		"2:13 wrong_clause: AUTOMATIC has no clause ALLOW SKIP\n2:24 wrong_clause: AUTOMATIC has no clause ROLE\n");
	EXPECT_EQ(errors_of("DECISION a SET (x = 1) WHEN (y) -> END;"), "2:12 wrong_clause: DECISION has no clause SET\n");
	EXPECT_EQ(errors_of("AUTOMATIC a LAUNCH ON INSERT INTO t -> END;"),
			  "2:13 wrong_clause: AUTOMATIC has no clause LAUNCH ON\n");
	EXPECT_EQ(errors_of("WAIT a START ON INSERT INTO t AFTER b -> END;").substr(0, 46),
			  "2:8 wrong_clause: WAIT has no clause START ON\n");
	EXPECT_EQ(errors_of("AUTOMATIC a -> b; END b -> a;"), "2:25 syntax_error: syntax error at or near \"->\"\n");
	EXPECT_EQ(Reading("PROCESS p INPUT (x int) TIMEOUT (y); START -> END;").list(),
			  "1:11 wrong_clause: PROCESS has no clause INPUT\n1:25 wrong_clause: PROCESS has no clause TIMEOUT\n");
	EXPECT_EQ(Reading("TIMER t SCHEDULE '22:00' LABEL 'y' DO (SELECT 1);").list(),
			  "1:26 wrong_clause: TIMER has no clause LABEL\n");
	EXPECT_EQ(Reading("TIMER t SCHEDULE '0 0 * * 8' DO (SELECT 1); TIMER u SCHEDULE $$x$$ DO (SELECT 1);").list(),
			  "1:27 wrong_schedule: weekday 8 is out of range\n1:64 wrong_schedule: \"x\" is not a schedule\n");
	EXPECT_EQ(Reading("TIMER t SCHEDULE E'0 0\\t* * 8' DO (SELECT 1);").list(),
			  "1:18 wrong_schedule: weekday 8 is out of range\n");
	EXPECT_EQ(Reading("TIMER t;").list(), "1:7 missing_clause: timer \"t\" has no SCHEDULE\n"
										  "1:7 missing_clause: timer \"t\" has no DO\n");
}

TEST(ParserError, ClausesGivenTwice)
{
	EXPECT_EQ(errors_of("HUMAN a LABEL 'x' LABEL 'y' -> END;"),
			  "2:19 duplicate_clause: clause LABEL is given more than once\n");
	EXPECT_EQ(errors_of("HUMAN a ON CLOSE CHECK (x) ON CLOSE CHECK (y) -> END;"),
			  "2:28 duplicate_clause: clause ON CLOSE is given more than once\n");
	EXPECT_EQ(errors_of("WAIT a CLOSE ON INSERT INTO t WHERE (x) WHERE (y) -> END;"),
			  "2:41 duplicate_clause: WHERE is given more than once for one event\n");
	EXPECT_EQ(errors_of("WAIT a CLOSE ON INSERT INTO t CLOSE ON INSERT INTO u -> END;"), "");
	EXPECT_EQ(errors_of("AUTOMATIC a DO (SELECT 1) DO (SELECT 2) -> END;"), "");
	EXPECT_EQ(errors_of("HUMAN a INPUT (n int NOT NULL NOT NULL) -> END;"),
			  "2:16 duplicate_clause: NOT NULL is given more than once for \"n\"\n");
}

TEST(ParserError, GoesOnBehindAProblem)
{
	Reading reading("PROCESS p DETAIL 'd' PRIORITY urgent;\n"
					"START -> a, nowhere;\n"
					"HUMAN a INPUT (n, m int x y, o int) USER -> b;\n"
					"TASK b -> END;\n"
					"AUTOMATIC c DO (SELECT (1) -> d;\n"
					"AUTOMATIC c2 DO (SELECT 1 -> d;\n");
	EXPECT_EQ(reading.list(), "1:31 syntax_error: syntax error at or near \"urgent\"\n"
							  "3:17 syntax_error: syntax error at or near \",\"\n"
							  "3:42 syntax_error: syntax error at or near \"->\"\n"
							  "4:1 syntax_error: syntax error at or near \"TASK\"\n"
							  "5:16 syntax_error: unterminated parenthesis\n"
							  "6:17 syntax_error: unterminated parenthesis\n");
}

TEST(ParserError, MissingSemicolon)
{
	EXPECT_EQ(errors_of("HUMAN a -> w WAIT w -> END;"), "2:14 syntax_error: syntax error at or near \"WAIT\"\n");
	EXPECT_EQ(hints_of("HUMAN a -> w WAIT w -> END;"), "A \";\" is missing before it.\n");
	EXPECT_EQ(errors_of("HUMAN a LABEL 'x' WAIT w -> END;"), "2:19 syntax_error: syntax error at or near \"WAIT\"\n");
	EXPECT_EQ(Reading("PROCESS p START -> END;").list(), "1:11 syntax_error: syntax error at or near \"START\"\n");
	EXPECT_EQ(Reading("PROCESS p; START -> END PROCESS q; START -> END;").list(),
			  "1:25 syntax_error: syntax error at or near \"PROCESS\"\n");
}

TEST(ParserError, Unterminated)
{
	EXPECT_EQ(errors_of("HUMAN a LABEL 'x -> END;"), "2:15 syntax_error: unterminated quoted string\n");
	EXPECT_EQ(errors_of("HUMAN a DUE (x \"y -> END;"), "2:16 syntax_error: unterminated quoted identifier\n");
	EXPECT_EQ(errors_of("HUMAN a -> END; /* x"), "2:17 syntax_error: unterminated /* comment\n");
	EXPECT_EQ(errors_of("HUMAN a LABEL $q$ x -> END;"), "2:15 syntax_error: unterminated dollar-quoted string\n");
	EXPECT_EQ(errors_of("HUMAN a INPUT (n int -> END;"), "2:15 syntax_error: unterminated parenthesis\n");
}

TEST(ParserError, ReservedNames)
{
	EXPECT_EQ(errors_of("HUMAN a -> \"end\"; HUMAN end -> END;"),
			  "2:25 reserved_name: an element named \"end\" must be written in double quotes\n");
	EXPECT_EQ(errors_of("HUMAN a -> START;"), "2:12 syntax_error: syntax error at or near \"START\"\n");
	EXPECT_EQ(errors_of("HUMAN a -> \"start\"; HUMAN \"start\" -> \"terminate\"; WAIT \"terminate\" -> END;"), "");
}

TEST(ParserError, Numbers)
{
	EXPECT_EQ(errors_of("AUTOMATIC a RETRY 0 TIMES -> END;"),
			  "2:19 bad_number: the number of attempts must be a whole number from 1 to 2147483647\n");
	EXPECT_NE(errors_of("AUTOMATIC a RETRY 1.5 TIMES -> END;"), "");
	EXPECT_NE(errors_of("AUTOMATIC a RETRY -1 TIMES -> END;"), "");
	EXPECT_NE(errors_of("AUTOMATIC a RETRY 99999999999999999999 TIMES -> END;"), "");
	EXPECT_EQ(errors_of("AUTOMATIC a RETRY 2147483647 TIMES -> END;"), "");
	EXPECT_EQ(errors_of("AUTOMATIC a RETRY BACKOFF 0.9 -> END;"),
			  "2:27 bad_number: BACKOFF must be a decimal number that is at least 1\n");
	EXPECT_EQ(errors_of("AUTOMATIC a RETRY BACKOFF 1.0 -> END;"), "");
}

TEST(ParserError, EmptyAndMisplaced)
{
	EXPECT_EQ(Reading("").list(), "1:1 syntax_error: the definition text is empty\n");
	EXPECT_EQ(Reading(" -- x\n;;").list(), "1:1 syntax_error: the definition text is empty\n");
	EXPECT_EQ(Reading("START -> a; HUMAN a -> END;").list(), "1:1 misplaced_element: START stands outside a process\n");
	EXPECT_EQ(Reading("CREATE OR DROP PROCESS p;").list(), "1:11 syntax_error: syntax error at or near \"DROP\"\n");
	EXPECT_EQ(Reading("PROCESS;").list(), "1:8 syntax_error: syntax error at or near \";\"\n");
}

TEST(ParserError, Decisions)
{
	EXPECT_EQ(errors_of("DECISION a -> END;"), "2:12 syntax_error: syntax error at or near \"->\"\n");
	EXPECT_EQ(errors_of("DECISION a WHEN (x) -> b, END; WAIT b -> END;"),
			  "2:25 syntax_error: syntax error at or near \",\"\n");
	EXPECT_EQ(errors_of("DECISION a WHEN (x) -> END LABEL 'y';"),
			  "2:28 syntax_error: syntax error at or near \"LABEL\"\n");
}

TEST(ParserError, StopsWhenVeryMuchIsWrong)
{
	std::string text = "PROCESS p;";
	for (int i = 0; i < 5000; i++)
		text += " FOO;";
	const Reading reading(text);
	EXPECT_LE(reading.problems.list.count, 510);
}
