// Databases, samples and settings of the benchmark cases (bench.hpp).
#include "bench.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <numeric>
#include <sstream>
#include <utility>

namespace bpt_bench {

namespace {

std::vector<std::pair<std::string, std::string>> asked;

void run_alone(const std::string &sql)
{
	pqxx::connection connection(server_conninfo());
	pqxx::nontransaction session(connection);
	session.exec("SET client_min_messages = error");
	session.exec(sql);
}

} // namespace

std::string server_conninfo()
{
	const char *given = std::getenv("BPT_CONNINFO");
	if (given == nullptr)
		throw std::runtime_error("BPT_CONNINFO does not say how to connect");
	return given;
}

Database::Database(const std::string &name) : name_("bench_" + name)
{
	run_alone("DROP DATABASE IF EXISTS " + name_);
	run_alone("CREATE DATABASE " + name_);
}

Database::~Database()
{
	try
	{
		run_alone("DROP DATABASE " + name_);
	}
	catch (const std::exception &error)
	{
		std::cerr << "cleaning up: " << error.what() << '\n';
	}
}

std::string Database::conninfo() const
{
	return server_conninfo() + " dbname=" + name_;
}

void Database::run(const std::string &sql)
{
	pqxx::connection connection(conninfo());
	pqxx::nontransaction session(connection);
	session.exec("SET client_min_messages = warning");
	session.exec(sql);
}

std::string Database::value(const std::string &query)
{
	pqxx::connection connection(conninfo());
	pqxx::nontransaction session(connection);
	return session.exec1(query)[0].as<std::string>(std::string{});
}

void Database::require(const std::string &what, const std::string &query, const std::string &expected)
{
	const std::string found = value(query);
	if (found != expected)
		throw std::runtime_error(what + ": " + found + " instead of " + expected);
}

void Database::require_idle()
{
	require("incidents", "SELECT count(*) FROM bpt.error_log", "0");
	for (const char *queue : {"event_queue", "queue_ready", "queue_timer", "listener"})
		require(std::string("rows left in bpt.") + queue, std::string("SELECT count(*) FROM bpt.") + queue, "0");
}

double now_seconds()
{
	return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double Sample::quantile(double share) const
{
	if (values.empty())
		throw std::runtime_error("nothing was measured");
	std::vector<double> sorted = values;
	std::sort(sorted.begin(), sorted.end());
	const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
	return sorted[std::clamp<std::size_t>(rank, 1, sorted.size()) - 1];
}

double Sample::median() const
{
	const std::size_t half = values.size() / 2;
	if (values.size() % 2 != 0)
		return quantile(0.5);
	std::vector<double> sorted = values;
	std::sort(sorted.begin(), sorted.end());
	return std::midpoint(sorted.at(half - 1), sorted.at(half));
}

double Sample::lowest() const
{
	return *std::min_element(values.begin(), values.end());
}

double Sample::highest() const
{
	return *std::max_element(values.begin(), values.end());
}

std::vector<Case> &cases()
{
	static std::vector<Case> all;
	return all;
}

long setting(const char *name, long otherwise)
{
	const char *given = std::getenv(name);
	long result = otherwise;
	if (given != nullptr && *given != '\0')
	{
		char *end = nullptr;
		result = std::strtol(given, &end, 10);
		if (*end != '\0' || result < 1)
			throw std::runtime_error(std::string(name) + " is no number: " + given);
	}
	const std::pair<std::string, std::string> entry(name, std::to_string(result));
	if (std::find(asked.begin(), asked.end(), entry) == asked.end())
		asked.push_back(entry);
	return result;
}

std::vector<std::pair<std::string, std::string>> settings_asked()
{
	return std::exchange(asked, {});
}

std::string file_text(const std::string &path)
{
	std::ifstream file(std::string(BPT_SOURCE_DIR "/test/bench/") + path);
	if (!file)
		throw std::runtime_error("cannot read test/bench/" + path);
	std::ostringstream text;
	text << file.rdbuf();
	return text.str();
}

void progress(const std::string &line)
{
	std::cerr << "  " << line << std::endl;
}

} // namespace bpt_bench
