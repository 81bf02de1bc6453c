// Conditional starts of many instances, started by events of many commits and by calls at the same time: each start is made
// exactly once, those of one session in its order, and the process closes when the last flow has ended.
#include "database.hpp"

#include <thread>

#include <gtest/gtest.h>

namespace {

using namespace bpt_test;

constexpr int kParcels = 20;
constexpr int kSessions = 4;
constexpr int kComplaints = 150; // of each session

/// Publishes the process, launches its instances, and waits until all listen.
void launch_all(Database &database)
{
	database.run_as_owner(
		"CREATE TABLE parcel (id bigint PRIMARY KEY);"
		"CREATE TABLE complaint (session int, n int, parcel bigint, PRIMARY KEY (session, n));"
		"CREATE TABLE answer (seq bigint GENERATED ALWAYS AS IDENTITY, session int, n int, parcel bigint)");
	// What is a ninth is refused: no flow, and the event is over.
	database.publish(R"bpt(
PROCESS delivery LAUNCH ON INSERT INTO parcel AS parcel_id CLOSE AFTER ALL FLOWS DETAIL ('parcel ' || parcel_id);
START -> deliver;
HUMAN deliver -> END;
CONDITIONAL START complain INPUT (session int, n int)
  START ON INSERT INTO complaint WHERE (parcel = parcel_id) WITH (session => session, n => n)
  ON START CHECK (n % 10 <> 9) DO (INSERT INTO answer (session, n, parcel) VALUES (complain.session, complain.n, parcel_id))
  -> note;
AUTOMATIC note DO (SELECT complain.n AS n, complain.started_by AS by) -> END;
)bpt");
	database.run_as_owner("INSERT INTO parcel SELECT generate_series(1, " + std::to_string(kParcels) + ")");
	ASSERT_TRUE(database.wait_until("all listening",
									"(SELECT count(*) = " + std::to_string(kParcels) +
										" FROM bpt.activity WHERE status = 'listening')",
									seconds(20)));
}

/// One session's complaints: most are rows, every seventh is a call, every eleventh a row that is rolled back first.
void complain(const Database &database, int session)
{
	pqxx::connection connection(database.conninfo(database.owner()));
	connection.prepare("insert", "INSERT INTO complaint VALUES ($1, $2, $3)");
	connection.prepare("start", "SELECT start_delivery_complain(id, $1::int, $2::int) FROM bpt.process"
								" WHERE label = 'parcel ' || $3::int");
	for (int n = 1; n <= kComplaints; n++)
	{
		const int parcel = (n * (session + 1) + n / 7) % kParcels + 1;
		if (n % 11 == 0)
		{
			pqxx::work lost(connection);
			lost.exec_prepared("insert", session, n, parcel);
			lost.abort();
		}
		pqxx::work work(connection);
		work.exec_prepared(n % 7 == 0 && n % 10 != 9 ? "start" : "insert", session, n, parcel);
		work.commit();
	}
}

/// Ends the main flows, and expects one flow for each complaint that was not refused.
void expect_all_answered(Database &database)
{
	// All that was recorded is delivered first: a process that closes hears no more.
	ASSERT_TRUE(database.wait_until("all delivered", "NOT EXISTS (SELECT FROM bpt.event_queue)", seconds(90)));
	database.run_as_owner("SELECT bpt.activity_close(id) FROM bpt.activity WHERE name = 'deliver'");
	ASSERT_TRUE(database.wait_until("all closed", "NOT EXISTS (SELECT FROM bpt.process WHERE status <> 'closed')",
									seconds(90)));
	const int wanted = kSessions * (kComplaints - kComplaints / 10);
	EXPECT_EQ(database.number("SELECT count(*) FROM answer"), wanted);
	EXPECT_EQ(database.number("SELECT count(DISTINCT (session, n)) FROM answer"), wanted);
	EXPECT_EQ(database.number("SELECT count(*) FROM bpt.activity WHERE started_instant IS NOT NULL"), wanted);
	EXPECT_EQ(database.number("SELECT count(*) FROM bpt.activity WHERE name = 'note' AND status = 'closed'"), wanted);
	EXPECT_EQ(database.number("SELECT sum(refusals) FROM bpt.activity WHERE name = 'complain'"),
			  kSessions * kComplaints / 10);
	EXPECT_EQ(database.number("SELECT count(*) FROM bpt.activity WHERE name = 'complain' AND status <> 'closed'"), 0);
	database.expect_nothing_left();
}

TEST(ConditionalStart, each_event_and_call_starts_one_flow_in_order)
{
	Database database("conditional_start");
	launch_all(database);
	in_parallel(kSessions, [&](int session) { complain(database, session); });
	expect_all_answered(database);
	// A call does not wait for events that were recorded before it; events keep their order among themselves.
	EXPECT_EQ(
		database.number("SELECT count(*) FROM (SELECT n, lag(n) OVER (PARTITION BY session, parcel ORDER BY seq) AS"
						" earlier FROM answer WHERE n % 7 <> 0) o WHERE earlier > n"),
		0)
		<< database.table("SELECT * FROM answer WHERE n % 7 <> 0 ORDER BY session, parcel, seq LIMIT 100");
	EXPECT_EQ(database.number("SELECT count(*) FROM bpt.error_log"), 0) << database.state();
}

TEST(ConditionalStart, each_once_also_while_workers_are_ended)
{
	Database database("conditional_kill");
	launch_all(database);
	in_parallel(kSessions + 1, [&](int session) {
		if (session < kSessions)
			complain(database, session);
		else
			for (int i = 0; i < 8; i++)
			{
				database.run("SELECT pg_terminate_backend(pid) FROM bpt.worker WHERE kind = 'worker' AND datname ="
							 " current_database()");
				std::this_thread::sleep_for(milliseconds(50));
			}
	});
	expect_all_answered(database);
}

} // namespace
