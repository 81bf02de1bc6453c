// Raising and telling problems (problems.hpp).
#include "engine/problems.hpp"

extern "C" {
#include "mb/pg_wchar.h"
}

#include "engine/candidate.hpp"
#include "pg/errors.hpp"

namespace bpt::engine {

namespace {

/// The SQLSTATE of publish: what rights or this version lack has its own, everything else wrong in a text is WF007.
int publish_sqlstate(const core::Diagnostic &first)
{
	const std::string_view state = first.sqlstate;
	if (state == "42501")
		return ERRCODE_INSUFFICIENT_PRIVILEGE;
	if (state == "0A000" && std::string_view(first.code) == "not_supported")
		return ERRCODE_FEATURE_NOT_SUPPORTED;
	return kInvalidDefinition;
}

} // namespace

void raise_errors(core::Arena &arena, std::string_view text, const core::Diagnostics &problems)
{
	for (const core::Diagnostic &first : problems.list)
	{
		if (first.severity != core::Severity::error)
			continue;
		const char *const detail = c_string(core::render(arena, text, problems));
		const int position = pg_mbstrlen_with_len(text.data(), first.offset) + 1;
		ereport(ERROR, (errcode(publish_sqlstate(first)), errmsg_internal("%s", c_string(first.message)),
						errdetail_internal("%s", detail), first.hint.empty() ? 0 : errhint("%s", c_string(first.hint)),
						internalerrquery(c_string(text)), internalerrposition(position)));
	}
}

void tell_warnings(std::string_view text, const core::Diagnostics &problems)
{
	for (const core::Diagnostic &told : problems.list)
	{
		if (told.severity == core::Severity::error)
			continue;
		const core::Place place = core::place_of(text, told.offset);
		ereport(told.severity == core::Severity::warning ? WARNING : NOTICE,
				(errmsg_internal("%d:%d: %s", place.line, place.column, c_string(told.message)),
				 told.detail.empty() ? 0 : errdetail_internal("%s", c_string(told.detail)),
				 told.hint.empty() ? 0 : errhint("%s", c_string(told.hint))));
	}
}

} // namespace bpt::engine
