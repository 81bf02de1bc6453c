// The core's arena, fed by a memory context.
#pragma once
#include "core/arena.hpp"
#include "pg/postgres.hpp"

namespace bpt::pg {

/// An arena whose blocks belong to `context`.
inline core::Arena arena_in(MemoryContext context)
{
	core::Arena arena = {};
	arena.allocate = [](void *memory, std::size_t bytes) {
		return MemoryContextAlloc(static_cast<MemoryContext>(memory), bytes);
	};
	arena.context = context;
	return arena;
}

} // namespace bpt::pg
