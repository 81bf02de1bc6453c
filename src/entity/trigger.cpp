// bpt.entity_event(): the trigger function on tables that processes listen to. It records, and never acts.
//
// It acts only for the triggers that publish made: named as wanted.cpp names them, with the entity's id as argument, on
// the entity's table or a partition of it. Anywhere else it does nothing. The user's statement fails only where the system
// does: everything of a definition that may raise runs in a subtransaction (capture.cpp). Locks: RowExclusiveLock on
// the tables of events; on a partition's first event in a session also AccessShareLock on the table above it.
#include "pg/postgres.hpp"

#include "entity/capture.hpp"
#include "entity/payload.hpp"
#include "entity/wanted.hpp"
#include "pg/bracket.hpp"
#include "pg/hash.hpp"
#include "pg/settings.hpp"

extern "C" {
#include "commands/trigger.h"
#include "common/hashfn.h"
#include "utils/tuplestore.h"
}

namespace bpt::entity {

namespace {

constexpr int kBatch = 500; // rows tested together

// The transaction that was warned of a setting that does not count for its user.
TimestampTz warned_in = 0;

/// Whether bpt.events = off counts here: for the table's owner and administrators.
bool is_switched_off(Oid relation)
{
	if (settings::events)
		return false;
	Oid const user = GetUserId();
	Oid const admin = get_role_oid("bpt_admin", true);
	HeapTuple const tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
	if (!HeapTupleIsValid(tuple))
		return false;
	Oid const owner = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);
	if (has_privs_of_role(user, owner) || (OidIsValid(admin) && has_privs_of_role(user, admin)))
		return true;
	if (warned_in != GetCurrentTransactionStartTimestamp())
	{
		warned_in = GetCurrentTransactionStartTimestamp();
		ereport(WARNING, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						  errmsg("setting \"bpt.events\" is ignored for table \"%s\"", get_rel_name(relation)),
						  errdetail("Only the table's owner and members of bpt_admin may change rows unseen.")));
	}
	return false;
}

/// The entity whose registered trigger this is, null if it is none of ours.
Plan *registered(const TriggerData *data, char operation, Member **member)
{
	const Trigger *const trigger = data->tg_trigger;
	if (trigger->tgnargs != 1 || !TRIGGER_FIRED_AFTER(data->tg_event))
		return nullptr;
	char *end = nullptr;
	const long long entity = strtoll(trigger->tgargs[0], &end, 10);
	if (end == trigger->tgargs[0] || *end != '\0')
		return nullptr;
	Plan *const plan = plan_of(entity);
	if (plan == nullptr)
		return nullptr;
	if (!is_trigger_name(trigger->tgname, operation, plan->is_partition ? entity : 0))
		return nullptr;
	*member = member_of(plan, data->tg_relation);
	return *member == nullptr ? nullptr : plan;
}

/// The row as the table stores it, in `converted` if the partition stores it otherwise.
TupleTableSlot *as_table_row(const Member *member, TupleTableSlot *slot, TupleTableSlot *converted)
{
	return member->map == nullptr ? slot : execute_attr_map_slot(member->map->attrMap, slot, converted);
}

/// Reads rows of a transition table into a growing set of slots that are used again for each batch.
struct Reader
{
	Plan *plan;
	const Member *member;
	TupleDesc desc; // of the relation that was written
	Tuplestorestate *store;
	int64 left; // rows that were not read yet
	int made = 0;
	TupleTableSlot **stored;
	TupleTableSlot **converted;

	/// The next row in slot i, null at the end.
	TupleTableSlot *next(int i)
	{
		if (left == 0)
			return nullptr;
		left--;
		if (i == made)
		{
			stored[made] = MakeSingleTupleTableSlot(desc, &TTSOpsMinimalTuple);
			converted[made] = member->map == nullptr ? nullptr : MakeSingleTupleTableSlot(plan->desc, &TTSOpsVirtual);
			made++;
		}
		if (!tuplestore_gettupleslot(store, true, false, stored[i]))
			elog(ERROR, "bpt: a transition table has fewer rows than it counts");
		return as_table_row(member, stored[i], converted[i]);
	}
	void clear()
	{
		for (int i = 0; i < made; i++)
		{
			if (stored[i] != nullptr)
				ExecClearTuple(stored[i]);
			if (converted[i] != nullptr)
				ExecClearTuple(converted[i]);
		}
	}
	void close()
	{
		for (int i = 0; i < made; i++)
		{
			ExecDropSingleTupleTableSlot(stored[i]);
			if (converted[i] != nullptr)
				ExecDropSingleTupleTableSlot(converted[i]);
		}
	}
	void rewind()
	{
		tuplestore_select_read_pointer(store, 0);
		tuplestore_rescan(store);
		left = tuplestore_tuple_count(store);
	}
	/// How many rows a batch can have.
	Size batch() const { return static_cast<Size>(Min(kBatch, left)); }
};

