// make bench: runs the cases named as arguments, all without any, and prints what came out. Falling short of a target is a
// result; a run whose results are wrong is a failure.
#include "bench.hpp"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <iterator>
#include <string_view>
#include <thread>

namespace {

using namespace bpt_bench;

/// What the figures depend on, asked from the server and the machine.
std::vector<std::pair<std::string, std::string>> surroundings()
{
	std::vector<std::pair<std::string, std::string>> found;
	pqxx::connection connection(server_conninfo());
	pqxx::nontransaction session(connection);
	for (const char *name :
		 {"server_version", "shared_buffers", "synchronous_commit", "fsync", "max_wal_size", "bpt.workers"})
		found.emplace_back(name, session.exec1(std::string("SELECT current_setting('") + name + "')")[0].c_str());
	found.emplace_back("cpus", std::to_string(std::thread::hardware_concurrency()));
	double load = 0;
	if (getloadavg(&load, 1) == 1)
		found.emplace_back("load_before", rounded(load));
	return found;
}

/// Is this case meant by a name that was given: its own, or that of the case whose part it is?
bool meant(const Case &one, std::string_view given)
{
	const std::string_view name(one.name);
	return name == given || (name.starts_with(given) && name[given.size()] == '.');
}

/// What a durable commit costs here, in ms: one row a commit, one client.
double commit_cost()
{
	Database database("commit");
	database.run("CREATE TABLE written (n bigint)");
	pqxx::connection connection(database.conninfo());
	connection.prepare("write", "INSERT INTO written VALUES ($1)");
	pqxx::nontransaction session(connection);
	Sample times;
	for (int i = 0; i < 1000; i++)
	{
		const double start = now_seconds();
		session.exec_prepared("write", i);
		times.values.push_back((now_seconds() - start) * 1000);
	}
	return times.median();
}

} // namespace

int main(int argc, char **argv)
{
	std::sort(cases().begin(), cases().end(), [](const Case &a, const Case &b) { return a.number < b.number; });
	std::vector<Case> chosen;
	for (int i = 1; i < argc; i++)
	{
		const std::size_t before = chosen.size();
		std::copy_if(cases().begin(), cases().end(), std::back_inserter(chosen),
					 [&](const Case &c) { return meant(c, argv[i]); });
		if (chosen.size() == before)
		{
			std::cerr << "there is no case " << argv[i] << "; there are:";
			for (const Case &known : cases())
				std::cerr << ' ' << known.name;
			std::cerr << '\n';
			return 2;
		}
	}
	if (chosen.empty())
		std::copy_if(cases().begin(), cases().end(), std::back_inserter(chosen),
					 [](const Case &c) { return !c.only_by_name; });

	std::vector<Result> results;
	int wrong = 0;
	try
	{
		const double commit_ms = commit_cost();
		for (const Case &one : chosen)
		{
			std::cerr << one.name << std::endl;
			settings_asked();
			try
			{
				auto settings = surroundings();
				settings.emplace_back("commit_ms", rounded(commit_ms));
				Result result;
				try
				{
					result = one.run();
				}
				catch (const NotRun &reason)
				{
					result.not_run = reason.what();
				}
				result.name = one.name;
				for (const auto &more : {settings_asked(), settings})
					result.settings.insert(result.settings.end(), more.begin(), more.end());
				results.push_back(std::move(result));
			}
			catch (const std::exception &error)
			{
				std::cerr << one.name << " FAILED: " << error.what() << '\n';
				wrong++;
			}
		}
		report(results);
	}
	catch (const std::exception &error)
	{
		std::cerr << error.what() << '\n';
		return 1;
	}
	if (wrong > 0)
		std::cout << wrong << " of " << chosen.size() << " cases failed\n";
	return wrong > 0 ? 1 : 0;
}
