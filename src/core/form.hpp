// The JSON form of definitions: written from the model and read back into it (docs/forms.md).
//
// Both directions follow the one description in form_shape.hpp, so what is written is what is read. Reading checks the form:
// keys, types, and that each piece of SQL, type and name is one. What a definition then means is judged from the text that
// its model is written as.
#pragma once
#include "core/diagnostic.hpp"
#include "core/model.hpp"

namespace bpt::core {

/// The definitions of a document: an object for one, an array for several, in text order.
std::string_view write_json(Arena &arena, const Document &document);

/// Reads the JSON form. Each problem names its place as a JSON path, its offset points into `json`. The model is complete
/// where no problem was added.
Document *read_json(Arena &arena, std::string_view json, Diagnostics &problems);

} // namespace bpt::core
