// What an event carries of its row: the key as text, and a jsonb of the columns that conditions and WITH will read. An event
// whose clauses cannot be analysed, or whose row has no key, carries the whole row, and by number what its columns are called:
// then it can still be read when they are called as before, or the key is there again.
//
// Values stand as their types' output functions write them, under settings that make every value readable back in any
// session (ISO dates, postgres intervals, exact floats).
#pragma once
#include "entity/plan.hpp"

namespace bpt::entity {

/// Which columns of a table are to be carried, by attribute number.
struct Selection
{
	bool *new_columns;
	bool *old_columns;
	bool label;
	bool columns; // some of either row
	bool whole;   // all of them, with their names by number
	bool any;
};
Selection new_selection(const Plan *plan);
void clear(const Plan *plan, Selection *selection);
/// Adds what this clause will read: all columns if it could not be analysed, only those of WITH if the whole condition
/// has been tested.
void select(const Plan *plan, const Test &test, bool tested, Selection *selection);

/// Opens the settings under which values are written, returns the level to close with; an error closes it by itself.
int begin_output();
void end_output(int level);

/// One column's value as text, null if NULL, in the current memory context.
char *column_text(Plan *plan, AttrNumber attribute, TupleTableSlot *row);
/// The key: the value of a single column, else the columns as a row's text.
char *key_text(Plan *plan, TupleTableSlot *row);
/// The payload, null if nothing is selected. `old` may be null.
Jsonb *payload_of(Plan *plan, const Selection &selection, TupleTableSlot *row, TupleTableSlot *old);

/// A column of an event's payload: false if the payload does not carry it; else its text, null if NULL.
bool payload_column(const Jsonb *payload, bool old, Oid relation, AttrNumber attribute, char **text);
/// True if the table had no primary key at the event.
bool lacks_key(const Jsonb *payload);

} // namespace bpt::entity
