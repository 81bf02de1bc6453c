-- What the tables and sequences are for, for those who meet them in \d+.

COMMENT ON TABLE bpt.activity_def IS 'Activities of definitions, stable over versions. Seen by bpt.activity_definition.';
COMMENT ON TABLE bpt.activity_instance IS 'Activities of instances. Seen by bpt.activity.';
COMMENT ON TABLE bpt.attempt IS 'After an unclean start: the items about to be run, so that one that crashes the server is known.';
COMMENT ON TABLE bpt.email_message IS 'Messages of EMAIL activities. Seen by bpt.email.';
COMMENT ON TABLE bpt.email_server IS 'The mail server of this database, in one row; without it messages wait. For the owner of the extension alone: it may hold a password.';
COMMENT ON TABLE bpt.entity IS 'Tables that definitions refer to, by oid and by name.';
COMMENT ON TABLE bpt.event_def IS 'Event clauses of definitions: what the triggers on entity tables test.';
COMMENT ON TABLE bpt.incident IS 'Failures. Seen by bpt.error_log.';
COMMENT ON TABLE bpt.link_def IS 'Connectors of definitions. Seen by bpt.activity_def_link.';
COMMENT ON TABLE bpt.listener IS 'Which activity waits for which event clause, by the hash of its correlation key.';
COMMENT ON TABLE bpt.process_def IS 'Published processes. Seen by bpt.process_definition.';
COMMENT ON TABLE bpt.process_instance IS 'Process instances. Seen by bpt.process.';
COMMENT ON TABLE bpt.process_lang IS 'Texts of definitions in other languages. Seen by bpt.process_definition_lang.';
COMMENT ON TABLE bpt.process_version IS 'The texts of all versions. Seen by bpt.process_definition_version.';
COMMENT ON TABLE bpt.queue_delivery IS 'Events waiting for one listener or launch. Seen by bpt.event_queue.';
COMMENT ON TABLE bpt.queue_event IS 'Events not yet looked at. Seen by bpt.event_queue.';
COMMENT ON TABLE bpt.queue_held IS 'Ready work of suspended processes.';
COMMENT ON TABLE bpt.queue_ready IS 'Work that can be done at once.';
COMMENT ON TABLE bpt.queue_slot IS 'The lanes of the event queue: who handles events of a lane locks its row.';
COMMENT ON TABLE bpt.queue_timer IS 'Work that is due at an instant.';
COMMENT ON TABLE bpt.role_ref IS 'Roles that definitions refer to, by oid and by name.';
COMMENT ON TABLE bpt.task_offer IS 'Open tasks by who may take them. Seen by bpt.taskbox.';
COMMENT ON TABLE bpt.typed_function IS 'Functions that publishing made.';
COMMENT ON TABLE bpt.variable_def IS 'Inputs and outputs of processes and activities. Seen by bpt.process_input_definition and its like.';

COMMENT ON SEQUENCE bpt.activity_id IS 'Ids of activity instances.';
COMMENT ON SEQUENCE bpt.definition_id IS 'Ids of processes, activities, variables, connectors and clauses.';
COMMENT ON SEQUENCE bpt.delivery_id IS 'Ids of deliveries.';
COMMENT ON SEQUENCE bpt.email_id IS 'Ids of messages.';
COMMENT ON SEQUENCE bpt.event_id IS 'Ids of events, in the order in which their rows were changed.';
COMMENT ON SEQUENCE bpt.incident_id IS 'Ids of failures.';
COMMENT ON SEQUENCE bpt.object_id IS 'Ids of tables and roles that definitions refer to.';
COMMENT ON SEQUENCE bpt.process_id IS 'Ids of process instances.';
COMMENT ON SEQUENCE bpt.ready_id IS 'Ids of ready work.';
COMMENT ON SEQUENCE bpt.timer_id IS 'Ids of timers.';
