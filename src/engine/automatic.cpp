// Running automatic activities (automatic.hpp).
//
// Locks: what the statements take as the owner, then the instance's process row.
#include "pg/postgres.hpp"

#include "engine/activity.hpp"
#include "engine/automatic.hpp"
#include "engine/callback.hpp"
#include "expr/clock.hpp"
#include "pg/errors.hpp"
#include "pg/timeout.hpp"

namespace bpt::engine {

namespace {

constexpr const char *kEndedMeanwhile = "the activity has ended while its statements ran";
constexpr int64 kDefaultTimeLimit = 300000; // ms, as in BPT

/// TIME LIMIT in milliseconds; the worker that runs the statements is cancelled after it.
int64 time_limit_of(expr::Definition *definition, const core::Element &model)
{
	if (!model.time_limit)
		return kDefaultTimeLimit;
	bool isnull = true;
	const Datum value =
		expr::evaluate(expr::code(definition, model.time_limit, expr::Site{}, expr::CodeKind::value, INTERVALOID),
					   expr::Values{}, &isnull);
	if (isnull)
		return kDefaultTimeLimit;
	const Interval *const interval = DatumGetIntervalP(value);
	return interval->time / 1000 + (interval->day + interval->month * int64{30}) * 86400000;
}

/// True while the activity is one that its statements may run for.
bool is_due(const pg::Row &activity)
{
	const ActivityStatus status = activity_status(activity);
	return status == ActivityStatus::ready || status == ActivityStatus::error;
}

} // namespace

void run_automatic(const Instance &instance, const pg::Row &activity)
{
	expr::Definition *const definition = instance.definition;
	Scope scope = scope_of(instance, activity);
	const core::Element &model = *definition->elements[scope.element].model;
	expr::Site site;
	site.element = scope.element;
	Change change;
	as_work(scope, false, [&] {
		pg::time_limited(time_limit_of(definition, model), [&] {
			for (const core::Statement &statement : model.statements)
			{
				const expr::StatementResult result =
					expr::run_statement(expr::code(definition, statement.sql, site, expr::CodeKind::statement),
										values_of(&scope), statement.strict);
				take_outputs(scope, result, &change.outputs);
			}
		});
	});

	if (!lock_process(instance.id) || !is_running(instance.id) || !is_due(read_activity(scope.activity_id)))
		ereport(ERROR, (errcode(kWrongState), errmsg("%s", kEndedMeanwhile)));
	Advance a = begin_advance(instance);
	before_end(scope, Ending::closed, change);
	end_activity(a, scope.activity_id, Ending::closed, change);
	run(a);
}

bool ended_meanwhile(const ErrorData *error)
{
	return error->sqlerrcode == kWrongState && error->message != nullptr &&
		   strcmp(error->message, kEndedMeanwhile) == 0;
}

} // namespace bpt::engine
