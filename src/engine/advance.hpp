// The step loop: moves the paths of an instance on from element to element until each rests.
//
// Runs inside the caller's transaction with the process row locked (or made by this transaction). User code runs in
// subtransactions: what fails beyond the element that the caller acts on is recorded there and retried by a worker.
#pragma once
#include "engine/callback.hpp"
#include "engine/instance.hpp"

namespace bpt::engine {

/// A path about to enter an element.
struct Step
{
	int element;
	int64 precedent;     // activity_id of the nearest one before that has a row, 0: none
	const char *outcome; // of a decision on the way, null: none
	int64 flow = 0;      // the start of a CONDITIONAL START that began its flow, 0: the main flow
};

/// A task that this advance made ready.
struct ReadyTask
{
	int element; // by which tasks are ordered: its own, or the EXECUTE in whose process it is
	int64 activity_id;
	const expr::Element *definition;
};

struct Advance
{
	explicit Advance(const Instance &which) : instance(which) {}

	Instance instance;
	int64 after_event = 0; // the event whose delivery moves the instance; listeners made now get every later one
	core::Arena arena = {};
	core::Vec<Step> steps; // a queue: the next is steps[next]
	int next = 0;
	int entered = 0;        // elements, with those of other instances that this call moves
	bool has_ended = false; // the instance
	bool is_inner = false;  // within the step of its parent's advance that starts it
	core::Vec<ReadyTask> tasks;
	core::Vec<int64> chain; // automatic activities to be run at once, in order
	int next_in_chain = 0;
};

/// Begins an advance whose lists live in the current memory context.
Advance begin_advance(const Instance &instance, int64 after_event = 0);
/// A path of a flow leaves an element by these connectors: they are entered later by run(), Ends end the path or the
/// process.
void follow(Advance &a, const core::Vec<core::Target> &targets, int64 precedent, const char *outcome, int64 flow);
/// `delta` more live paths of a flow. With the last path of the main flow the process closes, or, with CLOSE AFTER ALL
/// FLOWS, with the last path of all.
void count_paths(Advance &a, int64 flow, int delta);
/// Enters elements until all paths rest, at most 1000; the rest is left to a worker. In a batch, automatic activities that
/// are reached run at once as long as they are quick.
void run(Advance &a);
/// Enters one element again for a retry; the activity row stays (reach, decision).
void enter_step(Advance &a, const Step &step);
/// The outcome of a DECISION: the first whose condition is true; an error if none is.
const core::Outcome *choose_outcome(const Instance &instance, const Step &step);
void follow_outcome(Advance &a, const Step &step, const core::Outcome &outcome);
/// The first task in definition order that the advance made ready and that the acting user may carry out; 0: none.
int64 next_task(const Advance &a);

/// Runs f() in a subtransaction and returns its error, if any. Errors that must reach the caller do.
template <typename F>
ErrorData *try_user_code(F f);

/// Ends the live activities of a process, and the processes that they run, as terminated, each keeping the status it was
/// stopped in. Unless the process itself is `terminated`, conditional starts merely stop listening.
void end_activities(const Instance &instance, bool terminated);
/// Ends the process as terminated, its live activities too.
void end_as_terminated(const Instance &instance);

/// True if so many subtransactions were used in this transaction that the rest of an advance is left to a worker.
bool subtransactions_used_up();
/// A worker's item begins: in a batch it may use as many as alone, so that it never leaves to others what alone it would do.
void begin_item();
/// True while an item of a batch may begin further statements: the rows they change stay locked until the batch ends.
bool may_begin_statements();
void count_subtransaction();
/// Whether this error ends the caller's action instead of being recorded on the activity.
bool reaches_caller(const ErrorData *error);

} // namespace bpt::engine

#include "expr/current.hpp"
#include "pg/bracket.hpp"

template <typename F>
ErrorData *bpt::engine::try_user_code(F f)
{
	const char *const phase = running_phase;
	const std::string_view sql = expr::running_sql;
	const bool may_run_on = expr::current.may_run_on;
	expr::current.may_run_on = false; // f's errors are its own, not those of activities that it reaches
	clear_running();
	bool wrote = false;
	ErrorData *const error = pg::in_subtransaction([&] {
		f();
		wrote = TransactionIdIsValid(GetCurrentTransactionIdIfAny());
	});
	expr::current.may_run_on = may_run_on;
	if (wrote)
		count_subtransaction();
	if (error == nullptr)
	{
		running_phase = phase;
		expr::running_sql = sql;
	}
	if (error != nullptr && reaches_caller(error))
		ReThrowError(error);
	return error;
}
