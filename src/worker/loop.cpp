// A worker: serves the queues of one database until it is told to end or the extension is gone.
//
// It connects as the superuser of the cluster's making and becomes a process's owner for each item (item.cpp). Between
// items it holds nothing. It sleeps on its latch until the next timer is due, at most bpt.poll_interval, which covers what
// no commit callback tells (COMMIT PREPARED). SIGTERM ends it at once, quietly while it sleeps.
// Locks: the block's, for moments.
#include "pg/postgres.hpp"

#include "pg/free_memory.hpp"
#include "pg/settings.hpp"
#include "queue/rotate.hpp"
#include "queue/work.hpp"
#include "worker/caution.hpp"
#include "worker/history.hpp"
#include "worker/item.hpp"
#include "worker/main.hpp"
#include "worker/notify.hpp"
#include "worker/pause.hpp"
#include "worker/session.hpp"
#include "worker/slots.hpp"
#include "worker/worker.hpp"

extern "C" {
#include "commands/dbcommands.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/pmsignal.h"
#include "storage/procsignal.h"
#include "tcop/tcopprot.h"
#include "utils/wait_event.h"
PGDLLEXPORT void bpt_worker_main(Datum argument);
}

namespace bpt::worker {

namespace {

constexpr int kRetryStartMs = 5000;
constexpr int kLongestFailurePauseMs = 5000;
constexpr int kAloneFactor = 2; // other workers take some of the items that were in the batch
constexpr int kAloneMore = 20;
constexpr long kRestMs = 1000; // a pause that is longer is worth giving memory back

volatile sig_atomic_t is_asleep = false;
char database_name[NAMEDATALEN];

/// Ends a sleeping worker without a word in the log, a working one as PostgreSQL does.
extern "C" void bpt_worker_terminate(SIGNAL_ARGS)
{
	const int error = errno;
	if (is_asleep)
	{
		ShutdownRequestPending = true;
		SetLatch(MyLatch);
	}
	else
		die(postgres_signal_arg);
	errno = error;
}

/// Leaves the item that this worker ends over for others to count, unless the worker was told to end. Runs before the
/// transaction is aborted, so that nobody can claim the item first.
extern "C" void bpt_worker_lose_item(int, Datum)
{
	locked(LW_EXCLUSIVE, [] {
		if (my_slot->item.queue == 0 || my_slot->is_stopping)
			return;
		if (my_slot->batch > 0)
		{
			if (Database *const entry = database_entry(my_slot->database))
				entry->alone = Max(entry->alone, kAloneFactor * my_slot->batch + kAloneMore);
			return;
		}
		for (int i = 0; i < shared->count; i++)
		{
			Lost &lost = shared->lost[i];
			if (OidIsValid(lost.database))
				continue;
			lost.database = my_slot->database;
			lost.pid = MyProcPid;
			lost.item = my_slot->item;
			pg_atomic_fetch_add_u32(&shared->lost_count, 1);
			break;
		}
	});
}

/// Gives the slot back.
extern "C" void bpt_worker_ended(int, Datum)
{
	locked(LW_EXCLUSIVE, [] {
		if (!my_slot->is_ready && !my_slot->is_absent && !my_slot->is_stopping)
			if (Database *const entry = database_entry(my_slot->database))
				entry->not_before = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), kRetryStartMs);
		my_slot->pid = 0;
		my_slot->latch = nullptr;
		my_slot->item = ItemName{};
		my_slot->shown_process = 0;
		my_slot->shown_activity = 0;
		my_slot->what[0] = '\0';
		if (!my_slot->is_absent)
			my_slot->database = InvalidOid;
		my_slot->state = State::free;
	});
	wake_launcher();
}

/// Takes the slot that the launcher prepared. False if it is no longer meant for this process.
bool attach(int index, uint32 generation)
{
	if (index < 0 || index >= shared->count)
		return false;
	Slot &slot = shared->slots[index];
	bool taken = false;
	locked(LW_EXCLUSIVE, [&] {
		if (slot.generation != generation || slot.state != State::starting)
			return;
		if (slot.is_stopping || is_stopped(slot.database))
		{
			slot.state = State::free;
			slot.database = InvalidOid;
			return;
		}
		slot.pid = MyProcPid;
		slot.latch = MyLatch;
		taken = true;
	});
	if (taken)
		my_slot = &slot;
	return taken;
}

