// Items passed over for a while (pause.hpp). Locks: none.
#include "pg/postgres.hpp"

#include "worker/pause.hpp"

namespace bpt::worker {

namespace {

struct Pause
{
	queue::Queue queue;
	int64 id; // 0: a free entry
	TimestampTz until;
	Reason reason;
	int times;
};

constexpr int kMaxPauses = 64;
constexpr int kShortestMs = 10;
constexpr int kLongestMs = 1000;
constexpr int kLongestAfterFailureMs = 60000;
constexpr int kMostReruns = 100;

Pause pauses[kMaxPauses];

Pause *pause_of(queue::Queue queue, int64 id)
{
	for (Pause &pause : pauses)
		if (pause.id == id && pause.queue == queue)
			return &pause;
	return nullptr;
}

/// An entry for the item: its own, a free one, or that of the item which may be tried again soonest.
Pause *entry_for(queue::Queue queue, int64 id)
{
	if (Pause *const known = pause_of(queue, id))
		return known;
	Pause *entry = &pauses[0];
	for (Pause &other : pauses)
		if (other.id == 0 || (entry->id != 0 && other.until < entry->until))
			entry = &other;
	*entry = Pause{queue, id, 0, Reason::blocked, 0};
	return entry;
}

} // namespace

bool pass_over(queue::Queue queue, int64 id, Reason reason)
{
	Pause *const pause = entry_for(queue, id);
	const int longest = reason == Reason::failed ? kLongestAfterFailureMs : kLongestMs;
	const int ms = Min(kShortestMs << Min(pause->times, 13), longest);
	pause->reason = reason;
	pause->times++;
	pause->until = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), ms);
	return reason != Reason::conflict || pause->times <= kMostReruns;
}

bool is_passed_over(queue::Queue queue, int64 id, TimestampTz now)
{
	const Pause *const pause = pause_of(queue, id);
	return pause != nullptr && pause->until > now;
}

TimestampTz next_pause_end(TimestampTz now)
{
	TimestampTz next = PG_INT64_MAX;
	for (const Pause &pause : pauses)
		if (pause.id != 0 && pause.until > now)
			next = Min(next, pause.until);
	return next;
}

void forget_pause(queue::Queue queue, int64 id)
{
	if (Pause *const pause = pause_of(queue, id))
		*pause = Pause{};
}

void forget_blocked()
{
	for (Pause &pause : pauses)
		if (pause.reason == Reason::blocked)
			pause.until = 0;
}

} // namespace bpt::worker
