-- Texts of definitions in other languages. One row a text; activity_def_id 0: of the process itself.

CREATE TABLE bpt.process_lang (
  process_def_id bigint NOT NULL,
  activity_def_id bigint NOT NULL,
  locale text NOT NULL,
  property text NOT NULL,              -- label, description, instructions, detail
  value text NOT NULL,
  original text,                       -- what the definition said then, where that is a literal
  PRIMARY KEY (process_def_id, activity_def_id, locale, property));
