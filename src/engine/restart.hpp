// Taking up terminated instances again.
#pragma once
#include "engine/instance.hpp"

namespace bpt::engine {

/// Makes a terminated instance, its process row locked, active again with the activities that its end has stopped and
/// the processes stopped with it. What was due meanwhile is due at once; events of the meantime are not made up. Raises if
/// there is nothing to go on with.
void restart(const pg::Row &process);

} // namespace bpt::engine
