// What is wrong with a process that parses: names, variables, events, the shape of elements, advice.
#include <gtest/gtest.h>

#include "reading.hpp"

using namespace bpt::core;
using namespace bpt::test;

TEST(Validate, ElementNames)
{
	EXPECT_EQ(errors_of("HUMAN a -> b; WAIT b -> END; WAIT b -> END;"),
			  "2:35 duplicate_name: element \"b\" is defined more than once\n");
	EXPECT_EQ(errors_of("HUMAN a -> rejected; END rejected; END rejected;"),
			  "2:40 duplicate_name: element \"rejected\" is defined more than once\n");
	Reading unknown(around("HUMAN a -> provison; AUTOMATIC provision -> END;"));
	EXPECT_EQ(unknown.list(), "2:12 unknown_name: element \"provison\" does not exist\n"
							  "2:32 unreachable: element \"provision\" cannot be reached\n");
	EXPECT_EQ(unknown.hints().substr(0, 26), "Did you mean \"provision\"?\n");
	EXPECT_EQ(errors_of("HUMAN a WAS x -> b; WAIT b WAS x -> END;"),
			  "2:32 duplicate_name: more than one element was named \"x\"\n");
	EXPECT_EQ(errors_of("HUMAN a WAS b -> b; WAIT b WAS a -> END;"), "");
	EXPECT_EQ(errors_of("HUMAN a -> b; CONDITIONAL START b -> END;"),
			  "2:12 wrong_target: no connector can lead to CONDITIONAL START \"b\"\n");
}

TEST(Validate, After)
{
	EXPECT_EQ(errors_of("HUMAN a -> b; DECISION b WHEN (x) -> END; CONDITIONAL START c AFTER a, a, b, d -> END;"),
			  "2:72 duplicate_name: AFTER names \"a\" twice\n"
			  "2:75 wrong_target: AFTER cannot wait for DECISION \"b\"\n"
			  "2:78 unknown_name: element \"d\" does not exist\n");
}

TEST(Validate, Variables)
{
	EXPECT_EQ(
		Reading("PROCESS p (x int, process_id int) RETURNS (x int) LAUNCH ON INSERT INTO t AS x WITH (process_id => 1);"
				" START -> END;")
			.list(),
		"1:19 duplicate_name: \"process_id\" is already a runtime property of the process\n"
		"1:44 duplicate_name: \"x\" is already an input of the process\n");
	EXPECT_EQ(
		errors_of("WAIT a CLOSE ON INSERT INTO t AS key INPUT (expired int, n int) OUTPUT (n int, key int) -> END;"),
		"2:34 duplicate_name: \"key\" is already an output of \"a\"\n"
		"2:45 duplicate_name: \"expired\" is already a runtime property of \"a\"\n"
		"2:73 duplicate_name: \"n\" is already an input of \"a\"\n");
	EXPECT_EQ(errors_of("HUMAN a INPUT (expired int) -> END;"), "");
	EXPECT_EQ(errors_of("HUMAN a INPUT (n int NOT NULL) OUTPUT (o int NOT NULL) -> END;"),
			  "2:40 wrong_clause: output \"o\" of \"a\" cannot be NOT NULL\n");
	EXPECT_EQ(errors_of("WAIT a CLOSE ON INSERT INTO t AS k CLOSE ON INSERT INTO u AS k -> END;"), "");
}

TEST(Validate, Settings)
{
	EXPECT_EQ(Reading("PROCESS p RETURNS (total int) DETAIL 'd'; START -> a;\n"
					  "HUMAN a OUTPUT (o int) SET (total = 1, o = 2, totl = 3, o = 4) -> END;")
				  .list(),
			  "2:47 unknown_name: output \"totl\" does not exist\n2:57 duplicate_name: SET names \"o\" twice\n");
	EXPECT_EQ(Reading("PROCESS p RETURNS (total int) ON ACTIVITY CLOSE SET (o = 1); START -> END;").list(),
			  "1:54 unknown_name: output \"o\" does not exist\n");
}

TEST(Validate, Events)
{
	EXPECT_EQ(
		errors_of("WAIT a CLOSE ON INSERT INTO t AS k WITH (k => 1, n => 2, m => 3, n => 4) INPUT (n int) -> END;"),
		"2:42 duplicate_name: input \"k\" is given more than once\n"
		"2:58 unknown_name: \"m\" is not an input of \"a\"\n"
		"2:66 duplicate_name: input \"n\" is given more than once\n");
	EXPECT_EQ(errors_of("WAIT a CLOSE ON UPDATE OF t (x, x) -> END;"),
			  "2:33 duplicate_name: column \"x\" is named more than once\n");
	EXPECT_EQ(errors_of("WAIT a CLOSE ON UPDATE OF t WHERE (x.old.y AND 'old.z' = \"old\" . z) OR ALREADY -> END;"),
			  "2:58 wrong_clause: OR ALREADY cannot be used with the old row\n");
	EXPECT_EQ(errors_of("WAIT a CLOSE ON UPDATE OF t WHERE (old.x = 1) -> END;"), "");
	EXPECT_EQ(errors_of("WAIT a CLOSE ON INSERT INTO t WHERE (x = 1) OR ALREADY -> END;"), "");
	EXPECT_EQ(Reading("PROCESS p LAUNCH ON INSERT INTO t OR ALREADY; START -> END;").list(),
			  "1:11 wrong_clause: OR ALREADY cannot be used with LAUNCH ON\n");
	EXPECT_EQ(errors_of("HUMAN a -> END; CONDITIONAL START c START ON INSERT INTO t OR ALREADY -> END;"),
			  "2:37 wrong_clause: OR ALREADY cannot be used with START ON\n");
}

