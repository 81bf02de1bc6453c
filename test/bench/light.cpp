// Case `light`: a light process, an UPDATE for each event, by two workers, against two sessions that drain a queue table
// written by hand, a hundred events a commit.
#include "light_events.hpp"

namespace {

using namespace bpt_bench;

double by_bpt(long events)
{
	Database database("light");
	prepare_light(database, events);
	database.run("CHECKPOINT");
	return drain_light(database, events);
}

double by_hand(const std::string &procedure, long events)
{
	Database database("by_hand");
	database.run(file_text("floors/drain.sql"));
	database.run(fill_orders(events));
	database.run("INSERT INTO queue (order_id) SELECT id FROM orders ORDER BY id");
	// Statistics of the full tables, before the procedure's plans are made, and none of the emptied one.
	database.run("ALTER TABLE queue SET (autovacuum_enabled = off)");
	database.run("ANALYZE orders, queue");
	database.run("CHECKPOINT");
	const double seconds = clients(
		database, 2, [](pqxx::connection &) {},
		[&](int, pqxx::nontransaction &session) { session.exec("CALL " + procedure + "(100)"); });
	database.require("orders done", "SELECT count(*) FROM orders WHERE status = 'done'", std::to_string(events));
	database.require("queue rows left", "SELECT count(*) FROM queue", "0");
	return static_cast<double>(events) / seconds;
}

Result light()
{
	const long runs = setting("BENCH_RUNS", 3);
	const long events = setting("BENCH_EVENTS", 200000);
	std::vector<Side> sides = {{"bpt", [&] { return by_bpt(events); }},
							   {"by hand", [&] { return by_hand("drain_each", events); }},
							   {"by hand, set-based", [&] { return by_hand("drain_set", events); }}};
	by_turns(runs, "events/s", sides);
	Result result = compared("events/s", sides);
	result.targets = {at_least(result, 1.0)};
	result.extra = {{"set_based_by_hand", sides[2].found.median()}};
	result.remarks = {"The floor drains a queue table in 2 sessions, 100 events a commit, a statement for each event.",
					  "Against PgQ: make bench-peers."};
	return result;
}

const Register registered(3, "light", light);

} // namespace
