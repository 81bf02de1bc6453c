// Case `history.engine`: the process of three steps at full speed while workers delete old instances of another process,
// against the same without a retention: CPU of the workers, WAL, what a worker and a reader stand still; then deleting the
// rest with nothing else to do, the size of the tables and a vacuum. Runs only when named.
#include "cpu.hpp"
#include "three_steps.hpp"

#include <algorithm>
#include <atomic>
#include <thread>

namespace {

using namespace bpt_bench;

/// One old instance for so many that are run: as deleting has a twentieth of the time, some are left at the end.
constexpr long kOld = 4;

/// One run.
struct Run
{
	double per_second = 0;
	double cpu = 0;       // µs an instance, what went into deleting included
	double wal = 0;       // bytes an instance, likewise
	double deleted = 0;   // meanwhile, for each that was run
	double reader_ms = 0; // the longest look-up of an instance
	double worker_ms = 0; // the longest time without any end of an instance
	double waits = 0;     // looks at the sessions that found a worker waiting for a lock
};

struct Totals
{
	Sample per_second, cpu, wal, deleted, reader_ms, worker_ms, waits;

	void add(const Run &run)
	{
		per_second.values.push_back(run.per_second);
		cpu.values.push_back(run.cpu);
		wal.values.push_back(run.wal);
		deleted.values.push_back(run.deleted);
		reader_ms.values.push_back(run.reader_ms);
		worker_ms.values.push_back(run.worker_ms);
		waits.values.push_back(run.waits);
	}
	void report(const std::string &name, Result &result) const
	{
		result.extra.emplace_back(name + "_per_second", per_second.median());
		result.extra.emplace_back(name + "_us", cpu.median());
		result.extra.emplace_back(name + "_wal", wal.median());
		result.extra.emplace_back(name + "_deleted", deleted.median());
		result.extra.emplace_back(name + "_reader_ms", reader_ms.highest());
		result.extra.emplace_back(name + "_worker_ms", worker_ms.highest());
		result.extra.emplace_back(name + "_lock_waits", waits.highest());
	}
};

/// What it takes when there is nothing else to do.
struct Alone
{
	Sample cpu, wal, per_second, vacuum_ms, mib_before, mib_after;
};

constexpr const char *kLeft = "SELECT count(*) FROM bpt.process_instance WHERE process_def_id ="
							  " (SELECT id FROM bpt.process_def WHERE name = 'old_steps')";

double table_mib(Database &database)
{
	return std::stod(database.value("SELECT (pg_total_relation_size('bpt.process_instance') +"
									" pg_total_relation_size('bpt.activity_instance')) / 1048576.0"));
}

/// Looks up instances, and at who waits, until it is told to stop.
void watch(Database &database, const std::atomic<bool> &stop, Run &run)
{
	pqxx::connection connection(database.conninfo());
	pqxx::nontransaction session(connection);
	for (long i = 1; !stop; i++)
	{
		const double start = now_seconds();
		session.exec("SELECT status FROM bpt.process WHERE id = " + std::to_string(i % 1000 + 1));
		run.reader_ms = std::max(run.reader_ms, (now_seconds() - start) * 1000);
		run.waits += session
						 .exec1("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND pid IN"
								" (SELECT pid FROM bpt.worker)")[0]
						 .as<double>();
		std::this_thread::sleep_for(std::chrono::milliseconds(5));
	}
}

Run one_run(long instances, bool deletes, Alone &alone)
{
	const long old = instances / kOld;
	Database database("history");
	install(database);
	database.run(kOrders);
	publish_three_steps(database);
	database.run("CREATE TABLE old_orders (LIKE orders INCLUDING ALL)");
	publish(database, "PROCESS old_steps LAUNCH ON INSERT INTO old_orders AS order_id; START -> step1;"
					  "AUTOMATIC step1 DO (UPDATE old_orders SET status = 's1' WHERE id = order_id) -> step2;"
					  "AUTOMATIC step2 DO (UPDATE old_orders SET status = 's2' WHERE id = order_id) -> step3;"
					  "AUTOMATIC step3 DO (UPDATE old_orders SET status = 's3' WHERE id = order_id) -> END;");
	hold(database);
	database.run("INSERT INTO old_orders (status) SELECT 'new' FROM generate_series(1, " + std::to_string(old) + ")");
	drain(database, "SELECT count(*) = " + std::to_string(old) + " FROM old_orders WHERE status = 's3'");
	hold(database);
	database.run(fill_orders(instances));
	database.run("VACUUM ANALYZE");
	if (deletes)
		database.run("SELECT bpt.set_history_retention('old_steps', '0')");

	Run run;
	std::atomic<bool> stop = false;
	std::thread watcher([&] { watch(database, stop, run); });
	const WalMeter wal;
	const auto n = static_cast<double>(instances);
	const double cpu = cpu_of_workers(database);
	const double seconds = drain(database, three_steps_done(instances));
	const auto gone = static_cast<double>(old - database.number(kLeft));
	run.cpu = (cpu_of_workers(database) - cpu) / n;
	run.wal = wal.written().records / n;
	stop = true;
	watcher.join();
	run.per_second = n / seconds;
	run.deleted = gone / n;
	run.worker_ms = std::stod(database.value(
		"SELECT max(gap) FROM (SELECT extract(epoch FROM closed - lag(closed) OVER (ORDER BY closed)) * 1000 AS gap"
		" FROM bpt.process WHERE name = 'three_steps') g"));

	alone.mib_before.values.push_back(table_mib(database));
	if (!deletes)
	{
		hold(database);
		database.run("SELECT bpt.set_history_retention('old_steps', '0')");
		const WalMeter alone_wal;
		const double alone_cpu = cpu_of_workers(database);
		const double took = drain(database, std::string("SELECT (") + kLeft + ") = 0");
		alone.cpu.values.push_back((cpu_of_workers(database) - alone_cpu) / static_cast<double>(old));
		alone.wal.values.push_back(alone_wal.written().records / static_cast<double>(old));
		alone.per_second.values.push_back(static_cast<double>(old) / took);
		const double start = now_seconds();
		database.run("VACUUM bpt.process_instance");
		database.run("VACUUM bpt.activity_instance");
		alone.vacuum_ms.values.push_back((now_seconds() - start) * 1000);
		alone.mib_after.values.push_back(table_mib(database));
	}
	database.require("closed instances",
					 "SELECT count(*) FROM bpt.process WHERE name = 'three_steps' AND status = 'closed'",
					 std::to_string(instances));
	database.require("their steps",
					 "SELECT count(*) FROM bpt.activity_instance WHERE process_id IN"
					 " (SELECT id FROM bpt.process WHERE name = 'three_steps')",
					 std::to_string(3 * instances));
	database.require_idle();
	return run;
}

Result engine()
{
	const long runs = setting("BENCH_RUNS", 3);
	const long instances = setting("BENCH_HISTORY_INSTANCES", 200000);
	Totals with;
	Totals without;
	Alone alone;
	std::vector<Side> sides = {{"with",
								[&] {
									const Run run = one_run(instances, true, alone);
									with.add(run);
									return run.per_second;
								}},
							   {"without", [&] {
									const Run run = one_run(instances, false, alone);
									without.add(run);
									return run.per_second;
								}}};
	by_turns(runs, "instances/s", sides);
	Result result = compared("instances/s", sides);
	with.report("with", result);
	without.report("without", result);
	result.extra.emplace_back("delete_us", alone.cpu.median());
	result.extra.emplace_back("delete_wal", alone.wal.median());
	result.extra.emplace_back("delete_per_second", alone.per_second.median());
	result.extra.emplace_back("vacuum_ms", alone.vacuum_ms.median());
	result.extra.emplace_back("mib_before", alone.mib_before.median());
	result.extra.emplace_back("mib_after", alone.mib_after.median());
	result.remarks = {"With old instances of another process being deleted; the floor keeps them."};
	return result;
}

const Register registered(15.1, "history.engine", engine, true);

} // namespace
