-- Texts in the language of the session, for the views, which run these functions as their reader; they tell what a
-- definition says. Where bpt.locale is empty they return at once.

CREATE FUNCTION bpt.translated(process_definition_id bigint, activity_definition_id bigint, property text) RETURNS text
  LANGUAGE C STABLE STRICT COST 10 PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bpt_translated';
COMMENT ON FUNCTION bpt.translated(bigint, bigint, text) IS 'Internal: a text of an activity, or (activity 0) of the process, in the language of the session; NULL if there is none.';

CREATE FUNCTION bpt.translated(process_definition_id bigint, activity_definition_id bigint, property text, original text) RETURNS text
  LANGUAGE C STABLE STRICT COST 10 PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bpt_translated_text';
COMMENT ON FUNCTION bpt.translated(bigint, bigint, text, text) IS 'Internal: the same, if the definition read so when it was translated.';

CREATE FUNCTION bpt.label_language(process_definition_id bigint, activity_definition_id bigint) RETURNS text
  LANGUAGE C STABLE STRICT COST 10 PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bpt_label_language';
COMMENT ON FUNCTION bpt.label_language(bigint, bigint) IS 'Internal: the locale of the label that the session sees; NULL: the definition''s own.';

CREATE FUNCTION bpt.drop_translation(process text, locale text) RETURNS void
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'bpt_drop_translation';
COMMENT ON FUNCTION bpt.drop_translation(text, text) IS 'Drops the translation of a process into a language. For the process''s owner and administrators. Errors: WF004 no such process or translation, 42501.';
