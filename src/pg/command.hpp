// What the SQL command at hand did, as its event triggers are told.
#pragma once
#include "pg/postgres.hpp"

namespace bpt::pg {

struct Object
{
	Oid catalog;
	Oid id;
};

/// The objects that the command made or altered, or that it dropped, which only its event triggers may ask: lists of Object*.
List *changed_objects();
List *dropped_objects();

} // namespace bpt::pg
