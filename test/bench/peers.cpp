// Cases `peer.…`: what a user would run instead, on the same work in the same run. Workflows of three steps are compared with
// case `process`, one UPDATE for each job with case `light`. test/tools/peers.sh installs the peers and says in BPT_PEERS
// where, and for each that cannot be had why; each driver in test/bench/peers runs two worker processes of its peer.
#include "light_events.hpp"
#include "three_steps.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <thread>

namespace {

using namespace bpt_bench;

/// Where a peer is installed, or the case ends with the reason why it is not.
std::string installed(const std::string &peer)
{
	const char *all = std::getenv("BPT_PEERS");
	if (all == nullptr || *all == '\0')
		throw NotRun("peers are run by make bench-peers");
	const std::string place = std::string(all) + "/" + peer;
	if (std::ifstream reason(place + "/absent"); reason)
	{
		std::string line;
		std::getline(reason, line);
		throw NotRun(line);
	}
	return place;
}

std::string output_of(const std::string &command)
{
	const std::unique_ptr<FILE, int (*)(FILE *)> pipe(popen(command.c_str(), "r"), pclose);
	if (!pipe)
		throw std::runtime_error("cannot run " + command);
	std::string text;
	std::array<char, 256> part = {};
	while (std::fgets(part.data(), part.size(), pipe.get()) != nullptr)
		text += part.data();
	return text;
}

/// The number behind a name in the line of JSON that a driver prints.
double figure(const std::string &json, const std::string &name)
{
	const std::size_t at = json.find('"' + name + "\":");
	if (at == std::string::npos)
		throw std::runtime_error("the driver says: " + (json.empty() ? "nothing" : json));
	return std::stod(json.substr(at + name.size() + 3));
}

/// Throws unless every order came to its end, by as many UPDATEs as it has steps: nothing was left out or done twice. What a
/// session did is counted when it ends at the latest.
void check_orders(Database &database, long orders, long steps, const std::string &ends_with)
{
	const double deadline = now_seconds() + 60;
	while (database.value("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
						  " AND backend_type = 'client backend' AND pid <> pg_backend_pid()") != "0")
	{
		if (now_seconds() > deadline)
			throw std::runtime_error("the sessions of the peer do not end");
		std::this_thread::sleep_for(std::chrono::milliseconds(50));
	}
	database.require("orders done", "SELECT count(*) FROM orders WHERE status = '" + ends_with + "'",
					 std::to_string(orders));
	database.require("updates of orders", "SELECT n_tup_upd FROM pg_stat_user_tables WHERE relname = 'orders'",
					 std::to_string(orders * steps));
}

/// Jobs a second of a driver written for Node.
double run_node(const std::string &peer, long jobs, long steps, const char *ends_with)
{
	const std::string place = installed(peer);
	Database database("peer");
	database.run(kOrders);
	database.run(fill_orders(jobs));
	{
		pqxx::connection connection(database.conninfo());
		setenv("PGHOST", connection.hostname(), 1);
		setenv("PGPORT", connection.port(), 1);
		setenv("PGUSER", connection.username(), 1);
		setenv("PGDATABASE", connection.dbname(), 1);
	}
	const std::string said =
		output_of("cd '" + place + "' && NODE_NO_WARNINGS=1 exec node " + peer + ".mjs " + std::to_string(jobs));
	const double per_second = figure(said, "jobs") / figure(said, "seconds");
	check_orders(database, jobs, steps, ends_with);
	return per_second;
}

double run_pgq(long events)
{
	installed("pgq");
	Database database("peer");
	database.run(kOrders);
	database.run(fill_orders(events));
	database.run(file_text("peers/pgq.sql"));
	database.run("CALL enqueue(500)");
	database.run("CHECKPOINT");
	const double seconds = clients(
		database, 1, [](pqxx::connection &) {},
		[](int, pqxx::nontransaction &session) { session.exec("CALL consume()"); });
	check_orders(database, events, 1, "done");
	return static_cast<double>(events) / seconds;
}

Result against(const std::string &unit, const std::string &peer, const std::function<double()> &bpt,
			   const std::function<double()> &other)
{
	installed(peer);
	std::vector<Side> sides = {{"bpt", bpt}, {peer, other}};
	by_turns(setting("BENCH_RUNS", 3), unit, sides);
	Result result = compared(unit, sides);
	result.remarks = {"Shown as floor: " + peer + ", 2 worker processes."};
	return result;
}

Result against_workflows(const std::string &peer)
{
	const long instances = setting("BENCH_INSTANCES", 50000);
	const long of_peer = setting("BENCH_PEER_INSTANCES", 3000);
	return against(
		"instances/s", peer, [&] { return run_three_steps(instances, Each::batch).per_second; },
		[&] { return run_node(peer, of_peer, 3, "s3"); });
}

double run_light(long events)
{
	Database database("light");
	prepare_light(database, events);
	database.run("CHECKPOINT");
	return drain_light(database, events);
}

Result against_jobs(const std::string &peer)
{
	const long events = setting("BENCH_EVENTS", 200000);
	const long of_peer = setting("BENCH_PEER_JOBS", 20000);
	return against(
		"events/s", peer, [&] { return run_light(events); }, [&] { return run_node(peer, of_peer, 1, "done"); });
}

Result dbos()
{
	return against_workflows("dbos");
}

Result absurd()
{
	return against_workflows("absurd");
}

Result graphile_worker()
{
	return against_jobs("graphile-worker");
}

Result pg_boss()
{
	return against_jobs("pg-boss");
}

Result pgq()
{
	const long events = setting("BENCH_EVENTS", 200000);
	Result result = against(
		"events/s", "pgq", [&] { return run_light(events); }, [&] { return run_pgq(events); });
	result.targets = {{"at least 1.1 of PgQ", *result.ratio >= 1.1}};
	result.remarks = {"Shown as floor: PgQ, one PL/pgSQL consumer, batches of 500."};
	return result;
}

const Register of_dbos(31, "peer.dbos", dbos, true);
const Register of_absurd(32, "peer.absurd", absurd, true);
const Register of_graphile_worker(33, "peer.graphile-worker", graphile_worker, true);
const Register of_pg_boss(34, "peer.pg-boss", pg_boss, true);
const Register of_pgq(35, "peer.pgq", pgq, true);

} // namespace
