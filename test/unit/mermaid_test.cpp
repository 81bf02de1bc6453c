// Flowcharts: shapes, what labels may do (nothing), and the state of instances.
#include <gtest/gtest.h>

#include "core/mermaid.hpp"
#include "random_definition.hpp"
#include "reading.hpp"

using namespace bpt::core;
using namespace bpt::test;

namespace {

std::string chart(Reading &reading, const InstanceProgress *progress = nullptr)
{
	return std::string(write_mermaid(reading.arena, reading.process(), progress));
}

/// The state of the node of an element, or of "n_end" and "n_terminate".
std::string state_in(const std::string &chart, const std::string &id)
{
	const std::size_t node = chart.find("\n  " + id);
	if (node == std::string::npos)
		return "no such node";
	const std::size_t colons = chart.find(":::", node);
	return chart.substr(colons + 3, chart.find('\n', colons) - colons - 3);
}

/// A process of two decisions, one behind the other, and the progress of one instance.
struct Instance
{
	Reading reading{"PROCESS p DETAIL 'd'; START -> d1; DECISION d1 WHEN (a) -> d2 ELSE -> h;\n"
					"DECISION d2 WHEN (a) -> END ELSE AS other -> h; HUMAN h -> d3;\n"
					"DECISION d3 WHEN (a) -> END WHEN (b) -> END TERMINATE ELSE -> h;"};
	std::vector<Progress> elements = std::vector<Progress>(5);
	InstanceProgress progress;

	std::string states()
	{
		progress.elements = elements.data();
		const std::string made = chart(reading, &progress);
		std::string all;
		for (const char *const id : {"e0", "e1", "e2", "e3", "e4", "n_end", "n_terminate"})
			all += (all.empty() ? "" : " ") + state_in(made, id);
		return all;
	}
};

} // namespace

TEST(Mermaid, NoLabelIsMoreThanALabel)
{
	Reading reading(
		"PROCESS p DETAIL 'd'; START -> a;\n"
		"AUTOMATIC a LABEL E'\"] --> x\\n%%{init}%% `c` 1. _x_ <b>&amp;#35;</b>;|\\x01' DO (SELECT 1) -> END;");
	EXPECT_EQ(chart(reading), "flowchart TD\n"
							  "  e0([\"START\"])\n"
							  "  e1[\"#34;] #45;#45;#62; x<br/>#37;#37;{init}#37;#37; #96;c#96; 1#46; #95;x#95; "
							  "#60;b#62;#38;amp#59;#35;35#59;#60;/b#62;#59;#124; \"]\n"
							  "  n_end((\"END\"))\n"
							  "  e0 --> e1\n"
							  "  e1 --> n_end\n");
}

TEST(Mermaid, RandomChartsAreWellFormed)
{
	for (std::uint64_t seed = 0; seed < 300; seed++)
	{
		Reading reading(random_definition(seed));
		for (const Process &process : reading.document->processes)
		{
			std::istringstream lines{std::string(write_mermaid(reading.arena, process))};
			std::string line;
			std::getline(lines, line);
			EXPECT_EQ(line, "flowchart TD");
			while (std::getline(lines, line))
			{
				const auto quotes = std::count(line.begin(), line.end(), '"');
				EXPECT_TRUE(quotes == 0 || quotes == 2) << line;
				EXPECT_TRUE(line.starts_with("  e") || line.starts_with("  n_") || line.starts_with("  classDef"))
					<< line;
			}
		}
	}
}

TEST(Mermaid, DecisionsAreKnownByWhatFollows)
{
	Instance first;
	first.elements[3].active = true;
	first.progress.arrivals.push(first.reading.arena, {3, "no"});
	EXPECT_EQ(first.states(), "done done not_reached active not_reached not_reached not_reached");

	Instance second;
	second.elements[3].active = true;
	second.progress.arrivals.push(second.reading.arena, {3, "other"});
	EXPECT_EQ(second.states(), "done done done active not_reached not_reached not_reached");

	Instance without_trace;
	EXPECT_EQ(without_trace.states(), "done done done not_reached not_reached done not_reached");
}

TEST(Mermaid, TheWorstStateShows)
{
	Instance failed;
	failed.elements[3] = {true, true, true, true};
	failed.progress.arrivals.push(failed.reading.arena, {3, "no"});
	EXPECT_EQ(failed.states(), "done done not_reached error done not_reached not_reached");

	Instance decision_in_error;
	decision_in_error.elements[1].error = true;
	EXPECT_EQ(decision_in_error.states(), "done error not_reached not_reached not_reached not_reached not_reached");

	Instance stopped;
	stopped.elements[3].terminated = true;
	stopped.progress.arrivals.push(stopped.reading.arena, {3, "no"});
	EXPECT_EQ(stopped.states(), "done done not_reached terminated not_reached not_reached not_reached");
}
