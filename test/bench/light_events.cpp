// A light process over inserted orders (light_events.hpp).
#include "light_events.hpp"

namespace bpt_bench {

void prepare_light(Database &database, long events)
{
	install(database);
	database.run(kOrders);
	publish(database, "PROCESS touch LIGHT LAUNCH ON INSERT INTO orders AS order_id; START -> act;"
					  "AUTOMATIC act DO (UPDATE orders SET status = 'done' WHERE id = order_id) -> END;");
	hold(database);
	database.run(fill_orders(events));
	database.require("events before the release", "SELECT count(*) FROM bpt.event_queue", std::to_string(events));
}

double drain_light(Database &database, long events)
{
	const std::string all = std::to_string(events);
	const double seconds = drain(database, "SELECT count(*) = " + all + " FROM orders WHERE status = 'done'");
	database.require("orders done", "SELECT count(*) FROM orders WHERE status = 'done'", all);
	database.require("instances", "SELECT count(*) FROM bpt.process", "0");
	database.require_idle();
	return static_cast<double>(events) / seconds;
}

} // namespace bpt_bench
