// Conversion of stored values for views and indexes (stored_value.hpp). Takes no locks.
#include "pg/postgres.hpp"

#include "engine/stored_value.hpp"
#include "pg/bracket.hpp"

namespace bpt::engine {

namespace {

bool is_built_in(Oid type)
{
	return type < FirstNormalObjectId;
}

bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/// True for an integer of at most `digits` digits.
bool is_integer(const char *text, size_t digits)
{
	if (*text == '-')
		text++;
	const size_t count = strspn(text, "0123456789");
	return count > 0 && count <= digits && text[count] == '\0';
}

bool is_uuid(const char *text)
{
	for (int i = 0; i < 36; i++)
	{
		const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
		if (dash ? text[i] != '-' : strchr("0123456789abcdef", text[i]) == nullptr || text[i] == '\0')
			return false;
	}
	return text[36] == '\0';
}

/// True where the input function cannot fail, so that it needs no subtransaction.
bool surely_converts(const char *text, Oid type)
{
	switch (type)
	{
	case TEXTOID:
	case VARCHAROID:
		return true;
	case BOOLOID:
		return (text[0] == 't' || text[0] == 'f') && text[1] == '\0';
	case INT2OID:
		return is_integer(text, 4);
	case INT4OID:
		return is_integer(text, 9);
	case INT8OID:
		return is_integer(text, 18);
	case UUIDOID:
		return is_uuid(text);
	default:
		return false;
	}
}

/// Types of dates and times, whose input functions depend on settings and take words such as now.
bool is_of_time(Oid type)
{
	switch (type)
	{
	case DATEOID:
	case TIMEOID:
	case TIMETZOID:
	case TIMESTAMPOID:
	case TIMESTAMPTZOID:
	case INTERVALOID:
		return true;
	default:
		return false;
	}
}

/// The settings with which values are stored (expr/convert.cpp); an instant without a zone is one of UTC.
int fix_settings()
{
	const int level = NewGUCNestLevel();
	pg::set_in_scope("datestyle", "ISO, YMD");
	pg::set_in_scope("intervalstyle", "postgres");
	pg::set_in_scope("timezone", "UTC");
	pg::set_in_scope("lc_monetary", "C");
	return level;
}

} // namespace

Oid exposed_type(Oid type)
{
	const Oid base = getBaseType(type);
	const Oid element = get_element_type(base);
	if (OidIsValid(element))
	{
		const Oid shown = exposed_type(element);
		const Oid array = shown == element ? base : get_array_type(shown);
		return shown == TEXTOID && getBaseType(element) != TEXTOID ? TEXTOID : OidIsValid(array) ? array : TEXTOID;
	}
	switch (get_typtype(base))
	{
	case TYPTYPE_BASE: // its input function is a superuser's
	case TYPTYPE_ENUM:
		return base;
	case TYPTYPE_RANGE:
	case TYPTYPE_MULTIRANGE:
		return is_built_in(base) ? base : TEXTOID;
	default:
		return TEXTOID;
	}
}

const char *exposed_index_method(Oid type)
{
	switch (type)
	{
	case BOOLOID:
	case INT2OID:
	case INT4OID:
	case INT8OID:
	case OIDOID:
	case FLOAT4OID:
	case FLOAT8OID:
	case DATEOID:
	case TIMEOID:
	case TIMETZOID:
	case TIMESTAMPOID:
	case TIMESTAMPTZOID:
	case INTERVALOID:
	case UUIDOID:
	case INETOID:
	case MACADDROID:
	case MACADDR8OID:
		return "btree";
	case TEXTOID:
	case VARCHAROID:
		return "spgist";
	default:
		return nullptr;
	}
}

Datum convert_stored(char *text, Oid type, FmgrInfo *input, Oid parameter, bool *isnull)
{
	*isnull = false;
	if (surely_converts(text, type))
		return InputFunctionCall(input, text, parameter, -1);
	Datum value = Datum{0};
	*isnull = is_of_time(type) && !is_digit(*text) && strchr("-@", *text) == nullptr && strcmp(text, "infinity") != 0;
	if (*isnull)
		return value;
	ErrorData *const failure = pg::in_subtransaction([&] {
		const int level = fix_settings();
		value = InputFunctionCall(input, text, parameter, -1);
		AtEOXact_GUC(true, level);
	});
	if (failure != nullptr && pg::must_reach_caller(failure))
		ReThrowError(failure);
	*isnull = failure != nullptr;
	return value;
}

} // namespace bpt::engine