TEST(Validate, LaunchSetsMandatoryInputs)
{
	EXPECT_EQ(Reading("PROCESS p (a int, b int, c int DEFAULT 1) LAUNCH ON INSERT INTO t AS a WITH (b => 1)"
					  " LAUNCH ON INSERT INTO u AS k; START -> END;")
				  .list(),
			  "1:86 missing_input: LAUNCH ON does not set the mandatory input \"a\"\n"
			  "1:86 missing_input: LAUNCH ON does not set the mandatory input \"b\"\n");
}

TEST(Validate, Elements)
{
	EXPECT_EQ(errors_of("HUMAN a PUBLIC -> END;"),
			  "2:9 wrong_clause: \"a\" cannot be PUBLIC in a process that is not\n");
	EXPECT_EQ(errors_of("EXECUTE a -> END;"), "2:9 missing_clause: EXECUTE \"a\" does not say which process\n");
	EXPECT_EQ(errors_of("EMAIL a SUBJECT 'x' -> END;"), "2:7 missing_clause: EMAIL \"a\" has no recipient\n");
	EXPECT_EQ(errors_of("EXECUTE a PROCESS q (x => 1, x => 2) -> END;"),
			  "2:30 duplicate_name: input \"x\" is given more than once\n");
	EXPECT_EQ(errors_of("AUTOMATIC a -> END;"), "");
	EXPECT_EQ(errors_of("AUTOMATIC a -> b, b, END; AUTOMATIC b -> END;"), "");
}

TEST(Validate, Execute)
{
	// Processes may execute themselves and each other, and a cycle with an EXECUTE in it is no busy one.
	Reading mutual(
		"PROCESS p; START -> e; EXECUTE e PROCESS q (a => 1) -> f; EXECUTE f PROCESS p -> END;\n"
		"PROCESS q (a int) DETAIL 'd'; START -> e; EXECUTE e PROCESS p -> d; DECISION d WHEN (a > 1) -> e ELSE -> END;",
		true);
	EXPECT_EQ(mutual.list(), "");
	EXPECT_EQ(mutual.document->processes[0].elements[1].invoked.name.text, "q");
	// Its SET sets outputs of the process only: its own are those of the process that it runs.
	EXPECT_EQ(Reading("PROCESS p RETURNS (x int); START -> e; EXECUTE e PROCESS q SET (x = e.y, y = 1) -> END;").list(),
			  "1:74 unknown_name: output \"y\" does not exist\n");
	EXPECT_EQ(errors_of("EXECUTE a PROCESS q () -> END;"), "");
	EXPECT_EQ(errors_of("EXECUTE a WAS f PROCESS q (\"X y\" => 1) -> END;"), "");
	EXPECT_EQ(errors_of("EXECUTE a PROCESS q -> f; EXECUTE f WAS e PROCESS q -> END;"), "");
	EXPECT_EQ(errors_of("EXECUTE a PROCESS q PUBLIC -> END;").substr(0, 17), "2:21 wrong_clause");
	EXPECT_EQ(errors_of("CONDITIONAL START c START ON INSERT INTO t AFTER a -> END; EXECUTE a PROCESS q -> END;"), "");
}

TEST(Validate, Decisions)
{
	EXPECT_EQ(errors_of("DECISION a;"), "2:10 missing_clause: decision \"a\" has no WHEN\n");
	EXPECT_EQ(errors_of("DECISION a ELSE -> END;"), "2:10 missing_clause: decision \"a\" has no WHEN\n");
	EXPECT_EQ(errors_of("DECISION a WHEN (x) -> END ELSE -> END ELSE -> END WHEN (y) -> END;"),
			  "2:40 wrong_else: decision \"a\" has a second ELSE\n"
			  "2:52 wrong_else: WHEN stands behind the ELSE of decision \"a\"\n");
	EXPECT_EQ(errors_of("DECISION a WHEN (x) AS o -> END ELSE AS o -> END;"),
			  "2:41 duplicate_name: outcome \"o\" is defined more than once\n");
	EXPECT_EQ(errors_of("DECISION a WHEN (x) -> b WHEN (y) -> b ELSE -> END; WAIT b -> END;"), "");
}

