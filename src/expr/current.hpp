// What the SQL of a definition can ask about the work it is part of: bpt.process_id(), activity_id(), event_id(), user_id().
//
// Set by the engine around user code, restored by it; after an error by the (sub)transaction callbacks installed here.
#pragma once
#include "pg/postgres.hpp"

namespace bpt::expr {

struct Current
{
	int64 process_id = 0; // 0: none
	int64 activity_id = 0;
	const char *activity_name = nullptr;
	int64 event_id = 0;
	const char *user = nullptr;      // the acting user: null for events, timers, workers
	const char *asked_for = nullptr; // whose tasks are asked for, where that is not who acts
	Oid owner = InvalidOid;          // not InvalidOid: code that the engine runs for this owner
	bool by_worker = false;          // a worker's item, or one of bpt.run: nobody's call
	bool may_run_on = false;         // in a batch: automatic activities that are reached run at once
	bool in_change = false; // a callback of a change of activity_id is running: the change itself may not be repeated
};

/// The present state; the engine assigns it and puts the old one back.
extern Current current;
/// Makes an abort of a (sub)transaction put `current` back to what it was when that began. Called once by _PG_init.
void register_current_callbacks();

/// Runs f() with `next` as the current work.
template <typename F>
void with_current(const Current &next, F f)
{
	const Current before = current;
	current = next;
	f();
	current = before;
}

} // namespace bpt::expr
