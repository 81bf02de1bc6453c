// Several row changes in one row of a table of events: a statement that changes many rows writes few of them, with few index
// entries and little WAL.
//
// The first change stands in the row's columns, the others in `more`, with the ids that follow its own. All are of one transaction,
// slot, table and operation and concern the same clauses, which only launch. The row is delivered as a whole; where one of
// its changes fails, or it is to be done alone, each becomes a delivery of its own.
#pragma once
#include "queue/event.hpp"

extern "C" {
#include "lib/stringinfo.h"
}

namespace bpt::queue {

/// Appends one change, whose id is the one after that of the change before it.
void pack_change(StringInfo more, const Event &event);

/// Reads the further changes of an event.
struct Unpacking
{
	const char *at = nullptr;
	const char *end = nullptr;
	int64 id = 0;
};
Unpacking unpack(const Event &event);
Unpacking unpack(const bytea *more, int64 event_id);
/// Makes `event` its next change: id, key and payload, in the current memory context but for the key, which points into the
/// row. False: there is none.
bool next_change(Unpacking *from, Event *event);

} // namespace bpt::queue
