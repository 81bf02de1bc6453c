// The names of clauses, for messages; see clause.hpp.
#include "core/clause.hpp"
#include "core/text.hpp"

namespace bpt::core {

std::string_view clause_name(Arena &arena, Clause clause)
{
	for (const ClauseWords &entry : kClauseWords)
		if (entry.clause == clause)
		{
			std::string_view name = entry.words[0];
			for (int i = 1; i < 4 && !entry.words[i].empty(); i++)
				name = concat(arena, {name, " ", entry.words[i]});
			return name;
		}
	return {};
}

std::string_view clause_names(Arena &arena, ClauseSet set)
{
	std::string_view names;
	for (const ClauseWords &entry : kClauseWords)
		if ((set & bit(entry.clause)) != 0)
			names = concat(arena, {names, names.empty() ? "" : ", ", clause_name(arena, entry.clause)});
	return names;
}

} // namespace bpt::core
