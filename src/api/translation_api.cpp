// bpt.drop_translation, and what the views ask for texts in the session's language.
#include "pg/postgres.hpp"

#include "engine/translation.hpp"

namespace {

using namespace bpt;

Datum text_or_null(FunctionCallInfo fcinfo, const char *text)
{
	if (text == nullptr)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(text));
}

} // namespace

BPT_FUNCTION(bpt_drop_translation)
{
	for (int i = 0; i < 2; i++)
		if (PG_ARGISNULL(i))
			ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
							errmsg("%s must not be null", i == 0 ? "process" : "locale")));
	engine::drop_translation(text_to_cstring(PG_GETARG_TEXT_PP(0)), text_to_cstring(PG_GETARG_TEXT_PP(1)));
	PG_RETURN_VOID();
}

BPT_FUNCTION(bpt_translated)
{
	const char *locale = nullptr;
	return text_or_null(fcinfo, engine::translated(PG_GETARG_INT64(0), PG_GETARG_INT64(1),
												   text_to_cstring(PG_GETARG_TEXT_PP(2)), nullptr, &locale));
}

BPT_FUNCTION(bpt_translated_text)
{
	const char *locale = nullptr;
	return text_or_null(fcinfo, engine::translated(PG_GETARG_INT64(0), PG_GETARG_INT64(1),
												   text_to_cstring(PG_GETARG_TEXT_PP(2)),
												   text_to_cstring(PG_GETARG_TEXT_PP(3)), &locale));
}

BPT_FUNCTION(bpt_label_language)
{
	const char *locale = nullptr;
	(void)engine::translated(PG_GETARG_INT64(0), PG_GETARG_INT64(1), "label", nullptr, &locale);
	return text_or_null(fcinfo, locale);
}
