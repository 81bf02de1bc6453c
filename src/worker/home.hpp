// bpt.hold() and bpt.release(): whether this database's work may be done at all.
#pragma once
#include "pg/postgres.hpp"

namespace bpt::worker {

/// Holds this database's work until release(). For administrators.
void hold();
/// Takes this database as the home of its processes: re-marks it, finds tables, roles and functions again by their names
/// where the stored oids are another database's, and lets work begin. For administrators.
void release();

} // namespace bpt::worker
