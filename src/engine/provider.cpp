// Calling the user provider (provider.hpp). Locks: none but those of its functions.
#include "pg/postgres.hpp"

#include "engine/provider.hpp"
#include "pg/settings.hpp"

extern "C" {
#include "catalog/pg_collation_d.h"
#include "catalog/pg_type_d.h"
#include "parser/parse_func.h"
#include "utils/regproc.h"
}

namespace bpt::engine {

namespace {

/// The name of the function for `what` in the setting, trimmed; null if there is none.
char *name_of(Provided what)
{
	const char *from = settings::user_provider == nullptr ? "" : settings::user_provider;
	for (int skip = static_cast<int>(what); skip > 0; skip--)
	{
		from = strchr(from, ',');
		if (from == nullptr)
			return nullptr;
		from++;
	}
	const char *const comma = strchr(from, ',');
	const char *to = comma != nullptr ? comma : from + strlen(from);
	while (from < to && *from == ' ')
		from++;
	while (to > from && to[-1] == ' ')
		to--;
	return from == to ? nullptr : pnstrdup(from, static_cast<Size>(to - from));
}

/// The function, which the current user may call.
Oid function_of(Provided what)
{
	const char *const name = name_of(what);
	Oid argument = TEXTOID;
	const int arguments = what == Provided::user ? 0 : 1;
	Oid const wanted = what == Provided::user ? TEXTOID : TEXTARRAYOID;
	Oid const function = LookupFuncName(stringToQualifiedNameList(name), arguments, &argument, true);
	if (!OidIsValid(function) || get_func_rettype(function) != wanted)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_FUNCTION),
						errmsg("function %s(%s) that returns %s does not exist", name, arguments == 0 ? "" : "text",
							   what == Provided::user ? "text" : "text[]"),
						errhint("The setting bpt.user_provider names it.")));
	if (bpt_function_aclcheck(function, GetUserId(), ACL_EXECUTE) != ACLCHECK_OK)
		aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_FUNCTION, name);
	return function;
}

/// Calls it; false: the answer is NULL.
bool call(Provided what, const char *user, Datum *answer)
{
	FmgrInfo function;
	fmgr_info(function_of(what), &function);
	LOCAL_FCINFO(arguments, 1);
	InitFunctionCallInfoData(*arguments, &function, what == Provided::user ? 0 : 1, DEFAULT_COLLATION_OID, nullptr,
							 nullptr);
	arguments->args[0].value = user == nullptr ? Datum{0} : CStringGetTextDatum(user);
	arguments->args[0].isnull = false;
	*answer = FunctionCallInvoke(arguments);
	return !arguments->isnull;
}

} // namespace

bool is_provided(Provided what)
{
	return name_of(what) != nullptr;
}

char *provided_user()
{
	Datum answer = Datum{0};
	return call(Provided::user, nullptr, &answer) ? TextDatumGetCString(answer) : nullptr;
}

ArrayType *provided_names(Provided what, const char *user)
{
	Datum answer = Datum{0};
	return call(what, user, &answer) ? DatumGetArrayTypeP(answer) : construct_empty_array(TEXTOID);
}

bool provides(Provided what, const char *user, const char *name)
{
	Datum *names = nullptr;
	bool *nulls = nullptr;
	int count = 0;
	deconstruct_array(provided_names(what, user), TEXTOID, -1, false, TYPALIGN_INT, &names, &nulls, &count);
	for (int i = 0; i < count; i++)
		if (!nulls[i] && strcmp(TextDatumGetCString(names[i]), name) == 0)
			return true;
	return false;
}

} // namespace bpt::engine
