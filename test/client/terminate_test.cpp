// Instances are terminated while workers do a long backlog of them: nothing of a terminated one happens afterwards, and
// everything of the others happens exactly once.
#include "database.hpp"

#include <gtest/gtest.h>

namespace {

using namespace bpt_test;

constexpr int kInstances = 3000;
constexpr int kPeople = 4;

// A person terminates some instances in a transaction, some of which are rolled back, until none is left to be done: the first
// two of them those that the workers are about to do, the others any of the backlog. Always in one order, or two people would
// wait for each other.
void terminate_some(Database &database, int person)
{
	pqxx::connection connection(database.conninfo(database.owner()));
	const std::string which = person < 2 ? std::string("id") : "random()";
	for (int round = 0; round < kInstances; round++)
	{
		pqxx::work work(connection);
		const pqxx::result stopped = work.exec(
			"SELECT shop.stop(id) FROM (SELECT id FROM shop.job WHERE NOT is_done AND id NOT IN (SELECT job FROM"
			" shop.stopped) ORDER BY " +
			which + " LIMIT 3) j ORDER BY id");
		if (stopped.empty())
			return;
		if (round % 3 == 0)
			work.abort();
		else
			work.commit();
	}
}

// `each`: what follows the statements of each AUTOMATIC.
void terminate_backlog(const std::string &name, const std::string &each)
{
	Database database(name);
	database.run_as_owner(R"sql(
CREATE TABLE job (id bigint PRIMARY KEY, process bigint, is_done boolean NOT NULL DEFAULT false) WITH (fillfactor = 50);
CREATE TABLE effect (job bigint, step text);
CREATE INDEX ON effect (job);
CREATE TABLE stopped (job bigint PRIMARY KEY, effects bigint);
-- What an instance has done when it is terminated: whoever terminates it has it locked, so there is nothing to come.
CREATE FUNCTION shop.stop(the_job bigint) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM bpt.process_terminate((SELECT process FROM shop.job WHERE id = the_job));
  INSERT INTO shop.stopped SELECT the_job, count(*) FROM shop.effect WHERE job = the_job;
  RETURN true;
EXCEPTION WHEN SQLSTATE 'WF002' THEN
  RETURN false; -- it has ended
END $$;
)sql");
	database.publish("PROCESS three_steps (job bigint);\nSTART -> first;\n"
					 "AUTOMATIC first  DO (INSERT INTO effect VALUES (job, 'first'))  " +
					 each +
					 " -> second;\n"
					 "AUTOMATIC second DO (INSERT INTO effect VALUES (job, 'second')) " +
					 each +
					 " -> third;\n"
					 "AUTOMATIC third  DO (INSERT INTO effect VALUES (job, 'third'))"
					 "  DO (UPDATE job SET is_done = true WHERE id = process.job) " +
					 each + " -> END;");
	ASSERT_TRUE(database.wait_until(
		"two workers", "(SELECT count(*) = 2 FROM bpt.worker WHERE kind = 'worker' AND pid IS NOT NULL)", seconds(20)));
	database.run_as_owner("INSERT INTO job SELECT g, shop.launch_three_steps(g) FROM generate_series(1, " +
						  std::to_string(kInstances) + ") g");

	in_parallel(kPeople, [&](int person) { terminate_some(database, person); });
	ASSERT_TRUE(database.wait_until("every instance ended",
									"NOT EXISTS (SELECT FROM bpt.process WHERE status NOT IN ('closed', 'terminated'))",
									seconds(90)));

	const std::string counted =
		"(SELECT j.id, p.status, s.effects AS when_stopped, (SELECT count(*) FROM effect e WHERE e.job = j.id) AS "
		"effects,"
		" (SELECT count(DISTINCT step) FROM effect e WHERE e.job = j.id) AS steps"
		" FROM job j JOIN bpt.process p ON p.id = j.process LEFT JOIN stopped s ON s.job = j.id) c";
	const std::string told = database.table("SELECT status, when_stopped, effects, count(*) FROM " + counted +
											" GROUP BY 1, 2, 3 ORDER BY 1, 2, 3");
	const auto broken = [&](const std::string &condition) {
		return database.number("SELECT count(*) FROM " + counted + " WHERE " + condition);
	};
	EXPECT_EQ(broken("(status = 'terminated') <> (when_stopped IS NOT NULL)"), 0) << told;
	EXPECT_EQ(broken("effects <> when_stopped"), 0) << "terminated ones went on\n" << told;
	EXPECT_EQ(broken("status = 'closed' AND effects <> 3"), 0) << told;
	EXPECT_EQ(broken("steps <> effects"), 0) << told;
	EXPECT_GT(broken("status = 'closed'"), kInstances / 20) << "nobody was at work\n" << told;
	EXPECT_GT(broken("status = 'terminated'"), kInstances / 20) << "nobody was terminated\n" << told;
	EXPECT_EQ(database.number("SELECT count(*) FROM bpt.activity WHERE status NOT IN ('closed', 'terminated')"), 0);
	EXPECT_EQ(database.number("SELECT count(*) FROM bpt.error_log"), 0) << database.state();
	database.expect_nothing_left();
}

TEST(Terminate, while_workers_commit_each)
{
	terminate_backlog("terminate_each", "COMMIT EACH");
}

TEST(Terminate, while_workers_do_batches)
{
	terminate_backlog("terminate_batches", "");
}

} // namespace
