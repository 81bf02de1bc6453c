// Case `history.tables`: a history by hand (floors/history.sql) in plain tables against tables in 1, 50 and 500 partitions:
// CPU of writing it by id and with the partition key, of look-ups, of planning, and of throwing half of it away. Runs only
// when named.
#include "cpu.hpp"
#include "trial.hpp"

#include <map>

namespace {

using namespace bpt_bench;

/// The figures of one kind of tables, by name; in which order they came.
struct Figures
{
	std::vector<std::string> names;
	std::map<std::string, Sample> samples;

	void add(const std::string &name, double value)
	{
		if (!samples.contains(name))
			names.push_back(name);
		samples[name].values.push_back(value);
	}
};

class Trial
{
public:
	Trial(Figures &figures, std::string kind, long partitions, long instances)
		: figures_(figures), kind_(std::move(kind)), partitions_(partitions), instances_(instances),
		  old_(instances / 10 * 9), database_("history"), connection_(database_.conninfo()), session_(connection_)
	{
		database_.run(file_text("floors/history.sql"));
		database_.run(fill_orders(instances));
		session_.exec("CALL make_history(" + std::to_string(partitions) + ", " + std::to_string(instances) + ")");
		session_.exec("CALL fill_history(" + std::to_string(old_) + ")");
		session_.exec("CREATE VIEW history AS SELECT p.id, p.top_process_id, p.state, a.name, a.ended FROM process p "
					  "JOIN activity a"
					  " ON a.process_id = p.id AND a.top_process_id = p.top_process_id");
		session_.exec("VACUUM ANALYZE");
		session_.exec("CHECKPOINT");
	}

	void run()
	{
		const long part = (instances_ - old_) / 4;
		write("by_id", "run_by_id", partitions_ > 1 ? part / static_cast<long>(partitions_ > 50 ? 20 : 4) : part);
		write("by_key", "run_by_key", part);
		session_.exec("SET plan_cache_mode = force_generic_plan");
		write("by_key_generic", "run_by_key", part);
		session_.exec("RESET plan_cache_mode");
		look_up("false", "look_up_by_id");
		look_up("true", "look_up_by_key");
		planning("look_up_plan_ms", "SELECT * FROM history WHERE id = 5");
		planning("look_up_pruned_plan_ms", "SELECT * FROM history WHERE id = 5 AND top_process_id = 5");
		planning("count_plan_ms", "SELECT count(*) FROM history WHERE state = 'open'");
		expire();
	}

private:
	void found(const std::string &name, double value) { figures_.add(kind_ + "_" + name, value); }

	/// CPU of the session's process, in µs for each of n.
	double cost(const std::string &sql, long n)
	{
		const double start = cpu_of(session_);
		session_.exec(sql);
		return (cpu_of(session_) - start) / static_cast<double>(n);
	}

	void write(const std::string &name, const std::string &procedure, long n)
	{
		const std::string first = std::to_string(next_);
		next_ += n;
		const WalMeter wal;
		found(name + "_us", cost("CALL " + procedure + "(" + first + ", " + std::to_string(next_ - 1) + ")", n));
		found(name + "_wal", wal.written().records / static_cast<double>(n));
	}

	void look_up(const char *by_key, const std::string &name)
	{
		const long n = partitions_ > 50 ? 2000 : 20000;
		found(name + "_us",
			  cost("CALL look_up(" + std::to_string(n) + ", " + std::to_string(old_) + ", " + by_key + ")", n));
	}

	void planning(const std::string &name, const std::string &query)
	{
		Sample sample;
		for (int i = 0; i < 11; i++)
			for (const pqxx::row &row : session_.exec("EXPLAIN (SUMMARY) " + query))
			{
				const std::string line = row[0].c_str();
				if (line.starts_with("Planning Time: "))
					sample.values.push_back(std::stod(line.substr(15)));
			}
		found(name, sample.median());
	}

	/// Half of what is old goes; then what a vacuum of the tables takes.
	void expire()
	{
		const long gone = partitions_ > 0 ? partitions_ / 2 * (instances_ / partitions_) : old_ / 2;
		if (gone == 0)
			return;
		const WalMeter wal;
		const double start = now_seconds();
		found("expire_us", cost(partitions_ > 0 ? "CALL drop_to(" + std::to_string(partitions_ / 2) + ")"
												: "CALL delete_to(" + std::to_string(gone) + ")",
								gone));
		found("expire_seconds", now_seconds() - start);
		found("expire_wal", wal.written().records / static_cast<double>(gone));
		if (partitions_ == 0)
			found("vacuum_us", cost("VACUUM process", gone) + cost("VACUUM activity", gone));
		database_.require("old instances", "SELECT count(*) FROM process WHERE id <= " + std::to_string(gone), "0");
		database_.require("their steps", "SELECT count(*) FROM activity WHERE id <= " + std::to_string(3 * gone), "0");
	}

	Figures &figures_;
	std::string kind_;
	long partitions_;
	long instances_;
	long old_;
	long next_ = 1;
	Database database_;
	pqxx::connection connection_;
	pqxx::nontransaction session_;
};

Result tables()
{
	const long runs = setting("BENCH_RUNS", 3);
	const long instances = setting("BENCH_HISTORY", 100000);
	Figures figures;
	for (long turn = 1; turn <= runs; turn++)
	{
		for (const long partitions : {0L, 1L, 50L, 500L})
			Trial(figures, partitions == 0 ? "plain" : "p" + std::to_string(partitions), partitions, instances).run();
		progress("turn " + std::to_string(turn) + " of " + std::to_string(runs));
	}
	Result result;
	result.unit = "us of CPU an instance";
	const Sample &ours = figures.samples["p50_by_key_us"];
	const Sample &floor = figures.samples["plain_by_key_us"];
	result.value = ours.median();
	result.spread = spread_of(ours);
	result.floor = floor.median();
	result.floor_spread = spread_of(floor);
	for (const std::string &name : figures.names)
	{
		const Sample &sample = figures.samples[name];
		result.extra.emplace_back(name, sample.median());
		progress(name + ": " + rounded(sample.median()) + " (" + spread_of(sample) + ")");
	}
	result.remarks = {"Writing by the partition key into 50 partitions; the floor writes into plain tables."};
	return result;
}

const Register registered(15.2, "history.tables", tables, true);

} // namespace
