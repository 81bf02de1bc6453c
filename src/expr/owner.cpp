// Running as the owner of a definition: its user, its search_path, row security on.
//
// What the owner's code sets ends with it: settings are put back as by an abort, so that nothing of it stays in the caller's
// session. Nothing else is restored here after an error: user, security context and settings are put back by the abort of the
// (sub)transaction, `current` by its own callbacks. The owner is looked up each time, by one catalog cache look-up.
#include "pg/postgres.hpp"

#include "expr/compiled.hpp"
#include "expr/current.hpp"
#include "pg/bracket.hpp"
#include "pg/errors.hpp"
#include "pg/home.hpp"
#include "pg/rows.hpp"
#include "pg/tables.hpp"

extern "C" {
#include "utils/rls.h"
}

namespace bpt::expr {

namespace {

bool is_pinned(const Definition *definition)
{
	return row_security && strcmp(namespace_search_path, definition->search_path) == 0;
}

void pin(const Definition *definition)
{
	pg::set_in_scope("search_path", definition->search_path);
	if (!row_security)
		pg::set_in_scope("row_security", "on");
}

} // namespace

void keep_pinned(const Definition *definition)
{
	if (OidIsValid(current.owner) && !is_pinned(definition))
		pin(definition);
}

void pin_for_transaction(const Definition *definition)
{
	if (!is_pinned(definition))
		pin(definition);
}

Oid find_owner(const Definition *definition)
{
	if (OidIsValid(definition->draft_owner))
		return definition->draft_owner;
	Oid owner = OidIsValid(definition->launch_function) ? pg::function_owner(definition->launch_function) : InvalidOid;
	if (OidIsValid(owner))
		return owner;
	const pg::Row row = pg::find("process_def", "process_def_pkey", {pg::key(definition->id)});
	const Oid function =
		row ? pg::stored_function(row.oid(process_def::launch_function), row.text(process_def::launch_signature))
			: InvalidOid;
	owner = pg::function_owner(function);
	// What was seen last is no part of what the definition says.
	if (OidIsValid(owner))
		const_cast<Definition *>(definition)->launch_function = function;
	return owner;
}

Oid owner_of(const Definition *definition)
{
	const Oid owner = find_owner(definition);
	if (!OidIsValid(owner))
		ereport(ERROR,
				(errcode(kNoSuchObject), errmsg("process \"%s\" has no owner", definition->name),
				 errdetail("Its launch function does not exist any more."), errhint("Publish the process again.")));
	return owner;
}

bool is_dropped(const Definition *definition)
{
	return !OidIsValid(find_owner(definition)) && current_version(definition->id) == 0;
}

void as_owner(Definition *definition, void (*f)(void *), void *context)
{
	const Oid owner = owner_of(definition);
	const Oid outer_owner = current.owner;
	Oid user = InvalidOid;
	int security = 0;
	GetUserIdAndSecContext(&user, &security);
	SetUserIdAndSecContext(owner, security | SECURITY_LOCAL_USERID_CHANGE);
	current.owner = owner;
	const int level = NewGUCNestLevel();
	if (!is_pinned(definition))
		pin(definition);
	f(context);
	AtEOXact_GUC(false, level);
	current.owner = outer_owner;
	SetUserIdAndSecContext(user, security);
}

char *pinned_search_path()
{
	StringInfoData path;
	initStringInfo(&path);
	List *const schemas = fetch_search_path(false);
	ListCell *cell = nullptr;
	foreach (cell, schemas)
	{
		if (isAnyTempNamespace(lfirst_oid(cell)))
			continue;
		const char *const name = get_namespace_name(lfirst_oid(cell));
		if (name != nullptr)
			appendStringInfo(&path, "%s, ", quote_identifier(name));
	}
	list_free(schemas);
	appendStringInfoString(&path, "pg_temp");
	return path.data;
}

} // namespace bpt::expr
