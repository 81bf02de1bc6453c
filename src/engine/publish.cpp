// The sequence of publish: rights, reading and checking, then, if nothing is wrong, rows, functions and triggers.
//
// Always holds: a text is published whole or not at all; an unchanged definition writes nothing and locks no table, unless
// somebody has dropped a trigger that it needs.
// Locks, in this order: names of the processes, entity tables SHARE ROW EXCLUSIVE in oid order (so that events of earlier
// writers are recorded and later ones meet the new triggers), launches without waiting. Where an index of EXPOSE ENTITY is
// made or dropped, bpt.process_instance (expose.cpp) is locked before the launches.
#include "engine/publish.hpp"

extern "C" {
#include "commands/extension.h"
#include "tcop/utility.h"
}

#include "engine/candidate.hpp"
#include "engine/clauses.hpp"
#include "engine/expose.hpp"
#include "engine/invoked.hpp"
#include "engine/problems.hpp"
#include "engine/publish_rows.hpp"
#include "engine/timer_publish.hpp"
#include "engine/translation.hpp"
#include "entity/entity.hpp"
#include "pg/bracket.hpp"
#include "pg/home.hpp"

namespace bpt::engine {

namespace {

/// 22023 for a word that is none of the three, 0A000 for those that need an upgrade of running instances.
void check_running(const char *running)
{
	if (strcmp(running, "upgrade") == 0 || strcmp(running, "refuse") == 0)
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("running => '%s' is not supported yet", running),
						errhint("With 'keep', running instances stay on their version.")));
	if (strcmp(running, "keep") != 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("invalid value for running: \"%s\"", running),
						errhint("Valid values are \"keep\", \"upgrade\" and \"refuse\".")));
}

/// 42501 for who is neither a publisher nor a superuser.
void check_publisher()
{
	const Oid publisher = get_role_oid("bpt_publisher", true);
	if (!superuser() && !(OidIsValid(publisher) && has_privs_of_role(GetUserId(), publisher)))
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE), errmsg("permission denied to publish"),
						errdetail("Only members of the role \"bpt_publisher\" may publish.")));
}

/// What is to be done with one candidate.
struct Work
{
	StoredRows stored;
	bool is_new = false; // the process, or a part of it
	bool changed = false;
	bool lacks_triggers = false; // somebody has dropped them
	bool was_public = false;
};

/// Locks the tables that definitions listen to, or did, which are changed or have lost triggers.
core::Vec<Oid> lock_tables(Checked &checked, const Work *work)
{
	core::Vec<Oid> relations;
	for (int i = 0; i < checked.candidates.count; i++)
	{
		const Candidate &candidate = checked.candidates[i];
		if (!work[i].changed && !work[i].lacks_triggers)
			continue;
		for (const expr::Clause &clause : candidate.draft->clauses)
			add_relation(checked.arena, relations, clause.relation);
		if (candidate.existing)
			add_active_relations(checked.arena, candidate.draft->id, relations);
		// The events of what nobody has executed before may have to be delivered in another order from now on.
		for (const expr::Element &element : candidate.draft->elements)
			if (element.invoked_id != 0 && !entity::is_executed(element.invoked_id))
				add_active_relations(checked.arena, element.invoked_id, relations);
	}
	entity::lock_entities(relations.items, relations.count);
	return relations;
}

/// Finds out whether a candidate, whose parts have their ids, is a new version.
void prepare(Candidate &candidate, Work &work)
{
	set_invoked_ids(candidate);
	work.changed = work.is_new || !is_published_already(candidate);
	work.was_public = candidate.existing && candidate.existing.boolean(process_def::is_public);
	if (work.changed)
		candidate.draft->version++;
	else
		for (const expr::Clause &clause : candidate.draft->clauses)
			work.lacks_triggers = work.lacks_triggers || entity::lacks_triggers(clause.relation);
}

/// A row of what publish tells, with its place in the text.
struct Told
{
	std::int32_t offset;
	Published published;
};

