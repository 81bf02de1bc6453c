// bpt.drop_translation, and what the views ask for texts in the session's language.
#include "pg/postgres.hpp"

#include "api/arguments.hpp"
#include "engine/translation.hpp"

using namespace bpt;

BPT_FUNCTION(bpt_drop_translation)
{
	const char *const process = api::text_argument(fcinfo, 0, "process");
	engine::drop_translation(process, api::text_argument(fcinfo, 1, "locale"));
	PG_RETURN_VOID();
}

BPT_FUNCTION(bpt_translated)
{
	const char *locale = nullptr;
	return api::text_or_null(fcinfo, engine::translated(PG_GETARG_INT64(0), PG_GETARG_INT64(1),
														text_to_cstring(PG_GETARG_TEXT_PP(2)), nullptr, &locale));
}

BPT_FUNCTION(bpt_translated_text)
{
	const char *locale = nullptr;
	return api::text_or_null(fcinfo, engine::translated(PG_GETARG_INT64(0), PG_GETARG_INT64(1),
														text_to_cstring(PG_GETARG_TEXT_PP(2)),
														text_to_cstring(PG_GETARG_TEXT_PP(3)), &locale));
}

BPT_FUNCTION(bpt_label_language)
{
	const char *locale = nullptr;
	(void)engine::translated(PG_GETARG_INT64(0), PG_GETARG_INT64(1), "label", nullptr, &locale);
	return api::text_or_null(fcinfo, locale);
}
