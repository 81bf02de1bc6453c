// Starting instances (launch.hpp).
#include "pg/postgres.hpp"

#include "engine/callback.hpp"
#include "engine/conditional_start.hpp"
#include "engine/launch.hpp"
#include "expr/clock.hpp"
#include "expr/current.hpp"
#include "pg/errors.hpp"

namespace bpt::engine {

namespace pi = process_instance;

namespace {

/// Completes the inputs by their defaults, each of which may read the inputs before it.
void fill_input_defaults(expr::Definition *definition, Scope &scope, pg::Row &row)
{
	Jsonb *inputs = row.json(pi::inputs);
	for (const expr::Variable &input : definition->inputs)
	{
		char *text = nullptr;
		if (look_up(inputs, input.id, &text) == Held::missing && input.model->default_value)
		{
			as_work(scope, false, [&] {
				bool isnull = true;
				const Datum value = expr::evaluate(expr::code(definition, input.model->default_value, expr::Site{},
															  expr::CodeKind::value, input.type, input.typmod),
												   values_of(&scope), &isnull);
				text = expr::to_text(value, isnull, input.type);
			});
			inputs = with_value(inputs, input.id, text, true);
			row.set(pi::inputs, JsonbPGetDatum(inputs));
		}
		check_not_null(input, text == nullptr);
	}
}

/// DETAIL at launch, else the launching row's first text column, else LABEL, else the name.
char *label_of(expr::Definition *definition, Scope &scope, const Origin &origin)
{
	char *label = nullptr;
	const core::Process &model = *definition->model;
	as_work(scope, false, [&] {
		if (model.detail)
			label = expr::text_of(definition, model.detail, expr::Site{}, values_of(&scope));
		else if (origin.row_label != nullptr)
			label = pstrdup(origin.row_label);
		if (label == nullptr && model.label)
			label = expr::text_of(definition, model.label, expr::Site{}, values_of(&scope));
	});
	return label != nullptr ? label : pstrdup(definition->name);
}

} // namespace

void check_not_null(const expr::Variable &variable, bool isnull)
{
	if (isnull && variable.model != nullptr && variable.model->not_null)
		ereport(ERROR, (errcode(kInvalidArguments), errmsg("input \"%s\" must not be null", variable.name)));
}

NewInstance new_instance(expr::Definition *definition, Jsonb *inputs, const Origin &origin)
{
	Instance instance;
	instance.id = pg::next_id("process_id");
	instance.definition = definition;
	instance.priority = static_cast<int>(definition->model->priority);

	const Datum now = TimestampTzGetDatum(expr::now());
	pg::Row row = pg::new_row("process_instance");
	row.set(pi::id, Int64GetDatum(instance.id));
	row.set(pi::process_def_id, Int64GetDatum(definition->id));
	row.set(pi::version, Int32GetDatum(definition->version));
	row.set(pi::status, Int16GetDatum(static_cast<int16>(ProcessStatus::active)));
	row.set(pi::is_suspended, BoolGetDatum(false));
	row.set(pi::created, now);
	row.set_text(pi::created_by, origin.created_by);
	const bool is_child = origin.parent_process_id != 0;
	if (is_child)
	{
		row.set(pi::top_process_id, Int64GetDatum(origin.top_process_id));
		row.set(pi::parent_process_id, Int64GetDatum(origin.parent_process_id));
		row.set(pi::parent_activity_id, Int64GetDatum(origin.parent_activity_id));
	}
	row.set(pi::last_modified, now);
	row.set_text(pi::last_modified_by, origin.created_by);
	if (expr::current.activity_id != 0 && !is_child)
		row.set(pi::launched_by_activity_id, Int64GetDatum(expr::current.activity_id));
	if (origin.entity_id != 0)
	{
		row.set(pi::entity_id, Int64GetDatum(origin.entity_id));
		row.set_text(pi::entity_key, origin.key);
	}
	if (inputs != nullptr)
		row.set(pi::inputs, JsonbPGetDatum(inputs));
	row.set(pi::paths, Int32GetDatum(1));

	Scope scope;
	scope.instance = instance;
	scope.process = &row;
	fill_input_defaults(definition, scope, row);
	row.set_text(pi::label, label_of(definition, scope, origin));
	return {instance, row};
}

void enter_instance(NewInstance &made)
{
	save(Kept::process, made.row);
	Scope scope;
	scope.instance = made.instance;
	run_callbacks(scope, core::When::process_start);
}

void begin_paths(Advance &a)
{
	const expr::Definition &definition = *a.instance.definition;
	if (!is_running(a.instance.id))
		return;
	listen_from_launch(a);
	follow(a, definition.model->elements[definition.flow->start].targets, 0, nullptr, 0);
	run(a);
}

Advance start_instance(expr::Definition *definition, Jsonb *inputs, const Origin &origin)
{
	NewInstance made = new_instance(definition, inputs, origin);
	enter_instance(made);
	Advance a = begin_advance(made.instance, origin.event_id);
	begin_paths(a);
	return a;
}

} // namespace bpt::engine
