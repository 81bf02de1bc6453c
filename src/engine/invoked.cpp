// What EXECUTE names (invoked.hpp). Takes no locks: publish has locked the names that may be meant.
#include "engine/invoked.hpp"

#include "core/text.hpp"
#include "engine/lookup.hpp"
#include "engine/problems.hpp"
#include "engine/users.hpp"
#include "expr/code.hpp"
#include "pg/arena.hpp"
#include "pg/bracket.hpp"

extern "C" {
#include "parser/parse_coerce.h"
}

namespace bpt::engine {

namespace {

const core::Name &shown(const core::QualifiedName &name)
{
	return name.schema ? name.schema : name.name;
}

const char *display(core::Arena &arena, const core::QualifiedName &name)
{
	return c_string(name.schema ? core::concat(arena, {name.schema.text, ".", name.name.text}) : name.name.text);
}

/// The candidate of a text that is, or replaces, a published process; null if it is none of them.
const Candidate *candidate_of(const Checked &checked, int64 process_def_id)
{
	for (const Candidate &candidate : checked.candidates)
		if (candidate.existing && candidate.existing.int8(process_def::id) == process_def_id)
			return &candidate;
	return nullptr;
}

const Candidate *candidate_named(const Checked &checked, Oid schema, const char *name)
{
	for (const Candidate &candidate : checked.candidates)
		if (candidate.draft != nullptr && candidate.schema == schema && strcmp(candidate.name, name) == 0)
			return &candidate;
	return nullptr;
}

/// The definition that a name means; null if there is none, or it is one of the text that a syntax error has left with gaps.
const expr::Definition *definition_named(const Checked &checked, const core::QualifiedName &name, bool *has_gaps)
{
	const expr::Definition *found = nullptr;
	each_meaning(name, [&](Oid schema, const char *last) {
		const Candidate *const own = candidate_named(checked, schema, last);
		if (own != nullptr)
		{
			*has_gaps = engine::has_gaps(*own->model);
			found = *has_gaps ? nullptr : own->draft;
			return false;
		}
		const pg::Row row = process_in_schema(schema, last);
		// One that this text renames has this name no longer.
		if (row && candidate_of(checked, row.int8(process_def::id)) == nullptr)
			found = expr::definition(row.int8(process_def::id), row.int4(process_def::version));
		return found == nullptr;
	});
	return found;
}

const expr::Definition *published(const Candidate &candidate)
{
	return expr::definition(candidate.existing.int8(process_def::id), candidate.existing.int4(process_def::version));
}

/// Warns where the name of an EXECUTE has come to mean another process than the one that it runs.
void compare_with_bound(Checked &checked, const Candidate &candidate, int element)
{
	const int64 bound = published(candidate)->elements[element].invoked_id;
	const expr::Element &executing = candidate.draft->elements[element];
	const expr::Definition *const meant = executing.invoked;
	if (meant->id == bound || meant == candidate.draft)
		return;
	const core::QualifiedName &name = executing.model->invoked;
	core::Diagnostic warning =
		problem("other_process", "01000", shown(name).offset,
				core::concat(checked.arena, {"\"", display(checked.arena, name),
											 "\" is another process than the one that is executed"}),
				"Publish the definition again to have it execute the one that now has the name.");
	warning.severity = core::Severity::warning;
	checked.problems.add(checked.arena, warning);
}

/// What an EXECUTE of a published definition runs once the text `with` is published; null if that does not concern it.
const expr::Definition *replaced_by(const Checked &with, const Candidate &caller, int element)
{
	const Candidate *const candidate = candidate_of(with, published(caller)->elements[element].invoked_id);
	return candidate == nullptr ? nullptr : candidate->draft;
}

bool same_variables(const core::Vec<expr::Variable> &a, const core::Vec<expr::Variable> &b)
{
	if (a.count != b.count)
		return false;
	for (int i = 0; i < a.count; i++)
		if (strcmp(a[i].name, b[i].name) != 0 || a[i].type != b[i].type || a[i].typmod != b[i].typmod ||
			a[i].is_mandatory != b[i].is_mandatory)
			return false;
	return true;
}

bool has_error(const core::Diagnostics &problems, const core::Diagnostic &wanted)
{
	for (const core::Diagnostic &told : problems.list)
		if (told.severity == core::Severity::error && told.offset == wanted.offset && told.message == wanted.message)
			return true;
	return false;
}

/// An output of a caller's EXECUTE whose new type does not become the one that the caller knows; null if all do.
const char *misfitting_output(const expr::Definition &caller, const expr::Definition &invoked)
{
	for (const expr::Element &element : caller.elements)
	{
		if (element.invoked_id != invoked.id)
			continue;
		for (const expr::Variable &known : element.outputs)
			for (const expr::Variable &returned : invoked.outputs)
			{
				Oid given = returned.type;
				const Oid wanted = known.type;
				if (strcmp(known.name, returned.name) == 0 && given != wanted && OidIsValid(wanted) &&
					!can_coerce_type(1, &given, &wanted, COERCION_ASSIGNMENT))
					return psprintf("its output \"%s\" would be of type %s instead of %s", known.name,
									format_type_be(given), format_type_be(wanted));
			}
	}
	return nullptr;
}

/// Why a caller would no longer fit the candidate; null if it does.
const char *misfit(Checked &checked, const Candidate &candidate, const pg::Row &process)
{
	const pg::Row version =
		pg::find("process_version", "process_version_pkey",
				 {pg::key(process.int8(process_def::id)), pg::key_int4(process.int4(process_def::version))});
	expr::Definition invoked = *candidate.draft;
	invoked.id = candidate.existing.int8(process_def::id);
	const char *const output = misfitting_output(
		*expr::definition(process.int8(process_def::id), process.int4(process_def::version)), invoked);
	if (output != nullptr)
		return output;
	const Checked *const after = check_published(checked.context, process, version, &checked);
	if (!after->problems.has_errors())
		return nullptr;
	const Checked *const before = check_published(checked.context, process, version);
	for (const core::Diagnostic &told : after->problems.list)
		if (told.severity == core::Severity::error && !has_error(before->problems, told))
			return c_string(told.message);
	return nullptr;
}

/// Calls f for the bpt.process_def row of each process in use that executes this one, once or more often.
template <typename F>
void each_caller(int64 process_def_id, F f)
{
	pg::each("activity_def", "activity_def_invoked", {pg::key(process_def_id)}, [&](pg::Row &activity) {
		if (!activity.boolean(activity_def::is_active))
			return true;
		const pg::Row process =
			pg::find("process_def", "process_def_pkey", {pg::key(activity.int8(activity_def::process_def_id))});
		return !process || !process.boolean(process_def::is_active) || f(process);
	});
}

/// May the owner of the caller launch it?
bool may_be_executed(const Candidate *candidate, const expr::Definition &invoked, Oid owner)
{
	if (candidate == nullptr)
		return may_launch(invoked.id, owner);
	if (candidate->model->is_public || has_privs_of_role(owner, candidate->owner))
		return true;
	return candidate->existing && may_launch(candidate->existing.int8(process_def::id), owner);
}

} // namespace

void each_meaning(const core::QualifiedName &name, bool (*f)(void *context, Oid schema, const char *name),
				  void *context)
{
	const char *const last = c_string(name.name.text);
	if (name.schema)
	{
		const Oid schema = get_namespace_oid(c_string(name.schema.text), true);
		if (OidIsValid(schema))
			f(context, schema, last);
		return;
	}
	const ListCell *cell = nullptr;
	foreach (cell, fetch_search_path(false))
		if (!f(context, lfirst_oid(cell), last))
			return;
}

void find_invoked(Checked &checked, Candidate &candidate)
{
	for (int i = 0; i < candidate.draft->elements.count; i++)
	{
		expr::Element &element = candidate.draft->elements[i];
		const core::QualifiedName &name = element.model->invoked;
		if (!name.name)
			continue;
		bool gaps = false;
		if (checked.with != nullptr)
			element.invoked = replaced_by(*checked.with, candidate, i);
		if (element.invoked == nullptr)
			expr::as_owner(candidate.draft, [&] { element.invoked = definition_named(checked, name, &gaps); });
		if (element.invoked == nullptr && !gaps)
			checked.problems.add(checked.arena,
								 problem("unknown_process", "WF004", shown(name).offset,
										 core::concat(checked.arena, {"process \"", display(checked.arena, name),
																	  "\" does not exist"})));
		else if (checked.is_published && element.invoked != nullptr)
			compare_with_bound(checked, candidate, i);
	}
}

void check_invoked_rights(Checked &checked, const Candidate &candidate)
{
	for (const expr::Element &element : candidate.draft->elements)
	{
		if (element.invoked == nullptr)
			continue;
		const Candidate *own = nullptr;
		for (const Candidate &other : checked.candidates)
			if (other.draft == element.invoked)
				own = &other;
		const core::QualifiedName &name = element.model->invoked;
		if (!may_be_executed(own, *element.invoked, candidate.owner))
			checked.problems.add(
				checked.arena,
				problem("insufficient_privilege", "42501", shown(name).offset,
						core::concat(checked.arena, {"permission denied for process \"", element.invoked->name, "\""}),
						"The owner of the process needs EXECUTE on the launch function of the one it executes."));
	}
}

void set_invoked_ids(const Candidate &candidate)
{
	for (expr::Element &element : candidate.draft->elements)
		if (element.invoked != nullptr)
			element.invoked_id = element.invoked->id;
}

void check_callers(Checked &checked, const Candidate &candidate)
{
	if (!candidate.existing)
		return;
	const int64 id = candidate.existing.int8(process_def::id);
	const expr::Definition *const former = published(candidate);
	if (same_variables(former->inputs, candidate.draft->inputs) &&
		same_variables(former->outputs, candidate.draft->outputs))
		return;
	core::Arena arena = pg::arena_in(CurrentMemoryContext);
	core::Vec<int64> judged;
	each_caller(id, [&](const pg::Row &process) {
		const int64 caller = process.int8(process_def::id);
		for (const int64 other : judged)
			if (other == caller)
				return true;
		judged.push(arena, caller);
		if (candidate_of(checked, caller) != nullptr || !OidIsValid(process_owner(caller)))
			return true;
		const char *const why = misfit(checked, candidate, process);
		if (why == nullptr)
			return true;
		const char *const name =
			quote_qualified_identifier(process.text(process_def::schema_name), process.text(process_def::name));
		checked.problems.add(checked.arena,
							 problem("caller", "WF007", candidate.model->name.name.offset,
									 core::concat(checked.arena, {"process ", name, ", which executes \"",
																  candidate.name, "\", would no longer fit it: ", why}),
									 "Publish both in one text."));
		return true;
	});
}

const char *caller_of(int64 process_def_id)
{
	const char *name = nullptr;
	each_caller(process_def_id, [&](const pg::Row &process) {
		if (process.int8(process_def::id) != process_def_id)
			name = quote_qualified_identifier(process.text(process_def::schema_name), process.text(process_def::name));
		return name == nullptr;
	});
	return name;
}

} // namespace bpt::engine
