// Case `match_scale`: how fast events wake one of N waiting instances, N = 1 000 against N = 1 000 000. The instances wait
// in a loop. What a larger table costs by itself is taken out: the same UPDATEs by key on bare tables of both sizes.
#include "trial.hpp"

#include <algorithm>

namespace {

using namespace bpt_bench;

constexpr const char *kDefinition = R"bpt(
PROCESS watch LAUNCH ON INSERT INTO subject AS subject_id;
START -> change;
WAIT change CLOSE ON UPDATE OF subject (n) WHERE (id = subject_id) -> again;
DECISION again WHEN (subject_id < 0) -> END ELSE -> change;
)bpt";

/// The UPDATEs, in transactions of a hundred; returns the seconds they took.
double touch(Database &database, const char *synchronous_commit, long events, long size)
{
	pqxx::connection connection(database.conninfo());
	pqxx::nontransaction session(connection);
	session.exec(std::string("SET synchronous_commit = ") + synchronous_commit);
	const double start = now_seconds();
	session.exec("CALL touch(" + std::to_string(events) + ", " + std::to_string(size) + ")");
	return now_seconds() - start;
}

std::string fill(long first, long last)
{
	return "INSERT INTO subject SELECT g, 0 FROM generate_series(" + std::to_string(first) + ", " +
		   std::to_string(last) + ") g";
}

/// The last checkpoint: after another one pages would be written whole again.
std::string last_checkpoint(Database &database)
{
	return database.value("SELECT checkpoint_lsn FROM pg_control_checkpoint()");
}

/// Events a second with that many waiting. All pages were written since the checkpoint.
double wake(long events, long waiting)
{
	const std::string all = std::to_string(waiting);
	Database database("match");
	install(database);
	database.run(file_text("floors/wake.sql"));
	publish(database, kDefinition);
	await_workers(database);
	database.run("CHECKPOINT");
	const std::string before = last_checkpoint(database);
	for (long first = 1; first <= waiting; first += 50000)
		database.run(fill(first, std::min(waiting, first + 49999)));
	await_done(database, "SELECT count(*) = " + all + " FROM bpt.listener");
	hold(database);
	database.run("VACUUM");
	touch(database, "off", events, waiting);
	database.require("events before the release", "SELECT count(*) FROM bpt.event_queue", std::to_string(events));
	const double seconds =
		drain(database, "SELECT count(*) = " + std::to_string(events) + " FROM bpt.activity WHERE status = 'closed'");
	database.require("waits ended", "SELECT count(*) FROM bpt.activity WHERE status = 'closed'",
					 std::to_string(events));
	database.require("still waiting", "SELECT count(DISTINCT process_id) FROM bpt.listener", all);
	database.require("incidents", "SELECT count(*) FROM bpt.error_log", "0");
	database.require("events left", "SELECT count(*) FROM bpt.event_queue", "0");
	if (last_checkpoint(database) != before)
		throw std::runtime_error("a checkpoint came in between");
	return static_cast<double>(events) / seconds;
}

double by_key(long events, long size)
{
	Database database("by_key");
	database.run(file_text("floors/wake.sql"));
	database.run("CHECKPOINT");
	database.run(fill(1, size));
	database.run("VACUUM ANALYZE subject");
	return static_cast<double>(events) / touch(database, "on", events, size);
}

Result match_scale()
{
	const long runs = setting("BENCH_RUNS", 3);
	const long events = setting("BENCH_WAKES", 20000);
	const long many = setting("BENCH_WAITING", 1000000);
	const long few = 1000;
	std::vector<Side> sides = {{"of " + std::to_string(many) + " waiting", [&] { return wake(events, many); }},
							   {"of " + std::to_string(few) + " waiting", [&] { return wake(events, few); }},
							   {"UPDATE of " + std::to_string(many), [&] { return by_key(events, many); }},
							   {"UPDATE of " + std::to_string(few), [&] { return by_key(events, few); }}};
	by_turns(runs, "events/s", sides);
	const double floor = sides[2].found.median() / sides[3].found.median();
	Result result;
	result.unit = "events/s";
	result.value = sides[0].found.median();
	result.spread = spread_of(sides[0].found);
	result.floor = sides[1].found.median();
	result.floor_spread = spread_of(sides[1].found);
	const double ours = result.value / *result.floor;
	result.ratio = ours / floor;
	result.targets = {at_least(result, 0.9)};
	result.extra = {{"ratio_of_bpt", ours}, {"ratio_of_updates_by_key", floor}};
	result.remarks = {"Shown as floor: the rate with " + std::to_string(few) +
					  " waiting. The ratio is that of bpt over that of bare UPDATEs by key."};
	return result;
}

const Register registered(10, "match_scale", match_scale);

} // namespace
