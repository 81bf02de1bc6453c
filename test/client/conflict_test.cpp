// People and workers want the same rows in opposite order: people never notice, and no step is charged for giving way.
#include "database.hpp"

#include <atomic>

#include <gtest/gtest.h>

namespace {

using namespace bpt_test;

constexpr int kItems = 4;
constexpr int kSessions = 4;

/// Changes instance and row, in that order, again and again; how often.
long touch(const Database &database, int session, const std::atomic<bool> &enough)
{
	pqxx::connection connection(database.conninfo(database.owner()));
	connection.prepare("due", "SELECT bpt.human_activity_set_due_date($1, now() + interval '1 day')");
	connection.prepare("touch", "UPDATE item SET touched = touched + 1 WHERE id = $1");
	pqxx::result tasks;
	{
		pqxx::nontransaction asking(connection);
		tasks = asking.exec("SELECT a.id, p.entity_key FROM bpt.activity a JOIN bpt.process p ON p.id = a.process_id"
							" WHERE a.name = 'watch' ORDER BY a.id");
	}
	const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(2);
	long touched = 0;
	while (!enough && std::chrono::steady_clock::now() < deadline)
	{
		const auto turn = static_cast<pqxx::result::size_type>(session + touched);
		const pqxx::row task = tasks[turn % tasks.size()];
		pqxx::work work(connection);
		work.exec_prepared("due", task[0].as<long>());
		work.exec_prepared("touch", task[1].as<long>());
		work.commit();
		touched++;
	}
	return touched;
}

TEST(Conflict, workers_give_way)
{
	Database database("conflict");
	database.run_as_owner(
		"CREATE TABLE item (id bigint PRIMARY KEY, counted int NOT NULL DEFAULT 0, touched int NOT NULL"
		" DEFAULT 0); CREATE TABLE ended ()");
	// A step has the item's row before it asks for its instance.
	database.publish(R"bpt(
PROCESS counting LAUNCH ON INSERT INTO item AS item_id DETAIL (item_id::text);
START -> watch, count;
HUMAN watch -> END;
AUTOMATIC count DO (UPDATE item SET counted = counted + 1 WHERE id = item_id) -> more;
DECISION more WHEN (NOT EXISTS (SELECT FROM ended)) -> count ELSE -> END;
)bpt");
	database.run_as_owner("INSERT INTO item (id) SELECT generate_series(1, " + std::to_string(kItems) + ")");
	ASSERT_TRUE(database.wait_until(
		"all launched", "(SELECT count(*) = " + std::to_string(kItems) + " FROM bpt.activity WHERE name = 'watch')",
		seconds(20)));

	// Until some deadlocks have happened, which the workers lost.
	std::atomic<bool> enough{false};
	std::atomic<long> touched{0};
	in_parallel(kSessions + 1, [&](int session) {
		if (session < kSessions)
			touched += touch(database, session, enough);
		else
		{
			EXPECT_TRUE(database.wait_until(
				"some deadlocks", "(SELECT deadlocks >= 2 FROM pg_stat_database WHERE datname = current_database())",
				seconds(60)));
			enough = true;
		}
	});

	database.run_as_owner("INSERT INTO ended DEFAULT VALUES");
	database.run_as_owner("SELECT bpt.activity_close(activity_id) FROM bpt.taskbox");
	ASSERT_TRUE(database.wait_until("all closed", "NOT EXISTS (SELECT FROM bpt.process WHERE status <> 'closed')",
									seconds(20)));
	EXPECT_EQ(database.number("SELECT sum(touched) FROM item"), touched);
	EXPECT_EQ(database.number("SELECT sum(counted) FROM item"),
			  database.number("SELECT count(*) FROM bpt.activity WHERE name = 'count' AND status = 'closed'"));
	EXPECT_EQ(database.number("SELECT count(*) FROM bpt.activity WHERE error_count > 0"), 0);
	EXPECT_EQ(database.number("SELECT count(*) FROM bpt.error_log"), 0) << database.state();
	database.expect_nothing_left();
}

} // namespace
