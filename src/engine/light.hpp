// Light processes: an event runs the statements of their one AUTOMATIC at once, without an instance.
#pragma once
#include "engine/engine.hpp"
#include "expr/definition.hpp"
#include "queue/event.hpp"

namespace bpt::engine {

/// The index of a light process's AUTOMATIC.
int light_element(const expr::Definition *definition);

/// True if its AUTOMATIC has COMMIT EACH: its events never share a transaction.
bool commits_each(const expr::Definition *definition);

/// Runs the statements for an event of this clause, if its whole condition holds, as the owner. Raises what fails.
void run_light(expr::Definition *definition, expr::Clause &clause, queue::Event &event);

} // namespace bpt::engine
