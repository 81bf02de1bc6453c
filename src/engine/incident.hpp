// Failure as data: incidents, and when a failed activity is tried again.
#pragma once
#include "engine/instance.hpp"

namespace bpt::engine {

/// What an activity in error was doing, so that its retry does that again (activity_instance.pending).
namespace pending {
inline constexpr const char *kReach = "reach";         // reaching it: START DATE
inline constexpr const char *kReady = "ready";         // becoming ready: ON READY, USER, DUE …
inline constexpr const char *kStatement = "statement"; // an AUTOMATIC's statements
inline constexpr const char *kDecision = "decision";
inline constexpr const char *kExecute = "execute"; // starting an EXECUTE's process
inline constexpr const char *kChild = "child";     // going on after an EXECUTE's process has ended
inline constexpr const char *kLook = "look";       // OR ALREADY's look
inline constexpr const char *kEvent = "event";     // its event's delivery retries it
inline constexpr const char *kTimeout = "timeout"; // its timer retries it
} // namespace pending

/// What an incident is about.
struct Subject
{
	int64 process_id = 0;
	int64 process_def_id = 0;
	int64 activity_id = 0;
	int64 activity_def_id = 0;
	int64 event_id = 0;
};

/// Writes a row of bpt.incident and returns its id. next_run 0: no retry follows.
int64 record_incident(const Subject &subject, const char *phase, int attempt, const ErrorData *error,
					  TimestampTz next_run);

/// The instant of retry number `attempt` (from 1) by an AUTOMATIC's RETRY, or by the default rule: 1 s × 4^(n−1), at most
/// a day. Without a definition the default rule counts. False if its n TIMES are used up.
bool next_retry(expr::Definition *definition, const core::Retry &retry, int attempt, TimestampTz *instant);

/// Puts an activity in error (or, its attempts used up, failed): incident, error_count, next_run, pending. With
/// `timer` a retry timer is set; without, something else retries it. `last`: its attempts are used up in any case.
void put_in_error(const Instance &instance, pg::Row &activity, const char *what, const char *phase,
				  const ErrorData *error, int64 event_id, bool timer, bool last = false);

} // namespace bpt::engine
