// Truncating the tables of events and positions that are done with, so that they can be filled again.
#pragma once
#include "queue/generation.hpp"
#include "queue/position.hpp"

namespace bpt::queue {

inline constexpr int kRotating = kGenerations + kPositionTables;

/// Whether a worker should try: what it has seen done has reached another table, or some were left. Costs next to nothing.
bool is_rotation_due();
/// Truncates one of the tables (0 to kRotating - 1), unless it is the one being filled, something in it counts still, or
/// somebody uses it. In a transaction of its own, which the caller begins and commits; needs the rights of the owner.
void rotate(int which);

} // namespace bpt::queue
