// Workers are ended again and again in the middle of their work: each effect happens exactly once all the same.
#include "database.hpp"

#include <thread>

#include <gtest/gtest.h>

namespace {

using namespace bpt_test;

constexpr int kInstances = 10000;
constexpr int kKills = 12;

TEST(ExactlyOnce, over_ended_workers)
{
	Database database("exactly_once");
	// No constraint would hide a second effect.
	database.run_as_owner("CREATE TABLE job (id bigint PRIMARY KEY, state text);"
						  "CREATE TABLE effect (job bigint, step text, pid int DEFAULT pg_backend_pid())");
	database.publish(R"bpt(
PROCESS three_steps LAUNCH ON INSERT INTO job AS job_id;
START -> first;
AUTOMATIC first  DO (INSERT INTO effect (job, step) VALUES (job_id, 'first'))  -> second;
AUTOMATIC second DO (INSERT INTO effect (job, step) VALUES (job_id, 'second')) -> third;
AUTOMATIC third  DO (INSERT INTO effect (job, step) VALUES (job_id, 'third'))
  DO (UPDATE job SET state = 'done' WHERE id = job_id) -> END;
)bpt");
	ASSERT_TRUE(database.wait_until(
		"two workers", "(SELECT count(*) = 2 FROM bpt.worker WHERE kind = 'worker' AND pid IS NOT NULL)", seconds(20)));
	database.run_as_owner("INSERT INTO job SELECT generate_series(1, " + std::to_string(kInstances) + ")");

	// Each kill waits for its share of the progress, so that all fall into the work; every fourth hits the launcher.
	const std::string finished = "(SELECT count(*) FROM job WHERE state = 'done')";
	for (int kill = 1; kill <= kKills; kill++)
	{
		const long share = static_cast<long>(kInstances) * kill / (kKills + 2);
		ASSERT_TRUE(database.wait_until(std::to_string(share) + " instances done",
										finished + " >= " + std::to_string(share), seconds(60)));
		const std::string kind = kill % 4 == 0 ? "launcher" : "worker";
		ASSERT_TRUE(
			database.wait_until("a " + kind + " to end",
								"(SELECT pg_terminate_backend(pid) FROM (SELECT pid FROM bpt.worker WHERE kind = '" +
									kind + "' AND pid IS NOT NULL ORDER BY random() LIMIT 1) victim)",
								seconds(20)));
	}
	ASSERT_TRUE(database.wait_until("all instances done",
									finished + " = " + std::to_string(kInstances) +
										" AND NOT EXISTS (SELECT FROM bpt.process WHERE status <> 'closed')",
									seconds(90)));

	EXPECT_EQ(database.number("SELECT count(*) FROM effect"), kInstances * 3);
	EXPECT_EQ(database.number("SELECT count(DISTINCT (job, step)) FROM effect"), kInstances * 3)
		<< database.table("SELECT job, step, count(*) FROM effect GROUP BY 1, 2 HAVING count(*) > 1 LIMIT 5");
	EXPECT_EQ(database.number("SELECT count(*) FROM bpt.process WHERE status = 'closed'"), kInstances);
	EXPECT_EQ(database.number("SELECT count(*) FROM bpt.activity WHERE status = 'closed'"), kInstances * 3);
	// What was hit is on record as a crash, at most one item a kill; nothing else failed.
	EXPECT_LE(database.number("SELECT count(*) FROM bpt.error_log"), kKills);
	EXPECT_EQ(database.number("SELECT count(*) FROM bpt.error_log WHERE phase <> 'crash'"), 0) << database.state();
	EXPECT_GT(database.number("SELECT count(DISTINCT pid) FROM effect"), 2) << "no worker was ended in the middle";
	database.expect_nothing_left();
}

// A batch that fails in its middle is undone as a whole: what it had taken is there to be taken again.
TEST(ExactlyOnce, over_failed_batches)
{
	constexpr int jobs = 2000;
	constexpr int fails_at = 20; // every so many
	Database database("failed_batches");
	database.run_as_owner("CREATE TABLE job (id bigint PRIMARY KEY);"
						  "CREATE TABLE effect (job bigint, step text)");
	database.publish(R"bpt(
PROCESS two_steps LAUNCH ON INSERT INTO job AS job_id;
START -> first;
AUTOMATIC first  DO (INSERT INTO effect VALUES (job_id, 'first')) -> second;
AUTOMATIC second DO (INSERT INTO effect VALUES (job_id / (job_id % 20), 'second')) -> END;
)bpt");
	database.run_as_owner("INSERT INTO job SELECT generate_series(1, " + std::to_string(jobs) + ")");
	const std::string failed = std::to_string(jobs / fails_at);
	ASSERT_TRUE(database.wait_until(
		"every instance to end or fail",
		"(SELECT count(*) FROM bpt.process WHERE status = 'closed') = " + std::to_string(jobs - jobs / fails_at) +
			" AND (SELECT count(*) FROM bpt.activity WHERE status = 'error') = " + failed,
		seconds(60)));
	EXPECT_EQ(database.number("SELECT count(*) FROM effect WHERE step = 'first'"), jobs);
	EXPECT_EQ(database.number("SELECT count(DISTINCT job) FROM effect WHERE step = 'first'"), jobs);
}

// An event with several targets is put aside for each of them. These deliveries share transactions; only those that fail are
// tried again alone, and count.
TEST(ExactlyOnce, over_failed_batches_of_deliveries)
{
	constexpr int jobs = 2000;
	constexpr int fails_at = 100; // every so many
	Database database("failed_deliveries");
	database.run_as_owner("CREATE TABLE job (id bigint PRIMARY KEY);"
						  "CREATE TABLE effect (job bigint, part bigint, delivered_in bigint)");
	database.publish(R"bpt(
PROCESS whole (job_id bigint, delivered_in bigint)
  LAUNCH ON INSERT INTO job WITH (job_id => id, delivered_in => txid_current());
START -> only;
AUTOMATIC only DO (INSERT INTO effect VALUES (job_id, 0, delivered_in)) -> END;

PROCESS parts (job_id bigint, part bigint, delivered_in bigint)
  LAUNCH ON INSERT INTO job WITH (job_id => id, part => 100 / (id % 100), delivered_in => txid_current());
START -> only;
AUTOMATIC only DO (INSERT INTO effect VALUES (job_id, part, delivered_in)) -> END;
)bpt");
	database.run_as_owner("INSERT INTO job SELECT generate_series(1, " + std::to_string(jobs) + ")");
	const std::string failed = std::to_string(jobs / fails_at);
	ASSERT_TRUE(database.wait_until(
		"the rest done, and what fails on record",
		"(SELECT count(*) = 2 * " + std::to_string(jobs) + " - " + failed +
			" FROM bpt.process WHERE status = 'closed') AND (SELECT count(DISTINCT event_id) = " + failed +
			" FROM bpt.error_log)",
		seconds(90)));
	EXPECT_EQ(database.number("SELECT count(*) FROM effect WHERE part = 0 OR job % 100 <> 0"),
			  2 * jobs - jobs / fails_at);
	EXPECT_EQ(database.number("SELECT count(*) FROM effect"), 2 * jobs - jobs / fails_at);
	EXPECT_EQ(database.number("SELECT count(DISTINCT (job, part = 0)) FROM effect"), 2 * jobs - jobs / fails_at);
	EXPECT_EQ(database.number("SELECT count(*) FROM bpt.error_log WHERE sqlstate <> '22012'"), 0) << database.state();
	EXPECT_LT(database.number("SELECT count(DISTINCT delivered_in) FROM effect"), jobs);
}

} // namespace
