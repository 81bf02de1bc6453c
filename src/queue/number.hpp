// Numbers of variable length, as a row of a table of events holds them: seven bits a byte, the lowest first, the highest bit
// of a byte telling that more follow.
#pragma once
#include "pg/postgres.hpp"

namespace bpt::queue {

inline constexpr int kMostNumber = 10; // bytes

/// Writes a number at `at`, where kMostNumber bytes are free; returns how many it takes.
inline int put_number(char *at, uint64 number)
{
	int length = 0;
	for (; number >= 0x80; number >>= 7)
		at[length++] = static_cast<char>(number | 0x80);
	at[length++] = static_cast<char>(number);
	return length;
}

/// Reads the number at `*at`, which then stands behind it. False: there is no whole one before `end`.
inline bool take_number(const char **at, const char *end, uint64 *number)
{
	*number = 0;
	for (int shift = 0; *at < end && shift < 64; shift += 7)
	{
		const auto byte = static_cast<unsigned char>(*(*at)++);
		*number |= static_cast<uint64>(byte & 0x7f) << shift;
		if ((byte & 0x80) == 0)
			return true;
	}
	return false;
}

} // namespace bpt::queue
