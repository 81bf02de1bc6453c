// What writing into a table has to know of its indexes, made once a session instead of by each writer.
#pragma once
#include "pg/postgres.hpp"

namespace bpt::pg {

/// What is known of an open index, for index_insert().
IndexInfo *index_info(Relation index);
/// Opens the indexes of a table that is written into, as ExecOpenIndices does; ExecCloseIndices closes them. Not to be called
/// again for a table whose indexes are open so already.
void open_indexes(ResultRelInfo *result);

} // namespace bpt::pg
