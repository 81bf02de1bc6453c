// Small helpers over text for the core: slices that cannot throw, messages built in an arena, and the search for what a
// misspelt word may have meant. Nothing here keeps state.
#pragma once
#include <initializer_list>

#include "core/arena.hpp"

namespace bpt::core {

/// ASCII lower case of one byte, other bytes as they are: how SQL folds names.
constexpr char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

/// The bytes [begin, end) of `text`. (string_view::substr can throw, and what can throw needs libstdc++.)
constexpr std::string_view slice(std::string_view text, std::int32_t begin, std::int32_t end)
{
	return {text.data() + begin, static_cast<std::size_t>(end - begin)};
}

/// True if two words are equal but for ASCII case.
bool same_word(std::string_view a, std::string_view b);

/// One text made of several, in the arena.
std::string_view concat(Arena &arena, std::initializer_list<std::string_view> parts);

/// A number in decimal.
std::string_view number_text(Arena &arena, std::int64_t number);

/// `text` cut to about `limit` bytes between two characters, with "..." where something was cut off.
std::string_view shortened(Arena &arena, std::string_view text, std::size_t limit);

/// Collects candidates and keeps the one that is nearest to a misspelt word; `best` is empty if none is near enough.
struct Suggestion
{
	std::string_view wanted;
	std::string_view best;
	int distance = 0;

	void offer(std::string_view candidate);
};

} // namespace bpt::core
