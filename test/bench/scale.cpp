// Case `scale`: instances a second of the process of three steps against the number of workers, 1 to 8, in batches and with
// a commit for each activity; and against the number of ended instances that the tables hold, up to ten million. Runs only
// when named; leaves build/scale.tsv, and its picture build/scale.svg.
#include "plot.hpp"
#include "three_steps.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>

namespace {

using namespace bpt_bench;

constexpr int kMostWorkers = 8;

std::string ask_server(const std::string &sql)
{
	pqxx::connection connection(server_conninfo());
	pqxx::nontransaction session(connection);
	const pqxx::result found = session.exec(sql);
	return found.empty() ? std::string() : found[0][0].c_str();
}

/// Sets how many workers serve each database, while it lives.
class Workers
{
public:
	explicit Workers(int count)
	{
		ask_server("ALTER SYSTEM SET bpt.workers = " + std::to_string(count));
		reload(std::to_string(count));
	}
	~Workers()
	{
		try
		{
			ask_server("ALTER SYSTEM RESET bpt.workers");
			ask_server("SELECT pg_reload_conf()");
		}
		catch (const std::exception &error)
		{
			progress(std::string("setting bpt.workers back: ") + error.what());
		}
	}
	Workers(const Workers &) = delete;
	Workers &operator=(const Workers &) = delete;

private:
	/// The server reads its settings a moment after it is told to.
	static void reload(const std::string &expected)
	{
		ask_server("SELECT pg_reload_conf()");
		const double deadline = now_seconds() + 30;
		while (ask_server("SELECT current_setting('bpt.workers')") != expected)
			if (now_seconds() > deadline)
				throw std::runtime_error("bpt.workers does not change");
	}
};

Line against_workers(const std::string &name, Each each, long instances, long runs)
{
	Line found{name, {}};
	for (int count = 1; count <= kMostWorkers; count++)
	{
		const Workers workers(count);
		Sample sample;
		for (long i = 0; i < runs; i++)
			sample.values.push_back(run_three_steps(instances, each).per_second);
		progress(name + ", " + std::to_string(count) + " workers: " + rounded(sample.median()) + " instances/s");
		found.points.emplace_back(count, sample.median());
	}
	return found;
}

/// A database that holds that many ended instances: some by work, the others as copies of these, with ids and keys of their
/// own below those of the instances to come.
class Ended
{
public:
	explicit Ended(long wanted) : database_("scale")
	{
		install(database_);
		database_.run(kOrders);
		publish_three_steps(database_);
		work(kFirst);
		fill(wanted / kFirst - 1);
	}

	/// Works off that many more and returns how many a second.
	double work(long instances)
	{
		hold(database_);
		database_.run("TRUNCATE orders");
		const std::string top = database_.value("SELECT coalesce(max(id), 0) FROM bpt.process_instance");
		const long first = database_.number("SELECT last_value + 1 FROM bpt.process_id");
		database_.run(fill_orders(instances, first));
		database_.run("CHECKPOINT");
		const double seconds = drain(database_, three_steps_done(instances));
		database_.require("closed instances",
						  "SELECT count(*) FROM bpt.process WHERE status = 'closed' AND id > " + top,
						  std::to_string(instances));
		database_.require_idle();
		return static_cast<double>(instances) / seconds;
	}

private:
	static constexpr long kFirst = 1000;

	void fill(long copies)
	{
		if (copies <= 0)
			return;
		// Sequences may be ahead of what is stored: workers take ids in blocks.
		const long process = database_.number("SELECT last_value FROM bpt.process_id");
		const long activity = database_.number("SELECT last_value FROM bpt.activity_id");
		constexpr long kAtOnce = 100;
		for (long done = 0; done < copies; done += kAtOnce)
		{
			if (done > 0 && done % 1000 == 0)
				progress("made " + std::to_string((done + 1) * kFirst) + " ended instances");
			const std::string from = " CROSS JOIN (SELECT " + std::to_string(process) + " * g AS process, " +
									 std::to_string(activity) + " * g AS activity FROM generate_series(" +
									 std::to_string(done + 1) + ", " +
									 std::to_string(std::min(copies, done + kAtOnce)) + ") g) s ";
			database_.run("INSERT INTO bpt.process_instance SELECT " +
						  columns("process_instance", "id,top_process_id", "", "entity_key") +
						  " FROM bpt.process_instance t" + from + "WHERE t.id <= " + std::to_string(process));
			database_.run("INSERT INTO bpt.activity_instance SELECT " +
						  columns("activity_instance", "process_id", "id,precedent_activity_id", "") +
						  " FROM bpt.activity_instance t" + from + "WHERE t.id <= " + std::to_string(activity));
		}
		database_.run("SELECT setval('bpt.process_id', " + std::to_string(process * (copies + 1)) +
					  "), setval('bpt.activity_id', " + std::to_string(activity * (copies + 1)) + ")");
		database_.run("VACUUM ANALYZE");
		database_.require("ended instances", "SELECT count(*) FROM bpt.process WHERE status = 'closed'",
						  std::to_string(kFirst * (copies + 1)));
	}

