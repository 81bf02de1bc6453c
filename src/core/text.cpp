// Text helpers of the core; see text.hpp.
#include "core/text.hpp"

namespace bpt::core {

namespace {

constexpr int kLongestWord = 64;
constexpr int kFar = 99;

/// How many changes of a letter (insert, drop, replace, swap of neighbours) lie between two words, case aside.
int edit_distance(std::string_view a, std::string_view b)
{
	const int rows = static_cast<int>(a.size());
	const int columns = static_cast<int>(b.size());
	if (rows >= kLongestWord || columns >= kLongestWord)
		return kFar;
	int table[3][kLongestWord + 1];
	for (int j = 0; j <= columns; j++)
		table[0][j] = j;
	for (int i = 1; i <= rows; i++)
	{
		int *const row = table[i % 3];
		const int *const above = table[(i + 2) % 3];
		const int *const above2 = table[(i + 1) % 3];
		row[0] = i;
		for (int j = 1; j <= columns; j++)
		{
			const char p = lower(a[static_cast<std::size_t>(i) - 1]);
			const char q = lower(b[static_cast<std::size_t>(j) - 1]);
			int best = above[j - 1] + (p == q ? 0 : 1);
			if (above[j] + 1 < best)
				best = above[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			if (i > 1 && j > 1 && p == lower(b[static_cast<std::size_t>(j) - 2]) &&
				q == lower(a[static_cast<std::size_t>(i) - 2]) && above2[j - 2] + 1 < best)
				best = above2[j - 2] + 1;
			row[j] = best;
		}
	}
	return table[rows % 3][columns];
}

/// How many changes still count as a slip in a word of this length.
int tolerance(std::size_t length)
{
	if (length < 3)
		return 0;
	if (length < 5)
		return 1;
	return length < 9 ? 2 : 3;
}

} // namespace

bool same_word(std::string_view a, std::string_view b)
{
	if (a.size() != b.size())
		return false;
	for (std::size_t i = 0; i < a.size(); i++)
		if (lower(a[i]) != lower(b[i]))
			return false;
	return true;
}

std::string_view concat(Arena &arena, std::initializer_list<std::string_view> parts)
{
	std::size_t size = 0;
	for (const std::string_view part : parts)
		size += part.size();
	char *const start = static_cast<char *>(arena.take(size + 1));
	char *to = start;
	for (const std::string_view part : parts)
	{
		if (!part.empty())
			std::memcpy(to, part.data(), part.size());
		to += part.size();
	}
	*to = '\0';
	return {start, size};
}

std::string_view number_text(Arena &arena, std::int64_t number)
{
	char digits[24];
	char *at = digits + sizeof digits;
	std::uint64_t rest = number < 0 ? 0 - static_cast<std::uint64_t>(number) : static_cast<std::uint64_t>(number);
	do
	{
		*--at = static_cast<char>('0' + rest % 10);
		rest /= 10;
	} while (rest != 0);
	if (number < 0)
		*--at = '-';
	return arena.copy({at, static_cast<std::size_t>(digits + sizeof digits - at)});
}

std::string_view shortened(Arena &arena, std::string_view text, std::size_t limit)
{
	if (text.size() <= limit)
		return text;
	while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0) == 0x80)
		limit--;
	return concat(arena, {{text.data(), limit}, "..."});
}

void Suggestion::offer(std::string_view candidate)
{
	const int allowed = tolerance(wanted.size());
	const std::size_t longer = candidate.size() > wanted.size() ? candidate.size() : wanted.size();
	const std::size_t shorter = candidate.size() > wanted.size() ? wanted.size() : candidate.size();
	if (longer - shorter > static_cast<std::size_t>(allowed))
		return;
	const int found = edit_distance(wanted, candidate);
	if (found <= allowed && (best.empty() || found < distance))
	{
		best = candidate;
		distance = found;
	}
}

} // namespace bpt::core
