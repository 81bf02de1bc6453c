// A worker's session (session.hpp).
//
// Locks: every transaction holds ACCESS SHARE on the extension object, taken before anything else of it is touched, so
// DROP EXTENSION either waits for the item or is seen by the next transaction.
#include "pg/postgres.hpp"

#include "pg/after_triggers.hpp"
#include "pg/free_memory.hpp"
#include "queue/work.hpp"
#include "worker/session.hpp"

extern "C" {
#include "catalog/pg_authid.h"
#include "catalog/pg_extension.h"
#include "commands/async.h"
#include "commands/extension.h"
#include "commands/prepare.h"
#include "commands/sequence.h"
#include "jit/jit.h"
#include "storage/lmgr.h"
#include "storage/lock.h"
#include "utils/fmgroids.h"
#include "utils/plancache.h"
#include "utils/portal.h"
#include "utils/timeout.h"
}

namespace bpt::worker {

namespace {

/// Sets a parameter so that RESET goes back to this value.
void pin(const char *name, const char *value)
{
	SetConfigOption(name, value, PGC_SUSET, PGC_S_OVERRIDE);
}

// The search_path with which sessions begin here; the worker's own is pinned.
char *ordinary_path = nullptr;

// The extension as it was found last.
Installed last;

/// True if it is still as it was found, by a look at where its row stood.
bool is_as_found()
{
	Datum first = ObjectIdGetDatum(last.extension);
	pg::Row row;
	row.values = &first;
	row.tid = last.place;
	row.xmin = last.writer;
	return pg::is_as_read(ExtensionRelationId, row);
}

/// The worker's own identity: user code runs as another one between begin and commit.
void be_oneself()
{
	SetUserIdAndSecContext(BOOTSTRAP_SUPERUSERID, 0);
}

} // namespace

Installed find_installed()
{
	Installed found;
	Relation const extensions = table_open(ExtensionRelationId, AccessShareLock);
	ScanKeyData key;
	ScanKeyInit(&key, Anum_pg_extension_extname, BTEqualStrategyNumber, F_NAMEEQ, CStringGetDatum("bpt"));
	SysScanDesc const scan = systable_beginscan(extensions, ExtensionNameIndexId, true, nullptr, 1, &key);
	HeapTuple const tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
	{
		bool isnull = true;
		Datum const value = heap_getattr(tuple, Anum_pg_extension_extversion, RelationGetDescr(extensions), &isnull);
		found.version = isnull ? pstrdup("") : TextDatumGetCString(value);
		found.schema = strcmp(found.version, kSchemaVersion) == 0 ? Schema::fits : Schema::other;
		found.extension = reinterpret_cast<Form_pg_extension>(GETSTRUCT(tuple))->oid;
		found.place = tuple->t_self;
		found.writer = HeapTupleHeaderGetXmin(tuple->t_data);
	}
	systable_endscan(scan);
	table_close(extensions, AccessShareLock);
	return found;
}

void prepare_session()
{
	pg::keep_free_memory();
	ordinary_path = MemoryContextStrdup(TopMemoryContext, GetConfigOption("search_path", false, false));
	pin("application_name", "bpt worker");
	pin("client_min_messages", "error");
	pin("deadlock_timeout", "50ms"); // in a conflict the worker gives way
	pin("default_transaction_deferrable", "off");
	pin("default_transaction_isolation", "read committed");
	pin("default_transaction_read_only", "off");
	pin("idle_in_transaction_session_timeout", "0");
	pin("lock_timeout", "0");
	pin("row_security", "on");
	pin("search_path", "pg_catalog, pg_temp");
	pin("session_replication_role", "origin");
	pin("statement_timeout", "0");
	if (synchronous_commit < SYNCHRONOUS_COMMIT_REMOTE_FLUSH)
		pin("synchronous_commit", "on");
}

Schema begin(MemoryContext context)
{
	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();
	MemoryContextSwitchTo(context);
	// The one that was there last is most likely the one that is there: it is locked first, then looked at.
	for (Oid locked = last.extension;;)
	{
		if (OidIsValid(locked))
			LockDatabaseObject(ExtensionRelationId, locked, 0, AccessShareLock);
		// Whoever held the lock may have dropped it, and made it anew.
		if (locked == last.extension && OidIsValid(locked) && is_as_found())
			return last.schema;
		last = find_installed();
		if (locked == last.extension || last.schema == Schema::absent)
			return last.schema;
		locked = last.extension;
	}
}

void set_path_for_commit()
{
	if (!pg::may_have_deferred_triggers())
		return;
	set_config_option("search_path", ordinary_path, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_LOCAL, true, 0, false);
}

void commit(MemoryContext context)
{
	queue::end_claims();
	CommitTransactionCommand();
	queue::keep_claims();
	be_oneself();
	MemoryContextSwitchTo(context);
}

void abort_after_error(MemoryContext context)
{
	disable_all_timeouts(false);
	QueryCancelPending = false;
	AbortCurrentTransaction();
	jit_reset_after_error();
	queue::search_from_front();
	be_oneself();
	MemoryContextSwitchTo(context);
}

void reset_session()
{
	PortalHashTableDeleteAll();
	ResetAllOptions();
	DropAllPreparedStatements();
	Async_UnlistenAll();
	LockReleaseAll(USER_LOCKMETHOD, true);
	ResetPlanCache();
	ResetTempTableNamespace();
	ResetSequenceCaches();
}

} // namespace bpt::worker
