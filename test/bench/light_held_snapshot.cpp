// Cases `light_held_snapshot.a` and `.b`: a light process at a thousand single-event commits a second while a REPEATABLE READ
// session stays open, (a) without and (b) with a transaction id. Queues whose rows are deleted become slower, as no dead row
// can be removed then. Compared are the last minute with the first, and backlogs drained at the end with some at the start.
#include "light_events.hpp"

#include <algorithm>
#include <map>
#include <thread>

namespace {

using namespace bpt_bench;

// What is done for an event leaves no dead row in tables of the user, and tells when it was done.
constexpr const char *kTables =
	"CREATE TABLE job (id bigint PRIMARY KEY); CREATE TABLE done (job bigint NOT NULL, instant timestamptz NOT NULL)";
constexpr const char *kDefinition = R"bpt(
PROCESS quick LIGHT LAUNCH ON INSERT INTO job AS job_id;
START -> act;
AUTOMATIC act DO (INSERT INTO done VALUES (job_id, clock_timestamp())) -> END;
)bpt";
constexpr int kClients = 2;

using Clock = std::chrono::system_clock;

/// When each job's commit returned to its client: microseconds of the wall clock, by the number of the job.
using Commits = std::map<long, long>;

/// Inserts a job at each turn of its own clock, for some seconds.
Commits insert_at_rate(Database &database, long first, long a_second, long seconds)
{
	std::vector<Commits> commits(kClients);
	clients(
		database, kClients,
		[](pqxx::connection &connection) { connection.prepare("insert", "INSERT INTO job VALUES ($1)"); },
		[&](int client, pqxx::nontransaction &session) {
			const auto start = std::chrono::steady_clock::now();
			const auto pause = std::chrono::nanoseconds(1000000000L * kClients / a_second);
			for (long i = 0; i < a_second * seconds / kClients; i++)
			{
				std::this_thread::sleep_until(start + i * pause);
				const long job = first + i * kClients + client;
				session.exec_prepared("insert", job);
				commits.at(static_cast<std::size_t>(client))[job] =
					std::chrono::duration_cast<std::chrono::microseconds>(Clock::now().time_since_epoch()).count();
			}
		});
	for (int i = 1; i < kClients; i++)
		commits[0].merge(commits.at(static_cast<std::size_t>(i)));
	return commits[0];
}

std::string jobs(long first, long count)
{
	return "INSERT INTO job SELECT generate_series(" + std::to_string(first) + ", " +
		   std::to_string(first + count - 1) + ")";
}

std::string all_done(long count)
{
	return "SELECT count(*) = " + std::to_string(count) + " FROM done";
}

/// Rows that are dead but cannot be removed, in the tables of events and positions.
long dead_rows(Database &database)
{
	database.run("CREATE EXTENSION IF NOT EXISTS pgstattuple");
	return database.number("SELECT coalesce(sum((public.pgstattuple(oid)).dead_tuple_count), 0) FROM pg_class"
						   " WHERE relnamespace = 'bpt'::regnamespace AND relkind = 'r'"
						   " AND relname ~ '^(queue_event|queue_slot|event_[0-9]+|position_[0-9]+)$'");
}

struct Window
{
	double per_second;
	Sample ms; // from the client's commit to the statement
};

/// Of the jobs that were done within these seconds of the run.
Window window(Database &database, const Commits &commits, long from, long until)
{
	Window found = {};
	const long start = commits.begin()->second;
	pqxx::connection connection(database.conninfo());
	pqxx::nontransaction session(connection);
	const pqxx::result rows = session.exec_params(
		"SELECT job, us FROM (SELECT job, (extract(epoch FROM instant) * 1000000)::bigint AS us FROM done) d"
		" WHERE us >= $1 AND us < $2",
		start + from * 1000000, start + until * 1000000);
	for (const pqxx::row &row : rows)
		if (const auto commit = commits.find(row[0].as<long>()); commit != commits.end())
			found.ms.values.push_back(static_cast<double>(row[1].as<long>() - commit->second) / 1000);
	found.per_second = static_cast<double>(found.ms.values.size()) / static_cast<double>(until - from);
	return found;
}

