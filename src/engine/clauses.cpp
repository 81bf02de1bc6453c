// Keeping bpt.event_def.is_active true to its meaning (clauses.hpp). Locks: asks for the launch lock without waiting.
#include "engine/clauses.hpp"
#include "pg/arena.hpp"

#include "engine/candidate.hpp"
#include "engine/locks.hpp"
#include "entity/entity.hpp"
#include "pg/arrays.hpp"
#include "pg/bracket.hpp"
#include "pg/rows.hpp"
#include "pg/tables.hpp"
#include "queue/event.hpp"

namespace bpt::engine {

namespace {

/// The event_def rows of a process.
core::Vec<pg::Row> clause_rows(core::Arena &arena, int64 process_def_id)
{
	return pg::all(arena, "event_def", "event_def_process", {pg::key(process_def_id)});
}

/// True if an instance of this version has not ended.
bool has_live_instance(int64 process_def_id, int32 version)
{
	return pg::find("process_instance", "process_instance_live", {pg::key(process_def_id), pg::key_int4(version)})
		.found;
}

/// The clauses that launch the process.
core::Vec<int64> launch_clauses(core::Arena &arena, const core::Vec<pg::Row> &rows)
{
	core::Vec<int64> ids;
	for (const pg::Row &row : rows)
		if (row.null(event_def::activity_def_id))
			ids.push(arena, row.int8(event_def::id));
	return ids;
}

bool contains(const core::Vec<int64> &ids, int64 id)
{
	for (const int64 one : ids)
		if (one == id)
			return true;
	return false;
}

/// Calls f(value) for the rows of a query over `clauses`, which is its parameter.
template <typename F>
void each_queued(const char *query, const core::Vec<int64> &clauses, F f)
{
	Datum array = pg::int8_array(clauses.items, clauses.count);
	Oid type = INT8ARRAYOID;
	pg::with_spi([&] {
		const int result = SPI_execute_with_args(query, 1, &type, &array, nullptr, true, 0);
		if (result != SPI_OK_SELECT)
			elog(ERROR, "bpt: reading the queues failed: %s", SPI_result_code_string(result));
		for (uint64 i = 0; i < SPI_processed; i++)
		{
			bool isnull = false;
			f(SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &isnull));
		}
	});
}

/// True if listeners of an older version may want clauses that the current one has not.
bool has_older(const core::Vec<pg::Row> &rows, int32 current)
{
	for (const pg::Row &row : rows)
		if (!row.null(event_def::activity_def_id) && row.int4(event_def::last_version) < current)
			return true;
	return false;
}

/// The versions of which a recorded event may yet launch an instance, by one of these clauses.
core::Vec<int64> queued_versions(core::Arena &arena, const core::Vec<int64> &clauses)
{
	core::Vec<int64> versions;
	if (clauses.empty())
		return versions;
	const auto add = [&](int64 version) {
		if (!contains(versions, version))
			versions.push(arena, version);
	};
	pg::as_user(pg::extension_owner(), SECURITY_LOCAL_USERID_CHANGE, [&] {
		pg::with_latest_snapshot([&] {
			each_queued("SELECT DISTINCT clauses FROM bpt.queue_event WHERE event_defs OPERATOR(pg_catalog.&&) $1",
						clauses, [&](Datum packed) {
							queue::Event event;
							queue::unpack_clauses(packed, &event);
							for (int i = 0; i < event.count; i++)
								if (contains(clauses, event.event_defs[i]))
									add(event.versions[i]);
						});
			each_queued("SELECT DISTINCT version FROM bpt.queue_delivery WHERE event_def_id OPERATOR(pg_catalog.=) "
						"ANY ($1)",
						clauses, [&](Datum version) { add(DatumGetInt32(version)); });
		});
	});
	return versions;
}

/// What refresh_clauses finds out about one process, each question asked once.
struct Liveness
{
	int64 process_def_id;
	int32 current;
	bool launches_ended;
	core::Vec<int64> queued; // versions

	/// True if an instance of an older version lives or may yet come to life.
	bool is_alive(int32 version) const
	{
		return contains(queued, version) || has_live_instance(process_def_id, version);
	}

	bool should_be_active(const pg::Row &row) const
	{
		if (row.int4(event_def::last_version) >= current)
			return true;
		if (row.null(event_def::activity_def_id))
			return false;
		if (!launches_ended && row.boolean(event_def::is_active))
			return true;
		for (int32 version = row.int4(event_def::first_version); version <= row.int4(event_def::last_version);
			 version++)
			if (is_alive(version))
				return true;
		return false;
	}
};

} // namespace

void refresh_clauses(int64 process_def_id)
{
	core::Arena arena = pg::arena_in(CurrentMemoryContext);
	const pg::Row process = pg::find("process_def", "process_def_pkey", {pg::key(process_def_id)});
	core::Vec<pg::Row> rows = clause_rows(arena, process_def_id);
	const int32 current = process.int4(process_def::version);
	Liveness liveness = {process_def_id, current, lock_out_launches(process_def_id), {}};
	// What is launched before the queues are read is alive when that is asked.
	if (process.boolean(process_def::is_active) && has_older(rows, current))
		liveness.queued = queued_versions(arena, launch_clauses(arena, rows));
	for (pg::Row &row : rows)
	{
		CHECK_FOR_INTERRUPTS();
		const bool active = process.boolean(process_def::is_active) && liveness.should_be_active(row);
		if (active == row.boolean(event_def::is_active))
			continue;
		row.set(event_def::is_active, BoolGetDatum(active));
		pg::update("event_def", row);
	}
}

void add_relation(core::Arena &arena, core::Vec<Oid> &relations, Oid relation)
{
	if (!OidIsValid(relation))
		return;
	for (const Oid present : relations)
		if (present == relation)
			return;
	relations.push(arena, relation);
}

void add_active_relations(core::Arena &arena, int64 process_def_id, core::Vec<Oid> &relations)
{
	for (const pg::Row &row : clause_rows(arena, process_def_id))
		if (row.boolean(event_def::is_active))
			add_relation(arena, relations, entity::relation_of(row.int8(event_def::entity_id)));
}

} // namespace bpt::engine
