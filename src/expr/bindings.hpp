// What draft and load have in common: the lists of a definition made from its model, and types found by their names.
#pragma once
#include "expr/compiled.hpp"

namespace bpt::expr {

/// Sets model, elements (without outputs) and clauses (without tables) from the model, in text order.
void set_lists(Definition *definition, core::Process *process, core::Flow *flow);

/// A variable as the text declares it, without its type.
Variable declared(Definition *definition, const core::Variable &model, bool is_input);
/// The input that the AS of an event clause declares, without its type.
Variable declared_by_as(Definition *definition, const core::Name &name);
/// The variable of that name in a list, null if there is none.
Variable *find_variable(core::Vec<Variable> &list, std::string_view name);

/// Reads ids and types from the stored bindings into a definition whose lists are set. To be called as its owner. A type
/// or table that is gone leaves InvalidOid.
void read_bindings(Definition *definition, Jsonb *bindings);

} // namespace bpt::expr
