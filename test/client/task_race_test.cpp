// Eight people reach for the same tasks at the same time: each task goes to one of them.
#include "database.hpp"

#include <algorithm>
#include <map>
#include <random>

#include <gtest/gtest.h>

namespace {

using namespace bpt_test;

constexpr int kTasks = 400;
constexpr int kPeople = 8;

struct Tally
{
	std::vector<long> won;
	std::map<std::string, int> refused; // by SQLSTATE and message
};

/// Tries to get all tasks done, in an order of this person's own: odd ones are opened first, even ones closed straight.
Tally reach_for(const Database &database, const std::string &person, std::vector<long> tasks, unsigned seed)
{
	Tally tally;
	pqxx::connection connection(database.conninfo(person));
	// Few strides apart, so that the sessions meet at the same tasks again and again.
	std::mt19937 random(seed);
	for (std::size_t i = 0; i + 8 <= tasks.size(); i += 8)
		std::shuffle(tasks.begin() + static_cast<std::ptrdiff_t>(i), tasks.begin() + static_cast<std::ptrdiff_t>(i + 8),
					 random);
	const auto attempt = [&](const char *call, long id) {
		try
		{
			pqxx::work work(connection);
			work.exec_params1(call, id);
			work.commit();
			return true;
		}
		catch (const pqxx::failure &error)
		{
			const std::string state = sqlstate_of(error);
			tally.refused[state == "WF002" || state == "WF003" ? state : state + " " + error.what()]++;
			return false;
		}
	};
	for (const long id : tasks)
	{
		if (id % 2 != 0 && !attempt("SELECT bpt.activity_open($1)", id))
			continue;
		if (attempt("SELECT shop.close_chore_task($1)", id))
			tally.won.push_back(id);
	}
	return tally;
}

TEST(TaskRace, each_task_is_closed_once)
{
	Database database("task_race");
	std::vector<std::string> people;
	for (int i = 0; i < kPeople; i++)
		people.push_back(database.make_role("person_" + std::to_string(i)));
	database.run("GRANT USAGE ON SCHEMA shop TO PUBLIC");
	database.run_as_owner("CREATE TABLE chore (id bigint PRIMARY KEY); CREATE TABLE effect (chore bigint)");
	database.publish(R"bpt(
PROCESS chore LAUNCH ON INSERT INTO chore AS chore_id DETAIL (chore_id::text);
START -> task;
HUMAN task -> done;
AUTOMATIC done DO (INSERT INTO effect VALUES (chore_id)) -> END;
)bpt");
	database.run_as_owner("INSERT INTO chore SELECT generate_series(1, " + std::to_string(kTasks) + ")");
	ASSERT_TRUE(database.wait_until("all tasks ready",
									"(SELECT count(*) = " + std::to_string(kTasks) +
										" FROM bpt.activity WHERE name = 'task' AND status = 'ready')",
									seconds(30)));
	std::vector<long> tasks;
	{
		pqxx::connection connection(database.conninfo(people[0]));
		pqxx::nontransaction session(connection);
		for (const pqxx::row &row : session.exec("SELECT activity_id FROM bpt.taskbox ORDER BY 1"))
			tasks.push_back(row[0].as<long>());
	}
	ASSERT_EQ(tasks.size(), static_cast<std::size_t>(kTasks)) << "the tasks are offered to everybody";

	std::vector<Tally> tallies(kPeople);
	in_parallel(kPeople, [&](int i) {
		const auto person = static_cast<std::size_t>(i);
		tallies[person] = reach_for(database, people[person], tasks, static_cast<unsigned>(i));
	});

	std::map<long, std::string> winners;
	std::map<std::string, int> refused;
	for (std::size_t i = 0; i < tallies.size(); i++)
	{
		for (const long id : tallies[i].won)
			EXPECT_TRUE(winners.emplace(id, people[i]).second) << "task " << id << " was closed twice";
		for (const auto &[reason, count] : tallies[i].refused)
			refused[reason] += count;
	}
	EXPECT_EQ(winners.size(), static_cast<std::size_t>(kTasks));
	for (const auto &[reason, count] : refused)
		EXPECT_TRUE(reason == "WF002" || reason == "WF003") << count << " times " << reason;
	EXPECT_GT(refused["WF002"], 0);
	EXPECT_EQ(refused["WF002"] + refused["WF003"], kTasks * (kPeople - 1));

	ASSERT_TRUE(database.wait_until("all processes closed",
									"NOT EXISTS (SELECT FROM bpt.process WHERE status <> 'closed')", seconds(30)));
	{
		pqxx::connection connection(database.conninfo());
		pqxx::nontransaction session(connection);
		for (const pqxx::row &row : session.exec("SELECT id, closed_by FROM bpt.activity WHERE name = 'task'"))
			EXPECT_EQ(winners[row[0].as<long>()], row[1].as<std::string>()) << "task " << row[0].as<long>();
	}
	EXPECT_EQ(database.number("SELECT count(*) FROM effect"), kTasks);
	EXPECT_EQ(database.number("SELECT count(DISTINCT chore) FROM effect"), kTasks);
	EXPECT_EQ(database.number("SELECT count(*) FROM bpt.error_log"), 0) << database.state();
	database.expect_nothing_left();
}

} // namespace
