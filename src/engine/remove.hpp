// Deleting what is left of ended instances.
#pragma once
#include "engine/instance.hpp"

namespace bpt::engine {

/// Deletes an ended instance, its process row locked, with its children and all rows of theirs. False, and nothing is
/// deleted, if one of the children is active, or with `skip`, if somebody holds one.
bool remove_instance(const pg::Row &process, bool skip = false);

/// How much may be deleted, and how much it came to.
struct Deletion
{
	int64 most;           // instances; 0: no limit
	TimestampTz stop = 0; // a real instant; 0: no limit
	int64 deleted = 0;
	bool has_more = false; // the limit ended it

	bool is_full() const
	{
		return (most != 0 && deleted >= most) || (stop != 0 && deleted > 0 && GetCurrentTimestamp() >= stop);
	}
};
/// Deletes top-level instances of one process that ended before an instant, those that ended first at first; those that
/// somebody holds are passed over. It begins with those that ended at `from` and leaves there where to go on.
void delete_ended(Deletion &deletion, int64 process_def_id, TimestampTz older_than, TimestampTz *from);
/// As many incidents as are deleted in one go.
inline constexpr int kMostIncidents = 1000;
/// Deletes incidents of a process that belong to no instance (0: nor to a process) and are not those of an event that still
/// waits. Returns how many.
int delete_incidents(int64 process_def_id, TimestampTz older_than, int most);

} // namespace bpt::engine
