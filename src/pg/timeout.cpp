// Time limits by one timer of this backend (timeout.hpp).
//
// The limits in force stand in a small stack; the timer runs for the earliest. Each limit has an error context callback on
// PostgreSQL's stack, which is where the cancellation gets its message: the interrupt itself only knows "user request".
// An abort cuts the stack back to what began outside the aborted (sub)transaction. Locks: none.
#include "pg/timeout.hpp"

extern "C" {
#include "storage/latch.h"
#include "utils/timeout.h"
}

namespace bpt::pg {

namespace {

constexpr int kMaxLimits = 64;
constexpr int kAgainMs = 1000; // a cancellation that was caught is repeated
constexpr const char *kMessage = "canceling statement due to time limit";

struct Limit
{
	TimestampTz end;
	SubTransactionId since;
	ErrorContextCallback callback;
};

Limit limits[kMaxLimits];
int depth = 0;
volatile sig_atomic_t is_over = false;
bool is_registered = false;
TimeoutId timer = MAX_TIMEOUTS;

/// Runs in the signal handler.
extern "C" void bpt_time_limit_over(void)
{
	is_over = true;
	QueryCancelPending = true;
	InterruptPending = true;
	SetLatch(MyLatch);
}

/// Gives the cancellation its own message while the error is being made.
extern "C" void bpt_time_limit_context(void *)
{
	if (is_over && geterrcode() == ERRCODE_QUERY_CANCELED)
		errmsg("%s", kMessage);
}

/// Runs the timer for the earliest limit, or stops it.
void set_timer()
{
	TimestampTz earliest = PG_INT64_MAX;
	for (int i = 0; i < depth; i++)
		earliest = Min(earliest, limits[i].end);
	if (timer == MAX_TIMEOUTS)
		return;
	disable_timeout(timer, false);
	if (earliest != PG_INT64_MAX)
		enable_timeout_every(timer, earliest, kAgainMs);
}

void cut_to(int kept)
{
	if (kept == depth)
		return;
	depth = kept;
	is_over = false;
	set_timer();
}

extern "C" void bpt_time_limit_transaction_ended(XactEvent event, void *)
{
	if (event == XACT_EVENT_ABORT || event == XACT_EVENT_COMMIT || event == XACT_EVENT_PREPARE)
		cut_to(0);
}

extern "C" void bpt_time_limit_subtransaction_ended(SubXactEvent event, SubTransactionId sub, SubTransactionId parent,
													void *)
{
	if (event == SUBXACT_EVENT_COMMIT_SUB)
	{
		for (int i = 0; i < depth; i++)
			if (limits[i].since == sub)
				limits[i].since = parent;
	}
	else if (event == SUBXACT_EVENT_ABORT_SUB)
	{
		int kept = depth;
		while (kept > 0 && limits[kept - 1].since >= sub)
			kept--;
		cut_to(kept);
	}
}

void register_once()
{
	if (is_registered)
		return;
	RegisterXactCallback(bpt_time_limit_transaction_ended, nullptr);
	RegisterSubXactCallback(bpt_time_limit_subtransaction_ended, nullptr);
	timer = RegisterTimeout(USER_TIMEOUT, bpt_time_limit_over);
	is_registered = true;
}

} // namespace

void arm_time_limit(int64 ms)
{
	register_once();
	if (depth == kMaxLimits)
		ereport(ERROR, (errcode(ERRCODE_STATEMENT_TOO_COMPLEX), errmsg("time limits are nested too deeply")));
	if (depth == 0)
		is_over = false;
	Limit &limit = limits[depth++];
	limit.end = ms > 0 ? TimestampTzPlusMilliseconds(GetCurrentTimestamp(), ms) : PG_INT64_MAX;
	limit.since = GetCurrentSubTransactionId();
	limit.callback.callback = bpt_time_limit_context;
	limit.callback.arg = nullptr;
	limit.callback.previous = error_context_stack;
	error_context_stack = &limit.callback;
	if (ms > 0)
		set_timer();
}

void disarm_time_limit()
{
	if (is_over)
		CHECK_FOR_INTERRUPTS();
	error_context_stack = limits[depth - 1].callback.previous;
	cut_to(depth - 1);
}

bool is_time_limit(const ErrorData *error)
{
	return error->sqlerrcode == ERRCODE_QUERY_CANCELED && error->message != nullptr &&
		   strcmp(error->message, kMessage) == 0;
}

} // namespace bpt::pg
