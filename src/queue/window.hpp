// Which transactions had ended at an instant, by full transaction ids: a snapshot that outlives its transaction.
//
// It has the layout in which PostgreSQL stores a pg_snapshot, and is stored as one. Windows of one database are totally
// ordered: of two, the later sees all that the earlier one sees.
#pragma once
#include "pg/postgres.hpp"

namespace bpt::queue {

struct Window
{
	int32 header; // of the varlena
	uint32 count; // of transactions between xmin and xmax that were under way
	FullTransactionId xmin;
	FullTransactionId xmax;

	const FullTransactionId *running() const { return reinterpret_cast<const FullTransactionId *>(this + 1); }
	/// Whether the transaction had ended. Null sees nothing.
	bool sees(FullTransactionId xid) const;
};

/// What a snapshot sees, but for the transaction at hand, which has not ended. In the current memory context.
const Window *window_of(Snapshot snapshot);
/// True if `later` sees all that `earlier` (null: nothing) sees.
bool covers(const Window &later, const Window *earlier);
inline bool sees(const Window *window, FullTransactionId xid)
{
	return window != nullptr && window->sees(xid);
}

} // namespace bpt::queue
