// The processes that EXECUTEs run: found by name at publish, kept by id, and held to what their callers need.
#pragma once
#include "engine/candidate.hpp"

namespace bpt::engine {

/// Finds the process of each EXECUTE of a draft, along its search_path as its owner: one of the same text, else a
/// published one. Adds a problem for one that does not exist.
void find_invoked(Checked &checked, Candidate &candidate);
/// Adds a problem for each that the candidate's owner may not launch.
void check_invoked_rights(Checked &checked, const Candidate &candidate);
/// Gives the EXECUTEs of a draft the ids of their processes, once all candidates have theirs.
void set_invoked_ids(const Candidate &candidate);

/// Adds a problem for each process, published and not part of this text, whose EXECUTE would no longer fit the candidate.
void check_callers(Checked &checked, const Candidate &candidate);
/// The first other process, in use, that executes this one: its name, qualified; null if there is none.
const char *caller_of(int64 process_def_id);

/// Calls f(schema, name) for each name that an EXECUTE of the model may mean, in the order in which they are tried.
void each_meaning(const core::QualifiedName &name, bool (*f)(void *context, Oid schema, const char *name),
				  void *context);
template <typename F>
void each_meaning(const core::QualifiedName &name, F f)
{
	each_meaning(
		name, [](void *context, Oid schema, const char *last) { return (*static_cast<F *>(context))(schema, last); },
		&f);
}

} // namespace bpt::engine
