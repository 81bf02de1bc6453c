// What is wrong with a text, or with what is published, as data.
#pragma once
#include "engine/candidate.hpp"

namespace bpt::engine {

/// Checks every current definition that the caller may see against the database as it is now, and hands the problems of
/// each to f. One that cannot even be read is a problem of its own.
void validate_all(void (*f)(void *context, const char *process, const Checked &checked), void *context);

} // namespace bpt::engine
