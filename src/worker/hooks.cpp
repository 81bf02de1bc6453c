// Making way: commands that need a database without other sessions, or drop the extension, find no worker in their way.
//
// Before such a command runs, the database is noted as stopped in shared memory and its workers are told to end; what they
// were doing is not charged to it. At the end of the command's transaction, however it ends, the note goes and the launcher
// looks again: the database may be gone, renamed, still there, or there may be one more. Locks: none but the block's.
#include "pg/postgres.hpp"

#include "worker/main.hpp"
#include "worker/slots.hpp"

extern "C" {
#include "catalog/pg_authid.h"
#include "catalog/pg_database.h"
#include "catalog/pg_extension.h"
#include "commands/dbcommands.h"
#include "commands/defrem.h"
#include "commands/extension.h"
#include "nodes/parsenodes.h"
#include "pgstat.h"
#include "tcop/utility.h"
#include "utils/wait_event.h"
}

namespace bpt::worker {

namespace {

constexpr long kStepMs = 10;
constexpr int kMostSteps = 3000; // 30 seconds

ProcessUtility_hook_type earlier_utility = nullptr;
bool has_stopped = false;  // this transaction has notes in shared memory
bool probe_wanted = false; // this transaction made the extension

/// CREATEDB of the current user. PostgreSQL's own function for it is there from 15.19 on only.
bool may_create_databases()
{
	HeapTuple const tuple = SearchSysCache1(AUTHOID, ObjectIdGetDatum(GetUserId()));
	if (!HeapTupleIsValid(tuple))
		return false;
	const bool result = reinterpret_cast<Form_pg_authid>(GETSTRUCT(tuple))->rolcreatedb;
	ReleaseSysCache(tuple);
	return result;
}

/// True if the user could do this to the database: nobody else disturbs its workers.
bool may_touch(Oid database, bool as_template)
{
	if (superuser() || bpt_database_ownercheck(database, GetUserId()))
		return true;
	if (!as_template)
		return false;
	HeapTuple const tuple = SearchSysCache1(DATABASEOID, ObjectIdGetDatum(database));
	if (!HeapTupleIsValid(tuple))
		return false;
	const bool is_template = reinterpret_cast<Form_pg_database>(GETSTRUCT(tuple))->datistemplate;
	ReleaseSysCache(tuple);
	return is_template && may_create_databases();
}

/// The database that the statement wants without other sessions; InvalidOid: none.
Oid database_to_clear(Node *statement)
{
	const char *name = nullptr;
	bool as_template = false;
	ListCell *cell = nullptr;
	switch (nodeTag(statement))
	{
	case T_DropdbStmt:
		name = reinterpret_cast<DropdbStmt *>(statement)->dbname;
		break;
	case T_RenameStmt:
		if (reinterpret_cast<RenameStmt *>(statement)->renameType == OBJECT_DATABASE)
			name = reinterpret_cast<RenameStmt *>(statement)->subname;
		break;
	case T_AlterDatabaseStmt:
		foreach (cell, reinterpret_cast<AlterDatabaseStmt *>(statement)->options)
			if (strcmp(static_cast<DefElem *>(lfirst(cell))->defname, "tablespace") == 0)
				name = reinterpret_cast<AlterDatabaseStmt *>(statement)->dbname;
		break;
	case T_CreatedbStmt:
		as_template = true;
		name = "template1";
		foreach (cell, reinterpret_cast<CreatedbStmt *>(statement)->options)
		{
			auto *const option = static_cast<DefElem *>(lfirst(cell));
			if (strcmp(option->defname, "template") == 0 && option->arg != nullptr)
				name = defGetString(option);
		}
		break;
	default:
		break;
	}
	if (name == nullptr)
		return InvalidOid;
	Oid const database = get_database_oid(name, true);
	return OidIsValid(database) && may_touch(database, as_template) ? database : InvalidOid;
}

/// True if the statement drops the extension bpt, or its schema, by name, and the user may.
bool drops_extension(Node *statement)
{
	if (nodeTag(statement) != T_DropStmt)
		return false;
	auto *const drop = reinterpret_cast<DropStmt *>(statement);
	if (drop->removeType != OBJECT_EXTENSION && drop->removeType != OBJECT_SCHEMA)
		return false;
	ListCell *cell = nullptr;
	foreach (cell, drop->objects)
	{
		if (strcmp(strVal(lfirst(cell)), "bpt") != 0)
			continue;
		Oid const extension = get_extension_oid("bpt", true);
		return OidIsValid(extension) && bpt_extension_ownercheck(extension, GetUserId());
	}
	return false;
}

/// Has the workers of a database leave; with `wait` until they have left.
void clear(Oid database, bool wait)
{
	has_stopped = true;
	if (!stop_workers(database) || !wait)
		return;
	for (int i = 0; i < kMostSteps && has_workers(database); i++)
	{
		WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, kStepMs, PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
	}
}

extern "C" void bpt_utility(PlannedStmt *plan, const char *query, bool read_only_tree, ProcessUtilityContext context,
							ParamListInfo parameters, QueryEnvironment *environment, DestReceiver *destination,
							QueryCompletion *completion)
{
	Node *const statement = plan->utilityStmt;
	if (IsTransactionState() && !RecoveryInProgress())
	{
		Oid const database = database_to_clear(statement);
		if (OidIsValid(database))
			clear(database, false);
		else if (drops_extension(statement))
			clear(MyDatabaseId, true);
	}
	const auto next = earlier_utility != nullptr ? earlier_utility : standard_ProcessUtility;
	next(plan, query, read_only_tree, context, parameters, environment, destination, completion);
}

extern "C" void bpt_stop_transaction_ended(XactEvent event, void *)
{
	if (event != XACT_EVENT_COMMIT && event != XACT_EVENT_ABORT && event != XACT_EVENT_PREPARE)
		return;
	if (has_stopped)
		allow_workers(0);
	if (probe_wanted && event == XACT_EVENT_COMMIT)
		request_probe(MyDatabaseId);
	has_stopped = false;
	probe_wanted = false;
}

extern "C" void bpt_stop_subtransaction_ended(SubXactEvent event, SubTransactionId sub, SubTransactionId, void *)
{
	// Ids of subtransactions grow, so everything from this one on was inside it. A committed one's notes are left for the
	// transaction's end: stopping a little longer does no harm.
	if (has_stopped && event == SUBXACT_EVENT_ABORT_SUB)
		allow_workers(sub);
}

} // namespace

void register_hooks()
{
	earlier_utility = ProcessUtility_hook;
	ProcessUtility_hook = bpt_utility;
	RegisterXactCallback(bpt_stop_transaction_ended, nullptr);
	RegisterSubXactCallback(bpt_stop_subtransaction_ended, nullptr);
}

void probe_at_commit()
{
	probe_wanted = true;
}

} // namespace bpt::worker
