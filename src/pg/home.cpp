// The one row of bpt.home. Locks: SHARE ROW EXCLUSIVE on the table while it is still empty, so that of two first
// publishes one writes.
#include "pg/home.hpp"

extern "C" {
#include "access/xlog.h"
#include "storage/lmgr.h"
}

#include "pg/rows.hpp"
#include "pg/tables.hpp"

namespace bpt::pg {

void write_home()
{
	if (find("home", "home_pkey", {}))
		return;
	LockRelationOid(relation_oid("home"), ShareRowExclusiveLock);
	if (find("home", "home_pkey", {}))
		return;
	Row row = new_row("home");
	row.set(home::database_oid, ObjectIdGetDatum(MyDatabaseId));
	row.set(home::system_identifier, Int64GetDatum(static_cast<int64>(GetSystemIdentifier())));
	row.set(home::held, BoolGetDatum(false));
	row.set(home::single, BoolGetDatum(true));
	insert("home", row);
}

bool home_is_elsewhere()
{
	const Row row = find("home", "home_pkey", {});
	return row && (row.oid(home::database_oid) != MyDatabaseId ||
				   row.int8(home::system_identifier) != static_cast<int64>(GetSystemIdentifier()));
}

} // namespace bpt::pg
