// Cases `timers.load`: many timers that fall due within a minute while the process of three steps works off a backlog: all
// must fire. `timers.idle`: how late timers fire on an otherwise idle system.
#include "three_steps.hpp"

namespace {

using namespace bpt_bench;

constexpr const char *kDefinition = R"bpt(
PROCESS reminder (due timestamptz) LAUNCH ON INSERT INTO alarm AS alarm_id WITH (due => due);
START -> pause;
WAIT pause TIMEOUT (due) -> ring;
AUTOMATIC ring DO (INSERT INTO rung VALUES (alarm_id, due, clock_timestamp())) -> END;
)bpt";

/// Instances that wait each for an instant of its own, and write down when they come to act. All wait before the first is
/// due, which is some seconds ahead.
void set_alarms(Database &database, long count, long ahead, long within)
{
	const std::string all = std::to_string(count);
	database.run(
		"CREATE TABLE alarm (id bigint PRIMARY KEY, due timestamptz NOT NULL);"
		"CREATE TABLE rung (alarm bigint PRIMARY KEY, due timestamptz NOT NULL, instant timestamptz NOT NULL)");
	publish(database, kDefinition);
	await_workers(database);
	database.run("INSERT INTO alarm SELECT g, now() + make_interval(secs => " + std::to_string(ahead) + " + g * " +
				 std::to_string(within) + "::float8 / " + all + ") FROM generate_series(1, " + all + ") g");
	await_done(database, "SELECT count(*) = " + all + " FROM bpt.queue_timer");
}

void require_ahead(Database &database)
{
	if (database.value("SELECT clock_timestamp() < min(due) FROM alarm") != "t")
		throw std::runtime_error("the first timer fell due before all was set up; give BENCH_AHEAD more seconds");
}

/// How late each was, in ms, once all have rung.
Sample lateness(Database &database, long count)
{
	const std::string all = std::to_string(count);
	database.require("timers fired", "SELECT count(*) FROM rung", all);
	database.require("fired too early", "SELECT count(*) FROM rung WHERE instant < due", "0");
	database.require("closed reminders",
					 "SELECT count(*) FROM bpt.process WHERE name = 'reminder' AND status = 'closed'", all);
	database.require_idle();
	Sample ms;
	pqxx::connection connection(database.conninfo());
	pqxx::nontransaction session(connection);
	for (const pqxx::row &row : session.exec("SELECT extract(epoch FROM instant - due) * 1000 FROM rung"))
		ms.values.push_back(row[0].as<double>());
	return ms;
}

Result shown(const Sample &ms)
{
	Result result;
	result.unit = "ms late (p99)";
	result.value = ms.quantile(0.99);
	result.spread = spread_of(ms);
	result.extra = {{"p50_ms", ms.median()}, {"p90_ms", ms.quantile(0.9)}, {"p999_ms", ms.quantile(0.999)}};
	return result;
}

Result load()
{
	const long timers = setting("BENCH_TIMERS", 100000);
	const long within = setting("BENCH_TIMER_SECONDS", 60);
	const long ahead = setting("BENCH_AHEAD", 60);
	const long instances = setting("BENCH_LOAD_INSTANCES", 1000000);
	Database database("timers");
	install(database);
	database.run(kOrders);
	publish_three_steps(database);
	set_alarms(database, timers, ahead, within);
	hold(database);
	database.run(fill_orders(instances));
	require_ahead(database);
	const double seconds =
		drain(database, "SELECT (SELECT count(*) FROM rung) = " + std::to_string(timers) +
							" AND (SELECT count(*) FROM orders WHERE status = 's3') = " + std::to_string(instances));
	database.require("closed instances",
					 "SELECT count(*) FROM bpt.process WHERE name = 'three_steps' AND status = 'closed'",
					 std::to_string(instances));
	Result result = shown(lateness(database, timers));
	// It throws where one has not fired.
	result.targets = {{"all fire", true}};
	result.extra.emplace_back("seconds_until_all_done", seconds);
	result.remarks = {"Timers due while the process of three steps works off a backlog."};
	return result;
}

Result idle()
{
	const long timers = setting("BENCH_SAMPLES", 2000);
	const long within = setting("BENCH_TIMER_SECONDS", 60);
	Database database("timers");
	install(database);
	set_alarms(database, timers, 5, within);
	require_ahead(database);
	await_done(database, "SELECT count(*) = " + std::to_string(timers) + " FROM rung");
	Result result = shown(lateness(database, timers));
	result.targets = {{"p99 at most 10 ms", result.value <= 10}};
	result.remarks = {"From the instant it is due to clock_timestamp() in the statement that follows the timeout."};
	return result;
}

const Register under_load(12.2, "timers.load", load);
// First: what a million instances leave to the disk, it does in the minutes after them.
const Register when_idle(12.1, "timers.idle", idle);

} // namespace
