// Work that is to be done: ready items and timers, and the waking of those who do it.
//
// To stand in a queue is to be to do; the row's lock is the claim (decision 3). Locks: only rows of the queue tables.
#pragma once
#include "pg/postgres.hpp"
#include "pg/rows.hpp"
#include "pg/tables.hpp"

extern "C" {
#include "port/atomics.h"
}

namespace bpt::queue {

struct Item;

/// A row of bpt.queue_ready, where it stands, who wrote it, and what it is about.
struct Added
{
	int64 id = 0;
	ItemPointerData place = {};
	TransactionId writer = InvalidTransactionId;
	int64 process_id = 0;
	int64 activity_id = 0;
};

/// Puts an item in bpt.queue_ready and wakes a worker at commit. Returns its id.
int64 add_ready(int64 process_id, int64 activity_id, ReadyWhat what, int priority, Jsonb *argument = nullptr);
/// The item that was put there last since this was asked last; id 0: none.
Added take_added_ready();
/// Lets what this claimed ready item adds next to the same instance, in this transaction, have its place in the queue: an
/// update of its row, in place of a row that is deleted and another. The caller sees to it that others have their turn.
void offer_place(const Item &item);
/// True if that was taken: the item's row is the next one's.
bool is_place_taken(const Item &item);
/// Puts a timer in bpt.queue_timer; a worker is woken at commit to sleep until it.
void add_timer(TimestampTz due, int64 process_id, int64 activity_id, TimerWhat what);
/// Has a timer of this kind fire by `due` for an activity that has one at most: an earlier one that no other transaction has
/// claimed will do, a later one goes.
void have_timer(TimestampTz due, int64 process_id, int64 activity_id, TimerWhat what);
/// Deletes an activity's timers of this kind, or of all kinds, that no other transaction has claimed; one that is claimed
/// finds the activity changed.
void remove_timers(int64 activity_id);
void remove_timers(int64 activity_id, TimerWhat what);

/// Notes that this transaction left work due at `due` (now: 0): after its commit a worker is woken.
void wake_at_commit(TimestampTz due);
/// Notes that this transaction has written events: after its commit a worker is woken, and whose look is older looks anew.
void wake_for_events();
/// A number that is another one after each commit of events in this database (but not after COMMIT PREPARED).
uint32 events_committed();
/// Where that is counted, by database: set by the worker room; null without it. Databases that share a counter merely look
/// more often.
extern pg_atomic_uint32 *event_commits;
constexpr int kEventCounters = 64;
/// Notes that this transaction lets workers begin, or has them stop: after its commit all of them look, also those that are
/// held.
void wake_everybody_at_commit();
constexpr int kEverybody = INT_MAX;
/// Notes that this transaction changes tasks: after its commit those who listen to bpt_taskbox are told, if bpt.taskbox_notify
/// is on.
void notify_at_commit();
/// Who is told of changed tasks at commit: set by the worker room. As on_commit.
extern void (*on_tasks_changed)(Oid database);
/// Notes that this transaction holds an instance's lock for which deliveries may be waiting: a worker is woken when it
/// ends, by commit or by abort.
void wake_at_end();
/// Notes that this transaction has claimed what it may leave as it was, if it is rolled back: then all workers are woken, as
/// who looked meanwhile has passed that over.
void wake_at_abort();
/// Who is told at commit: set by the worker room. `items`: how much of the work is due at once, `earliest`: when the first
/// of it is due (0: now); kEverybody: see above. Called in the transaction callbacks: must not allocate, look up or raise.
extern void (*on_commit)(Oid database, TimestampTz earliest, int items);
/// Registers the transaction callbacks. Called once by _PG_init.
void register_wake_callbacks();

/// Which queue an item stands in.
enum class Queue : char
{
	event = 'e',
	delivery = 'd',
	ready = 'r',
	timer = 't',
	email = 'm',
};

/// One claimed item: its row, or the slot of an event, is locked by this transaction.
struct Item
{
	Queue queue = Queue::ready;
	int64 id = 0;
	TimestampTz due = 0;  // timers, deliveries and messages
	int64 process_id = 0; // 0: an event
	int64 activity_id = 0;
	pg::Row row;
	// Of the instance and the activity that it is about, once the engine has read them without a lock; in the memory that was
	// current then.
	pg::Row process;
	pg::Row activity;
	explicit operator bool() const { return id != 0; }
};

/// Whether an item may be taken (by bpt.run: of the caller's processes; by a worker under caution: not tried before).
struct Filter
{
	bool (*admits)(void *context, const Item &item) = nullptr;
	void *context = nullptr;
	bool rotate = false; // a worker's: now and then ready work or timers come first, so that events cannot starve them
};

/// Claims the next item due at `now`: events and deliveries first, then timers, then ready work by rank and id, then
/// messages to be sent; none: an empty Item. Rows that others have claimed are skipped.
Item claim(TimestampTz now, const Filter &filter = {});
/// Writes what a worker's transaction has done of the events; called before each commit.
void end_claims();
/// Notes that this was committed; called after each commit.
void keep_claims();
/// Notes that a claimed event is done with. In bpt.run() at once, in a worker at the end of its transaction.
void done_event(const Item &item);
/// Whether there is such an event that is not done.
bool is_waiting_event(int64 id);
/// Has the next claim of ready work begin with this item, which was claimed and is left as it is.
void put_back(const Item &item);
/// Has the next claim of ready work begin at the front of the queue: called after an error, which has put items back.
void search_from_front();
/// Has the next transactions of this worker take one slot each: its items are slow.
void take_few_slots();
/// When a worker that found nothing is to look at the events again, as its look had not room for all; DT_NOEND: not by itself.
TimestampTz next_look();
/// True if the last look found events, which are kept.
bool has_seen_events();
/// Between transactions: frees what the last look found, so that the next claim looks anew.
void free_look();
/// Begins a call of bpt.run(): it takes also what its own transaction has written.
void begin_run();
/// Claims this very item again after a failure; empty if it is gone or another has it.
Item claim_again(Queue queue, int64 id);
/// Claims such an item; empty if it is gone or another has it.
Item claim_added(const Added &added);
/// When the next timer, delivery or message after an instant is due, which passes over what is due already but claimed by others:
/// false if there is none.
bool next_due_after(TimestampTz after, const Filter &filter, TimestampTz *due);

} // namespace bpt::queue
