// docs/reference has a page for every element and definition of the grammar, its table of clauses those and only those that
// the parser takes there, and the index every clause with the pages that have it.
#include "core/clause.hpp"
#include "reading.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <sstream>

namespace {

using namespace bpt::core;
using bpt::test::read_source_file;
using Words = std::set<std::string>;

std::string name_of(const ClauseWords &entry)
{
	std::string name;
	for (const std::string_view word : entry.words)
		if (!word.empty())
			name += (name.empty() ? "" : " ") + std::string(word);
	return name;
}

Words names_of(ClauseSet set)
{
	Words names;
	for (const ClauseWords &entry : kClauseWords)
		if ((set & bit(entry.clause)) != 0)
			names.insert(name_of(entry));
	return names;
}

/// Every page with clauses: its heading, and what the grammar says.
std::map<std::string, ClauseSet> pages()
{
	std::map<std::string, ClauseSet> all = {{"PROCESS", kProcessClauses}, {"TIMER", kTimerClauses}};
	for (int kind = 0; kind <= static_cast<int>(Kind::comment); kind++)
		all.emplace(keyword_of(static_cast<Kind>(kind)), clauses_of(static_cast<Kind>(kind)));
	return all;
}

std::string file_of(std::string heading)
{
	for (char &c : heading)
		c = c == ' ' ? '-' : static_cast<char>(std::tolower(c));
	return heading + ".md";
}

/// What stands between the marks in a text.
Words between(const std::string &text, char open, char close)
{
	Words found;
	std::size_t begin = 0;
	while ((begin = text.find(open, begin)) != std::string::npos)
	{
		const std::size_t end = text.find(close, begin + 1);
		if (end == std::string::npos)
			break;
		found.insert(text.substr(begin + 1, end - begin - 1));
		begin = end + 1;
	}
	return found;
}

/// The names in the first cells of the table of clauses.
Words described(const std::string &page)
{
	std::istringstream lines(page);
	Words found;
	bool inside = false;
	for (std::string line; std::getline(lines, line);)
	{
		if (line.rfind('#', 0) == 0)
			inside = line == "## Clauses";
		else if (inside && line.rfind("| `", 0) == 0)
			found.merge(between(line.substr(0, line.find(" | ")), '`', '`'));
	}
	return found;
}

TEST(Reference, EveryElementHasItsPageAndClauses)
{
	for (const auto &[heading, clauses] : pages())
	{
		const std::string page = read_source_file("docs/reference/" + file_of(heading));
		EXPECT_EQ(page.rfind("# " + heading + "\n", 0), 0U) << "docs/reference/" << file_of(heading);
		EXPECT_NE(page.find("```sql"), std::string::npos) << heading << " has no example";
		EXPECT_EQ(described(page), names_of(clauses)) << "docs/reference/" << file_of(heading);
	}
	EXPECT_EQ(read_source_file("docs/reference/translation.md").rfind("# TRANSLATION\n", 0), 0U);
}

TEST(Reference, TheIndexHasEveryClauseWithItsPages)
{
	const std::string index = read_source_file("docs/reference/README.md");
	for (const ClauseWords &entry : kClauseWords)
	{
		Words expected;
		for (const auto &[heading, clauses] : pages())
			if ((clauses & bit(entry.clause)) != 0)
				expected.insert(heading);
		const std::string row = "\n| `" + name_of(entry) + "` | ";
		const std::size_t begin = index.find(row);
		ASSERT_NE(begin, std::string::npos) << row;
		const std::size_t end = index.find('\n', begin + 1);
		EXPECT_EQ(between(index.substr(begin + row.size(), end - begin - row.size()), '[', ']'), expected) << row;
	}
}

} // namespace
