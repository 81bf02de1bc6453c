// Case `process`: the process of three steps with full history, by two workers, against the same done by hand in two
// sessions at a hundred instances a commit.
#include "three_steps.hpp"

namespace {

using namespace bpt_bench;

Result process()
{
	const long runs = setting("BENCH_RUNS", 3);
	const long instances = setting("BENCH_INSTANCES", 50000);
	std::vector<Side> sides = {{"bpt", [&] { return run_three_steps(instances, Each::batch).per_second; }},
							   {"by hand", [&] { return run_by_hand(instances, "hundred").per_second; }}};
	by_turns(runs, "instances/s", sides);
	Result result = compared("instances/s", sides);
	result.targets = {at_least(result, 1.0)};
	result.remarks = {"The floor commits every 100 instances in 2 sessions; it reads no queue and records no event."};
	return result;
}

const Register registered(1, "process", process);

} // namespace
