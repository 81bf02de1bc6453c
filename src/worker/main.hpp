// The processes of the worker room.
#pragma once
#include "pg/postgres.hpp"

namespace bpt::worker {

/// Registers the one static launcher. At preload.
void register_launcher();
/// Registers the hooks by which commands make workers leave a database. At preload.
void register_hooks();
/// Has the launcher look for the extension in this database once this transaction has committed.
void probe_at_commit();

} // namespace bpt::worker
