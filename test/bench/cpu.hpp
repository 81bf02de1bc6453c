// What sessions and workers of the server use of the machine. The server runs on this machine.
#pragma once
#include "bench.hpp"

namespace bpt_bench {

/// CPU time of a process since it began, in µs, to the system's tick of ten thousand.
double cpu_of(long pid);
/// That of the process that serves a connection.
double cpu_of(pqxx::nontransaction &session);
/// That of all workers of a database.
double cpu_of_workers(Database &database);

} // namespace bpt_bench
