// What is remembered of failed batches (alone.hpp). Locks: that of shared memory, for moments.
#include "pg/postgres.hpp"

#include "worker/alone.hpp"
#include "worker/slots.hpp"

namespace bpt::worker {

namespace {

int items_alone = 0; // how many of the next
// The items at which batches failed last.
constexpr uint32 kMaxSuspects = 64;
ItemName suspects[kMaxSuspects];
uint32 suspect_count = 0;

} // namespace

void suspect(const queue::Item &item)
{
	suspects[suspect_count++ % kMaxSuspects] = name_of(item);
}

void suspect_next(int count)
{
	items_alone = count;
}

bool is_suspect(const queue::Item &item)
{
	for (uint32 i = 0; i < Min(suspect_count, kMaxSuspects); i++)
		if (suspects[i].queue == static_cast<char>(item.queue) && suspects[i].id == item.id)
			return true;
	return false;
}

bool must_be_alone()
{
	if (items_alone > 0)
	{
		items_alone--;
		return true;
	}
	bool result = false;
	locked(LW_EXCLUSIVE, [&] {
		Database *const entry = database_entry(MyDatabaseId);
		result = entry != nullptr && entry->alone > 0;
		if (result)
			entry->alone--;
	});
	return result;
}

} // namespace bpt::worker
