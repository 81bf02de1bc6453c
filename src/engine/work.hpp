// What the files that deal with claimed items share (engine.hpp is what others see).
#pragma once
#include "pg/tables.hpp"
#include "queue/work.hpp"

namespace bpt::engine {

/// Deletes an item's row: it is done, or something else has taken its place.
void done(const queue::Item &item);

inline ReadyWhat ready_what(const queue::Item &item)
{
	return static_cast<ReadyWhat>(item.row.int2(queue_ready::what));
}
inline TimerWhat timer_what(const queue::Item &item)
{
	return static_cast<TimerWhat>(item.row.int2(queue_timer::what));
}

} // namespace bpt::engine
