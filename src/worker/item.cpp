// One item from claim to commit (item.hpp).
//
// The claim, the work and the commit are one transaction, run as the process's owner up to the end of the commit, so that
// deferred triggers run as the owner too. What an owner's code leaves in the session is wiped before another owner is
// served, and after every error. Items that lost a lock or a serialization to somebody are tried again after a growing
// pause without being charged; items whose instance is locked are left until something is committed, or a while.
//
// Locks: the extension (session.cpp), the claim's (queue/claim.cpp), what engine::perform takes; under caution a lock of
// the whole server around each item, so that never two items are suspects of one crash.
#include "pg/postgres.hpp"

#include "engine/engine.hpp"
#include "engine/left_rows.hpp"
#include "expr/clock.hpp"
#include "expr/current.hpp"
#include "worker/alone.hpp"
#include "worker/caution.hpp"
#include "worker/due_at_start.hpp"
#include "worker/item.hpp"
#include "worker/mail.hpp"
#include "worker/pause.hpp"
#include "worker/session.hpp"
#include "worker/slots.hpp"
#include "worker/worker.hpp"

extern "C" {
#include "catalog/pg_extension.h"
#include "pgstat.h"
#include "storage/lmgr.h"
#include "tcop/tcopprot.h"
#include "utils/backend_status.h"
}

