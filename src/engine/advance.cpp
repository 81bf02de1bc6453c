// The step loop (advance.hpp).
#include "pg/postgres.hpp"

#include "engine/activity.hpp"
#include "engine/automatic.hpp"
#include "engine/callback.hpp"
#include "engine/conditional_start.hpp"
#include "engine/ending.hpp"
#include "engine/engine.hpp"
#include "engine/execute.hpp"
#include "engine/incident.hpp"
#include "engine/users.hpp"
#include "expr/clock.hpp"
#include "expr/current.hpp"
#include "pg/arena.hpp"
#include "pg/json.hpp"
#include "queue/hold.hpp"

namespace bpt::engine {

namespace ai = activity_instance;
namespace pi = process_instance;

namespace {

constexpr int kElementsAtOnce = 1000;
constexpr int kSubtransactionsAtOnce = 32;
constexpr int64 kLongestInLine = 20000;    // µs from the begin of an item
constexpr int kSubtransactionsABatch = 24; // then no item is begun: with one item's own, still fewer than 64

/// Subtransactions used for user code in the transaction at hand, and how many of them before a worker's present item.
int subtransactions = 0;
int subtransactions_before = 0;
LocalTransactionId counted_in = InvalidLocalTransactionId;
TimestampTz item_began = 0;

/// An ended process is not suspended any more.
void end_process(pg::Row &row, ProcessStatus how)
{
	row.set(pi::status, Int16GetDatum(static_cast<int16>(how)));
	row.set(pi::closed, TimestampTzGetDatum(expr::now()));
	row.set(pi::is_suspended, BoolGetDatum(false));
	row.set_null(pi::suspended_date);
	row.set_null(pi::suspended_by);
}

/// The default of an output that was not set, into `outputs`.
void store_default(const Instance &instance, const expr::Variable &output, Jsonb **outputs)
{
	bool is_set = false;
	char *const text = process_output_text(instance, read_process(instance.id), output, &is_set);
	if (!is_set)
		*outputs = with_value(*outputs, output.id, text, true);
}

/// The outputs of an instance that ends, those never set as their defaults; null: none. A default that fails is an
/// incident, and stays NULL.
Jsonb *final_outputs(const Instance &instance)
{
	const core::Vec<expr::Variable> &declared = instance.definition->outputs;
	if (declared.empty())
		return nullptr;
	const pg::Row row = read_process(instance.id);
	Jsonb *const set = row.json(pi::outputs);
	Jsonb *outputs = set;
	ErrorData *error = try_user_code([&] {
		for (const expr::Variable &output : declared)
			store_default(instance, output, &outputs);
	});
	if (error == nullptr)
		return outputs;
	outputs = set;
	for (const expr::Variable &output : declared)
	{
		clear_running();
		error = try_user_code([&] { store_default(instance, output, &outputs); });
		if (error == nullptr)
			continue;
		Subject subject;
		subject.process_id = instance.id;
		subject.process_def_id = instance.definition->id;
		record_incident(subject, "statement", 1, error, 0);
	}
	return outputs;
}

/// Closes the process; what is active in flows of conditional starts ends.
void close_process(Advance &a)
{
	if (!a.instance.definition->flow->conditional_starts.empty())
		end_activities(a.instance, false);
	Jsonb *const outputs = final_outputs(a.instance);
	a.has_ended = true;
	change_process(a.instance.id, [&](pg::Row &row) {
		end_process(row, ProcessStatus::closed);
		row.set(pi::last_modified, TimestampTzGetDatum(expr::now()));
		if (outputs != nullptr)
			row.set(pi::outputs, JsonbPGetDatum(outputs));
	});
}

/// A DECISION has no row unless it fails; then the row stays in error until it is retried.
void decide(Advance &a, const Step &step)
{
	const core::Outcome *chosen = nullptr;
	ErrorData *const error = try_user_code([&] { chosen = choose_outcome(a.instance, step); });
	if (error == nullptr && chosen != nullptr)
	{
		follow_outcome(a, step, *chosen);
		return;
	}
	pg::Row row = new_activity(a.instance, step, ActivityStatus::ready);
	put_in_error(a.instance, row, pending::kDecision, "decision", error, 0, true);
}

void terminate(Advance &a)
{
	a.has_ended = true;
	end_as_terminated(a.instance);
}

/// A named END leaves a row; the path ends, or the process.
void arrive_at_end(Advance &a, const Step &step)
{
	pg::Row row = new_activity(a.instance, step, ActivityStatus::closed);
	row.set(ai::ready, row.at(ai::created));
	row.set(ai::closed, row.at(ai::created));
	save(Kept::activity, row);
	if (a.instance.definition->elements[step.element].model->terminate)
		terminate(a);
	else
		count_paths(a, step.flow, -1);
}

/// Leaves a step to a worker.
void leave_to_worker(const Advance &a, const Step &step)
{
	JsonbParseState *state = nullptr;
	pushJsonbValue(&state, WJB_BEGIN_OBJECT, nullptr);
	auto push = [&](const char *name, const char *text) {
		pg::push_string(&state, WJB_KEY, name);
		pg::push_string(&state, WJB_VALUE, text);
	};
	push("element", psprintf(INT64_FORMAT, a.instance.definition->elements[step.element].id));
	push("precedent", psprintf(INT64_FORMAT, step.precedent));
	if (step.outcome != nullptr)
		push("outcome", step.outcome);
	if (step.flow != 0)
		push("flow", psprintf(INT64_FORMAT, step.flow));
	queue::add_ready(a.instance.id, 0, ReadyWhat::go_on, a.instance.priority,
					 JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, nullptr)));
}

