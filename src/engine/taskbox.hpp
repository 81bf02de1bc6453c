// What the Taskbox API asks and keeps: the tasks of a user, which they have seen, how they are to be shown.
#pragma once
#include "pg/postgres.hpp"

namespace bpt::engine {

/// Runs f() with a user's tasks in bpt.taskbox: the caller's own, or, for proxies and administrators, anybody's.
void for_user(const char *user, void (*f)(void *), void *context);
template <typename F>
void for_user(const char *user, F f)
{
	for_user(
		user, [](void *context) { (*static_cast<F *>(context))(); }, &f);
}

/// Marks the user's tasks as seen.
void mark_as_seen(const char *user);
/// The task that the user has opened and that comes after an activity; 0: none.
int64 opened_after(const char *user, int64 activity_id);

/// How a task is to be shown.
struct Display
{
	bool hide_done = false;
	bool hide_release = false;
	const char *instructions = nullptr;
};
Display display_of(int64 activity_id);
void set_display(int64 activity_id, const Display &display);

/// Switches the taskbox of the database on or off.
void switch_inbox(bool on);

/// The task has ended or becomes ready anew: nobody has seen it.
void forget_seen(int64 activity_id);

} // namespace bpt::engine
