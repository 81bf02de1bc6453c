// Truncating (rotate.hpp).
//
// A table may go when it is not the one being filled and nothing in it counts: all its events are done, or no slot's newest
// position is in it. That is asked under ACCESS EXCLUSIVE, when nobody can have uncommitted rows in it, and the truncation
// is PostgreSQL's own. The lock is taken only if it is free, so nobody ever waits behind it for somebody else: a session
// that wrote to a table, or a dump, puts the truncation off.
//
// Locks, all but the last only if they are free: bpt.queue_slot SHARE UPDATE EXCLUSIVE, so that one backend at a time does
// this; for positions the slots that are carried over; the table ACCESS EXCLUSIVE; ACCESS SHARE on the tables of positions.
#include "pg/postgres.hpp"

#include "pg/bracket.hpp"
#include "pg/rows.hpp"
#include "pg/tables.hpp"
#include "queue/look.hpp"
#include "queue/rotate.hpp"

extern "C" {
#include "storage/bufmgr.h"
#include "storage/lmgr.h"
}

namespace bpt::queue {

namespace {

constexpr long kAgainMs = 2000; // after some were left

struct Tried
{
	int64 events = -1; // stretches
	int64 positions = -1;
	bool some_left = false;
	TimestampTz at = 0;
};
Tried tried;

bool is_empty(Oid table)
{
	Relation const relation = table_open(table, AccessShareLock);
	const bool result = RelationGetNumberOfBlocks(relation) == 0;
	table_close(relation, AccessShareLock);
	return result;
}

/// Whether all events of a table that can be seen now are done.
bool is_done(Oid table)
{
	Relation const relation = table_open(table, AccessShareLock);
	Snapshot const snapshot = RegisterSnapshot(GetLatestSnapshot());
	PositionReader *const reader = open_positions(nullptr);
	Positions positions;
	TableScanDesc const scan = table_beginscan(relation, snapshot, 0, nullptr);
	TupleTableSlot *const row = table_slot_create(relation, nullptr);
	bool result = true;
	while (result && table_scan_getnextslot(scan, ForwardScanDirection, row))
	{
		CHECK_FOR_INTERRUPTS();
		bool isnull = false;
		const int64 id = DatumGetInt64(slot_getattr(row, queue_event::id, &isnull));
		const FullTransactionId xid = DatumGetFullTransactionId(slot_getattr(row, queue_event::xid, &isnull));
		const int slot = DatumGetInt16(slot_getattr(row, queue_event::slot, &isnull)) & (kSlots - 1);
		result = positions.at(slot, reader).is_read(id, xid);
	}
	ExecDropSingleTupleTableSlot(row);
	table_endscan(scan);
	close_positions(reader);
	UnregisterSnapshot(snapshot);
	table_close(relation, AccessShareLock);
	return result;
}

/// Writes the newest positions that stand in a table anew, so that they stand in the one being filled. False if somebody
/// is at work on one of them.
bool carry_over(int table)
{
	for (int16 slot = 0; slot < kSlots; slot++)
	{
		const auto is_in_table = [&](const Position &position) {
			return position.seq != 0 && position_table(position.seq) == table;
		};
		if (!is_in_table(newest_position(slot)))
			continue;
		if (!lock_slot(slot))
			return false;
		Position position = newest_position(slot);
		if (is_in_table(position))
			write_position(slot, &position);
	}
	return true;
}

/// Whether no slot's newest position is in a table.
bool is_carried_over(int table)
{
	PositionReader *const reader = open_positions(nullptr);
	bool result = true;
	for (int16 slot = 0; slot < kSlots && result; slot++)
	{
		const Position position = newest_position(reader, slot);
		result = position.seq == 0 || position_table(position.seq) != table;
	}
	close_positions(reader);
	return result;
}

void truncate(const char *table)
{
	const char *const command = psprintf("TRUNCATE bpt.%s", table);
	pg::with_latest_snapshot([&] {
		pg::with_spi([&] {
			const int result = SPI_execute(command, false, 0);
			if (result != SPI_OK_UTILITY)
				elog(ERROR, "bpt: %s failed: %s", command, SPI_result_code_string(result));
		});
	});
}

/// Truncates a table if may_go() says that it may, at first and with the table locked. False: it is left.
template <typename F>
bool truncate_if(const char *table, F may_go)
{
	Oid const relation = pg::relation_oid(table);
	if (is_empty(relation))
		return true;
	if (!ConditionalLockRelationOid(pg::relation_oid("queue_slot"), ShareUpdateExclusiveLock) || !may_go() ||
		!ConditionalLockRelationOid(relation, AccessExclusiveLock) || !may_go())
		return false;
	truncate(table);
	return true;
}

bool rotate_events(int generation)
{
	if (generation_of(pg::next_id("event_id")) == generation)
		return true;
	const char *const table = event_tables[generation];
	return truncate_if(table, [&] { return is_done(pg::relation_oid(table)); });
}

bool rotate_positions(int table)
{
	if (position_table(pg::next_id("position_id")) == table)
		return true;
	return truncate_if(position_tables[table], [&] { return carry_over(table) && is_carried_over(table); });
}

} // namespace

bool is_rotation_due()
{
	const int64 events = floor_now() >> kStretch;
	const int64 positions = last_position() >> kPositionStretch;
	const bool is_news = events != tried.events || positions != tried.positions;
	const TimestampTz now = GetCurrentTimestamp();
	if (!is_news && !(tried.some_left && TimestampDifferenceExceeds(tried.at, now, kAgainMs)))
		return false;
	tried = Tried{events, positions, false, now};
	return true;
}

void rotate(int which)
{
	const bool done = which < kGenerations ? rotate_events(which) : rotate_positions(which - kGenerations);
	tried.some_left = tried.some_left || !done;
}

} // namespace bpt::queue
