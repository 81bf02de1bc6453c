// Sending mail by the mail module.
#pragma once
#include "pg/postgres.hpp"

namespace bpt::worker {

/// True while no message is tried by this worker: the server could not take the last one.
bool is_mail_paused(TimestampTz now);

} // namespace bpt::worker
