// Who acts, and what they may do (BPT.md §9).
//
// Membership of a role is membership in PostgreSQL's sense, direct or not, inherited or not; a superuser is a member of
// every role. Nothing here is kept over a call: roles, grants and owners count as they are now. In a restored or copied
// database stored oids may by chance be those of something else, so there the names stored beside them count. Locks: none.
#pragma once
#include "expr/definition.hpp"

extern "C" {
#include "utils/array.h"
}

namespace bpt::engine {

/// The acting user's id: the outer role, or bpt.user_id of a proxy, or within engine-run code the owner; 42501 for a
/// bpt.user_id that does not count. In the current memory context.
char *acting_user();
/// The database role that acts: the outer role (login or SET ROLE); within engine-run code the owner; within a
/// security-restricted operation the current role.
Oid acting_role();
/// Member of bpt_admin, or superuser (the database role counts, never bpt.user_id).
bool is_admin();
/// The session's user is a member of bpt_proxy, and so speaks for others.
bool is_proxy();
/// Administration rights over a process: a member of its owner role, an administrator, or the process's own code.
bool may_administer(const expr::Definition *definition);
bool may_administer(int64 process_def_id);
/// Sees the process and its instances: owner's members, bpt_monitor, bpt_admin, and the acting user by a role of VISIBLE TO.
bool may_see(const expr::Definition *definition);
/// The same by id; id 0 stands for what belongs to no process, which monitors and administrators see.
bool may_see(int64 process_def_id);
/// May launch it: PUBLIC, or EXECUTE on its launch function, as the current user, so that SECURITY DEFINER functions lend
/// that right as they lend others.
bool may_launch(const expr::Definition *definition);
/// The same for another role.
bool may_launch(int64 process_def_id, Oid role);

/// The role that a row of bpt.role_ref means now: the one that it was written for, or that has the name of one that is gone;
/// InvalidOid if there is none.
Oid role_of_ref(int64 role_id);
/// The owner of a process: of its launch function, or who owned it when it was dropped. InvalidOid if there is no such
/// process, or the function or role is gone. The id may be a timer's too, as it may be for may_see().
Oid process_owner(int64 process_def_id);
/// The owner of a timer: of its wake function, or who owned it when it was dropped.
Oid timer_owner(int64 timer_id);
/// The function that wakes a timer; InvalidOid if it is gone.
Oid wake_function(int64 timer_id);
/// Refuses an empty name of a user or group; null is none.
void require_name(const char *what, const char *name);
/// Whether `user` is a member of the role that role_ref names (the default provider; a role that is gone has no members).
bool user_has_role(const char *user, int64 role_id);
/// The role_ref ids of all roles that `user` is a member of, in the current memory context.
int roles_of_user(const char *user, int64 **role_ids);
/// Whether `user` is a member of a group; by default a group is a role.
bool user_in_group(const char *user, const char *group);
/// The groups of `user` as a text array, in the current memory context.
ArrayType *groups_of_user(const char *user);
/// The role_ref id of a role (made if missing).
int64 role_ref_of(Oid role);
/// Whether `user` has a role of a task, or it has none.
bool fits_role(const char *user, const expr::Element &element);
/// Whether a task with this offer is offered to `user`: (assigned to nobody or to them) and (no roles or any of them) and
/// (no group, or a member).
bool offered_to(const char *user, const char *assigned, const char *group, const expr::Element &element);

} // namespace bpt::engine
