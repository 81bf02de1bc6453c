// Where a byte offset lies for a human reader: line, column in characters, and the line itself.
#include "core/diagnostic.hpp"
#include "core/text.hpp"

namespace bpt::core {

Place place_of(std::string_view text, std::int32_t offset)
{
	const auto size = static_cast<std::int32_t>(text.size());
	if (offset < 0)
		offset = 0;
	if (offset > size)
		offset = size;
	Place place{1, 1, {}};
	std::int32_t begin = 0;
	for (std::int32_t i = 0; i < offset; i++)
	{
		const char c = text[static_cast<std::size_t>(i)];
		if (c == '\n')
		{
			place.line++;
			place.column = 1;
			begin = i + 1;
		}
		else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80)
			place.column++;
	}
	std::int32_t end = offset;
	while (end < size && text[static_cast<std::size_t>(end)] != '\n')
		end++;
	if (end > begin && text[static_cast<std::size_t>(end) - 1] == '\r')
		end--;
	place.source_line = slice(text, begin, end);
	return place;
}

} // namespace bpt::core
