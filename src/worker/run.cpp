// bpt.run() (run.hpp).
//
// Each item is claimed by the outer transaction and done in a subtransaction, so that its failure undoes only itself and
// can be recorded under the same claim. Where committing is allowed, the item's transaction ends with it, deferred
// triggers having been fired as the owner before; within a transaction block they wait for the caller's own commit.
// Locks: as a worker's, without the extension's.
#include "pg/postgres.hpp"

#include "engine/engine.hpp"
#include "engine/retention.hpp"
#include "engine/users.hpp"
#include "expr/clock.hpp"
#include "expr/current.hpp"
#include "pg/bracket.hpp"
#include "pg/errors.hpp"
#include "pg/home.hpp"
#include "pg/timeout.hpp"
#include "queue/rotate.hpp"
#include "worker/item.hpp"
#include "worker/run.hpp"
#include "worker/slots.hpp"

extern "C" {
#include "commands/trigger.h"
#include "pgstat.h"
#include "storage/latch.h"
#include "tcop/utility.h"
#include "utils/wait_event.h"
}

namespace bpt::worker {

namespace {

constexpr int kMostReruns = 10;
constexpr int kRerunPauseMs = 20;

/// One call of bpt.run.
struct Run
{
	bool may_commit = false;
	bool is_admin = false;
	Oid role = InvalidOid;
	bool moved_clock = false;
	TimestampTz clock = 0;
	MemoryContext context = nullptr; // of the whole call
	List *left = NIL;                // of ItemName: items whose instance somebody else has
	int reruns = 0;                  // in a row
};

bool is_left(const Run &run, const queue::Item &item)
{
	const ListCell *cell = nullptr;
	foreach (cell, run.left)
	{
		const ItemName &name = *static_cast<const ItemName *>(lfirst(cell));
		if (name.queue == static_cast<char>(item.queue) && name.id == item.id)
			return true;
	}
	return false;
}

void leave(Run *run, const queue::Item &item)
{
	pg::in_context(run->context, [&] {
		ItemName *const name = static_cast<ItemName *>(palloc(sizeof(ItemName)));
		*name = name_of(item);
		run->left = lappend(run->left, name);
	});
}

bool admits(void *context, const queue::Item &item)
{
	const Run &run = *static_cast<Run *>(context);
	// A message that is sent cannot be taken back by the caller's transaction.
	if (item.queue == queue::Queue::email && !run.may_commit)
		return false;
	if (is_left(run, item) || (shared != nullptr && is_spoken_for(name_of(item))))
		return false;
	if (run.is_admin)
		return true;
	if (engine::is_ownerless(item))
		return false;
	Oid const owner = engine::owner_of(item);
	return !OidIsValid(owner) || is_member_of_role(run.role, owner);
}

/// Fires all deferred triggers as the present user: at the commit they would run as the caller.
void fire_deferred_triggers()
{
	ConstraintsSetStmt *const all = makeNode(ConstraintsSetStmt);
	all->constraints = NIL;
	all->deferred = false;
	AfterTriggerSetState(all);
}

/// Does an item as its owner; its settings go with it. False if it was left as it is.
bool perform(const Run &run, queue::Item &item)
{
	const engine::Terms terms = engine::terms_of(item);
	Oid const owner = terms.owner;
	Oid user = InvalidOid;
	int security = 0;
	GetUserIdAndSecContext(&user, &security);
	PushActiveSnapshot(GetTransactionSnapshot());
	const int settings_level = NewGUCNestLevel();
	if (OidIsValid(owner))
		SetUserIdAndSecContext(owner, security | SECURITY_LOCAL_USERID_CHANGE);
	const bool done = engine::perform(item, terms);
	if (run.may_commit)
	{
		expr::Current firing;
		firing.owner = owner;
		expr::with_current(firing, fire_deferred_triggers);
	}
	AtEOXact_GUC(false, settings_level);
	SetUserIdAndSecContext(user, security);
	PopActiveSnapshot();
	return done;
}

/// True if the caller's transaction, or patience, is what failed, and not the item.
bool is_callers(const Run &run, const ErrorData *error)
{
	if (pg::is_time_limit(error))
		return false;
	if (!run.may_commit)
		return pg::must_reach_caller(error);
	return ERRCODE_TO_CATEGORY(error->sqlerrcode) == ERRCODE_OPERATOR_INTERVENTION;
}

bool is_rerun(const ErrorData *error)
{
	return ERRCODE_TO_CATEGORY(error->sqlerrcode) == ERRCODE_TRANSACTION_ROLLBACK ||
		   error->sqlerrcode == ERRCODE_LOCK_NOT_AVAILABLE;
}

/// Ends the item's transaction, and puts the virtual clock back, which ended with it.
void commit(Run *run)
{
	if (!run->may_commit)
		return;
	SPI_commit();
	if (run->moved_clock)
		expr::set_clock(run->clock);
}

/// Does one claimed item to its end.
void run_item(Run *run, queue::Item &item)
{
	bool done = false;
	ErrorData *const error = pg::in_subtransaction([&] { done = perform(*run, item); });
	if (error == nullptr)
	{
		if (!done)
			leave(run, item);
		run->reruns = 0;
		return;
	}
	if (is_callers(*run, error))
		ReThrowError(error);
	if (run->may_commit && is_rerun(error) && ++run->reruns <= kMostReruns)
	{
		commit(run);
		WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, kRerunPauseMs * run->reruns,
				  PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		return;
	}
	run->reruns = 0;
	PushActiveSnapshot(GetTransactionSnapshot());
	engine::record_failure(item, error, phase_of(item.queue));
	PopActiveSnapshot();
	// One that stays in its queue has no time of its own at which it is tried again: not in this call.
	if (item.queue == queue::Queue::event || item.queue == queue::Queue::ready)
		leave(run, item);
}

void move_clock(Run *run, TimestampTz instant)
{
	run->moved_clock = true;
	run->clock = instant;
	expr::set_clock(instant);
}

/// Deletes the history that was kept long enough.
void delete_history(Run *run, MemoryContext context)
{
	engine::forget_rounds();
	for (engine::Round round = engine::Round::part; round == engine::Round::part;)
	{
		CHECK_FOR_INTERRUPTS();
		MemoryContextReset(context);
		MemoryContextSwitchTo(context);
		PushActiveSnapshot(GetTransactionSnapshot());
		round = engine::delete_expired();
		PopActiveSnapshot();
		commit(run);
	}
}

/// Does everything there is to do.
void run_all(Run *run, bool has_until, TimestampTz until)
{
	queue::Filter filter;
	filter.admits = admits;
	filter.context = run;
	MemoryContext const item_context = AllocSetContextCreate(run->context, "bpt item", ALLOCSET_DEFAULT_SIZES);
	for (;;)
	{
		CHECK_FOR_INTERRUPTS();
		MemoryContextReset(item_context);
		MemoryContextSwitchTo(item_context);
		const TimestampTz now = expr::now();
		queue::wake_at_abort();
		queue::Item item = queue::claim(now, filter);
		if (item)
		{
			run_item(run, item);
			commit(run);
			continue;
		}
		TimestampTz due = 0;
		if (!has_until || until <= now)
			break;
		if (!queue::next_due_after(now, filter, &due) || due > until)
			due = until;
		move_clock(run, due);
		if (due == until)
			has_until = false;
	}
	delete_history(run, item_context);
	MemoryContextSwitchTo(run->context);
	MemoryContextDelete(item_context);
}

} // namespace

void run(bool may_commit, bool has_until, TimestampTz until)
{
	PreventCommandIfReadOnly("bpt.run()");
	if (OidIsValid(expr::current.owner))
		ereport(ERROR, (errcode(kWrongState), errmsg("bpt.run() cannot be called by a process's own code")));
	// Until release() has adopted the events, none would count as done.
	if (pg::read_home().is_on_other_server)
		ereport(ERROR, (errcode(kWrongState), errmsg("the work of this database is held: it is another server's"),
						errhint("If its processes are to run here, call bpt.release().")));
	Run call;
	call.may_commit = may_commit;
	call.is_admin = engine::is_admin();
	call.role = engine::acting_role();
	queue::begin_run();
	SPI_connect_ext(may_commit ? SPI_OPT_NONATOMIC : 0);
	call.context = CurrentMemoryContext;
	// What the transaction did before is committed first, so that each item's commit is its own.
	commit(&call);
	// Only an administrator may move the clock of the rest of the transaction.
	const int settings_level = may_commit || call.is_admin ? 0 : NewGUCNestLevel();
	run_all(&call, has_until, until);
	// What came meanwhile, or is left, a worker may have found claimed by this call.
	queue::wake_at_commit(0);
	for (int i = 0; i < queue::kRotating && may_commit; i++)
	{
		pg::as_user(pg::extension_owner(), SECURITY_LOCAL_USERID_CHANGE, [&] { queue::rotate(i); });
		commit(&call);
	}
	if (settings_level != 0)
		AtEOXact_GUC(false, settings_level);
	SPI_finish();
}

} // namespace bpt::worker
