// Sending mail by the mail module.
#pragma once
#include "pg/postgres.hpp"

namespace bpt::worker {

/// True while this worker tries no message: the server did not take the last one, and was slow about it.
bool is_mail_paused(TimestampTz now);

} // namespace bpt::worker
