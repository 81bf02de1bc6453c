// The rows of a definition: ids that outlive versions and renames, and what the views show of it.
//
// Ids are given first, in memory (identify); only if something has changed are rows written (write_rows). Called with the
// process's name lock held.
#pragma once
#include "engine/candidate.hpp"

namespace bpt::engine {

/// The rows that a process has, read once.
struct StoredRows
{
	core::Vec<pg::Row> activities;
	core::Vec<pg::Row> variables; // of the process and of its activities
	core::Vec<pg::Row> clauses;
};

/// Gives the draft and all its parts the ids they have, by name, kind and WAS, and new ids to what is new. Returns true if
/// anything is new. Also makes the rows of tables and roles that the text names.
bool identify(core::Arena &arena, Candidate &candidate, StoredRows &stored);

/// True if the version that the candidate has become is what is published already: same text, search_path and bindings.
bool is_published_already(const Candidate &candidate);

/// Writes everything of one new version: the draft's ids and version are set, its launch function exists.
void write_rows(Candidate &candidate, StoredRows &stored, Oid launch_function);
/// Writes only that an unchanged process has got another launch function.
void write_launch_function(Candidate &candidate, Oid launch_function);

} // namespace bpt::engine
