-- What the taskbox keeps beside the tasks. src/pg/tables.hpp names the columns by number: keep both in step.

-- Who has seen which open task. Gone with the end of the task, or when it becomes ready anew.
CREATE TABLE bpt.task_seen (
  activity_id bigint NOT NULL,
  user_id text NOT NULL,
  PRIMARY KEY (activity_id, user_id));
COMMENT ON TABLE bpt.task_seen IS 'Who has seen which open task. Seen by bpt.taskbox.';

CREATE TABLE bpt.task_display (
  activity_id bigint PRIMARY KEY,
  hide_done boolean NOT NULL,
  hide_release boolean NOT NULL,
  custom_instructions text);
COMMENT ON TABLE bpt.task_display IS 'How single tasks are to be shown. Seen by bpt.taskbox.';

-- At most one row: while it is there nobody is shown any task.
CREATE TABLE bpt.inbox_disabled (
  since timestamptz NOT NULL,
  by_user text NOT NULL,
  single boolean PRIMARY KEY DEFAULT true CHECK (single));
COMMENT ON TABLE bpt.inbox_disabled IS 'Whether and by whom the taskbox of this database is switched off.';
