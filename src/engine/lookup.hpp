// Processes by name, as PostgreSQL finds functions: by schema where one is written, else along the caller's search_path.
//
// Only definitions that were not dropped have a name. A schema is known by its oid while that exists, by its name in a
// restored database (where stored oids mean nothing until bpt.release()).
#pragma once
#include "expr/definition.hpp"
#include "pg/rows.hpp"

namespace bpt::engine {

/// The bpt.process_def row of the process `name` in a schema; empty if there is none.
pg::Row process_in_schema(Oid schema, const char *name, pg::Lock lock = pg::Lock::none);
/// The row that a possibly qualified name means to the caller: that of the schema written, else the first along the caller's
/// search_path, each got by in_schema(); empty if there is none.
pg::Row row_by_name(const char *qualified, pg::Row (*in_schema)(Oid schema, const char *name));
/// The process_def id that a possibly qualified name means to the caller. WF004 if there is none.
int64 process_by_name(const char *qualified);
/// The process a name means to the caller, in its current version, which the caller may see. WF004 otherwise.
expr::Definition *visible_process(const char *qualified);
/// The process a name means to the caller, who is its owner or an administrator. WF004 if there is none that the caller may
/// see, 42501 if it is another's; one that has lost its owner is the administrators'.
int64 own_process(const char *qualified);
/// The row of such a process, with the lock of its name, as publish takes it, and FOR NO KEY UPDATE. WF004 if it was dropped
/// meanwhile.
pg::Row lock_own_process(int64 process_def_id, const char *qualified);
/// The current version of a process, which this transaction is about to launch: publish takes account of it from here on.
expr::Definition *process_to_launch(int64 process_def_id);
/// Raises WF004 for a process that does not exist or that the caller may not see.
[[noreturn]] void no_such_process(const char *qualified);

/// A name that a caller has written, as messages show it: without its own quotes.
char *shown_name(const char *qualified);

/// A schema that a definition lives in: by oid while that exists, by name in a restored database.
Oid stored_schema(Oid schema, const char *name);

} // namespace bpt::engine
