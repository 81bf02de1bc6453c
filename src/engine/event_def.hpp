// What a row of bpt.event_def says that no later version changes, from a cache of this backend.
#pragma once
#include "pg/postgres.hpp"

namespace bpt::engine {

struct EventDef
{
	int64 id;
	int64 process_def_id;
	int64 activity_def_id; // 0: LAUNCH ON

	bool launches() const { return activity_def_id == 0; }
};

/// The event clause of this id; null if there is none. It stays as it is for the backend's life.
const EventDef *find_event_def(int64 id);
/// The process that an event clause is of, 0 if there is none.
int64 process_of_event_def(int64 id);

} // namespace bpt::engine
