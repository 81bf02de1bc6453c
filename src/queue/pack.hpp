// Several row changes in one row of an event table: what they share stands in its columns, what each has of its own in `body`.
//
// A statement that changes many rows writes few queue rows, few index entries and little WAL. The changes of a pack are of
// one transaction, one slot, one entity and one operation, concern the same clauses, and stand in the order of their ids.
#pragma once
#include "queue/event.hpp"

extern "C" {
#include "lib/stringinfo.h"
}

namespace bpt::queue {

/// Appends one change to a pack. `after`: the id of the change before it, for the first the id of the pack.
void pack_change(StringInfo body, int64 after, const Event &event);

/// Reads a pack from its first change on.
struct Unpacking
{
	const char *at;
	const char *end;
	int64 id;
};
Unpacking unpack(const bytea *body, int64 pack_id);
/// Gives `event` (whose `count` of clauses is known) the next change's id, key, hashes and payload; the key points into the
/// pack. False: there is none.
bool next_change(Unpacking *from, Event *event);

} // namespace bpt::queue
