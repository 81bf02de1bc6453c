// The one row of bpt.home. Locks: SHARE ROW EXCLUSIVE on the table while it is still empty, so that of two first
// publishes one writes.
#include "pg/home.hpp"

extern "C" {
#include "access/xlog.h"
#include "storage/lmgr.h"
#include "utils/regproc.h"
}

#include "pg/bracket.hpp"
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
	// Definitions without a home: a restore that has not come to it yet.
	if (!row)
		return find("process_version", "process_version_pkey", {}).found;
	return row.oid(home::database_oid) != MyDatabaseId ||
		   row.int8(home::system_identifier) != static_cast<int64>(GetSystemIdentifier());
}

bool home_is_on_other_server()
{
	const Row row = find("home", "home_pkey", {});
	return row && row.int8(home::system_identifier) != static_cast<int64>(GetSystemIdentifier());
}

Oid stored_function(Oid function, const char *signature)
{
	if (!home_is_elsewhere())
		return SearchSysCacheExists1(PROCOID, ObjectIdGetDatum(function)) ? function : InvalidOid;
	Oid found = InvalidOid;
	ErrorData *const failure = in_subtransaction([&] {
		found = as_user(extension_owner(), SECURITY_RESTRICTED_OPERATION, [&] {
			LOCAL_FCINFO(call, 1);
			InitFunctionCallInfoData(*call, nullptr, 1, InvalidOid, nullptr, nullptr);
			call->args[0].value = CStringGetTextDatum(signature);
			call->args[0].isnull = false;
			const Datum result = to_regprocedure(call);
			return call->isnull ? InvalidOid : DatumGetObjectId(result);
		});
	});
	if (failure != nullptr && must_reach_caller(failure))
		ReThrowError(failure);
	return failure == nullptr ? found : InvalidOid;
}

} // namespace bpt::pg
