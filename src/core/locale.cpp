// Spelling of locales (locale.hpp).
#include "core/locale.hpp"
#include "core/text.hpp"

namespace bpt::core {

namespace {

constexpr std::size_t kLongest = 63;
constexpr std::int32_t kLongestPart = 8;

constexpr bool is_letter(char c)
{
	return lower(c) >= 'a' && lower(c) <= 'z';
}

constexpr char upper(char c)
{
	return c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c;
}

} // namespace

std::string_view canonical_locale(Arena &arena, std::string_view text)
{
	if (text.empty() || text.size() > kLongest)
		return {};
	char *const result = static_cast<char *>(arena.take(text.size() + 1));
	const auto size = static_cast<std::int32_t>(text.size());
	std::int32_t begin = 0;
	for (std::int32_t at = 0; at <= size; at++)
	{
		const char c = at < size ? text[static_cast<std::size_t>(at)] : '_';
		if (c != '_' && c != '-')
		{
			if (!is_letter(c) && (begin == 0 || c < '0' || c > '9'))
				return {};
			continue;
		}
		const std::int32_t length = at - begin;
		if (length < (begin == 0 ? 2 : 1) || length > kLongestPart)
			return {};
		// A script has four letters, a region two; everything else is written small.
		for (std::int32_t i = begin; i < at; i++)
		{
			const char letter = text[static_cast<std::size_t>(i)];
			const bool large = begin > 0 && (length == 2 || (length == 4 && i == begin));
			result[i] = large ? upper(letter) : lower(letter);
		}
		result[at] = at < size ? '_' : '\0';
		begin = at + 1;
	}
	return {result, text.size()};
}

std::string_view wider_locale(std::string_view locale)
{
	const std::size_t cut = locale.rfind('_');
	return cut == std::string_view::npos ? std::string_view{} : slice(locale, 0, static_cast<std::int32_t>(cut));
}

} // namespace bpt::core