void show_state(State state)
{
	locked(LW_EXCLUSIVE, [&] {
		if (my_slot->state == state)
			return;
		my_slot->state = state;
		my_slot->since = GetCurrentTimestamp();
	});
}

/// Tells the launcher that the extension is here, once.
void report_ready()
{
	bool is_news = false;
	locked(LW_EXCLUSIVE, [&] {
		is_news = !my_slot->is_ready;
		my_slot->is_ready = true;
		if (Database *const entry = database_entry(MyDatabaseId))
		{
			is_news = is_news || !entry->is_present;
			entry->is_present = true;
			entry->not_before = 0;
		}
	});
	if (is_news)
		wake_launcher();
}

/// What caution demands of this worker: the database's first one after a start settles the lines of bpt.attempt, after an
/// unclean start it also goes through what was due then.
void take_precautions(MemoryContext context, Caution *caution)
{
	bool must_settle = false;
	bool is_cautious = false;
	locked(LW_EXCLUSIVE, [&] {
		if (Database *const entry = database_entry(MyDatabaseId))
		{
			must_settle = !entry->is_checked;
			is_cautious = entry->is_cautious;
			entry->is_checked = true;
		}
	});
	if (must_settle)
		settle_lines(context, shared->is_unclean);
	if (!is_cautious)
		return;
	if (begin(context) == Schema::fits)
		begin_caution(caution, shared->start);
	commit(context);
}

/// Everything that was due at the start has been gone through: the other workers may come.
void let_others_come(Caution *caution)
{
	end_caution(caution);
	locked(LW_EXCLUSIVE, [] {
		if (Database *const entry = database_entry(MyDatabaseId))
			entry->is_cautious = false;
	});
	wake_launcher();
}

/// Whether this worker was told to end, by launcher or command.
bool must_end()
{
	bool result = false;
	locked(LW_SHARED, [&] { result = my_slot->is_stopping; });
	return result || ShutdownRequestPending;
}

/// Waits to be woken, for some time; returns whether it was.
bool is_woken_within(long ms)
{
	if (ms <= 0 || ShutdownRequestPending || ProcDiePending)
		return false;
	const int events = WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, ms, PG_WAIT_EXTENSION);
	if ((events & WL_LATCH_SET) == 0)
		return false;
	ResetLatch(MyLatch);
	return true;
}

/// Sleeps until then or until it is woken. Once a worker has rested from its work for a while, what it saw of the events,
/// which others may have done since, and what its batches have freed go back to the system.
void sleep_until(TimestampTz until, bool *has_worked)
{
	pgstat_report_stat(true);
	pgstat_report_activity(STATE_IDLE, nullptr);
	is_asleep = true;
	const auto left = [until] { return TimestampDifferenceMilliseconds(GetCurrentTimestamp(), until); };
	const long ms = left();
	const bool rests = ms > kRestMs && (*has_worked || queue::has_seen_events());
	bool is_woken = is_woken_within(rests ? kRestMs : ms);
	if (rests && !is_woken)
	{
		queue::free_look();
		pg::give_back_free_memory();
		*has_worked = false;
		is_woken = is_woken_within(left());
	}
	is_asleep = false;
	if (is_woken)
		forget_blocked();
}

/// Says in the log why nothing is done, once for the database; `state` shows it as long as it lasts.
void show_kept(State state, const char *message, const char *hint)
{
	report_ready();
	show_state(state);
	bool is_news = false;
	locked(LW_EXCLUSIVE, [&] {
		if (Database *const entry = database_entry(MyDatabaseId))
		{
			is_news = !entry->warned;
			entry->warned = true;
		}
	});
	if (is_news)
		ereport(WARNING,
				(errmsg("%s", message), errdetail("The database is \"%s\".", database_name), errhint("%s", hint)));
}

/// Nothing keeps the database from being served any more: the next time is told again.
void forget_kept()
{
	locked(LW_EXCLUSIVE, [] {
		if (Database *const entry = database_entry(MyDatabaseId))
			entry->warned = false;
	});
}

