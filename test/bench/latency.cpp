// Case `latency`: on an idle system, from the moment COMMIT returns to the client that inserted a row to the moment the
// statement of the automatic activity starts in a worker.
#include "trial.hpp"

#include <thread>

namespace {

using namespace bpt_bench;

constexpr const char *kDefinition = R"bpt(
PROCESS quick LAUNCH ON INSERT INTO job AS job_id;
START -> act;
AUTOMATIC act DO (INSERT INTO begun (job, instant) VALUES (job_id, clock_timestamp())) -> END;
)bpt";

/// Microseconds of the wall clock, which client and server share.
long wall_clock()
{
	return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
		.count();
}

Result latency()
{
	const long samples = setting("BENCH_SAMPLES", 2000);
	const long pause_ms = setting("BENCH_PAUSE_MS", 100);
	constexpr long kWarmUp = 20; // caches of the workers and of this session
	Database database("latency");
	install(database);
	database.run(
		"CREATE TABLE job (id bigint PRIMARY KEY); CREATE TABLE begun (job bigint PRIMARY KEY, instant timestamptz)");
	publish(database, kDefinition);
	await_workers(database);

	std::vector<long> committed;
	{
		pqxx::connection connection(database.conninfo());
		connection.prepare("insert", "INSERT INTO job VALUES ($1)");
		pqxx::nontransaction session(connection);
		auto next = std::chrono::steady_clock::now();
		for (long i = 0; i < samples + kWarmUp; i++)
		{
			next += std::chrono::milliseconds(pause_ms);
			std::this_thread::sleep_until(next);
			session.exec_prepared("insert", i);
			committed.push_back(wall_clock());
			if (i > kWarmUp && i % 500 == 0)
				progress(std::to_string(i - kWarmUp) + " of " + std::to_string(samples) + " samples");
		}
	}
	const std::string all = std::to_string(samples + kWarmUp);
	await_done(database, "SELECT count(*) = " + all + " FROM bpt.process WHERE status = 'closed'", 30);
	database.require("statements run", "SELECT count(*) FROM begun", all);
	database.require_idle();

	Sample ms;
	pqxx::connection connection(database.conninfo());
	pqxx::nontransaction session(connection);
	for (const pqxx::row &row : session.exec("SELECT job, (extract(epoch FROM instant) * 1000000)::bigint FROM begun"))
		if (row[0].as<long>() >= kWarmUp)
			ms.values.push_back(static_cast<double>(row[1].as<long>() - committed.at(row[0].as<std::size_t>())) / 1000);

	Result result;
	result.unit = "ms (median)";
	result.value = ms.quantile(0.5);
	result.spread = spread_of(ms);
	const double p99 = ms.quantile(0.99);
	result.targets = {{"p50 at most 1.0 ms", result.value <= 1.0},
					  {"p99 at most 4 ms: " + rounded(p99) + " ms", p99 <= 4.0}};
	result.extra = {{"p90_ms", ms.quantile(0.9)}, {"p99_ms", p99}, {"p999_ms", ms.quantile(0.999)}};
	result.remarks = {std::to_string(samples) + " samples, one client, " + std::to_string(pause_ms) +
					  " ms apart; a negative"
					  " one began before the client heard of its commit."};
	return result;
}

const Register registered(5, "latency", latency);

} // namespace
