// A worker's session and its transactions: how they begin, what they can rely on, and how one owner's traces are wiped.
#pragma once
#include "pg/postgres.hpp"

namespace bpt::worker {

/// The version of the SQL schema that this library works with.
inline constexpr const char *kSchemaVersion = "1.0";

enum class Schema
{
	absent, // the extension is not installed (any more)
	other,  // installed in a version that this library does not work with
	fits,
};

/// What is installed in a database.
struct Installed
{
	Schema schema = Schema::absent;
	Oid extension = InvalidOid;
	const char *version = nullptr; // in the memory that was current
	ItemPointerData place = {};    // of its row in pg_extension
	TransactionId writer = InvalidTransactionId;
};
/// Looks what is installed in this database now. Needs a transaction.
Installed find_installed();

/// Pins the settings that the worker's correctness rests on. Once, at the start.
void prepare_session();
/// Begins a transaction and keeps the extension from being dropped until it ends. The current memory context is `context`.
Schema begin(MemoryContext context);
/// Gives the triggers that wait for the commit the search_path that an ordinary session here begins with.
void set_path_for_commit();
/// Ends it.
void commit(MemoryContext context);
/// Aborts after an error that PG_TRY has caught, leaving the session fit for the next transaction.
void abort_after_error(MemoryContext context);
/// Wipes what user code left in the session, as DISCARD ALL does. Needs a transaction.
void reset_session();

/// Runs f in a transaction of its own; what it raises is logged. False if it raised or the extension is gone.
template <typename F>
bool in_own_transaction(MemoryContext context, F f)
{
	volatile bool succeeded = false;
	PG_TRY();
	{
		if (begin(context) == Schema::fits)
		{
			f();
			succeeded = true;
		}
		commit(context);
	}
	PG_CATCH();
	{
		EmitErrorReport();
		FlushErrorState();
		abort_after_error(context);
		succeeded = false;
	}
	PG_END_TRY();
	return succeeded;
}

} // namespace bpt::worker
