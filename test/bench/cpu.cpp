// CPU time as the system counts it (cpu.hpp).
#include "cpu.hpp"

#include <fstream>
#include <sstream>
#include <unistd.h>

namespace bpt_bench {

double cpu_of(long pid)
{
	std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
	std::string line;
	if (!std::getline(file, line))
		throw std::runtime_error("process " + std::to_string(pid) + " is gone");
	// The name, in parentheses, may hold blanks. User time is the 14th field, system time the 15th.
	std::istringstream fields(line.substr(line.rfind(')') + 1));
	std::string skipped;
	for (int i = 3; i < 14; i++)
		fields >> skipped;
	double user = 0;
	double system = 0;
	fields >> user >> system;
	return (user + system) * 1e6 / static_cast<double>(sysconf(_SC_CLK_TCK));
}

double cpu_of(pqxx::nontransaction &session)
{
	return cpu_of(session.exec1("SELECT pg_backend_pid()")[0].as<long>());
}

double cpu_of_workers(Database &database)
{
	pqxx::connection connection(database.conninfo());
	pqxx::nontransaction session(connection);
	double sum = 0;
	for (const pqxx::row &row : session.exec("SELECT pid FROM bpt.worker WHERE kind = 'worker'"))
		sum += cpu_of(row[0].as<long>());
	return sum;
}

} // namespace bpt_bench
