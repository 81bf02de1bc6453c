// Waking those who do the work: what a transaction leaves to be done is noted, and told when the transaction has ended.
//
// The note is a few words of this backend's memory. It is told after the commit is visible to others, so a worker that is
// woken finds the work; a subtransaction that rolled back leaves a note that wakes in vain, which costs a look. PREPARE
// TRANSACTION forgets it: the workers' regular look finds what COMMIT PREPARED lets out. Locks: none.
#include "pg/postgres.hpp"

#include "pg/settings.hpp"
#include "queue/work.hpp"

namespace bpt::queue {

void (*on_commit)(Oid database, TimestampTz earliest, int items) = nullptr;
void (*on_tasks_changed)(Oid database) = nullptr;
pg_atomic_uint32 *event_commits = nullptr;

namespace {

struct Note
{
	bool set = false;
	bool at_end = false;   // tell also after an abort
	bool at_abort = false; // likewise, and everybody
	TimestampTz earliest = 0;
	int items = 0;
	bool tasks = false;  // some were changed
	bool events = false; // some were written
};

Note note;

extern "C" void bpt_wake_transaction_ended(XactEvent event, void *)
{
	switch (event)
	{
	case XACT_EVENT_COMMIT:
	case XACT_EVENT_ABORT:
		// Before anybody is woken: who looks then knows that there is something new.
		if (note.events && event == XACT_EVENT_COMMIT && event_commits != nullptr)
			pg_atomic_fetch_add_u32(&event_commits[MyDatabaseId % kEventCounters], 1);
		if (on_commit != nullptr)
		{
			if (note.set && event == XACT_EVENT_COMMIT)
				on_commit(MyDatabaseId, note.earliest, note.items);
			else if (note.at_abort && event == XACT_EVENT_ABORT)
				on_commit(MyDatabaseId, 0, kEverybody);
			else if (note.at_end)
				on_commit(MyDatabaseId, 0, 1);
		}
		if (note.tasks && event == XACT_EVENT_COMMIT && on_tasks_changed != nullptr)
			on_tasks_changed(MyDatabaseId);
		note = Note{};
		break;
	case XACT_EVENT_PREPARE:
		note = Note{};
		break;
	default:
		break;
	}
}

} // namespace

void wake_at_commit(TimestampTz due)
{
	if (!note.set || due < note.earliest)
		note.earliest = due;
	note.set = true;
	if (due == 0 && note.items < kEverybody - 1)
		note.items++;
}

void wake_for_events()
{
	wake_at_commit(0);
	note.events = true;
}

uint32 events_committed()
{
	return event_commits == nullptr ? 0 : pg_atomic_read_u32(&event_commits[MyDatabaseId % kEventCounters]);
}

void wake_everybody_at_commit()
{
	note.set = true;
	note.earliest = 0;
	note.items = kEverybody;
}

void notify_at_commit()
{
	note.tasks = settings::taskbox_notify;
}

void wake_at_end()
{
	note.at_end = true;
}

void wake_at_abort()
{
	note.at_abort = true;
}

void register_wake_callbacks()
{
	RegisterXactCallback(bpt_wake_transaction_ended, nullptr);
}

} // namespace bpt::queue
