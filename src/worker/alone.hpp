// Which items this worker does alone because a batch failed: so only the one pays that fails again.
#pragma once
#include "queue/work.hpp"

namespace bpt::worker {

/// A batch failed at this item.
void suspect(const queue::Item &item);
/// A batch failed at one of so many items, and nothing tells at which.
void suspect_next(int count);
/// Whether a batch failed at this very item. What stood before it in the batch did not fail, and may be batched again.
bool is_suspect(const queue::Item &item);
/// Whether the next item is to be done alone because a batch failed, here or in a worker that ended over it. Counts it.
bool must_be_alone();

} // namespace bpt::worker
