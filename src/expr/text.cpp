// Texts and instants of a definition as the engine asks for them.
#include "pg/postgres.hpp"

#include "expr/clock.hpp"
#include "expr/compiled.hpp"

namespace bpt::expr {

char *text_of(Definition *definition, const core::TextValue &value, const Site &site, const Values &values)
{
	switch (value.kind)
	{
	case core::TextValue::Kind::absent:
		return nullptr;
	case core::TextValue::Kind::literal:
		return pnstrdup(value.literal.data(), value.literal.size());
	case core::TextValue::Kind::expression:
		break;
	}
	bool isnull = true;
	const Datum result = evaluate(code(definition, value.expression, site, CodeKind::text), values, &isnull);
	return isnull ? nullptr : TextDatumGetCString(result);
}

bool instant_of(Definition *definition, const core::Sql &sql, const Site &site, const Values &values,
				TimestampTz *result)
{
	if (!sql)
		return false;
	Code *const code = expr::code(definition, sql, site, CodeKind::instant);
	bool isnull = true;
	const Datum value = evaluate(code, values, &isnull);
	if (isnull)
		return false;
	*result = (code->simple ? code->type : wanted_type(code, code->type)) == INTERVALOID
				  ? DatumGetTimestampTz(DirectFunctionCall2(timestamptz_pl_interval, TimestampTzGetDatum(now()), value))
				  : DatumGetTimestampTz(value);
	return true;
}

} // namespace bpt::expr
