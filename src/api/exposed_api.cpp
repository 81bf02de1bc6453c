// The value that views of EXPOSE ENTITY show and that their indexes hold.
#include "pg/postgres.hpp"

#include "engine/stored_value.hpp"
#include "engine/values.hpp"

using namespace bpt;

namespace {

/// The input function of the type that a call wants.
struct Conversion
{
	Oid type;
	Oid parameter;
	FmgrInfo input;
};

Conversion *conversion_of(FmgrInfo *call)
{
	auto *conversion = static_cast<Conversion *>(call->fn_extra);
	if (conversion != nullptr)
		return conversion;
	conversion = static_cast<Conversion *>(MemoryContextAllocZero(call->fn_mcxt, sizeof(Conversion)));
	conversion->type = get_fn_expr_argtype(call, 2);
	if (!OidIsValid(conversion->type) || engine::exposed_type(conversion->type) != conversion->type)
		ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH), errmsg("values cannot be shown as this type")));
	Oid input = InvalidOid;
	getTypeInputInfo(conversion->type, &input, &conversion->parameter);
	fmgr_info_cxt(input, &conversion->input, call->fn_mcxt);
	call->fn_extra = conversion;
	return conversion;
}

} // namespace

BPT_FUNCTION(bpt_stored_value)
{
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	char *stored = nullptr;
	Jsonb *const values = PG_GETARG_JSONB_P(0);
	if (!JB_ROOT_IS_OBJECT(values) || engine::look_up(values, PG_GETARG_INT64(1), &stored) == engine::Held::missing ||
		stored == nullptr)
		PG_RETURN_NULL();
	Conversion *const conversion = conversion_of(fcinfo->flinfo);
	bool isnull = false;
	const Datum value =
		engine::convert_stored(stored, conversion->type, &conversion->input, conversion->parameter, &isnull);
	if (isnull)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(value);
}
