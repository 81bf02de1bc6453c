// Text that grows in an arena, for everything the core writes.
#pragma once
#include "core/arena.hpp"

namespace bpt::core {

/// A growing text; `text()` is valid until the next add.
struct Output
{
	Arena &arena;
	char *bytes = nullptr;
	std::size_t size = 0;
	std::size_t room = 0;

	void add(std::string_view more)
	{
		if (more.empty())
			return;
		if (bytes == nullptr || size + more.size() > room)
		{
			const std::size_t wanted = (size + more.size()) * 2;
			room = wanted < 256 ? 256 : wanted;
			char *const bigger = static_cast<char *>(arena.take(room));
			if (bytes != nullptr)
				std::memcpy(bigger, bytes, size);
			bytes = bigger;
		}
		std::memcpy(bytes + size, more.data(), more.size());
		size += more.size();
	}
	void add(char c) { add(std::string_view{&c, 1}); }

	/// All that was added.
	std::string_view text() const { return {bytes, size}; }
};

} // namespace bpt::core
