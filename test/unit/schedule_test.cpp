// Schedules: both notations, what is wrong with a text, and the next instant, compared with a walk minute by minute.
#include <gtest/gtest.h>

#include <cstdio>
#include <random>

#include "core/schedule.hpp"
#include "reading.hpp"

using namespace bpt::core;
using bpt::test::TestArena;

namespace {

/// A zone made of changes of its clocks.
struct Rules
{
	struct Change
	{
		std::int64_t at;
		std::int32_t offset;
	};
	std::int32_t first;
	std::vector<Change> changes;

	static std::int32_t offset(const void *self, std::int64_t instant)
	{
		const Rules &rules = *static_cast<const Rules *>(self);
		std::int32_t result = rules.first;
		for (const Change &change : rules.changes)
			if (change.at <= instant)
				result = change.offset;
		return result;
	}
	Zone zone() const { return {offset, this}; }
};

/// Seconds since 1970 of "2026-03-29 01:00" in UTC; civil dates by counting, so that nothing is shared with the code.
std::int64_t at(const std::string &text)
{
	int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
	std::sscanf(text.c_str(), "%d-%d-%d %d:%d:%d", &year, &month, &day, &hour, &minute, &second);
	const auto leap = [](int y) { return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0; };
	std::int64_t days = 0;
	for (int y = 1970; y < year; y++)
		days += leap(y) ? 366 : 365;
	const int lengths[] = {31, leap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	for (int m = 1; m < month; m++)
		days += lengths[m - 1];
	days += day - 1;
	return days * 86400 + hour * 3600 + minute * 60 + second;
}

std::string text_of(std::int64_t instant)
{
	std::int64_t days = instant / 86400;
	const std::int64_t of_day = instant % 86400;
	const auto leap = [](int y) { return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0; };
	int year = 1970;
	for (; days >= (leap(year) ? 366 : 365); year++)
		days -= leap(year) ? 366 : 365;
	const int lengths[] = {31, leap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int month = 1;
	for (; days >= lengths[month - 1]; month++)
		days -= lengths[month - 1];
	char out[64];
	std::snprintf(out, sizeof out, "%04d-%02d-%02d %02d:%02d", year, month, static_cast<int>(days) + 1,
				  static_cast<int>(of_day / 3600), static_cast<int>(of_day / 60 % 60));
	return out;
}

const Rules kUtc{0, {}};
const Rules kBerlin{3600, {{at("2026-03-29 01:00"), 7200}, {at("2026-10-25 01:00"), 3600}}};
const Rules kSaoPaulo{-7200, {{at("2018-02-18 02:00"), -10800}, {at("2018-11-04 03:00"), -7200}}};
const Rules kLordHowe{39600, {{at("2026-04-04 15:00"), 37800}, {at("2026-10-03 15:30"), 39600}}};
const Rules kApia{-36000, {{at("2011-12-30 10:00"), 50400}}};

Schedule read(TestArena &arena, const std::string &text)
{
	Schedule schedule;
	ScheduleProblem problem;
	EXPECT_TRUE(parse_schedule(arena, arena.copy(text), &schedule, &problem)) << text << ": " << problem.message;
	return schedule;
}

/// The next `count` instants, as the zone's clocks do not matter to them: in UTC.
std::string next(const std::string &text, const Rules &rules, const std::string &after, int count = 1)
{
	TestArena arena;
	const Schedule schedule = read(arena, text);
	std::string out;
	std::int64_t instant = at(after);
	for (int i = 0; i < count; i++)
	{
		std::int64_t found = 0;
		if (!next_instant(schedule, rules.zone(), instant, &found))
			return out + "never";
		EXPECT_GT(found, instant);
		out += (i > 0 ? ", " : "") + text_of(found);
		instant = found;
	}
	return out;
}

/// Byte and message of what is wrong.
std::string problem(const std::string &text)
{
	TestArena arena;
	Schedule schedule;
	ScheduleProblem found;
	if (parse_schedule(arena, arena.copy(text), &schedule, &found))
		return "";
	EXPECT_GE(found.at, 0);
	EXPECT_LE(found.at, static_cast<std::int32_t>(text.size()));
	return std::to_string(found.at) + " " + std::string(found.message);
}

} // namespace

TEST(Schedule, CronFields)
{
	EXPECT_EQ(next("*/20 * * * *", kUtc, "2026-01-01 00:00", 3),
			  "2026-01-01 00:20, 2026-01-01 00:40, 2026-01-01 01:00");
	EXPECT_EQ(next("5 4 * * sun", kUtc, "2026-11-22 04:05"), "2026-11-29 04:05");
	EXPECT_EQ(next("5 4 * * 7", kUtc, "2026-11-22 04:04"), "2026-11-22 04:05");
	EXPECT_EQ(next("0 22 * * 1-5", kUtc, "2026-11-20 22:00"), "2026-11-23 22:00");
	EXPECT_EQ(next("0 9-17/4 * * Sat-Sun", kUtc, "2026-11-21 00:00", 4),
			  "2026-11-21 09:00, 2026-11-21 13:00, 2026-11-21 17:00, 2026-11-22 09:00");
	EXPECT_EQ(next("0 0 1 jan,JUL *", kUtc, "2026-02-01 00:00", 2), "2026-07-01 00:00, 2027-01-01 00:00");
	EXPECT_EQ(next("30/15 0 * * *", kUtc, "2026-02-01 00:00", 3),
			  "2026-02-01 00:30, 2026-02-01 00:45, 2026-02-02 00:30");
	EXPECT_EQ(next("@daily", kUtc, "2026-02-28 00:00"), "2026-03-01 00:00");
	EXPECT_EQ(next("@HOURLY", kUtc, "2026-02-28 23:00"), "2026-03-01 00:00");
	EXPECT_EQ(next("  0\t0 * *\n* ", kUtc, "2026-02-28 00:00"), "2026-03-01 00:00");
}

TEST(Schedule, DaysOfMonthAndWeekEitherWillDo)
{
	EXPECT_EQ(next("0 0 13 * fri", kUtc, "2026-11-10 00:00", 3),
			  "2026-11-13 00:00, 2026-11-20 00:00, 2026-11-27 00:00");
	// A field that begins with a star does not widen the other.
	EXPECT_EQ(next("0 0 */2 * fri", kUtc, "2026-11-10 00:00", 2), "2026-11-13 00:00, 2026-11-27 00:00");
	EXPECT_EQ(next("0 0 13 * *", kUtc, "2026-11-14 00:00"), "2026-12-13 00:00");
}

TEST(Schedule, OwnForms)
{
	EXPECT_EQ(next("22:00", kUtc, "2026-11-22 22:00"), "2026-11-23 22:00");
	EXPECT_EQ(next("22:00 Mon Fri", kUtc, "2026-11-22 00:00", 3),
			  "2026-11-23 22:00, 2026-11-27 22:00, 2026-11-30 22:00");
	EXPECT_EQ(next("22:00 mon-wed", kUtc, "2026-11-24 22:00", 2), "2026-11-25 22:00, 2026-11-30 22:00");
	EXPECT_EQ(next("02:15 18:00 18:30 Mon", kUtc, "2026-11-22 00:00", 4),
			  "2026-11-23 02:15, 2026-11-23 18:00, 2026-11-23 18:30, 2026-11-30 02:15");
	EXPECT_EQ(next("15:30 16", kUtc, "2026-11-22 00:00"), "2026-12-16 15:30");
	EXPECT_EQ(next("15:30 16 monday", kUtc, "2026-11-22 00:00", 2), "2026-11-23 15:30, 2026-11-30 15:30");
	EXPECT_EQ(next("0:15 2nd Tue", kUtc, "2026-11-22 00:00", 2), "2026-12-08 00:15, 2027-01-12 00:15");
	EXPECT_EQ(next("00:15 1st Mon 3rd Mon", kUtc, "2026-11-22 00:00", 2), "2026-12-07 00:15, 2026-12-21 00:15");
	EXPECT_EQ(next("00:15 last Fri", kUtc, "2026-11-22 00:00", 2), "2026-11-27 00:15, 2026-12-25 00:15");
	EXPECT_EQ(next("12:00 24 Dec", kUtc, "2026-12-24 12:00"), "2027-12-24 12:00");
	EXPECT_EQ(next("When Published", kUtc, "2026-11-22 00:00"), "never");
	EXPECT_EQ(next("when  PUBLISHED", kUtc, "2026-11-22 00:00"), "never");
}

TEST(Schedule, MonthEndsAndLeapYears)
{
	EXPECT_EQ(next("08:00 last", kUtc, "2027-12-31 08:00", 3), "2028-01-31 08:00, 2028-02-29 08:00, 2028-03-31 08:00");
	EXPECT_EQ(next("0 8 31 * *", kUtc, "2026-03-31 08:00", 2), "2026-05-31 08:00, 2026-07-31 08:00");
	EXPECT_EQ(next("0 0 29 2 *", kUtc, "2026-01-01 00:00", 2), "2028-02-29 00:00, 2032-02-29 00:00");
	EXPECT_EQ(next("0 0 29 2 *", kUtc, "2096-03-01 00:00"), "2104-02-29 00:00");
	// On a Sunday, and over 2100, which is no leap year.
	EXPECT_EQ(next("0 0 29 2 */7", kUtc, "2072-03-01 00:00", 2), "2088-02-29 00:00, 2128-02-29 00:00");
	EXPECT_EQ(next("00:00 5th Fri", kUtc, "2026-02-01 00:00", 2), "2026-05-29 00:00, 2026-07-31 00:00");
}

TEST(Schedule, ATimeThatDoesNotExistComesOnceBehindTheGap)
{
	EXPECT_EQ(next("30 2 * * *", kBerlin, "2026-03-28 00:00", 3),
			  "2026-03-28 01:30, 2026-03-29 01:00, 2026-03-30 00:30");
	EXPECT_EQ(next("*/15 2 * * *", kBerlin, "2026-03-28 02:00", 2), "2026-03-29 01:00, 2026-03-30 00:00");
	EXPECT_EQ(next("0 2,3 * * *", kBerlin, "2026-03-28 03:00", 3),
			  "2026-03-29 01:00, 2026-03-30 00:00, 2026-03-30 01:00");
	// Midnight itself falls into the gap.
	EXPECT_EQ(next("0 0 * * *", kSaoPaulo, "2018-11-03 03:00", 2), "2018-11-04 03:00, 2018-11-05 02:00");
	EXPECT_EQ(next("02:15", kLordHowe, "2026-10-02 16:00", 2), "2026-10-03 15:30, 2026-10-04 15:15");
	// A whole day was left out.
	EXPECT_EQ(next("12:00", kApia, "2011-12-29 22:00", 2), "2011-12-30 10:00, 2011-12-30 22:00");
}

TEST(Schedule, ATimeThatExistsTwiceComesOnce)
{
	EXPECT_EQ(next("30 2 * * *", kBerlin, "2026-10-24 00:30", 3),
			  "2026-10-25 00:30, 2026-10-26 01:30, 2026-10-27 01:30");
	EXPECT_EQ(next("*/20 2 * * *", kBerlin, "2026-10-25 00:00", 3),
			  "2026-10-25 00:20, 2026-10-25 00:40, 2026-10-26 01:00");
	EXPECT_EQ(next("30 23 * * *", kSaoPaulo, "2018-02-17 02:00", 2), "2018-02-18 01:30, 2018-02-19 02:30");
	EXPECT_EQ(next("01:45", kLordHowe, "2026-04-03 15:00", 2), "2026-04-04 14:45, 2026-04-05 15:15");
}

TEST(Schedule, IntervalsGoByRealTime)
{
	EXPECT_EQ(next("*/30 * * * *", kBerlin, "2026-10-25 00:00", 5),
			  "2026-10-25 00:30, 2026-10-25 01:00, 2026-10-25 01:30, 2026-10-25 02:00, 2026-10-25 02:30");
	EXPECT_EQ(next("*/30 * * * *", kBerlin, "2026-03-29 00:00", 3),
			  "2026-03-29 00:30, 2026-03-29 01:00, 2026-03-29 01:30");
	EXPECT_EQ(next("0 */2 * * *", kBerlin, "2026-03-28 23:00", 3),
			  "2026-03-29 02:00, 2026-03-29 04:00, 2026-03-29 06:00");
	EXPECT_EQ(next("20 * * * *", kLordHowe, "2026-04-04 14:00", 3),
			  "2026-04-04 14:20, 2026-04-04 15:50, 2026-04-04 16:50");
}

TEST(Schedule, Zones)
{
	TestArena arena;
	EXPECT_EQ(read(arena, "0 3 * * * Europe/Berlin").zone, "Europe/Berlin");
	EXPECT_EQ(read(arena, "0 3 * * * Europe/Berlin").zone_at, 10);
	EXPECT_EQ(read(arena, "22:00 Mon Fri America/Argentina/Buenos_Aires").zone, "America/Argentina/Buenos_Aires");
	EXPECT_EQ(read(arena, "22:00 UTC").zone, "UTC");
	EXPECT_EQ(read(arena, "@daily Etc/GMT+5").zone, "Etc/GMT+5");
	EXPECT_EQ(read(arena, "22:00 Mon").zone, "");
}

TEST(Schedule, Problems)
{
	EXPECT_EQ(problem(""), "0 the schedule is empty");
	EXPECT_EQ(problem("  "), "0 the schedule is empty");
	EXPECT_EQ(problem("60 * * * *"), "0 minute 60 is out of range");
	EXPECT_EQ(problem("0 24 * * *"), "2 hour 24 is out of range");
	EXPECT_EQ(problem("0 0 0 * *"), "4 day of the month 0 is out of range");
	EXPECT_EQ(problem("0 0 * 13 *"), "6 month 13 is out of range");
	EXPECT_EQ(problem("0 0 * * 8"), "8 weekday 8 is out of range");
	EXPECT_EQ(problem("0 0 * foo *"), "6 \"foo\" is not a month");
	EXPECT_EQ(problem("0 0 * * mo"), "8 \"mo\" is not a weekday");
	EXPECT_EQ(problem("0 0 * *"),
			  "7 the schedule has fewer than five fields: minute, hour, day of the month, month, weekday");
	EXPECT_EQ(problem("*/0 * * * *"), "2 a step is a whole number above 0");
	EXPECT_EQ(problem("*/ * * * *"), "2 a step is a whole number above 0");
	EXPECT_EQ(problem("5 4 * * Europe/Berlin"), "8 \"Europe\" is not a weekday");
	EXPECT_EQ(problem("5-1 * * * *"), "0 the range 5-1 runs backwards");
	EXPECT_EQ(problem("1,,2 * * * *"), "2 a minute is missing here");
	EXPECT_EQ(problem("99999 * * * *"), "0 \"99999\" is not a minute");
	EXPECT_EQ(problem("0 0 * * * *"), "10 \"*\" is not expected here");
	EXPECT_EQ(problem("0 0 * * * UTC x"), "14 \"x\" is not expected here");
	EXPECT_EQ(problem("0 0 30 2 *"), "0 the schedule never comes");
	EXPECT_EQ(problem("0 0 31 4,6,9,11 *"), "0 the schedule never comes");
	EXPECT_EQ(problem("@often"), "0 \"@often\" is not a schedule");
	EXPECT_EQ(problem("daily"), "0 \"daily\" is not a schedule");
	EXPECT_EQ(problem("24:00"), "0 \"24:00\" is not a time of the day, such as 22:00");
	EXPECT_EQ(problem("22:0"), "0 \"22:0\" is not a time of the day, such as 22:00");
	EXPECT_EQ(problem("02:00 25:00"), "6 \"25:00\" is not a time of the day, such as 22:00");
	EXPECT_EQ(problem("02:00 Mon 10:00"), "10 \"10:00\" is not a day of the month");
	EXPECT_EQ(problem("22:00 32"), "6 day of the month 32 is out of range");
	EXPECT_EQ(problem("22:00 2nd"), "6 a weekday is missing after \"2nd\"");
	EXPECT_EQ(problem("22:00 2nd 5"), "6 a weekday is missing after \"2nd\"");
	EXPECT_EQ(problem("22:00 Mon 6th Fri"), "10 \"6th\" is not a day of the month");
	EXPECT_EQ(problem("22:00 */2"), "6 \"*/2\" is not expected here");
	EXPECT_EQ(problem("When"), "0 PUBLISHED alone stands after WHEN");
	EXPECT_EQ(problem("When Published UTC"), "0 PUBLISHED alone stands after WHEN");
}

/// Random schedules and zones against a walk over every minute, which knows the rules of both ends of daylight saving in
/// words: a time of the day comes when the clocks first show it, or when they have jumped over it.
TEST(Schedule, AgreesWithAWalkOverEveryMinute)
{
	std::mt19937 random(20261122);
	const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
	const Rules *const zones[] = {&kUtc, &kBerlin, &kSaoPaulo, &kLordHowe};
	const char *const around[] = {"2026-03-28 12:07", "2026-03-28 20:00", "2018-02-17 03:00", "2026-04-03 21:13"};
	const char *const later[] = {"2026-02-27 00:00", "2026-10-24 10:00", "2018-11-03 01:00", "2026-10-03 01:30"};
	for (int round = 0; round < 400; round++)
	{
		const int z = pick(4);
		const Rules &rules = *zones[z];
		std::string hour = std::to_string(pick(24));
		if (pick(3) == 0)
			hour = "*";
		else if (pick(2) == 0)
			hour = std::to_string(pick(3)) + "-" + std::to_string(3 + pick(20)) + "/" + std::to_string(1 + pick(3));
		const std::string minute = pick(2) == 0 ? std::to_string(pick(60)) : "*/" + std::to_string(1 + pick(59));
		const std::string day = pick(3) == 0 ? std::to_string(1 + pick(28)) + "-31" : "*";
		const std::string weekday = pick(3) == 0 ? std::to_string(pick(7)) + ",6" : "*";
		const std::string text = minute + " " + hour + " " + day + " * " + weekday;
		TestArena arena;
		const Schedule schedule = read(arena, text);
		const auto fits = [&](std::int64_t local) {
			std::int64_t found = 0;
			return next_instant(schedule, kUtc.zone(), local - 1, &found) && found == local;
		};
		const std::int64_t begin = at(pick(2) == 0 ? around[z] : later[z]);
		std::int64_t after = begin;
		for (std::int64_t instant = begin + 60 - begin % 60; instant < begin + 3 * 86400; instant += 60)
		{
			const std::int64_t local = instant + Rules::offset(&rules, instant);
			const std::int64_t before = instant - 60 + Rules::offset(&rules, instant - 60);
			bool comes = fits(local);
			if (!schedule.by_interval)
			{
				for (std::int64_t earlier = instant - 7200; earlier < instant; earlier += 60)
					comes = comes && earlier + Rules::offset(&rules, earlier) != local;
				for (std::int64_t skipped = before + 60; skipped < local; skipped += 60)
					comes = comes || fits(skipped);
			}
			if (!comes)
				continue;
			std::int64_t found = 0;
			ASSERT_TRUE(next_instant(schedule, rules.zone(), after, &found)) << text;
			ASSERT_EQ(text_of(found), text_of(instant)) << text << " zone " << z << " after " << text_of(after);
			after = instant;
		}
	}
}
