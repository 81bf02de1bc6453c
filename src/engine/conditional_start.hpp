// CONDITIONAL START: the row that stands for its listening, and its starts, each of which begins a flow.
//
// The listening row (started_instant NULL) is made when it begins to listen, at launch or once all that AFTER names have
// ended, and stays until the main flow ends. Each start has a row of its own, closed at once, whose id is the flow_id of
// all that follows it. An instance whose conditional starts are idle has those rows and nothing else. All of it happens
// with the process row locked.
#pragma once
#include "engine/advance.hpp"

namespace bpt::engine {

/// True for the row that stands for the listening; false for a start's.
bool is_listening_row(const pg::Row &activity);
/// The listening row of a conditional start; not found if it does not listen yet.
pg::Row listening_row(int64 process_id, int64 activity_def_id);

/// Has the conditional starts without AFTER listen from the launch on.
void listen_from_launch(Advance &a);
/// A conditional start begins to listen, unless it does already, waits for other elements, or the main flow has ended.
void begin_listening(Advance &a, const Step &step);
/// An activity has ended by close, skip or timeout, and its path has gone on: what names it in AFTER may begin to listen,
/// or sees its outputs from now on.
void note_ended(Advance &a, int element, int64 activity_id);

/// An event starts a flow, or ON START refuses it (false), which is counted. Raises what fails.
bool start_by_event(Advance &a, const pg::Row &listening, Jsonb *inputs);

/// Ends a listening row; it leaves no listener behind.
void end_listening(pg::Row &listening);
/// Ends all of an instance.
void stop_listening(const Instance &instance);

} // namespace bpt::engine
