// Which events must wait for earlier ones that are put aside.
#pragma once
#include "queue/event.hpp"

namespace bpt::engine {

/// True if what an earlier event leads to is still to be done and may begin to listen for this one.
bool overtakes(const queue::Event &event);

} // namespace bpt::engine
