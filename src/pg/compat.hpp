// Every difference between PostgreSQL versions, one entry an interface. PostgreSQL 15 is the version of reference.
#pragma once

#if PG_VERSION_NUM < 150000
#error "bpt needs PostgreSQL 15 or later"
#endif

#if PG_VERSION_NUM < 160000
extern "C" {
#include "utils/acl.h"
}
// 16 replaced the pg_*_aclcheck family by object_aclcheck.
#define bpt_function_aclcheck(function, role, mode) pg_proc_aclcheck(function, role, mode)
#define bpt_namespace_aclcheck(space, role, mode) pg_namespace_aclcheck(space, role, mode)
#else
#define bpt_function_aclcheck(function, role, mode) object_aclcheck(ProcedureRelationId, function, role, mode)
#define bpt_namespace_aclcheck(space, role, mode) object_aclcheck(NamespaceRelationId, space, role, mode)
#endif

#if PG_VERSION_NUM < 160000
// 16 added onlySummarizing.
#define bpt_insert_index_tuples(result_rel, slot, estate, update)                                                      \
	ExecInsertIndexTuples(result_rel, slot, estate, update, false, nullptr, NIL)
using bpt_update_indexes = bool;
#define bpt_needs_index_update(u) (u)
#else
#define bpt_insert_index_tuples(result_rel, slot, estate, update)                                                      \
	ExecInsertIndexTuples(result_rel, slot, estate, update, false, nullptr, NIL, false)
using bpt_update_indexes = TU_UpdateIndexes;
#define bpt_needs_index_update(u) ((u) != TU_None)
#endif

#if PG_VERSION_NUM < 160000
// 16 gave settings a memory context of their own.
#define bpt_guc_malloc(size) malloc(size)
#else
#define bpt_guc_malloc(size) guc_malloc(LOG, size)
#endif

#if PG_VERSION_NUM < 180000
// 18 added instrumentation.
#define bpt_index_beginscan(table, index, snapshot, keys) index_beginscan(table, index, snapshot, keys, 0)
#else
#define bpt_index_beginscan(table, index, snapshot, keys) index_beginscan(table, index, snapshot, nullptr, keys, 0)
#endif

extern "C" {
#include "storage/proc.h"
}
// 17 moved the local transaction id into a struct.
#if PG_VERSION_NUM < 170000
#define bpt_local_transaction_id() (MyProc->lxid)
#else
#define bpt_local_transaction_id() (MyProc->vxid.lxid)
#endif

#if PG_VERSION_NUM < 160000
// 16 replaced the pg_*_ownercheck family by object_ownercheck.
#define bpt_database_ownercheck(database, role) pg_database_ownercheck(database, role)
#define bpt_extension_ownercheck(extension, role) pg_extension_ownercheck(extension, role)
#else
#define bpt_database_ownercheck(database, role) object_ownercheck(DatabaseRelationId, database, role)
#define bpt_extension_ownercheck(extension, role) object_ownercheck(ExtensionRelationId, extension, role)
#endif

extern "C" {
#include "parser/parse_type.h"
#include "utils/lsyscache.h"
}
#if PG_VERSION_NUM >= 160000
extern "C" {
#include "nodes/miscnodes.h"
}
#endif
/// The type of that name, InvalidOid if there is none; a name that is no name at all is an error.
inline void bpt_parse_type(const char *name, Oid *type, int32 *typmod)
{
#if PG_VERSION_NUM < 160000
	parseTypeString(name, type, typmod, true);
#else
	// 16 reports what is missing softly.
	ErrorSaveContext missing = {};
	missing.type = T_ErrorSaveContext;
	if (!parseTypeString(name, type, typmod, reinterpret_cast<Node *>(&missing)))
		*type = InvalidOid;
#endif
}

/// The type of that name; an error if there is none.
inline void bpt_require_type(const char *name, Oid *type, int32 *typmod)
{
#if PG_VERSION_NUM < 160000
	parseTypeString(name, type, typmod, false);
#else
	(void)parseTypeString(name, type, typmod, nullptr);
#endif
}

#if PG_VERSION_NUM < 180000
// 18 knows more ordered indexes than B-trees.
#define bpt_get_op_interpretation(operation) get_op_btree_interpretation(operation)
#else
#define bpt_get_op_interpretation(operation) get_op_index_interpretation(operation)
#endif

extern "C" {
#include "nodes/nodeFuncs.h"
}
#if PG_VERSION_NUM < 160000
// Before 16 what walks a tree is declared without its arguments.
inline bool (*bpt_as_walker(bool (*walker)(Node *, void *)))()
{
	return reinterpret_cast<bool (*)()>(reinterpret_cast<void (*)()>(walker));
}
inline Node *(*bpt_as_mutator(Node *(*mutator)(Node *, void *)))()
{
	return reinterpret_cast<Node *(*)()>(reinterpret_cast<void (*)()>(mutator));
}
#else
#define bpt_as_walker(walker) (walker)
#define bpt_as_mutator(mutator) (mutator)
#endif

// 18 took from ExecutorRun whether a query runs once.
#if PG_VERSION_NUM < 180000
#define bpt_executor_run_parameters ScanDirection direction, uint64 count, bool once
#define bpt_executor_run_arguments direction, count, once
#else
#define bpt_executor_run_parameters ScanDirection direction, uint64 count
#define bpt_executor_run_arguments direction, count
#endif

// 18 computes generated columns that are not stored where they are read.
#if PG_VERSION_NUM < 180000
#define bpt_has_virtual_columns(desc) false
#else
#define bpt_has_virtual_columns(desc) ((desc)->constr != nullptr && (desc)->constr->has_generated_virtual)
#endif
