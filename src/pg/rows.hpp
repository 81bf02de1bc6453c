// The engine's way to its own tables: by name, by a named index, by column number; no planner, no privileges to check.
//
// A fixed access path cannot change with the planner's mood (see docs/adr). Rows are read with a snapshot the caller
// names and written as the executor writes them (all indexes, also partial ones; TOAST). After every write the command
// counter is advanced, so the next read with a fresh snapshot sees it.
#pragma once
#include "core/arena.hpp"
#include "pg/own.hpp"

namespace bpt::pg {

/// One row as arrays by column (index 0 = column 1). Values live in the context that read them.
struct Row
{
	Datum *values = nullptr;
	bool *nulls = nullptr;
	int columns = 0;
	ItemPointerData tid = {};
	TransactionId xmin = InvalidTransactionId; // who wrote this version
	bool found = false;

	explicit operator bool() const { return found; }
	Datum at(int column) const { return values[column - 1]; }
	/// NULL, or of a row that was not found.
	bool null(int column) const { return nulls == nullptr || nulls[column - 1]; }
	int64 int8(int column) const { return null(column) ? 0 : DatumGetInt64(values[column - 1]); }
	int32 int4(int column) const { return null(column) ? 0 : DatumGetInt32(values[column - 1]); }
	int16 int2(int column) const { return null(column) ? int16{0} : DatumGetInt16(values[column - 1]); }
	bool boolean(int column) const { return !null(column) && DatumGetBool(values[column - 1]); }
	Oid oid(int column) const { return null(column) ? InvalidOid : DatumGetObjectId(values[column - 1]); }
	TimestampTz instant(int column) const { return DatumGetTimestampTz(values[column - 1]); }
	/// The text as a C string, null if NULL.
	char *text(int column) const;
	/// Null if NULL.
	Jsonb *json(int column) const { return null(column) ? nullptr : DatumGetJsonbP(values[column - 1]); }
	void set(int column, Datum value)
	{
		values[column - 1] = value;
		nulls[column - 1] = false;
	}
	void set_null(int column)
	{
		values[column - 1] = Datum{0};
		nulls[column - 1] = true;
	}
	void set_text(int column, const char *value);
};

/// A copy of a tuple, as a row.
Row row_of(HeapTuple tuple, TupleDesc desc);
/// An empty row (all NULL) for a table, which is locked as for writing.
Row new_row(const char *table);

/// One equality of an index look-up: the n-th key column of the index = value.
struct Key
{
	Datum value;
	Oid type; // INT8OID, INT4OID, INT2OID, TEXTOID, OIDOID, NAMEOID, TIMESTAMPTZOID
};

enum class Lock
{
	none,
	no_key_update,      // FOR NO KEY UPDATE, waits
	no_key_update_skip, // … SKIP LOCKED: a locked row is not found
	update,             // FOR UPDATE (before a delete), waits
	update_skip,
};

/// The first row whose leading index columns equal the keys, in index order, seen by the latest snapshot (or, with
/// `snapshot`, by that one). With a lock the newest version is locked and returned; in a transaction of level REPEATABLE
/// READ or above a row changed since its snapshot is an error 40001; a row deleted meanwhile is not found.
Row find(const char *table, const char *index, std::initializer_list<Key> keys, Lock lock = Lock::none);

/// True if the row, whose first column is passed by value, is still the version that was read, in this transaction or
/// another: for less than reading it anew.
bool is_as_read(Oid table, const Row &row);
inline bool is_as_read(const char *table, const Row &row)
{
	return is_as_read(relation_oid(table), row);
}

/// Locks such a row, by its place, if it is still the version that was read: *locked is the newest one then, not found if it is
/// gone meanwhile, or skipped. False: it is to be looked up.
bool lock_as_read(const char *table, const Row &row, Lock lock, Row *locked);

/// Calls f(row) for each such row in index order until it returns false.
void scan(const char *table, const char *index, std::initializer_list<Key> keys, Lock lock,
		  bool (*f)(void *context, Row &row), void *context);

template <typename F>
void each(const char *table, const char *index, std::initializer_list<Key> keys, F f, Lock lock = Lock::none)
{
	scan(
		table, index, keys, lock, [](void *context, Row &row) { return (*static_cast<F *>(context))(row); }, &f);
}
/// All such rows, in index order.
core::Vec<Row> all(core::Arena &arena, const char *table, const char *index, std::initializer_list<Key> keys);

/// Like each, but only rows whose column named by the last key lies behind it; with `snapshot`, seen by that one.
void scan_after(const char *table, const char *index, std::initializer_list<Key> keys, Snapshot snapshot,
				bool (*f)(void *context, Row &row), void *context);
template <typename F>
void each_after(const char *table, const char *index, std::initializer_list<Key> keys, F f, Snapshot snapshot = nullptr)
{
	scan_after(
		table, index, keys, snapshot, [](void *context, Row &row) { return (*static_cast<F *>(context))(row); }, &f);
}

/// Like each, but only rows whose column named by the last key, an instant, lies at or behind it.
void scan_from(const char *table, const char *index, std::initializer_list<Key> keys,
			   bool (*f)(void *context, Row &row), void *context);
template <typename F>
void each_from(const char *table, const char *index, std::initializer_list<Key> keys, F f)
{
	scan_from(
		table, index, keys, [](void *context, Row &row) { return (*static_cast<F *>(context))(row); }, &f);
}

/// Like each, but only rows whose first key column lies at or below `limit` (timers due).
template <typename F>
void each_up_to(const char *table, const char *index, Key limit, F f, Lock lock);
void scan_up_to(const char *table, const char *index, Key limit, Lock lock, bool (*f)(void *context, Row &row),
				void *context);
template <typename F>
void each_up_to(const char *table, const char *index, Key limit, F f, Lock lock)
{
	scan_up_to(
		table, index, limit, lock, [](void *context, Row &row) { return (*static_cast<F *>(context))(row); }, &f);
}

/// Called before a scan of a table by anything but its primary key, so that rows kept in memory can be written first.
extern void (*before_scan)(const char *table);

/// Several rows of one table at less cost than one by one: close_writer ends it. Not for the caller to ask whether the
/// transaction may write: what is written late may be written also after SET TRANSACTION READ ONLY.
struct Writer;
Writer *open_writer(const char *table);
/// Updates the row at row.tid; row.tid becomes the new one.
void rewrite(Writer *writer, Row &row);
/// Inserts these rows, a page at a time where they fit; each row.tid becomes the new one.
constexpr int kMaxTogether = 64;
void write(Writer *writer, Row *const *rows, int count);
void close_writer(Writer *writer);

/// Inserts the row as it is (no defaults are applied).
void insert(const char *table, Row &row);
/// Writes a row that find() returned (locked, or known to be the transaction's own) back; row.tid becomes the new one.
void update(const char *table, Row &row);
/// Deletes a row that find() returned.
void remove(const char *table, const Row &row);

inline Key key(int64 v)
{
	return {Int64GetDatum(v), INT8OID};
}
inline Key key_oid(Oid v)
{
	return {ObjectIdGetDatum(v), OIDOID};
}
inline Key key_int4(int32 v)
{
	return {Int32GetDatum(v), INT4OID};
}
inline Key key_int2(int16 v)
{
	return {Int16GetDatum(v), INT2OID};
}
inline Key key_text(const char *v)
{
	return {CStringGetTextDatum(v), TEXTOID};
}
inline Key key_instant(TimestampTz v)
{
	return {TimestampTzGetDatum(v), TIMESTAMPTZOID};
}

/// Calls f(row) for each row that the keys and wanted(row) find, as each does, locked by its primary key, a number in its first
/// column, and as it is then. Rows that are gone meanwhile, or skipped, are left out.
template <typename W, typename F>
void each_locked(const char *table, const char *index, std::initializer_list<Key> keys, const char *primary_key,
				 Lock lock, W wanted, F f)
{
	each(table, index, keys, [&](const Row &seen) {
		if (!wanted(seen))
			return true;
		Row row = find(table, primary_key, {key(seen.int8(1))}, lock);
		if (row)
			f(row);
		return true;
	});
}

} // namespace bpt::pg
