// SQL functions of BPT.md §8: read the arguments, call the engine, return. sql/ext/35_actions.sql documents them.
#include "pg/postgres.hpp"

#include "api/arguments.hpp"
#include "engine/actions.hpp"
#include "engine/lookup.hpp"
#include "engine/scope.hpp"
#include "engine/users.hpp"
#include "pg/errors.hpp"

namespace {

using namespace bpt;

/// The arguments in a jsonb parameter; NULL counts as none.
int jsonb_arguments(FunctionCallInfo fcinfo, int argument, engine::Argument **arguments)
{
	*arguments = nullptr;
	return fcinfo->args[argument].isnull ? 0 : engine::arguments_of(PG_GETARG_JSONB_P(argument), arguments);
}

} // namespace

BPT_FUNCTION(bpt_launch)
{
	const char *const name = api::text_argument(fcinfo, 0, "process");
	engine::Argument *arguments = nullptr;
	const int count = jsonb_arguments(fcinfo, 1, &arguments);
	const int64 id = engine::process_by_name(name);
	PG_RETURN_INT64(engine::launch(engine::process_to_launch(id), arguments, count));
}

BPT_FUNCTION(bpt_activity_close)
{
	api::require(fcinfo, 0, "activity_id");
	engine::Argument *arguments = nullptr;
	const int count = jsonb_arguments(fcinfo, 1, &arguments);
	return api::id_or_null(fcinfo, engine::close_activity(PG_GETARG_INT64(0), arguments, count));
}

BPT_FUNCTION(bpt_activity_start)
{
	api::require(fcinfo, 0, "activity_id");
	engine::Argument *arguments = nullptr;
	const int count = jsonb_arguments(fcinfo, 1, &arguments);
	return api::id_or_null(fcinfo, engine::start_activity(PG_GETARG_INT64(0), arguments, count));
}

BPT_FUNCTION(bpt_activity_skip)
{
	api::require(fcinfo, 0, "activity_id");
	return api::id_or_null(fcinfo, engine::skip_activity(PG_GETARG_INT64(0)));
}

BPT_FUNCTION(bpt_activity_open)
{
	api::require(fcinfo, 0, "activity_id");
	return api::text_or_null(fcinfo, engine::open_activity(PG_GETARG_INT64(0)));
}

BPT_FUNCTION(bpt_activity_reset)
{
	api::require(fcinfo, 0, "activity_id");
	api::require(fcinfo, 1, "reset_activity_user");
	engine::reset_activity(PG_GETARG_INT64(0), PG_GETARG_BOOL(1));
	PG_RETURN_VOID();
}

BPT_FUNCTION(bpt_activity_schedule)
{
	api::require(fcinfo, 0, "activity_id");
	engine::schedule_activity(PG_GETARG_INT64(0), !PG_ARGISNULL(1), PG_ARGISNULL(1) ? 0 : PG_GETARG_TIMESTAMPTZ(1));
	PG_RETURN_VOID();
}

BPT_FUNCTION(bpt_activity_get_url)
{
	api::require(fcinfo, 0, "activity_id");
	return api::text_or_null(fcinfo, engine::activity_url(PG_GETARG_INT64(0)));
}

BPT_FUNCTION(bpt_human_activity_assign_to_user)
{
	api::require(fcinfo, 0, "activity_id");
	engine::assign_to_user(PG_GETARG_INT64(0), api::optional_text(fcinfo, 1));
	PG_RETURN_VOID();
}

BPT_FUNCTION(bpt_activity_set_group)
{
	api::require(fcinfo, 0, "activity_id");
	engine::set_group(PG_GETARG_INT64(0), api::optional_text(fcinfo, 1));
	PG_RETURN_VOID();
}

BPT_FUNCTION(bpt_human_activity_check_role)
{
	api::require(fcinfo, 0, "activity_id");
	const char *const user = api::text_argument(fcinfo, 1, "user_id");
	PG_RETURN_BOOL(engine::check_role(PG_GETARG_INT64(0), user));
}

BPT_FUNCTION(bpt_human_activity_flush_pending_events)
{
	api::require(fcinfo, 0, "activity_id");
	PG_RETURN_INT32(engine::flush_events(PG_GETARG_INT64(0)));
}

BPT_FUNCTION(bpt_human_activity_set_due_date)
{
	api::require(fcinfo, 0, "activity_id");
	engine::set_due_date(PG_GETARG_INT64(0), !PG_ARGISNULL(1), PG_ARGISNULL(1) ? 0 : PG_GETARG_TIMESTAMPTZ(1));
	PG_RETURN_VOID();
}

BPT_FUNCTION(bpt_activity_retry)
{
	api::require(fcinfo, 0, "activity_id");
	engine::retry_activity(PG_GETARG_INT64(0));
	PG_RETURN_VOID();
}

BPT_FUNCTION(bpt_process_suspend)
{
	api::require(fcinfo, 0, "process_id");
	engine::suspend_process(PG_GETARG_INT64(0));
	PG_RETURN_VOID();
}

BPT_FUNCTION(bpt_process_resume)
{
	api::require(fcinfo, 0, "process_id");
	engine::resume_process(PG_GETARG_INT64(0));
	PG_RETURN_VOID();
}

BPT_FUNCTION(bpt_process_move)
{
	api::require(fcinfo, 0, "process_id");
	api::require(fcinfo, 1, "from_activity_id");
	const char *const to = api::text_argument(fcinfo, 2, "to_activity_name");
	engine::move_process(PG_GETARG_INT64(0), PG_GETARG_INT64(1), to);
	PG_RETURN_VOID();
}

BPT_FUNCTION(bpt_activity_discard)
{
	api::require(fcinfo, 0, "activity_id");
	engine::discard_activity(PG_GETARG_INT64(0));
	PG_RETURN_VOID();
}

BPT_FUNCTION(bpt_activity_is_valid_id)
{
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_BOOL(false);
	PG_RETURN_BOOL(engine::is_valid_activity(PG_GETARG_INT64(0), text_to_cstring(PG_GETARG_TEXT_PP(1))));
}

BPT_FUNCTION(bpt_process_delete)
{
	api::require(fcinfo, 0, "process_id");
	engine::delete_process(PG_GETARG_INT64(0));
	PG_RETURN_VOID();
}

BPT_FUNCTION(bpt_process_bulk_delete)
{
	api::require(fcinfo, 0, "processes_older_than");
	api::require(fcinfo, 2, "max_deleted_processes");
	const int64 most = PG_GETARG_INT64(2);
	if (most < 0)
		ereport(ERROR, (errcode(kInvalidArguments), errmsg("max_deleted_processes must not be negative")));
	PG_RETURN_BOOL(engine::delete_processes(PG_GETARG_TIMESTAMPTZ(0), PG_ARGISNULL(1) ? 0 : PG_GETARG_INT64(1), most));
}

BPT_FUNCTION(bpt_process_restart)
{
	api::require(fcinfo, 0, "process_id");
	engine::restart_process(PG_GETARG_INT64(0));
	PG_RETURN_VOID();
}

BPT_FUNCTION(bpt_process_terminate)
{
	api::require(fcinfo, 0, "process_id");
	engine::terminate(PG_GETARG_INT64(0));
	PG_RETURN_VOID();
}
