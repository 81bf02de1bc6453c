// When a schedule comes next (schedule.hpp): first the next local time that fits, day by day, then the instant of it.
//
// Always holds: the instants of a schedule of times of the day do not go backwards as its local times go on, so the first
// local time whose instant lies after a given one gives the next instant.
#include "core/schedule.hpp"

namespace bpt::core {

namespace {

constexpr std::int64_t kMinute = 60;
constexpr std::int64_t kHour = 3600;
constexpr std::int64_t kDay = 86400;
/// February 29 on one weekday comes every 28 years, over a year such as 2100 after 40.
constexpr std::int32_t kMostDays = 41 * 366;

/// A day of the proleptic Gregorian calendar.
struct Date
{
	std::int64_t year;
	int month; // from 1
	int day;   // from 1
};

std::int64_t floor_div(std::int64_t a, std::int64_t b)
{
	return a / b - (a % b < 0 ? 1 : 0);
}

bool is_leap(std::int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int days_in(std::int64_t year, int month)
{
	constexpr int kLengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	return month == 2 && is_leap(year) ? 29 : kLengths[month - 1];
}

/// The date of a day counted from 1970-01-01. Eras of 400 years begin on March 1st, so that leap days end them.
Date date_of(std::int64_t number)
{
	const std::int64_t shifted = number + 719468;
	const std::int64_t era = floor_div(shifted, 146097);
	const std::int64_t of_era = shifted - era * 146097;
	const std::int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	const std::int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	const std::int64_t month = (5 * of_year + 2) / 153; // from March
	Date date;
	date.day = static_cast<int>(of_year - (153 * month + 2) / 5 + 1);
	date.month = static_cast<int>(month < 10 ? month + 3 : month - 9);
	date.year = year + era * 400 + (date.month <= 2 ? 1 : 0);
	return date;
}

/// 0: Sunday. 1970-01-01 was a Thursday.
int weekday_of(std::int64_t number)
{
	return static_cast<int>(number + 4 - floor_div(number + 4, 7) * 7);
}

bool has(std::uint64_t bits, int value)
{
	return (bits >> value & 1) != 0;
}

/// True if the schedule comes on that day at all. Where it names days of the month and weekdays, either will do.
bool fits_day(const Schedule &schedule, std::int64_t number)
{
	const Date date = date_of(number);
	if (!has(schedule.months, date.month))
		return false;
	const int length = days_in(date.year, date.month);
	const int weekday = weekday_of(number);
	const std::uint32_t nth = schedule.nth[weekday];
	const bool day = has(schedule.days, date.day) || (schedule.last_day && date.day == length);
	const bool of_week = has(schedule.weekdays, weekday) || has(nth, (date.day - 1) / 7 + 1) ||
						 (has(nth, static_cast<int>(Schedule::kLast)) && date.day + 7 > length);
	return schedule.any_day || schedule.any_weekday ? day && of_week : day || of_week;
}

/// The first local time of the schedule at or after `from`; false if there is none for a long time.
bool local_from(const Schedule &schedule, std::int64_t from, std::int64_t *local)
{
	std::int64_t minute = floor_div(from + kMinute - 1, kMinute);
	std::int64_t day = floor_div(minute, kDay / kMinute);
	int of_day = static_cast<int>(minute - day * (kDay / kMinute));
	for (std::int32_t tries = 0; tries < kMostDays; tries++, day++, of_day = 0)
	{
		if (!fits_day(schedule, day))
			continue;
		for (int hour = of_day / 60; hour < 24; hour++)
		{
			if (schedule.minutes[hour] == 0)
				continue;
			for (int m = hour == of_day / 60 ? of_day % 60 : 0; m < 60; m++)
				if (has(schedule.minutes[hour], m))
				{
					*local = day * kDay + hour * kHour + m * kMinute;
					return true;
				}
		}
	}
	return false;
}

std::int32_t offset_at(const Zone &zone, std::int64_t instant)
{
	return zone.offset(zone.context, instant);
}

/// The instant after `before` and up to `after` at which the clocks are changed; one lies there.
std::int64_t change_between(const Zone &zone, std::int64_t before, std::int64_t after)
{
	const std::int32_t old = offset_at(zone, before);
	while (after - before > 1)
	{
		const std::int64_t middle = before + (after - before) / 2;
		(offset_at(zone, middle) == old ? before : after) = middle;
	}
	return after;
}

/// The instant of a local time: the first of two, the end of the gap where there is none.
std::int64_t instant_of(const Zone &zone, std::int64_t local)
{
	const std::int64_t by_old = local - offset_at(zone, local - kDay);
	const std::int64_t by_new = local - offset_at(zone, local + kDay);
	const bool old_holds = by_old + offset_at(zone, by_old) == local;
	const bool new_holds = by_new + offset_at(zone, by_new) == local;
	if (old_holds && new_holds)
		return by_old < by_new ? by_old : by_new;
	if (old_holds || new_holds)
		return old_holds ? by_old : by_new;
	return by_new < by_old ? change_between(zone, by_new - 1, by_old + 1) : by_new;
}

/// Times of the day.
bool next_time(const Schedule &schedule, const Zone &zone, std::int64_t after, std::int64_t *next)
{
	std::int64_t local = after + offset_at(zone, after);
	do
		if (!local_from(schedule, local + 1, &local))
			return false;
	while ((*next = instant_of(zone, local)) <= after);
	return true;
}

/// Intervals: between two changes of the clocks local and real time run alike.
bool next_interval(const Schedule &schedule, const Zone &zone, std::int64_t after, std::int64_t *next)
{
	while (true)
	{
		const std::int32_t offset = offset_at(zone, after);
		std::int64_t local = 0;
		if (!local_from(schedule, after + offset + 1, &local))
			return false;
		*next = local - offset;
		if (offset_at(zone, *next) == offset)
			return true;
		// The clocks are changed on the way there: what comes next goes by the new ones.
		const std::int64_t change = change_between(zone, after, *next);
		if (!local_from(schedule, change + offset_at(zone, change), &local))
			return false;
		*next = local - offset_at(zone, change);
		if (offset_at(zone, *next) == offset_at(zone, change))
			return true;
		after = change;
	}
}

} // namespace

bool next_instant(const Schedule &schedule, const Zone &zone, std::int64_t after, std::int64_t *next)
{
	if (schedule.when_published)
		return false;
	return schedule.by_interval ? next_interval(schedule, zone, after, next) : next_time(schedule, zone, after, next);
}

} // namespace bpt::core
