// Rows that a worker's transaction has left for its next one, which goes on with the same instance: read from memory.
//
// They serve only while nothing has changed them: in this session no row has been in hand since, and the process row, which
// counts every change of its instance by others, still stands where it was left.
#pragma once
#include "queue/work.hpp"

namespace bpt::engine {

/// Writes what is in hand, and leaves the rows of an item to come for the transaction that does it.
void leave_rows(const queue::Added &next);
/// Gives an item the rows that were left for it; false if there are none that are still right. They last until rows are
/// left anew.
bool take_left_rows(queue::Item *item);

} // namespace bpt::engine