Reader *make_reader(Plan *plan, const Member *member, Relation relation, Tuplestorestate *store)
{
	Reader *const reader = static_cast<Reader *>(palloc(sizeof(Reader)));
	reader->plan = plan;
	reader->member = member;
	reader->desc = RelationGetDescr(relation);
	reader->store = store;
	reader->made = 0;
	reader->rewind();
	reader->stored = static_cast<TupleTableSlot **>(palloc(sizeof(TupleTableSlot *) * reader->batch()));
	reader->converted = static_cast<TupleTableSlot **>(palloc(sizeof(TupleTableSlot *) * reader->batch()));
	return reader;
}

/// Old rows by key, for a statement whose old and new rows do not stand in the same order.
struct OldRow
{
	OldRow *next;
	const char *key;
	MinimalTuple tuple;
};
struct OldRows
{
	uint32 hash;
	OldRow *first;
	OldRow *last;
};

uint32 hash_of(const char *key)
{
	return hash_bytes(reinterpret_cast<const unsigned char *>(key), static_cast<int>(strlen(key)));
}

HTAB *old_rows_by_key(Reader *olds)
{
	HTAB *const table = pg::make_table<uint32, OldRows>("bpt old rows", 256, CurrentMemoryContext);
	while (TupleTableSlot *const row = olds->next(0))
	{
		const char *const key = key_text(olds->plan, row);
		const uint32 hash = hash_of(key);
		bool found = false;
		OldRows *const entry = static_cast<OldRows *>(hash_search(table, &hash, HASH_ENTER, &found));
		if (!found)
			entry->first = entry->last = nullptr;
		OldRow *const old = static_cast<OldRow *>(palloc(sizeof(OldRow)));
		*old = {nullptr, key, ExecCopySlotMinimalTuple(row)};
		(entry->last == nullptr ? entry->first : entry->last->next) = old;
		entry->last = old;
	}
	return table;
}

/// Takes the first old row with this key out of the table; null if there is none.
MinimalTuple take_old_row(HTAB *table, const char *key)
{
	const uint32 hash = hash_of(key);
	OldRows *const entry = static_cast<OldRows *>(hash_search(table, &hash, HASH_FIND, nullptr));
	if (entry == nullptr)
		return nullptr;
	OldRow *before = nullptr;
	for (OldRow *old = entry->first; old != nullptr; before = old, old = old->next)
		if (strcmp(old->key, key) == 0)
		{
			(before == nullptr ? entry->first : before->next) = old->next;
			if (entry->last == old)
				entry->last = before;
			return old->tuple;
		}
	return nullptr;
}

