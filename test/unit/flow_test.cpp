// The flow: what precedes what on every path, what can be reached, and flows of the wrong shape.
#include <gtest/gtest.h>

#include <random>

#include "reading.hpp"

using namespace bpt::core;
using namespace bpt::test;

namespace {

/// The names of the elements before `name` on every path, in text order.
std::string before(Reading &reading, std::string_view name)
{
	std::string names;
	for (int i = 0; i < reading.process().elements.count; i++)
		if (reading.flow().precedes(i, reading.index(name)))
			names +=
				(reading.process().elements[i].name ? std::string(reading.process().elements[i].name.text) : "START") +
				" ";
	return names;
}

std::string reached(Reading &reading, std::string_view name)
{
	std::string names;
	for (int i = 0; i < reading.process().elements.count; i++)
		if (reading.flow().reaches(reading.index(name), i))
			names += std::string(reading.process().elements[i].name.text) + " ";
	return names;
}

/// Whether `to` can be reached from `from` without passing `avoided` (-1: none); by plain search.
bool reaches_plainly(const Process &process, int from, int to, int avoided)
{
	std::vector<int> work{from};
	std::vector<bool> seen(static_cast<std::size_t>(process.elements.count));
	while (!work.empty())
	{
		const int at = work.back();
		work.pop_back();
		for (const Target &target : process.elements[at].targets)
		{
			const int next = target.element;
			if (next == to)
				return true;
			if (next < 0 || next == avoided || seen[static_cast<std::size_t>(next)])
				continue;
			seen[static_cast<std::size_t>(next)] = true;
			work.push_back(next);
		}
	}
	return false;
}

} // namespace

TEST(Flow, PrecedesOnAllPaths)
{
	Reading reading(around("AUTOMATIC a -> b, c; AUTOMATIC b -> d; AUTOMATIC c -> d; AUTOMATIC d -> END;"));
	EXPECT_EQ(before(reading, "a"), "START ");
	EXPECT_EQ(before(reading, "b"), "START a ");
	EXPECT_EQ(before(reading, "d"), "START a ");
	EXPECT_EQ(reached(reading, "a"), "b c d ");
	EXPECT_EQ(reached(reading, "d"), "");
}

TEST(Flow, CyclesHideNothing)
{
	Reading reading(around("AUTOMATIC a -> b; DECISION b WHEN (x) -> c ELSE -> END; AUTOMATIC c -> a;"));
	EXPECT_EQ(reading.list(), "");
	EXPECT_EQ(before(reading, "a"), "START ");
	EXPECT_EQ(before(reading, "c"), "START a b ");
	EXPECT_EQ(reached(reading, "a"), "a b c ");
	EXPECT_TRUE(reading.flow().reaches(reading.index("c"), reading.index("c")));
}

TEST(Flow, ConditionalStartsFollowAfter)
{
	Reading reading(around("AUTOMATIC a -> b; AUTOMATIC b -> END; AUTOMATIC e -> END;\n"
						   "CONDITIONAL START c AFTER b -> d; AUTOMATIC d -> e; CONDITIONAL START f -> e;"));
	EXPECT_EQ(reading.list(), "");
	EXPECT_EQ(before(reading, "d"), "START a b c ");
	EXPECT_EQ(before(reading, "f"), "");
	EXPECT_EQ(before(reading, "e"), "");
	EXPECT_EQ(errors_of("AUTOMATIC a -> END; CONDITIONAL START c AFTER d -> d; AUTOMATIC d -> END;"),
			  "2:39 unreachable: element \"c\" cannot be reached\n2:65 unreachable: element \"d\" cannot be reached\n");
	EXPECT_EQ(errors_of("AUTOMATIC a -> END; CONDITIONAL START c AFTER c -> END;"),
			  "2:39 unreachable: element \"c\" cannot be reached\n");
	EXPECT_EQ(errors_of("AUTOMATIC a -> END; CONDITIONAL START c AFTER d -> END; CONDITIONAL START d AFTER c -> END;"),
			  "2:39 unreachable: element \"c\" cannot be reached\n2:75 unreachable: element \"d\" cannot be reached\n");
	EXPECT_EQ(errors_of("AUTOMATIC a -> END; CONDITIONAL START c AFTER a -> d; AUTOMATIC d -> d;"),
			  "2:65 endless_cycle: no path leads out of the cycle through \"d\" to an END\n");
	EXPECT_EQ(errors_of("AUTOMATIC a -> END; CONDITIONAL START c;"),
			  "2:39 no_end: no path leads from \"c\" to an END\n");
}

