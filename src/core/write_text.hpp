// Model to text: the one way in which this library itself writes a definition.
#pragma once
#include "core/model.hpp"

namespace bpt::core {

/// The definitions of a document, in their order, as one text. Parsing it gives the same model, offsets aside; SQL stands in
/// it byte by byte as in the model. Comments outside SQL, and the layout, are not part of a model.
std::string_view write_text(Arena &arena, const Document &document);

/// A name as the language reads it: in double quotes where it is a keyword or would be folded.
std::string_view written_name(Arena &arena, std::string_view name);

/// True if this SQL is one string literal and nothing else, not even blanks.
bool is_string_literal(std::string_view sql);

} // namespace bpt::core