/// What an advance of an instance that takes no step any more had still to do: if the instance goes on one day, a worker
/// does it.
void leave_the_rest(Advance &a)
{
	if (is_active(a.instance.id))
	{
		for (; a.next < a.steps.count; a.next++)
			leave_to_worker(a, a.steps[a.next]);
		for (; a.next_in_chain < a.chain.count; a.next_in_chain++)
			queue::add_ready(a.instance.id, a.chain[a.next_in_chain], ReadyWhat::run, a.instance.priority);
	}
	a.next = a.steps.count;
	a.next_in_chain = a.chain.count;
}

void run_paths(Advance &a)
{
	for (;;)
	{
		while (a.next < a.steps.count)
		{
			CHECK_FOR_INTERRUPTS();
			if (!is_running(a.instance.id))
			{
				leave_the_rest(a);
				return;
			}
			const Step step = a.steps[a.next++];
			if (a.entered++ >= kElementsAtOnce || subtransactions_used_up())
				leave_to_worker(a, step);
			else
				enter_step(a, step);
		}
		if (a.next_in_chain == a.chain.count)
			return;
		if (!is_running(a.instance.id))
		{
			leave_the_rest(a);
			return;
		}
		run_in_line(a, a.chain[a.next_in_chain++]);
	}
}

} // namespace

Advance begin_advance(const Instance &instance, int64 after_event)
{
	Advance a(instance);
	a.arena = pg::arena_in(CurrentMemoryContext);
	a.after_event = after_event;
	return a;
}

void follow(Advance &a, const core::Vec<core::Target> &targets, int64 precedent, const char *outcome, int64 flow)
{
	int paths = 0;
	for (const core::Target &target : targets)
		if (target.kind == core::TargetKind::end_terminate)
		{
			terminate(a);
			return;
		}
		else if (target.kind == core::TargetKind::element)
		{
			a.steps.push(a.arena, Step{target.element, precedent, outcome, flow});
			paths++;
		}
	count_paths(a, flow, paths - 1);
}

void count_paths(Advance &a, int64 flow, int delta)
{
	if (delta == 0)
		return;
	int of_main = 0;
	int of_flows = 0;
	change_process(a.instance.id, [&](pg::Row &row) {
		const int column = flow == 0 ? pi::paths : pi::flow_paths;
		row.set(column, Int32GetDatum(row.int4(column) + delta));
		of_main = row.int4(pi::paths);
		of_flows = row.int4(pi::flow_paths);
	});
	if (of_main != 0)
		return;
	if (of_flows == 0 || !a.instance.definition->model->close_after_all_flows)
		close_process(a);
	else if (flow == 0)
		stop_listening(a.instance);
}

void run(Advance &a)
{
	run_paths(a);
	if (!a.has_ended || a.is_inner)
		return;
	a.has_ended = false;
	go_on_in_parent(a);
}

void enter_step(Advance &a, const Step &step)
{
	switch (a.instance.definition->elements[step.element].model->kind)
	{
	case core::Kind::human:
	case core::Kind::wait:
	case core::Kind::automatic:
	case core::Kind::email:
		reach(a, step);
		return;
	case core::Kind::decision:
		decide(a, step);
		return;
	case core::Kind::execute:
		reach_execute(a, step);
		return;
	case core::Kind::end:
		arrive_at_end(a, step);
		return;
	case core::Kind::conditional_start:
		begin_listening(a, step);
		return;
	case core::Kind::start:
	case core::Kind::comment:
		break;
	}
	ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					errmsg("element \"%s\" cannot be run by this version of bpt", name_of(a.instance, step.element))));
}