TEST(Flow, ListsConditionalStarts)
{
	Reading reading(around("AUTOMATIC a -> b; CONDITIONAL START c AFTER b, a -> b; AUTOMATIC b -> END;\n"
						   "CONDITIONAL START d AFTER c -> END;"));
	EXPECT_EQ(reading.list(), "");
	const auto &starts = reading.flow().conditional_starts;
	ASSERT_EQ(starts.count, 2);
	EXPECT_EQ(starts[0].element, reading.index("c"));
	ASSERT_EQ(starts[0].after.count, 2);
	EXPECT_EQ(starts[0].after[0], reading.index("b"));
	EXPECT_EQ(starts[0].after[1], reading.index("a"));
	EXPECT_EQ(starts[1].element, reading.index("d"));
	EXPECT_EQ(before(reading, "d"), "START a c b ");
	EXPECT_EQ(before(reading, "b"), "START a ");
}

TEST(Flow, Starts)
{
	EXPECT_EQ(Reading("PROCESS p;").list(), "1:9 no_start: process \"p\" has no elements\n");
	EXPECT_EQ(Reading("PROCESS p; AUTOMATIC a -> END;").list(), "1:9 no_start: process \"p\" has no START\n");
	EXPECT_EQ(Reading("PROCESS p; START -> END;\n  START -> END;").list(),
			  "2:3 second_start: process \"p\" has a second START\n");
	EXPECT_EQ(Reading("PROCESS p; START;").list(), "1:12 no_end: no path leads from START to an END\n");
}

TEST(Flow, PathsWithoutEnd)
{
	EXPECT_EQ(errors_of("AUTOMATIC a -> b;\nAUTOMATIC b;"), "3:11 no_end: no path leads from \"b\" to an END\n");
	EXPECT_EQ(errors_of("AUTOMATIC a -> b, END;\nWAIT b -> c; AUTOMATIC c -> b;"),
			  "3:6 endless_cycle: no path leads out of the cycle through \"b\" to an END\n");
	EXPECT_EQ(errors_of("AUTOMATIC a -> a;"),
			  "2:11 endless_cycle: no path leads out of the cycle through \"a\" to an END\n");
	EXPECT_EQ(errors_of("AUTOMATIC a -> a, END;"), "");
	EXPECT_EQ(errors_of("AUTOMATIC a -> b; WAIT b -> a, rejected; END rejected;"), "");
}

TEST(Flow, Unreachable)
{
	EXPECT_EQ(errors_of("AUTOMATIC a -> END;\nAUTOMATIC b -> c; AUTOMATIC c -> END; END d; COMMENT 'x';"),
			  "3:11 unreachable: element \"b\" cannot be reached\n"
			  "3:29 unreachable: element \"c\" cannot be reached\n"
			  "3:43 unreachable: element \"d\" cannot be reached\n");
}

TEST(Flow, BusyCycles)
{
	EXPECT_EQ(errors_of("DECISION a WHEN (x) -> a ELSE -> END;"),
			  "2:10 busy_cycle: nothing stops the cycle through \"a\"\n");
	EXPECT_EQ(errors_of("DECISION a WHEN (x) -> b ELSE -> END;\nDECISION b WHEN (x) -> c ELSE -> END;\n"
						"DECISION c WHEN (x) -> b ELSE -> d; DECISION d WHEN (x) -> END ELSE -> END;"),
			  "3:10 busy_cycle: nothing stops the cycle through \"b\"\n");
	EXPECT_EQ(errors_of("DECISION a WHEN (x) -> b ELSE -> END; WAIT b -> a;"), "");
}