namespace bpt::worker {

namespace {

constexpr int kLargestBatch = 100;
constexpr int kLongestBatchMs = 20; // user rows stay locked no longer than that, and one item
constexpr int kSlowMs = 5;          // an item that takes longer is not to keep others waiting
constexpr int kSpokenForMs = 10;
constexpr const char *kBatchLockTimeout = "100ms";
// How many items under caution, and for how long, have their lines committed with the item before: other databases wait.
constexpr int kMostLined = 16;
constexpr int kLongestLinedMs = 100;

// What an item done alone has put in a queue, or what ended a batch, is done next, without a search, but not too often in a
// row: others wait too.
constexpr int kMostFollowed = 16;
queue::Added follower;
int followed = 0;

// Whose traces are in the session, if it is_used.
Oid served = InvalidOid;
bool is_used = false;
bool has_server_lock = false;

/// What the claim asks about each candidate.
struct Admission
{
	const Caution *caution;
	TimestampTz now;
	bool has_lines;              // bpt.attempt may hold some
	bool was_spoken_for = false; // some item was another worker's, whose transaction has ended
};

bool admits(void *context, const queue::Item &item)
{
	Admission &admission = *static_cast<Admission *>(context);
	if (is_passed_over(item.queue, item.id, admission.now) ||
		(item.queue == queue::Queue::email && is_mail_paused(admission.now)))
		return false;
	if (admission.caution->on && !is_due_at_start(*admission.caution, item))
		return false;
	if (admission.has_lines && is_parked(item))
		return false;
	const bool is_taken = is_spoken_for(name_of(item));
	admission.was_spoken_for = admission.was_spoken_for || is_taken;
	return !is_taken;
}

/// One look for work: what it found, and how far it came, for the time after an error.
struct Attempt
{
	queue::Item item;
	Turn turn = Turn::failed;
	bool has_lines = false;  // bpt.attempt may hold some
	bool is_lined = false;   // a line of it goes with the item's commit
	bool lines_next = false; // which may have the line of the next one written, too
	queue::Item next_lined;  // that next one
	int taken = 0;           // items that this transaction took, the failing one included
	bool is_batch = false;
	bool is_unknown = false; // which item it is that fails: it has no name that lasts, or the whole is being committed
	queue::Added next;       // what is to be done as soon as this transaction has ended
};

/// Whether lines may be there, so that each item is looked up among them.
bool may_have_lines()
{
	bool result = false;
	locked(LW_SHARED, [&] {
		const Database *const entry = database_entry(MyDatabaseId);
		result = entry != nullptr && entry->has_lines;
	});
	return result;
}

/// Shows what this worker is at. `batch`: as which item of a batch (0: it is alone).
void show_item(queue::Item &item, int batch)
{
	const char *const what = engine::describe(item);
	const ItemName name = name_of(item);
	locked(LW_EXCLUSIVE, [&] {
		my_slot->item = name;
		my_slot->shown_process = item.process_id;
		my_slot->shown_activity = item.activity_id;
		my_slot->batch = batch;
		my_slot->state = State::running;
		my_slot->since = GetCurrentTimestamp();
		strlcpy(my_slot->what, what, kWhatSize);
	});
	debug_query_string = what;
	pgstat_report_activity(STATE_RUNNING, what);
}

/// The item is done with, in whatever way.
void show_nothing()
{
	locked(LW_EXCLUSIVE, [&] {
		my_slot->item = ItemName{};
		my_slot->shown_process = 0;
		my_slot->shown_activity = 0;
		my_slot->batch = 0;
		my_slot->what[0] = '\0';
	});
	debug_query_string = nullptr;
}

/// Claims anew the item whose line has been committed. False: it is gone meanwhile, or held, or the extension is gone.
bool claim_lined(MemoryContext context, queue::Item *item)
{
	if (begin(context) != Schema::fits)
		return false;
	if (find_home() != Home::here)
	{
		restore_line(*item);
		return false;
	}
	const queue::Item again = queue::claim_again(item->queue, item->id);
	if (!again)
	{
		remove_line(*item);
		return false;
	}
	*item = again;
	return true;
}

/// The settings of a batch, for all of its transaction. What the owner's code sets ends with it (expr::as_owner).
void set_for_batch(const expr::Definition *definition)
{
	set_config_option("lock_timeout", kBatchLockTimeout, PGC_SUSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	expr::pin_for_transaction(definition);
}

/// Does one claimed item as its owner. False if it was left as it is.
bool perform_one(const engine::Terms &terms, Attempt *attempt)
{
	PushActiveSnapshot(GetTransactionSnapshot());
	attempt->taken++;
	const TimestampTz begun = GetCurrentTimestamp();
	const bool done = engine::perform(attempt->item, terms, attempt->is_batch);
	if (TimestampDifferenceExceeds(begun, GetCurrentTimestamp(), kSlowMs))
		queue::take_few_slots();
	PopActiveSnapshot();
	if (done)
	{
		forget_pause(attempt->item.queue, attempt->item.id);
		pg_atomic_fetch_add_u64(&my_slot->steps, 1);
	}
	else
		pass_over(attempt->item.queue, attempt->item.id, Reason::blocked);
	return done;
}

/// Goes on with further items of the same owner, for a bounded time. What fails undoes the whole transaction; then its
/// items are done again alone (do_one).
void perform_more(MemoryContext context, const queue::Filter &filter, Oid owner, Attempt *attempt)
{
	const TimestampTz stop = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), kLongestBatchMs);
	MemoryContext const item_context = AllocSetContextCreate(context, "bpt batch item", ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(item_context);
	while (attempt->taken < kLargestBatch && !engine::is_full() && GetCurrentTimestamp() < stop)
	{
		CHECK_FOR_INTERRUPTS();
		debug_query_string = nullptr; // made in this memory
		MemoryContextReset(item_context);
		queue::Item item = queue::claim(expr::now(), filter);
		if (!item)
			break;
		const engine::Terms terms = engine::terms_of(item);
		// At once, or one step that nobody knows yet would wait behind all that comes to it.
		if (terms.is_slow && item.queue == queue::Queue::ready)
			attempt->next = {item.id, item.row.tid, item.row.xmin};
		if (terms.alone || terms.is_slow || terms.owner != owner || is_suspect(item))
		{
			queue::put_back(item);
			break; // its lock ends with this transaction, and the next one takes it
		}
		attempt->item = item;
		// What the batch itself has put in a queue comes back under another id.
		attempt->is_unknown = TransactionIdIsCurrentTransactionId(item.row.xmin);
		show_item(item, attempt->taken + 1);
		if (!perform_one(terms, attempt) && item.queue == queue::Queue::event)
			break; // those behind it in its slot must not be done before it
	}
	MemoryContextSwitchTo(context);
}

/// The next item: what the last one led to, if it may be taken, else what is found.
queue::Item next_item(TimestampTz now, const queue::Filter &filter)
{
	const queue::Added next = follower;
	follower = {};
	if (next.id != 0 && followed < kMostFollowed)
	{
		const queue::Item item = queue::claim_added(next);
		if (item && filter.admits(filter.context, item))
		{
			followed++;
			return item;
		}
	}
	followed = 0;
	return queue::claim(now, filter);
}

/// Claims the item that is next under caution and writes its line, which the commit of the one at hand makes durable: one
/// flush an item. The two are a batch as far as errors go: then the one at hand is done again without the other.
void line_next(const queue::Filter &filter, Attempt *attempt)
{
	attempt->is_batch = true;
	attempt->is_unknown = false;
	attempt->next_lined = next_item(expr::now(), filter);
	if (attempt->next_lined)
		write_line(attempt->next_lined);
}

/// Does the claimed item as its owner, in a batch others after it, and commits as that owner.
void perform_and_commit(MemoryContext context, const queue::Filter &filter, Attempt *attempt)
{
	const engine::Terms terms = engine::terms_of(attempt->item);
	Oid const owner = terms.owner;
	if (OidIsValid(owner))
	{
		if (is_used && owner != served)
			reset_session();
		served = owner;
		is_used = true;
		SetUserIdAndSecContext(owner, SECURITY_LOCAL_USERID_CHANGE);
	}
	attempt->is_batch = OidIsValid(owner) && !terms.alone && !attempt->has_lines && !attempt->is_lined &&
						!is_suspect(attempt->item) && !must_be_alone();
	if (attempt->is_batch)
	{
		set_for_batch(terms.definition);
		locked(LW_EXCLUSIVE, [] { my_slot->batch = 1; });
	}
	queue::take_added_ready();
	if (terms.alone && attempt->item.queue == queue::Queue::ready && attempt->item.process_id != 0 &&
		!attempt->is_lined && followed < kMostFollowed)
		queue::offer_place(attempt->item);
	const bool done = perform_one(terms, attempt);
	if (attempt->is_lined && done)
		remove_line(attempt->item);
	else if (attempt->is_lined)
		restore_line(attempt->item);
	if (attempt->is_batch && (done || attempt->item.queue != queue::Queue::event))
		perform_more(context, filter, owner, attempt);
	if (attempt->is_lined)
		note_cautious_transaction();
	attempt->is_unknown = true;
	follower = terms.alone ? queue::take_added_ready() : attempt->next;
	if (terms.alone && followed < kMostFollowed)
		engine::leave_rows(follower);
	if (terms.may_be_lost && !attempt->is_lined)
		set_config_option("synchronous_commit", "off", PGC_SUSET, PGC_S_SESSION, GUC_ACTION_LOCAL, true, 0, false);
	if (done && attempt->lines_next && !is_suspect(attempt->item))
		line_next(filter, attempt);
	set_path_for_commit();
	// Deferred triggers fire at the commit: as the owner, who also acts.
	expr::current.owner = owner;
	free_item_at_commit();
	commit(context);
	expr::current.owner = InvalidOid;
}

/// Wipes the session after an error.
void wipe_traces()
{
	if (is_used)
		reset_session();
	is_used = false;
}

/// Under caution no two workers of the server run items at the same time.
void lock_server()
{
	LockSharedObjectForSession(ExtensionRelationId, InvalidOid, 0, AccessExclusiveLock);
	has_server_lock = true;
}

void unlock_server()
{
	if (has_server_lock)
		UnlockSharedObjectForSession(ExtensionRelationId, InvalidOid, 0, AccessExclusiveLock);
	has_server_lock = false;
}

/// Does one item after another, each with the line that went with the commit of the one before. Begins with a line that is
/// written in this transaction.
void perform_lined(MemoryContext context, const queue::Filter &filter, bool goes_on, Attempt *attempt)
{
	const TimestampTz stop = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), kLongestLinedMs);
	write_line(attempt->item);
	commit(context);
	for (int count = 1; claim_lined(context, &attempt->item); count++)
	{
		show_item(attempt->item, 0);
		attempt->lines_next = goes_on && count < kMostLined && GetCurrentTimestamp() < stop;
		perform_and_commit(context, filter, attempt);
		if (!attempt->next_lined)
			return;
		attempt->item = attempt->next_lined;
		attempt->next_lined = {};
		// Who ends this worker now ends it over that item.
		const ItemName name = name_of(attempt->item);
		locked(LW_EXCLUSIVE, [&] { my_slot->item = name; });
	}
	commit(context);
}

