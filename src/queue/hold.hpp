// Work of an instance that takes no step for now: it stands where no look for work comes by.
//
// Nothing is moved when an instance is suspended. A worker that meets an item of it, under the lock of its process, holds
// the item: ready work goes to bpt.queue_held, a timer's due becomes infinity, a delivery gets the status held. What
// brings it back takes the same lock, so no item is held behind its back.
#pragma once
#include "queue/work.hpp"

namespace bpt::queue {

/// Holds a claimed item; false if it is held already.
bool hold(const Item &item);
/// Brings back the ready work and the deliveries of a process, due at `now`. Returns how much ready work that was.
int let_go(int64 process_id, TimestampTz now);
/// Brings back the held timers of an activity; f tells when a kind of timer is due.
template <typename F>
void let_timers_go(int64 activity_id, F f);
/// Deletes what is held of a process, and its deliveries; what an advance has left goes back to bpt.queue_ready.
void drop_held(int64 process_id);

} // namespace bpt::queue

template <typename F>
void bpt::queue::let_timers_go(int64 activity_id, F f)
{
	pg::each("queue_timer", "queue_timer_activity", {pg::key(activity_id)}, [&](pg::Row &seen) {
		pg::Row row =
			pg::find("queue_timer", "queue_timer_pkey", {pg::key(seen.int8(queue_timer::id))}, pg::Lock::update_skip);
		if (!row || !TIMESTAMP_IS_NOEND(row.instant(queue_timer::due)))
			return true;
		const TimestampTz due = f(static_cast<TimerWhat>(row.int2(queue_timer::what)));
		row.set(queue_timer::due, TimestampTzGetDatum(due));
		pg::update("queue_timer", row);
		wake_at_commit(due);
		return true;
	});
}
