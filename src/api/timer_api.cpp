// bpt.wake_timer, set_timer_schedule, drop_timer, and what the view bpt.timer asks: arguments in, results out.
#include "pg/postgres.hpp"

#include "api/arguments.hpp"
#include "engine/timer.hpp"
#include "engine/users.hpp"
#include "worker/slots.hpp"

using namespace bpt;

BPT_FUNCTION(bpt_wake_timer)
{
	engine::wake_timer(api::text_argument(fcinfo, 0, "timer"));
	PG_RETURN_VOID();
}

BPT_FUNCTION(bpt_set_timer_schedule)
{
	const char *const name = api::text_argument(fcinfo, 0, "timer");
	engine::set_timer_schedule(name, api::text_argument(fcinfo, 1, "schedule"));
	PG_RETURN_VOID();
}

BPT_FUNCTION(bpt_drop_timer)
{
	engine::drop_timer(api::text_argument(fcinfo, 0, "timer"));
	PG_RETURN_VOID();
}

// The instant since which a worker is running the timer; NULL if none is, or the reader may not know.
BPT_FUNCTION(bpt_timer_running_since)
{
	const int64 id = PG_GETARG_INT64(0);
	if (worker::shared == nullptr || !engine::may_see(id))
		PG_RETURN_NULL();
	TimestampTz since = 0;
	worker::locked(LW_SHARED, [&] {
		for (int i = 0; i < worker::shared->count; i++)
		{
			const worker::Slot &slot = worker::shared->slots[i];
			if (slot.database == MyDatabaseId && slot.state == worker::State::running &&
				slot.item.queue == static_cast<char>(queue::Queue::ready) && slot.shown_activity == -id)
				since = slot.since;
		}
	});
	if (since == 0)
		PG_RETURN_NULL();
	PG_RETURN_TIMESTAMPTZ(since);
}
