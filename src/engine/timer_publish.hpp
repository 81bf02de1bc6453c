// Publishing timers: what is wrong with one, and the rows and the function of a new or changed one.
#pragma once
#include "engine/candidate.hpp"

namespace bpt::engine {

/// Adds the name locks of the timers that may be published, their old names included.
void add_names_of_timers(Checked &checked, core::Vec<uint32> &names);
/// Finds the timer that a candidate takes the place of, and everything that is wrong with the candidate.
void check_timer(Checked &checked, TimerCandidate &timer);
/// Checks a published timer again, as its owner.
Checked *check_published_timer(MemoryContext context, const pg::Row &timer);
/// Writes a checked timer. True if it is new or changed.
bool store_timer(const Checked &checked, TimerCandidate &timer);

} // namespace bpt::engine
