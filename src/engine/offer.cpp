// To whom a task is offered (offer.hpp).
#include "pg/postgres.hpp"

#include "engine/offer.hpp"
#include "engine/scope.hpp"
#include "engine/users.hpp"
#include "queue/work.hpp"

namespace bpt::engine {

namespace ai = activity_instance;

void write_offers(const Instance &instance, const pg::Row &activity)
{
	const int64 id = activity.int8(ai::id);
	const ActivityStatus status = activity_status(activity);
	queue::notify_at_commit();
	pg::Row old; // takes the first offer's place
	pg::each("task_offer", "task_offer_activity", {pg::key(id)}, [&](pg::Row &row) {
		if (old)
			pg::remove("task_offer", row);
		else
			old = row;
		return true;
	});
	auto offer = [&](int64 role, const char *user) {
		pg::Row row = old ? old : pg::new_row("task_offer");
		row.set(task_offer::activity_id, Int64GetDatum(id));
		row.set(task_offer::role_id, Int64GetDatum(role));
		row.set_text(task_offer::user_id, user);
		if (old)
			pg::update("task_offer", row);
		else
			pg::insert("task_offer", row);
		old = pg::Row{};
	};
	const expr::Element &element = instance.definition->elements[element_of(instance, activity)];
	if (status == ActivityStatus::opened)
		offer(0, activity.text(ai::opened_by));
	else if (status == ActivityStatus::ready)
	{
		if (!activity.null(ai::user_id))
			offer(0, activity.text(ai::user_id));
		else if (!activity.null(ai::group_id))
			offer(kGroupOffer, activity.text(ai::group_id));
		else if (element.role_ids.empty())
			offer(0, "");
		else
			for (const int64 role : element.role_ids)
				offer(role, "");
	}
	if (old)
		pg::remove("task_offer", old);
}

void remove_offers(int64 activity_id)
{
	queue::notify_at_commit();
	pg::each("task_offer", "task_offer_activity", {pg::key(activity_id)}, [](pg::Row &row) {
		pg::remove("task_offer", row);
		return true;
	});
}

} // namespace bpt::engine
