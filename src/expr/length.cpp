// Lengths of time that stand as literals in a definition (length.hpp). Takes no locks.
#include "pg/postgres.hpp"

#include "expr/length.hpp"

extern "C" {
#include "common/int.h"
}

#include <algorithm>

namespace bpt::expr {

namespace {

/// What can be added to any instant.
constexpr int64 kLongest = PG_INT64_MAX / 2;

/// The literal as something to evaluate: it reads no names.
Code *code_of(Definition *definition, const core::Sql &literal)
{
	return code(definition, literal, Site{}, CodeKind::value, INTERVALOID);
}

} // namespace

int64 length_of(Definition *definition, const core::Sql &literal)
{
	bool isnull = true;
	const Datum value = evaluate(code_of(definition, literal), Values{}, &isnull);
	if (isnull)
		return 0;
	const Interval *const interval = DatumGetIntervalP(value);
	const int64 days = interval->day + interval->month * int64{DAYS_PER_MONTH};
	int64 length = 0;
	if (pg_mul_s64_overflow(days, USECS_PER_DAY, &length) || pg_add_s64_overflow(length, interval->time, &length))
		return days < 0 ? -kLongest : kLongest;
	return std::clamp(length, -kLongest, kLongest);
}

int64 length_in_ms(Definition *definition, const core::Sql &literal)
{
	const int64 length = length_of(definition, literal);
	return length / 1000 + (length % 1000 > 0 ? 1 : 0);
}

bool examine_length(Examiner *examiner, const core::Sql &literal, const char *what)
{
	if (!literal || examine_expression(examiner, code_of(examiner->definition, literal)) == nullptr)
		return false;
	return try_or_add(examiner, "sql", literal, kWrapPrefix, [&] {
		if (length_of(examiner->definition, literal) <= 0)
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("%s must be longer than nothing", what)));
	});
}

} // namespace bpt::expr
