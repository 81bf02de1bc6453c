// The library's entry: settings, callbacks, and, when preloaded, shared memory and the launcher.
#include "pg/postgres.hpp"

#include "expr/code.hpp"
#include "engine/rows_in_hand.hpp"
#include "entity/entity.hpp"
#include "expr/current.hpp"
#include "pg/settings.hpp"
#include "queue/work.hpp"
#include "worker/worker.hpp"

extern "C" {
PG_MODULE_MAGIC;
PGDLLEXPORT void _PG_init(void);
}

void _PG_init(void)
{
	bpt::settings::preloaded = process_shared_preload_libraries_in_progress;
	bpt::settings::define();
	bpt::expr::register_current_callbacks();
	bpt::expr::register_code_callbacks();
	bpt::expr::register_definition_callbacks();
	bpt::queue::register_wake_callbacks();
	bpt::engine::register_rows_in_hand();
	bpt::entity::register_update_start();
	bpt::worker::register_mail();
	if (bpt::settings::preloaded && !IsBinaryUpgrade)
		bpt::worker::start_at_preload();
}
