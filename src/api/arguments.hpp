// What SQL functions take and give: NULL refused where it means nothing, and given where there is nothing to give.
#pragma once
#include "pg/postgres.hpp"

namespace bpt::api {

/// Refuses NULL for an argument.
inline void require(FunctionCallInfo fcinfo, int argument, const char *name)
{
	if (PG_ARGISNULL(argument))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("%s must not be null", name)));
}

/// A text argument that must not be NULL.
inline char *text_argument(FunctionCallInfo fcinfo, int argument, const char *name)
{
	require(fcinfo, argument, name);
	return text_to_cstring(PG_GETARG_TEXT_PP(argument));
}

/// A text argument; null is NULL.
inline char *optional_text(FunctionCallInfo fcinfo, int argument)
{
	return PG_ARGISNULL(argument) ? nullptr : text_to_cstring(PG_GETARG_TEXT_PP(argument));
}

/// An id as result; 0 is NULL.
inline Datum id_or_null(FunctionCallInfo fcinfo, int64 id)
{
	if (id == 0)
		PG_RETURN_NULL();
	PG_RETURN_INT64(id);
}

/// A text as result; null is NULL.
inline Datum text_or_null(FunctionCallInfo fcinfo, const char *text)
{
	if (text == nullptr)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(text));
}

} // namespace bpt::api