/// What keeps this worker from working shows in its state; returns whether it was that.
bool is_kept(Turn turn)
{
	switch (turn)
	{
	case Turn::gone:
		locked(LW_EXCLUSIVE, [] { my_slot->is_absent = true; });
		proc_exit(0);
	case Turn::outdated:
		show_kept(State::outdated, "bpt does no work: its library and its schema are of different versions",
				  "Run ALTER EXTENSION bpt UPDATE, or install the library that fits.");
		return true;
	case Turn::held:
		show_kept(State::held, "bpt does no work: it is held, or this database is a copy",
				  "If its processes are to run here, call bpt.release().");
		return true;
	case Turn::worked:
	case Turn::nothing:
	case Turn::failed:
		break;
	}
	return false;
}

/// What one worker remembers from turn to turn.
struct Memory
{
	MemoryContext context = nullptr;
	Caution caution;
	bool took_precautions = false;
	int failures = 0;        // in a row, to look for work at all
	bool has_worked = false; // since it gave memory back
};

/// Truncates the tables of events and positions that are done with.
void rotate_tables(MemoryContext context)
{
	for (int i = 0; i < queue::kRotating; i++)
	{
		MemoryContextReset(context);
		in_own_transaction(context, [&] { queue::rotate(i); });
	}
}

/// One turn of the loop. Returns when to look again (0: at once).
TimestampTz one_turn(Memory *memory)
{
	const TimestampTz limit = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), settings::poll_interval);
	TimestampTz until = limit;
	if (!settings::enabled)
	{
		const Turn turn = check(memory->context);
		if (turn == Turn::gone)
			is_kept(turn);
		report_ready();
		show_state(State::disabled);
		return limit;
	}
	if (!memory->took_precautions)
	{
		const Turn turn = check(memory->context);
		if (is_kept(turn) || turn == Turn::failed)
			return limit;
		report_ready();
		take_precautions(memory->context, &memory->caution);
		memory->took_precautions = true;
	}
	if (pg_atomic_read_u32(&shared->lost_count) > 0)
		charge_lost(memory->context);
	const Turn turn = do_one(memory->context, memory->caution, limit, &until);
	if (is_kept(turn))
		return limit;
	if (turn == Turn::failed)
	{
		memory->failures = Min(memory->failures + 1, 16);
		return TimestampTzPlusMilliseconds(GetCurrentTimestamp(), Min(10 << memory->failures, kLongestFailurePauseMs));
	}
	memory->failures = 0;
	if (queue::is_rotation_due())
		rotate_tables(memory->context);
	until = Min(until, notify_taskbox(memory->context));
	const bool has_old = !memory->caution.on && delete_history(memory->context, turn == Turn::nothing);
	if (turn == Turn::worked || has_old)
	{
		memory->has_worked = true;
		return 0;
	}
	if (my_slot->state == State::held || my_slot->state == State::outdated)
		forget_kept();
	show_state(State::idle);
	if (!memory->caution.on)
		return until;
	let_others_come(&memory->caution);
	return 0;
}

/// Connects to the slot's database.
void start_worker()
{
	before_shmem_exit(bpt_worker_ended, Datum{0});
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	pqsignal(SIGTERM, bpt_worker_terminate);
	BackgroundWorkerUnblockSignals();
	BackgroundWorkerInitializeConnectionByOid(my_slot->database, InvalidOid, 0);
	before_shmem_exit(bpt_worker_lose_item, Datum{0});
	prepare_session();
	register_item_callback();
	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();
	const char *const name = get_database_name(MyDatabaseId);
	strlcpy(database_name, name != nullptr ? name : "?", NAMEDATALEN);
	CommitTransactionCommand();
}

} // namespace
} // namespace bpt::worker

extern "C" void bpt_worker_main(Datum argument)
{
	using namespace bpt::worker;
	const auto packed = static_cast<uint64>(DatumGetInt64(argument));
	if (!attach(static_cast<int>(packed & PG_UINT32_MAX), static_cast<uint32>(packed >> 32)))
		proc_exit(0);
	start_worker();
	Memory memory;
	memory.context = AllocSetContextCreate(TopMemoryContext, "bpt item", ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(memory.context);
	while (!must_end())
	{
		CHECK_FOR_INTERRUPTS();
		// A busy worker never waits, and so would not notice: it would work on, and keep the server from starting again.
		if (!PostmasterIsAlive())
			proc_exit(1);
		if (ConfigReloadPending)
		{
			ConfigReloadPending = false;
			ProcessConfigFile(PGC_SIGHUP);
		}
		const TimestampTz until = one_turn(&memory);
		if (until != 0)
			sleep_until(until, &memory.has_worked);
		else
			pgstat_report_stat(false);
	}
	proc_exit(0);
}
