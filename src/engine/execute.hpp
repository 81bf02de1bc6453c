// EXECUTE: an activity that runs another process and goes on when that has ended, in whatever way.
//
// Locks: parents before children. Who holds a parent may wait for the rows of its children (to terminate, suspend or
// delete them). A child that ends only tries to lock its parent: if somebody else has it, or it is suspended, the rest is
// left in bpt.queue_ready. So waiting leads downwards only and never in a circle.
//
// Where a worker meets a child of another owner, it leaves the step to an item that is done as that owner.
#pragma once
#include "engine/advance.hpp"

namespace bpt::engine {

/// A path reaches an EXECUTE: its row is made, its process is started and advanced as far as that goes at once.
void reach_execute(Advance &a, const Step &step);
/// Starts the process of an EXECUTE in error once more. Raises what fails.
void start_child_again(Advance &a, pg::Row activity);
/// Starts it with the inputs that were evaluated before. Raises what fails.
void start_child_with(Advance &a, pg::Row activity, Jsonb *inputs);
/// The definition of the process that an EXECUTE activity runs; null if that was dropped.
expr::Definition *invoked_by(const Instance &instance, const pg::Row &activity);

/// Terminates the process of an EXECUTE that ends before it.
void end_child(const pg::Row &activity);
/// Ends an EXECUTE whose process has ended, and lets its path go on; one that is not running, or whose process runs, is left
/// alone. Raises what fails.
void end_execute(Advance &a, int64 activity_id);
/// The instance of this advance has ended: if an EXECUTE runs it, that goes on, now or by a worker.
void go_on_in_parent(Advance &a);
/// The same, but always by a worker.
void leave_to_parent(int64 process_id);

} // namespace bpt::engine
