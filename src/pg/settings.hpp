// The extension's settings, in alphabetical order, as one place that defines and documents them (settings.cpp).
#pragma once
#include "pg/postgres.hpp"

namespace bpt::settings {

extern int callback_timeout; // ms; 0: none
extern char *clock;          // '' : the real clock; parsed value in clock_instant
extern TimestampTz clock_instant;
extern bool clock_is_set;
extern bool clock_by_engine; // bpt.run moves the clock: no administrator needed
extern bool enabled;
extern bool events;
extern int history_retention; // s; -1: for ever
extern char *locale;          // '': texts as defined
extern int max_process_depth;
extern int max_workers;   // slots in shared memory
extern int poll_interval; // ms
extern bool taskbox_notify;
extern int timer_attempts;  // of a failing timer, in a row
extern int timer_history;   // runs kept of each timer
extern char *user_id;       // '' : none
extern char *user_provider; // '' : PostgreSQL's roles
extern int workers;         // per database

/// Defines all of them. Called once by _PG_init.
void define();
/// True if the library was loaded by shared_preload_libraries.
extern bool preloaded;

} // namespace bpt::settings
