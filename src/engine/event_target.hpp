// Whom an event concerns: the launches by it, and the activities that listen to it.
#pragma once
#include "core/arena.hpp"
#include "expr/definition.hpp"
#include "queue/event.hpp"

namespace bpt::engine {

/// One thing that an event may concern: a launch (process_id 0) or a listening activity.
struct EventTarget
{
	int64 event_def_id;
	int32 version;
	int64 process_def_id;
	int64 process_id;
	int64 activity_id;
	bool has_waited = false; // it was put aside
	bool has_failed = false; // it was tried in vain: it is this listener's, whatever that has handled since
};

/// All targets of an event, in order: launches first. Returns how many; they live in the current memory context.
/// `may_wait`: deliveries may wait in bpt.queue_delivery; false if a look before found none.
int targets_of(const queue::Event &event, EventTarget **targets, bool may_wait = true);
/// False if no delivery waits at all. Asked only for events for which each of them is of interest; true for others.
bool may_any_wait(const queue::Event &event);

/// The definition that a target's user code belongs to; null if it is gone.
expr::Definition *definition_of(const EventTarget &target);
/// The clause of a definition that an event_def row stands for; null if this version has it not.
expr::Clause *clause_of(expr::Definition *definition, int64 event_def_id);

} // namespace bpt::engine