/// Raised before the look: whoever commits after it sees that this worker may be about to sleep, and wakes it.
void be_idle()
{
	pg_atomic_write_u64(&my_slot->next_wakeup, static_cast<uint64>(PG_INT64_MAX));
	pg_atomic_exchange_u32(&my_slot->idle, Idle::idle);
}

/// Asked after be_idle(): where the database is held only its release wakes this worker. Who has woken it by now may have been
/// that.
Home ask_home()
{
	const Home home = find_home();
	uint32 expected = Idle::idle;
	if (home == Home::held)
		pg_atomic_compare_exchange_u32(&my_slot->idle, &expected, Idle::held);
	return home;
}

/// Looks and works; may raise at any point.
void look_and_work(MemoryContext context, const Caution &caution, TimestampTz limit, TimestampTz *until,
				   Attempt *attempt)
{
	const Schema schema = begin(context);
	if (schema != Schema::fits)
	{
		attempt->turn = schema == Schema::absent ? Turn::gone : Turn::outdated;
		commit(context);
		return;
	}
	be_idle();
	const Home home = ask_home();
	if (home != Home::here)
	{
		attempt->turn = home == Home::held ? Turn::held : Turn::nothing;
		*until = limit;
		if (home == Home::unknown)
			pg_atomic_write_u64(&my_slot->next_wakeup, static_cast<uint64>(limit));
		commit(context);
		return;
	}
	attempt->has_lines = may_have_lines();
	Admission admission{&caution, GetCurrentTimestamp(), attempt->has_lines};
	const queue::Filter filter{admits, &admission, true};
	const TimestampTz now = expr::now();
	attempt->item = next_item(now, filter);
	if (!attempt->item)
	{
		attempt->turn = Turn::nothing;
		TimestampTz due = 0;
		*until = limit;
		if (queue::next_due_after(now, queue::Filter{}, &due))
			*until = Min(*until, due);
		*until = Min(Min(*until, next_pause_end(admission.now)), queue::next_look());
		// Who spoke for it is about to go on or to end, and may have found it locked by this look.
		if (admission.was_spoken_for)
			*until = Min(*until, TimestampTzPlusMilliseconds(admission.now, kSpokenForMs));
		pg_atomic_write_u64(&my_slot->next_wakeup, static_cast<uint64>(*until));
		commit(context);
		return;
	}
	show_item(attempt->item, 0);
	// Somebody counted on this worker for other work: let another one have it.
	if (pg_atomic_exchange_u32(&my_slot->idle, Idle::busy) == Idle::busy)
		wake_workers(MyDatabaseId, 0, 1);

	attempt->turn = Turn::worked;
	attempt->is_lined = caution.on || (attempt->has_lines && has_line(attempt->item));
	if (!attempt->is_lined)
	{
		perform_and_commit(context, filter, attempt);
		return;
	}
	if (caution.on)
		lock_server();
	perform_lined(context, filter, caution.on, attempt);
	unlock_server();
}

