// Case `taskbox`: how long a user's taskbox takes to read, 50 tasks of theirs among a million open tasks. Tasks are assigned
// by ROLE; the user is in 20 roles, the other tasks are offered to 80 more.
#include "trial.hpp"

#include <algorithm>

namespace {

using namespace bpt_bench;

constexpr int kRoles = 100;
constexpr int kOwnRoles = 20;
constexpr long kOwnTasks = 50;

/// Roles are the server's: made for the case, and dropped after it.
class Roles
{
public:
	explicit Roles(Database &database) : database_(database)
	{
		drop();
		std::string sql = "CREATE ROLE bench_user LOGIN;";
		for (int i = 1; i <= kRoles; i++)
		{
			sql += "CREATE ROLE bench_role_" + std::to_string(i) + ";";
			if (i <= kOwnRoles)
				sql += "GRANT bench_role_" + std::to_string(i) + " TO bench_user;";
		}
		database_.run(sql);
	}
	~Roles()
	{
		try
		{
			drop();
		}
		catch (const std::exception &error)
		{
			progress(std::string("dropping the roles: ") + error.what());
		}
	}
	Roles(const Roles &) = delete;
	Roles &operator=(const Roles &) = delete;

private:
	void drop()
	{
		std::string sql = "DROP ROLE IF EXISTS bench_user;";
		for (int i = 1; i <= kRoles; i++)
			sql += "DROP ROLE IF EXISTS bench_role_" + std::to_string(i) + ";";
		database_.run(sql);
	}
	Database &database_;
};

Result taskbox()
{
	const long open = setting("BENCH_OPEN_TASKS", 1000000);
	const long samples = setting("BENCH_SAMPLES", 2000);
	Database database("taskbox");
	const Roles roles(database);
	install(database);
	for (int i = 1; i <= kRoles; i++)
	{
		const std::string n = std::to_string(i);
		publish(database, "PROCESS work_" + n +
							  " (item bigint) DETAIL ('Item ' || item); START -> do_it; HUMAN do_it ROLE bench_role_" +
							  n + " -> END;");
	}
	// Each role has its share; a few at a transaction, by two sessions.
	const long others = (open - kOwnTasks) / (kRoles - kOwnRoles);
	clients(
		database, 2, [](pqxx::connection &) {},
		[&](int client, pqxx::nontransaction &session) {
			session.exec("SET synchronous_commit = off");
			for (int role = 1 + client; role <= kRoles; role += 2)
			{
				long left = role > kOwnRoles ? others : kOwnTasks / kOwnRoles + (role <= kOwnTasks % kOwnRoles ? 1 : 0);
				for (; left > 0; left -= 1000)
					session.exec("SELECT count(bpt.launch('work_" + std::to_string(role) +
								 "', jsonb_build_object('item', g))) FROM generate_series(1, " +
								 std::to_string(std::min(left, 1000L)) + ") g");
			}
		});
	database.run("VACUUM ANALYZE");

	Sample ms;
	pqxx::connection connection(database.conninfo());
	pqxx::nontransaction session(connection);
	session.exec("SET SESSION AUTHORIZATION bench_user");
	connection.prepare("box", "SELECT activity_id, process, name, label, detail, due_date, is_opened FROM bpt.taskbox");
	for (long i = 0; i < samples + 10; i++)
	{
		const double start = now_seconds();
		const pqxx::result box = session.exec_prepared("box");
		if (i >= 10)
			ms.values.push_back((now_seconds() - start) * 1000);
		if (box.size() != kOwnTasks)
			throw std::runtime_error("the taskbox shows " + std::to_string(box.size()) + " tasks");
	}
	database.require("open tasks", "SELECT count(*) FROM bpt.activity WHERE status = 'ready'",
					 std::to_string(others * (kRoles - kOwnRoles) + kOwnTasks));
	Result result;
	result.unit = "ms (median)";
	result.value = ms.median();
	result.spread = spread_of(ms);
	result.targets = {{"at most 2 ms", result.value <= 2}};
	result.extra = {{"p90_ms", ms.quantile(0.9)}, {"p99_ms", ms.quantile(0.99)}};
	result.remarks = {"As the client sees it: " + std::to_string(kOwnTasks) +
					  " rows of bpt.taskbox by a prepared statement."};
	return result;
}

const Register registered(15, "taskbox", taskbox);

} // namespace
