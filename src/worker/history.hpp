// A worker's part in deleting old history, beside its work.
#pragma once
#include "pg/postgres.hpp"

namespace bpt::worker {

/// Deletes a little of what was kept long enough, if it is time for that: where there is more, at once again while there is
/// no work, else so seldom that it takes a small share of the worker's time. True if there is more, and no work.
bool delete_history(MemoryContext context, bool is_idle);

} // namespace bpt::worker
