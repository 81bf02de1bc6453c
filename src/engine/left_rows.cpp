// Rows left by one transaction for the next (left_rows.hpp). Takes no locks but ACCESS SHARE on the two tables.
#include "pg/postgres.hpp"

#include "engine/engine.hpp"
#include "engine/left_rows.hpp"
#include "engine/rows_in_hand.hpp"
#include "pg/tables.hpp"

namespace bpt::engine {

namespace {

MemoryContext memory = nullptr;
pg::Row process; // not found: nothing is left
pg::Row activity;
uint64 changes = 0; // of what is in hand, when they were left

} // namespace

void leave_rows(const queue::Added &next)
{
	process = {};
	if (next.id == 0 || !is_in_hand(Kept::process, next.process_id) || !is_in_hand(Kept::activity, next.activity_id))
		return;
	write_rows();
	if (memory == nullptr)
		memory = AllocSetContextCreate(TopMemoryContext, "bpt rows left", ALLOCSET_SMALL_SIZES);
	MemoryContextReset(memory);
	activity = copy_of(Kept::activity, in_hand(Kept::activity, next.activity_id), memory);
	process = copy_of(Kept::process, in_hand(Kept::process, next.process_id), memory);
	changes = changes_in_hand();
}

bool take_left_rows(queue::Item *item)
{
	if (!process || process.int8(process_instance::id) != item->process_id ||
		activity.int8(activity_instance::id) != item->activity_id || changes != changes_in_hand() ||
		!pg::is_as_read("process_instance", process))
		return false;
	item->process = process;
	item->activity = activity;
	process = {}; // who takes them may change them
	return true;
}

} // namespace bpt::engine
