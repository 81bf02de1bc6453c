// Light processes (light.hpp).
//
// Nothing is written but what the statements write: the inputs go as values from the event to the statements' parameters.
// Locks: what the statements take as the owner.
#include "pg/postgres.hpp"

#include "engine/automatic.hpp"
#include "engine/callback.hpp"
#include "engine/deliver.hpp"
#include "engine/launch.hpp"
#include "engine/light.hpp"
#include "entity/entity.hpp"
#include "expr/current.hpp"
#include "pg/timeout.hpp"

namespace bpt::engine {

namespace {

/// The inputs of one run; NULL until they are known, as a default may read those before it.
struct Inputs
{
	Datum *values;
	bool *nulls;
};

/// Values of process names: there is no instance, so it has no id.
Datum fetch(void *context, const expr::Slot &slot, bool *isnull)
{
	const Inputs &inputs = *static_cast<Inputs *>(context);
	if (slot.kind == expr::SlotKind::process_input)
	{
		*isnull = inputs.nulls[slot.index];
		return inputs.values[slot.index];
	}
	*isnull = true;
	return Datum{0};
}

/// The inputs that the event passes, and the defaults of the others.
Inputs inputs_of(expr::Definition *definition, expr::Clause &clause, entity::EventValues &event)
{
	const Size count = static_cast<Size>(Max(definition->inputs.count, 1));
	Inputs inputs{static_cast<Datum *>(palloc0(sizeof(Datum) * count)), static_cast<bool *>(palloc(count))};
	memset(inputs.nulls, true, count);
	for (int i = 0; i < definition->inputs.count; i++)
	{
		const expr::Variable &input = definition->inputs[i];
		bool isnull = true;
		Datum value = Datum{0};
		if (!passed_value(definition, clause, event, input, &value, &isnull) && input.model->default_value)
			value = expr::evaluate(expr::code(definition, input.model->default_value, expr::Site{},
											  expr::CodeKind::value, input.type, input.typmod),
								   expr::Values{fetch, &inputs}, &isnull);
		check_not_null(input, isnull);
		inputs.values[i] = value;
		inputs.nulls[i] = isnull;
	}
	return inputs;
}

/// The statements, under the time limit. What they return is of no use to anybody.
void run_statements(expr::Definition *definition, int element, Inputs &inputs)
{
	const core::Element &model = *definition->elements[element].model;
	expr::Site site;
	site.element = element;
	pg::time_limited(time_limit_of(definition, model), [&] {
		for (const core::Statement &statement : model.statements)
			(void)expr::run_statement(expr::code(definition, statement.sql, site, expr::CodeKind::statement),
									  expr::Values{fetch, &inputs}, statement.strict);
	});
}

} // namespace

int light_element(const expr::Definition *definition)
{
	for (int i = 0; i < definition->elements.count; i++)
		if (definition->elements[i].model->kind == core::Kind::automatic)
			return i;
	elog(ERROR, "bpt: light process \"%s\" has no AUTOMATIC", definition->name);
}

bool commits_each(const expr::Definition *definition)
{
	return definition->elements[light_element(definition)].model->commit_each;
}

void run_light(expr::Definition *definition, expr::Clause &clause, queue::Event &event)
{
	const int element = light_element(definition);
	expr::Current work = expr::current;
	work.activity_name = name_of(Instance{0, definition}, element);
	work.may_run_on = false; // what user code starts must not fail to it
	expr::with_current(work, [&] {
		expr::as_owner(definition, [&] {
			running_phase = "event";
			entity::EventValues values = launch_values(event, clause);
			if (entity::matches(definition, clause, &values))
			{
				Inputs inputs = inputs_of(definition, clause, values);
				running_phase = nullptr;
				run_statements(definition, element, inputs);
			}
			running_phase = nullptr;
		});
	});
}

} // namespace bpt::engine
