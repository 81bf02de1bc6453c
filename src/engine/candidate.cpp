// Reading and checking a text (candidate.hpp). Takes the name locks of publish; table locks are those of parse analysis.
#include "engine/candidate.hpp"

extern "C" {
#include "catalog/catalog.h"
#include "catalog/pg_proc.h"
}

#include "core/parser.hpp"
#include "core/text.hpp"
#include "core/validate.hpp"
#include "engine/expose.hpp"
#include "engine/invoked.hpp"
#include "engine/locks.hpp"
#include "engine/lookup.hpp"
#include "engine/problems.hpp"
#include "engine/timer_publish.hpp"
#include "engine/translation.hpp"
#include "engine/users.hpp"
#include "entity/entity.hpp"
#include "pg/arena.hpp"
#include "pg/bracket.hpp"

namespace bpt::engine {

namespace {

void check_for_interrupts()
{
	CHECK_FOR_INTERRUPTS();
}

/// The schema of a definition, where CREATE TABLE would put it; InvalidOid with a problem added if there is none or it
/// may not be used.
Oid creation_schema(Checked &checked, const core::QualifiedName &wanted, std::string_view kind)
{
	core::Arena &arena = checked.arena;
	if (wanted.schema)
	{
		const char *const name = c_string(wanted.schema.text);
		const Oid schema =
			strcmp(name, "pg_temp") == 0 ? LookupExplicitNamespace(name, true) : get_namespace_oid(name, true);
		if (!OidIsValid(schema))
			refuse(checked, "unknown_schema", "3F000", wanted.schema.offset,
				   core::concat(arena, {"schema \"", wanted.schema.text, "\" does not exist"}));
		return schema;
	}
	ListCell *cell = nullptr;
	foreach (cell, fetch_search_path(false))
		return lfirst_oid(cell);
	refuse(checked, "unknown_schema", "3F000", wanted.name.offset,
		   core::concat(arena, {"no schema has been selected to create the ", kind, " in"}),
		   "Set search_path, or qualify the name with a schema.");
	return InvalidOid;
}

/// Takes the name locks of all candidates that may be published, their old names and those that their EXECUTEs may mean
/// included.
void lock_candidates(Checked &checked)
{
	core::Vec<uint32> names;
	const auto add = [&](Oid schema, std::string_view name) { names.push(checked.arena, name_lock(schema, name)); };
	add_names_of_timers(checked, names);
	add_names_of_translations(checked, names);
	for (const Candidate &candidate : checked.candidates)
	{
		if (!OidIsValid(candidate.schema))
			continue;
		add(candidate.schema, candidate.model->name.name.text);
		if (candidate.model->was)
			add(candidate.schema, candidate.model->was.text);
		for (const core::Element &element : candidate.model->elements)
			if (element.invoked.name)
				each_meaning(element.invoked, [&](Oid schema, const char *name) {
					add(schema, name);
					return true;
				});
	}
	lock_names(names.items, names.count);
}

/// Finds the process that a candidate is a new version of, and its owner; the owner alone may publish it.
void find_existing(Checked &checked, Candidate &candidate)
{
	const core::Process &model = *candidate.model;
	candidate.owner = GetUserId();
	if (!OidIsValid(candidate.schema))
		return;
	for (const Candidate &other : checked.candidates)
	{
		if (&other == &candidate)
			break;
		if (other.schema == candidate.schema && strcmp(other.name, candidate.name) == 0 &&
			other.model->name.schema.text != model.name.schema.text)
			refuse(checked, "duplicate_name", "WF007", model.name.name.offset,
				   core::concat(checked.arena, {"process \"", model.name.name.text, "\" is defined more than once"}));
	}
	candidate.existing = process_in_schema(candidate.schema, candidate.name);
	if (!candidate.existing && model.was)
		candidate.existing = process_in_schema(candidate.schema, c_string(model.was.text));
	if (!candidate.existing)
		return;
	const int64 id = candidate.existing.int8(process_def::id);
	for (const Candidate &other : checked.candidates)
	{
		if (&other == &candidate)
			break;
		if (other.existing && other.existing.int8(process_def::id) == id && strcmp(other.name, candidate.name) != 0)
			refuse(
				checked, "duplicate_name", "WF007", model.name.name.offset,
				core::concat(checked.arena, {"\"", other.name, "\" and \"", candidate.name, "\" are the same process"}),
				"WAS takes the process over: publish another one of its former name in a text of its own, later.");
	}
	const Oid owner = process_owner(id);
	if (OidIsValid(owner))
		candidate.owner = owner;
	if (OidIsValid(owner) ? !has_privs_of_role(GetUserId(), owner) : !superuser())
		refuse(checked, "insufficient_privilege", "42501", model.name.name.offset,
			   core::concat(checked.arena,
							{"must be owner of process \"", candidate.existing.text(process_def::name), "\""}));
}

bool begins_with(std::string_view text, std::string_view start)
{
	return text.size() >= start.size() && memcmp(text.data(), start.data(), start.size()) == 0;
}

/// True if a problem may be due to what is missing in a model with gaps: names that nobody declares, the order of things.
bool may_be_due_to_gaps(const core::Diagnostic &told)
{
	const std::string_view code = told.code;
	const std::string_view state = told.sqlstate;
	if (told.severity != core::Severity::error || code == "unknown_name" || code == "no_scope" ||
		code == "not_preceding")
		return true;
	return code == "sql" && (state == "42703" || begins_with(told.message, "missing FROM-clause entry"));
}

/// The roles of ROLE and VISIBLE TO must exist.
void check_roles(Checked &checked, const core::Process &model)
{
	const auto check = [&](const core::Vec<core::Name> &roles) {
		for (const core::Name &role : roles)
			if (!OidIsValid(get_role_oid(c_string(role.text), true)))
				refuse(checked, "unknown_role", "42704", role.offset,
					   core::concat(checked.arena, {"role \"", role.text, "\" does not exist"}));
	};
	check(model.visible_to);
	for (const core::Element &element : model.elements)
		check(element.roles);
}

/// Takes over what was found in a candidate, unless it may be due to gaps in the text.
void add_problems(Checked &checked, const Candidate &candidate, const core::Diagnostics &problems)
{
	const bool gaps = has_gaps(*candidate.model);
	for (const core::Diagnostic &found : problems.list)
		if (!gaps || !may_be_due_to_gaps(found))
			checked.problems.add(checked.arena, found);
}

/// Finds the types and tables of a candidate.
void make_draft(Checked &checked, Candidate &candidate)
{
	core::Diagnostics problems;
	const char *const schema_name = candidate.schema_name == nullptr ? "" : candidate.schema_name;
	candidate.draft = expr::draft(checked.context, checked.arena, candidate.model, candidate.flow, checked.text,
								  schema_name, checked.search_path, candidate.owner, problems);
	add_problems(checked, candidate, problems);
}

/// Everything else that needs the database: SQL, tables, roles, names of functions. `publisher` needs rights on the tables
/// listened to. The drafts of all candidates are made.
void check_candidate(Checked &checked, Candidate &candidate, Oid publisher)
{
	const bool gaps = has_gaps(*candidate.model);
	core::Diagnostics problems;
	find_invoked(checked, candidate);
	expr::infer_outputs(candidate.draft, problems);
	expr::check(candidate.draft, problems);
	for (const expr::Clause &clause : candidate.draft->clauses)
		if (OidIsValid(clause.relation))
			entity::check_entity(clause.relation, *clause.model, publisher, problems);
	add_problems(checked, candidate, problems);
	check_roles(checked, *candidate.model);
	if (gaps || !OidIsValid(candidate.schema))
		return;
	candidate.functions = plan_functions(checked.arena, *candidate.draft, checked.problems);
	check_clashes(checked.arena, candidate.schema, candidate.existing ? candidate.existing.int8(process_def::id) : 0,
				  candidate.functions, checked.problems);
	check_exposed(checked, candidate);
}

/// Puts the problems into text order and leaves out what several checks have found alike.
void settle_problems(Checked &checked)
{
	core::sort_by_place(checked.arena, checked.problems);
	core::Diagnostics settled;
	for (const core::Diagnostic &found : checked.problems.list)
	{
		bool known = false;
		for (std::int32_t i = settled.list.count - 1; i >= 0 && settled.list[i].offset == found.offset; i--)
			known = known || settled.list[i].message == found.message;
		if (!known)
			settled.add(checked.arena, found);
	}
	checked.problems = settled;
}

/// Parses the text and makes a candidate of each process in it.
Checked *read_text(MemoryContext context, const char *text)
{
	Checked *const checked = static_cast<Checked *>(palloc0(sizeof(Checked)));
	checked->context = context;
	checked->arena = pg::arena_in(context);
	checked->text = checked->arena.copy(text);
	checked->document = core::parse(checked->arena, checked->text, checked->problems, check_for_interrupts);
	for (core::Process &model : checked->document->processes)
	{
		Candidate candidate;
		candidate.model = &model;
		candidate.flow = core::validate(checked->arena, model, checked->problems);
		checked->candidates.push(checked->arena, candidate);
	}
	for (const core::Timer &timer : checked->document->timers)
	{
		TimerCandidate candidate;
		candidate.model = &timer;
		checked->timers.push(checked->arena, candidate);
	}
	for (const core::Translation &translation : checked->document->translations)
	{
		TranslationCandidate candidate;
		candidate.model = &translation;
		checked->translations.push(checked->arena, candidate);
	}
	core::validate_document(checked->arena, *checked->document, checked->problems);
	return checked;
}

} // namespace

void refuse(Checked &checked, const char *code, const char *sqlstate, std::int32_t offset, std::string_view message,
			std::string_view hint)
{
	checked.problems.add(checked.arena, problem(code, sqlstate, offset, message, hint));
}

void find_schema(Checked &checked, Placed &placed, const core::QualifiedName &wanted, std::string_view kind)
{
	const Oid schema = creation_schema(checked, wanted, kind);
	if (!OidIsValid(schema))
		return;
	const char *const name = get_namespace_name(schema);
	const std::int32_t offset = wanted.schema ? wanted.schema.offset : wanted.name.offset;
	if (isAnyTempNamespace(schema))
	{
		refuse(checked, "wrong_schema", "42P16", offset,
			   core::concat(checked.arena, {"a ", kind, " cannot be temporary"}));
		return;
	}
	if (IsCatalogNamespace(schema) || IsToastNamespace(schema) || schema == pg::schema_oid())
	{
		refuse(checked, "wrong_schema", "42P16", offset,
			   core::concat(checked.arena, {"a ", kind, " cannot lie in schema \"", name, "\""}));
		return;
	}
	placed.schema = schema;
	placed.schema_name = name;
	placed.name = c_string(wanted.name.text);
	if (bpt_namespace_aclcheck(schema, GetUserId(), ACL_CREATE) != ACLCHECK_OK)
		refuse(checked, "insufficient_privilege", "42501", offset,
			   core::concat(checked.arena, {"permission denied to create a ", kind, " in schema \"", name, "\""}));
}

char *c_string(std::string_view text)
{
	return pnstrdup(text.data() == nullptr ? "" : text.data(), text.size());
}

bool has_gaps(const core::Process &model)
{
	if (model.incomplete || model.lost_elements)
		return true;
	for (const core::Element &element : model.elements)
		if (element.incomplete)
			return true;
	return false;
}

Checked *check_text(MemoryContext context, const char *text, bool lock)
{
	return pg::in_context(context, [&] {
		Checked *const checked = read_text(context, text);
		checked->search_path = expr::pinned_search_path();
		for (Candidate &candidate : checked->candidates)
			find_schema(*checked, candidate, candidate.model->name, "process");
		for (TimerCandidate &timer : checked->timers)
			find_schema(*checked, timer, timer.model->name, "timer");
		if (lock)
			lock_candidates(*checked);
		for (Candidate &candidate : checked->candidates)
			find_existing(*checked, candidate);
		for (Candidate &candidate : checked->candidates)
			make_draft(*checked, candidate);
		for (Candidate &candidate : checked->candidates)
		{
			check_candidate(*checked, candidate, GetUserId());
			check_invoked_rights(*checked, candidate);
		}
		for (TimerCandidate &timer : checked->timers)
			check_timer(*checked, timer);
		for (TranslationCandidate &translation : checked->translations)
			check_translation(*checked, translation);
		if (!checked->problems.has_errors())
			for (const Candidate &candidate : checked->candidates)
				check_callers(*checked, candidate);
		settle_problems(*checked);
		return checked;
	});
}

namespace {

/// Adds what is the matter with the triggers that record what a published definition listens to.
void check_triggers(Checked &checked, const Candidate &candidate)
{
	for (const expr::Clause &clause : candidate.draft->clauses)
	{
		Oid where = InvalidOid;
		const bool inserts = clause.model->op == core::Op::insert;
		const entity::TriggerState state = OidIsValid(clause.relation)
											   ? entity::trigger_state(clause.relation, inserts ? 'I' : 'U', &where)
											   : entity::TriggerState::stands;
		if (state == entity::TriggerState::stands)
			continue;
		const std::string_view table = pstrdup(get_rel_name(where));
		const char *const rows = inserts ? "inserted" : "updated";
		const std::int32_t offset = clause.model->table.name.offset;
		core::Diagnostic lost =
			state == entity::TriggerState::missing
				? problem("lost_trigger", "WF007", offset,
						  core::concat(checked.arena,
									   {"table \"", table, "\" has lost the trigger that records its ", rows, " rows"}),
						  "Publish the definition again.")
				: problem("disabled_trigger", "01000", offset,
						  core::concat(checked.arena, {"the trigger that records the ", rows, " rows of table \"",
													   table, "\" is disabled"}),
						  core::concat(checked.arena, {"Use ALTER TABLE ... ENABLE TRIGGER ... on \"", table, "\"."}));
		lost.detail = "What is written meanwhile is no event.";
		if (state == entity::TriggerState::disabled)
			lost.severity = core::Severity::warning;
		checked.problems.add(checked.arena, lost);
	}
}

} // namespace

Checked *check_published(MemoryContext context, const pg::Row &process, const pg::Row &version, const Checked *with)
{
	return pg::in_context(context, [&] {
		Checked *const checked = read_text(context, version.text(process_version::definition));
		checked->is_published = true;
		checked->with = with;
		checked->search_path = version.text(process_version::search_path);
		for (Candidate &candidate : checked->candidates)
		{
			candidate.existing = process;
			candidate.schema =
				stored_schema(process.oid(process_def::schema_oid), process.text(process_def::schema_name));
			candidate.schema_name = process.text(process_def::schema_name);
			candidate.name = process.text(process_def::name);
			candidate.owner = process_owner(process.int8(process_def::id));
			if (OidIsValid(candidate.owner))
			{
				make_draft(*checked, candidate);
				check_candidate(*checked, candidate, candidate.owner);
				if (with == nullptr && candidate.draft != nullptr)
					check_triggers(*checked, candidate);
			}
			else
				refuse(*checked, "no_owner", "42883", candidate.model->name.name.offset,
					   core::concat(checked->arena, {"the launch function of process \"", candidate.name,
													 "\", whose owner owns the process, does not exist"}),
					   "A superuser can publish the definition again.");
		}
		settle_problems(*checked);
		return checked;
	});
}

} // namespace bpt::engine
