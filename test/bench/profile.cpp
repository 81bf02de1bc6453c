// Cases `profile.…`: where the workers' time goes over the backlogs of `process`, `light` and `commit_each`. perf samples
// what runs in the workers and by which calls it came there, a session of its own what they wait for. perf's recordings stay
// in build/, for perf report. Run only when named.
#include "cpu.hpp"
#include "light_events.hpp"
#include "three_steps.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <map>
#include <memory>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace {

using namespace bpt_bench;

/// A part of the work, told by a call within which it is done. The first that fits counts: a row that is written when the
/// transaction commits is one of "rows".
struct Part
{
	const char *name;
	const char *call;
};

constexpr Part kParts[] = {{"owner's statements", "bpt::expr::run_statement"},
						   {"claiming", "bpt::queue::"},
						   {"claiming", "bpt::worker::find_home"},
						   {"writing rows", "bpt::engine::write_rows"},
						   {"writing rows", "bpt::pg::write"},
						   {"flush of the WAL", "XLogFlush"},
						   {"rest of begin and commit", "CommitTransactionCommand"},
						   {"rest of begin and commit", "StartTransactionCommand"},
						   {"rest of begin and commit", "bpt::worker::begin"},
						   {"becoming the owner", "bpt::expr::as_owner"},
						   {"engine", "bpt::engine::"}};
constexpr const char *kOther = "other";

struct Shares
{
	std::map<std::string, long> counts;
	long total = 0;

	void add(const std::string &name)
	{
		counts[name]++;
		total++;
	}

	/// In per cent, the largest first, those below a half together.
	void tell(Result &result, const std::string &what) const
	{
		std::vector<std::pair<double, std::string>> sorted;
		double small = 0;
		for (const auto &[name, count] : counts)
		{
			const double share = 100.0 * static_cast<double>(count) / static_cast<double>(total);
			if (share < 0.5)
				small += share;
			else
				sorted.emplace_back(share, name);
		}
		std::sort(sorted.rbegin(), sorted.rend());
		if (small > 0)
			sorted.emplace_back(small, "all else");
		result.extra.emplace_back(what + ", samples", total);
		for (const auto &[share, name] : sorted)
			result.extra.emplace_back(what + ", %: " + name, share);
	}
};

/// What a stack of calls, innermost first, belongs to.
std::string part_of(const std::vector<std::string> &calls)
{
	for (const Part &part : kParts)
		for (const std::string &call : calls)
			if (call.find(part.call) != std::string::npos)
				return part.name;
	return kOther;
}

/// Reads a recording of perf: a stack of calls for each sample, a blank line behind each.
Shares read_recording(const std::string &file)
{
	const std::unique_ptr<FILE, int (*)(FILE *)> pipe(
		popen(("perf script --no-inline -F ip,sym -i '" + file + "' 2>/dev/null").c_str(), "r"), pclose);
	if (!pipe)
		throw std::runtime_error("cannot run perf");
	Shares found;
	std::vector<std::string> calls;
	std::array<char, 4096> line = {};
	while (std::fgets(line.data(), line.size(), pipe.get()) != nullptr)
	{
		if (line[0] != '\n')
		{
			calls.emplace_back(line.data());
			continue;
		}
		if (!calls.empty())
			found.add(part_of(calls));
		calls.clear();
	}
	return found;
}

/// Watches the workers of a database while it lives.
class Watch
{
public:
	Watch(Database &database, std::string file) : file_(std::move(file))
	{
		const std::string workers =
			database.value("SELECT string_agg(pid::text, ',') FROM bpt.worker WHERE kind = 'worker'");
		perf_ = fork();
		if (perf_ == 0)
		{
			execlp("perf", "perf", "record", "-q", "-o", file_.c_str(), "--call-graph", "dwarf,16384", "-F", "499",
				   "-p", workers.c_str(), nullptr);
			_exit(127);
		}
		// It says nothing when it has begun; where it cannot, it ends.
		std::this_thread::sleep_for(std::chrono::seconds(1));
		if (waitpid(perf_, nullptr, WNOHANG) != 0)
			throw NotRun("perf is not there, or may not watch the workers");
		sampler_ = std::thread([this, conninfo = database.conninfo()] { sample(conninfo); });
	}

	~Watch()
	{
		if (sampler_.joinable())
			stop();
	}

	Watch(const Watch &) = delete;
	Watch &operator=(const Watch &) = delete;

	void stop()
	{
		done_ = true;
		sampler_.join();
		kill(perf_, SIGINT);
		waitpid(perf_, nullptr, 0);
	}

	const Shares &waits() const { return waits_; }

private:
	/// Every 10 ms what each worker with something to do waits for, if it waits.
	void sample(const std::string &conninfo)
	try
	{
		pqxx::connection connection(conninfo);
		pqxx::nontransaction session(connection);
		connection.prepare("look", "SELECT coalesce(wait_event_type || ' ' || wait_event, 'none') FROM bpt.worker"
								   " JOIN pg_stat_activity USING (pid) WHERE kind = 'worker'"
								   " AND bpt.worker.state NOT IN ('idle', 'held')");
		while (!done_)
		{
			for (const pqxx::row &row : session.exec_prepared("look"))
				waits_.add(row[0].c_str());
			std::this_thread::sleep_for(std::chrono::milliseconds(10));
		}
	}
	catch (const std::exception &error)
	{
		progress(std::string("looking at waits: ") + error.what());
	}

	std::string file_;
	pid_t perf_ = 0;
	std::thread sampler_;
	std::atomic<bool> done_ = false;
	Shares waits_;
};

/// Profiles what work does to the backlog of a database: work returns how many a second were done.
Result profile(Database &database, const std::string &name, const std::string &unit, long n,
			   const std::function<double()> &work)
{
	const std::string file = BPT_SOURCE_DIR "/build/profile." + name + ".data";
	Watch watch(database, file);
	const double cpu = cpu_of_workers(database);
	Result result;
	result.value = work();
	result.unit = unit;
	watch.stop();
	result.extra = {{"CPU of the workers for each, us", (cpu_of_workers(database) - cpu) / static_cast<double>(n)}};
	result.remarks = {"The rate is that of workers who are being watched. perf's recording: " + file};
	read_recording(file).tell(result, "CPU");
	watch.waits().tell(result, "waits");
	return result;
}

Result three_steps(const std::string &name, Each each, long instances)
{
	Database database("profile");
	prepare_three_steps(database, instances, each);
	Result result = profile(database, name, "instances/s", instances, [&] {
		return static_cast<double>(instances) / drain(database, three_steps_done(instances));
	});
	check_three_steps(database, instances);
	return result;
}

Result process()
{
	return three_steps("process", Each::batch, setting("BENCH_INSTANCES", 50000));
}

Result commit_each()
{
	return three_steps("commit_each", Each::commit, std::max(setting("BENCH_INSTANCES", 50000) / 5, 1L));
}

Result light()
{
	const long events = setting("BENCH_EVENTS", 200000);
	Database database("profile");
	prepare_light(database, events);
	return profile(database, "light", "events/s", events, [&] { return drain_light(database, events); });
}

const Register of_process(21, "profile.process", process, true);
const Register of_commit_each(21.1, "profile.commit_each", commit_each, true);
const Register of_light(21.2, "profile.light", light, true);

} // namespace
