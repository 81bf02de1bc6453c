// What the benchmark cases share: fresh databases on the server of BPT_CONNINFO, clocks, and results.
//
// A case registers itself under the name that BENCH picks. It measures by the rules of docs/performance.md: a fresh
// database for every run, ours and the floor in turn, medians with their spread, and everything that came out checked.
#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <pqxx/pqxx>

namespace bpt_bench {

/// A database that lives for one run.
class Database
{
public:
	explicit Database(const std::string &name);
	~Database();
	Database(const Database &) = delete;
	Database &operator=(const Database &) = delete;

	std::string conninfo() const;
	const std::string &name() const { return name_; }
	void run(const std::string &sql);
	std::string value(const std::string &query);
	long number(const std::string &query) { return std::stol(value(query)); }
	/// Throws unless a query gives this value.
	void require(const std::string &what, const std::string &query, const std::string &expected);
	/// Throws unless bpt is done: no error, nothing queued, nobody waiting.
	void require_idle();

private:
	std::string name_;
};

/// Seconds since some instant, for differences.
double now_seconds();

/// Measurements of the same thing.
struct Sample
{
	std::vector<double> values;
	double median() const;
	double lowest() const;
	double highest() const;
	/// The value that a share of all do not exceed.
	double quantile(double share) const;
};

/// What a case must reach.
struct Target
{
	std::string text; // as a person reads it
	bool met = false;
};

/// What a case found. A value may have a floor, measured in the same run.
struct Result
{
	std::string name;
	std::string unit;
	double value = 0;
	std::string spread; // of the value
	std::optional<double> floor;
	std::string floor_spread;
	std::optional<double> ratio;
	std::string ratio_spread; // over the turns
	std::vector<Target> targets;
	std::vector<std::pair<std::string, double>> extra; // further figures
	std::vector<std::pair<std::string, std::string>> settings;
	std::vector<std::string> remarks;
	std::string not_run; // why there is no value
};

/// What this version of bpt refuses as not built, or this machine lacks: a result, not a failure.
struct NotRun : std::runtime_error
{
	using std::runtime_error::runtime_error;
};

/// A case is picked by its name, or with all of its parts by what stands before the dot.
struct Case
{
	double number; // in which order they run
	const char *name;
	Result (*run)();
	bool only_by_name;
};

std::vector<Case> &cases();

/// Makes a case known: one constant of this type a case.
struct Register
{
	Register(double number, const char *name, Result (*run)(), bool only_by_name = false)
	{
		cases().push_back({number, name, run, only_by_name});
	}
};

/// A number from the environment, or the default. What was asked for stands in the settings of the case's result.
long setting(const char *name, long otherwise);
/// The settings asked for since the last call.
std::vector<std::pair<std::string, std::string>> settings_asked();
/// How to connect to the server, without a database.
std::string server_conninfo();
/// A file below test/bench.
std::string file_text(const std::string &path);
/// Says what is going on, on standard error.
void progress(const std::string &line);
/// Figures as people read them.
std::string rounded(double value);
std::string spread_of(const Sample &sample);

/// Prints the table and the JSON lines.
void report(const std::vector<Result> &results);

} // namespace bpt_bench
