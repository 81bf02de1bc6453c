// Writing the rows of a version (publish_rows.hpp). Takes no locks but those of the rows it writes.
#include "engine/publish_rows.hpp"

extern "C" {
#include "utils/regproc.h"
}

#include "engine/clause_text.hpp"
#include "engine/instance.hpp"
#include "engine/users.hpp"
#include "expr/clock.hpp"
#include "pg/arrays.hpp"

namespace bpt::engine {

namespace {

void set_text_or_null(pg::Row &row, int column, const char *text)
{
	if (text == nullptr)
		row.set_null(column);
	else
		row.set_text(column, text);
}

/// LABEL, by default the name.
void set_label(pg::Row &row, int column, const core::TextValue &label, const core::Name &name)
{
	row.set_text(column, label ? source_of(label) : c_string(name.text));
}

/// A row of `rows` by its id (column 1 of every definition table), null if it is not there.
pg::Row *row_by_id(core::Vec<pg::Row> &rows, int64 id)
{
	for (pg::Row &row : rows)
		if (row.int8(1) == id)
			return &row;
	return nullptr;
}

int16 priority_of(core::Priority priority)
{
	switch (priority)
	{
	case core::Priority::low:
		return 0;
	case core::Priority::normal:
		return 1;
	case core::Priority::high:
		return 2;
	}
	return 1;
}

const char *publisher()
{
	return GetUserNameFromId(GetUserId(), false);
}

void set_launch_function(pg::Row &row, Oid launch_function)
{
	row.set(process_def::launch_function, ObjectIdGetDatum(launch_function));
	row.set_text(process_def::launch_signature, format_procedure_qualified(launch_function));
}

/// The roles of VISIBLE TO.
void set_visible_to(pg::Row &row, const core::Vec<core::Name> &roles)
{
	if (roles.empty())
		return row.set_null(process_def::visible_to);
	int64 *const ids = static_cast<int64 *>(palloc(sizeof(int64) * static_cast<Size>(roles.count)));
	for (int i = 0; i < roles.count; i++)
		ids[i] = role_ref_of(get_role_oid(c_string(roles[i].text), false));
	row.set(process_def::visible_to, pg::int8_array(ids, roles.count));
}

void write_process(Candidate &candidate, Oid launch_function)
{
	const expr::Definition &draft = *candidate.draft;
	const core::Process &model = *candidate.model;
	const Datum now = TimestampTzGetDatum(expr::now());
	pg::Row row = candidate.existing ? candidate.existing : pg::new_row("process_def");
	if (!candidate.existing)
	{
		row.set(process_def::id, Int64GetDatum(draft.id));
		row.set(process_def::created, now);
	}
	row.set(process_def::schema_oid, ObjectIdGetDatum(candidate.schema));
	row.set_text(process_def::schema_name, candidate.schema_name);
	row.set_text(process_def::name, candidate.name);
	set_label(row, process_def::label, model.label, model.name.name);
	set_text_or_null(row, process_def::description, source_of(model.description));
	set_text_or_null(row, process_def::detail, source_of(model.detail));
	row.set(process_def::version, Int32GetDatum(draft.version));
	row.set(process_def::is_active, BoolGetDatum(true));
	row.set(process_def::is_public, BoolGetDatum(model.is_public));
	row.set(process_def::is_light, BoolGetDatum(model.is_light));
	row.set(process_def::expose_process_entity, BoolGetDatum(model.expose_entity));
	set_text_or_null(row, process_def::launch_on, clauses_text(draft, -1));
	row.set(process_def::priority, Int16GetDatum(priority_of(model.priority)));
	set_launch_function(row, launch_function);
	set_visible_to(row, model.visible_to);
	row.set(process_def::published, now);
	row.set_text(process_def::published_by, publisher());
	if (candidate.existing)
		pg::update("process_def", row);
	else
		pg::insert("process_def", row);
	candidate.existing = row;
}

void write_version(const Candidate &candidate)
{
	const expr::Definition &draft = *candidate.draft;
	pg::Row row = pg::new_row("process_version");
	row.set(process_version::process_def_id, Int64GetDatum(draft.id));
	row.set(process_version::version, Int32GetDatum(draft.version));
	row.set_text(process_version::definition, c_string(candidate.model->source));
	row.set_text(process_version::search_path, draft.search_path);
	row.set(process_version::bindings, JsonbPGetDatum(expr::write_bindings(&draft)));
	row.set(process_version::published, TimestampTzGetDatum(expr::now()));
	row.set_text(process_version::published_by, publisher());
	pg::insert("process_version", row);
}

/// The names of ROLE, in the order of the definition; NULL if there are none.
void set_roles(pg::Row &row, const core::Element &model)
{
	if (model.roles.empty())
		return row.set_null(activity_def::roles);
	Datum *const names = static_cast<Datum *>(palloc(sizeof(Datum) * static_cast<Size>(model.roles.count)));
	for (int i = 0; i < model.roles.count; i++)
		names[i] = CStringGetTextDatum(c_string(model.roles[i].text));
	row.set(activity_def::roles,
			PointerGetDatum(construct_array(names, model.roles.count, TEXTOID, -1, false, TYPALIGN_INT)));
}

void write_activity(const expr::Definition &draft, int index, StoredRows &stored)
{
	const expr::Element &element = draft.elements[index];
	const core::Element &model = *element.model;
	pg::Row *const old = row_by_id(stored.activities, element.id);
	pg::Row row = old != nullptr ? *old : pg::new_row("activity_def");
	row.set(activity_def::id, Int64GetDatum(element.id));
	row.set(activity_def::process_def_id, Int64GetDatum(draft.id));
	row.set_text(activity_def::name, c_string(model.name.text));
	row.set(activity_def::kind, Int16GetDatum(static_cast<int16>(kind_of(model.kind))));
	set_label(row, activity_def::label, model.label, model.name);
	set_text_or_null(row, activity_def::description, source_of(model.description));
	row.set(activity_def::is_active, BoolGetDatum(true));
	row.set(activity_def::is_public, BoolGetDatum(model.is_public));
	row.set(activity_def::skippable, BoolGetDatum(model.allow_skip));
	set_text_or_null(row, activity_def::instructions, source_of(model.instructions));
	set_roles(row, model);
	set_text_or_null(row, activity_def::event, clauses_text(draft, index));
	if (element.invoked_id == 0)
		row.set_null(activity_def::invoked_process_def_id);
	else
		row.set(activity_def::invoked_process_def_id, Int64GetDatum(element.invoked_id));
	row.set(activity_def::terminate_process, BoolGetDatum(model.terminate));
	if (old == nullptr)
		row.set(activity_def::first_version, Int32GetDatum(draft.version));
	row.set(activity_def::last_version, Int32GetDatum(draft.version));
	row.set(activity_def::position, Int32GetDatum(index));
	if (old == nullptr)
		pg::insert("activity_def", row);
	else
		pg::update("activity_def", row);
}

/// Whether a call that ends the activity gives this value.
const char *close_input_of(const expr::Variable &variable)
{
	return !variable.is_input ? "no" : variable.is_mandatory ? "mandatory" : "optional";
}

void write_variables(const expr::Definition &draft, int64 owner, VariableRole role,
					 const core::Vec<expr::Variable> &variables, StoredRows &stored)
{
	for (int i = 0; i < variables.count; i++)
	{
		const expr::Variable &variable = variables[i];
		pg::Row *const old = row_by_id(stored.variables, variable.id);
		pg::Row row = old != nullptr ? *old : pg::new_row("variable_def");
		row.set(variable_def::id, Int64GetDatum(variable.id));
		row.set(variable_def::owner_id, Int64GetDatum(owner));
		row.set(variable_def::role, Int16GetDatum(static_cast<int16>(role)));
		row.set_text(variable_def::name, variable.name);
		row.set_text(variable_def::data_type, type_text(variable.type, variable.typmod));
		const bool has_default = variable.model != nullptr && variable.model->default_value;
		set_text_or_null(row, variable_def::default_expression,
						 has_default ? c_string(variable.model->default_value.text) : nullptr);
		row.set(variable_def::is_mandatory, BoolGetDatum(variable.is_mandatory));
		row.set_text(variable_def::close_input, close_input_of(variable));
		row.set(variable_def::is_active, BoolGetDatum(true));
		if (old == nullptr)
			row.set(variable_def::first_version, Int32GetDatum(draft.version));
		row.set(variable_def::last_version, Int32GetDatum(draft.version));
		row.set(variable_def::position, Int32GetDatum(i));
		if (old == nullptr)
			pg::insert("variable_def", row);
		else
			pg::update("variable_def", row);
	}
}

void write_clauses(const expr::Definition &draft, StoredRows &stored)
{
	for (const expr::Clause &clause : draft.clauses)
	{
		pg::Row *const old = row_by_id(stored.clauses, clause.id);
		pg::Row row = old != nullptr ? *old : pg::new_row("event_def");
		row.set(event_def::id, Int64GetDatum(clause.id));
		row.set(event_def::process_def_id, Int64GetDatum(draft.id));
		if (clause.element < 0)
			row.set_null(event_def::activity_def_id);
		else
			row.set(event_def::activity_def_id, Int64GetDatum(draft.elements[clause.element].id));
		row.set(event_def::entity_id, Int64GetDatum(clause.entity_id));
		row.set(event_def::operation, CharGetDatum(clause.model->op == core::Op::insert ? 'I' : 'U'));
		row.set_text(event_def::clause, clause_identity(draft, clause));
		row.set(event_def::is_active, BoolGetDatum(true));
		if (old == nullptr)
			row.set(event_def::first_version, Int32GetDatum(draft.version));
		row.set(event_def::last_version, Int32GetDatum(draft.version));
		row.set(event_def::position, Int32GetDatum(clause.position));
		if (old == nullptr)
			pg::insert("event_def", row);
		else
			pg::update("event_def", row);
	}
}

/// Writes connectors one after another; position counts them over the whole definition.
struct LinkWriter
{
	const expr::Definition &draft;
	int32 position = 0;

