// What a backend remembers of publishes until their transaction ends.
#pragma once
#include "pg/postgres.hpp"

namespace bpt::engine {

/// Notes that this (sub)transaction publishes a version of the process: if it aborts, what this backend has loaded of the
/// process is forgotten, since the same version number may come to mean another text.
void note_published(int64 process_def_id);

} // namespace bpt::engine
