// Problems as text: in the order of the definition, each with its line and a caret under its place.
#include "core/diagnostic.hpp"
#include "core/text.hpp"

namespace bpt::core {

namespace {

constexpr std::size_t kFirstRoom = 512;

/// A text that grows in the arena.
struct Buffer
{
	Arena &arena;
	char *bytes;
	std::size_t size = 0;
	std::size_t room = kFirstRoom;

	void put(std::string_view more)
	{
		if (size + more.size() + 1 > room)
		{
			room = (size + more.size() + 1) * 2;
			char *const bigger = static_cast<char *>(arena.take(room));
			std::memcpy(bigger, bytes, size);
			bytes = bigger;
		}
		if (!more.empty())
			std::memcpy(bytes + size, more.data(), more.size());
		size += more.size();
		bytes[size] = '\0';
	}
};

/// A line of blanks with a caret under the place; tabs stay tabs, so that it stands right however wide they are.
void put_caret(Buffer &out, const Place &place)
{
	std::int32_t column = 1;
	for (const char c : place.source_line)
	{
		if ((static_cast<unsigned char>(c) & 0xC0) == 0x80)
			continue;
		if (column == place.column)
			break;
		out.put(c == '\t' ? "\t" : " ");
		column++;
	}
	out.put("^");
}

} // namespace

void sort_by_place(Arena &arena, Diagnostics &problems)
{
	const std::int32_t count = problems.list.count;
	if (count < 2)
		return;
	Diagnostic *from = problems.list.items;
	Diagnostic *to = static_cast<Diagnostic *>(arena.take(sizeof(Diagnostic) * static_cast<std::size_t>(count)));
	for (std::int32_t width = 1; width < count; width *= 2)
	{
		for (std::int32_t begin = 0; begin < count; begin += 2 * width)
		{
			const std::int32_t middle = begin + width < count ? begin + width : count;
			const std::int32_t end = middle + width < count ? middle + width : count;
			std::int32_t left = begin;
			std::int32_t right = middle;
			for (std::int32_t i = begin; i < end; i++)
			{
				const bool take_left = left < middle && (right >= end || from[left].offset <= from[right].offset);
				::new (&to[i]) Diagnostic(take_left ? from[left++] : from[right++]);
			}
		}
		Diagnostic *const other = from;
		from = to;
		to = other;
	}
	problems.list.items = from;
	problems.list.room = count;
}

std::string_view render(Arena &arena, std::string_view text, const Diagnostics &problems)
{
	Diagnostics sorted;
	for (const Diagnostic &problem : problems.list)
		if (problem.severity == Severity::error)
			sorted.add(arena, problem);
	sort_by_place(arena, sorted);
	Buffer out{arena, static_cast<char *>(arena.take(kFirstRoom))};
	for (const Diagnostic &problem : sorted.list)
	{
		const Place place = place_of(text, problem.offset);
		out.put(out.size == 0 ? "" : "\n");
		out.put(number_text(arena, place.line));
		out.put(":");
		out.put(number_text(arena, place.column));
		out.put(": ");
		out.put(problem.message);
		out.put("\n");
		out.put(place.source_line);
		out.put("\n");
		put_caret(out, place);
	}
	return {out.bytes, out.size};
}

} // namespace bpt::core
