// Light processes under several writers and workers: each event has its effect exactly once, over failures and ended workers.
#include "database.hpp"

#include <gtest/gtest.h>

namespace {

using namespace bpt_test;

constexpr int kSessions = 3;
constexpr int kStatements = 20; // a session
constexpr int kRows = 100;      // a statement
constexpr long kJobs = static_cast<long>(kSessions) * kStatements * kRows;
constexpr long kEveryBad = 97; // of so many jobs one fails
constexpr long kBad = kJobs / kEveryBad;
constexpr int kKills = 4;

/// A table of jobs, what they leave behind, and a function that fails at some of them until `cured` is not empty.
void make_jobs(Database &database)
{
	database.run_as_owner(
		"CREATE TABLE job (id bigint PRIMARY KEY, bad boolean NOT NULL, state text);"
		"CREATE TABLE cured ();"
		// No constraint would hide a second effect.
		"CREATE TABLE effect (job bigint, event bigint, pid int DEFAULT pg_backend_pid());"
		"CREATE FUNCTION do_job(job_id bigint, is_bad boolean) RETURNS void LANGUAGE plpgsql AS $$ BEGIN"
		" INSERT INTO effect (job, event) VALUES (job_id, bpt.event_id());"
		" IF is_bad AND NOT EXISTS (SELECT FROM cured) THEN RAISE 'job % is bad', job_id; END IF;"
		" UPDATE job SET state = 'done' WHERE id = job_id; END $$");
}

/// The definition, with this rule for retries.
std::string jobs_with(const std::string &retry)
{
	return "PROCESS jobs (is_bad boolean) LIGHT LAUNCH ON INSERT INTO job AS job_id WITH (is_bad => bad);"
		   "START -> work; AUTOMATIC work DO (SELECT do_job(job_id, is_bad)) " +
		   retry + " -> END;";
}

/// Inserts all jobs from several sessions at once.
void insert_jobs(const Database &database)
{
	in_parallel(kSessions, [&](int session) {
		pqxx::connection connection(database.conninfo(database.owner()));
		for (int statement = 0; statement < kStatements; statement++)
		{
			const long first = (static_cast<long>(session) * kStatements + statement) * kRows;
			pqxx::work work(connection);
			work.exec("INSERT INTO shop.job SELECT g, g % " + std::to_string(kEveryBad) + " = 0 FROM generate_series(" +
					  std::to_string(first + 1) + ", " + std::to_string(first + kRows) + ") g");
			work.commit();
		}
	});
}

/// Fails unless each of so many jobs has had its effect once, each by an event of its own.
void expect_once(Database &database, long jobs)
{
	EXPECT_EQ(database.number("SELECT count(*) FROM effect"), jobs);
	EXPECT_EQ(database.number("SELECT count(DISTINCT job) FROM effect"), jobs)
		<< database.table("SELECT job, count(*) FROM effect GROUP BY 1 HAVING count(*) > 1 LIMIT 5");
	EXPECT_EQ(database.number("SELECT count(DISTINCT event) FROM effect"), jobs);
	EXPECT_EQ(database.number("SELECT count(*) FROM job WHERE state = 'done'"), jobs);
	EXPECT_EQ(database.number("SELECT count(*) FROM bpt.process"), 0);
}

const std::string kOnlyFailures =
	"(SELECT count(*) = " + std::to_string(kBad) + " AND bool_and(status <> 'waiting') FROM bpt.event_queue)";

TEST(Light, exactly_once_over_failures_and_ended_workers)
{
	Database database("light");
	make_jobs(database);
	database.publish(jobs_with("RETRY EVERY '1 second' BACKOFF 1"));
	ASSERT_TRUE(database.wait_until(
		"two workers", "(SELECT count(*) = 2 FROM bpt.worker WHERE kind = 'worker' AND pid IS NOT NULL)", seconds(20)));
	insert_jobs(database);
	for (int kill = 1; kill <= kKills; kill++)
	{
		ASSERT_TRUE(database.wait_until(
			"some effects", "(SELECT count(*) > " + std::to_string(kJobs * kill / (kKills + 3)) + " FROM effect)",
			seconds(60)));
		ASSERT_TRUE(
			database.wait_until("a worker to end",
								"(SELECT pg_terminate_backend(pid) FROM (SELECT pid FROM bpt.worker WHERE kind ="
								" 'worker' AND pid IS NOT NULL ORDER BY random() LIMIT 1) victim)",
								seconds(20)));
	}
	ASSERT_TRUE(database.wait_until("only failures to be left", kOnlyFailures, seconds(90)));
	expect_once(database, kJobs - kBad);
	EXPECT_EQ(database.number("SELECT count(*) FROM bpt.event_queue WHERE last_error_id IS NOT NULL"), kBad);
	EXPECT_EQ(database.number("SELECT count(*) FROM bpt.error_log WHERE phase NOT IN ('statement', 'crash')"), 0)
		<< database.state();

	database.run_as_owner("INSERT INTO cured DEFAULT VALUES");
	ASSERT_TRUE(
		database.wait_until("the failed ones to be done", "NOT EXISTS (SELECT FROM bpt.event_queue)", seconds(60)));
	expect_once(database, kJobs);
	database.expect_nothing_left();
}

TEST(Light, parked_and_decided_about)
{
	Database database("parked");
	make_jobs(database);
	database.publish(jobs_with("RETRY 1 TIMES EVERY '10 milliseconds'"));
	insert_jobs(database);
	ASSERT_TRUE(database.wait_until("the bad ones to be parked",
									"(SELECT count(*) = " + std::to_string(kBad) +
										" FROM bpt.event_queue WHERE status = 'failed') AND (SELECT count(*) = " +
										std::to_string(kBad) + " FROM bpt.event_queue)",
									seconds(90)));
	expect_once(database, kJobs - kBad);
	EXPECT_EQ(database.number("SELECT count(*) FROM bpt.error_log"), 2 * kBad);

	// One is given up; several sessions retry the others at once, and each may find that another was faster.
	database.run_as_owner("SELECT bpt.event_discard(min(id)) FROM bpt.event_queue");
	database.run_as_owner("INSERT INTO cured DEFAULT VALUES");
	in_parallel(kSessions, [&](int) {
		pqxx::connection connection(database.conninfo(database.owner()));
		pqxx::result events;
		{
			pqxx::nontransaction asking(connection);
			events = asking.exec("SELECT id FROM bpt.event_queue ORDER BY id");
		}
		for (const pqxx::row &event : events)
			try
			{
				pqxx::nontransaction call(connection);
				call.exec("SELECT bpt.event_retry(" + event[0].as<std::string>() + ")");
			}
			catch (const pqxx::sql_error &error)
			{
				const std::string state = sqlstate_of(error);
				EXPECT_TRUE(state == "WF002" || state == "WF004") << error.what();
			}
	});
	ASSERT_TRUE(
		database.wait_until("the retried ones to be done", "NOT EXISTS (SELECT FROM bpt.event_queue)", seconds(60)));
	expect_once(database, kJobs - 1);
	database.expect_nothing_left();
}

} // namespace
