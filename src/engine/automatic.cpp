// Running automatic activities and emails (automatic.hpp).
//
// Locks: what the statements take as the owner, then the instance's process row.
#include "pg/postgres.hpp"

#include "engine/automatic.hpp"
#include "engine/callback.hpp"
#include "engine/email.hpp"
#include "engine/ending.hpp"
#include "engine/engine.hpp"
#include "expr/clock.hpp"
#include "expr/current.hpp"
#include "expr/length.hpp"
#include "pg/errors.hpp"
#include "pg/timeout.hpp"
#include "queue/work.hpp"

namespace bpt::engine {

void (*on_run_in_line)(int64 process_id, const char *process, int64 activity_id, const char *activity) = nullptr;

namespace {

constexpr const char *kEndedMeanwhile = "the activity has ended while its statements ran";
constexpr int64 kDefaultTimeLimit = 300000; // ms, as in BPT
constexpr int64 kQuick = 5000;              // µs: what may run while its instance is locked
constexpr int64 kSlow = 20000;              // µs: what may not run while what was done before it waits for its commit

/// True while the activity is one that its statements may run for.
bool is_due(const pg::Row &activity)
{
	const ActivityStatus status = activity_status(activity);
	return status == ActivityStatus::ready || status == ActivityStatus::error;
}

/// Runs the statements; their columns become outputs.
void run_statements(Scope &scope, Change &change)
{
	expr::Definition *const definition = scope.instance.definition;
	expr::Site site;
	site.element = scope.element;
	for (const core::Statement &statement : definition->elements[scope.element].model->statements)
	{
		const expr::StatementResult result =
			expr::run_statement(expr::code(definition, statement.sql, site, expr::CodeKind::statement),
								values_of(&scope), statement.strict);
		take_outputs(scope, result, &change.outputs);
	}
}

/// Does what an AUTOMATIC or EMAIL is for, as the owner, under the time limit.
void do_work(Scope &scope, Change &change)
{
	expr::Definition *const definition = scope.instance.definition;
	expr::Element &element = definition->elements[scope.element];
	const TimestampTz start = GetCurrentTimestamp();
	as_work(scope, false, [&] {
		pg::time_limited(time_limit_of(definition, *element.model), [&] {
			if (element.model->kind == core::Kind::email)
				queue_email(scope);
			else
				run_statements(scope, change);
		});
	});
	// Smoothed: that the processor was another's for a moment does not make an activity slow.
	const int64 duration = GetCurrentTimestamp() - start;
	element.usual_duration = element.usual_duration < 0 ? duration : (7 * element.usual_duration + duration) / 8;
}

} // namespace

void run_automatic(const pg::Row &seen, const pg::Row &activity)
{
	const Instance instance = instance_of(seen);
	Scope scope = scope_of(instance, activity);
	know_process(&scope, seen);
	Change change;
	do_work(scope, change);
	// If its own statements have suspended the process, it ends nevertheless, and nothing after it begins.
	const bool is_mine = is_in_hand(Kept::process, instance.id);
	const pg::Row process = lock_process_again(seen, false);
	const pg::Row now =
		is_mine || !process ? read_activity(scope.activity_id) : read_activity_locked(activity, seen, process);
	if (!process || !(is_mine ? is_active(instance.id) : is_running(instance.id)) || !is_due(now))
	{
		// What its own statements have done to it stands; what others have done undoes the statements.
		if (now && TransactionIdIsCurrentTransactionId(now.xmin))
			return;
		ereport(ERROR, (errcode(kWrongState), errmsg("%s", kEndedMeanwhile)));
	}
	Advance a = begin_advance(instance);
	before_end(scope, Ending::closed, change);
	end_activity(a, scope.activity_id, Ending::closed, change);
	run(a);
}

int64 time_limit_of(expr::Definition *definition, const core::Element &model)
{
	return model.time_limit ? expr::length_in_ms(definition, model.time_limit) : kDefaultTimeLimit;
}

bool may_take_long(const expr::Definition *definition, int element)
{
	const int64 usual = definition->elements[element].usual_duration;
	return usual < 0 || usual > kSlow;
}

bool may_run_in_line(const expr::Definition *definition, int element)
{
	const expr::Element &which = definition->elements[element];
	return expr::current.may_run_on && !which.model->commit_each && which.usual_duration >= 0 &&
		   which.usual_duration <= kQuick;
}

void run_in_line(Advance &a, int64 activity_id)
{
	const pg::Row activity = read_activity(activity_id);
	if (!is_due(activity))
		return;
	if (!may_begin_statements())
	{
		queue::add_ready(a.instance.id, activity_id, ReadyWhat::run, a.instance.priority);
		return;
	}
	Scope scope = scope_of(a.instance, activity);
	Change change;
	if (on_run_in_line != nullptr)
		on_run_in_line(a.instance.id, a.instance.definition->name, activity_id, name_of(a.instance, scope.element));
	a.after_event = 0; // what is reached from here on was not made by delivering the event
	expr::Current work = expr::current;
	work.event_id = 0;
	expr::with_current(work, [&] {
		do_work(scope, change);
		if (!is_active(a.instance.id) || !is_due(read_activity(activity_id)))
			return; // ended by its own statements
		before_end(scope, Ending::closed, change);
		end_activity(a, activity_id, Ending::closed, change);
	});
}

bool ended_meanwhile(const ErrorData *error)
{
	return error->sqlerrcode == kWrongState && error->message != nullptr &&
		   strcmp(error->message, kEndedMeanwhile) == 0;
}

} // namespace bpt::engine
