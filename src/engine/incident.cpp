// Incidents and retries (incident.hpp).
#include "pg/postgres.hpp"

#include "engine/callback.hpp"
#include "engine/incident.hpp"
#include "engine/scope.hpp"
#include "expr/clock.hpp"
#include "expr/current.hpp"
#include "expr/length.hpp"
#include "pg/errors.hpp"
#include "queue/work.hpp"

extern "C" {
#include "utils/fmgrprotos.h"
}

namespace bpt::engine {

namespace ai = activity_instance;

namespace {

constexpr double kSecond = 1000000.0;
constexpr double kDefaultDelay = 1.0 * kSecond;
constexpr double kDefaultBackoff = 4.0;
constexpr double kEveryBackoff = 2.0;
constexpr double kDay = 86400.0 * kSecond;
constexpr double kLongestDelay = kDay;
constexpr double kThousandYears = 365250.0 * kDay; // what EVERY and BACKOFF can reach; far below where instants end

/// factor^(n-1) without the C library's pow, which would be one more dependency for small whole exponents.
double power(double factor, int n)
{
	double result = 1.0;
	for (int i = 1; i < n && result < kThousandYears; i++)
		result *= factor;
	return result;
}

void set_id(pg::Row &row, int column, int64 id)
{
	if (id != 0)
		row.set(column, Int64GetDatum(id));
}

} // namespace

int64 record_incident(const Subject &subject, const char *phase, int attempt, const ErrorData *error,
					  TimestampTz next_run)
{
	pg::Row row = pg::new_row("incident");
	const int64 id = pg::next_id("incident_id");
	row.set(incident::id, Int64GetDatum(id));
	row.set(incident::instant, TimestampTzGetDatum(expr::now()));
	set_id(row, incident::process_id, subject.process_id);
	set_id(row, incident::process_def_id, subject.process_def_id);
	set_id(row, incident::activity_id, subject.activity_id);
	set_id(row, incident::activity_def_id, subject.activity_def_id);
	set_id(row, incident::event_id, subject.event_id);
	row.set_text(incident::phase, running_phase != nullptr ? running_phase : phase);
	row.set(incident::attempt, Int32GetDatum(attempt));
	row.set_text(incident::sqlstate, unpack_sql_state(error->sqlerrcode));
	row.set_text(incident::message, error->message != nullptr ? error->message : "(no message)");
	row.set_text(incident::detail, error->detail);
	row.set_text(incident::hint, error->hint);
	row.set_text(incident::context, error->context);
	row.set_text(incident::statement, expr::running_sql.empty()
										  ? error->internalquery
										  : pnstrdup(expr::running_sql.data(), expr::running_sql.size()));
	clear_running();
	row.set_text(incident::user_id, expr::current.user);
	row.set(incident::worker_pid, Int32GetDatum(MyProcPid));
	if (next_run != 0)
		row.set(incident::next_run, TimestampTzGetDatum(next_run));
	pg::insert("incident", row);
	return id;
}

bool next_retry(expr::Definition *definition, const core::Retry &retry, int attempt, TimestampTz *instant)
{
	if (retry.given && retry.times >= 0 && attempt > retry.times)
		return false;
	double first = kDefaultDelay;
	double backoff = kDefaultBackoff;
	if (retry.given && retry.every)
	{
		expr::as_owner(definition, [&] { first = static_cast<double>(expr::length_of(definition, retry.every)); });
		backoff = kEveryBackoff;
	}
	if (retry.given && !retry.backoff.empty())
		backoff = DatumGetFloat8(
			DirectFunctionCall1(float8in, CStringGetDatum(pnstrdup(retry.backoff.data(), retry.backoff.size()))));
	double delay = first * power(backoff, attempt);
	if (!(retry.given && retry.every) && delay > kLongestDelay)
		delay = kLongestDelay;
	if (delay > kThousandYears)
		delay = kThousandYears;
	*instant = expr::now() + static_cast<int64>(delay);
	return true;
}

void put_in_error(const Instance &instance, pg::Row &activity, const char *what, const char *phase,
				  const ErrorData *error, int64 event_id, bool timer, bool last)
{
	const int element = element_of(instance, activity);
	const int attempt = activity.int4(ai::error_count) + 1;
	const core::Element &model = *instance.definition->elements[element].model;
	TimestampTz next = 0;
	const bool again =
		!last && next_retry(instance.definition, model.kind == core::Kind::automatic ? model.retry : core::Retry{},
							attempt, &next);

	Subject subject;
	subject.process_id = instance.id;
	subject.process_def_id = instance.definition->id;
	subject.activity_id = activity.int8(ai::id);
	subject.activity_def_id = activity.int8(ai::activity_def_id);
	subject.event_id = event_id;
	move_to(activity, again ? ActivityStatus::error : ActivityStatus::failed);
	activity.set(ai::error_count, Int32GetDatum(attempt));
	// A refusal is expected: it is counted, and no error that anybody should look for.
	if (error->sqlerrcode == kAbortActivityChange &&
		(strcmp(phase, "on_ready") == 0 || strcmp(what, pending::kExecute) == 0))
	{
		activity.set(ai::refusals, Int32GetDatum(activity.int4(ai::refusals) + 1));
		activity.set_text(ai::last_refusal, error->message);
	}
	else
		activity.set(ai::last_error_id,
					 Int64GetDatum(record_incident(subject, phase, attempt, error, again ? next : 0)));
	activity.set_text(ai::pending, what);
	if (again)
		activity.set(ai::next_run, TimestampTzGetDatum(next));
	else
		activity.set_null(ai::next_run);
	save(Kept::activity, activity);
	if (again && timer)
		queue::have_timer(next, instance.id, subject.activity_id, TimerWhat::retry);
}

} // namespace bpt::engine