constexpr long kBacklogs = 5; // a single one is done within half a second, which others may have taken

/// Events a second of backlogs that are drained one after another, behind the jobs that are done.
double drain_backlogs(Database &database, long done, long backlog)
{
	Sample rates;
	for (long i = 0; i < kBacklogs; i++)
	{
		hold(database);
		database.run(jobs(done + 1, backlog));
		done += backlog;
		rates.values.push_back(static_cast<double>(backlog) / drain(database, all_done(done)));
	}
	return rates.median();
}

Result held(bool with_xid)
{
	const long seconds = setting("BENCH_HELD_SECONDS", 600);
	const long a_second = setting("BENCH_HELD_RATE", 1000);
	const long backlog = setting("BENCH_EVENTS", 200000);
	const long part = std::min(60L, std::max(1L, seconds / 3));
	Database database("held");
	install(database);
	database.run(kTables);
	publish(database, kDefinition);

	const long drained_jobs = kBacklogs * backlog;
	const double drained_first = drain_backlogs(database, 0, backlog);

	pqxx::connection reader(database.conninfo());
	pqxx::nontransaction snapshot(reader);
	snapshot.exec("BEGIN ISOLATION LEVEL REPEATABLE READ");
	snapshot.exec(with_xid ? "SELECT pg_current_xact_id()" : "SELECT count(*) FROM job");
	const Commits commits = insert_at_rate(database, drained_jobs + 1, a_second, seconds);
	const long paced = static_cast<long>(commits.size());
	await_done(database, all_done(drained_jobs + paced));
	const long dead = dead_rows(database);
	const Window first = window(database, commits, 0, part);
	const Window last = window(database, commits, seconds - part, seconds);

	const double drained_last = drain_backlogs(database, drained_jobs + paced, backlog);
	snapshot.exec("COMMIT");
	database.require("jobs done once", "SELECT count(DISTINCT job) FROM done",
					 std::to_string(2 * drained_jobs + paced));
	database.require_idle();

	Result result;
	result.unit = "events/s";
	result.value = last.per_second;
	result.floor = first.per_second;
	result.ratio = result.value / *result.floor;
	const double first_ms = first.ms.median();
	const double last_ms = last.ms.median();
	const double drained = drained_last / drained_first;
	// A latency that is shorter than a tenth of a millisecond apart is the same.
	const bool as_fast = last_ms <= first_ms / 0.95 || last_ms - first_ms < 0.1;
	result.targets = {
		at_least(result, 0.95),
		{"latency of the last part at most that of the first / 0.95: " + rounded(last_ms) + " ms after " +
			 rounded(first_ms) + " ms",
		 as_fast},
		{"backlogs at the end drained at 0.95 of those at the start: " + rounded(drained), drained >= 0.95},
		{"no dead rows in event and position tables: " + std::to_string(dead),
		 dead == 0 || (with_xid && dead <= paced / 100)}};
	result.extra = {{"first_p50_ms", first_ms},
					{"first_p99_ms", first.ms.quantile(0.99)},
					{"last_p50_ms", last_ms},
					{"last_p99_ms", last.ms.quantile(0.99)},
					{"drained_first_per_second", drained_first},
					{"drained_last_per_second", drained_last},
					{"dead_rows", static_cast<double>(dead)}};
	result.remarks = {
		std::to_string(seconds) + " s at " + std::to_string(a_second) + " commits/s" +
			(seconds < 600 ? ", shortened from 600 s" : "") + "; compared are the first and last " +
			std::to_string(part) + " s, shown as floor and bpt.",
		"The snapshot is held from after the first backlogs to after the last; rates of backlogs are medians of five."};
	return result;
}

Result without_xid()
{
	return held(false);
}

Result with_xid()
{
	return held(true);
}

const Register a(4.1, "light_held_snapshot.a", without_xid);
const Register b(4.2, "light_held_snapshot.b", with_xid);

} // namespace