TEST(Flow, AgreesWithPlainSearch)
{
	std::mt19937 random(7);
	for (int round = 0; round < 60; round++)
	{
		const int size = 2 + static_cast<int>(random() % 80);
		std::string text = "PROCESS p; START -> e0;\n";
		for (int e = 0; e < size; e++)
		{
			text += "AUTOMATIC e" + std::to_string(e) + " -> END";
			for (unsigned edge = random() % 3; edge > 0; edge--)
				text += ", e" + std::to_string(random() % static_cast<unsigned>(size));
			text += ";\n";
		}
		Reading reading(text);
		const Process &process = reading.process();
		for (int e = 0; e <= size; e++)
			for (int other = 0; other <= size; other++)
			{
				EXPECT_EQ(reading.flow().reaches(e, other), reaches_plainly(process, e, other, -1)) << text;
				if (e == other || e == 0 || !reaches_plainly(process, 0, e, -1))
					continue;
				EXPECT_EQ(reading.flow().precedes(other, e), other == 0 || !reaches_plainly(process, 0, e, other))
					<< text << e << " " << other;
			}
	}
}

TEST(Flow, ManyElements)
{
	std::string text = "PROCESS p; START -> e0;\n";
	for (int e = 0; e < 3000; e++)
		text += "AUTOMATIC e" + std::to_string(e) + " -> " + (e == 2999 ? "END" : "e" + std::to_string(e + 1)) + ";\n";
	Reading reading(text);
	EXPECT_EQ(reading.list(), "");
	EXPECT_TRUE(reading.flow().precedes(1, 3000));
	EXPECT_TRUE(reading.flow().reaches(0, 3000));
	EXPECT_FALSE(reading.flow().precedes(3000, 2999));
	std::string more = "PROCESS p; START -> END;\n";
	for (int e = 0; e < 10001; e++)
		more += "COMMENT 'x';\n";
	EXPECT_EQ(Reading(more).list(), "10001:1 too_many_elements: a process cannot have more than 10000 elements\n");
}

TEST(Flow, TellsWhatAnEventHasListen)
{
	const auto begun = [](std::string_view elements) {
		Reading reading("PROCESS p (id int) LAUNCH ON INSERT INTO t AS id; START -> first; " + std::string(elements));
		std::string names;
		for (int e = 0; e < reading.flow().size; e++)
			if (reading.flow().begun_by_event[e])
				names += std::string(reading.process().elements[e].name.text) + " ";
		return names;
	};
	const std::string on = " CLOSE ON UPDATE OF t WHERE (t.id = process.id) ";
	const std::string start = " START ON INSERT INTO u WHERE (u.id = process.id) ";
	EXPECT_EQ(begun("WAIT first" + on + "-> END;"), "");
	EXPECT_EQ(begun("WAIT first" + on + "-> d; DECISION d WHEN (a) -> first WHEN (b) -> d ELSE -> w; WAIT w" + on +
					"-> a; AUTOMATIC a -> v; WAIT v" + on + "-> END;"),
			  "first w ");
	EXPECT_EQ(begun("HUMAN first -> END; CONDITIONAL START c" + start + "-> END;"), "");
	EXPECT_EQ(begun("HUMAN first -> END; CONDITIONAL START c" + start + "-> w; WAIT w" + on +
					"-> END; CONDITIONAL START d AFTER c, first" + start + "-> END; CONDITIONAL START e AFTER first" +
					start + "-> END; CONDITIONAL START f AFTER w -> END;"),
			  "w d ");
}

TEST(Flow, TellsWhereOneEventBeginsTheWaitForAnother)
{
	const auto chains = [](std::string_view elements) {
		return Reading("PROCESS p (id int) LAUNCH ON INSERT INTO t AS id; START -> first; " + std::string(elements))
			.flow()
			.chains_events;
	};
	const std::string wait = "WAIT w CLOSE ON UPDATE OF t WHERE (t.id = process.id) ";
	EXPECT_TRUE(chains("DECISION first WHEN (true) -> w ELSE -> END; " + wait + "-> END;"));
	EXPECT_TRUE(
		chains("AUTOMATIC first DO (SELECT 1) -> w; " + wait + "-> d; DECISION d WHEN (true) -> w ELSE -> END;"));
	EXPECT_FALSE(chains("AUTOMATIC first DO (SELECT 1) -> w; " + wait + "-> END;"));
	const std::string start = "HUMAN first DETAIL ('x') -> END; CONDITIONAL START c ";
	EXPECT_TRUE(chains(start + "START ON UPDATE OF t WHERE (t.id = process.id) -> END;"));
	EXPECT_FALSE(chains(start + "-> END;"));
	EXPECT_FALSE(chains("HUMAN first DETAIL ('x') -> w; " + wait + "-> a; AUTOMATIC a DO (SELECT 1) -> END;"));
}
