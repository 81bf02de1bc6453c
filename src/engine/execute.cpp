// Running processes by EXECUTE (execute.hpp, which has the order of locks).
#include "pg/postgres.hpp"

#include "engine/actions.hpp"
#include "engine/activity.hpp"
#include "engine/ending.hpp"
#include "engine/execute.hpp"
#include "engine/incident.hpp"
#include "engine/launch.hpp"
#include "engine/lookup.hpp"
#include "engine/users.hpp"
#include "expr/clock.hpp"
#include "expr/current.hpp"
#include "pg/errors.hpp"
#include "pg/settings.hpp"
#include "queue/work.hpp"

namespace bpt::engine {

namespace ai = activity_instance;
namespace pi = process_instance;

namespace {

const expr::Element &element_at(const Instance &instance, const pg::Row &activity)
{
	return instance.definition->elements[element_of(instance, activity)];
}

/// Raises an error if one process more would make the chain of parents too long.
void check_depth(const Instance &parent, const expr::Definition *invoked)
{
	int depth = 1;
	for (int64 id = parent.id; id != 0; depth++)
		id = read_process(id).int8(pi::parent_process_id);
	if (depth > settings::max_process_depth)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("process \"%s\" cannot be executed at depth %d", invoked->name, depth),
						errdetail("Processes may execute each other to a depth of %d.", settings::max_process_depth),
						errhint("A recursion needs an end; bpt.max_process_depth sets the limit.")));
}

/// The text of one argument, evaluated as the type of the input that it gives.
char *argument_text(Scope &scope, const core::Assignment &argument, const expr::Variable &input)
{
	expr::Site site;
	site.element = scope.element;
	bool isnull = true;
	const Datum value = expr::evaluate(
		expr::code(scope.instance.definition, argument.value, site, expr::CodeKind::value, input.type, input.typmod),
		values_of(&scope), &isnull);
	return expr::to_text(value, isnull, input.type);
}

const core::Assignment *argument_for(const core::Element &model, const expr::Variable &input)
{
	for (const core::Assignment &argument : model.arguments)
		if (argument.name.text == std::string_view(input.name))
			return &argument;
	return nullptr;
}

/// Runs f() as try_user_code does. In a batch without a subtransaction: there a failure is one of the item, which is done
/// again without a batch.
template <typename F>
ErrorData *try_or_redo(F f)
{
	if (!expr::current.may_run_on)
		return try_user_code(f);
	f();
	return nullptr;
}

/// What the EXECUTE passes, evaluated as the parent's owner, who must be allowed to launch.
Jsonb *evaluate_inputs(const Instance &parent, const pg::Row &activity, const expr::Definition *invoked)
{
	Scope scope = scope_of(parent, activity);
	const core::Element &model = *parent.definition->elements[scope.element].model;
	Jsonb *inputs = nullptr;
	as_work(scope, false, [&] {
		if (!may_launch(invoked))
			ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
							errmsg("permission denied for process \"%s\"", invoked->name),
							errhint("Executing it needs EXECUTE on its launch function.")));
		int given = 0;
		for (const expr::Variable &input : invoked->inputs)
		{
			const core::Assignment *const argument = argument_for(model, input);
			if (argument == nullptr && input.is_mandatory)
				ereport(ERROR, (errcode(kInvalidArguments), errmsg("input \"%s\" is missing", input.name)));
			if (argument == nullptr)
				continue;
			given++;
			char *const value = argument_text(scope, *argument, input);
			check_not_null(input, value == nullptr);
			inputs = with_value(inputs, input.id, value);
		}
		if (given < model.arguments.count)
			ereport(ERROR, (errcode(kInvalidArguments),
							errmsg("process \"%s\" has not all inputs that \"%s\" gives", invoked->name,
								   name_of(parent, scope.element)),
							errhint("Publish process \"%s\" again.", parent.definition->name)));
	});
	return inputs;
}

/// True if a worker, who serves one owner at a time, must leave the step to an item of the other's.
bool is_foreign(const expr::Definition *one, const expr::Definition *other)
{
	return expr::current.by_worker && expr::owner_of(one) != expr::owner_of(other);
}

/// A child that is about to be.
struct Child
{
	expr::Definition *definition = nullptr;
	Jsonb *inputs = nullptr;
	bool is_foreign = false;
	NewInstance made;
	bool entered = false;
};

/// Evaluates what the child's owner says of a new instance; writes nothing.
void prepare(Child &child, const Instance &parent, const pg::Row &activity)
{
	const pg::Row process = read_process(parent.id);
	Origin origin;
	origin.created_by = expr::current.user;
	origin.parent_process_id = parent.id;
	origin.parent_activity_id = activity.int8(ai::id);
	origin.top_process_id = process.null(pi::top_process_id) ? parent.id : process.int8(pi::top_process_id);
	child.made = new_instance(child.definition, child.inputs, origin);
}

