// History retention (retention.hpp).
//
// Candidates stand in bpt.process_instance_ended and bpt.incident_apart by their age, so a look costs one descent for each
// process that has a retention, whatever is kept. Rows that somebody holds are passed over, and found by a later round.
//
// Locks: that of deletion, if it is free; the process rows, those that are free, from the parent down.
#include "pg/postgres.hpp"

#include "engine/locks.hpp"
#include "engine/lookup.hpp"
#include "engine/remove.hpp"
#include "engine/retention.hpp"
#include "engine/users.hpp"
#include "expr/clock.hpp"
#include "pg/errors.hpp"
#include "pg/rows.hpp"
#include "pg/settings.hpp"
#include "pg/tables.hpp"

extern "C" {
#include "utils/fmgrprotos.h"
}

namespace bpt::engine {

namespace {

constexpr int kMostInstances = 100;
constexpr int kLongestMs = 20;
constexpr int kRememberMs = 600000; // what ended by a clock that was set back is seen after this
constexpr int kLongestMonths = 5000 * MONTHS_PER_YEAR;

/// Where the rounds of this backend go on, by process.
struct Place
{
	int64 process_def_id;
	TimestampTz from;
};
constexpr int kPlaces = 64;
Place places[kPlaces];
TimestampTz places_since = 0;

TimestampTz place_of(int64 process_def_id)
{
	const Place &place = places[process_def_id % kPlaces];
	return place.process_def_id == process_def_id ? place.from : DT_NOBEGIN;
}

/// A retention so long that nothing can be older.
bool is_for_ever(const Interval &keep)
{
	return keep.month / 1.0 + keep.day / 30.0 + static_cast<double>(keep.time) / (30.0 * USECS_PER_DAY) >
		   kLongestMonths;
}

/// What ended before `older_than` of a process is to go. False: it is kept for ever.
bool retention_of(const pg::Row *process, TimestampTz *older_than)
{
	const TimestampTz now = expr::now();
	if (TIMESTAMP_NOT_FINITE(now))
		return false;
	if (process == nullptr || process->null(process_def::history_retention))
	{
		*older_than = now - static_cast<int64>(settings::history_retention) * USECS_PER_SEC;
		return settings::history_retention >= 0;
	}
	const Interval *const keep = DatumGetIntervalP(process->at(process_def::history_retention));
	if (is_for_ever(*keep))
		return false;
	*older_than = DatumGetTimestampTz(
		DirectFunctionCall2(timestamptz_mi_interval, TimestampTzGetDatum(now), IntervalPGetDatum(keep)));
	return true;
}

} // namespace

void set_history_retention(const char *name, const Interval *keep)
{
	PreventCommandIfReadOnly("bpt.set_history_retention()");
	const int64 id = own_process(name);
	const Interval none = {};
	if (keep != nullptr &&
		DatumGetInt32(DirectFunctionCall2(interval_cmp, IntervalPGetDatum(keep), IntervalPGetDatum(&none))) < 0)
		ereport(ERROR, (errcode(kInvalidArguments), errmsg("history cannot be kept for a negative time")));
	pg::Row row = lock_own_process(id, name);
	if (keep == nullptr)
		row.set_null(process_def::history_retention);
	else
		row.set(process_def::history_retention, IntervalPGetDatum(keep));
	pg::update("process_def", row);
}

Round delete_expired()
{
	if (XactReadOnly || !lock_for_deletion())
		return Round::nothing;
	const TimestampTz began = GetCurrentTimestamp();
	if (TimestampDifferenceExceeds(places_since, began, kRememberMs))
		forget_rounds();
	Deletion deletion{kMostInstances, TimestampTzPlusMilliseconds(began, kLongestMs)};
	int incidents = 0;
	bool has_more = false;
	TimestampTz older_than = 0;
	pg::each("process_def", "process_def_pkey", {}, [&](const pg::Row &row) {
		const int64 id = row.int8(process_def::id);
		if (!retention_of(&row, &older_than) || !may_administer(id))
			return true;
		TimestampTz from = place_of(id);
		delete_ended(deletion, id, older_than, &from);
		places[id % kPlaces] = Place{id, from};
		incidents += delete_incidents(id, older_than, kMostIncidents);
		has_more = deletion.has_more || incidents >= kMostIncidents;
		return !has_more;
	});
	if (!has_more && is_admin() && retention_of(nullptr, &older_than))
		incidents += delete_incidents(0, older_than, kMostIncidents);
	return deletion.deleted + incidents == 0 ? Round::nothing : has_more ? Round::part : Round::all;
}

void forget_rounds()
{
	memset(places, 0, sizeof places);
	places_since = GetCurrentTimestamp();
}

} // namespace bpt::engine
