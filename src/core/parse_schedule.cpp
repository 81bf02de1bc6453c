// Reading schedules (schedule.hpp). Words are separated by blanks; a text whose first word is a time of the day or WHEN is in
// BPT's notation, every other in cron's.
#include "core/schedule.hpp"
#include "core/text.hpp"

namespace bpt::core {

namespace {

constexpr std::int32_t kMostWords = 64;
constexpr std::string_view kForms =
	"A schedule is '*/5 * * * *' (minute, hour, day, month, weekday), '22:00 Mon Fri', '15:30 16', '00:15 2nd Tue', "
	"'08:00 last' or 'When Published'; a time zone may follow.";
constexpr std::string_view kWeekdays[] = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};
constexpr std::string_view kLongWeekdays[] = {"SUNDAY",   "MONDAY", "TUESDAY", "WEDNESDAY",
											  "THURSDAY", "FRIDAY", "SATURDAY"};
constexpr std::string_view kMonths[] = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
										"JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::string_view kOrdinals[] = {"", "1ST", "2ND", "3RD", "4TH", "5TH", "LAST"};

struct Nickname
{
	std::string_view name;
	std::string_view fields;
};
constexpr Nickname kNicknames[] = {
	{"@HOURLY", "0 * * * *"},  {"@DAILY", "0 0 * * *"},  {"@MIDNIGHT", "0 0 * * *"}, {"@WEEKLY", "0 0 * * 0"},
	{"@MONTHLY", "0 0 1 * *"}, {"@YEARLY", "0 0 1 1 *"}, {"@ANNUALLY", "0 0 1 1 *"},
};

bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/// Index of a word in a list, or -1.
template <std::size_t N>
int index_of(const std::string_view (&list)[N], std::string_view word)
{
	for (std::size_t i = 0; i < N; i++)
		if (!list[i].empty() && same_word(list[i], word))
			return static_cast<int>(i);
	return -1;
}

int weekday_of(std::string_view word)
{
	const int found = index_of(kWeekdays, word);
	return found >= 0 ? found : index_of(kLongWeekdays, word);
}

/// One of cron's fields.
struct Field
{
	std::string_view what;
	int low;
	int high;
	bool is_month;
	bool is_weekday; // 7 is Sunday too
};
constexpr Field kFields[] = {
	{"minute", 0, 59, false, false}, {"hour", 0, 23, false, false},  {"day of the month", 1, 31, false, false},
	{"month", 1, 12, true, false},   {"weekday", 0, 7, false, true},
};

struct Reader
{
	Arena &arena;
	std::string_view text;
	ScheduleProblem *problem;
	std::string_view words[kMostWords] = {};
	std::int32_t count = 0;

	std::int32_t place(std::string_view part) const { return static_cast<std::int32_t>(part.data() - text.data()); }

	bool fail(std::int32_t at, std::string_view message, std::string_view hint = kForms)
	{
		problem->at = at;
		problem->message = message;
		problem->hint = hint;
		return false;
	}

	bool fail_word(std::string_view word, std::string_view expected)
	{
		return fail(place(word), concat(arena, {"\"", shortened(arena, word, 40), "\" is not ", expected}));
	}

	bool split()
	{
		const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
		const auto size = static_cast<std::int32_t>(text.size());
		for (std::int32_t at = 0; at < size;)
		{
			if (is_blank(text[static_cast<std::size_t>(at)]))
			{
				at++;
				continue;
			}
			std::int32_t end = at;
			while (end < size && !is_blank(text[static_cast<std::size_t>(end)]))
				end++;
			if (count == kMostWords)
				return fail(at, "the schedule is too long");
			words[count++] = slice(text, at, end);
			at = end;
		}
		return count > 0 || fail(0, "the schedule is empty");
	}

	/// A whole number of at most four digits; false if the word is none.
	static bool number(std::string_view word, int *value)
	{
		if (word.empty() || word.size() > 4)
			return false;
		*value = 0;
		for (const char c : word)
		{
			if (!is_digit(c))
				return false;
			*value = *value * 10 + (c - '0');
		}
		return true;
	}

	/// A value of a cron field: a number or a name.
	bool value(const Field &field, std::string_view word, int *result)
	{
		const int named = field.is_month ? index_of(kMonths, word) + 1 : field.is_weekday ? weekday_of(word) : -1;
		if ((field.is_month && named > 0) || (field.is_weekday && named >= 0))
		{
			*result = named;
			return true;
		}
		if (!number(word, result))
			return word.empty() ? fail(place(word), concat(arena, {"a ", field.what, " is missing here"}))
								: fail_word(word, concat(arena, {"a ", field.what}));
		if (*result < field.low || *result > field.high)
			return fail(place(word), concat(arena, {field.what, " ", word, " is out of range"}),
						concat(arena, {"It lies between ", number_text(arena, field.low), " and ",
									   number_text(arena, field.high), "."}));
		return true;
	}