/// Evaluates all of it; writes nothing.
void evaluate(Child &child, const Instance &parent, const pg::Row &activity)
{
	child.definition = process_to_launch(element_at(parent, activity).invoked_id);
	check_depth(parent, child.definition);
	child.inputs = evaluate_inputs(parent, activity, child.definition);
	child.is_foreign = is_foreign(parent.definition, child.definition);
	if (!child.is_foreign)
		prepare(child, parent, activity);
}

/// Writes the child's row, and that the activity runs it; then the child's ON PROCESS START.
void enter(Child &child, int64 activity_id)
{
	child.entered = true;
	change_activity(activity_id, [&](pg::Row &row) {
		move_to(row, ActivityStatus::running);
		if (row.null(ai::ready))
			row.set(ai::ready, TimestampTzGetDatum(expr::now()));
		row.set(ai::child_process_id, Int64GetDatum(child.made.instance.id));
		row.set_null(ai::next_run);
		row.set_null(ai::pending);
	});
	enter_instance(child.made);
}

/// Leaves the start to an item of the child's owner.
void leave_start(const Instance &parent, int64 activity_id, Jsonb *inputs)
{
	change_activity(activity_id, [&](pg::Row &row) {
		move_to(row, ActivityStatus::ready);
		row.set_null(ai::next_run);
		row.set_null(ai::pending);
	});
	queue::add_ready(parent.id, activity_id, ReadyWhat::start_child, parent.priority, inputs);
}

bool has_ended(int64 process_id)
{
	const pg::Row process = read_process(process_id);
	return !process || process_status(process) != ProcessStatus::active;
}

/// Tasks that a child made ready stand where its EXECUTE stands, in the order of its own definition.
void take_tasks(Advance &a, const Advance &child, int element)
{
	const int first = a.tasks.count;
	for (const ReadyTask &task : child.tasks)
	{
		int place = a.tasks.count;
		a.tasks.push(a.arena, task);
		for (; place > first && a.tasks[place - 1].element > task.element; place--)
			a.tasks[place] = a.tasks[place - 1];
		a.tasks[place] = task;
	}
	for (int i = first; i < a.tasks.count; i++)
		a.tasks[i].element = element;
}

void leave_end(const Instance &parent, int64 activity_id)
{
	queue::add_ready(parent.id, activity_id, ReadyWhat::child_ended, parent.priority);
}

/// Outputs of the child as those of the activity, before the activity's SET.
void end_or_fail(Advance &a, int64 activity_id)
{
	ErrorData *const error = try_or_redo([&] { end_execute(a, activity_id); });
	if (error == nullptr)
		return;
	pg::Row row = read_activity(activity_id);
	put_in_error(a.instance, row, pending::kChild, "statement", error, 0, true);
}

/// Advances a new child, and the parent too if that has ended it.
void run_child(Advance &a, const Child &child, int64 activity_id)
{
	Advance inner = begin_advance(child.made.instance, a.after_event);
	inner.is_inner = true;
	inner.entered = a.entered;
	begin_paths(inner);
	a.entered = inner.entered;
	take_tasks(a, inner, element_of(a.instance, read_activity(activity_id)));
	if (!has_ended(child.made.instance.id))
		return;
	if (!is_running(a.instance.id) || is_foreign(a.instance.definition, child.definition))
		leave_end(a.instance, activity_id);
	else
		end_or_fail(a, activity_id);
}

/// Goes on with what evaluate() has found out.
void start(Advance &a, Child &child, int64 activity_id)
{
	if (child.is_foreign)
		leave_start(a.instance, activity_id, child.inputs);
	else
	{
		if (!child.entered)
			enter(child, activity_id);
		run_child(a, child, activity_id);
	}
}

/// The outputs of an ended child, stored at its end, as values of the activity's outputs.
Jsonb *outputs_of_child(const expr::Element &element, const pg::Row &process)
{
	Jsonb *outputs = nullptr;
	const Instance child = instance_of(process);
	for (const expr::Variable &output : element.outputs)
		for (const expr::Variable &returned : child.definition->outputs)
		{
			if (strcmp(output.name, returned.name) != 0)
				continue;
			bool is_set = false;
			char *value = process_output_text(child, process, returned, &is_set);
			if (returned.type != output.type || returned.typmod != output.typmod)
			{
				bool isnull = true;
				Datum datum = expr::from_text(value, returned.type, returned.typmod, &isnull);
				datum = expr::assign(datum, isnull, returned.type, output.type, output.typmod, &isnull);
				value = expr::to_text(datum, isnull, output.type);
			}
			outputs = with_value(outputs, output.id, value, !is_set);
		}
	return outputs;
}

} // namespace

