// Case `memory`: what the workers' memory grows by over a million instances: the private memory that the system counts for
// each of them, after the first tenth and at the end. Twenty times a backlog is done and the workers rest: what they have
// then they keep. What they have at the end of a backlog, before they rest, is a batch's memory too: the most is told.
#include "three_steps.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <thread>

namespace {

using namespace bpt_bench;

/// Private memory of a process in KiB. The server runs on this machine.
long private_memory(long pid)
{
	std::ifstream status("/proc/" + std::to_string(pid) + "/status");
	std::string word;
	while (status >> word)
	{
		long kib = 0;
		if (word == "RssAnon:" && status >> kib)
			return kib;
	}
	throw std::runtime_error("worker " + std::to_string(pid) + " is gone");
}

/// In KiB, of each worker, by its process.
std::map<long, long> workers_memory(Database &database)
{
	pqxx::connection connection(database.conninfo());
	pqxx::nontransaction session(connection);
	std::map<long, long> found;
	for (const pqxx::row &row : session.exec("SELECT pid FROM bpt.worker WHERE kind = 'worker'"))
		found[row[0].as<long>()] = private_memory(row[0].as<long>());
	return found;
}

Result memory()
{
	const long instances = setting("BENCH_MEMORY_INSTANCES", 1000000);
	constexpr long kParts = 20;
	constexpr std::chrono::seconds kRest{3};
	const long part = std::max(instances / kParts, 1L);
	Database database("memory");
	install(database);
	database.run(kOrders);
	publish_three_steps(database);
	await_workers(database);
	std::map<long, long> early;
	std::map<long, long> latest;
	long highest = 0;
	for (long i = 1; i <= kParts; i++)
	{
		database.run(fill_orders(part, (i - 1) * part + 1));
		await_done(database, three_steps_done(i * part));
		for (const auto &[pid, kib] : workers_memory(database))
			highest = std::max(highest, kib);
		std::this_thread::sleep_for(kRest);
		latest = workers_memory(database);
		if (i == kParts / 10)
			early = latest;
		if (i % 5 == 0)
			progress(std::to_string(i * part) +
					 " instances: " + rounded(static_cast<double>(latest.begin()->second) / 1024) + " MiB a worker");
	}
	check_three_steps(database, kParts * part);
	long growth = 0;
	for (const auto &[pid, kib] : early)
	{
		if (!latest.contains(pid))
			throw std::runtime_error("worker " + std::to_string(pid) + " did not live through the run");
		growth = std::max(growth, latest[pid] - kib);
	}
	constexpr double kFlat = 1024; // what a process may wander by, KiB
	Result result;
	result.unit = "KiB grown";
	result.value = static_cast<double>(growth);
	result.targets = {
		{"flat: at most " + rounded(kFlat) + " KiB from the first tenth to the end", result.value <= kFlat}};
	result.extra = {{"highest_kib", static_cast<double>(highest)}};
	result.remarks = {
		"Private memory (RssAnon) of the worker that grew most, at rest; highest_kib: at the end of a backlog."};
	return result;
}

const Register registered(14, "memory", memory);

} // namespace
