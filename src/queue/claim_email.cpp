// Claiming messages to be sent (claim.hpp).
//
// One transaction of a database sends at a time: a server that answers slowly, or not at all, keeps one worker waiting and
// no more. Locks: one of the whole database, to the end of the transaction and never waited for, then the message.
#include "pg/postgres.hpp"

#include "queue/claim.hpp"

extern "C" {
#include "storage/lock.h"
}

namespace bpt::queue {

namespace {

/// True if this transaction may send: to its end no other one does.
bool lock_sending()
{
	LOCKTAG tag;
	SET_LOCKTAG_OBJECT(tag, MyDatabaseId, pg::relation_oid("email_message"), 0, 0);
	return LockAcquire(&tag, ExclusiveLock, false, true) != LOCKACQUIRE_NOT_AVAIL;
}

bool is_queued(const pg::Row &row)
{
	return static_cast<EmailStatus>(row.int2(email_message::status)) == EmailStatus::queued;
}

} // namespace

Item email_item(const pg::Row &row)
{
	Item item;
	item.queue = Queue::email;
	item.id = row.int8(email_message::id);
	item.due = row.instant(email_message::next_run);
	item.process_id = row.int8(email_message::process_id);
	item.activity_id = row.int8(email_message::activity_id);
	item.row = row;
	return item;
}

Item claim_email(TimestampTz now, const Filter &filter)
{
	Item claimed;
	int looked = 0;
	pg::each_up_to(
		"email_message", "email_message_due", pg::key_instant(now),
		[&](pg::Row &row) {
			const Item seen = email_item(row);
			if (!admitted(filter, seen))
				return ++looked < kPatience;
			// Without a server messages wait; the next look at them comes by itself.
			if (!pg::find("email_server", "email_server_pkey", {}) || !lock_sending())
				return false;
			const Item item = lock(Queue::email, seen.id);
			if (item && is_queued(item.row) && item.due <= now)
				claimed = item;
			return !claimed && ++looked < kPatience;
		},
		pg::Lock::none);
	return claimed;
}

} // namespace bpt::queue
