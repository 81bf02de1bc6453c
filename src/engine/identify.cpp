// Which id each part of a definition has: its own from the version before, by name or WAS, or a new one.
//
// A part keeps its id while its name stays, also when it was gone for some versions; WAS hands the id of a former name on
// and comes before the name itself, so that `b WAS a` beside a new `a` is a rename and an addition. An element of another
// kind is another element. The very text of an earlier version brings back the ids of that version, whatever was renamed
// since: publishing it is how to go back. Takes no locks; called with the process's name lock held.
#include "core/parser.hpp"
#include "core/text.hpp"
#include "core/write_text.hpp"
#include "engine/clause_text.hpp"
#include "engine/instance.hpp"
#include "engine/publish_rows.hpp"
#include "engine/users.hpp"
#include "entity/entity.hpp"
#include "pg/arena.hpp"
#include "pg/bracket.hpp"

namespace bpt::engine {

namespace {

int64 new_id(bool *is_new)
{
	*is_new = true;
	return pg::next_id("definition_id");
}

/// One look at the rows that could be a part's: the active one, else the one that was there last.
struct Best
{
	const pg::Row *row = nullptr;

	void offer(const pg::Row &candidate, int is_active, int last_version)
	{
		if (row == nullptr || (candidate.boolean(is_active) && !row->boolean(is_active)) ||
			(candidate.boolean(is_active) == row->boolean(is_active) &&
			 candidate.int4(last_version) > row->int4(last_version)))
			row = &candidate;
	}
};

/// The row of an element of this name and kind, null if there is none.
const pg::Row *activity_named(const StoredRows &stored, std::string_view name, ActivityKind kind)
{
	Best best;
	for (const pg::Row &row : stored.activities)
		if (row.text(activity_def::name) == name && row.int2(activity_def::kind) == static_cast<int16>(kind))
			best.offer(row, activity_def::is_active, activity_def::last_version);
	return best.row;
}

/// Whether elements of this kind have an id: all that a view or a connector can name.
bool has_id(const core::Element &model)
{
	return model.kind != core::Kind::start && model.kind != core::Kind::comment && model.name;
}

/// The number of the last earlier version with the very same text, 0 if there is none.
int32 version_with_text(const expr::Definition &draft)
{
	int32 version = 0;
	pg::each("process_version", "process_version_pkey", {pg::key(draft.id)}, [&](pg::Row &row) {
		if (row.text(process_version::definition) == draft.model->source)
			version = row.int4(process_version::version);
		return true;
	});
	return version;
}

/// That version, null if there is none or what it was bound to is gone.
const expr::Definition *twin_of(const expr::Definition &draft)
{
	const int32 version = version_with_text(draft);
	const expr::Definition *twin = nullptr;
	if (version == 0)
		return nullptr;
	ErrorData *const error = pg::in_subtransaction([&] { twin = expr::definition(draft.id, version); });
	if (error != nullptr && pg::must_reach_caller(error))
		ReThrowError(error);
	return twin != nullptr && error == nullptr && twin->elements.count == draft.elements.count ? twin : nullptr;
}

/// Gives variables the ids of those of the same name in the twin.
void copy_ids(core::Vec<expr::Variable> &variables, const core::Vec<expr::Variable> &twins)
{
	for (expr::Variable &variable : variables)
		for (const expr::Variable &twin : twins)
			if (strcmp(variable.name, twin.name) == 0)
				variable.id = twin.id;
}

void copy_ids(expr::Definition &draft, const expr::Definition &twin)
{
	copy_ids(draft.inputs, twin.inputs);
	copy_ids(draft.outputs, twin.outputs);
	for (int i = 0; i < draft.elements.count; i++)
	{
		draft.elements[i].id = twin.elements[i].id;
		copy_ids(draft.elements[i].outputs, twin.elements[i].outputs);
	}
}

/// Hands ids on to elements that have none yet: first along WAS, then by name.
void identify_elements(expr::Definition &draft, const StoredRows &stored, bool *is_new)
{
	for (expr::Element &element : draft.elements)
	{
		const core::Element &model = *element.model;
		if (!has_id(model) || !model.was || element.id != 0)
			continue;
		const pg::Row *const own = activity_named(stored, model.name.text, kind_of(model.kind));
		const pg::Row *const former = activity_named(stored, model.was.text, kind_of(model.kind));
		if (former != nullptr && (own == nullptr || !own->boolean(activity_def::is_active)))
			element.id = former->int8(activity_def::id);
	}
	for (expr::Element &element : draft.elements)
	{
		const core::Element &model = *element.model;
		if (!has_id(model) || element.id != 0)
			continue;
		const pg::Row *const own = activity_named(stored, model.name.text, kind_of(model.kind));
		if (own != nullptr && draft.element_by_id(own->int8(activity_def::id)) < 0)
			element.id = own->int8(activity_def::id);
		else
			element.id = new_id(is_new);
	}
}

/// The row of an owner's variable, null if there is none.
const pg::Row *variable_named(const StoredRows &stored, int64 owner, VariableRole role, std::string_view name)
{
	Best best;
	for (const pg::Row &row : stored.variables)
		if (row.int8(variable_def::owner_id) == owner && row.int2(variable_def::role) == static_cast<int16>(role) &&
			row.text(variable_def::name) == name)
			best.offer(row, variable_def::is_active, variable_def::last_version);
	return best.row;
}

bool is_taken(const core::Vec<expr::Variable> &variables, int64 id)
{
	for (const expr::Variable &variable : variables)
		if (variable.id == id)
			return true;
	return false;
}

/// The same for the variables of one owner.
void identify_variables(core::Vec<expr::Variable> &variables, const StoredRows &stored, int64 owner, VariableRole role,
						bool *is_new)
{
	for (expr::Variable &variable : variables)
	{
		if (variable.id != 0 || variable.model == nullptr || !variable.model->was)
			continue;
		const pg::Row *const own = variable_named(stored, owner, role, variable.name);
		const pg::Row *const former = variable_named(stored, owner, role, variable.model->was.text);
		if (former != nullptr && (own == nullptr || !own->boolean(variable_def::is_active)))
			variable.id = former->int8(variable_def::id);
	}
	for (expr::Variable &variable : variables)
	{
		if (variable.id != 0)
			continue;
		const pg::Row *const own = variable_named(stored, owner, role, variable.name);
		if (own != nullptr && !is_taken(variables, own->int8(variable_def::id)))
			variable.id = own->int8(variable_def::id);
		else
			variable.id = new_id(is_new);
	}
}

bool is_taken(const core::Vec<expr::Clause> &clauses, int64 id)
{
	for (const expr::Clause &clause : clauses)
		if (clause.id == id)
			return true;
	return false;
}

/// A clause keeps its id while it means the same on the same table for the same element: its listeners then stay good.
void identify_clauses(expr::Definition &draft, const StoredRows &stored, bool *is_new)
{
	for (expr::Clause &clause : draft.clauses)
	{
		clause.entity_id = entity::entity_id(clause.relation);
		const char *const identity = clause_identity(draft, clause);
		const int64 activity = clause.element < 0 ? 0 : draft.elements[clause.element].id;
		for (const pg::Row &row : stored.clauses)
			if (clause.id == 0 && row.int8(event_def::activity_def_id) == activity &&
				row.int8(event_def::entity_id) == clause.entity_id &&
				strcmp(row.text(event_def::clause), identity) == 0 && !is_taken(draft.clauses, row.int8(event_def::id)))
				clause.id = row.int8(event_def::id);
		if (clause.id == 0)
			clause.id = new_id(is_new);
	}
}

/// Reads all rows that a process has.
void read_rows(core::Arena &arena, int64 process_def_id, StoredRows &stored)
{
	const auto read = [&](const char *table, const char *index, int64 owner, core::Vec<pg::Row> &rows) {
		pg::each(table, index, {pg::key(owner)}, [&](pg::Row &row) {
			rows.push(arena, row);
			return true;
		});
	};
	read("activity_def", "activity_def_process", process_def_id, stored.activities);
	read("event_def", "event_def_process", process_def_id, stored.clauses);
	read("variable_def", "variable_def_owner", process_def_id, stored.variables);
	for (const pg::Row &activity : stored.activities)
		read("variable_def", "variable_def_owner", activity.int8(activity_def::id), stored.variables);
}

/// Whether a stored text is this one, or what this one, coming from another form, is written as.
bool is_same_definition(const char *stored, std::string_view source)
{
	if (stored == source)
		return true;
	core::Arena arena = pg::arena_in(CurrentMemoryContext);
	core::Diagnostics problems;
	const core::Document &document = *core::parse(arena, stored, problems, [] { CHECK_FOR_INTERRUPTS(); });
	return !problems.has_errors() && core::write_text(arena, document) == core::concat(arena, {source, "\n"});
}

} // namespace

bool identify(core::Arena &arena, Candidate &candidate, StoredRows &stored)
{
	bool is_new = false;
	expr::Definition &draft = *candidate.draft;
	if (candidate.existing)
	{
		draft.id = candidate.existing.int8(process_def::id);
		draft.version = candidate.existing.int4(process_def::version);
		read_rows(arena, draft.id, stored);
		if (const expr::Definition *const twin = twin_of(draft))
			copy_ids(draft, *twin);
	}
	else
		draft.id = new_id(&is_new);

	identify_elements(draft, stored, &is_new);
	identify_variables(draft.inputs, stored, draft.id, VariableRole::process_input, &is_new);
	identify_variables(draft.outputs, stored, draft.id, VariableRole::process_output, &is_new);
	for (expr::Element &element : draft.elements)
	{
		if (element.id == 0)
			continue;
		identify_variables(element.outputs, stored, element.id, VariableRole::activity_output, &is_new);
		element.role_ids = {};
		for (const core::Name &role : element.model->roles)
			element.role_ids.push(arena, role_ref_of(get_role_oid(c_string(role.text), false)));
	}
	identify_clauses(draft, stored, &is_new);
	return is_new;
}

bool is_published_already(const Candidate &candidate)
{
	const expr::Definition &draft = *candidate.draft;
	const pg::Row version =
		pg::find("process_version", "process_version_pkey", {pg::key(draft.id), pg::key_int4(draft.version)});
	if (!version)
		return false;
	Jsonb *const bindings = expr::write_bindings(&draft);
	return is_same_definition(version.text(process_version::definition), candidate.model->source) &&
		   strcmp(version.text(process_version::search_path), draft.search_path) == 0 &&
		   compareJsonbContainers(&bindings->root, &version.json(process_version::bindings)->root) == 0;
}

} // namespace bpt::engine
