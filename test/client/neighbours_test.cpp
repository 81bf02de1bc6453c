// Instances that fail, hang or end their worker hold up no other; what happened to each attempt is on record.
#include "database.hpp"

#include <gtest/gtest.h>

namespace {

using namespace bpt_test;

constexpr int kGood = 500;

TEST(Neighbours, poisonous_ones_delay_no_other)
{
	Database database("neighbours");
	database.run_as_owner(
		"CREATE TABLE job (id bigint PRIMARY KEY, kind text NOT NULL); CREATE TABLE effect (job bigint)");
	// Only a superuser may end a superuser's backend, hence SECURITY DEFINER.
	database.run(R"sql(
CREATE FUNCTION public.end_this_backend() RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  PERFORM pg_terminate_backend(pg_backend_pid());
  PERFORM pg_sleep(60);
END $$;
)sql");
	database.run_as_owner(R"sql(
CREATE FUNCTION shop.act(the_job bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  kind text := (SELECT job.kind FROM job WHERE id = the_job);
BEGIN
  INSERT INTO effect VALUES (the_job);
  IF kind = 'fails' THEN
    RAISE 'job % cannot be done', the_job USING ERRCODE = '22012', DETAIL = 'It never can.', HINT = 'Give up.';
  ELSIF kind = 'hangs' THEN
    PERFORM pg_sleep(60);
  ELSIF kind = 'ends' THEN
    PERFORM public.end_this_backend();
  END IF;
END $$;
)sql");
	database.publish(R"bpt(
PROCESS work LAUNCH ON INSERT INTO job AS job_id;
START -> act;
AUTOMATIC act DO (SELECT shop.act(job_id)) TIME LIMIT '100 ms' RETRY EVERY '200 ms' BACKOFF 2 -> END;
)bpt");
	// The poison comes first, so that everything else stands behind it.
	database.run_as_owner("INSERT INTO job VALUES (1, 'fails'), (2, 'hangs'), (3, 'ends')");
	database.run_as_owner("INSERT INTO job SELECT g, 'good' FROM generate_series(4, " + std::to_string(3 + kGood) +
						  ") g");

	ASSERT_TRUE(database.wait_until(
		"the good ones done",
		"(SELECT count(*) = " + std::to_string(kGood) +
			" FROM bpt.process p JOIN job ON job.id::text = p.entity_key WHERE kind = 'good' AND status"
			" = 'closed')",
		seconds(20)));
	ASSERT_TRUE(database.wait_until(
		"three attempts of each bad one",
		"(SELECT count(*) = 3 FROM bpt.activity WHERE status = 'error' AND error_count >= 3)", seconds(30)));

	// One incident an attempt, each as what it was, and delays that double.
	const std::string incidents =
		"(SELECT j.kind, e.* FROM bpt.error_log e JOIN bpt.process p ON p.id = e.process_id JOIN job j ON j.id::text ="
		" p.entity_key)";
	const std::string all =
		database.table("SELECT kind, attempt, phase, sqlstate, message, instant, next_run - instant AS delay"
					   " FROM " +
					   incidents + " i ORDER BY kind, attempt");
	EXPECT_EQ(database.value("SELECT string_agg(DISTINCT format('%s %s %s', kind, phase, sqlstate), ', ') FROM " +
							 incidents + " i"),
			  "ends crash 57P02, fails statement 22012, hangs statement 57014")
		<< all;
	EXPECT_EQ(database.number(
				  "SELECT count(*) FROM (SELECT kind, attempt, row_number() OVER (PARTITION BY kind ORDER BY id) AS"
				  " n FROM " +
				  incidents + " i) numbered WHERE attempt <> n"),
			  0)
		<< all;
	EXPECT_EQ(database.number("SELECT count(*) FROM " + incidents +
							  " i WHERE next_run - instant <> interval '200 ms' * 2 ^ (attempt - 1)"),
			  0)
		<< all;
	EXPECT_EQ(
		database.number("SELECT count(*) FROM bpt.activity a WHERE status = 'error' AND (error_count, last_error_id,"
						" next_run) IS DISTINCT FROM (SELECT (e.attempt, e.id, e.next_run) FROM bpt.error_log e WHERE"
						" e.activity_id = a.id ORDER BY e.id DESC LIMIT 1)"),
		0)
		<< all << database.state();
	EXPECT_EQ(database.value("SELECT format('%s|%s|%s', message, detail, hint) FROM " + incidents +
							 " i WHERE kind = 'fails' AND attempt = 1"),
			  "job 1 cannot be done|It never can.|Give up.");
	EXPECT_EQ(database.number("SELECT count(*) FROM effect WHERE job <= 3"), 0)
		<< "failed attempts leave nothing behind";
	EXPECT_EQ(database.number("SELECT count(*) FROM effect"), kGood);

	// Cured, they complete at their next attempt, or at once when asked to.
	database.run_as_owner("UPDATE job SET kind = 'cured' WHERE id <= 3");
	database.run_as_owner("SELECT bpt.activity_retry(id) FROM bpt.activity WHERE status = 'error'");
	ASSERT_TRUE(database.wait_until("the bad ones done",
									"NOT EXISTS (SELECT FROM bpt.process WHERE status <> 'closed')", seconds(20)));
	EXPECT_EQ(database.number("SELECT count(DISTINCT job) FROM effect"), kGood + 3);
	EXPECT_EQ(database.number("SELECT count(*) FROM effect"), kGood + 3);
	database.expect_nothing_left();
}

TEST(Neighbours, attempts_end_in_failed)
{
	Database database("attempts");
	database.run_as_owner("CREATE TABLE job (id bigint PRIMARY KEY, is_bad boolean NOT NULL)");
	database.publish(R"bpt(
PROCESS work LAUNCH ON INSERT INTO job AS job_id;
START -> act;
AUTOMATIC act DO (SELECT 1 / CASE WHEN is_bad THEN 0 ELSE 1 END AS quotient FROM job WHERE id = job_id)
  RETRY 2 TIMES EVERY '50 ms' -> END;
)bpt");
	database.run_as_owner("INSERT INTO job VALUES (1, true), (2, false)");
	ASSERT_TRUE(database.wait_until("the attempts used up",
									"(SELECT count(*) = 1 FROM bpt.activity WHERE status = 'failed')", seconds(20)));
	EXPECT_EQ(database.value(
				  "SELECT format('%s %s %s', error_count, next_run IS NULL, (SELECT count(*) FROM bpt.error_log)) FROM"
				  " bpt.activity WHERE status = 'failed'"),
			  "3 t 3")
		<< database.state();
	EXPECT_EQ(database.value("SELECT next_run IS NULL FROM bpt.error_log ORDER BY id DESC LIMIT 1"), "t");
	database.run_as_owner("UPDATE job SET is_bad = false");
	database.run_as_owner("SELECT bpt.activity_retry(id) FROM bpt.activity WHERE status = 'failed'");
	ASSERT_TRUE(database.wait_until("both closed", "(SELECT count(*) = 2 FROM bpt.process WHERE status = 'closed')",
									seconds(20)));
	database.expect_nothing_left();
}

} // namespace
