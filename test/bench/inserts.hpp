// A table of orders that bpt, nobody, or a trigger written by hand listens to (floors/insert.sql): what its users' statements
// cost.
#pragma once
#include "trial.hpp"

namespace bpt_bench {

/// Makes the orders; how: 'bpt' launches a process for each row, held; the others as floors/insert.sql has them.
void listen(Database &database, const std::string &how);
/// Throws unless there are that many orders, and an event or queue row for each where somebody listens.
void check_inserted(Database &database, const std::string &how, long orders);

} // namespace bpt_bench
