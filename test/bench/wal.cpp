// Cases `wal.instance` and `wal.light`: bytes of WAL for an instance of the process of three steps, and for an event of a
// light process, the UPDATEs of the orders included, after a checkpoint; full-page images apart.
#include "inserts.hpp"
#include "light_events.hpp"
#include "three_steps.hpp"

namespace {

using namespace bpt_bench;

/// What an inserted row writes, with or without an event.
double inserted(const std::string &how, long rows)
{
	Database database("insert");
	listen(database, how);
	const WalMeter wal;
	database.run(fill_orders(rows));
	return wal.written().records / static_cast<double>(rows);
}

Result bytes_of(const std::vector<WalMeter::Bytes> &runs, double most)
{
	Sample records;
	Sample images;
	for (const WalMeter::Bytes &run : runs)
	{
		records.values.push_back(run.records);
		images.values.push_back(run.images);
	}
	Result result;
	result.unit = "bytes";
	result.value = records.median();
	result.spread = spread_of(records);
	result.targets = {{"at most " + rounded(most) + " bytes", result.value <= most}};
	result.extra = {{"full_page_images", images.median()}};
	result.remarks = {"From the release of the backlog to its end; full-page images are not counted."};
	return result;
}

Result instance()
{
	const long runs = setting("BENCH_RUNS", 3);
	const long instances = setting("BENCH_INSTANCES", 50000);
	std::vector<WalMeter::Bytes> ours;
	Sample floor;
	for (long i = 0; i < runs; i++)
	{
		ours.push_back(run_three_steps(instances, Each::batch).wal);
		floor.values.push_back(run_by_hand(instances, "hundred").wal.records);
	}
	Result result = bytes_of(ours, 1400);
	result.floor = floor.median();
	result.floor_spread = spread_of(floor);
	result.ratio = result.value / *result.floor;
	result.extra.emplace_back("event_recorded", inserted("bpt", instances) - inserted("bare", instances));
	result.remarks.emplace_back(
		"The event itself (event_recorded) was written with the user's INSERT, before the release.");
	return result;
}

Result light_event()
{
	const long runs = setting("BENCH_RUNS", 3);
	const long events = setting("BENCH_EVENTS", 200000);
	std::vector<WalMeter::Bytes> ours;
	for (long i = 0; i < runs; i++)
	{
		Database database("light");
		prepare_light(database, events);
		const WalMeter wal;
		drain_light(database, events);
		const WalMeter::Bytes written = wal.written();
		const auto n = static_cast<double>(events);
		ours.push_back({written.records / n, written.images / n});
	}
	return bytes_of(ours, 400);
}

const Register for_instance(9.1, "wal.instance", instance);
const Register for_light(9.2, "wal.light", light_event);

} // namespace
