// The events that are not done yet, for who handles some of them without claiming any.
//
// Nothing is locked: a worker may be delivering any of them just now. Locks: as a look (look.hpp).
#pragma once
#include "pg/rows.hpp"

namespace bpt::queue {

/// Calls f with the row of each event that the snapshot sees and that is not done, in order of id; this transaction's own
/// are among them. The row is gone when f returns.
void each_undone(Snapshot snapshot, void (*f)(void *context, const pg::Row &row), void *context);
template <typename F>
void each_undone(Snapshot snapshot, F f)
{
	each_undone(
		snapshot, [](void *context, const pg::Row &row) { (*static_cast<F *>(context))(row); }, &f);
}

} // namespace bpt::queue
