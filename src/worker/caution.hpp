// Items that ended a worker, or the whole server: how they are found and made to pay.
//
// A worker that ends alone leaves its item in shared memory (Lost): one failed attempt. A crash of the server clears shared
// memory, so after every unclean start what was due then is run one at a time, each after a committed line in bpt.attempt
// that goes with the item's commit, which may bring the line of the next one. A line found at the next start is an item
// that crashed the server again: a failed attempt, and the line stays as a memory (started = -infinity), for which its next
// run has a line too, whenever that is. A second such crash makes the activity failed. So an item that crashes the server
// costs three restarts at most.
#pragma once
#include "queue/work.hpp"

namespace bpt::worker {

/// Counts the items of this database that workers ended over. Each in a transaction of its own.
void charge_lost(MemoryContext context);
/// Deals with the lines that earlier starts left; `charge`: the server has crashed since. Transactions of its own.
void settle_lines(MemoryContext context, bool charge);

/// Writes the item's line (committed by the caller before the item is run).
void write_line(const queue::Item &item);
/// Puts the item's line back to what it was before: the item has not been run, or what it did was undone.
void restore_line(const queue::Item &item);
/// Removes the item's line, if it has one.
void remove_line(const queue::Item &item);
/// Whether the item, or what its activity was queued as before, has a line. Notes when there are no lines at all.
bool has_line(const queue::Item &item);
/// Whether the item has crashed the server as often as it may, and is not run again.
bool is_parked(const queue::Item &item);

} // namespace bpt::worker
