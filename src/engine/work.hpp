// What the files that deal with claimed items share (engine.hpp is what others see).
#pragma once
#include "pg/tables.hpp"
#include "queue/work.hpp"

namespace bpt::engine {

/// Deletes an item's row: it is done, or something else is in its stead. What has taken its place in the queue stays.
void done(const queue::Item &item);

/// A step that an advance has left to a worker.
struct LeftStep
{
	int64 element_id;
	int64 precedent;
	const char *outcome; // null: none
	int64 flow;
};
/// What a row of bpt.queue_ready or bpt.queue_held goes on with.
LeftStep left_step(const pg::Row &ready);

/// Does what a timer of an activity that is due is for; what has changed since it was set is nothing to do.
void fire(TimerWhat what, const pg::Row &process, pg::Row &activity);

inline ReadyWhat ready_what(const queue::Item &item)
{
	return static_cast<ReadyWhat>(item.row.int2(queue_ready::what));
}
inline TimerWhat timer_what(const queue::Item &item)
{
	return static_cast<TimerWhat>(item.row.int2(queue_timer::what));
}

} // namespace bpt::engine
