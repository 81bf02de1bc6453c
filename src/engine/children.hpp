// The processes that a process runs by EXECUTE.
#pragma once
#include "engine/instance.hpp"
#include "pg/arena.hpp"

namespace bpt::engine {

/// Calls f(id) for each process that an EXECUTE of this one runs or has run, in order of id. f may change them. A
/// process that was merely launched by a statement is nobody's child.
template <typename F>
void each_child(int64 process_id, F f)
{
	core::Arena arena = pg::arena_in(CurrentMemoryContext);
	core::Vec<int64> children;
	pg::each("process_instance", "process_instance_parent", {pg::key(process_id)}, [&](const pg::Row &row) {
		children.push(arena, row.int8(process_instance::id));
		return true;
	});
	for (const int64 child : children)
		f(child);
}

} // namespace bpt::engine
