// What the views on recorded events need of the queue: which of them are done, and which clauses they may concern.
// Locks: AccessShareLock on the tables of positions, for moments.
#include "pg/postgres.hpp"

#include "pg/arrays.hpp"
#include "pg/bracket.hpp"
#include "queue/pack.hpp"
#include "queue/position.hpp"

using namespace bpt;

namespace {

/// The positions that one query asks for.
struct Asked
{
	LocalTransactionId transaction;
	uint64 completed; // of the snapshot that they go with
	CommandId command;
	queue::Positions positions;
};

/// Reads a slot's position as the query's snapshot has it: what was put aside since is to be seen in one of the two places.
/// Where a table of positions was truncated after the snapshot, the position is the one of now; but a dump is to have the
/// events whose effects it has not.
void read_position(queue::Positions *positions, int slot, Snapshot snapshot)
{
	queue::PositionReader *reader = queue::open_positions(snapshot);
	if (!IsolationUsesXactSnapshot() && queue::lacks_rows(reader))
	{
		queue::close_positions(reader);
		reader = queue::open_positions(nullptr);
	}
	(void)positions->at(slot, reader);
	queue::close_positions(reader);
}

} // namespace

BPT_FUNCTION(bpt_is_read)
{
	const int slot = PG_GETARG_INT16(0) & (queue::kSlots - 1);
	FmgrInfo *const call = fcinfo->flinfo;
	Snapshot const snapshot = GetActiveSnapshot();
	auto *asked = static_cast<Asked *>(call->fn_extra);
	if (asked == nullptr)
		call->fn_extra = asked = static_cast<Asked *>(MemoryContextAllocZero(call->fn_mcxt, sizeof(Asked)));
	if (asked->transaction != bpt_local_transaction_id() || asked->command != snapshot->curcid ||
		asked->completed != snapshot->snapXactCompletionCount)
		*asked = Asked{bpt_local_transaction_id(), snapshot->snapXactCompletionCount, snapshot->curcid, {}};
	if (!asked->positions.is_known[slot])
		pg::in_context(call->fn_mcxt, [&] { read_position(&asked->positions, slot, snapshot); });
	PG_RETURN_BOOL(asked->positions.of[slot].is_read(PG_GETARG_INT64(1), PG_GETARG_FULLTRANSACTIONID(2)));
}

BPT_FUNCTION(bpt_event_clauses)
{
	queue::Event event;
	queue::unpack_clauses(PG_GETARG_DATUM(0), &event);
	PG_RETURN_DATUM(pg::int8_array(event.event_defs, event.count));
}

BPT_FUNCTION(bpt_event_changes)
{
	InitMaterializedSRF(fcinfo, 0);
	const auto *const result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
	const bytea *const more = PG_GETARG_BYTEA_PP(1);
	queue::Event event;
	for (queue::Unpacking from = queue::unpack(more, PG_GETARG_INT64(0)); queue::next_change(&from, &event);)
	{
		Datum values[] = {Int64GetDatum(event.id), CStringGetTextDatum(event.key), JsonbPGetDatum(event.payload)};
		bool nulls[] = {false, false, event.payload == nullptr};
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	PG_RETURN_NULL();
}
