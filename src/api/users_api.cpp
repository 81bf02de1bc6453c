// What SQL asks about who acts and what they may see: bpt.user_id() for everybody, the rest for the extension's views.
//
// The functions behind the views are called for many rows of one statement. They keep their answers in the calling
// expression (fn_extra), so that a million rows of one process cost one look-up; the answers are dropped when the acting
// role or the client's statement changes. Locks: none.
#include "pg/postgres.hpp"

#include "api/arguments.hpp"
#include "engine/expose.hpp"
#include "engine/unset.hpp"
#include "engine/users.hpp"
#include "expr/current.hpp"
#include "pg/arrays.hpp"
#include "pg/bracket.hpp"
#include "pg/hash.hpp"
#include "pg/rows.hpp"
#include "pg/tables.hpp"

extern "C" {
#include "utils/regproc.h"
}

namespace bpt {

namespace {

/// An answer kept for one key.
struct Kept
{
	int64 key[2];
	Datum value;
	bool isnull;
};

/// What an expression keeps between its calls.
struct Cache
{
	HTAB *answers;
	TimestampTz statement;
	Oid role;
};

/// The place for the answer to (first, second) in the cache of the calling expression; `known` tells if it is there.
Kept *kept(FunctionCallInfo fcinfo, int64 first, int64 second, bool *known)
{
	auto *cache = static_cast<Cache *>(fcinfo->flinfo->fn_extra);
	Oid const role = engine::acting_role();
	TimestampTz const statement = GetCurrentStatementStartTimestamp();
	if (cache == nullptr || cache->role != role || cache->statement != statement)
	{
		if (cache == nullptr)
			cache = static_cast<Cache *>(MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, sizeof(Cache)));
		else
			hash_destroy(cache->answers);
		fcinfo->flinfo->fn_extra = nullptr;
		cache->answers = pg::make_table<decltype(Kept::key), Kept>("bpt answers", 16, fcinfo->flinfo->fn_mcxt);
		cache->statement = statement;
		cache->role = role;
		fcinfo->flinfo->fn_extra = cache;
	}
	const int64 key[2] = {first, second};
	return static_cast<Kept *>(hash_search(cache->answers, key, HASH_FIND, known));
}

/// Keeps an answer; it is entered only now, as finding it may have raised.
Datum keep(FunctionCallInfo fcinfo, int64 first, int64 second, Datum value, bool isnull = false)
{
	const auto *const cache = static_cast<Cache *>(fcinfo->flinfo->fn_extra);
	const int64 key[2] = {first, second};
	bool found = false;
	auto *const entry = static_cast<Kept *>(hash_search(cache->answers, key, HASH_ENTER, &found));
	entry->value = value;
	entry->isnull = isnull;
	if (isnull)
		fcinfo->isnull = true;
	return value;
}

/// The answer kept, as a function returns it.
Datum answer(FunctionCallInfo fcinfo, const Kept *entry)
{
	if (entry->isnull)
		fcinfo->isnull = true;
	return entry->value;
}

/// Whether `holds` is true of a task in a version, and the acting user fits its roles.
Datum ask_of_task(FunctionCallInfo fcinfo, bool (*holds)(const core::Element &))
{
	const int64 activity_def_id = PG_GETARG_INT64(2);
	const int32 version = PG_GETARG_INT32(1);
	bool known = false;
	const Kept *const entry = kept(fcinfo, activity_def_id, version, &known);
	if (known)
		return answer(fcinfo, entry);
	const expr::Definition *const definition = expr::definition(PG_GETARG_INT64(0), version);
	const int element = definition->element_by_id(activity_def_id);
	const bool result = element >= 0 && holds(*definition->elements[element].model) &&
						engine::fits_role(engine::acting_user(), definition->elements[element]);
	return keep(fcinfo, activity_def_id, version, BoolGetDatum(result));
}

} // namespace

/// bpt.user_id(): within process SQL who caused it (NULL for events, timers and workers), elsewhere the acting user.
BPT_FUNCTION(bpt_user_id)
{
	if (!OidIsValid(expr::current.owner))
		PG_RETURN_TEXT_P(cstring_to_text(engine::acting_user()));
	return api::text_or_null(fcinfo, expr::current.user);
}

/// bpt.acting_user_id(): the user whose tasks bpt.taskbox shows.
BPT_FUNCTION(bpt_acting_user_id)
{
	PG_RETURN_TEXT_P(cstring_to_text(engine::acting_user()));
}

