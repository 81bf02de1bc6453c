// Any bytes as a schedule: reading must not break and must point into the text; what is read comes at instants that go
// forwards, in whole minutes of local time or at the end of a gap.
#include <cstdlib>
#include <string_view>

#include "core/schedule.hpp"
#include "fuzz_arena.hpp"

namespace {

using bpt::fuzz::Blocks;
using bpt::fuzz::require;

constexpr std::int64_t kSpring = 1774746000; // 2026-03-29 01:00 UTC
constexpr std::int64_t kAutumn = 1792890000; // 2026-10-25 01:00 UTC

std::int32_t offset(const void *, std::int64_t instant)
{
	return instant >= kSpring && instant < kAutumn ? 7200 : 3600;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char *data, std::size_t size)
{
	using namespace bpt::core;
	Blocks blocks;
	Arena arena{Blocks::allocate, &blocks};
	const std::string_view text = arena.copy({reinterpret_cast<const char *>(data), size});
	Schedule schedule;
	ScheduleProblem problem;
	if (!parse_schedule(arena, text, &schedule, &problem))
	{
		require(problem.at >= 0 && static_cast<std::size_t>(problem.at) <= size);
		require(!problem.message.empty());
	}
	else
	{
		const Zone zone{offset, nullptr};
		for (const std::int64_t start : {kSpring - 90000, kAutumn - 7201, std::int64_t{-1}})
		{
			std::int64_t instant = start;
			for (int i = 0; i < 20; i++)
			{
				std::int64_t next = 0;
				const bool found = next_instant(schedule, zone, instant, &next);
				require(found != schedule.when_published);
				if (!found)
					break;
				require(next > instant && next % 60 == 0);
				instant = next;
			}
		}
	}
	return 0;
}