/// True if the item lost to somebody else's locks: it is run again, and not charged.
bool is_rerun(const ErrorData *error)
{
	return error->sqlerrcode == ERRCODE_T_R_SERIALIZATION_FAILURE ||
		   error->sqlerrcode == ERRCODE_T_R_DEADLOCK_DETECTED || error->sqlerrcode == ERRCODE_LOCK_NOT_AVAILABLE;
}

/// Records the failure in a transaction of its own; may raise.
void record(MemoryContext context, const Attempt &attempt, const ErrorData *error)
{
	if (begin(context) == Schema::fits)
	{
		wipe_traces();
		queue::Item item = queue::claim_again(attempt.item.queue, attempt.item.id);
		if (item)
		{
			PushActiveSnapshot(GetTransactionSnapshot());
			engine::record_failure(item, error, phase_of(item.queue));
			PopActiveSnapshot();
			if (attempt.is_lined)
				remove_line(item);
		}
	}
	commit(context);
}

/// Wipes the session after an error that needs no record; may raise.
void wipe(MemoryContext context, const Attempt &attempt)
{
	const Schema schema = begin(context);
	if (schema != Schema::absent)
		wipe_traces();
	if (schema == Schema::fits && attempt.is_lined)
		restore_line(attempt.item);
	commit(context);
}

