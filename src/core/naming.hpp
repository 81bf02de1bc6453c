// The names of the functions that publishing generates for a process or a timer, and how long names may be.
#pragma once
#include "core/model.hpp"

namespace bpt::core {

/// What PostgreSQL takes, in bytes.
inline constexpr std::size_t kLongestName = 63;

/// launch_<process>, or what CALLED says.
Name launch_function(Arena &arena, const Process &process);

/// close_<process>_<activity> for HUMAN and WAIT, start_<process>_<activity> for CONDITIONAL START, or what CALLED says;
/// absent for every other kind.
Name activity_function(Arena &arena, const Process &process, const Element &element);

/// wake_<timer>, or what CALLED says.
Name wake_function(Arena &arena, const Timer &timer);

} // namespace bpt::core
