// Model to text: the one way in which this library itself writes a definition.
#pragma once
#include "core/model.hpp"

namespace bpt::core {

/// The definitions of a document, in their order, as one text. Parsing it gives the same model, offsets aside; SQL stands in
/// it byte by byte as in the model. Comments outside SQL, and the layout, are not part of a model.
std::string_view write_text(Arena &arena, const Document &document);

} // namespace bpt::core