/// Runs f and returns the error it raised, with its transaction aborted; null if none.
template <typename F>
ErrorData *guarded(MemoryContext context, F f)
{
	ErrorData *volatile error = nullptr;
	PG_TRY();
	{
		f();
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		abort_after_error(context);
	}
	PG_END_TRY();
	return error;
}

/// Writes an error to the server's log, where no incident can hold it.
void log_error(const ErrorData *error, const char *what)
{
	ereport(WARNING, (errcode(error->sqlerrcode), errmsg("%s: %s", what, error->message),
					  error->detail != nullptr ? errdetail("%s", error->detail) : 0,
					  error->context != nullptr ? errcontext("%s", error->context) : 0));
}

} // namespace

const char *phase_of(queue::Queue queue)
{
	return queue == queue::Queue::email   ? "email"
		   : queue == queue::Queue::timer ? "timer"
		   : queue == queue::Queue::ready ? "statement"
										  : "event";
}

void show_run_in_line(int64 process_id, const char *process, int64 activity_id, const char *activity)
{
	if (my_slot == nullptr)
		return;
	char what[kWhatSize];
	snprintf(what, kWhatSize, "%s " INT64_FORMAT " %s", process, process_id, activity);
	locked(LW_EXCLUSIVE, [&] {
		my_slot->shown_process = process_id;
		my_slot->shown_activity = activity_id;
		strlcpy(my_slot->what, what, kWhatSize);
	});
	pgstat_report_activity(STATE_RUNNING, what);
}

Turn check(MemoryContext context)
{
	MemoryContextReset(context);
	Turn turn = Turn::failed;
	const ErrorData *const error = guarded(context, [&] {
		const Schema schema = begin(context);
		be_idle();
		turn = schema == Schema::absent   ? Turn::gone
			   : schema == Schema::other  ? Turn::outdated
			   : ask_home() == Home::held ? Turn::held
										  : Turn::nothing;
		commit(context);
	});
	if (error != nullptr)
		log_error(error, "bpt worker could not look for work");
	return error != nullptr ? Turn::failed : turn;
}

Turn do_one(MemoryContext context, const Caution &caution, TimestampTz limit, TimestampTz *until)
{
	MemoryContextReset(context);
	Attempt attempt;
	const ErrorData *const error = guarded(context, [&] { look_and_work(context, caution, limit, until, &attempt); });
	if (error == nullptr)
	{
		if (attempt.item)
			show_nothing();
		return attempt.turn;
	}

	// The abort released the server's lock too. If the wiping below fails, the next owner's begins with it.
	has_server_lock = false;
	served = InvalidOid;
	pg_atomic_exchange_u32(&my_slot->idle, Idle::busy);
	if (!attempt.item)
	{
		log_error(error, "bpt worker could not look for work");
		return Turn::failed;
	}
	const ErrorData *failure = nullptr;
	if (attempt.is_batch)
	{
		// Nobody is charged yet: the item at which it failed is done again alone, without running on; if that cannot be
		// known, all of them are, one by one. So only the one pays that fails again.
		if (attempt.is_unknown)
			suspect_next(attempt.taken);
		else
			suspect(attempt.item);
		failure = guarded(context, [&] { wipe(context, attempt); });
	}
	else if (is_rerun(error) && pass_over(attempt.item.queue, attempt.item.id, Reason::conflict))
		failure = guarded(context, [&] { wipe(context, attempt); });
	else
	{
		pg_atomic_fetch_add_u64(&my_slot->errors, 1);
		failure = guarded(context, [&] { record(context, attempt, error); });
		if (failure != nullptr)
			log_error(error, "bpt worker failed at an item");
		// If it stays where it is, it must not be tried over and over at full speed.
		pass_over(attempt.item.queue, attempt.item.id, Reason::failed);
	}
	if (failure != nullptr)
		log_error(failure, "bpt worker could not record a failure");
	show_nothing();
	return Turn::worked;
}

} // namespace bpt::worker
