// EMAIL: a message is queued in the transaction of the activity, and delivered later by whoever works.
#pragma once
#include "engine/scope.hpp"
#include "queue/work.hpp"

namespace bpt::engine {

/// Queues the message of an EMAIL that is being run, as the owner: evaluates its clauses, which become a row of
/// bpt.email_message. What
/// cannot be an address or a header is an error.
void queue_email(Scope &scope);

/// The message that an activity queued: 0 if it has none.
int64 email_of(int64 activity_id);
/// Has a message that was not delivered yet tried again at once. False if the activity has none.
bool retry_email(int64 activity_id);

/// Keeps the messages of a process that is to be deleted from being sent until the transaction ends, and waits for one that
/// is being sent: who sends a message looks whether its process is still there. False: with `skip`, one is being sent.
bool hold_emails(int64 process_id, bool skip, bool *has_some);
/// Deletes the messages of a process that is deleted, which are held; those that are still to be sent go when they are sent.
void remove_emails(int64 process_id);

/// Sends a claimed message and notes that it is sent. Raises what hinders it.
void deliver_email(queue::Item &item);
/// Notes that a message could not be sent: it is tried again after the default delay, or has failed for good.
void fail_email(queue::Item &item, const ErrorData *error, const char *phase, bool last);

/// How a message leaves the server: set by the worker room. Raises if it was not taken; kMailRefused: and never will be.
extern void (*send_email)(const pg::Row &message);

} // namespace bpt::engine
