// A commit wakes a worker, whatever made the work, and a timer fires when it is due: nothing waits for the poll.
#include "database.hpp"

#include <gtest/gtest.h>

namespace {

using namespace bpt_test;

constexpr int kRounds = 30;
constexpr seconds kSoon{5};

constexpr const char *kDefinition = R"bpt(
PROCESS errand LAUNCH ON INSERT INTO errand AS errand_id;
START -> begin_it;
AUTOMATIC begin_it DO (UPDATE errand SET state = 'begun' WHERE id = errand_id) -> task;
HUMAN task -> after_task;
AUTOMATIC after_task DO (UPDATE errand SET state = 'task done' WHERE id = errand_id) -> answer;
WAIT answer CLOSE ON UPDATE OF errand (answered) WHERE (id = errand_id AND answered) -> after_answer;
AUTOMATIC after_answer DO (UPDATE errand SET state = 'answered' WHERE id = errand_id) -> pause;
WAIT pause TIMEOUT (interval '300 ms') -> after_pause;
AUTOMATIC after_pause DO (UPDATE errand SET state = 'rested' WHERE id = errand_id) -> END;
)bpt";

constexpr const char *kTables = "CREATE TABLE errand (id bigint PRIMARY KEY, state text NOT NULL DEFAULT 'new', "
								"answered boolean NOT NULL DEFAULT false)";

/// All workers sleep, and far longer than a test lasts: only a wake-up can make them move.
[[nodiscard]] bool all_sleep(Database &database)
{
	return database.wait_until("all workers asleep for long",
							   "(SELECT count(*) = 2 FROM bpt.worker WHERE kind = 'worker' AND state = 'idle' AND"
							   " next_wakeup > now() + interval '30 minutes')",
							   seconds(20));
}

TEST(Wakeup, by_commit_and_by_timer)
{
	if (!is_private_server())
		GTEST_SKIP() << "changes bpt.poll_interval of the server, which is not private";
	Database database("wakeup");
	const ServerSetting poll(database, "bpt.poll_interval", "1h");
	database.run_as_owner(kTables);
	database.publish(kDefinition);
	for (int round = 1; round <= kRounds; round++)
	{
		const std::string id = std::to_string(round);
		ASSERT_TRUE(all_sleep(database));
		const auto reaches = [&](const char *state) {
			return database.wait_until(
				"errand " + id + " " + state,
				"(SELECT state = '" + std::string(state) + "' FROM errand WHERE id = " + id + ")", kSoon);
		};
		database.run_as_owner("INSERT INTO errand (id) VALUES (" + id + ")");
		ASSERT_TRUE(reaches("begun")) << "woken by an event that launches";
		ASSERT_TRUE(database.wait_until("a task", "EXISTS (SELECT FROM bpt.taskbox)", kSoon));
		database.run_as_owner("SELECT bpt.activity_close(activity_id) FROM bpt.taskbox");
		ASSERT_TRUE(reaches("task done")) << "woken by a call that reaches an automatic activity";
		ASSERT_TRUE(
			database.wait_until("a listener", "EXISTS (SELECT FROM bpt.activity WHERE status = 'listening')", kSoon));
		database.run_as_owner("UPDATE errand SET answered = true WHERE id = " + id);
		ASSERT_TRUE(reaches("rested")) << "woken by an event that ends a wait, then by a timer";
	}
	ASSERT_TRUE(
		database.wait_until("all closed", "NOT EXISTS (SELECT FROM bpt.process WHERE status <> 'closed')", kSoon));
	// Timers fire when they are due, neither before nor long after.
	const std::string late = "SELECT min(closed - timeout) >= interval '0', max(closed - timeout) < interval '2 s' FROM"
							 " bpt.activity WHERE name = 'pause'";
	EXPECT_EQ(database.value("SELECT (SELECT row(l.*)::text FROM (" + late + ") l)"), "(t,t)") << database.table(
		"SELECT id, created, timeout, closed, closed - timeout AS late FROM bpt.activity WHERE name = 'pause'");
	EXPECT_EQ(database.number("SELECT count(*) FROM bpt.error_log"), 0) << database.state();
	database.expect_nothing_left();
}