TEST(Validate, Light)
{
	const std::string light = "PROCESS p LIGHT LAUNCH ON INSERT INTO t; START -> a;";
	EXPECT_EQ(Reading(light + "AUTOMATIC a DO (SELECT 1) RETRY 3 TIMES -> done; END done; COMMENT 'x';").list(), "");
	EXPECT_EQ(Reading("PROCESS p LIGHT; START -> a; AUTOMATIC a -> END;").list(),
			  "1:11 not_light: a LIGHT process must be launched by an event\n");
	EXPECT_EQ(Reading(light + "\nAUTOMATIC a START DATE (now()) -> b; AUTOMATIC b -> c, END; WAIT c -> END;").list(),
			  "2:25 not_light: a LIGHT process cannot have START DATE\n"
			  "2:48 not_light: a LIGHT process cannot have a second AUTOMATIC\n"
			  "2:56 not_light: a LIGHT process cannot have parallel paths\n"
			  "2:66 not_light: a LIGHT process cannot have WAIT\n");
	EXPECT_EQ(
		Reading("PROCESS p LIGHT EXPOSE ENTITY RETURNS (x int) ON PROCESS START CHECK (y) LAUNCH ON INSERT INTO t;"
				" START -> END;")
			.list(),
		"1:11 not_light: a LIGHT process must have an AUTOMATIC\n"
		"1:17 not_light: a LIGHT process cannot have EXPOSE ENTITY\n"
		"1:40 not_light: a LIGHT process cannot have RETURNS\n"
		"1:47 not_light: a LIGHT process cannot have callbacks\n");
}

TEST(Validate, Advice)
{
	const auto warnings = [](const std::string &text) { return Reading(text).list(Severity::warning); };
	EXPECT_EQ(warnings(around("HUMAN a -> END;", "")), "2:7 task_without_detail: task \"a\" has no DETAIL\n");
	EXPECT_EQ(warnings(around("HUMAN a DETAIL 'x' -> END;", "")), "");
	EXPECT_EQ(warnings(around("HUMAN a -> END;")), "");
	EXPECT_EQ(warnings(around("DECISION a WHEN (x) -> END;")),
			  "2:10 decision_without_else: decision \"a\" has no ELSE\n");
}

TEST(Validate, FunctionNames)
{
	const std::string thirty(30, 'x');
	EXPECT_EQ(errors_of("HUMAN a -> " + thirty + thirty + "; HUMAN " + thirty + thirty + " -> END;"),
			  "2:80 long_name: the name of function \"close_p_" + thirty + thirty + "\" is too long\n");
	EXPECT_EQ(errors_of("HUMAN a -> " + thirty + thirty + "; HUMAN " + thirty + thirty + " CALLED c -> END;"), "");
	EXPECT_EQ(errors_of("HUMAN a CALLED x -> b; WAIT b CALLED x -> END;"),
			  "2:38 duplicate_name: two functions of this process would be named \"x\"\n");
	EXPECT_EQ(Reading("PROCESS p DETAIL 'd'; START -> a_b; HUMAN a_b -> END;\n"
					  "PROCESS p_a DETAIL 'd'; START -> b; HUMAN b -> END;\n"
					  "PROCESS p; START -> END; PROCESS s.p; START -> END;")
				  .list(),
			  "2:43 duplicate_name: processes \"p\" and \"p_a\" would both have a function named \"close_p_a_b\"\n"
			  "3:9 duplicate_name: process \"p\" is defined more than once\n");
}

TEST(Validate, SqlState)
{
	EXPECT_STREQ(Reading("").problems.list[0].sqlstate, "WF007");
}

TEST(Validate, ExposeEntity)
{
	EXPECT_EQ(Reading("PROCESS p (a int, \"Status\" int) RETURNS (ended int) EXPOSE ENTITY; START -> END;").list(), "");
	EXPECT_EQ(Reading("PROCESS p (status int DEFAULT 1, Label int DEFAULT 1) RETURNS (closed int) EXPOSE ENTITY\n"
					  "LAUNCH ON INSERT INTO t AS created; START -> END;")
				  .list(),
			  "1:12 duplicate_name: \"status\" is already a column of the exposed view of the process\n"
			  "1:34 duplicate_name: \"label\" is already a column of the exposed view of the process\n"
			  "1:64 duplicate_name: \"closed\" is already a column of the exposed view of the process\n"
			  "2:28 duplicate_name: \"created\" is already a column of the exposed view of the process\n");
	EXPECT_EQ(Reading("PROCESS p (status int) RETURNS (label int); START -> END;").list(), "");
}

TEST(Validate, SyntaxErrorsDoNotEchoInTheFlow)
{
	EXPECT_EQ(errors_of("HUMAN a LABEL -> b; WAIT b -> END; WAIT c -> END;"),
			  "2:15 syntax_error: syntax error at or near \"->\"\n");
	EXPECT_EQ(errors_of("HUMAN a -> b; TASK b -> END;"), "2:15 syntax_error: syntax error at or near \"TASK\"\n");
	EXPECT_EQ(errors_of("HUMAN a SET (x = ) -> END; WAIT b -> END;"),
			  "2:18 syntax_error: syntax error at or near \")\"\n2:33 unreachable: element \"b\" cannot be reached\n");
}
