// Who acts, and what they may do (users.hpp).
#include "pg/postgres.hpp"

#include "engine/provider.hpp"
#include "engine/users.hpp"
#include "expr/current.hpp"
#include "pg/arrays.hpp"
#include "pg/home.hpp"
#include "pg/rows.hpp"
#include "pg/settings.hpp"

extern "C" {
#include "access/genam.h"
#include "access/table.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_proc.h"
}

namespace bpt::engine {

namespace {

/// Whether `role` is a member of the role of this name, which an administrator may have dropped.
bool is_member_of(Oid role, const char *name)
{
	Oid const group = get_role_oid(name, true);
	return OidIsValid(group) && is_member_of_role(role, group);
}

/// The role that a role_ref row means now: the one that it was written for while that exists, here where it was written, else
/// the one that has its name; InvalidOid if there is none.
Oid role_of(const pg::Row &row)
{
	Oid const role = row.oid(role_ref::role);
	const char *const name = GetUserNameFromId(role, true);
	if (name != nullptr && (!pg::home_is_elsewhere() || strcmp(name, row.text(role_ref::role_name)) == 0))
		return role;
	return get_role_oid(row.text(role_ref::role_name), true);
}

/// The launch function of a process_def row, InvalidOid if it is gone.
Oid launch_function(const pg::Row &row)
{
	return pg::stored_function(row.oid(process_def::launch_function), row.text(process_def::launch_signature));
}

pg::Row process_def_row(int64 process_def_id)
{
	return pg::find("process_def", "process_def_pkey", {pg::key(process_def_id)});
}

/// Whether the acting role is a member of the process's owner role.
bool is_owner(int64 process_def_id)
{
	Oid const owner = process_owner(process_def_id);
	return OidIsValid(owner) && is_member_of_role(acting_role(), owner);
}

/// Whether the acting user has a role of the process's VISIBLE TO.
bool is_shown(int64 process_def_id)
{
	const pg::Row row = process_def_row(process_def_id);
	if (row.null(process_def::visible_to))
		return false;
	int count = 0;
	const int64 *const roles = pg::int8_items(row.at(process_def::visible_to), &count);
	const char *const user = acting_user();
	for (int i = 0; i < count; i++)
		if (user_has_role(user, roles[i]))
			return true;
	return false;
}

} // namespace

Oid role_of_ref(int64 role_id)
{
	const pg::Row row = pg::find("role_ref", "role_ref_pkey", {pg::key(role_id)});
	return row ? role_of(row) : InvalidOid;
}

Oid acting_role()
{
	if (InSecurityRestrictedOperation())
		return GetUserId();
	return OidIsValid(expr::current.owner) ? expr::current.owner : GetOuterUserId();
}

char *acting_user()
{
	if (expr::current.asked_for != nullptr)
		return pstrdup(expr::current.asked_for);
	const bool from_setting = !InSecurityRestrictedOperation() && !OidIsValid(expr::current.owner) &&
							  settings::user_id != nullptr && *settings::user_id != '\0';
	if (!from_setting)
	{
		const bool ask = !InSecurityRestrictedOperation() && !OidIsValid(expr::current.owner);
		char *const provided = ask && is_provided(Provided::user) ? provided_user() : nullptr;
		return provided != nullptr && *provided != '\0' ? provided : GetUserNameFromId(acting_role(), false);
	}
	if (!is_proxy())
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE), errmsg("permission denied to act as another user"),
						errdetail("The setting bpt.user_id counts only for members of bpt_proxy."),
						errhint("RESET bpt.user_id, or have the login role made a member of bpt_proxy.")));
	return pstrdup(settings::user_id);
}

bool is_admin()
{
	Oid const role = acting_role();
	return superuser_arg(role) || is_member_of(role, "bpt_admin");
}

bool is_proxy()
{
	return is_member_of(GetSessionUserId(), "bpt_proxy");
}

bool may_administer(const expr::Definition *definition)
{
	return may_administer(definition->id);
}

bool may_administer(int64 process_def_id)
{
	return is_admin() || is_owner(process_def_id);
}

bool may_see(const expr::Definition *definition)
{
	return may_see(definition->id);
}

bool may_see(int64 process_def_id)
{
	return is_admin() || is_member_of(acting_role(), "bpt_monitor") ||
		   (process_def_id != 0 && (is_owner(process_def_id) || is_shown(process_def_id)));
}

bool may_launch(const expr::Definition *definition)
{
	return may_launch(definition->id, GetUserId());
}

bool may_launch(int64 process_def_id, Oid role)
{
	const pg::Row row = process_def_row(process_def_id);
	if (!row)
		return false;
	if (row.boolean(process_def::is_public))
		return true;
	Oid const function = launch_function(row);
	return OidIsValid(function) && bpt_function_aclcheck(function, role, ACL_EXECUTE) == ACLCHECK_OK;
}

Oid process_owner(int64 process_def_id)
{
	const pg::Row row = process_def_row(process_def_id);
	if (!row)
		return timer_owner(process_def_id);
	if (row.boolean(process_def::is_active))
		return pg::function_owner(launch_function(row));
	return role_of_ref(row.int8(process_def::last_owner));
}