	/// One item of a cron list: *, a, a-b, each with /step.
	bool item(const Field &field, std::string_view word, std::uint64_t *bits)
	{
		std::size_t slash = word.find('/');
		const std::string_view range = slash == std::string_view::npos ? word : slice(word, 0, static_cast<int>(slash));
		int low = field.low;
		int high = field.is_weekday ? 6 : field.high;
		if (range != "*")
		{
			const std::size_t dash = range.find('-');
			const std::string_view first =
				dash == std::string_view::npos ? range : slice(range, 0, static_cast<int>(dash));
			if (!value(field, first, &low))
				return false;
			if (dash != std::string_view::npos)
			{
				const std::string_view last =
					slice(range, static_cast<int>(dash) + 1, static_cast<std::int32_t>(range.size()));
				if (!value(field, last, &high))
					return false;
				if (field.is_weekday && high == 0 && low > 0)
					high = 7; // Sat-Sun
				if (low > high)
					return fail(place(range), concat(arena, {"the range ", range, " runs backwards"}),
								"Write it as two ranges with a comma between them.");
			}
			else if (slash == std::string_view::npos)
				high = low;
		}
		int step = 1;
		if (slash != std::string_view::npos)
		{
			const std::string_view after =
				slice(word, static_cast<int>(slash) + 1, static_cast<std::int32_t>(word.size()));
			if (!number(after, &step) || step == 0)
				return fail(place(after), "a step is a whole number above 0");
		}
		for (int v = low; v <= high; v += step)
			*bits |= std::uint64_t{1} << (field.is_weekday ? v % 7 : v);
		return true;
	}

	bool list(const Field &field, std::string_view word, std::uint64_t *bits)
	{
		std::int32_t begin = 0;
		const auto size = static_cast<std::int32_t>(word.size());
		for (std::int32_t at = 0; at <= size; at++)
			if (at == size || word[static_cast<std::size_t>(at)] == ',')
			{
				if (!item(field, slice(word, begin, at), bits))
					return false;
				begin = at + 1;
			}
		return true;
	}

	/// Five fields from `word` on.
	bool fields(const std::string_view *word, Schedule *schedule)
	{
		std::uint64_t bits[5] = {};
		for (int i = 0; i < 5; i++)
			if (!list(kFields[i], word[i], &bits[i]))
				return false;
		for (int hour = 0; hour < 24; hour++)
			schedule->minutes[hour] = (bits[1] >> hour & 1) != 0 ? bits[0] : 0;
		schedule->days = static_cast<std::uint32_t>(bits[2]);
		schedule->months = static_cast<std::uint32_t>(bits[3]);
		schedule->weekdays = static_cast<std::uint32_t>(bits[4]);
		schedule->by_interval = word[1][0] == '*';
		schedule->any_day = word[2][0] == '*';
		schedule->any_weekday = word[4][0] == '*';
		return true;
	}

	/// What follows everything else: the name of a time zone.
	bool take_zone(std::int32_t from, Schedule *schedule)
	{
		if (from == count)
			return true;
		const std::string_view word = words[from];
		bool plain = true; // a name without "/" has no digits in it, so that mistakes are not taken for POSIX zones
		bool path = false;
		for (const char c : word)
		{
			path = path || c == '/';
			const bool letter = (lower(c) >= 'a' && lower(c) <= 'z') || c == '_';
			plain = plain && (letter || c == '/' || c == '-' || c == '+' || (path && is_digit(c)));
		}
		if (!plain || lower(word[0]) < 'a' || lower(word[0]) > 'z')
			return fail_word(word, "expected here");
		if (from + 1 < count)
			return fail_word(words[from + 1], "expected here");
		schedule->zone = word;
		schedule->zone_at = place(word);
		return true;
	}

	bool cron(Schedule *schedule)
	{
		if (words[0][0] == '@')
		{
			for (const Nickname &known : kNicknames)
				if (same_word(known.name, words[0]))
				{
					Reader fields_of{arena, known.fields, problem};
					return fields_of.split() && fields_of.fields(fields_of.words, schedule) && take_zone(1, schedule);
				}
			return fail_word(words[0], "a schedule");
		}
		if (count < 5)
		{
			// The first field tells a schedule of five fields that lacks some from something else.
			std::uint64_t minutes = 0;
			if (!list(kFields[0], words[0], &minutes))
				return fail_word(words[0], "a schedule");
			return fail(static_cast<std::int32_t>(text.size()),
						"the schedule has fewer than five fields: minute, hour, day of the month, month, weekday");
		}
		return fields(words, schedule) && take_zone(5, schedule);
	}

