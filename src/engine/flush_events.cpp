// A task handles its pending events at once (actions.hpp).
//
// Its events are those that its listeners hear and that one snapshot sees and shows as not done, and the deliveries of them
// that wait for its instance. They are not claimed: whatever else they concern is left to the workers, and this listener is
// born anew at that snapshot, so that none of them reaches it again; what is not seen yet still does. A worker that has found
// the listener before asks again under the instance's lock (deliver.cpp). What fails becomes a delivery that is retried.
//
// Locks: the instance's process row, for the whole action; a failed delivery's row, which is never waited for.
#include "pg/postgres.hpp"

#include "engine/actions.hpp"
#include "engine/deliver.hpp"
#include "engine/delivery.hpp"
#include "engine/task.hpp"
#include "pg/arena.hpp"
#include "pg/bracket.hpp"
#include "pg/errors.hpp"
#include "pg/home.hpp"
#include "queue/undone.hpp"
#include "queue/work.hpp"

namespace bpt::engine {

namespace qd = queue_delivery;

namespace {

/// An event that a task has not handled yet, by one of its clauses.
struct Pending
{
	queue::Event event;
	EventTarget target;
	int64 delivery_id; // of one that has failed before, else 0
};

struct PendingEvents
{
	core::Arena arena;
	core::Vec<Pending> list;
	entity::Birth birth;

	/// Adds one behind those that came before it.
	void add(const Pending &one)
	{
		list.push(arena, one);
		for (int i = list.count - 1; i > 0 && list[i - 1].event.id > one.event.id; i--)
		{
			list[i] = list[i - 1];
			list[i - 1] = one;
		}
	}
	bool has(int64 event_id, int64 event_def_id) const
	{
		for (int i = list.count - 1; i >= 0 && list[i].event.id >= event_id; i--)
			if (list[i].event.id == event_id && list[i].target.event_def_id == event_def_id)
				return true;
		return false;
	}
};

/// Adds what of the events is put aside for the instance: in failed deliveries of the task's own, and in waiting ones of the
/// task, of no listener in particular, or of one that has ended.
void add_deliveries(const Task &task, PendingEvents *pending)
{
	pg::each("queue_delivery", "queue_delivery_process", {pg::key(task.instance.id)}, [&](const pg::Row &row) {
		EventTarget target = target_of(row);
		const bool is_own = target.activity_id == task.id();
		const pg::Row other = is_own || target.activity_id == 0 ? pg::Row{} : read_activity(target.activity_id);
		if (static_cast<DeliveryStatus>(row.int2(qd::status)) == DeliveryStatus::failed ||
			(target.has_failed && !is_own) || (other && !is_ended(activity_status(other))))
			return true;
		target.activity_id = task.id();
		const queue::Event event = queue::read_delivery(row);
		if (target.has_failed || entity::is_reached(event, target.event_def_id, target.activity_id))
			pending->add(Pending{event, target, target.has_failed ? row.int8(qd::id) : 0});
		return true;
	});
}

/// Adds the events that nobody has come to.
void add_events(const Task &task, PendingEvents *pending)
{
	const core::Vec<pg::Row> listeners = entity::listeners_of(task.id());
	if (listeners.empty())
		return;
	MemoryContext const context = CurrentMemoryContext;
	queue::each_undone(GetActiveSnapshot(), [&](const pg::Row &row) {
		const queue::Event seen = queue::read_event(row);
		for (const pg::Row &listener : listeners)
		{
			const int64 clause = listener.int8(listener::event_def_id);
			if (!entity::hears(listener, seen) || pending->has(seen.id, clause))
				continue;
			pg::in_context(context, [&] {
				queue::Event event = queue::read_event(row);
				event.more = nullptr; // only launches
				pending->add(Pending{event, EventTarget{clause, 0, 0, task.instance.id, task.id()}, 0});
			});
		}
	});
}

/// All that the task has not handled, in order.
PendingEvents pending_events(const Task &task)
{
	PendingEvents pending{pg::arena_in(CurrentMemoryContext), {}, {}};
	pg::with_latest_snapshot([&] {
		pending.birth = entity::present_birth();
		add_deliveries(task, &pending);
		add_events(task, &pending);
	});
	return pending;
}

/// Handles one event. True if it met the condition. What fails beyond the caller is recorded and tried again.
bool handle(Pending &one)
{
	pg::Row delivery;
	if (one.delivery_id != 0)
	{
		delivery = pg::find("queue_delivery", "queue_delivery_pkey", {pg::key(one.delivery_id)}, pg::Lock::update_skip);
		if (!delivery)
			return false; // a worker is at it: it will try again when the instance is free
	}
	Delivered result = Delivered::done;
	ErrorData *const error = try_user_code([&] { result = deliver(one.event, one.target); });
	if (error == nullptr)
	{
		if (delivery)
			pg::remove("queue_delivery", delivery);
		return result == Delivered::done;
	}
	if (!delivery)
		put_aside(one.event, one.target, error);
	else
	{
		fail_delivery(delivery, error, "event");
		pg::update("queue_delivery", delivery);
		queue::wake_at_commit(delivery.instant(qd::next_run));
	}
	clear_running();
	return true;
}

} // namespace

int32 flush_events(int64 activity_id)
{
	// Until release() has adopted the events, what is done of them is not known.
	if (pg::read_home().is_on_other_server)
		ereport(ERROR, (errcode(kWrongState), errmsg("the work of this database is held: it is another server's"),
						errhint("If its processes are to run here, call bpt.release().")));
	const Task task = begin_action(activity_id);
	require_human(task, "made to handle its events");
	// A worker may have been faster.
	if (is_ended(task.status()))
		return 0;
	require_not_suspended(task);
	PendingEvents pending = pending_events(task);
	if (pending.list.empty())
		return 0;
	int32 handled = 0;
	expr::Current work = expr::current;
	work.user = nullptr; // nobody acts: the events do
	work.by_worker = false;
	const auto is_over = [&] { return is_ended(activity_status(read_activity(activity_id))); };
	expr::with_current(work, [&] {
		for (Pending &one : pending.list)
			if (!is_over())
				handled += handle(one) ? 1 : 0;
	});
	if (!is_over())
		entity::begin_anew(activity_id, pending.birth);
	return handled;
}

} // namespace bpt::engine