	void set_activity(pg::Row &row, int column, int64 id) const
	{
		if (id == 0)
			row.set_null(column);
		else
			row.set(column, Int64GetDatum(id));
	}

	void write(int64 source, int64 target, const char *outcome, bool is_dependency, bool is_terminate)
	{
		pg::Row row = pg::new_row("link_def");
		row.set(link_def::id, Int64GetDatum(pg::next_id("definition_id")));
		row.set(link_def::process_def_id, Int64GetDatum(draft.id));
		row.set(link_def::version, Int32GetDatum(draft.version));
		set_activity(row, link_def::source_activity_def_id, source);
		set_activity(row, link_def::target_activity_def_id, target);
		set_text_or_null(row, link_def::outcome, outcome);
		row.set(link_def::is_dependency, BoolGetDatum(is_dependency));
		row.set(link_def::is_terminate, BoolGetDatum(is_terminate));
		row.set(link_def::position, Int32GetDatum(position++));
		pg::insert("link_def", row);
	}

	void write_target(int64 source, const core::Target &target, const char *outcome)
	{
		const int64 id = target.element < 0 ? 0 : draft.elements[target.element].id;
		const bool named_terminate = target.element >= 0 && draft.elements[target.element].model->terminate;
		write(source, id, outcome, false, target.kind == core::TargetKind::end_terminate || named_terminate);
	}
};

void write_links(const expr::Definition &draft)
{
	LinkWriter links = {draft};
	for (const expr::Element &element : draft.elements)
	{
		for (const core::Name &after : element.model->after)
			for (const expr::Element &earlier : draft.elements)
				if (earlier.model->name.text == after.text && after)
					links.write(earlier.id, element.id, nullptr, true, false);
		for (const core::Target &target : element.model->targets)
			links.write_target(element.id, target, nullptr);
		for (const core::Outcome &outcome : element.model->outcomes)
			links.write_target(element.id, outcome.target, c_string(outcome.name.text));
	}
}

/// Marks the rows that the new version no longer has as inactive.
void retire(const char *table, core::Vec<pg::Row> &rows, int is_active,
			bool (*is_kept)(const expr::Definition &, int64), const expr::Definition &draft)
{
	for (pg::Row &row : rows)
	{
		if (!row.boolean(is_active) || is_kept(draft, row.int8(1)))
			continue;
		row.set(is_active, BoolGetDatum(false));
		pg::update(table, row);
	}
}

bool has_variable(const core::Vec<expr::Variable> &variables, int64 id)
{
	for (const expr::Variable &variable : variables)
		if (variable.id == id)
			return true;
	return false;
}

bool keeps_activity(const expr::Definition &draft, int64 id)
{
	return draft.element_by_id(id) >= 0;
}

bool keeps_variable(const expr::Definition &draft, int64 id)
{
	bool kept = has_variable(draft.inputs, id) || has_variable(draft.outputs, id);
	for (const expr::Element &element : draft.elements)
		kept = kept || has_variable(element.outputs, id);
	return kept;
}

} // namespace

void write_rows(Candidate &candidate, StoredRows &stored, Oid launch_function)
{
	const expr::Definition &draft = *candidate.draft;
	write_process(candidate, launch_function);
	write_version(candidate);
	retire("activity_def", stored.activities, activity_def::is_active, keeps_activity, draft);
	retire("variable_def", stored.variables, variable_def::is_active, keeps_variable, draft);
	write_variables(draft, draft.id, VariableRole::process_input, draft.inputs, stored);
	write_variables(draft, draft.id, VariableRole::process_output, draft.outputs, stored);
	for (int i = 0; i < draft.elements.count; i++)
	{
		if (draft.elements[i].id == 0)
			continue;
		write_activity(draft, i, stored);
		write_variables(draft, draft.elements[i].id, VariableRole::activity_output, draft.elements[i].outputs, stored);
	}
	write_clauses(draft, stored);
	write_links(draft);
}

void write_launch_function(Candidate &candidate, Oid launch_function)
{
	set_launch_function(candidate.existing, launch_function);
	pg::update("process_def", candidate.existing);
}

} // namespace bpt::engine
