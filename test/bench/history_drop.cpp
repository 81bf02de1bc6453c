// Case `history.drop`: how long a writer and a reader stand still while old history goes, and somebody has had a transaction
// open for two seconds: rows deleted from plain tables, and partitions detached, detached concurrently, or truncated in
// place (floors/history.sql). Runs only when named.
#include "trial.hpp"

#include <algorithm>
#include <atomic>
#include <thread>

namespace {

using namespace bpt_bench;

constexpr long kInstances = 20000;
constexpr long kPartitions = 20;
constexpr double kHeld = 2;  // seconds that the transaction stays open
constexpr double kLimit = 8; // of a run

/// What one way of throwing history away came to.
struct Stalls
{
	double writer_ms = 0;
	double reader_ms = 0;
	double done_ms = 0; // from the first try
	long tries = 0;
};

void sleep_seconds(double seconds)
{
	std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
}

/// Says the same again and again; returns the longest that it took, in ms.
double longest(Database &database, const std::atomic<bool> &stop, const std::function<std::string(long)> &sql)
{
	pqxx::connection connection(database.conninfo());
	pqxx::nontransaction session(connection);
	double found = 0;
	for (long i = 0; !stop; i++)
	{
		const double start = now_seconds();
		session.exec(sql(i));
		found = std::max(found, (now_seconds() - start) * 1000);
	}
	return found;
}

/// The statements of one partition, each in a transaction of its own, again after each time that a lock was not to be had.
void expire(Database &database, const std::vector<std::string> &statements, const std::string &lock_timeout,
			Stalls &stalls)
{
	pqxx::connection connection(database.conninfo());
	pqxx::nontransaction session(connection);
	session.exec("SET lock_timeout = '" + lock_timeout + "'");
	const double start = now_seconds();
	for (const std::string &statement : statements)
	{
		for (bool done = false; !done;)
		{
			stalls.tries++;
			try
			{
				session.exec(statement);
				done = true;
			}
			catch (const pqxx::sql_error &error)
			{
				if (error.sqlstate() != "55P03")
					throw;
				sleep_seconds(0.1);
			}
			if (now_seconds() - start > kLimit)
			{
				stalls.done_ms = kLimit * 1000;
				return;
			}
		}
	}
	stalls.done_ms = (now_seconds() - start) * 1000;
}

Stalls one_run(long partitions, const std::vector<std::string> &statements, const std::string &lock_timeout)
{
	Database database("history");
	database.run(file_text("floors/history.sql"));
	database.run(fill_orders(kInstances));
	database.run("CALL make_history(" + std::to_string(partitions) + ", " + std::to_string(kInstances) + ")");
	database.run("CALL fill_history(" + std::to_string(kInstances / 2) + ")");
	database.run("VACUUM ANALYZE");
	Stalls stalls;
	std::atomic<bool> stop = false;
	std::exception_ptr failure;
	std::vector<std::thread> threads;
	const auto begin = [&](const std::function<void()> &run) {
		threads.emplace_back([&, run] {
			try
			{
				run();
			}
			catch (...)
			{
				failure = std::current_exception();
			}
		});
	};
	begin([&] {
		stalls.writer_ms = longest(database, stop, [](long i) {
			const long at = i % (kInstances / 4) + 1;
			return "CALL run_by_key(" + std::to_string(at) + ", " + std::to_string(at) + ")";
		});
	});
	begin([&] {
		// What is young: nothing that goes.
		stalls.reader_ms = longest(database, stop, [](long i) {
			const std::string id = std::to_string(kInstances / 2 - i % 100);
			return "SELECT p.state, a.state FROM process p JOIN activity a ON a.process_id = p.id AND"
				   " a.top_process_id = p.top_process_id WHERE p.id = " +
				   id + " AND p.top_process_id = " + id;
		});
	});
	begin([&] {
		pqxx::connection connection(database.conninfo());
		pqxx::work transaction(connection);
		transaction.exec("SELECT count(*) FROM process JOIN activity ON process_id = process.id");
		sleep_seconds(kHeld);
		transaction.commit();
	});
	sleep_seconds(0.5);
	begin([&] {
		if (!statements.empty())
			expire(database, statements, lock_timeout, stalls);
	});
	threads.back().join();
	threads.pop_back();
	sleep_seconds(statements.empty() ? kHeld : 0.5);
	stop = true;
	for (std::thread &thread : threads)
		thread.join();
	if (failure)
		std::rethrow_exception(failure);
	return stalls;
}

struct Way
{
	std::string name;
	long partitions;
	std::vector<std::string> statements;
	std::string lock_timeout = "0";
};

Result drop()
{
	const long runs = setting("BENCH_RUNS", 3);
	const std::vector<std::string> detach = {"ALTER TABLE activity DETACH PARTITION activity_1",
											 "ALTER TABLE process DETACH PARTITION process_1",
											 "DROP TABLE activity_1, process_1"};
	const std::vector<Way> ways = {
		{"plain", 0, {}},
		{"plain_delete", 0, {"CALL delete_to(1000)"}},
		{"partitions", kPartitions, {}},
		{"detach", kPartitions, detach},
		{"detach_50ms", kPartitions, detach, "50ms"},
		{"detach_concurrently",
		 kPartitions,
		 {"ALTER TABLE activity DETACH PARTITION activity_1 CONCURRENTLY",
		  "ALTER TABLE process DETACH PARTITION process_1 CONCURRENTLY", "DROP TABLE activity_1, process_1"}},
		{"truncate", kPartitions, {"TRUNCATE activity_1, process_1"}},
		{"truncate_50ms", kPartitions, {"TRUNCATE activity_1, process_1"}, "50ms"},
	};
	Result result;
	result.unit = "ms that a writer stands still";
	result.remarks = {
		"Detaching partitions; the floor deletes the same rows from plain tables. The longest of all runs."};
	for (const Way &way : ways)
	{
		Stalls most;
		for (long i = 0; i < runs; i++)
		{
			const Stalls one = one_run(way.partitions, way.statements, way.lock_timeout);
			most = {std::max(most.writer_ms, one.writer_ms), std::max(most.reader_ms, one.reader_ms),
					std::max(most.done_ms, one.done_ms), std::max(most.tries, one.tries)};
		}
		progress(way.name + ": writer " + rounded(most.writer_ms) + " ms, reader " + rounded(most.reader_ms) +
				 " ms, done after " + rounded(most.done_ms) + " ms, " + std::to_string(most.tries) + " tries");
		result.extra.emplace_back(way.name + "_writer_ms", most.writer_ms);
		result.extra.emplace_back(way.name + "_reader_ms", most.reader_ms);
		result.extra.emplace_back(way.name + "_done_ms", most.done_ms);
		result.extra.emplace_back(way.name + "_tries", static_cast<double>(most.tries));
		if (way.name == "detach")
			result.value = most.writer_ms;
		if (way.name == "plain_delete")
			result.floor = most.writer_ms;
	}
	return result;
}

const Register registered(15.3, "history.drop", drop, true);

} // namespace
