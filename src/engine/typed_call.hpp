// Calls of generated functions: launch_<process>(…) and close_<process>_<activity>(activity_id, …).
#pragma once
#include "pg/postgres.hpp"

namespace bpt::engine {

int64 call_launch(FunctionCallInfo fcinfo);
/// Returns the next task's id, 0: none.
int64 call_close(FunctionCallInfo fcinfo);

} // namespace bpt::engine
