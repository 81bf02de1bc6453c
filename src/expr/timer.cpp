// Checking and running the statements of timers (timer.hpp). Takes no locks but those of the statements.
#include "pg/postgres.hpp"

#include "core/parser.hpp"
#include "core/validate.hpp"
#include "expr/examine.hpp"
#include "expr/length.hpp"
#include "expr/timer.hpp"
#include "pg/arena.hpp"
#include "pg/errors.hpp"
#include "pg/hash.hpp"
#include "pg/timeout.hpp"

namespace bpt::expr {

namespace {

/// A definition without process; `owner` runs it.
Definition *make(MemoryContext context, const char *schema, const char *name, const char *search_path, Oid owner)
{
	core::Arena arena = pg::arena_in(context);
	Definition *const definition = arena.make<Definition>();
	definition->context = context;
	definition->arena = arena;
	definition->schema = c_string(definition, schema);
	definition->name = c_string(definition, name);
	definition->search_path = c_string(definition, search_path);
	definition->is_timer = true;
	definition->draft_owner = owner;
	definition->model = definition->arena.make<core::Process>();
	core::Diagnostics unused;
	definition->flow = core::validate(definition->arena, *definition->model, unused);
	return definition;
}

Code *statement_of(Definition *definition, const core::Timer &timer)
{
	return code(definition, timer.statement, Site{}, CodeKind::statement);
}

/// A timer that this backend has run.
struct Known
{
	int64 id; // the key
	Definition *definition;
	core::Timer *timer;
};
HTAB *known_timers = nullptr;

Known *find_known(int64 id)
{
	if (known_timers == nullptr)
	{
		known_timers = pg::make_table<int64, Known>("bpt timers", 16, CacheMemoryContext);
	}
	return static_cast<Known *>(hash_search(known_timers, &id, HASH_FIND, nullptr));
}

bool is_current(const Known *known, const char *text, const char *schema, const char *name, const char *search_path)
{
	return known != nullptr && known->definition->text == std::string_view(text) &&
		   strcmp(known->definition->schema, schema) == 0 && strcmp(known->definition->name, name) == 0 &&
		   strcmp(known->definition->search_path, search_path) == 0;
}

/// Lets go of a timer's former text.
void forget(const Known *known)
{
	Definition *const definition = known->definition;
	int64 const id = known->id;
	(void)hash_search(known_timers, &id, HASH_REMOVE, nullptr);
	for (int32 i = 0; i < definition->code_room; i++)
		if (definition->codes[i] != nullptr)
			release_code(definition->codes[i]);
	MemoryContextDelete(definition->context);
}

/// Reads a timer's text anew.
Known *load(int64 id, const char *text, const char *schema, const char *name, const char *search_path)
{
	MemoryContext const context = AllocSetContextCreate(CurrentMemoryContext, "bpt timer", ALLOCSET_DEFAULT_SIZES);
	Definition *const definition = make(context, schema, name, search_path, InvalidOid);
	definition->text = definition->arena.copy(text);
	core::Diagnostics problems;
	core::Document *const document = core::parse(definition->arena, definition->text, problems);
	if (document->timers.count != 1 || problems.has_errors())
		ereport(ERROR, (errcode(kInvalidDefinition),
						errmsg("the text of timer \"%s\" is not understood by this library", name)));
	MemoryContextSetParent(context, CacheMemoryContext);
	auto *const known = static_cast<Known *>(hash_search(known_timers, &id, HASH_ENTER, nullptr));
	known->definition = definition;
	known->timer = &document->timers[0];
	return known;
}

} // namespace

Definition *draft_timer(MemoryContext context, const core::Timer &timer, const char *schema, const char *search_path,
						Oid owner, int64 *time_limit, core::Diagnostics &problems)
{
	char *const name = pnstrdup(timer.name.name.text.data(), timer.name.name.text.size());
	Definition *const definition = make(context, schema, name, search_path, owner);
	as_owner(definition, [&] {
		Examiner examiner = make_examiner(definition, &problems);
		(void)examine_statement(&examiner, statement_of(definition, timer));
		if (examine_length(&examiner, timer.time_limit, "TIME LIMIT"))
			*time_limit = length_in_ms(definition, timer.time_limit);
		end_examiner(&examiner);
	});
	return definition;
}

void run_timer(int64 id, const char *text, const char *schema, const char *name, const char *search_path, Oid owner,
			   int64 time_limit)
{
	Known *known = find_known(id);
	if (known != nullptr && !is_current(known, text, schema, name, search_path))
	{
		forget(known);
		known = nullptr;
	}
	if (known == nullptr)
		known = load(id, text, schema, name, search_path);
	Definition *const definition = known->definition;
	definition->draft_owner = owner;
	Code *const statement = statement_of(definition, *known->timer);
	as_owner(definition, [&] { pg::time_limited(time_limit, [&] { run_whole_statement(statement, Values{}); }); });
}

} // namespace bpt::expr
