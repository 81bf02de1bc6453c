// Column numbers of the extension's tables, in step with sql/ext/2*.sql, and the codes that stand in them.
#pragma once
#include <cstdint>

namespace bpt {

// Column by column as in the tables' definitions:
// clang-format off
namespace home { enum { database_oid = 1, system_identifier, held, single }; }
namespace entity_row { enum { id = 1, relation, schema_name, table_name }; }
namespace role_ref { enum { id = 1, role, role_name }; }
namespace process_def {
enum { id = 1, schema_oid, schema_name, name, label, description, detail, version, is_active, is_public, is_light,
	   expose_process_entity, launch_on, priority, launch_function, launch_signature, created, published, published_by,
	   last_owner, visible_to, history_retention };
}
namespace process_version { enum { process_def_id = 1, version, definition, search_path, bindings, published, published_by }; }
namespace activity_def {
enum { id = 1, process_def_id, name, kind, label, description, is_active, is_public, skippable, instructions, roles, event,
	   invoked_process_def_id, terminate_process, first_version, last_version, position };
}
namespace variable_def {
enum { id = 1, owner_id, role, name, data_type, default_expression, is_mandatory, close_input, is_active, first_version,
	   last_version, position };
}
namespace link_def {
enum { id = 1, process_def_id, version, source_activity_def_id, target_activity_def_id, outcome, is_dependency,
	   is_terminate, position };
}
namespace event_def {
enum { id = 1, process_def_id, activity_def_id, entity_id, operation, clause, is_active, first_version, last_version,
	   position };
}
namespace typed_function { enum { id = 1, function, signature, process_def_id, activity_def_id, version }; }
namespace exposed_view { enum { process_def_id = 1, view, schema_name, view_name, query }; }

namespace process_instance {
enum { id = 1, process_def_id, created, closed, parent_process_id, parent_activity_id, top_process_id,
	   launched_by_activity_id, last_modified, suspended_date, entity_id, changes, version, paths, flow_paths, status, is_suspended,
	   label, created_by, last_modified_by, suspended_by, entity_key, inputs, outputs };
}
namespace activity_instance {
enum { id = 1, process_id, activity_def_id, created, ready, closed, precedent_activity_id, flow_id, start_date, opened,
	   due_date, timeout, child_process_id, started_instant, last_error_id, next_run, error_count, refusals, kind, status,
	   stopped_status, expired, skipped, user_id, group_id, opened_by, closed_by, precedent_outcome, started_by,
	   last_refusal, detail, destination, outputs, label, instructions, pending, predecessors };
}
namespace task_offer { enum { activity_id = 1, role_id, user_id }; }
namespace task_seen { enum { activity_id = 1, user_id }; }
namespace task_display { enum { activity_id = 1, hide_done, hide_release, custom_instructions }; }
namespace listener { enum { activity_id = 1, event_def_id, hash, process_id, born, born_xid, born_event, after_event }; }
namespace incident {
enum { id = 1, instant, process_id, process_def_id, activity_id, activity_def_id, event_id, phase, attempt, sqlstate,
	   message, detail, hint, context, statement, user_id, worker_pid, next_run };
}
namespace queue_event { // bpt.event_0 to bpt.event_3
enum { id = 1, xid, entity_id, created, slot, operation, untested, clauses, key, payload, more };
}
namespace queue_position { enum { slot = 1, seq, finished, opened, bound, done, apart }; } // bpt.position_0, bpt.position_1
namespace queue_slot { enum { slot = 1 }; }
namespace queue_delivery {
enum { id = 1, event_id, xid, entity_id, operation, key, payload, created, event_def_id, version, untested, process_id, activity_id, status,
	   error_count, last_error_id, next_run };
}
namespace queue_ready { enum { id = 1, rank, process_id, activity_id, what, argument }; }
namespace queue_held { enum { id = 1, rank, process_id, activity_id, what, argument }; }
namespace queue_timer { enum { id = 1, due, process_id, activity_id, what }; }
namespace email_message {
enum { id = 1, process_def_id, process_id, activity_id, activity_def_id, status, from_address, to_addresses, cc, bcc, subject,
	   body, html, headers, log_content, message_id, created, sent, error_count, last_error_id, next_run };
}
namespace email_server { enum { host = 1, port, security, user_name, password, sender, timeout, ca_file, single }; }
namespace timer_def {
enum { id = 1, schema_oid, schema_name, name, definition, search_path, schedule, time_zone, priority, time_limit,
	   is_active, created, published, published_by, last_owner, ready_id };
}
namespace timer_history { enum { id = 1, timer_def_id, scheduled, started, ended, attempt, incident_id }; }
namespace process_lang { enum { process_def_id = 1, activity_def_id, locale, property, value, original }; }
namespace attempt { enum { queue = 1, item_id, process_id, activity_id, started, crashes }; }

// clang-format on

/// process_instance.status
enum class ProcessStatus : std::int16_t
{
	active = 1,
	closed,
	terminated
};

/// activity_instance.status; the order of bpt.activity_status
enum class ActivityStatus : std::int16_t
{
	scheduled = 1,
	ready,
	listening,
	opened,
	error,
	failed,
	running,
	closed,
	skipped,
	expired,
	discarded,
	terminated
};
constexpr bool is_ended(ActivityStatus s)
{
	return s >= ActivityStatus::closed;
}

/// activity_def.kind, activity_instance.kind; the order of bpt.activity_kind
enum class ActivityKind : std::int16_t
{
	conditional_start = 1,
	human,
	automatic,
	wait,
	decision,
	execute,
	email,
	end
};

/// task_offer.role_id of an offer to a group.
constexpr std::int64_t kGroupOffer = -1;

enum class VariableRole : std::int16_t
{
	process_input = 1,
	process_output,
	activity_output
};
enum class ReadyWhat : std::int16_t
{
	run = 1,
	look,
	go_on,
	start_child,
	child_ended,
	timer_run
};
enum class TimerWhat : std::int16_t
{
	start_date = 1,
	timeout,
	retry,
	schedule,
	wake
};
enum class EmailStatus : std::int16_t
{
	queued = 1,
	sent,
	failed
};
enum class DeliveryStatus : std::int16_t
{
	waiting = 1,
	retrying,
	failed,
	held // its process is suspended
};

} // namespace bpt