/// Writes one candidate; its functions and its view are looked after even if it is unchanged, so that republishing brings
/// back what was dropped.
void store(Candidate &candidate, Work &work)
{
	const Oid launch = install_functions(*candidate.draft, candidate.schema, candidate.owner, candidate.functions);
	const bool is_remade = candidate.existing && launch != candidate.existing.oid(process_def::launch_function);
	if (candidate.model->is_public != work.was_public || (is_remade && candidate.model->is_public))
		set_public(launch, candidate.model->is_public);
	if (work.changed && candidate.existing)
		revoke_exposed(candidate.existing);
	if (work.changed)
		write_rows(candidate, work.stored, launch);
	else if (is_remade)
		write_launch_function(candidate, launch);
	install_exposed(*candidate.draft, candidate.schema, candidate.owner);
}

const char *qualified(const Placed &placed)
{
	return quote_qualified_identifier(placed.schema_name, placed.name);
}

/// Puts the rows into text order.
void tell(core::Vec<Told> &told, Published *result)
{
	qsort(told.items, static_cast<size_t>(told.count), sizeof(Told), [](const void *a, const void *b) {
		const std::int32_t x = static_cast<const Told *>(a)->offset;
		const std::int32_t y = static_cast<const Told *>(b)->offset;
		return x < y ? -1 : x > y ? 1 : 0;
	});
	for (int i = 0; i < told.count; i++)
		result[i] = told[i].published;
}

} // namespace

int publish(const char *text, const char *running, Published **result)
{
	check_running(running);
	PreventCommandIfReadOnly("bpt.publish()");
	PreventCommandDuringRecovery("bpt.publish()");
	check_publisher();

	MemoryContext const context = AllocSetContextCreate(CurrentMemoryContext, "bpt publish", ALLOCSET_DEFAULT_SIZES);
	Checked &checked = *check_text(context, text, true);
	raise_errors(checked.arena, checked.text, checked.problems);
	tell_warnings(checked.text, checked.problems);

	const int processes = checked.candidates.count;
	const int count = processes + checked.timers.count + checked.translations.count;
	*result = static_cast<Published *>(palloc0(sizeof(Published) * static_cast<Size>(count + 1)));
	pg::in_context(context, [&] {
		if (count > 0)
			pg::write_home();
		Work *const work = static_cast<Work *>(palloc0(sizeof(Work) * static_cast<Size>(processes + 1)));
		for (int i = 0; i < processes; i++)
			work[i].is_new = identify(checked.arena, checked.candidates[i], work[i].stored);
		for (int i = 0; i < processes; i++)
			prepare(checked.candidates[i], work[i]);
		const core::Vec<Oid> relations = lock_tables(checked, work);
		for (int i = 0; i < processes; i++)
			store(checked.candidates[i], work[i]);
		for (int i = 0; i < processes; i++)
			if (work[i].changed)
				refresh_clauses(checked.candidates[i].draft->id);
		entity::install_triggers(relations.items, relations.count);
		entity::forget_plans(relations.items, relations.count);

		core::Vec<Told> told;
		for (int i = 0; i < processes; i++)
		{
			const Candidate &candidate = checked.candidates[i];
			told.push(checked.arena, {candidate.model->offset,
									  {qualified(candidate), candidate.draft->version, work[i].changed, 0, 0}});
		}
		for (TimerCandidate &timer : checked.timers)
			told.push(checked.arena, {timer.model->offset, {qualified(timer), 0, store_timer(checked, timer), 0, 0}});
		for (const TranslationCandidate &translation : checked.translations)
			told.push(checked.arena,
					  {translation.model->offset, {qualified(translation), 0, store_translation(translation), 0, 0}});
		tell(told, *result);
	});
	for (int i = 0; i < count; i++)
		(*result)[i].process = pstrdup((*result)[i].process);
	MemoryContextDelete(context);
	return count;
}

} // namespace bpt::engine
