// NOTIFY bpt_taskbox: those who listen hear of changed tasks, once for many changes, and of nothing else.
#include "database.hpp"

#include <gtest/gtest.h>
#include <pqxx/pqxx>

namespace {

using namespace bpt_test;

/// Counts what a connection hears.
class Receiver : public pqxx::notification_receiver
{
public:
	explicit Receiver(pqxx::connection &connection) : notification_receiver(connection, "bpt_taskbox") {}
	void operator()(std::string const &payload, int) override
	{
		heard++;
		payloads += payload;
	}
	int heard = 0;
	std::string payloads;
};

TEST(Notify, hears_of_changed_tasks)
{
	if (!is_private_server())
		GTEST_SKIP() << "the server's settings are not ours to change";
	Database database("notify");
	database.run_as_owner("CREATE TABLE job (id bigint PRIMARY KEY)");
	database.publish("PROCESS errand LAUNCH ON INSERT INTO job AS job_id; START -> act; HUMAN act -> END;");
	pqxx::connection connection(database.conninfo());
	Receiver receiver(connection);

	// Off, as it is by default.
	database.run_as_owner("INSERT INTO job VALUES (1)");
	ASSERT_TRUE(database.wait_until("a task", "EXISTS (SELECT FROM bpt.activity WHERE status = 'ready')", seconds(30)));

	ServerSetting on(database, "bpt.taskbox_notify", "on");
	ASSERT_TRUE(database.wait_until("the workers to have read the setting",
									"(SELECT count(*) FROM bpt.worker WHERE kind = 'worker' AND state = 'idle') > 0",
									seconds(30)));
	// A new task, found by a worker.
	database.run_as_owner("INSERT INTO job VALUES (2)");
	while (receiver.heard == 0)
		ASSERT_GT(connection.await_notification(30, 0), 0) << "nothing was heard of a new task" << database.state();
	// A task taken by a call; several changes may come as one.
	const int before = receiver.heard;
	database.run("SELECT bpt.activity_open(id) FROM bpt.activity WHERE status = 'ready'");
	while (receiver.heard == before)
		ASSERT_GT(connection.await_notification(30, 0), 0) << "nothing was heard of a task that was opened";
	EXPECT_EQ(receiver.payloads, "");
	// Many changes are few notifications.
	const int many = receiver.heard;
	database.run_as_owner("INSERT INTO job SELECT generate_series(101, 400)");
	ASSERT_TRUE(database.wait_until("the tasks", "(SELECT count(*) FROM bpt.activity) >= 302", seconds(60)));
	while (receiver.heard == many)
		ASSERT_GT(connection.await_notification(30, 0), 0) << "nothing was heard of many tasks";
	EXPECT_LT(receiver.heard - many, 150);
}

} // namespace
