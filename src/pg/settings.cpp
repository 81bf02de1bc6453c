// Settings, alphabetical. docs/reference/settings.md lists them for users.
#include "pg/postgres.hpp"

#include "core/locale.hpp"
#include "pg/settings.hpp"

extern "C" {
#include "utils/datetime.h"
}

namespace bpt::settings {

int callback_timeout = 300000;
char *clock = nullptr;
TimestampTz clock_instant = 0;
bool clock_is_set = false;
bool clock_by_engine = false;
bool enabled = true;
bool events = true;
int history_retention = -1;
char *locale = nullptr;
int max_process_depth = 100;
int max_workers = 16;
int poll_interval = 5000;
bool preloaded = false;
bool taskbox_notify = false;
int timer_attempts = 3;
int timer_history = 100;
char *user_id = nullptr;
char *user_provider = nullptr;
int workers = 2;

namespace {

/// True if the session may move the clock: a superuser or a member of bpt_admin.
bool is_administrator()
{
	if (superuser())
		return true;
	Oid const admin = get_role_oid("bpt_admin", true);
	return OidIsValid(admin) && is_member_of_role(GetUserId(), admin);
}

bool check_clock(char **value, void **extra, GucSource source)
{
	if (*value == nullptr || **value == '\0')
		return true;
	if (!IsTransactionState())
	{
		GUC_check_errdetail("bpt.clock can be set in a session only.");
		return false;
	}
	if (!clock_by_engine && source >= PGC_S_INTERACTIVE && !is_administrator())
	{
		GUC_check_errcode(ERRCODE_INSUFFICIENT_PRIVILEGE);
		GUC_check_errmsg("permission denied to set parameter \"bpt.clock\"");
		GUC_check_errhint("Members of bpt_admin may set it.");
		return false;
	}
	auto *const instant = static_cast<TimestampTz *>(bpt_guc_malloc(sizeof(TimestampTz)));
	if (instant == nullptr)
		return false;
	*instant = DatumGetTimestampTz(
		DirectFunctionCall3(timestamptz_in, CStringGetDatum(*value), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
	*extra = instant;
	return true;
}

void assign_clock(const char *value, void *extra)
{
	clock_is_set = extra != nullptr;
	clock_instant = extra != nullptr ? *static_cast<TimestampTz *>(extra) : 0;
}

bool check_locale(char **value, void ** /*extra*/, GucSource /*source*/)
{
	if (*value == nullptr || **value == '\0')
		return true;
	char memory[128];
	core::Arena arena = {[](void *room, std::size_t) { return room; }, memory};
	arena.next = memory;
	arena.left = sizeof memory;
	if (!core::canonical_locale(arena, *value).empty())
		return true;
	GUC_check_errhint("A locale is written as pt or pt_BR.");
	return false;
}

/// At most three names of functions, which are looked up when they are called. Each has its schema: found by the search_path
/// of the caller it would be whatever function the caller puts there.
bool check_user_provider(char **value, void **extra, GucSource source)
{
	int names = 0;
	bool is_named = false;
	bool is_qualified = false;
	for (const char *c = *value == nullptr ? "" : *value;; c++)
	{
		is_named = is_named || (*c != ' ' && *c != ',' && *c != '\0');
		is_qualified = is_qualified || *c == '.';
		if (*c != ',' && *c != '\0')
			continue;
		if (is_named && !is_qualified)
		{
			GUC_check_errdetail("Each function is named with its schema.");
			return false;
		}
		is_named = false;
		is_qualified = false;
		if (++names > 3)
		{
			GUC_check_errdetail("Three functions can be named: who acts, roles, groups.");
			return false;
		}
		if (*c == '\0')
			return true;
	}
}

} // namespace

void define()
{
	DefineCustomIntVariable("bpt.callback_timeout", "How long the callbacks of one activity change may run.",
							"0 means no limit.", &callback_timeout, 300000, 0, INT_MAX, PGC_SUSET, GUC_UNIT_MS, nullptr,
							nullptr, nullptr);
	DefineCustomStringVariable("bpt.clock", "The instant that dates, timers and bpt.now() see in this session.",
							   "Empty means the real time. Members of bpt_admin may set it.", &clock, "", PGC_USERSET,
							   0, check_clock, assign_clock, nullptr);
	DefineCustomBoolVariable("bpt.enabled", "Whether workers do any work.", nullptr, &enabled, true, PGC_SIGHUP, 0,
							 nullptr, nullptr, nullptr);
	DefineCustomBoolVariable("bpt.events", "Whether changed rows raise process events.",
							 "Off counts for the owner of the table and for administrators.", &events, true,
							 PGC_USERSET, 0, nullptr, nullptr, nullptr);
	DefineCustomIntVariable("bpt.history_retention", "How long ended process instances are kept.",
							"Of processes without a retention of their own. -1 means for ever.", &history_retention, -1,
							-1, INT_MAX, PGC_SUSET, GUC_UNIT_S, nullptr, nullptr, nullptr);
	DefineCustomStringVariable("bpt.locale", "The language in which labels, instructions and details are shown.",
							   "Such as pt or pt_BR. Empty means that of the definition.", &locale, "", PGC_USERSET, 0,
							   check_locale, nullptr, nullptr);
	DefineCustomIntVariable("bpt.max_process_depth", "How deep processes may execute each other.",
							"A process that is launched has depth 1.", &max_process_depth, 100, 1, 1000, PGC_SUSET, 0,
							nullptr, nullptr, nullptr);
	// Sizes shared memory: without preload there is none, and PostgreSQL refuses such a setting after the start.
	if (preloaded)
		DefineCustomIntVariable("bpt.max_workers", "How many workers there can be in the whole server.", nullptr,
								&max_workers, 16, 1, 1024, PGC_POSTMASTER, 0, nullptr, nullptr, nullptr);
	DefineCustomIntVariable("bpt.poll_interval", "How long a worker sleeps at most before it looks for work.", nullptr,
							&poll_interval, 5000, 10, 3600000, PGC_SIGHUP, GUC_UNIT_MS, nullptr, nullptr, nullptr);
	DefineCustomBoolVariable("bpt.taskbox_notify", "Whether NOTIFY bpt_taskbox is sent after tasks have changed.",
							 "By a worker, at most every 100 ms for a database.", &taskbox_notify, false, PGC_SIGHUP, 0,
							 nullptr, nullptr, nullptr);
	DefineCustomIntVariable("bpt.timer_attempts",
							"How often a failing timer is run in a row before it waits for its schedule.", nullptr,
							&timer_attempts, 3, 1, 100, PGC_SUSET, 0, nullptr, nullptr, nullptr);
	DefineCustomIntVariable("bpt.timer_history", "How many runs bpt.timer_run keeps of each timer.", nullptr,
							&timer_history, 100, 1, 10000, PGC_SUSET, 0, nullptr, nullptr, nullptr);
	DefineCustomStringVariable("bpt.user_id", "The application user that acts in this session.",
							   "Counts if the session user is a member of bpt_proxy.", &user_id, "", PGC_USERSET, 0,
							   nullptr, nullptr, nullptr);
	DefineCustomStringVariable("bpt.user_provider", "The functions that tell who acts and what roles users have.",
							   "Empty means PostgreSQL's roles.", &user_provider, "", PGC_SUSET, 0, check_user_provider,
							   nullptr, nullptr);
	DefineCustomIntVariable("bpt.workers", "How many workers serve a database.", nullptr, &workers, 2, 0, 64,
							PGC_SIGHUP, 0, nullptr, nullptr, nullptr);
	MarkGUCPrefixReserved("bpt");
}

} // namespace bpt::settings