/// bpt.acting_role_refs(): the ids under which tasks may be offered to the acting user, 0 (to no role) among them.
BPT_FUNCTION(bpt_acting_role_refs)
{
	int64 *roles = nullptr;
	const int count = engine::roles_of_user(engine::acting_user(), &roles);
	auto *const ids = static_cast<int64 *>(palloc0(sizeof(int64) * static_cast<Size>(count + 1)));
	for (int i = 0; i < count; i++)
		ids[i + 1] = roles[i];
	PG_RETURN_DATUM(pg::int8_array(ids, count + 1));
}

/// bpt.acting_groups(): the groups of the acting user.
BPT_FUNCTION(bpt_acting_groups)
{
	PG_RETURN_ARRAYTYPE_P(engine::groups_of_user(engine::acting_user()));
}

/// bpt.may_see(process_definition_id): whether the acting role sees this process; NULL: what belongs to no process.
BPT_FUNCTION(bpt_may_see)
{
	const int64 process_def_id = PG_ARGISNULL(0) ? 0 : PG_GETARG_INT64(0);
	bool known = false;
	const Kept *const entry = kept(fcinfo, process_def_id, 0, &known);
	if (known)
		return answer(fcinfo, entry);
	return keep(fcinfo, process_def_id, 0, BoolGetDatum(engine::may_see(process_def_id)));
}

/// bpt.process_owner(process_definition_id): the owner's role, NULL if the launch function is gone.
BPT_FUNCTION(bpt_process_owner)
{
	Oid const owner = engine::process_owner(PG_GETARG_INT64(0));
	if (!OidIsValid(owner))
		PG_RETURN_NULL();
	PG_RETURN_OID(owner);
}

/// bpt.data_type_of(variable id): the type of an input or output, NULL if it is gone. The extension's owner looks it up,
/// so that a schema that the reader may not use is no error.
BPT_FUNCTION(bpt_data_type_of)
{
	const int64 variable_id = PG_GETARG_INT64(0);
	bool known = false;
	const Kept *const entry = kept(fcinfo, variable_id, 0, &known);
	if (known)
		return answer(fcinfo, entry);
	Oid type = InvalidOid;
	const pg::Row row = pg::find("variable_def", "variable_def_pkey", {pg::key(variable_id)});
	if (row)
		type = pg::as_user(pg::extension_owner(), SECURITY_RESTRICTED_OPERATION, [&] {
			LOCAL_FCINFO(call, 1);
			InitFunctionCallInfoData(*call, nullptr, 1, InvalidOid, nullptr, nullptr);
			call->args[0].value = row.at(variable_def::data_type);
			call->args[0].isnull = false;
			Datum const found = to_regtype(call);
			return call->isnull ? InvalidOid : DatumGetObjectId(found);
		});
	return keep(fcinfo, variable_id, 0, ObjectIdGetDatum(type), !OidIsValid(type));
}

/// bpt.unset_output(process_id, activity_id, variable id): the default of an output that was not set, NULL for those who
/// may neither see the process nor read its view.
BPT_FUNCTION(bpt_unset_output)
{
	const pg::Row process = pg::find("process_instance", "process_instance_pkey", {pg::key(PG_GETARG_INT64(0))});
	const int64 process_def_id = process.int8(process_instance::process_def_id);
	if (!process || (!engine::may_see(process_def_id) && !engine::may_read_exposed(process_def_id)))
		PG_RETURN_NULL();
	return api::text_or_null(fcinfo, engine::unset_output(process, PG_GETARG_INT64(1), PG_GETARG_INT64(2)));
}

/// bpt.fits_role(process_definition_id, version, activity_definition_id): whether the acting user is a member of a role
/// of this task, or it has none. For tasks assigned to the user, which are found by the user and not by a role.
BPT_FUNCTION(bpt_fits_role)
{
	return ask_of_task(fcinfo, [](const core::Element &) { return true; });
}

/// bpt.is_skippable(process_definition_id, version, activity_definition_id): whether this task has ALLOW SKIP in this
/// version, to those whose task it may be. For instances of other versions than the current one, which the view knows.
BPT_FUNCTION(bpt_is_skippable)
{
	return ask_of_task(fcinfo, [](const core::Element &task) { return task.allow_skip; });
}

} // namespace bpt
