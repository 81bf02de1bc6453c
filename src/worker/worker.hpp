// The worker room as the rest sees it.
#pragma once
#include "pg/postgres.hpp"

namespace bpt::worker {

/// Shared memory, launcher, hooks. Called once by _PG_init when the library is preloaded.
void start_at_preload();
/// Whether this database's work may be done: held, if it was restored, copied, or held by bpt.hold(); unknown, before the
/// first publish, and while a restore goes on that has brought some tables and not yet the one that tells.
enum class Home
{
	unknown,
	here,
	held
};
Home find_home();
/// Messages of EMAIL activities leave by the mail module. Called once by _PG_init.
void register_mail();
/// Makes events and listeners that came from another server this one's own. Once, by release().
void adopt_events();

} // namespace bpt::worker
