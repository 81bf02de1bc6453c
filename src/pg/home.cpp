// The one row of bpt.home. Locks: SHARE ROW EXCLUSIVE on the table while it is still empty, so that of two first
// publishes one writes.
#include "pg/home.hpp"

extern "C" {
#include "access/xlog.h"
#include "catalog/pg_proc.h"
#include "storage/lmgr.h"
#include "utils/regproc.h"
}

#include "pg/bracket.hpp"
#include "pg/tables.hpp"

namespace bpt::pg {

namespace {

constexpr int kColumns = home::single;

// The row as it was found last, and in which table.
Datum known_values[kColumns];
bool known_nulls[kColumns];
Row known;
Oid known_in = InvalidOid;

/// The row, by a look at where it stood last: every transaction of a worker asks for it.
Row home_row()
{
	Oid const table = relation_oid("home");
	if (known_in == table && known && is_as_read(table, known))
		return known;
	known = Row{};
	const Row row = find("home", "home_pkey", {});
	if (!row || row.columns != kColumns)
		return row;
	memcpy(known_values, row.values, sizeof(known_values));
	memcpy(known_nulls, row.nulls, sizeof(known_nulls));
	known = row;
	known.values = known_values;
	known.nulls = known_nulls;
	known_in = table;
	return row;
}

} // namespace

void write_home()
{
	if (find("home", "home_pkey", {}))
		return;
	LockRelationOid(relation_oid("home"), ShareRowExclusiveLock);
	if (find("home", "home_pkey", {}))
		return;
	Row row = new_row("home");
	row.set(home::single, BoolGetDatum(true));
	set_home(row);
	insert("home", row);
}

void set_home(Row &row)
{
	row.set(home::database_oid, ObjectIdGetDatum(MyDatabaseId));
	row.set(home::system_identifier, Int64GetDatum(static_cast<int64>(GetSystemIdentifier())));
	row.set(home::held, BoolGetDatum(false));
}

Home read_home()
{
	const Row row = home_row();
	Home home;
	if (!row)
		return home;
	home.is_noted = true;
	home.is_held = row.boolean(home::held);
	home.is_on_other_server = row.int8(home::system_identifier) != static_cast<int64>(GetSystemIdentifier());
	home.is_elsewhere = home.is_on_other_server || row.oid(home::database_oid) != MyDatabaseId;
	return home;
}

bool home_is_elsewhere()
{
	const Home home = read_home();
	// Definitions without a home: a restore that has not come to it yet.
	return home.is_noted ? home.is_elsewhere : find("process_version", "process_version_pkey", {}).found;
}

Oid function_of(const char *signature)
{
	LOCAL_FCINFO(call, 1);
	InitFunctionCallInfoData(*call, nullptr, 1, InvalidOid, nullptr, nullptr);
	call->args[0].value = CStringGetTextDatum(signature);
	call->args[0].isnull = false;
	const Datum result = to_regprocedure(call);
	return call->isnull ? InvalidOid : DatumGetObjectId(result);
}

Oid stored_function(Oid function, const char *signature)
{
	if (!home_is_elsewhere())
		return SearchSysCacheExists1(PROCOID, ObjectIdGetDatum(function)) ? function : InvalidOid;
	Oid found = InvalidOid;
	ErrorData *const failure = in_subtransaction([&] {
		found = as_user(extension_owner(), SECURITY_RESTRICTED_OPERATION, [&] { return function_of(signature); });
	});
	if (failure != nullptr && must_reach_caller(failure))
		ReThrowError(failure);
	return failure == nullptr ? found : InvalidOid;
}

Oid function_owner(Oid function)
{
	HeapTuple const tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	if (!HeapTupleIsValid(tuple))
		return InvalidOid;
	Oid const owner = reinterpret_cast<Form_pg_proc>(GETSTRUCT(tuple))->proowner;
	ReleaseSysCache(tuple);
	return owner;
}

} // namespace bpt::pg
