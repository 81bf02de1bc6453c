// Windows (window.hpp). Locks: none.
#include "pg/postgres.hpp"

#include "queue/window.hpp"

namespace bpt::queue {

static_assert(sizeof(Window) == 24, "the layout of pg_snapshot");

namespace {

int compare(const void *left, const void *right)
{
	const uint64 a = U64FromFullTransactionId(*static_cast<const FullTransactionId *>(left));
	const uint64 b = U64FromFullTransactionId(*static_cast<const FullTransactionId *>(right));
	return a < b ? -1 : a > b ? 1 : 0;
}

/// A transaction id of a snapshot as a full one: none in it is newer than the next one.
FullTransactionId widen(TransactionId xid, FullTransactionId next)
{
	uint32 epoch = EpochFromFullTransactionId(next);
	if (xid > XidFromFullTransactionId(next))
		epoch--;
	return FullTransactionIdFromEpochAndXid(epoch, xid);
}

} // namespace

bool Window::sees(FullTransactionId xid) const
{
	if (FullTransactionIdPrecedes(xid, xmin))
		return true;
	if (FullTransactionIdFollowsOrEquals(xid, xmax))
		return false;
	return bsearch(&xid, running(), count, sizeof(FullTransactionId), compare) == nullptr;
}

const Window *window_of(Snapshot snapshot)
{
	const FullTransactionId next = ReadNextFullTransactionId();
	const FullTransactionId own = GetTopFullTransactionIdIfAny();
	const Size room = sizeof(Window) + sizeof(FullTransactionId) * (snapshot->xcnt + 1);
	auto *const window = static_cast<Window *>(palloc(room));
	auto *const running = reinterpret_cast<FullTransactionId *>(window + 1);
	window->xmin = widen(snapshot->xmin, next);
	window->xmax = widen(snapshot->xmax, next);
	uint32 count = 0;
	for (uint32 i = 0; i < snapshot->xcnt; i++)
		running[count++] = widen(snapshot->xip[i], next);
	// A snapshot does not list the transaction that took it.
	if (FullTransactionIdIsValid(own) && FullTransactionIdPrecedes(own, window->xmax))
	{
		running[count++] = own;
		if (FullTransactionIdPrecedes(own, window->xmin))
			window->xmin = own;
	}
	qsort(running, count, sizeof(FullTransactionId), compare);
	// A transaction that is just being prepared is listed twice.
	window->count = 0;
	for (uint32 i = 0; i < count; i++)
		if (window->count == 0 || !FullTransactionIdEquals(running[i], running[window->count - 1]))
			running[window->count++] = running[i];
	SET_VARSIZE(window, sizeof(Window) + sizeof(FullTransactionId) * window->count);
	return window;
}

bool covers(const Window &later, const Window *earlier)
{
	if (earlier == nullptr)
		return true;
	if (FullTransactionIdFollows(earlier->xmax, later.xmax))
		return false;
	for (uint32 i = 0; i < later.count; i++)
		if (earlier->sees(later.running()[i]))
			return false;
	return true;
}

} // namespace bpt::queue
