// Stored values as the types in which views of EXPOSE ENTITY show them.
//
// Indexes hold these values, and everybody who writes an instance computes them: so what a text converts to depends on the
// text and the type alone, no user's code runs (a CHECK of a domain, say), and no text makes an error.
#pragma once
#include "expr/definition.hpp"

namespace bpt::engine {

/// The type in which values of a type are shown: a domain's base type; text where reading it could run users' code.
Oid exposed_type(Oid type);

/// The access method that can serve look-ups by equality in a view that is a security barrier, null if there is none:
/// only types whose equality PostgreSQL knows to leak nothing. Texts may be longer than an entry of a btree.
const char *exposed_index_method(Oid type);

/// Converts the text of a stored value; NULL if it does not convert. `input`, made for the type by fmgr_info, and
/// `parameter` are those of its input function.
Datum convert_stored(char *text, Oid type, FmgrInfo *input, Oid parameter, bool *isnull);

} // namespace bpt::engine