	/// The columns of a copied row, those named moved up by the shift of processes or of activities, or as a key.
	std::string columns(const std::string &table, const std::string &by_process, const std::string &by_activity,
						const std::string &key)
	{
		return database_.value("SELECT string_agg(CASE WHEN attname = ANY ('{" + by_process +
							   "}') THEN format('t.%I + s.process', attname) WHEN attname = ANY ('{" + by_activity +
							   "}') THEN format('t.%I + s.activity', attname) WHEN attname = '" + key +
							   "' THEN format('(t.%I::bigint + s.process)::text', attname)"
							   " ELSE format('t.%I', attname) END, ', ' ORDER BY attnum)"
							   " FROM pg_attribute WHERE attrelid = 'bpt." +
							   table + "'::regclass AND attnum > 0 AND NOT attisdropped");
	}

	Database database_;
};

/// Every run begins with that many; where it takes long to make them, with those of the runs before as well.
Line against_ended(long most, long instances, long runs)
{
	Line found{"2 workers", {}};
	for (const long size : {1000L, 100000L, 10000000L})
	{
		if (size > most)
			break;
		std::optional<Ended> ended;
		Sample sample;
		for (long i = 0; i < runs; i++)
		{
			if (!ended || size <= 100000)
			{
				ended.reset();
				ended.emplace(size);
			}
			sample.values.push_back(ended->work(instances));
		}
		progress(std::to_string(size) + " ended: " + rounded(sample.median()) + " instances/s");
		found.points.emplace_back(size, sample.median());
	}
	return found;
}

Result scale()
{
	const long runs = setting("BENCH_RUNS", 3);
	const long instances = setting("BENCH_INSTANCES", 50000);
	const long most = setting("BENCH_SCALE", 10000000);
	const std::vector<Line> by_workers = {
		against_workers("many instances a commit", Each::batch, instances, runs),
		against_workers("COMMIT EACH", Each::commit, std::max(instances / 5, 1L), runs)};
	const Line by_ended = against_ended(most, instances, runs);

	const std::string path = BPT_SOURCE_DIR "/build/scale";
	plot(path + ".svg",
		 {{"Three-step process against workers", "workers", "instances/s", false, by_workers},
		  {"… against ended instances in the tables", "ended instances", "instances/s", true, {by_ended}}});
	std::ofstream data(path + ".tsv");
	Result result;
	data << "series\tx\tinstances_per_second\n";
	const auto keep = [&](const std::string &series, const Line &line) {
		for (const auto &[x, y] : line.points)
		{
			data << series << '\t' << static_cast<long>(x) << '\t' << std::lround(y) << '\n';
			result.extra.emplace_back(series + "_" + std::to_string(static_cast<long>(x)), y);
		}
	};
	keep("workers", by_workers[0]);
	keep("workers_commit_each", by_workers[1]);
	keep("ended", by_ended);
	if (!data.flush())
		throw std::runtime_error("cannot write " + path + ".tsv");

	result.unit = "instances/s";
	result.value = by_ended.points.back().second;
	result.floor = by_ended.points.front().second;
	result.ratio = result.value / *result.floor;
	result.remarks = {"With " + std::to_string(static_cast<long>(by_ended.points.back().first)) +
						  " ended instances in the tables, against 1000, shown as floor.",
					  "Written: build/scale.tsv, build/scale.svg."};
	return result;
}

const Register registered(20, "scale", scale, true);

} // namespace
