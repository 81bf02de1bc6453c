// The process of three steps, by bpt and by hand (three_steps.hpp).
#include "three_steps.hpp"

namespace bpt_bench {

namespace {

Rate rate_of(long instances, double seconds, const WalMeter::Bytes &wal)
{
	const auto n = static_cast<double>(instances);
	return {n / seconds, {wal.records / n, wal.images / n}};
}

} // namespace

void publish_three_steps(Database &database, Each each)
{
	std::string text = "PROCESS three_steps LAUNCH ON INSERT INTO orders AS order_id; START -> step1;";
	for (int i = 1; i <= 3; i++)
	{
		const std::string n = std::to_string(i);
		text += "AUTOMATIC step" + n + " DO (UPDATE orders SET status = 's" + n + "' WHERE id = order_id)" +
				(each == Each::commit ? " COMMIT EACH" : "") +
				(i < 3 ? " -> step" + std::to_string(i + 1) + ";" : " -> END;");
	}
	publish(database, text);
}

std::string three_steps_done(long instances)
{
	return "SELECT count(*) = " + std::to_string(instances) + " FROM orders WHERE status = 's3'";
}

void check_three_steps(Database &database, long instances)
{
	const std::string all = std::to_string(instances);
	database.require("closed instances", "SELECT count(*) FROM bpt.process WHERE status = 'closed'", all);
	database.require("instances", "SELECT count(DISTINCT entity_key) FROM bpt.process", all);
	database.require("closed activities", "SELECT count(*) FROM bpt.activity WHERE status = 'closed'",
					 std::to_string(instances * 3));
	database.require("orders at their last step", "SELECT count(*) FROM orders WHERE status = 's3'", all);
	database.require_idle();
}

void prepare_three_steps(Database &database, long instances, Each each)
{
	install(database);
	database.run(kOrders);
	publish_three_steps(database, each);
	hold(database);
	database.run(fill_orders(instances));
	database.require("events before the release", "SELECT count(*) FROM bpt.event_queue", std::to_string(instances));
}

Rate run_three_steps(long instances, Each each)
{
	Database database("three_steps");
	prepare_three_steps(database, instances, each);
	const WalMeter wal;
	const double seconds = drain(database, three_steps_done(instances));
	const WalMeter::Bytes written = wal.written();
	check_three_steps(database, instances);
	return rate_of(instances, seconds, written);
}

Rate run_by_hand(long instances, const char *commit_after)
{
	Database database("by_hand");
	database.run(file_text("floors/process.sql"));
	database.run(fill_orders(instances));
	const WalMeter wal;
	const long half = instances / 2;
	const double seconds = clients(
		database, 2, [](pqxx::connection &) {},
		[&](int i, pqxx::nontransaction &session) {
			session.exec(std::string("CALL run_floor('") + commit_after + "', " +
						 std::to_string(i == 0 ? 1 : half + 1) + ", " + std::to_string(i == 0 ? half : instances) +
						 ")");
		});
	const WalMeter::Bytes written = wal.written();
	const std::string all = std::to_string(instances);
	database.require("closed instances", "SELECT count(*) FROM process WHERE state = 'closed'", all);
	database.require("closed activities", "SELECT count(*) FROM activity WHERE state = 'closed'",
					 std::to_string(instances * 3));
	database.require("orders at their last step", "SELECT count(*) FROM orders WHERE status = 's3'", all);
	return rate_of(instances, seconds, written);
}

} // namespace bpt_bench
