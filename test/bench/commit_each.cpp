// Case `commit_each`: the process of three steps with a commit for each (COMMIT EACH), against the same done by hand in two
// sessions at three commits an instance. Both are bound by what a durable commit costs.
#include "three_steps.hpp"

namespace {

using namespace bpt_bench;

Result commit_each()
{
	const long runs = setting("BENCH_RUNS", 3);
	const long instances = setting("BENCH_INSTANCES", 50000);
	std::vector<Side> sides = {{"bpt", [&] { return run_three_steps(instances, Each::commit).per_second; }},
							   {"by hand", [&] { return run_by_hand(instances, "step").per_second; }}};
	by_turns(runs, "instances/s", sides);
	Result result = compared("instances/s", sides);
	result.targets = {at_least(result, 0.95)};
	result.remarks = {
		"The floor commits three times an instance in 2 sessions; it reads no queue and records no event."};
	return result;
}

const Register registered(2, "commit_each", commit_each);

} // namespace
