// Values of process names (scope.hpp).
#include "pg/postgres.hpp"

#include "engine/email.hpp"
#include "engine/scope.hpp"
#include "pg/arrays.hpp"
#include "pg/bracket.hpp"
#include "pg/errors.hpp"

namespace bpt::engine {

namespace ai = activity_instance;
namespace pi = process_instance;

namespace {

using expr::Property;
using expr::Slot;
using expr::SlotKind;

/// The process row as it is now, or as it will be inserted.
const pg::Row &process_of(Scope *scope)
{
	if (scope->process != nullptr)
		return *scope->process;
	if (scope->read_at != GetCurrentCommandId(false) || scope->read_after != changes_in_hand() || !scope->process_row)
		know_process(scope, pg::in_context(scope->context, [&] { return read_process(scope->instance.id); }));
	return scope->process_row;
}

/// The most recent activity of an element along the chain that begins at `next`.
pg::Row latest_from(int64 next, int64 wanted);

/// The same before an activity. That of a CONDITIONAL START with AFTER has several predecessors.
pg::Row latest_before(const pg::Row &activity, int64 wanted)
{
	if (activity.null(ai::predecessors))
		return latest_from(activity.int8(ai::precedent_activity_id), wanted);
	int count = 0;
	const int64 *const ids = pg::int8_items(activity.at(ai::predecessors), &count);
	pg::Row latest;
	for (int i = 0; i < count; i++)
	{
		const pg::Row row = latest_from(ids[i], wanted);
		if (row && (!latest || row.int8(ai::id) > latest.int8(ai::id)))
			latest = row;
	}
	return latest;
}

pg::Row latest_from(int64 next, int64 wanted)
{
	check_stack_depth();
	while (next != 0)
	{
		pg::Row row = read_activity(next);
		if (!row || row.int8(ai::activity_def_id) == wanted)
			return row;
		if (!row.null(ai::predecessors))
			return latest_before(row, wanted);
		next = row.int8(ai::precedent_activity_id);
		CHECK_FOR_INTERRUPTS();
	}
	return {};
}

/// The activity row that `element` has for this scope: its own, or the most recent one among the predecessors.
pg::Row activity_for(Scope *scope, int element)
{
	if (element == scope->element)
		return scope->activity_id == 0 ? pg::Row{} : read_activity(scope->activity_id);
	const expr::Definition &definition = *scope->instance.definition;
	const int64 wanted = definition.elements[element].id;
	const bool branches = scope->element >= 0 && !definition.elements[scope->element].model->after.empty();
	return branches && scope->activity_id != 0 ? latest_before(read_activity(scope->activity_id), wanted)
											   : latest_from(scope->precedent, wanted);
}

Datum text_or_null(const pg::Row &row, int column, bool *isnull)
{
	*isnull = row.null(column);
	return *isnull ? Datum{0} : row.at(column);
}

Datum fetch_property(Scope *scope, const Slot &slot, bool *isnull)
{
	const bool own = slot.element == scope->element;
	const Change *const change = own ? scope->change : nullptr;
	*isnull = false;
	if (slot.property == Property::activity_id && own && scope->activity_id != 0)
		return Int64GetDatum(scope->activity_id);
	if (change != nullptr && change->closing)
	{
		if (slot.property == Property::closed_instant)
			return TimestampTzGetDatum(change->closed_instant);
		if (slot.property == Property::closed_by)
		{
			*isnull = change->closed_by == nullptr;
			return *isnull ? Datum{0} : CStringGetTextDatum(change->closed_by);
		}
		if (slot.property == Property::expired)
			return BoolGetDatum(change->expired);
		if (slot.property == Property::skipped)
			return BoolGetDatum(change->skipped);
	}
	const pg::Row row = activity_for(scope, slot.element);
	if (!row)
	{
		*isnull = true;
		return Datum{0};
	}
	switch (slot.property)
	{
	case Property::activity_id:
		return Int64GetDatum(row.int8(ai::id));
	case Property::closed_instant:
		return text_or_null(row, ai::closed, isnull);
	case Property::closed_by:
		return text_or_null(row, ai::closed_by, isnull);
	case Property::skipped:
		return BoolGetDatum(row.boolean(ai::skipped));
	case Property::expired:
		return BoolGetDatum(row.boolean(ai::expired));
	case Property::refusals:
		return slot.type == INT8OID ? Int64GetDatum(row.int4(ai::refusals)) : Int32GetDatum(row.int4(ai::refusals));
	case Property::started_by:
		return text_or_null(row, ai::started_by, isnull);
	case Property::started_instant:
		return text_or_null(row, ai::started_instant, isnull);
	case Property::terminated:
	{
		const pg::Row child = row.null(ai::child_process_id) ? pg::Row{} : read_process(row.int8(ai::child_process_id));
		*isnull = !child;
		return BoolGetDatum(child && process_status(child) == ProcessStatus::terminated);
	}
	case Property::email_id:
	{
		const int64 email = email_of(row.int8(ai::id));
		*isnull = email == 0;
		return Int64GetDatum(email);
	}
	}
	*isnull = true;
	return Datum{0};
}

Datum fetch_output(Scope *scope, const Slot &slot, bool *isnull)
{
	const expr::Variable &variable = scope->instance.definition->elements[slot.element].outputs[slot.index];
	char *text = nullptr;
	if (slot.element == scope->element && scope->change != nullptr)
		look_up(scope->change->outputs, variable.id, &text);
	else
	{
		const pg::Row row = activity_for(scope, slot.element);
		if (row)
			look_up(row.json(ai::outputs), variable.id, &text);
	}
	return expr::from_text(text, variable.type, variable.typmod, isnull);
}

Datum fetch(void *context, const Slot &slot, bool *isnull)
{
	auto *const scope = static_cast<Scope *>(context);
	const expr::Definition *const definition = scope->instance.definition;
	switch (slot.kind)
	{
	case SlotKind::process_input:
	{
		const expr::Variable &input = definition->inputs[slot.index];
		const pg::Row &row = process_of(scope);
		char *text = nullptr;
		look_up(row.json(pi::inputs), input.id, &text);
		return expr::from_text(text, input.type, input.typmod, isnull);
	}
	case SlotKind::process_output:
	{
		const expr::Variable &output = definition->outputs[slot.index];
		bool is_set = false;
		char *const text = process_output_text(scope->instance, process_of(scope), output, &is_set);
		return expr::from_text(text, output.type, output.typmod, isnull);
	}
	case SlotKind::process_property:
		*isnull = false;
		return Int64GetDatum(scope->instance.id);
	case SlotKind::output:
		return fetch_output(scope, slot, isnull);
	case SlotKind::property:
		return fetch_property(scope, slot, isnull);
	case SlotKind::row_new:
	case SlotKind::row_old:
		break;
	}
	elog(ERROR, "bpt: a column of an event where there is none");
}

} // namespace

Scope scope_of(const Instance &instance, const pg::Row &activity)
{
	Scope scope;
	scope.instance = instance;
	scope.element = element_of(instance, activity);
	scope.activity_id = activity.int8(ai::id);
	scope.precedent = activity.int8(ai::precedent_activity_id);
	return scope;
}

expr::Values values_of(Scope *scope)
{
	return {fetch, scope};
}

void know_process(Scope *scope, const pg::Row &process)
{
	scope->read_at = GetCurrentCommandId(false);
	scope->read_after = changes_in_hand();
	scope->process_row = process;
}

int element_of(const Instance &instance, const pg::Row &activity)
{
	const int element = instance.definition->element_by_id(activity.int8(ai::activity_def_id));
	if (element < 0)
		ereport(ERROR, (errcode(kNoSuchObject),
						errmsg("activity " INT64_FORMAT " is not part of version %d of process \"%s\"",
							   activity.int8(ai::id), instance.definition->version, instance.definition->name)));
	return element;
}

char *process_output_text(const Instance &instance, const pg::Row &process, const expr::Variable &output, bool *is_set)
{
	char *text = nullptr;
	const Held held = look_up(process.json(pi::outputs), output.id, &text);
	*is_set = held == Held::as_set;
	if (held != Held::missing)
		return text;

	expr::Definition *const definition = instance.definition;
	for (const expr::Variable &now : definition->outputs)
		if (now.id == output.id && now.model != nullptr && now.model->default_value)
		{
			Scope scope;
			scope.instance = instance;
			scope.process = &process;
			expr::as_owner(definition, [&] {
				bool isnull = true;
				const Datum value = expr::evaluate(expr::code(definition, now.model->default_value, expr::Site{},
															  expr::CodeKind::value, now.type, now.typmod),
												   values_of(&scope), &isnull);
				text = expr::to_text(value, isnull, now.type);
			});
		}
	return text;
}

} // namespace bpt::engine
