// Trees of processes under workers that are ended, and under people who close, skip and terminate in them at the same time:
// each step is taken once, nothing hangs, and nobody runs into a deadlock.
#include "database.hpp"

#include <algorithm>
#include <map>
#include <random>

#include <gtest/gtest.h>

namespace {

using namespace bpt_test;

constexpr int kInstances = 1500;
constexpr int kKills = 8;

TEST(Execute, exactly_once_over_ended_workers)
{
	Database database("execute_kills");
	database.run_as_owner("CREATE TABLE job (id bigint PRIMARY KEY); CREATE TABLE effect (job bigint, step text)");
	// Two children of one parent are at work at the same time, each with a child of its own.
	database.publish(R"bpt(
PROCESS parent LAUNCH ON INSERT INTO job AS job_id;
START -> west, east;
EXECUTE west PROCESS child (job_id => job_id, side => 'west') -> after_west;
EXECUTE east PROCESS child (job_id => job_id, side => 'east') -> after_east;
AUTOMATIC after_west DO (INSERT INTO effect VALUES (job_id, west.done)) -> END;
AUTOMATIC after_east DO (INSERT INTO effect VALUES (job_id, east.done)) -> END;
PROCESS child (job_id bigint, side text) RETURNS (done text);
START -> work;
AUTOMATIC work DO (INSERT INTO effect VALUES (job_id, side)) -> deep;
EXECUTE deep PROCESS leaf (job_id => job_id, side => side) SET (done = deep.done) -> END;
PROCESS leaf (job_id bigint, side text) RETURNS (done text);
START -> work;
AUTOMATIC work DO (INSERT INTO effect VALUES (job_id, 'leaf of ' || side) RETURNING 'done ' || side AS text)
  SET (done = work.text) -> END;
)bpt");
	ASSERT_TRUE(database.wait_until(
		"two workers", "(SELECT count(*) = 2 FROM bpt.worker WHERE kind = 'worker' AND pid IS NOT NULL)", seconds(20)));
	database.run_as_owner("INSERT INTO job SELECT generate_series(1, " + std::to_string(kInstances) + ")");
	for (int kill = 1; kill <= kKills; kill++)
	{
		const long share = static_cast<long>(kInstances) * kill / (kKills + 2);
		ASSERT_TRUE(database.wait_until(std::to_string(share) + " parents done",
										"(SELECT count(*) >= " + std::to_string(share) +
											" FROM bpt.process WHERE name = 'parent' AND status = 'closed')",
										seconds(60)));
		ASSERT_TRUE(
			database.wait_until("a worker to end",
								"(SELECT pg_terminate_backend(pid) FROM (SELECT pid FROM bpt.worker WHERE kind = "
								"'worker' AND pid IS NOT NULL ORDER BY random() LIMIT 1) ended)",
								seconds(20)));
	}
	ASSERT_TRUE(database.wait_until("all instances done",
									"(SELECT count(*) = " + std::to_string(5 * kInstances) +
										" FROM bpt.process WHERE status = 'closed')",
									seconds(90)));
	EXPECT_EQ(database.number("SELECT count(*) FROM effect"), kInstances * 6);
	EXPECT_EQ(database.number("SELECT count(DISTINCT (job, step)) FROM effect"), kInstances * 6)
		<< database.table("SELECT job, step, count(*) FROM effect GROUP BY 1, 2 HAVING count(*) > 1 LIMIT 5");
	EXPECT_EQ(database.number("SELECT count(*) FROM bpt.process"), kInstances * 5);
	EXPECT_EQ(database.number("SELECT count(*) FROM bpt.activity WHERE status <> 'closed'"), 0);
	EXPECT_EQ(database.number("SELECT count(*) FROM bpt.error_log WHERE phase <> 'crash'"), 0) << database.state();
	database.expect_nothing_left();
}

constexpr int kTrees = 120;
constexpr int kPeople = 6;

/// What one person does: closes tasks of children, and now and then ends a whole tree, or skips what runs a child.
std::map<std::string, int> act(const Database &database, std::vector<long> tops, unsigned seed)
{
	std::map<std::string, int> refused;
	pqxx::connection connection(database.conninfo());
	std::mt19937 random(seed);
	std::shuffle(tops.begin(), tops.end(), random);
	const auto attempt = [&](const char *call, long top) {
		try
		{
			pqxx::work work(connection);
			work.exec_params(call, top);
			work.commit();
		}
		catch (const pqxx::failure &error)
		{
			refused[sqlstate_of(error)]++;
		}
	};
	for (const long top : tops)
		switch (random() % 8)
		{
		case 0:
			attempt("SELECT bpt.process_terminate($1)", top);
			break;
		case 1:
			attempt("SELECT bpt.activity_skip(id) FROM bpt.activity WHERE process_id = $1 AND kind = 'execute' "
					"AND status = 'running' ORDER BY random() LIMIT 1",
					top);
			break;
		case 2:
			attempt("SELECT bpt.process_terminate(id) FROM bpt.process WHERE top_process_id = $1 AND id <> $1 "
					"AND status = 'active' ORDER BY random() LIMIT 1",
					top);
			break;
		default:
			attempt("SELECT bpt.activity_close(a.id) FROM bpt.activity a JOIN bpt.process p ON p.id = a.process_id "
					"WHERE p.top_process_id = $1 AND a.kind = 'human' AND a.status = 'ready' ORDER BY random() LIMIT 1",
					top);
		}
	return refused;
}

TEST(Execute, people_in_one_tree)
{
	Database database("execute_people");
	database.publish(R"bpt(
PROCESS top RETURNS (ended int DEFAULT 0) DETAIL ('top');
START -> a, b, c;
EXECUTE a PROCESS middle SET (ended = ended + 1) -> END;
EXECUTE b PROCESS middle SET (ended = ended + 1) -> END;
EXECUTE c PROCESS leaf SET (ended = ended + 1) -> END;
PROCESS middle DETAIL ('middle');
START -> x, y;
EXECUTE x PROCESS leaf -> END;
EXECUTE y PROCESS leaf -> END;
PROCESS leaf DETAIL ('leaf');
START -> task;
HUMAN task -> work;
AUTOMATIC work DO (SELECT 1 AS one) -> END;
)bpt");
	database.run_as_owner("DO $$ BEGIN FOR i IN 1 .. " + std::to_string(kTrees) +
						  " LOOP PERFORM bpt.launch('top'); END LOOP; END $$");
	std::vector<long> tops;
	{
		pqxx::connection connection(database.conninfo());
		pqxx::nontransaction session(connection);
		for (const auto &row : session.exec("SELECT id FROM bpt.process WHERE name = 'top'"))
			tops.push_back(row[0].as<long>());
	}
	ASSERT_EQ(tops.size(), static_cast<std::size_t>(kTrees));
	std::vector<std::map<std::string, int>> refused(kPeople);
	for (unsigned round = 0; round < 4; round++)
		in_parallel(kPeople, [&](int i) {
			for (const auto &[state, count] : act(database, tops, round * kPeople + static_cast<unsigned>(i)))
				refused[static_cast<std::size_t>(i)][state] += count;
		});
	// One who comes too late is told so; nothing else goes wrong.
	for (const auto &person : refused)
		for (const auto &[state, count] : person)
			EXPECT_EQ(state, "WF002") << count << " times";
	// Then all that is left is closed.
	ASSERT_TRUE(database.wait_until(
		"all trees to end",
		"(SELECT count(*) = 0 FROM (SELECT bpt.activity_close(id) FROM bpt.activity WHERE kind = 'human' AND status = "
		"'ready' ORDER BY id) closed) AND NOT EXISTS (SELECT FROM bpt.process WHERE status = 'active')",
		seconds(60)));
	EXPECT_EQ(database.number("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"), 0);
	EXPECT_EQ(database.number("SELECT count(*) FROM bpt.error_log"), 0) << database.state();
	// A tree that ran to its end has counted each of its children once.
	EXPECT_EQ(database.number("SELECT count(*) FROM bpt.process p JOIN bpt.process_output o ON o.process_id = p.id "
							  "JOIN bpt.activity a ON a.process_id = p.id AND a.status = 'closed' "
							  "WHERE p.status = 'closed' GROUP BY p.id, o.output_value "
							  "HAVING count(*) > o.output_value::int UNION ALL SELECT 0 LIMIT 1"),
			  0);
	EXPECT_EQ(
		database.number("SELECT count(*) FROM bpt.activity WHERE status NOT IN ('closed', 'skipped', 'terminated')"),
		0);
	database.expect_nothing_left();
}

} // namespace
