// Publishing timers (timer_publish.hpp). Takes the locks that timer.hpp names.
#include "engine/timer_publish.hpp"

extern "C" {
#include "catalog/pg_proc.h"
}

#include "core/parser.hpp"
#include "core/text.hpp"
#include "engine/locks.hpp"
#include "engine/lookup.hpp"
#include "engine/timer.hpp"
#include "engine/users.hpp"
#include "expr/clock.hpp"
#include "expr/timer.hpp"
#include "pg/arena.hpp"
#include "pg/bracket.hpp"

namespace bpt::engine {

namespace {

constexpr int64 kDefaultTimeLimit = 1200000; // ms, as in BPT

int16 stored_priority(core::Priority priority)
{
	return static_cast<int16>(priority);
}

/// The timer that is there already, and who owns it; its owner alone may publish it.
void find_existing(Checked &checked, TimerCandidate &timer)
{
	const core::Timer &model = *timer.model;
	timer.owner = GetUserId();
	if (!OidIsValid(timer.schema))
		return;
	timer.existing = timer_in_schema(timer.schema, timer.name);
	if (!timer.existing && model.was)
		timer.existing = timer_in_schema(timer.schema, c_string(model.was.text));
	if (!timer.existing)
		return;
	for (const TimerCandidate &other : checked.timers)
	{
		if (&other == &timer)
			break;
		if (other.existing && other.existing.int8(timer_def::id) == timer.existing.int8(timer_def::id))
			refuse(checked, "duplicate_name", "WF007", model.name.name.offset,
				   core::concat(checked.arena, {"\"", other.name, "\" and \"", timer.name, "\" are the same timer"}));
	}
	const Oid owner = timer_owner(timer.existing.int8(timer_def::id));
	if (OidIsValid(owner))
		timer.owner = owner;
	if (OidIsValid(owner) ? !has_privs_of_role(GetUserId(), owner) : !superuser())
		refuse(checked, "insufficient_privilege", "42501", model.name.name.offset,
			   core::concat(checked.arena, {"must be owner of timer \"", timer.existing.text(timer_def::name), "\""}));
}

/// The zone of the schedule must exist; what else can be wrong with a schedule the parser has found.
void check_schedule(Checked &checked, TimerCandidate &timer)
{
	const core::Timer &model = *timer.model;
	core::Schedule schedule;
	core::ScheduleProblem problem;
	if (model.schedule.data() == nullptr || !core::parse_schedule(checked.arena, model.schedule, &schedule, &problem))
		return;
	if (!read_schedule(checked.arena, checked.arena.copy(model.schedule).data(), &schedule, &timer.time_zone, &problem))
		refuse(checked, "wrong_schedule", "WF007", model.schedule_offset + problem.at, problem.message, problem.hint);
}

/// What needs the database: the zone, the statement, the function's name.
void check_parts(Checked &checked, TimerCandidate &timer)
{
	const core::Timer &model = *timer.model;
	check_schedule(checked, timer);
	if (!model.statement)
		return;
	timer.time_limit = kDefaultTimeLimit;
	timer.draft = expr::draft_timer(checked.context, model, timer.schema_name == nullptr ? "" : timer.schema_name,
									checked.search_path, timer.owner, &timer.time_limit, checked.problems);
	if (!OidIsValid(timer.schema))
		return;
	timer.wake = plan_wake(checked.arena, model);
	core::Vec<TypedFunction> functions;
	functions.push(checked.arena, timer.wake);
	check_clashes(checked.arena, timer.schema, timer.existing ? timer.existing.int8(timer_def::id) : 0, functions,
				  checked.problems);
}

/// The SCHEDULE that the published text says.
std::string_view published_schedule(core::Arena &arena, const pg::Row &row)
{
	core::Diagnostics problems;
	const core::Document *const document = core::parse(arena, arena.copy(row.text(timer_def::definition)), problems);
	return document->timers.empty() ? std::string_view{} : document->timers[0].schedule;
}

/// True if there is nothing to write.
bool is_published_already(const Checked &checked, const TimerCandidate &timer)
{
	const pg::Row &row = timer.existing;
	return row && timer.model->source == row.text(timer_def::definition) &&
		   strcmp(checked.search_path, row.text(timer_def::search_path)) == 0 &&
		   strcmp(timer.name, row.text(timer_def::name)) == 0;
}

void install_wake(const TimerCandidate &timer, int64 id)
{
	core::Vec<TypedFunction> functions;
	core::Arena arena = pg::arena_in(CurrentMemoryContext);
	functions.push(arena, timer.wake);
	timer.draft->id = id;
	install_functions(*timer.draft, timer.schema, timer.owner, functions);
}

} // namespace

void add_names_of_timers(Checked &checked, core::Vec<uint32> &names)
{
	for (const TimerCandidate &timer : checked.timers)
	{
		if (!OidIsValid(timer.schema))
			continue;
		names.push(checked.arena, name_lock(timer.schema, timer.model->name.name.text));
		if (timer.model->was)
			names.push(checked.arena, name_lock(timer.schema, timer.model->was.text));
	}
}

void check_timer(Checked &checked, TimerCandidate &timer)
{
	find_existing(checked, timer);
	check_parts(checked, timer);
}

Checked *check_published_timer(MemoryContext context, const pg::Row &row)
{
	return pg::in_context(context, [&] {
		Checked *const checked = static_cast<Checked *>(palloc0(sizeof(Checked)));
		checked->context = context;
		checked->arena = pg::arena_in(context);
		checked->text = checked->arena.copy(row.text(timer_def::definition));
		checked->search_path = row.text(timer_def::search_path);
		checked->document = core::parse(checked->arena, checked->text, checked->problems);
		for (const core::Timer &model : checked->document->timers)
		{
			TimerCandidate timer;
			timer.model = &model;
			timer.existing = row;
			timer.schema = stored_schema(row.oid(timer_def::schema_oid), row.text(timer_def::schema_name));
			timer.schema_name = row.text(timer_def::schema_name);
			timer.name = row.text(timer_def::name);
			timer.owner = timer_owner(row.int8(timer_def::id));
			if (OidIsValid(timer.owner))
				check_parts(*checked, timer);
			else
				refuse(*checked, "no_owner", "42883", model.offset,
					   core::concat(checked->arena, {"the wake function of timer \"", timer.name,
													 "\", whose owner owns the timer, does not exist"}),
					   "A superuser can publish the definition again.");
		}
		core::sort_by_place(checked->arena, checked->problems);
		return checked;
	});
}

bool store_timer(const Checked &checked, TimerCandidate &timer)
{
	const core::Timer &model = *timer.model;
	const int64 id = timer.existing ? timer.existing.int8(timer_def::id) : pg::next_id("definition_id");
	install_wake(timer, id);
	if (is_published_already(checked, timer))
		return false;
	core::Arena arena = pg::arena_in(CurrentMemoryContext);
	const Datum now = TimestampTzGetDatum(expr::now());
	pg::Row row = timer.existing ? pg::find("timer_def", "timer_def_pkey", {pg::key(id)}, pg::Lock::no_key_update)
								 : pg::new_row("timer_def");
	// What was set at run time stays as long as the text says the same.
	const bool keeps_schedule = timer.existing && published_schedule(arena, row) == model.schedule;
	if (!timer.existing)
	{
		row.set(timer_def::id, Int64GetDatum(id));
		row.set(timer_def::created, now);
		row.set(timer_def::is_active, BoolGetDatum(true));
	}
	row.set(timer_def::schema_oid, ObjectIdGetDatum(timer.schema));
	row.set_text(timer_def::schema_name, timer.schema_name);
	row.set_text(timer_def::name, timer.name);
	row.set_text(timer_def::definition, c_string(model.source));
	row.set_text(timer_def::search_path, checked.search_path);
	if (!keeps_schedule)
	{
		row.set_text(timer_def::schedule, c_string(model.schedule));
		row.set_text(timer_def::time_zone, timer.time_zone);
	}
	row.set(timer_def::priority, Int16GetDatum(stored_priority(model.priority)));
	Interval limit = {};
	limit.time = timer.time_limit * 1000;
	row.set(timer_def::time_limit, IntervalPGetDatum(&limit));
	row.set(timer_def::published, now);
	row.set_text(timer_def::published_by, GetUserNameFromId(GetUserId(), false));
	if (timer.existing)
		pg::update("timer_def", row);
	else
		pg::insert("timer_def", row);
	timer.existing = row;
	plan_runs(row, true);
	return true;
}

} // namespace bpt::engine
