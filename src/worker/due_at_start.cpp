// What was due at an unclean start (due_at_start.hpp): told by ids that were given before, and by who wrote a row. Locks: none.
#include "pg/postgres.hpp"

#include "worker/due_at_start.hpp"

extern "C" {
#include "utils/hsearch.h"
}

namespace bpt::worker {

namespace {

// The transactions that did what was due at the start. What they queued is done with the same caution.
HTAB *transactions = nullptr;

bool is_old(const Caution &caution, const queue::Item &item)
{
	switch (item.queue)
	{
	case queue::Queue::event:
		return item.id < caution.event;
	case queue::Queue::ready:
		return item.id < caution.ready;
	case queue::Queue::delivery:
		return item.id < caution.delivery && item.due <= caution.start;
	case queue::Queue::timer:
		return item.id < caution.timer && item.due <= caution.start;
	case queue::Queue::email:
		return item.id < caution.email && item.due <= caution.start;
	}
	return false;
}

} // namespace

void begin_caution(Caution *caution, TimestampTz start)
{
	caution->on = true;
	caution->start = start;
	caution->event = pg::next_id("event_id");
	caution->delivery = pg::next_id("delivery_id");
	caution->ready = pg::next_id("ready_id");
	caution->timer = pg::next_id("timer_id");
	caution->email = pg::next_id("email_id");
}

void end_caution(Caution *caution)
{
	caution->on = false;
	if (transactions != nullptr)
		hash_destroy(transactions);
	transactions = nullptr;
}

bool is_due_at_start(const Caution &caution, const queue::Item &item)
{
	return is_old(caution, item) ||
		   (transactions != nullptr && hash_search(transactions, &item.row.xmin, HASH_FIND, nullptr) != nullptr);
}

void note_cautious_transaction()
{
	const TransactionId transaction = GetTopTransactionIdIfAny();
	if (!TransactionIdIsValid(transaction))
		return;
	if (transactions == nullptr)
	{
		HASHCTL control = {};
		control.keysize = sizeof(TransactionId);
		control.entrysize = sizeof(TransactionId);
		control.hcxt = TopMemoryContext;
		transactions = hash_create("bpt cautious transactions", 1024, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	}
	(void)hash_search(transactions, &transaction, HASH_ENTER, nullptr);
}

} // namespace bpt::worker
