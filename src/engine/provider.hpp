// The user provider: functions of the installation that tell who acts, and what roles and groups users have, where
// bpt.user_provider names them.
//
// The setting lists up to three functions: who acts () → text, roles (user_id text) → text[], groups (user_id text) →
// text[]. A missing or empty one stands for PostgreSQL's roles. They run as the current user, who needs EXECUTE on them.
#pragma once
#include "pg/postgres.hpp"

extern "C" {
#include "utils/array.h"
}

namespace bpt::engine {

enum class Provided
{
	user,
	roles,
	groups,
};

/// True if the provider has a function for this.
bool is_provided(Provided what);
/// Who acts; null if the provider names nobody.
char *provided_user();
/// The roles or groups of a user; an empty array for NULL.
ArrayType *provided_names(Provided what, const char *user);
/// Whether the provider counts `name` among them.
bool provides(Provided what, const char *user, const char *name);

} // namespace bpt::engine
