// Other forms of a definition for SQL: jsonb, read and written, and flowcharts (the forms themselves are the core's).
#pragma once
#include "core/diagnostic.hpp"
#include "pg/postgres.hpp"

namespace bpt::engine {

/// The text that a definition in the JSON form is written as, in the current memory context; null, with problems, if it is
/// not of that form.
const char *text_of_json(Jsonb *json, core::Diagnostics &problems);
/// The same; raises WF007 where there are problems, the first as the message, all in DETAIL.
const char *text_of_json(Jsonb *json);
/// The JSON form of a published text, as jsonb.
Datum json_of_text(const char *text);

/// The Mermaid flowchart of a version of a process. WF004 if there is no such version.
text *mermaid_of_version(int64 process_def_id, int32 version);
/// The flowchart of an instance in its version, with its state. WF004 if there is none or the caller may not see it.
text *mermaid_of_instance(int64 process_id);

} // namespace bpt::engine
