// The names of the functions that publishing generates for a process.
#pragma once
#include "core/model.hpp"

namespace bpt::core {

/// launch_<process>, or what CALLED says.
Name launch_function(Arena &arena, const Process &process);

/// close_<process>_<activity> for HUMAN and WAIT, start_<process>_<activity> for CONDITIONAL START, or what CALLED says;
/// absent for every other kind.
Name activity_function(Arena &arena, const Process &process, const Element &element);

} // namespace bpt::core
