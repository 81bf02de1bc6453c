// Text to model: the whole grammar of the definition language (docs/reference).
#pragma once
#include "core/diagnostic.hpp"
#include "core/model.hpp"

namespace bpt::core {

/// Parses `text`, adding every problem to `problems`; after a problem it goes on at the next element or definition, so
/// that one run finds all. The model is complete where no error was added. `interrupt` (may be null) is called now and
/// then in long texts and may jump out.
Document *parse(Arena &arena, std::string_view text, Diagnostics &problems, void (*interrupt)() = nullptr);

} // namespace bpt::core
