// Where the database of the definitions lives: by it a copy (restored, cloned as a template, upgraded) is recognised.
//
// bpt.home has one row, written by the first publish and carried along by dumps and copies. Object ids that were stored
// beside it mean what they say only as long as it names the database at hand.
#pragma once
#include "pg/rows.hpp"

namespace bpt::pg {

/// Notes this database as the home, if none is noted yet. Takes SHARE ROW EXCLUSIVE on bpt.home the first time.
void write_home();
/// Makes this database, not held, the home that the row of bpt.home names.
void set_home(Row &row);
/// What bpt.home says.
struct Home
{
	bool is_noted = false; // not before the first publish, nor in a restore that has not come to it
	bool is_held = false;
	bool is_elsewhere = false; // another database
	// Of another server, or of this one before an upgrade: what is stored of transactions means nothing here.
	bool is_on_other_server = false;
};
Home read_home();
/// True if a home is noted and it is another database, or none is although there are definitions: stored object ids give
/// way to stored names.
bool home_is_elsewhere();
/// The function of this signature; InvalidOid if there is none.
Oid function_of(const char *signature);
/// A function that publish made, InvalidOid if it is gone: by its oid, where home is elsewhere by its signature.
/// (At home a function of the same signature that somebody made since is another one.) No missing right on its schema and
/// no type that is gone raises an error.
Oid stored_function(Oid function, const char *signature);
/// The owner of a function, InvalidOid if it is gone.
Oid function_owner(Oid function);

} // namespace bpt::pg
