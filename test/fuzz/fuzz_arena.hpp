// What the fuzzers share: memory that is freed after each input, and a check that ends the program.
#pragma once
#include <cstddef>
#include <cstdlib>
#include <new>

namespace bpt::fuzz {

/// Blocks that are freed after each input.
struct Blocks
{
	struct Block
	{
		Block *next;
	};
	Block *first = nullptr;

	Blocks() = default;
	Blocks(const Blocks &) = delete;
	Blocks &operator=(const Blocks &) = delete;
	~Blocks()
	{
		while (first != nullptr)
		{
			Block *const next = first->next;
			std::free(first);
			first = next;
		}
	}

	static void *allocate(void *self, std::size_t bytes)
	{
		constexpr std::size_t kHeader = 16;
		auto *const block = static_cast<char *>(std::malloc(kHeader + bytes));
		if (block == nullptr)
			std::abort();
		auto *const blocks = static_cast<Blocks *>(self);
		blocks->first = ::new (block) Block{blocks->first};
		return block + kHeader;
	}
};

inline void require(bool condition)
{
	if (!condition)
		std::abort();
}

} // namespace bpt::fuzz
