// What a caller gives to a launch or close: matched with the declared inputs, converted, checked.
#pragma once
#include "engine/actions.hpp"

namespace bpt::engine {

/// The value set of the inputs that `arguments` give. WF005 for an unknown name, a missing mandatory one, a value that does
/// not convert, NULL where none may be. Inputs not given are left out.
Jsonb *inputs_of(const core::Vec<expr::Variable> &declared, const Argument *arguments, int count, Jsonb *start);

} // namespace bpt::engine
