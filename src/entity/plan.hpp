// What a table's triggers test, per backend: the active event clauses of one entity with everything needed to test a row.
//
// Made at the first event of a backend, dropped by an invalidation of the table's relcache entry, which publish sends with
// every change of the clauses. Events are nested in nothing that could make it anew: what a condition calls is read-only.
#pragma once
#include "entity/entity.hpp"

extern "C" {
#include "access/tupconvert.h"
}

namespace bpt::entity {

/// One side of a correlation, ready to be hashed.
struct Hash
{
	AttrNumber attribute;
	Oid collation;
	FmgrInfo function;
};

/// One active clause.
struct Test
{
	int64 event_def_id;
	int32 version;
	char operation;
	expr::Definition *definition; // null: it cannot be loaded
	expr::ClausePlan *plan;       // null: it cannot be analysed: every row is an untested event, for all listeners
	bool only_changed;            // UPDATE OF (…): and of these, `columns`
	int column_count;
	AttrNumber *columns;
	int hash_count;
	Hash *hashes;
	bool builtin_hashes; // which cannot raise
	bool launches;
	bool in_order; // its events are delivered in the order of all such events
	bool label;    // a launch that takes its label from the row
};

/// How a member of the table's tree (the table, or a partition of it) stores its rows.
struct Member
{
	Oid relation;
	Member *next;
	TupleConversionMap *map; // null: as the table does
};

/// One column's way to text.
struct Column
{
	const char *name;
	Oid type;
	Oid collation;
	FmgrInfo output;
	bool has_output;
	bool names_things; // its text depends on search_path (expr::names_things)
	FmgrInfo equal;    // of built-in types; others are compared byte by byte
	bool has_equal;
	bool by_value;
	int16 length;
};

struct Plan
{
	MemoryContext context;
	Plan *next;
	bool made;
	bool stale;          // the table's relcache entry was invalidated
	bool complete;       // every clause could be prepared
	TimestampTz made_at; // the start of the statement for which it was made
	int64 entity_id;
	Oid relation;      // the table that is listened to
	bool is_partition; // it is a partition itself: listened to by row triggers
	TupleDesc desc;
	Column *columns; // by attribute number - 1
	int key_count;
	AttrNumber key[INDEX_MAX_KEYS];
	TupleDesc key_desc; // of a composite key
	AttrNumber label;   // the first text column; 0: none
	int test_count;
	Test *tests;
	Member *members;
};

/// The plan of an entity; null if the entity or its table does not exist.
Plan *plan_of(int64 entity_id);
/// The same, made anew: within a transaction that changed the clauses.
Plan *fresh_plan_of(int64 entity_id);
/// The member for a relation; null if it is neither the table nor a partition of it.
Member *member_of(Plan *plan, Relation relation);

} // namespace bpt::entity
