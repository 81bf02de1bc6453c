// What the library sets up when it is preloaded. Locks: none.
#include "pg/postgres.hpp"

#include "engine/engine.hpp"
#include "queue/work.hpp"
#include "worker/item.hpp"
#include "worker/main.hpp"
#include "worker/notify.hpp"
#include "worker/slots.hpp"
#include "worker/worker.hpp"

namespace bpt::worker {

void start_at_preload()
{
	request_shared_memory();
	register_launcher();
	register_hooks();
	queue::on_commit = wake_workers;
	queue::on_tasks_changed = note_changed_tasks;
	engine::on_run_in_line = show_run_in_line;
}

} // namespace bpt::worker
