// Tables that processes listen to: their triggers, and which clauses a row change concerns.
#pragma once
#include "expr/code.hpp"
#include "queue/event.hpp"

namespace bpt::entity {

/// The bpt.entity id of a relation (made if missing), and back (InvalidOid if the table is gone).
int64 entity_id(Oid relation);
Oid relation_of(int64 entity_id);
/// The table of a clause. A definition in the cache may know one that was dropped and made anew since.
Oid relation_of(expr::Clause &clause);

/// Refuses what cannot be listened to (views, foreign, temporary, system tables, no primary key …); adds the problem at
/// the clause's position. Also checks the publisher's TRIGGER and SELECT rights.
void check_entity(Oid relation, const core::EventClause &clause, Oid publisher, core::Diagnostics &problems);

/// Makes the triggers of these relations (and their partitions) fit the active rows of bpt.event_def: creates, replaces,
/// drops. Locks them SHARE ROW EXCLUSIVE in oid order first. Called by publish and drop_process after event_def is written.
void lock_entities(const Oid *relations, int count);
void install_triggers(const Oid *relations, int count);

/// Whether a trigger of a relation (or of its partitions) is not as it has to be: somebody has dropped it.
bool lacks_triggers(Oid relation);

enum class TriggerState
{
	stands,
	missing,
	disabled,
};
/// How the trigger does that records what an operation ('I', 'U') does to the rows of a relation and its partitions;
/// `where`: on which of them it does not stand.
TriggerState trigger_state(Oid relation, char operation, Oid *where);

/// The same for every table that is listened to: in a copied database nothing followed its DDL until its release.
void install_all_triggers();

/// Whether any process has, or had, an EXECUTE that runs this one. Where that changes, what the triggers of its tables know
/// must be made anew: how they order its events depends on it.
bool is_executed(int64 process_def_id);
void forget_plans(const Oid *relations, int count);

/// Values of an event for expr: row_new and row_old slots come from the payload, all others from `scope`.
struct EventValues
{
	const queue::Event *event;
	Oid relation;
	expr::Values scope;
};
expr::Values event_values(EventValues *values);
/// The key of an event's row. Where its table had none then, it is read from the row by the key that the table has now;
/// null: it has none.
const char *key_of(const queue::Event &event, Oid relation);
/// Says that the table has no key, or none of a single column, by which an event could name a row.
[[noreturn]] void refuse_without_key(Oid relation);
/// The event's key as a value of `type` (for AS).
Datum key_value(const queue::Event &event, Oid relation, Oid type, int32 typmod, bool *isnull);

/// Whether the clause's whole condition holds for this event. Called inside as_owner.
bool matches(expr::Definition *definition, expr::Clause &clause, EventValues *values);

/// One clause of an element that events can meet, with its correlation hash.
struct Heard
{
	int64 event_def_id;
	int32 hash;
};
/// Those of an element, in the current memory context. `scope`: for the correlation's expressions; inside as_owner.
core::Vec<Heard> heard_by(expr::Definition *definition, int element, const expr::Values &scope);
/// Begins listening: one bpt.listener row for each clause, with its birth. after_event: the event whose delivery makes it
/// (0: none).
void listen(const core::Vec<Heard> &clauses, int64 process_id, int64 activity_id, int64 after_event);
/// The correlation's expressions have new values: events are found by those from now on.
void listen_anew(const core::Vec<Heard> &clauses, int64 process_id, int64 activity_id, int64 after_event);
/// Ends listening.
void unlisten(int64 activity_id);

/// Whether the activity listens by this clause and the event reaches it by its birth.
bool is_reached(const queue::Event &event, int64 event_def_id, int64 activity_id);
/// The rows of bpt.listener by which an activity listens.
core::Vec<pg::Row> listeners_of(int64 activity_id);
/// Whether a listener hears an event: by clause, hash and birth.
bool hears(const pg::Row &listener, const queue::Event &event);
/// When a listener that is made now is born: what is committed then is not for it.
struct Birth
{
	Datum born; // pg_snapshot, in the current memory context
	int64 event;
};
/// The birth of the active snapshot.
Birth present_birth();
/// The activity has handled all events that it heard until then: only others reach it from now on.
void begin_anew(int64 activity_id, const Birth &birth);
/// Calls f for each listener that the event reaches by clause, hash and birth (conditions are tested later).
void each_listener(const queue::Event &event,
				   bool (*f)(void *context, int64 event_def_id, int64 process_id, int64 activity_id), void *context);

/// OR ALREADY: looks for a row that satisfies the clause now; inside as_owner. True with an event made of it (id 0).
bool already(expr::Definition *definition, expr::Clause &clause, const expr::Values &scope, queue::Event *found);

/// Spares UPDATEs what our triggers would have them do in vain (update_start.cpp).
void register_update_start();

} // namespace bpt::entity
