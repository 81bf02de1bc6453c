// How an activity begins (activity.hpp).
#include "pg/postgres.hpp"

#include "engine/activity.hpp"
#include "engine/already.hpp"
#include "engine/automatic.hpp"
#include "engine/callback.hpp"
#include "engine/incident.hpp"
#include "engine/offer.hpp"
#include "engine/taskbox.hpp"
#include "engine/users.hpp"
#include "entity/entity.hpp"
#include "expr/clock.hpp"
#include "expr/current.hpp"
#include "queue/work.hpp"

namespace bpt::engine {

namespace ai = activity_instance;

namespace {

/// Sets a column from a text clause, where the element has it.
void set_text_clause(pg::Row &row, int column, Scope &scope, const core::TextValue &clause)
{
	if (clause)
		row.set_text(
			column, expr::text_of(scope.instance.definition, clause, expr::own_site(scope.element), values_of(&scope)));
}

bool is_expression(const core::TextValue &clause)
{
	return clause.kind == core::TextValue::Kind::expression;
}

/// Evaluates what is evaluated once, after ON READY, and stored with the task or wait.
void evaluate_clauses(Scope &scope, pg::Row &row)
{
	expr::Definition *const definition = scope.instance.definition;
	const core::Element &model = *definition->elements[scope.element].model;
	const expr::Site site = expr::own_site(scope.element);
	const expr::Values values = values_of(&scope);
	as_work(scope, false, [&] {
		const auto set_name = [&](int column, const char *what, const core::Sql &clause) {
			bool isnull = true;
			const Datum text =
				expr::evaluate(expr::code(definition, clause, site, expr::CodeKind::text), values, &isnull);
			const char *const name = isnull ? nullptr : expr::to_text(text, false, TEXTOID);
			require_name(what, name);
			row.set_text(column, name);
		};
		if (model.user)
			set_name(ai::user_id, "USER", model.user);
		if (model.group)
			set_name(ai::group_id, "GROUP", model.group);
		set_text_clause(row, ai::destination, scope, model.destination);
		if (model.detail)
			set_text_clause(row, ai::detail, scope, model.detail);
		else if (model.kind == core::Kind::human && definition->model->detail)
			row.set_text(ai::detail, read_process(scope.instance.id).text(process_instance::label));
		if (is_expression(model.label))
			set_text_clause(row, ai::label, scope, model.label);
		if (is_expression(model.instructions))
			set_text_clause(row, ai::instructions, scope, model.instructions);
		TimestampTz instant = 0;
		if (model.due && expr::instant_of(definition, model.due, site, values, &instant))
			row.set(ai::due_date, TimestampTzGetDatum(instant));
		if (model.timeout && expr::instant_of(definition, model.timeout, site, values, &instant))
			row.set(ai::timeout, TimestampTzGetDatum(instant));
	});
}

/// True for what a worker runs in a transaction of its own.
bool is_run(core::Kind kind)
{
	return kind == core::Kind::automatic || kind == core::Kind::email;
}

/// Evaluates START DATE into the row; true if the activity need not wait for it.
bool is_due(Scope &scope, pg::Row &activity)
{
	expr::Definition *const definition = scope.instance.definition;
	const core::Element &model = *definition->elements[scope.element].model;
	TimestampTz start = 0;
	bool given = false;
	if (model.start_date)
		as_work(scope, false, [&] {
			given = expr::instant_of(definition, model.start_date, expr::own_site(scope.element), values_of(&scope),
									 &start);
		});
	if (given)
		activity.set(ai::start_date, TimestampTzGetDatum(start));
	return !given || start <= expr::now();
}

/// True if what was evaluated for an activity has ended it: then it stays as it ended.
bool was_ended_by_clauses(const pg::Row &activity)
{
	return is_ended(activity_status(read_activity(activity.int8(ai::id))));
}

/// Leaves an activity to the timer of its start date.
void put_off(const Instance &instance, pg::Row &activity)
{
	if (was_ended_by_clauses(activity))
		return;
	move_to(activity, ActivityStatus::scheduled);
	activity.set_null(ai::next_run);
	activity.set_null(ai::pending);
	save(Kept::activity, activity);
	queue::add_timer(activity.instant(ai::start_date), instance.id, activity.int8(ai::id), TimerWhat::start_date);
}

/// Writes down that a task or wait is ready, with all that was evaluated for it, offers it, and has it listen.
void begin_resting(Advance &a, pg::Row &activity, const core::Vec<entity::Heard> &heard)
{
	const int64 id = activity.int8(ai::id);
	if (was_ended_by_clauses(activity))
		return;
	const bool was_ready = !activity.null(ai::ready);
	move_to(activity, resting_status(activity));
	activity.set(ai::ready, TimestampTzGetDatum(expr::now()));
	activity.set_null(ai::next_run);
	activity.set_null(ai::pending);
	save(Kept::activity, activity);
	if (static_cast<ActivityKind>(activity.int2(ai::kind)) == ActivityKind::human)
	{
		if (was_ready)
			forget_seen(id);
		write_offers(a.instance, activity);
		const int element = element_of(a.instance, activity);
		a.tasks.push(a.arena, ReadyTask{element, id, &a.instance.definition->elements[element]});
	}
	if (!activity.null(ai::timeout))
		queue::add_timer(activity.instant(ai::timeout), a.instance.id, id, TimerWhat::timeout);
	entity::listen(heard, a.instance.id, id, a.after_event);
}

/// What the clauses of a new task or wait give, where nothing of it writes: a subtransaction that writes nothing costs
/// no transaction id, and 32 of them are not too many. Null: it is ready, or waits for its start date.
ErrorData *reach_quietly(Advance &a, const pg::Row &row)
{
	pg::Row activity = row;
	bool due = false;
	core::Vec<entity::Heard> heard;
	ErrorData *const error = try_user_code([&] {
		Scope scope = scope_of(a.instance, activity);
		due = is_due(scope, activity);
		if (!due)
			return;
		evaluate_clauses(scope, activity);
		heard = heard_by(scope);
	});
	if (error != nullptr)
		return error;
	if (due)
		begin_resting(a, activity, heard);
	else
		put_off(a.instance, activity);
	return nullptr;
}

} // namespace

pg::Row new_activity(const Instance &instance, const Step &step, ActivityStatus status)
{
	const expr::Element &element = instance.definition->elements[step.element];
	pg::Row row = pg::new_row("activity_instance");
	row.set(ai::id, Int64GetDatum(pg::next_id("activity_id")));
	row.set(ai::process_id, Int64GetDatum(instance.id));
	row.set(ai::activity_def_id, Int64GetDatum(element.id));
	row.set(ai::kind, Int16GetDatum(static_cast<int16>(kind_of(element.model->kind))));
	row.set(ai::status, Int16GetDatum(static_cast<int16>(status)));
	row.set(ai::created, TimestampTzGetDatum(expr::now()));
	if (step.precedent != 0)
		row.set(ai::precedent_activity_id, Int64GetDatum(step.precedent));
	row.set_text(ai::precedent_outcome, step.outcome);
	if (step.flow != 0)
		row.set(ai::flow_id, Int64GetDatum(step.flow));
	return row;
}

void reach(Advance &a, const Step &step)
{
	const core::Element &model = *a.instance.definition->elements[step.element].model;
	const bool automatic = is_run(model.kind);
	pg::Row row = new_activity(a.instance, step, automatic ? ActivityStatus::ready : ActivityStatus::scheduled);
	if (automatic && !model.start_date)
	{
		// Nothing of its own can fail before a worker runs it.
		row.set(ai::ready, row.at(ai::created));
		save(Kept::activity, row);
		if (may_run_in_line(a.instance.definition, step.element))
			a.chain.push(a.arena, row.int8(ai::id));
		else
			queue::add_ready(a.instance.id, row.int8(ai::id), ReadyWhat::run, a.instance.priority);
		return;
	}
	begin_activity(a, row);
}

void begin_activity(Advance &a, pg::Row &row)
{
	save(Kept::activity, row);
	const int element = element_of(a.instance, row);
	const core::Element &model = *a.instance.definition->elements[element].model;
	const int steps = a.steps.count;
	const int tasks = a.tasks.count;
	const bool quiet = model.kind != core::Kind::automatic && !looks_back(a.instance.definition, element) &&
					   !has_callbacks(a.instance.definition, element, core::When::ready);
	ErrorData *const error = quiet ? reach_quietly(a, row) : try_user_code([&] {
		pg::Row fresh = row;
		start_when_due(a, fresh);
	});
	if (error == nullptr)
		return;
	a.steps.count = steps;
	a.tasks.count = tasks;
	row = read_activity(row.int8(ai::id));
	put_in_error(a.instance, row, model.start_date ? pending::kReach : pending::kReady, "on_ready", error, 0, true);
}

void start_when_due(Advance &a, pg::Row &activity)
{
	Scope scope = scope_of(a.instance, activity);
	if (!is_due(scope, activity))
	{
		put_off(a.instance, activity);
		return;
	}
	if (was_ended_by_clauses(activity))
		return;
	if (!activity.null(ai::start_date))
		save(Kept::activity, activity);
	make_ready_and_look(a, read_activity(activity.int8(ai::id)));
}

void make_ready(Advance &a, pg::Row activity)
{
	const int64 id = activity.int8(ai::id);
	Scope scope = scope_of(a.instance, activity);
	const expr::Element &element = a.instance.definition->elements[scope.element];
	if (is_run(element.model->kind))
	{
		move_to(activity, ActivityStatus::ready);
		activity.set(ai::ready, TimestampTzGetDatum(expr::now()));
		activity.set_null(ai::next_run);
		activity.set_null(ai::pending);
		save(Kept::activity, activity);
		queue::add_ready(a.instance.id, id, ReadyWhat::run, a.instance.priority);
		return;
	}

	run_callbacks(scope, core::When::ready);
	activity = read_activity(id);
	if (is_ended(activity_status(activity)))
		return; // by its own callback
	if (activity.null(ai::ready))
		evaluate_clauses(scope, activity);
	begin_resting(a, activity, heard_by(scope));
}

void make_ready_and_look(Advance &a, pg::Row activity)
{
	const int64 id = activity.int8(ai::id);
	make_ready(a, activity);
	activity = read_activity(id);
	if (is_ended(activity_status(activity)) || !looks_back(a.instance.definition, element_of(a.instance, activity)))
		return;
	look_already(a, id);
	if (!is_ended(activity_status(read_activity(id))))
		queue::add_ready(a.instance.id, id, ReadyWhat::look, a.instance.priority);
}

core::Vec<entity::Heard> heard_by(const Scope &of)
{
	Scope scope = of;
	core::Vec<entity::Heard> heard;
	if (!scope.instance.definition->elements[scope.element].clauses.empty())
		as_work(scope, false,
				[&] { heard = entity::heard_by(scope.instance.definition, scope.element, values_of(&scope)); });
	return heard;
}

void evaluate_label(Scope &scope, pg::Row &row)
{
	const core::TextValue &label = scope.instance.definition->elements[scope.element].model->label;
	if (is_expression(label))
		as_work(scope, false, [&] { set_text_clause(row, ai::label, scope, label); });
}

ActivityStatus resting_status(const pg::Row &activity)
{
	switch (static_cast<ActivityKind>(activity.int2(ai::kind)))
	{
	case ActivityKind::wait:
	case ActivityKind::conditional_start:
		return ActivityStatus::listening;
	case ActivityKind::human:
		return activity.null(ai::opened) ? ActivityStatus::ready : ActivityStatus::opened;
	default:
		return ActivityStatus::ready;
	}
}

} // namespace bpt::engine
