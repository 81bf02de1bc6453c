// The schedules of TIMERs: what they mean, and when they come next.
//
// Two notations make one model: cron's five fields, and BPT's own ("22:00 Mon Fri", "02:00 18:30", "15:30 16", "00:15 2nd
// Tue", "When Published"); either may end with a time zone. Pure arithmetic: how local time and instants belong together is asked of a
// Zone, so that tests bring their own.
//
// Both ends of daylight saving: a time of the day that does not exist comes at the first instant after the gap, once however
// many times fall into it; a time that exists twice comes once, the first time. A schedule whose hours are `*` is one of
// intervals, not of times of the day: it goes by real time, through a repeated hour twice and not into a gap.
#pragma once
#include "core/diagnostic.hpp"
#include "core/model.hpp"

namespace bpt::core {

/// How a time zone counts: seconds that its clocks are ahead of UTC at an instant (seconds since 1970, UTC).
struct Zone
{
	std::int32_t (*offset)(const void *context, std::int64_t instant);
	const void *context;
};

/// Bits count from the value itself: bit 1 of days is the first of the month.
struct Schedule
{
	bool when_published = false;    // no times at all
	std::uint64_t minutes[24] = {}; // by hour
	std::uint32_t days = 0;
	bool last_day = false; // the last day of the month
	std::uint32_t months = 0;
	std::uint32_t weekdays = 0;          // 0: Sunday
	std::uint32_t nth[7] = {};           // by weekday: bits 1 to 5, and kLast
	bool any_day = false;                // days of the month do not matter, or begin with `*` (cron's rule)
	bool any_weekday = false;            // the same of weekdays
	bool by_interval = false;            // hours are `*`
	std::string_view zone;               // as written, or empty
	std::int32_t zone_at = 0;            // where in the text
	static constexpr unsigned kLast = 6; // bit of nth
};

/// What is wrong with a schedule's text, and at which byte of it.
struct ScheduleProblem
{
	std::int32_t at = 0;
	std::string_view message;
	std::string_view hint;
};

/// Reads a schedule; false with `problem` set if it is none, or one that never comes. Whether the zone exists is the
/// caller's to check. The result points into `text`.
bool parse_schedule(Arena &arena, std::string_view text, Schedule *schedule, ScheduleProblem *problem);

/// The first instant of the schedule after `after` (seconds since 1970, UTC); false if there is none.
bool next_instant(const Schedule &schedule, const Zone &zone, std::int64_t after, std::int64_t *next);

} // namespace bpt::core