// What bpt.run() has claimed the workers pass over, and sleep: the end of its transaction lets them come.
TEST(Wakeup, by_the_end_of_a_run)
{
	if (!is_private_server())
		GTEST_SKIP() << "changes bpt.poll_interval of the server, which is not private";
	Database database("wakeup_run");
	const ServerSetting poll(database, "bpt.poll_interval", "1h");
	database.run_as_owner("CREATE TABLE note (id bigint PRIMARY KEY, n int NOT NULL DEFAULT 0)");
	database.run_as_owner("CREATE TABLE seen (id bigint)");
	database.publish("PROCESS notice LIGHT LAUNCH ON INSERT INTO note AS note_id LAUNCH ON UPDATE OF note AS note_id;"
					 " START -> see; AUTOMATIC see DO (INSERT INTO seen VALUES (note_id)) -> END;");
	ASSERT_TRUE(all_sleep(database));
	const auto sees = [&](int times) {
		return database.wait_until("seen " + std::to_string(times) + " times",
								   "(SELECT count(*) = " + std::to_string(times) + " FROM seen)", kSoon);
	};
	pqxx::connection connection(database.conninfo(database.owner()));
	pqxx::nontransaction session(connection);

	database.run("SELECT bpt.hold()");
	database.run_as_owner("INSERT INTO note (id) VALUES (1)");
	session.exec("BEGIN");
	session.exec("CALL bpt.run()");
	database.run("SELECT bpt.release()");
	ASSERT_TRUE(all_sleep(database)) << "the event is the session's";
	session.exec("ROLLBACK");
	ASSERT_TRUE(sees(1)) << "the session has left it";

	ASSERT_TRUE(all_sleep(database));
	database.run("SELECT bpt.hold()");
	database.run_as_owner("UPDATE note SET n = 1");
	session.exec("BEGIN");
	session.exec("CALL bpt.run()");
	database.run("SELECT bpt.release()");
	database.run_as_owner("UPDATE note SET n = 2");
	ASSERT_TRUE(all_sleep(database)) << "the row's events before are the session's";
	session.exec("COMMIT");
	ASSERT_TRUE(sees(3)) << "the session has done one, and what came after it is free";
	EXPECT_EQ(database.number("SELECT count(*) FROM bpt.error_log"), 0) << database.state();
	database.expect_nothing_left();
}

TEST(Wakeup, prepared_transactions)
{
	Database database("prepared");
	if (database.number("SHOW max_prepared_transactions") == 0)
		GTEST_SKIP() << "max_prepared_transactions is 0";
	if (!is_private_server())
		GTEST_SKIP() << "changes bpt.poll_interval of the server, which is not private";
	const ServerSetting poll(database, "bpt.poll_interval", "100ms");
	database.run_as_owner(kTables);
	database.publish(kDefinition);
	{
		pqxx::connection connection(database.conninfo(database.owner()));
		pqxx::nontransaction session(connection);
		for (const char *name : {"bpt_kept", "bpt_dropped"})
		{
			session.exec("BEGIN");
			session.exec("INSERT INTO errand (id) VALUES (" + std::string(name == std::string("bpt_kept") ? "1" : "2") +
						 ")");
			session.exec("PREPARE TRANSACTION '" + std::string(name) + "'");
		}
		// What was inserted later and is done shows that the workers had their chance to see the two.
		session.exec("INSERT INTO errand (id) VALUES (3)");
		EXPECT_TRUE(
			database.wait_until("errand 3 begun", "(SELECT state = 'begun' FROM errand WHERE id = 3)", seconds(10)));
		EXPECT_EQ(database.number("SELECT count(*) FROM bpt.process"), 1);
		session.exec("COMMIT PREPARED 'bpt_kept'");
		session.exec("ROLLBACK PREPARED 'bpt_dropped'");
	}
	ASSERT_TRUE(
		database.wait_until("errand 1 begun", "(SELECT state = 'begun' FROM errand WHERE id = 1)", seconds(10)));
	// A call in a prepared transaction: what it made ready is seen after its commit.
	{
		pqxx::connection connection(database.conninfo(database.owner()));
		pqxx::nontransaction session(connection);
		ASSERT_TRUE(database.wait_until("two tasks", "(SELECT count(*) = 2 FROM bpt.taskbox)", seconds(10)));
		session.exec("BEGIN");
		session.exec("SELECT bpt.activity_close(activity_id) FROM bpt.taskbox");
		session.exec("PREPARE TRANSACTION 'bpt_call'");
		session.exec("COMMIT PREPARED 'bpt_call'");
	}
	ASSERT_TRUE(database.wait_until("both tasks done", "(SELECT count(*) = 2 FROM errand WHERE state = 'task done')",
									seconds(10)));
	EXPECT_EQ(database.number("SELECT count(*) FROM bpt.process"), 2);
	EXPECT_EQ(database.number("SELECT count(*) FROM bpt.error_log"), 0) << database.state();
}

} // namespace
