-- The Taskbox API: what a page that shows people their tasks calls. A user_id is the caller's own, but for proxies and
-- administrators.

CREATE FUNCTION bpt.api_get_activities(user_id text, activity_label text DEFAULT NULL, start_index integer DEFAULT 0,
    line_count integer DEFAULT NULL)
  RETURNS TABLE (id bigint, label text, label_lang text, details text, due_date timestamptz, is_opened boolean, is_seen boolean)
  LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 20
  AS 'MODULE_PATHNAME', 'bpt_api_get_activities';
COMMENT ON FUNCTION bpt.api_get_activities(text, text, integer, integer) IS 'The open tasks of a user whose label contains a text, in any case: those that they have opened first, then those that are due first. Rows from start_index (counted from 0), line_count of them (NULL: all). Errors: WF005, 22004, 42501.';

CREATE FUNCTION bpt.api_get_activity_pagination(user_id text, activity_label text DEFAULT NULL, OUT total bigint, OUT unseen bigint)
  LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'bpt_api_get_activity_pagination';
COMMENT ON FUNCTION bpt.api_get_activity_pagination(text, text) IS 'How many open tasks a user has whose label contains a text, and how many of them are not seen yet. Errors: 22004, 42501.';

CREATE FUNCTION bpt.api_get_new_open_activity(user_id text, previous_activity_id bigint) RETURNS bigint
  LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'bpt_api_get_new_open_activity';
COMMENT ON FUNCTION bpt.api_get_new_open_activity(text, bigint) IS 'The task that a user has opened and that comes after an activity in the flow, at whatever distance; of several the one opened last; NULL if there is none. Errors: 22004, 42501.';

CREATE FUNCTION bpt.api_mark_activities_as_seen(user_id text) RETURNS void
  LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'bpt_api_mark_activities_as_seen';
COMMENT ON FUNCTION bpt.api_mark_activities_as_seen(text) IS 'Marks the tasks that a user has now as seen by them; what becomes ready later is unseen. Errors: 22004, 42501.';

CREATE FUNCTION bpt.api_get_activity_visualization(activity_id bigint, OUT hide_done boolean, OUT hide_release boolean,
    OUT custom_instructions text)
  LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'bpt_api_get_activity_visualization';
COMMENT ON FUNCTION bpt.api_get_activity_visualization(bigint) IS 'How a task is to be shown: whether the page offers no way to close it, none to give it back, and instructions of its own. Errors: WF002, WF004, 22004, 42501.';

CREATE FUNCTION bpt.api_set_activity_visualization(activity_id bigint, hide_done boolean, hide_release boolean,
    custom_instructions text DEFAULT NULL) RETURNS void
  LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'bpt_api_set_activity_visualization';
COMMENT ON FUNCTION bpt.api_set_activity_visualization(bigint, boolean, boolean, text) IS 'Sets how an unfinished task is to be shown; the instructions have 500 characters at most. For the process''s owner, its own statements and administrators. Errors: WF002, WF004, WF005, 22004, 42501.';

-- What could be markup is written as text first, so that nothing of it reaches the page as markup.
CREATE FUNCTION bpt.api_get_activity_guidance_html(guidance text) RETURNS text
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN pg_catalog.replace(pg_catalog.regexp_replace(pg_catalog.regexp_replace(
    pg_catalog.replace(pg_catalog.replace(pg_catalog.replace(pg_catalog.replace(pg_catalog.replace(guidance,
      '&', '&amp;'), '<', '&lt;'), '>', '&gt;'), '"', '&quot;'), '''', '&#39;'),
    '\mhttps?://(?:(?!&(?:quot|lt|gt|#39);)[^\s])*(?:&amp;|(?!&(?:quot|lt|gt|#39);)[^\s.,;:!?()])', '<a href="\&">\&</a>', 'g'),
    '\r\n?', E'\n', 'g'), E'\n', '<br>');
COMMENT ON FUNCTION bpt.api_get_activity_guidance_html(text) IS 'A text for people (instructions) as HTML: markup in it is shown as it is written, lines stay lines, addresses become links.';

CREATE FUNCTION bpt.inbox_disable_in_server() RETURNS void
  LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'bpt_inbox_disable_in_server';
COMMENT ON FUNCTION bpt.inbox_disable_in_server() IS 'Switches the taskbox of this database off: nobody is shown any task, until it is switched on again. What is known by its id can be worked on all the same. For administrators.';

CREATE FUNCTION bpt.inbox_enable_in_server() RETURNS void
  LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'bpt_inbox_enable_in_server';
COMMENT ON FUNCTION bpt.inbox_enable_in_server() IS 'Switches the taskbox of this database on again. For administrators.';
