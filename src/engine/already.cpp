// OR ALREADY (already.hpp).
#include "pg/postgres.hpp"

#include "engine/already.hpp"
#include "engine/deliver.hpp"
#include "engine/incident.hpp"
#include "engine/scope.hpp"
#include "entity/entity.hpp"

namespace bpt::engine {

bool looks_back(const expr::Definition *definition, int element)
{
	for (const std::int32_t clause : definition->elements[element].clauses)
		if (definition->clauses[clause].model->or_already)
			return true;
	return false;
}

void look_already(Advance &a, int64 activity_id)
{
	const int steps = a.steps.count;
	ErrorData *const error = try_user_code([&] {
		const pg::Row activity = read_activity(activity_id);
		Scope scope = scope_of(a.instance, activity);
		for (const std::int32_t index : a.instance.definition->elements[scope.element].clauses)
		{
			expr::Clause &clause = a.instance.definition->clauses[index];
			queue::Event event;
			bool found = false;
			if (clause.model->or_already)
				as_work(scope, false,
						[&] { found = entity::already(a.instance.definition, clause, values_of(&scope), &event); });
			if (found && close_by_event(a, activity_id, clause, event))
				return;
		}
	});
	if (error == nullptr)
		return;
	a.steps.count = steps;
	pg::Row row = read_activity(activity_id);
	put_in_error(a.instance, row, pending::kLook, "event", error, 0, true);
}

} // namespace bpt::engine