const core::Outcome *choose_outcome(const Instance &instance, const Step &step)
{
	expr::Definition *const definition = instance.definition;
	const core::Outcome *chosen = nullptr;
	Scope scope;
	scope.instance = instance;
	scope.element = step.element;
	scope.precedent = step.precedent;
	as_work(scope, false, [&] {
		expr::Site site;
		site.element = step.element;
		for (const core::Outcome &outcome : definition->elements[step.element].model->outcomes)
			if (outcome.is_else ||
				expr::holds(expr::code(definition, outcome.condition, site, expr::CodeKind::condition),
							values_of(&scope)))
			{
				chosen = &outcome;
				return;
			}
	});
	if (chosen == nullptr)
		ereport(ERROR, (errcode(ERRCODE_CASE_NOT_FOUND),
						errmsg("no outcome of decision \"%s\" is true", name_of(instance, step.element)),
						errhint("Give the decision an ELSE.")));
	return chosen;
}

void follow_outcome(Advance &a, const Step &step, const core::Outcome &outcome)
{
	core::Vec<core::Target> targets;
	targets.push(a.arena, outcome.target);
	follow(a, targets, step.precedent, pnstrdup(outcome.name.text.data(), outcome.name.text.size()), step.flow);
}

int64 next_task(const Advance &a)
{
	const ReadyTask *first = nullptr;
	char *const user = a.tasks.empty() ? nullptr : acting_user();
	for (const ReadyTask &task : a.tasks)
	{
		if (first != nullptr && first->element <= task.element)
			continue;
		const pg::Row row = read_activity(task.activity_id);
		if (row && activity_status(row) == ActivityStatus::ready &&
			offered_to(user, row.text(ai::user_id), row.text(ai::group_id), *task.definition))
			first = &task;
	}
	return first == nullptr ? 0 : first->activity_id;
}

void end_activities(const Instance &instance, bool terminated)
{
	const Datum now = TimestampTzGetDatum(expr::now());
	check_stack_depth();
	pg::each("activity_instance", "activity_instance_process", {pg::key(instance.id)}, [&](pg::Row &row) {
		const ActivityStatus status = activity_status(row);
		if (is_ended(status))
			return true;
		if (!terminated && is_listening_row(row))
		{
			end_listening(row);
			return true;
		}
		row.set(ai::stopped_status, Int16GetDatum(static_cast<int16>(status)));
		move_to(row, ActivityStatus::terminated);
		row.set(ai::closed, now);
		row.set_text(ai::closed_by, expr::current.user);
		row.set_null(ai::next_run);
		save(Kept::activity, row);
		remove_traces(row.int8(ai::id));
		return true;
	});
}

void end_as_terminated(const Instance &instance)
{
	const Datum now = TimestampTzGetDatum(expr::now());
	Jsonb *const outputs = final_outputs(instance);
	end_activities(instance, true);
	bool was_suspended = false;
	change_process(instance.id, [&](pg::Row &row) {
		was_suspended = row.boolean(pi::is_suspended);
		end_process(row, ProcessStatus::terminated);
		row.set(pi::last_modified, now);
		row.set_text(pi::last_modified_by, expr::current.user);
		if (outputs != nullptr)
			row.set(pi::outputs, JsonbPGetDatum(outputs));
	});
	if (was_suspended)
		queue::drop_held(instance.id);
}

bool subtransactions_used_up()
{
	return counted_in == bpt_local_transaction_id() &&
		   subtransactions - subtransactions_before >= kSubtransactionsAtOnce;
}

void begin_item()
{
	subtransactions_before = counted_in == bpt_local_transaction_id() ? subtransactions : 0;
	item_began = GetCurrentTimestamp();
}

bool may_begin_statements()
{
	return GetCurrentTimestamp() - item_began < kLongestInLine;
}

bool is_full()
{
	return counted_in == bpt_local_transaction_id() && subtransactions >= kSubtransactionsABatch;
}

void count_subtransaction()
{
	if (counted_in != bpt_local_transaction_id())
	{
		counted_in = bpt_local_transaction_id();
		subtransactions = 0;
		subtransactions_before = 0;
	}
	subtransactions++;
}

bool reaches_caller(const ErrorData *error)
{
	if (!pg::must_reach_caller(error))
		return false;
	// A worker is its own caller: there an internal error or a time limit is the activity's failure.
	if (!expr::current.by_worker)
		return true;
	const int category = ERRCODE_TO_CATEGORY(error->sqlerrcode);
	return category == ERRCODE_TO_CATEGORY(ERRCODE_TRANSACTION_ROLLBACK) ||
		   category == ERRCODE_TO_CATEGORY(ERRCODE_INSUFFICIENT_RESOURCES) ||
		   category == ERRCODE_TO_CATEGORY(ERRCODE_SYSTEM_ERROR) || error->sqlerrcode == ERRCODE_ADMIN_SHUTDOWN;
}

} // namespace bpt::engine
