// bpt.run(): the workers' work, done by a client's own session.
#pragma once
#include "pg/postgres.hpp"

namespace bpt::worker {

/// Does what is due now, and what that makes due, of the processes whose owner the caller is a member of; with `until`
/// goes on through time. `may_commit`: called outside a transaction block, each item is committed.
void run(bool may_commit, bool has_until, TimestampTz until);

} // namespace bpt::worker
