// make bench: runs the cases named as arguments, all without any, and prints what came out. Falling short of a target is a
// result; a run whose results are wrong is a failure.
#include "bench.hpp"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <string_view>
#include <thread>

namespace {

using namespace bpt_bench;

/// What the figures depend on, asked from the server and the machine.
std::vector<std::pair<std::string, std::string>> surroundings()
{
	std::vector<std::pair<std::string, std::string>> found;
	pqxx::connection connection(std::getenv("BPT_CONNINFO"));
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
	std::sort(cases().begin(), cases().end(),
			  [](const Case &a, const Case &b) { return std::string_view(a.name) < std::string_view(b.name); });
	std::vector<Case> chosen;
	for (int i = 1; i < argc; i++)
	{
		const auto found = std::find_if(cases().begin(), cases().end(),
										[&](const Case &c) { return std::string_view(c.name) == argv[i]; });
		if (found == cases().end())
		{
			std::cerr << "there is no case " << argv[i] << "; there are:";
			for (const Case &known : cases())
				std::cerr << ' ' << known.name;
			std::cerr << '\n';
			return 2;
		}
		chosen.push_back(*found);
	}
	if (chosen.empty())
		chosen = cases();

	std::vector<Result> results;
	int wrong = 0;
	try
	{
		const double commit_ms = commit_cost();
		for (const Case &one : chosen)
		{
			std::cerr << one.name << std::endl;
			try
			{
				auto settings = surroundings();
				settings.emplace_back("commit_ms", rounded(commit_ms));
				Result result = one.run();
				result.name = one.name;
				result.settings.insert(result.settings.end(), settings.begin(), settings.end());
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
