// The statement of a TIMER: SQL of a definition that has no process, so that no process name means anything in it.
#pragma once
#include "core/diagnostic.hpp"
#include "expr/code.hpp"

namespace bpt::expr {

/// Analyses what a timer runs, as its owner would, adding every problem (offsets as in `timer`). Returns the definition that
/// it stands in; everything lives in `context`. `time_limit`: TIME LIMIT in milliseconds, `default_limit` where there is none.
Definition *draft_timer(MemoryContext context, const core::Timer &timer, const char *schema, const char *search_path,
						Oid owner, int64 *time_limit, core::Diagnostics &problems);

/// Runs the statement of a published timer as its owner for at most `time_limit` ms; what it returns is dropped. What was
/// made of its text is kept, until the timer comes with another one.
void run_timer(int64 id, const char *text, const char *schema, const char *name, const char *search_path, Oid owner,
			   int64 time_limit);

} // namespace bpt::expr
