// What EXPOSE ENTITY makes: a view of the instances of a process, one typed column an input and an output, and an index
// of bpt.process_instance for each input that can be looked up.
//
// The view lies in the process's schema, belongs to the extension's owner (as the tables that it reads do) and goes with
// the extension. It shows every instance to whoever has SELECT on it: the process's owner has it with the right to grant it,
// bpt_admin, bpt_monitor and the roles of VISIBLE TO have it too. One that would be made as it is already is left alone, so that what depends on it stays.
#pragma once
#include "engine/candidate.hpp"

namespace bpt::engine {

/// Adds a problem if the name of a candidate's view is taken by anything but the process's own.
void check_exposed(Checked &checked, const Candidate &candidate);
/// Makes the view and the indexes what the definition asks for, or drops them where it asks for none. Its ids are set.
/// `owner`: of the process, who may let others read the view.
void install_exposed(const expr::Definition &definition, Oid schema, Oid owner);
/// Those who saw the instances by VISIBLE TO, as the row of the process says, may not read the view any more.
void revoke_exposed(const pg::Row &process);
/// Whether the current user may read the view of a process.
bool may_read_exposed(int64 process_def_id);
/// Drops the view and the indexes of a process.
void drop_exposed(int64 process_def_id);
/// Finds the views again in a restored database, and makes what a dump does not carry.
void restore_exposed();

} // namespace bpt::engine
