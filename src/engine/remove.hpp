// Deleting what is left of ended instances.
#pragma once
#include "engine/instance.hpp"

namespace bpt::engine {

/// Deletes an ended instance, its process row locked, with its children and all rows of theirs. False, and nothing is
/// deleted, if one of the children is active.
bool remove_instance(const pg::Row &process);

} // namespace bpt::engine