	static bool is_time(std::string_view word) { return word.find(':') != std::string_view::npos && is_digit(word[0]); }

	/// HH:MM: adds to what stands in `schedule`.
	bool time(std::string_view word, Schedule *schedule)
	{
		const auto colon = static_cast<std::int32_t>(word.find(':'));
		int hour = 0;
		int minute = 0;
		const std::string_view minutes = slice(word, colon + 1, static_cast<std::int32_t>(word.size()));
		if (!number(slice(word, 0, colon), &hour) || minutes.size() != 2 || !number(minutes, &minute) || hour > 23 ||
			minute > 59)
			return fail_word(word, "a time of the day, such as 22:00");
		schedule->minutes[hour] |= std::uint64_t{1} << minute;
		return true;
	}

	/// "Mon", "Mon-Fri", "16", "1-5", "Dec": adds to what stands in `schedule`. False without a problem if it is none of these.
	bool day_word(std::string_view word, Schedule *schedule, bool *known)
	{
		*known = true;
		const std::size_t dash = word.find('-');
		const std::string_view first = dash == std::string_view::npos ? word : slice(word, 0, static_cast<int>(dash));
		const Field *field = nullptr;
		if (weekday_of(first) >= 0)
			field = &kFields[4];
		else if (index_of(kMonths, first) >= 0)
			field = &kFields[3];
		else if (!first.empty() && is_digit(first[0]))
			field = &kFields[2];
		std::uint64_t bits = 0;
		if (field == nullptr)
		{
			*known = false;
			return false;
		}
		if (word.find('/') != std::string_view::npos)
			return fail_word(word, "a day");
		if (!item(*field, word, &bits))
			return false;
		if (field->is_weekday)
			schedule->weekdays |= static_cast<std::uint32_t>(bits);
		else if (field->is_month)
			schedule->months |= static_cast<std::uint32_t>(bits);
		else
			schedule->days |= static_cast<std::uint32_t>(bits);
		return true;
	}

	bool own(Schedule *schedule)
	{
		std::int32_t at = 0;
		for (; at < count && is_time(words[at]); at++)
			if (!time(words[at], schedule))
				return false;
		bool has_nth = false;
		while (at < count)
		{
			const std::string_view word = words[at];
			const int ordinal = index_of(kOrdinals, word);
			const int day = at + 1 < count ? weekday_of(words[at + 1]) : -1;
			if (ordinal > 0 && day >= 0)
			{
				schedule->nth[day] |= std::uint32_t{1} << ordinal;
				has_nth = true;
				at += 2;
				continue;
			}
			if (ordinal == static_cast<int>(Schedule::kLast))
			{
				schedule->last_day = true;
				at++;
				continue;
			}
			if (ordinal > 0)
				return fail(place(word), concat(arena, {"a weekday is missing after \"", word, "\""}));
			bool known = false;
			if (!day_word(word, schedule, &known))
			{
				if (known)
					return false;
				break;
			}
			at++;
		}
		schedule->any_weekday = schedule->weekdays == 0 && !has_nth;
		schedule->any_day = schedule->days == 0 && !schedule->last_day;
		if (schedule->any_weekday)
			schedule->weekdays = 0x7f;
		if (schedule->any_day)
			schedule->days = 0xfffffffe;
		if (schedule->months == 0)
			schedule->months = 0x1ffe;
		return take_zone(at, schedule);
	}
};

std::int32_t utc(const void * /*context*/, std::int64_t /*instant*/)
{
	return 0;
}

} // namespace

bool parse_schedule(Arena &arena, std::string_view text, Schedule *schedule, ScheduleProblem *problem)
{
	*schedule = Schedule{};
	Reader reader{arena, text, problem};
	if (!reader.split())
		return false;
	if (same_word(reader.words[0], "WHEN"))
	{
		if (reader.count != 2 || !same_word(reader.words[1], "PUBLISHED"))
			return reader.fail(0, "PUBLISHED alone stands after WHEN");
		schedule->when_published = true;
		return true;
	}
	if (!(Reader::is_time(reader.words[0]) ? reader.own(schedule) : reader.cron(schedule)))
		return false;
	std::int64_t next = 0;
	if (!next_instant(*schedule, Zone{utc, nullptr}, 0, &next))
		return reader.fail(0, "the schedule never comes", "No month that it names has such a day.");
	return true;
}

} // namespace bpt::core
