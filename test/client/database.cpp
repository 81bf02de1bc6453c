// The database of a test (database.hpp).
#include "database.hpp"

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <sstream>
#include <thread>

#include <gtest/gtest.h>

namespace bpt_test {

namespace {

constexpr milliseconds kStep{20};

std::string base_conninfo()
{
	const char *given = std::getenv("BPT_CONNINFO");
	if (given == nullptr)
		throw std::runtime_error("BPT_CONNINFO does not say how to connect");
	return given;
}

/// Runs a statement that must stand alone, in the database of BPT_CONNINFO.
void run_alone(const std::string &sql)
{
	pqxx::connection connection(base_conninfo() + " application_name=client_tests");
	pqxx::nontransaction session(connection);
	session.exec("SET client_min_messages = error");
	session.exec("SET statement_timeout = '60s'");
	session.exec(sql);
}

} // namespace

Database::Database(std::string name) : name_("bpt_client_" + std::move(name)), owner_(name_ + "_owner")
{
	run_alone("DROP DATABASE IF EXISTS " + name_);
	run_alone("CREATE DATABASE " + name_);
	run("CREATE EXTENSION bpt");
	make_role("owner");
	run("GRANT bpt_publisher TO " + owner_ + "; CREATE SCHEMA shop AUTHORIZATION " + owner_);
	run("ALTER DATABASE " + name_ + " SET search_path = shop, public");
	// Only sessions begun from here on have that search_path.
	session_.reset();
}

Database::~Database()
{
	session_.reset();
	try
	{
		run_alone("DROP DATABASE " + name_);
		for (const std::string &role : roles_)
			run_alone("DROP ROLE " + role);
	}
	catch (const std::exception &error)
	{
		ADD_FAILURE() << "cleaning up: " << error.what();
	}
}

std::string Database::conninfo(const std::string &role) const
{
	return base_conninfo() + " dbname=" + name_ + " application_name=client_tests" +
		   (role.empty() ? std::string{} : " user=" + role);
}

std::string Database::make_role(const std::string &name, const std::string &group)
{
	const std::string full = name_ + "_" + name;
	run_alone("DROP ROLE IF EXISTS " + full);
	run_alone("CREATE ROLE " + full + " LOGIN" + (group.empty() ? std::string{} : " IN ROLE " + group));
	roles_.insert(roles_.begin(), full);
	return full;
}

void Database::make_shared_role(const std::string &name)
{
	if (number("SELECT count(*) FROM pg_roles WHERE rolname = '" + name + "'") > 0)
		return;
	run_alone("CREATE ROLE " + name);
	roles_.push_back(name);
}

void Database::run_as(const std::string &role, const std::string &sql)
{
	pqxx::connection connection(conninfo(role));
	pqxx::work work(connection);
	work.exec("SET LOCAL client_min_messages = warning");
	work.exec(sql);
	work.commit();
}

void Database::publish(const std::string &definition)
{
	pqxx::connection connection(conninfo(owner_));
	pqxx::work work(connection);
	work.exec_params("SELECT bpt.publish($1)", definition);
	work.commit();
}

std::string Database::value(const std::string &query)
{
	if (!session_)
		session_ = std::make_unique<pqxx::connection>(conninfo());
	pqxx::nontransaction session(*session_);
	return session.exec1(query)[0].as<std::string>(std::string{});
}

std::string Database::table(const std::string &query)
{
	try
	{
		pqxx::connection connection(conninfo());
		pqxx::nontransaction session(connection);
		const pqxx::result rows = session.exec(query);
		std::vector<std::size_t> widths;
		for (pqxx::row::size_type column = 0; column < rows.columns(); column++)
		{
			std::size_t width = std::string(rows.column_name(column)).size();
			for (const pqxx::row &row : rows)
				width = std::max(width, row[column].size());
			widths.push_back(width);
		}
		std::ostringstream out;
		const auto line = [&](const std::function<std::string(pqxx::row::size_type)> &cell) {
			for (pqxx::row::size_type column = 0; column < rows.columns(); column++)
			{
				const std::string text = cell(column);
				out << "  " << text << std::string(widths[static_cast<std::size_t>(column)] - text.size(), ' ');
			}
			out << '\n';
		};
		line([&](pqxx::row::size_type column) { return std::string(rows.column_name(column)); });
		for (const pqxx::row &row : rows)
			line([&](pqxx::row::size_type column) { return row[column].as<std::string>(std::string{}); });
		return out.str();
	}
	catch (const std::exception &error)
	{
		return std::string("  ") + error.what() + '\n';
	}
}

bool Database::wait_until(const std::string &what, const std::string &condition, milliseconds deadline)
{
	const auto end = std::chrono::steady_clock::now() + deadline;
	while (value("SELECT " + condition) != "t")
	{
		if (std::chrono::steady_clock::now() >= end)
		{
			ADD_FAILURE() << "waited " << deadline.count() << " ms in vain for: " << what << '\n' << state();
			return false;
		}
		std::this_thread::sleep_for(kStep);
	}
	return true;
}

std::string Database::state()
{
	std::ostringstream out;
	const auto show = [&](const char *title, const std::string &query) { out << title << ":\n" << table(query); };
	show("instances", "SELECT name, status, count(*) FROM bpt.process GROUP BY 1, 2 ORDER BY 1, 2");
	show("activities", "SELECT name, kind, status, count(*), sum(error_count) AS errors, min(next_run) AS next_run"
					   " FROM bpt.activity GROUP BY 1, 2, 3 ORDER BY 1, 3");
	show("queues",
		 "SELECT (SELECT count(*) FROM bpt.queue_event) AS events, (SELECT count(*) FROM bpt.queue_delivery) AS"
		 " deliveries, (SELECT count(*) FROM bpt.queue_ready) AS ready, (SELECT count(*) FROM bpt.queue_timer)"
		 " AS timers, (SELECT min(due) FROM bpt.queue_timer) AS first_due, (SELECT count(*) FROM bpt.listener)"
		 " AS listeners, (SELECT count(*) FROM bpt.task_offer) AS offers, now()");
	show("incidents", "SELECT phase, sqlstate, count(*), max(attempt) AS attempts, left(min(message), 100) AS message,"
					  " left(min(context), 100) AS context FROM bpt.error_log GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 10");
	show("workers",
		 "SELECT pid, kind, state, what, since, steps, errors, next_wakeup FROM bpt.worker WHERE datname IS NULL"
		 " OR datname = current_database()");
	show("health", "SELECT * FROM bpt.health() WHERE NOT ok");
	show("sessions", "SELECT pid, backend_type, state, wait_event_type, wait_event, left(query, 80) AS query FROM"
					 " pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
	return out.str();
}

void Database::expect_nothing_left()
{
	for (const char *queue :
		 {"queue_event", "queue_delivery", "queue_ready", "queue_timer", "listener", "task_offer", "attempt"})
	{
		const long rows = number(std::string("SELECT count(*) FROM bpt.") + queue);
		EXPECT_EQ(rows, 0) << "left in bpt." << queue << ":\n"
						   << table(std::string("SELECT * FROM bpt.") + queue + " LIMIT 5");
	}
}

void in_parallel(int n, const std::function<void(int)> &f)
{
	std::mutex mutex;
	std::exception_ptr first;
	std::vector<std::thread> threads;
	for (int i = 0; i < n; i++)
		threads.emplace_back([&, i] {
			try
			{
				f(i);
			}
			catch (...)
			{
				const std::lock_guard lock(mutex);
				if (!first)
					first = std::current_exception();
			}
		});
	for (std::thread &thread : threads)
		thread.join();
	if (first)
		std::rethrow_exception(first);
}

std::string sqlstate_of(const pqxx::failure &error)
{
	if (const auto *sql = dynamic_cast<const pqxx::sql_error *>(&error))
		return sql->sqlstate();
	if (dynamic_cast<const pqxx::serialization_failure *>(&error) != nullptr)
		return "40001";
	if (dynamic_cast<const pqxx::deadlock_detected *>(&error) != nullptr)
		return "40P01";
	return {};
}

bool is_private_server()
{
	return std::getenv("BPT_SERVER_IS_PRIVATE") != nullptr;
}

ServerSetting::ServerSetting(Database &database, std::string name, const std::string &value)
	: database_(database), name_(std::move(name))
{
	run_alone("ALTER SYSTEM SET " + name_ + " = '" + value + "'");
	run_alone("SELECT pg_reload_conf()");
	const bool seen =
		database_.wait_until(name_ + " = " + value, "current_setting('" + name_ + "') = '" + value + "'", seconds(10));
	if (!seen)
		throw std::runtime_error("the server does not take " + name_);
}

ServerSetting::~ServerSetting()
{
	try
	{
		run_alone("ALTER SYSTEM RESET " + name_);
		run_alone("SELECT pg_reload_conf()");
	}
	catch (const std::exception &error)
	{
		ADD_FAILURE() << "resetting " << name_ << ": " << error.what();
	}
}

} // namespace bpt_test
