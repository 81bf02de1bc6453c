// History retention: ended instances are deleted when they have been kept long enough.
#pragma once
#include "pg/postgres.hpp"

extern "C" {
#include "utils/timestamp.h"
}

namespace bpt::engine {

/// How long ended instances of the process of this name are kept; null: as bpt.history_retention says. Checks rights.
void set_history_retention(const char *name, const Interval *keep);

/// What one round of deletion has done.
enum class Round
{
	nothing, // there was nothing to delete
	all,     // what there was is deleted
	part,    // there is more
};
/// Deletes what was kept long enough of the processes that the caller administers, a little of it: the caller commits.
/// While another transaction does so there is nothing to do. It goes on where this backend's last round has ended, for a
/// while, so that it does not walk over dead rows again and again.
Round delete_expired();
/// The next round begins at the beginning: the last one was undone, or the clock was moved.
void forget_rounds();

} // namespace bpt::engine
