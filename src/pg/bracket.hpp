// Scopes as bracket functions: open, call, close. On an error PostgreSQL's own abort cleans up, so nothing here is RAII.
#pragma once
#include "pg/postgres.hpp"

namespace bpt::pg {

/// Runs f() with `context` as the current memory context and returns what it returns.
template <typename F>
auto in_context(MemoryContext context, F f)
{
	MemoryContext const before = MemoryContextSwitchTo(context);
	if constexpr (std::is_void_v<decltype(f())>)
	{
		f();
		MemoryContextSwitchTo(before);
	}
	else
	{
		auto result = f();
		MemoryContextSwitchTo(before);
		return result;
	}
}

/// Runs f() with the latest snapshot active, so that it sees all that is committed now and the transaction's own work.
template <typename F>
auto with_latest_snapshot(F f)
{
	PushActiveSnapshot(GetLatestSnapshot());
	if constexpr (std::is_void_v<decltype(f())>)
	{
		f();
		PopActiveSnapshot();
	}
	else
	{
		auto result = f();
		PopActiveSnapshot();
		return result;
	}
}

/// Runs f() as `role` in the security context `security` (0, or SECURITY_LOCAL_USERID_CHANGE …), then as before.
template <typename F>
auto as_user(Oid role, int security, F f)
{
	Oid user = InvalidOid;
	int context = 0;
	GetUserIdAndSecContext(&user, &context);
	SetUserIdAndSecContext(role, context | security);
	if constexpr (std::is_void_v<decltype(f())>)
	{
		f();
		SetUserIdAndSecContext(user, context);
	}
	else
	{
		auto result = f();
		SetUserIdAndSecContext(user, context);
		return result;
	}
}

/// Sets a setting, as a member of PUBLIC may, until the scope that NewGUCNestLevel() opened ends.
inline void set_in_scope(const char *name, const char *value)
{
	(void)set_config_option(name, value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

/// Runs f() with a search_path in which nobody can put anything before pg_catalog's names, as SET search_path of a function.
template <typename F>
void with_fixed_path(F f)
{
	const int level = NewGUCNestLevel();
	set_in_scope("search_path", "pg_catalog, pg_temp");
	f();
	AtEOXact_GUC(true, level);
}

/// Runs f() between SPI_connect and SPI_finish. What must outlive it is made in `outer` (the caller's context).
template <typename F>
auto with_spi(F f)
{
	SPI_connect();
	if constexpr (std::is_void_v<decltype(f())>)
	{
		f();
		SPI_finish();
	}
	else
	{
		auto result = f();
		SPI_finish();
		return result;
	}
}

/// Runs f() in a subtransaction. Returns null if it succeeded, else the error (in the caller's memory context), with
/// everything f() did undone. User, security context and resource owner are as before in both cases.
template <typename F>
ErrorData *in_subtransaction(F f)
{
	MemoryContext const before = CurrentMemoryContext;
	ResourceOwner const owner = CurrentResourceOwner;
	Oid user = InvalidOid;
	int security = 0;
	GetUserIdAndSecContext(&user, &security);
	ErrorData *volatile failure = nullptr;

	BeginInternalSubTransaction(nullptr);
	MemoryContextSwitchTo(before);
	PG_TRY();
	{
		f();
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(before);
		failure = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(before);
	CurrentResourceOwner = owner;
	SetUserIdAndSecContext(user, security);
	return failure;
}

/// True for errors that no subtransaction may hide from the caller: transaction rollback, resources, operator
/// intervention, system and internal errors (classes 40, 53, 57, 58, XX).
bool must_reach_caller(const ErrorData *error);

} // namespace bpt::pg
