// The functions that publish makes: launch_<process>, close_<process>_<activity> and start_<process>_<activity> of a process,
// wake_<timer> of a timer.
//
// They belong to the process's owner and lie in its schema; they are made as the extension's owner (LANGUAGE c) and go
// with the extension. A function whose form has not changed is left alone, so that its grants and its dependents stay.
#pragma once
#include "core/diagnostic.hpp"
#include "expr/definition.hpp"
#include "pg/rows.hpp"

namespace bpt::engine {

struct TypedParameter
{
	const char *name;
	Oid type;
	bool optional; // may be left out: it, or one declared before it, is optional
};

/// One function that a definition asks for.
struct TypedFunction
{
	int element = -1;    // index, -1: launch, or wake
	bool starts = false; // a CONDITIONAL START
	bool wakes = false;  // a timer
	const char *name = nullptr;
	std::int32_t offset = 0; // where the text says so
	core::Vec<TypedParameter> parameters;
};

/// The functions of a draft, with problems for those that PostgreSQL could not make.
core::Vec<TypedFunction> plan_functions(core::Arena &arena, const expr::Definition &draft, core::Diagnostics &problems);

/// The function of a timer.
TypedFunction plan_wake(core::Arena &arena, const core::Timer &timer);

/// Adds a problem for every function name that is taken in the schema by a function that is not this process's own
/// (`process_def_id` 0: a new process).
void check_clashes(core::Arena &arena, Oid schema, int64 process_def_id, const core::Vec<TypedFunction> &functions,
				   core::Diagnostics &problems);

/// Makes the process's functions those that are planned: drops what is no longer wanted, keeps what has its form already,
/// makes the others, with the ACL of the one they replace. Returns the launch function.
Oid install_functions(const expr::Definition &definition, Oid schema, Oid owner,
					  const core::Vec<TypedFunction> &functions);
/// Gives EXECUTE on the launch function to PUBLIC, or takes it away.
void set_public(Oid launch_function, bool is_public);
/// Drops all functions of a process.
void drop_functions(int64 process_def_id);

} // namespace bpt::engine
