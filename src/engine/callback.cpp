// Running callbacks (callback.hpp).
#include "pg/postgres.hpp"

#include "engine/callback.hpp"
#include "expr/current.hpp"
#include "pg/errors.hpp"
#include "pg/settings.hpp"
#include "pg/timeout.hpp"

namespace bpt::engine {

const char *running_phase = nullptr;

namespace {

/// The phase of a callback's statements.
const char *phase_of(core::When when)
{
	switch (when)
	{
	case core::When::process_start:
		return "on_process_start";
	case core::When::ready:
		return "on_ready";
	case core::When::open:
		return "on_open";
	case core::When::start:
		return "on_start";
	case core::When::close:
		return "on_close";
	case core::When::skip:
		return "on_skip";
	}
	return nullptr;
}

/// Raises the refusal of a CHECK that is not true.
[[noreturn]] void refuse(const Scope &scope, const core::Callback &callback, const expr::Site &site,
						 const expr::Values &values)
{
	const char *message = expr::text_of(scope.instance.definition, callback.message, site, values);
	if (message == nullptr)
		message = scope.element < 0
					  ? psprintf("process \"%s\" refuses to start", scope.instance.definition->name)
					  : psprintf("the callback of \"%s\" refuses the change", name_of(scope.instance, scope.element));
	ereport(ERROR, (errcode(kAbortActivityChange), errmsg("%s", message)));
	pg_unreachable();
}

/// One callback. Only an element's own callback gives values to the element's outputs.
void run_one(Scope &scope, const core::Callback &callback, const expr::Site &site)
{
	expr::Definition *const definition = scope.instance.definition;
	const expr::Values values = values_of(&scope);
	const char *const outer = running_phase;
	running_phase = "check";
	if (callback.check && !expr::holds(expr::code(definition, callback.check, site, expr::CodeKind::condition), values))
		refuse(scope, callback, site, values);
	running_phase = phase_of(callback.when);
	for (const core::Sql &sql : callback.statements)
	{
		const expr::StatementResult result =
			expr::run_statement(expr::code(definition, sql, site, expr::CodeKind::statement), values, false);
		if (site.element >= 0 && scope.change != nullptr)
			take_outputs(scope, result, &scope.change->outputs);
	}
	set_outputs(scope, callback.set, site);
	running_phase = outer;
}

} // namespace

void clear_running()
{
	running_phase = nullptr;
	expr::running_sql = {};
}

bool has_callbacks(const expr::Definition *definition, int element, core::When when)
{
	// Those of the process run before an element's own: for the kinds that can have their own.
	if (element >= 0)
	{
		const core::Kind kind = definition->elements[element].model->kind;
		if (kind != core::Kind::human && kind != core::Kind::wait && kind != core::Kind::conditional_start)
			return false;
	}
	for (const core::Callback &callback : definition->model->callbacks)
		if (callback.when == when)
			return true;
	if (element >= 0)
		for (const core::Callback &callback : definition->elements[element].model->callbacks)
			if (callback.when == when)
				return true;
	return false;
}

void run_callbacks(Scope &scope, core::When when)
{
	if (!has_callbacks(scope.instance.definition, scope.element, when))
		return;
	as_work(scope, true, [&] {
		pg::time_limited(settings::callback_timeout, [&] {
			// A callback of the process sees the process's inputs and outputs only.
			for (const core::Callback &callback : scope.instance.definition->model->callbacks)
				if (callback.when == when)
					run_one(scope, callback, expr::Site{});
			if (scope.element < 0)
				return;
			const expr::Site site = expr::own_site(scope.element);
			for (const core::Callback &callback : scope.instance.definition->elements[scope.element].model->callbacks)
				if (callback.when == when)
					run_one(scope, callback, site);
		});
	});
}

void set_outputs(Scope &scope, const core::Vec<core::Assignment> &set, const expr::Site &site)
{
	expr::Definition *const definition = scope.instance.definition;
	for (const core::Assignment &assignment : set)
	{
		const expr::Variable *const output = expr::output_for_set(definition, site.element, assignment.name.text);
		if (output == nullptr)
			continue; // publish has refused it
		bool isnull = true;
		const Datum value = expr::evaluate(
			expr::code(definition, assignment.value, site, expr::CodeKind::value, output->type, output->typmod),
			values_of(&scope), &isnull);
		const char *const text = expr::to_text(value, isnull, output->type);
		const auto set_in = [&](pg::Row &row, int column) {
			row.set(column, JsonbPGetDatum(with_value(row.json(column), output->id, text)));
		};
		bool is_process_output = false;
		for (const expr::Variable &other : definition->outputs)
			is_process_output = is_process_output || &other == output;
		if (is_process_output)
			change_process(scope.instance.id, [&](pg::Row &row) { set_in(row, process_instance::outputs); });
		else if (scope.change != nullptr)
			scope.change->outputs = with_value(scope.change->outputs, output->id, text);
		else
			change_activity(scope.activity_id, [&](pg::Row &row) { set_in(row, activity_instance::outputs); });
	}
}

void take_outputs(const Scope &scope, const expr::StatementResult &result, Jsonb **outputs)
{
	for (int column = 0; column < result.columns; column++)
		for (const expr::Variable &output : scope.instance.definition->elements[scope.element].outputs)
		{
			if (output.is_input || strcmp(output.name, result.names[column]) != 0)
				continue;
			bool isnull = !result.found || result.nulls[column];
			Datum value = Datum{0};
			if (!isnull)
				value = expr::assign(result.values[column], false, result.types[column], output.type, output.typmod,
									 &isnull);
			*outputs = with_value(*outputs, output.id, expr::to_text(value, isnull, output.type));
		}
}

void as_work(const Scope &scope, bool in_change, void (*f)(void *), void *context)
{
	expr::Current work = expr::current;
	work.process_id = scope.instance.id;
	work.activity_id = scope.activity_id;
	work.activity_name = scope.element < 0 ? nullptr : name_of(scope.instance, scope.element);
	work.in_change = in_change;
	work.may_run_on = false; // what user code starts must not fail to it
	expr::with_current(work, [&] { expr::as_owner(scope.instance.definition, f, context); });
}

} // namespace bpt::engine
