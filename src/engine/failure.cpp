// What becomes of a claimed item that failed (engine.hpp): its incident, and what tries it again.
//
// Locks: the item's row (by the claim), the instance's process row.
#include "pg/postgres.hpp"

#include "engine/automatic.hpp"
#include "engine/delivery.hpp"
#include "engine/email.hpp"
#include "engine/engine.hpp"
#include "engine/incident.hpp"
#include "engine/timer.hpp"
#include "engine/work.hpp"
#include "expr/current.hpp"
#include "queue/pack.hpp"

namespace bpt::engine {

namespace ai = activity_instance;
using queue::Item;
using queue::Queue;

namespace {

bool is_crash(const char *phase)
{
	return phase != nullptr && strcmp(phase, "crash") == 0;
}

/// What an activity in error will do again, and under which phase its incident stands.
struct Failing
{
	const char *what;
	const char *phase;
};

Failing failing(const Item &item, const pg::Row &activity)
{
	const bool is_email = static_cast<ActivityKind>(activity.int2(ai::kind)) == ActivityKind::email;
	const char *const running = is_email ? "email" : "statement";
	if (item.queue == Queue::ready)
		switch (ready_what(item))
		{
		case ReadyWhat::look:
			return {pending::kLook, "event"};
		case ReadyWhat::start_child:
			return {pending::kExecute, "statement"};
		case ReadyWhat::child_ended:
			return {pending::kChild, "statement"};
		default:
			return {pending::kStatement, running};
		}
	switch (timer_what(item))
	{
	case TimerWhat::start_date:
		return {pending::kReady, "on_ready"};
	case TimerWhat::timeout:
		return {pending::kTimeout, "timer"};
	case TimerWhat::retry:
	case TimerWhat::schedule:
	case TimerWhat::wake:
		break;
	}
	const char *const what = activity.null(ai::pending) ? pending::kStatement : activity.text(ai::pending);
	if (strcmp(what, pending::kDecision) == 0)
		return {pending::kDecision, "decision"};
	if (strcmp(what, pending::kReady) == 0 || strcmp(what, pending::kReach) == 0)
		return {what, "on_ready"};
	return {what, strcmp(what, pending::kLook) == 0 ? "event" : running};
}

/// A failure of an item of one activity: the activity is in error, a retry timer takes the item's place.
void record_activity_failure(const Item &item, const ErrorData *error, const char *phase, bool last)
{
	const pg::Row process = lock_process(item.process_id);
	pg::Row activity = read_activity(item.activity_id);
	const bool ended = !process || !activity || process_status(process) != ProcessStatus::active ||
					   is_ended(activity_status(activity));
	if (!ended && ended_meanwhile(error))
		return; // the process was suspended: the item waits for it
	done(item);
	if (ended)
		return;
	const Failing failed = failing(item, activity);
	const bool timeout = strcmp(failed.what, pending::kTimeout) == 0;
	put_in_error(instance_of(process), activity, failed.what, is_crash(phase) ? "crash" : failed.phase, error, 0,
				 !timeout, last);
	if (timeout && !activity.null(ai::next_run))
		queue::have_timer(activity.instant(ai::next_run), item.process_id, item.activity_id, TimerWhat::timeout);
}

/// A failure of an event: its only target is retried; of several, targets or changes, each is tried by itself, as it is not
/// known which failed.
void record_event_failure(const Item &item, const ErrorData *error, const char *phase, bool last)
{
	queue::Event event = queue::read_event(item.row);
	EventTarget *targets = nullptr;
	const int count = targets_of(event, &targets);
	const bool is_known = count == 1 && event.more == nullptr;
	queue::Unpacking further = queue::unpack(event);
	do
	{
		for (int i = 0; i < count; i++)
			put_aside(event, targets[i], is_known ? error : nullptr, phase, last);
	} while (queue::next_change(&further, &event));
	if (count > 0)
	{
		done(item);
		return;
	}
	Subject subject;
	subject.event_id = item.id;
	record_incident(subject, "event", 1, error, 0);
}

} // namespace

void record_failure(Item &item, const ErrorData *error, const char *phase, bool last)
{
	expr::Current work;
	work.by_worker = true;
	expr::with_current(work, [&] {
		if (is_timer(item))
			return record_timer_failure(item, error, phase, last);
		const char *const event_phase = is_crash(phase) ? "crash" : "event";
		switch (item.queue)
		{
		case Queue::event:
			record_event_failure(item, error, event_phase, last);
			break;
		case Queue::delivery:
			fail_delivery(item.row, error, event_phase, last);
			pg::update("queue_delivery", item.row);
			queue::wake_at_commit(item.row.instant(queue_delivery::next_run));
			break;
		case Queue::ready:
			if (ready_what(item) == ReadyWhat::go_on)
			{
				Subject subject;
				subject.process_id = item.process_id;
				record_incident(subject, "statement", 1, error, 0);
			}
			else
				record_activity_failure(item, error, phase, last);
			break;
		case Queue::timer:
			record_activity_failure(item, error, phase, last);
			break;
		case Queue::email:
			fail_email(item, error, is_crash(phase) ? "crash" : "email", last);
			break;
		}
	});
}

} // namespace bpt::engine