/// The rows of one statement, from its transition tables, batch by batch.
void record_statement(const TriggerData *data, Plan *plan, const Member *member, char operation)
{
	if (data->tg_newtable == nullptr || tuplestore_tuple_count(data->tg_newtable) == 0)
		return;
	// Few rows are told in the context that PostgreSQL empties after each call of a trigger.
	const bool is_short = tuplestore_tuple_count(data->tg_newtable) < kBatch;
	MemoryContext const before = CurrentMemoryContext;
	MemoryContext const outer =
		is_short ? before : AllocSetContextCreate(before, "bpt statement", ALLOCSET_DEFAULT_SIZES);
	MemoryContext const inner = is_short ? outer : AllocSetContextCreate(outer, "bpt batch", ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(outer);

	Reader *const news = make_reader(plan, member, data->tg_relation, data->tg_newtable);
	Reader *olds = nullptr;
	HTAB *by_key = nullptr;
	if (operation == 'U' && data->tg_oldtable != nullptr && needs_old(plan, operation))
	{
		olds = make_reader(plan, member, data->tg_relation, data->tg_oldtable);
		if (tuplestore_tuple_count(data->tg_oldtable) != tuplestore_tuple_count(data->tg_newtable))
		{
			const int level = begin_output();
			by_key = old_rows_by_key(olds);
			end_output(level);
		}
	}

	queue::EventWriter *writer = nullptr;
	TupleTableSlot **const rows = static_cast<TupleTableSlot **>(palloc(sizeof(TupleTableSlot *) * news->batch()));
	TupleTableSlot **const old = static_cast<TupleTableSlot **>(palloc(sizeof(TupleTableSlot *) * news->batch()));
	while (news->left > 0)
	{
		CHECK_FOR_INTERRUPTS();
		Batch batch{0, rows, old};
		const int read = static_cast<int>(news->batch());
		for (int i = 0; i < read; i++)
		{
			MemoryContextSwitchTo(outer);
			TupleTableSlot *const row = news->next(i);
			TupleTableSlot *const partner = olds != nullptr && by_key == nullptr ? olds->next(i) : nullptr;
			MemoryContextSwitchTo(inner);
			rows[batch.count] = row;
			old[batch.count] = partner;
			if (by_key != nullptr)
			{
				const int level = begin_output();
				MinimalTuple const tuple = take_old_row(by_key, key_text(plan, row));
				end_output(level);
				if (tuple == nullptr)
					continue;
				old[batch.count] = MakeSingleTupleTableSlot(plan->desc, &TTSOpsMinimalTuple);
				ExecStoreMinimalTuple(tuple, old[batch.count], false);
			}
			batch.count++;
		}
		capture(plan, operation, batch, &writer, outer);
		news->clear();
		if (olds != nullptr)
			olds->clear();
		if (inner != outer)
			MemoryContextReset(inner);
	}
	MemoryContextSwitchTo(outer);
	news->close();
	if (olds != nullptr)
		olds->close();
	if (writer != nullptr)
		queue::close_events(writer);
	MemoryContextSwitchTo(before);
	if (!is_short)
		MemoryContextDelete(outer);
}

/// The one row of a row trigger.
void record_row(const TriggerData *data, Plan *plan, const Member *member, char operation)
{
	TupleTableSlot *row = operation == 'I' ? data->tg_trigslot : data->tg_newslot;
	TupleTableSlot *old = operation == 'I' ? nullptr : data->tg_trigslot;
	if (member->map != nullptr)
	{
		row = as_table_row(member, row, MakeSingleTupleTableSlot(plan->desc, &TTSOpsVirtual));
		if (old != nullptr)
			old = as_table_row(member, old, MakeSingleTupleTableSlot(plan->desc, &TTSOpsVirtual));
	}
	queue::EventWriter *writer = nullptr;
	capture(plan, operation, {1, &row, &old}, &writer, CurrentMemoryContext);
	if (writer != nullptr)
		queue::close_events(writer);
}

/// Records what fired the trigger, if it is one of ours.
void record(const TriggerData *data)
{
	const char operation = TRIGGER_FIRED_BY_INSERT(data->tg_event)   ? 'I'
						   : TRIGGER_FIRED_BY_UPDATE(data->tg_event) ? 'U'
																	 : '\0';
	Member *member = nullptr;
	Plan *const plan = operation == '\0' ? nullptr : registered(data, operation, &member);
	if (plan == nullptr || is_switched_off(plan->relation))
		return;
	if (TRIGGER_FIRED_FOR_ROW(data->tg_event))
		record_row(data, plan, member, operation);
	else
		record_statement(data, plan, member, operation);
}

} // namespace

} // namespace bpt::entity

/// bpt.entity_event(): see above. A BEFORE trigger, which publish never makes, leaves its row as it is.
BPT_FUNCTION(bpt_entity_event)
{
	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("function \"%s\" was not called by trigger manager", "bpt.entity_event")));
	const TriggerData *const data = reinterpret_cast<TriggerData *>(fcinfo->context);
	bpt::entity::record(data);
	if (TRIGGER_FIRED_BEFORE(data->tg_event) && TRIGGER_FIRED_FOR_ROW(data->tg_event))
		return PointerGetDatum(TRIGGER_FIRED_BY_UPDATE(data->tg_event) ? data->tg_newtuple : data->tg_trigtuple);
	return PointerGetDatum(nullptr);
}
