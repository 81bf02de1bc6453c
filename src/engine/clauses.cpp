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

namespace bpt::engine {

namespace {

/// The event_def rows of a process.
core::Vec<pg::Row> clause_rows(core::Arena &arena, int64 process_def_id)
{
	core::Vec<pg::Row> rows;
	pg::each("event_def", "event_def_process", {pg::key(process_def_id)}, [&](pg::Row &row) {
		rows.push(arena, row);
		return true;
	});
	return rows;
}

/// True if an instance of this version has not ended.
bool has_live_instance(int64 process_def_id, int32 version)
{
	return pg::find("process_instance", "process_instance_live", {pg::key(process_def_id), pg::key_int4(version)})
		.found;
}

/// True if a recorded event may yet launch a process by one of these clauses.
bool launch_is_queued(const core::Vec<int64> &launch_clauses)
{
	if (launch_clauses.empty())
		return false;
	Datum array = pg::int8_array(launch_clauses.items, launch_clauses.count);
	Oid type = INT8ARRAYOID;
	bool queued = false;
	pg::as_user(pg::extension_owner(), SECURITY_LOCAL_USERID_CHANGE, [&] {
		pg::with_latest_snapshot([&] {
			pg::with_spi([&] {
				const int result = SPI_execute_with_args(
					"SELECT 1 FROM bpt.queue_event WHERE event_defs OPERATOR(pg_catalog.&&) $1 UNION ALL "
					"SELECT 1 FROM bpt.queue_delivery WHERE event_def_id OPERATOR(pg_catalog.=) ANY ($1) LIMIT 1",
					1, &type, &array, nullptr, true, 1);
				if (result != SPI_OK_SELECT)
					elog(ERROR, "bpt: reading the queues failed: %s", SPI_result_code_string(result));
				queued = SPI_processed > 0;
			});
		});
	});
	return queued;
}

/// The launch clauses that a version has and the current one has not.
core::Vec<int64> launches_of(core::Arena &arena, const core::Vec<pg::Row> &rows, int32 version, int32 current)
{
	core::Vec<int64> ids;
	for (const pg::Row &row : rows)
		if (row.null(event_def::activity_def_id) && row.int4(event_def::first_version) <= version &&
			version <= row.int4(event_def::last_version) && row.int4(event_def::last_version) < current)
			ids.push(arena, row.int8(event_def::id));
	return ids;
}

/// What refresh_clauses finds out about one process, each question asked once.
struct Liveness
{
	core::Arena &arena;
	const core::Vec<pg::Row> &rows;
	int64 process_def_id;
	int32 current;
	bool launches_ended;

	/// True if an instance of an older version lives or may yet come to life.
	bool is_alive(int32 version) const
	{
		return has_live_instance(process_def_id, version) ||
			   launch_is_queued(launches_of(arena, rows, version, current));
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
	const Liveness liveness = {arena, rows, process_def_id, process.int4(process_def::version),
							   lock_out_launches(process_def_id)};
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