void reach_execute(Advance &a, const Step &step)
{
	pg::Row row = new_activity(a.instance, step, ActivityStatus::ready);
	save(Kept::activity, row);
	const int64 id = row.int8(ai::id);
	Child child;
	ErrorData *const error = try_or_redo([&] {
		check_stack_depth();
		evaluate(child, a.instance, row);
		if (!child.is_foreign && has_callbacks(child.definition, -1, core::When::process_start))
			enter(child, id);
	});
	row = read_activity(id);
	if (error != nullptr)
		put_in_error(a.instance, row, pending::kExecute, "statement", error, 0, true);
	else if (!is_ended(activity_status(row)))
		start(a, child, id);
}

void start_child_again(Advance &a, pg::Row activity)
{
	const int64 id = activity.int8(ai::id);
	Child child;
	evaluate(child, a.instance, activity);
	if (!is_ended(activity_status(read_activity(id))))
		start(a, child, id);
}

void start_child_with(Advance &a, pg::Row activity, Jsonb *inputs)
{
	const int64 id = activity.int8(ai::id);
	Child child;
	child.definition = process_to_launch(element_at(a.instance, activity).invoked_id);
	child.inputs = inputs;
	prepare(child, a.instance, activity);
	if (activity_status(read_activity(id)) != ActivityStatus::ready)
		return;
	enter(child, id);
	run_child(a, child, id);
}

expr::Definition *invoked_by(const Instance &instance, const pg::Row &activity)
{
	const int64 id = element_at(instance, activity).invoked_id;
	const int32 version = expr::current_version(id);
	return version == 0 ? nullptr : expr::definition(id, version);
}

void end_child(const pg::Row &activity)
{
	const int64 child = activity.int8(ai::child_process_id);
	if (child != 0 && !has_ended(child))
		terminate_process(child);
}

void end_execute(Advance &a, int64 activity_id)
{
	const pg::Row activity = read_activity(activity_id);
	const ActivityStatus status = activity_status(activity);
	if ((status != ActivityStatus::running && status != ActivityStatus::error) || activity.null(ai::child_process_id) ||
		!has_ended(activity.int8(ai::child_process_id)))
		return;
	const Scope scope = scope_of(a.instance, activity);
	const pg::Row child = read_process(activity.int8(ai::child_process_id));
	Change change;
	if (child)
		change.outputs = outputs_of_child(a.instance.definition->elements[scope.element], child);
	before_end(scope, Ending::closed, change);
	end_activity(a, activity_id, Ending::closed, change);
}

void go_on_in_parent(Advance &a)
{
	const pg::Row process = read_process(a.instance.id);
	if (!process || process.null(pi::parent_activity_id))
		return;
	const int64 parent_id = process.int8(pi::parent_process_id);
	const int64 activity_id = process.int8(pi::parent_activity_id);
	pg::Row row = read_process(parent_id);
	const pg::Row activity = read_activity(activity_id);
	if (!row || !activity || activity_status(activity) != ActivityStatus::running)
		return;
	const Instance parent = instance_of(row);
	// A caller with an older snapshot could not lock what has changed since.
	const bool may_lock = is_in_hand(Kept::process, parent_id) || !IsolationUsesXactSnapshot();
	const bool here = may_lock && !is_foreign(a.instance.definition, parent.definition);
	row = here ? lock_process(parent_id, true) : pg::Row{};
	if (!row || !is_running(parent_id))
	{
		leave_end(parent, activity_id);
		return;
	}
	Advance outer = begin_advance(parent, a.after_event);
	outer.entered = a.entered;
	end_or_fail(outer, activity_id);
	run(outer);
	a.entered = outer.entered;
	for (const ReadyTask &task : outer.tasks)
		a.tasks.push(a.arena, task);
}

void leave_to_parent(int64 process_id)
{
	const pg::Row process = read_process(process_id);
	const int64 activity_id = process.int8(pi::parent_activity_id);
	const pg::Row parent = activity_id == 0 ? pg::Row{} : read_process(process.int8(pi::parent_process_id));
	const pg::Row activity = activity_id == 0 ? pg::Row{} : read_activity(activity_id);
	if (parent && activity && activity_status(activity) == ActivityStatus::running)
		leave_end(instance_of(parent), activity_id);
}

} // namespace bpt::engine
