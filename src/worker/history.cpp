// Deleting old history (history.hpp). Locks: engine/retention.cpp, in a short transaction of its own.
#include "pg/postgres.hpp"

#include "engine/retention.hpp"
#include "pg/settings.hpp"
#include "worker/history.hpp"
#include "worker/session.hpp"

namespace bpt::worker {

namespace {

constexpr int kShare = 20; // of the time of a worker that has work: one part in so many
constexpr int kFailurePauseMs = 60000;
constexpr const char *kLockTimeout = "100ms";

TimestampTz next_round = 0;
bool is_behind = false;

} // namespace

bool delete_history(MemoryContext context, bool is_idle)
{
	const TimestampTz began = GetCurrentTimestamp();
	if (began < next_round && !(is_behind && is_idle))
		return false;
	MemoryContextReset(context);
	engine::Round round = engine::Round::nothing;
	const bool succeeded = in_own_transaction(context, [&] {
		// A commit that a crash loses is only done again. A row that somebody keeps is not waited for.
		set_config_option("synchronous_commit", "off", PGC_SUSET, PGC_S_SESSION, GUC_ACTION_LOCAL, true, 0, false);
		set_config_option("lock_timeout", kLockTimeout, PGC_SUSET, PGC_S_SESSION, GUC_ACTION_LOCAL, true, 0, false);
		PushActiveSnapshot(GetTransactionSnapshot());
		round = engine::delete_expired();
		PopActiveSnapshot();
	});
	is_behind = succeeded && round == engine::Round::part;
	if (!succeeded)
		engine::forget_rounds();
	const TimestampTz ended = GetCurrentTimestamp();
	next_round = is_behind   ? ended + (ended - began) * (kShare - 1)
				 : succeeded ? TimestampTzPlusMilliseconds(ended, settings::poll_interval)
							 : TimestampTzPlusMilliseconds(ended, kFailurePauseMs);
	return is_behind && is_idle;
}

} // namespace bpt::worker
