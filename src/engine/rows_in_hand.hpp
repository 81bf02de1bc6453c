// Rows in hand: the process and activity rows that this transaction has made or locked, kept in memory and written late.
//
// A row that an instance passes through several states in one transaction is written once, in its last state. That is
// safe because nobody else can change these rows meanwhile (this transaction made them, or holds their process's lock),
// because all engine code reads them here first, and because they are written before anything else looks: before SQL that
// reads the tables (an executor hook), before a scan of them, and before the commit. Each version remembers the
// subtransaction it belongs to, so that an abort brings the one before it back, also if it was written already.
#pragma once
#include "pg/rows.hpp"

namespace bpt::engine {

enum class Kept
{
	process,
	activity,
};

/// The row in hand; not found if there is none.
pg::Row in_hand(Kept table, int64 id);
bool is_in_hand(Kept table, int64 id);
/// A copy of a row that lasts as long as `memory`.
pg::Row copy_of(Kept table, const pg::Row &row, MemoryContext memory);
/// Takes a row that was read under its process's lock in hand.
void keep(Kept table, const pg::Row &row);
/// Takes a new or changed row in hand, to be written later.
void save(Kept table, pg::Row &row);
/// Deletes a row, in hand or not.
void discard(Kept table, const pg::Row &row);
/// Writes what is not written yet.
void write_rows();
/// Another number after each change of what is in hand, written or not.
uint64 changes_in_hand();

/// Registers the transaction callbacks and the executor hooks. Called once by _PG_init.
void register_rows_in_hand();

} // namespace bpt::engine
