// Which event clauses are alive: those of the current version, and those that live instances of older ones wait for.
#pragma once
#include "core/arena.hpp"
#include "pg/postgres.hpp"

namespace bpt::engine {

/// Writes is_active anew for all clauses of a process. Called with its name lock and its entity tables locked, so that
/// every event of theirs is either recorded or will meet the new state.
void refresh_clauses(int64 process_def_id);

/// The tables that the active clauses of a process are on, each once, added to `relations`.
void add_active_relations(core::Arena &arena, int64 process_def_id, core::Vec<Oid> &relations);
/// Adds a relation if it is not there yet.
void add_relation(core::Arena &arena, core::Vec<Oid> &relations, Oid relation);

} // namespace bpt::engine
