// Callbacks: the owner's code that runs when an activity changes, and may refuse the change.
#pragma once
#include "engine/scope.hpp"

namespace bpt::engine {

/// True if the process or the element has a callback for `when`.
bool has_callbacks(const expr::Definition *definition, int element, core::When when);

/// Runs the process's callbacks for `when`, then the element's, as the owner. A refusal is an error WF001. What the
/// element's statements return under the name of an output goes to scope.change->outputs; SET sets process outputs.
void run_callbacks(Scope &scope, core::When when);

/// What of a callback runs, by its name in error_log.phase; null outside callbacks. It stays when the callback fails, for
/// whoever records the error and clears it.
extern const char *running_phase;
/// Forgets it, and what SQL of the definition was running.
void clear_running();

/// SET (output = expr, …), as the owner: outputs of the element, else of the process.
void set_outputs(Scope &scope, const core::Vec<core::Assignment> &set, const expr::Site &site);

/// Takes the columns that a statement returned as outputs of the element, where it has outputs of those names.
void take_outputs(const Scope &scope, const expr::StatementResult &result, Jsonb **outputs);

/// Runs f() as the owner of the instance, as its work: bpt.process_id(), bpt.activity_id() and so on answer for it.
void as_work(const Scope &scope, bool in_change, void (*f)(void *), void *context);
template <typename F>
void as_work(const Scope &scope, bool in_change, F f)
{
	as_work(
		scope, in_change, [](void *context) { (*static_cast<F *>(context))(); }, &f);
}

} // namespace bpt::engine
