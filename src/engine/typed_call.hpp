// Calls of generated functions: launch_<process>(…), close_<process>_<activity>(activity_id, …),
// start_<process>_<activity>(process_id, …) and wake_<timer>().
#pragma once
#include "pg/postgres.hpp"

namespace bpt::engine {

int64 call_launch(FunctionCallInfo fcinfo);
/// Return the next task's id, 0: none.
int64 call_close(FunctionCallInfo fcinfo);
int64 call_start(FunctionCallInfo fcinfo);
void call_wake(FunctionCallInfo fcinfo);

} // namespace bpt::engine
