// Deferrable constraints of the user's tables, which are tested at the commit of the worker's transaction: what violates one
// is the incident of its own instance or event, whatever else the transaction did, and is done when the cause has gone.
#include "database.hpp"

#include <gtest/gtest.h>

namespace {

using namespace bpt_test;

constexpr int kJobs = 1000;
constexpr int kLonely = 100; // every so many violates the foreign key
constexpr int kDouble = 160; // and every so many the unique constraint, in pairs of which one stays

std::string str(long number)
{
	return std::to_string(number);
}

void make_tables(Database &database)
{
	database.run_as_owner(R"sql(
CREATE TABLE parent (id int PRIMARY KEY);
CREATE TABLE job (id int PRIMARY KEY, parent int NOT NULL, place int NOT NULL);
CREATE TABLE effect (job int, step text, delivered_in bigint NOT NULL DEFAULT txid_current());
CREATE TABLE child (job int, parent int NOT NULL REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE seat (job int, place int, UNIQUE (place) DEFERRABLE INITIALLY DEFERRED);
CREATE FUNCTION shop.sit(the_job int) RETURNS void LANGUAGE sql AS $$
  INSERT INTO shop.effect VALUES (the_job, 'sit');
  INSERT INTO shop.child SELECT id, parent FROM shop.job WHERE id = the_job;
  INSERT INTO shop.seat SELECT id, place FROM shop.job WHERE id = the_job;
$$;
INSERT INTO parent VALUES (1);
)sql");
}

// Of each pair of jobs that want one place the latter is two behind the former, so that they meet in one batch.
void insert_jobs(Database &database)
{
	database.run_as_owner("INSERT INTO job SELECT g, CASE WHEN g % " + str(kLonely) +
						  " = 1 THEN 2 ELSE 1 END, CASE WHEN g % " + str(kDouble) +
						  " = 4 THEN g - 2 ELSE g END FROM generate_series(1, " + str(kJobs) + ") g");
}

constexpr int kAllLonely = kJobs / kLonely;
constexpr int kAllDouble = (kJobs - 4) / kDouble + 1;

// What was done is there once, and nothing of what was not.
void expect_effects(Database &database, long done)
{
	EXPECT_EQ(database.number("SELECT count(*) FROM effect"), done);
	EXPECT_EQ(database.number("SELECT count(DISTINCT job) FROM effect"), done);
	EXPECT_EQ(database.number("SELECT count(DISTINCT job) FROM child"), done);
	EXPECT_EQ(database.number("SELECT count(*) FROM seat"), done);
}

std::string incidents(Database &database)
{
	return database.value(
		"SELECT string_agg(format('%s %s %s', phase, sqlstate, n), ', ' ORDER BY sqlstate) FROM (SELECT phase,"
		" sqlstate, count(*) AS n FROM bpt.error_log WHERE attempt = 1 GROUP BY 1, 2) l");
}

std::string expected_incidents()
{
	return "statement 23503 " + str(kAllLonely) + ", statement 23505 " + str(kAllDouble);
}

void cure(Database &database)
{
	database.run_as_owner("INSERT INTO parent VALUES (2); UPDATE job SET place = -id WHERE id % " + str(kDouble) +
						  " IN (2, 4) AND id NOT IN (SELECT job FROM seat)");
}

/// `each`: what follows the statements of the AUTOMATIC.
void violate_in_steps(const std::string &name, const std::string &each)
{
	Database database(name);
	make_tables(database);
	database.publish("PROCESS work LAUNCH ON INSERT INTO job AS job_id; START -> a;"
					 "AUTOMATIC a DO (SELECT shop.sit(job_id)) RETRY EVERY '1 hour' BACKOFF 1 " +
					 each + " -> b; AUTOMATIC b DO (UPDATE effect SET step = 'b' WHERE job = job_id) " + each +
					 " -> END;");
	insert_jobs(database);
	const std::string failed = str(kAllLonely + kAllDouble);
	ASSERT_TRUE(database.wait_until("every instance to end or fail",
									"(SELECT count(*) FROM bpt.process WHERE status = 'closed') = " + str(kJobs) +
										" - " + failed +
										" AND (SELECT count(*) FROM bpt.activity WHERE status = 'error') = " + failed,
									seconds(60)));
	expect_effects(database, kJobs - kAllLonely - kAllDouble);
	EXPECT_EQ(incidents(database), expected_incidents());
	EXPECT_EQ(database.number("SELECT count(*) FROM bpt.error_log WHERE attempt > 1"), 0);
	EXPECT_EQ(database.number(
				  "SELECT count(*) FROM bpt.activity a JOIN bpt.error_log l ON l.id = a.last_error_id AND l.process_id"
				  " = a.process_id AND l.activity_id = a.id WHERE a.status = 'error' AND a.name = 'a'"),
			  kAllLonely + kAllDouble);
	if (each.empty())
		EXPECT_LT(database.number("SELECT count(DISTINCT delivered_in) FROM effect"), kJobs - kAllLonely - kAllDouble)
			<< "there were no batches";
	else
		EXPECT_EQ(database.number("SELECT count(DISTINCT delivered_in) FROM effect"), kJobs - kAllLonely - kAllDouble);

	cure(database);
	database.run_as_owner("SELECT bpt.activity_retry(id) FROM bpt.activity WHERE status = 'error'");
	ASSERT_TRUE(database.wait_until(
		"the others done", "(SELECT count(*) FROM bpt.process WHERE status = 'closed') = " + str(kJobs), seconds(30)));
	expect_effects(database, kJobs);
	database.expect_nothing_left();
}

TEST(Deferred, violations_in_batches)
{
	violate_in_steps("deferred_batches", "");
}

TEST(Deferred, violations_committed_each)
{
	violate_in_steps("deferred_each", "COMMIT EACH");
}

TEST(Deferred, violations_of_light_events)
{
	Database database("deferred_light");
	make_tables(database);
	database.publish("PROCESS work LIGHT LAUNCH ON INSERT INTO job AS job_id; START -> a;"
					 "AUTOMATIC a DO (SELECT shop.sit(job_id)) RETRY EVERY '1 hour' BACKOFF 1 -> END;");
	insert_jobs(database);
	const long failed = kAllLonely + kAllDouble;
	ASSERT_TRUE(database.wait_until("every event to be done or fail",
									"(SELECT count(*) FROM effect) = " + str(kJobs) + " - " + str(failed) +
										" AND (SELECT count(*) FROM bpt.event_queue WHERE status = 'retrying') = " +
										str(failed) + " AND (SELECT count(*) FROM bpt.event_queue) = " + str(failed),
									seconds(60)));
	expect_effects(database, kJobs - failed);
	EXPECT_EQ(incidents(database), expected_incidents());
	cure(database);
	database.run_as_owner("SELECT bpt.event_retry(id) FROM bpt.event_queue");
	ASSERT_TRUE(database.wait_until("the others done", "(SELECT count(*) FROM effect) = " + str(kJobs), seconds(30)));
	expect_effects(database, kJobs);
	database.expect_nothing_left();
}

} // namespace
