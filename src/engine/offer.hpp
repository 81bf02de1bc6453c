// To whom a task is offered: its rows of bpt.task_offer, from which the Taskbox is read.
#pragma once
#include "engine/instance.hpp"

namespace bpt::engine {

/// Makes bpt.task_offer fit the row of a ready or opened task.
void write_offers(const Instance &instance, const pg::Row &activity);
/// The task has ended: it is offered to nobody.
void remove_offers(int64 activity_id);

} // namespace bpt::engine
