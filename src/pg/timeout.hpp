// Time limits on user code: an AUTOMATIC's TIME LIMIT, and bpt.callback_timeout around callbacks.
//
// Limits nest; the earliest one counts. When it is over, the running statement is cancelled with an error 57014 whose
// message says that it was a time limit, in a worker and in a client's session alike. Code that catches the cancellation
// is cancelled again.
#pragma once
#include "pg/postgres.hpp"

namespace bpt::pg {

/// Begins a limit of `ms` milliseconds (0 or less: none). Every arm has its disarm, in the same function, or an error
/// between them: the abort of the (sub)transaction ends the limits that began in it.
void arm_time_limit(int64 ms);
/// Ends the innermost limit. If a limit was over and nothing has noticed yet, that is raised here.
void disarm_time_limit();
/// True if `error` is the cancellation by a time limit, not by a person.
bool is_time_limit(const ErrorData *error);

/// Runs f() under a limit.
template <typename F>
void time_limited(int64 ms, F f)
{
	arm_time_limit(ms);
	f();
	disarm_time_limit();
}

} // namespace bpt::pg
