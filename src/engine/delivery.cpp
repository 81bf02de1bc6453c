// Deliveries that were put aside (delivery.hpp).
//
// Locks: the process row of an instance of which a delivery fails, waited for.
#include "pg/postgres.hpp"

#include "engine/activity.hpp"
#include "engine/conditional_start.hpp"
#include "engine/delivery.hpp"
#include "engine/event_def.hpp"
#include "engine/incident.hpp"
#include "engine/light.hpp"
#include "engine/locks.hpp"
#include "expr/clock.hpp"
#include "pg/errors.hpp"
#include "queue/work.hpp"

namespace bpt::engine {

namespace ai = activity_instance;
namespace qd = queue_delivery;

namespace {

/// The transaction that found no delivery waiting, with the slot's lock of those whose order counts.
LocalTransactionId none_waits_in = InvalidLocalTransactionId;

/// What else than this event by this clause has failed at an activity.
struct OtherFailures
{
	bool any = false;
	TimestampTz next_run = DT_NOEND; // of that which is tried again first
};

OtherFailures other_failures(int64 event_id, const EventTarget &target)
{
	OtherFailures others;
	pg::each("queue_delivery", "queue_delivery_process", {pg::key(target.process_id)}, [&](const pg::Row &row) {
		if (row.int8(qd::activity_id) != target.activity_id || row.int4(qd::error_count) == 0 ||
			(row.int8(qd::event_id) == event_id && row.int8(qd::event_def_id) == target.event_def_id))
			return true;
		others.any = true;
		if (static_cast<DeliveryStatus>(row.int2(qd::status)) == DeliveryStatus::retrying)
			others.next_run = Min(others.next_run, row.instant(qd::next_run));
		return true;
	});
	return others;
}

/// Whom the incident of a launch is about, and when the event is tried again: by the default rule, or by that of a light
/// process's AUTOMATIC. False: its attempts are used up.
bool judge_launch(const EventTarget &target, int attempt, Subject *subject, const char **phase, TimestampTz *next)
{
	subject->process_def_id = process_of_event_def(target.event_def_id);
	bool again = next_retry(nullptr, core::Retry{}, attempt, next);
	// Where the definition cannot be loaded or has no owner any more, the default rule stays.
	(void)pg::in_subtransaction([&] {
		expr::Definition *const definition = definition_of(target);
		if (!definition->model->is_light)
			return;
		const expr::Element &element = definition->elements[light_element(definition)];
		subject->activity_def_id = element.id;
		if (strcmp(*phase, "event") == 0)
			*phase = "statement";
		again = next_retry(definition, element.model->retry, attempt, next);
	});
	return again;
}

/// What a failure of an event itself comes to be told as: where something is missing that its clause names, what can be done.
ErrorData advised(const ErrorData *error, const char *phase)
{
	ErrorData told = *error;
	const int code = error->sqlerrcode;
	if (told.hint == nullptr && strcmp(phase, "event") == 0 &&
		(code == ERRCODE_UNDEFINED_COLUMN || code == ERRCODE_UNDEFINED_TABLE || code == ERRCODE_UNDEFINED_FUNCTION))
		told.hint =
			pstrdup("An event is handled by the version of the process for which it was recorded. Put back what "
					"that version names, also for the time of bpt.event_retry() only, or give the event up with "
					"bpt.event_discard().");
	return told;
}

} // namespace

EventTarget target_of(const pg::Row &delivery)
{
	return {delivery.int8(qd::event_def_id),   delivery.int4(qd::version),     0,
			delivery.int8(qd::process_id),     delivery.int8(qd::activity_id), delivery.int4(qd::error_count) == 0,
			delivery.int4(qd::error_count) > 0};
}

bool was_none_put_aside()
{
	return none_waits_in == bpt_local_transaction_id();
}

bool is_any_put_aside()
{
	const bool found = pg::find("queue_delivery", "queue_delivery_due", {}).found;
	none_waits_in = found ? InvalidLocalTransactionId : bpt_local_transaction_id();
	return found;
}

void put_aside(const queue::Event &event, const EventTarget &target, const ErrorData *failure, const char *phase,
			   bool last)
{
	pg::Row row = pg::new_row("queue_delivery");
	TimestampTz next = expr::now();
	row.set(qd::id, Int64GetDatum(pg::next_id("delivery_id")));
	row.set(qd::event_id, Int64GetDatum(event.id));
	row.set(qd::xid, FullTransactionIdGetDatum(event.xid));
	row.set(qd::entity_id, Int64GetDatum(event.entity_id));
	row.set(qd::operation, CharGetDatum(event.operation));
	row.set_text(qd::key, event.key);
	if (event.payload != nullptr)
		row.set(qd::payload, JsonbPGetDatum(event.payload));
	row.set(qd::created, TimestampTzGetDatum(event.created));
	row.set(qd::event_def_id, Int64GetDatum(target.event_def_id));
	row.set(qd::version, Int32GetDatum(target.version));
	row.set(qd::untested, BoolGetDatum(event.untested));
	row.set(qd::process_id, Int64GetDatum(target.process_id));
	row.set(qd::activity_id, Int64GetDatum(target.activity_id));
	row.set(qd::status, Int16GetDatum(static_cast<int16>(DeliveryStatus::waiting)));
	row.set(qd::error_count, Int32GetDatum(0));
	row.set(qd::next_run, TimestampTzGetDatum(next));
	if (failure != nullptr)
		fail_delivery(row, failure, phase, last);
	pg::insert("queue_delivery", row);
	none_waits_in = InvalidLocalTransactionId;
	queue::wake_at_commit(row.instant(qd::next_run));
}

void fail_delivery(pg::Row &row, const ErrorData *error, const char *phase, bool last)
{
	const EventTarget target = target_of(row);
	const int64 event_id = row.int8(qd::event_id);
	const int attempt = row.int4(qd::error_count) + 1;
	TimestampTz next = 0;
	next_retry(nullptr, core::Retry{}, attempt, &next);
	int64 incident_id = 0;
	if (target.process_id != 0)
	{
		const pg::Row process = lock_process(target.process_id);
		pg::Row activity = read_activity(target.activity_id);
		if (process && activity && !is_ended(activity_status(activity)))
		{
			// What goes on listening has failed as often as this event has.
			if (is_listening_row(activity))
				activity.set(ai::error_count, Int32GetDatum(attempt - 1));
			const ErrorData told = advised(error, phase);
			put_in_error(instance_of(process), activity, pending::kEvent, phase, &told, event_id, false, last);
			incident_id = activity.int8(ai::last_error_id);
			next = activity.null(ai::next_run) ? next : activity.instant(ai::next_run);
			const OtherFailures others = other_failures(event_id, target);
			if (others.next_run < next)
			{
				move_to(activity, ActivityStatus::error);
				activity.set(ai::next_run, TimestampTzGetDatum(others.next_run));
				save(Kept::activity, activity);
			}
		}
	}
	else
	{
		Subject subject;
		subject.event_id = event_id;
		last = !judge_launch(target, attempt, &subject, &phase, &next) || last;
		const ErrorData told = advised(error, phase);
		incident_id = record_incident(subject, phase, attempt, &told, last ? 0 : next);
	}
	row.set(qd::status, Int16GetDatum(static_cast<int16>(last ? DeliveryStatus::failed : DeliveryStatus::retrying)));
	row.set(qd::error_count, Int32GetDatum(attempt));
	row.set(qd::next_run, TimestampTzGetDatum(last ? DT_NOEND : next));
	if (incident_id != 0)
		row.set(qd::last_error_id, Int64GetDatum(incident_id));
}

void end_error(int64 event_id, const EventTarget &target)
{
	pg::Row activity = read_activity(target.activity_id);
	const char *const what = activity ? activity.text(ai::pending) : nullptr;
	if (what == nullptr || strcmp(what, pending::kEvent) != 0 || is_ended(activity_status(activity)))
		return;
	const OtherFailures others = other_failures(event_id, target);
	const bool is_tried = others.next_run != DT_NOEND;
	move_to(activity, !others.any ? resting_status(activity)
					  : is_tried  ? ActivityStatus::error
								  : ActivityStatus::failed);
	if (is_tried)
		activity.set(ai::next_run, TimestampTzGetDatum(others.next_run));
	else
		activity.set_null(ai::next_run);
	if (!others.any)
		activity.set_null(ai::pending);
	save(Kept::activity, activity);
}

} // namespace bpt::engine
