// Memory and lists of the core: a bump arena fed by a caller-supplied allocator, and a list that lives in it.
//
// The core never frees: everything of one parse lives until its arena's owner lets go of the whole (a memory context in
// the server, a block list in unit tests). All types are trivially destructible, so an error that jumps over a frame
// skips nothing.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <string_view>
#include <type_traits>

namespace bpt::core {

/// Where the core's memory comes from. `allocate` never returns null: it raises (server) or ends the program (tests).
struct Arena
{
	void *(*allocate)(void *context, std::size_t bytes);
	void *context;
	char *next = nullptr;
	std::size_t left = 0;

	/// Memory for `bytes` bytes, aligned for any type, not initialised.
	void *take(std::size_t bytes)
	{
		bytes = (bytes + 15) & ~std::size_t{15};
		if (bytes > left)
		{
			const std::size_t block = bytes > 8192 ? bytes : 8192;
			next = static_cast<char *>(allocate(context, block));
			left = block;
		}
		char *const result = next;
		next += bytes;
		left -= bytes;
		return result;
	}

	/// A value-initialised object that nobody destroys.
	template <typename T>
	T *make()
	{
		static_assert(std::is_trivially_destructible_v<T>);
		return ::new (take(sizeof(T))) T{};
	}

	/// A copy of `text` that lives as long as the arena, followed by a zero byte.
	std::string_view copy(std::string_view text)
	{
		char *const to = static_cast<char *>(take(text.size() + 1));
		if (!text.empty())
			std::memcpy(to, text.data(), text.size());
		to[text.size()] = '\0';
		return {to, text.size()};
	}
};

/// A growing list whose storage belongs to an arena; copying it copies the reference, not the elements.
template <typename T>
struct Vec
{
	static_assert(std::is_trivially_destructible_v<T>);
	T *items = nullptr;
	std::int32_t count = 0;
	std::int32_t room = 0;

	T &push(Arena &arena, const T &item)
	{
		if (count == room)
		{
			const std::int32_t more = room == 0 ? 4 : room * 2;
			T *const bigger = static_cast<T *>(arena.take(sizeof(T) * static_cast<std::size_t>(more)));
			for (std::int32_t i = 0; i < count; i++)
				::new (&bigger[i]) T(items[i]);
			items = bigger;
			room = more;
		}
		::new (&items[count]) T(item);
		return items[count++];
	}
	T &operator[](std::int32_t i) { return items[i]; }
	const T &operator[](std::int32_t i) const { return items[i]; }
	T *begin() { return items; }
	T *end() { return items + count; }
	const T *begin() const { return items; }
	const T *end() const { return items + count; }
	bool empty() const { return count == 0; }
};

} // namespace bpt::core
