// Orders with a listener to their INSERTs (inserts.hpp).
#include "inserts.hpp"

#include "three_steps.hpp"

namespace bpt_bench {

void listen(Database &database, const std::string &how)
{
	database.run(file_text("floors/insert.sql"));
	if (how != "bpt")
		return database.run("CALL listen_by_hand('" + how + "')");
	install(database);
	publish_three_steps(database);
	hold(database);
}

void check_inserted(Database &database, const std::string &how, long orders)
{
	const std::string all = std::to_string(orders);
	database.require("orders", "SELECT count(*) FROM orders", all);
	if (how == "bpt")
		database.require("events", "SELECT count(*) FROM bpt.event_queue", all);
	else if (how != "bare")
		database.require("queue rows", "SELECT count(*) FROM queue", all);
}

} // namespace bpt_bench
