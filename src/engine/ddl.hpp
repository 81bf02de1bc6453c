// Utility statements that publishing runs for the objects it makes, and the mark by which these fall with the extension.
#pragma once
#include "pg/postgres.hpp"

namespace bpt::engine {

/// Runs one utility statement as the extension's owner with nothing but pg_catalog in the search_path.
void run_ddl(const char *sql);

/// Makes the object fall with the extension, as ALTER … DEPENDS ON EXTENSION does.
void depend_on_extension(Oid catalog, Oid object);

} // namespace bpt::engine