Oid wake_function(int64 timer_id)
{
	const pg::Row row = pg::find("typed_function", "typed_function_process", {pg::key(timer_id)});
	return row ? pg::stored_function(row.oid(typed_function::function), row.text(typed_function::signature))
			   : InvalidOid;
}

Oid timer_owner(int64 timer_id)
{
	const pg::Row row = pg::find("timer_def", "timer_def_pkey", {pg::key(timer_id)});
	if (!row)
		return InvalidOid;
	return row.boolean(timer_def::is_active) ? pg::function_owner(wake_function(timer_id))
											 : role_of_ref(row.int8(timer_def::last_owner));
}

void require_name(const char *what, const char *name)
{
	if (name != nullptr && *name == '\0')
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("%s is an empty name", what),
						errhint("NULL sets no limit.")));
}

bool user_has_role(const char *user, int64 role_id)
{
	const bool provided = is_provided(Provided::roles);
	Oid const member = provided ? InvalidOid : get_role_oid(user, true);
	if (!provided && !OidIsValid(member))
		return false;
	const pg::Row row = pg::find("role_ref", "role_ref_pkey", {pg::key(role_id)});
	if (!row)
		return false;
	Oid const role = role_of(row);
	if (!OidIsValid(role))
		return false;
	return provided ? provides(Provided::roles, user, GetUserNameFromId(role, false)) : is_member_of_role(member, role);
}

int roles_of_user(const char *user, int64 **role_ids)
{
	*role_ids = nullptr;
	const bool provided = is_provided(Provided::roles);
	Oid const member = provided ? InvalidOid : get_role_oid(user, true);
	if (!provided && !OidIsValid(member))
		return 0;
	int count = 0;
	int room = 0;
	pg::each("role_ref", "role_ref_pkey", {}, [&](pg::Row &row) {
		Oid const role = role_of(row);
		if (!OidIsValid(role) || !(provided ? provides(Provided::roles, user, GetUserNameFromId(role, false))
											: is_member_of_role(member, role)))
			return true;
		if (count == room)
		{
			room = room == 0 ? 16 : room * 2;
			const Size bytes = sizeof(int64) * static_cast<Size>(room);
			*role_ids = static_cast<int64 *>(*role_ids == nullptr ? palloc(bytes) : repalloc(*role_ids, bytes));
		}
		(*role_ids)[count++] = row.int8(role_ref::id);
		return true;
	});
	return count;
}

int64 role_ref_of(Oid role)
{
	int64 id = 0;
	pg::each("role_ref", "role_ref_role", {pg::key_oid(role)}, [&](pg::Row &row) {
		if (role_of(row) == role)
			id = row.int8(role_ref::id);
		return id == 0;
	});
	if (id != 0)
		return id;
	pg::Row row = pg::new_row("role_ref");
	id = pg::next_id("object_id");
	row.set(role_ref::id, Int64GetDatum(id));
	row.set(role_ref::role, ObjectIdGetDatum(role));
	row.set_text(role_ref::role_name, GetUserNameFromId(role, false));
	pg::insert("role_ref", row);
	return id;
}

bool user_in_group(const char *user, const char *group)
{
	if (is_provided(Provided::groups))
		return provides(Provided::groups, user, group);
	Oid const member = get_role_oid(user, true);
	Oid const role = get_role_oid(group, true);
	return OidIsValid(member) && OidIsValid(role) && is_member_of_role(member, role);
}

ArrayType *groups_of_user(const char *user)
{
	if (is_provided(Provided::groups))
		return provided_names(Provided::groups, user);
	ArrayBuildState *state = initArrayResult(TEXTOID, CurrentMemoryContext, false);
	Oid const member = get_role_oid(user, true);
	if (OidIsValid(member))
	{
		Relation const roles = table_open(AuthIdRelationId, AccessShareLock);
		SysScanDesc const scan = systable_beginscan(roles, InvalidOid, false, nullptr, 0, nullptr);
		for (HeapTuple tuple = systable_getnext(scan); HeapTupleIsValid(tuple); tuple = systable_getnext(scan))
		{
			const auto *const role = reinterpret_cast<Form_pg_authid>(GETSTRUCT(tuple));
			if (is_member_of_role(member, role->oid))
				state = accumArrayResult(state, CStringGetTextDatum(NameStr(role->rolname)), false, TEXTOID,
										 CurrentMemoryContext);
		}
		systable_endscan(scan);
		table_close(roles, AccessShareLock);
	}
	return DatumGetArrayTypeP(makeArrayResult(state, CurrentMemoryContext));
}

bool fits_role(const char *user, const expr::Element &element)
{
	if (element.role_ids.empty())
		return true;
	for (int64 const role_id : element.role_ids)
		if (user_has_role(user, role_id))
			return true;
	return false;
}

bool offered_to(const char *user, const char *assigned, const char *group, const expr::Element &element)
{
	return (assigned == nullptr || strcmp(assigned, user) == 0) && fits_role(user, element) &&
		   (group == nullptr || user_in_group(user, group));
}

} // namespace bpt::engine
