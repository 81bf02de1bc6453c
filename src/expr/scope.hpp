// What names mean at the site of a Code: the look-ups behind the parser hooks (names.cpp) and their errors (name_errors.cpp).
#pragma once
#include "core/text.hpp"
#include "expr/compiled.hpp"

namespace bpt::expr {

/// True while the definition is being published.
bool is_draft(const Code *code);
/// True in the SQL of an event clause.
bool is_clause(const Code *code);
/// True where nothing of the process can be read: its instance does not exist yet, or there is none.
bool is_before_launch(const Code *code);

/// The element of that name, -1 if there is none.
int32 element_named(const Code *code, const char *name);
/// True if the element's runtime properties can be read here.
bool is_in_scope(const Code *code, int32 element);
/// True if the element's outputs can be read here: in its own event clauses they have no values yet.
bool outputs_in_scope(const Code *code, int32 element);

/// The process's input or output of that name.
bool find_process_variable(Code *code, const char *name, Slot *slot);
/// An output or property of an activity that can be read here.
bool find_of_activity(Code *code, int32 element, const char *name, Slot *slot);
/// What one or two names mean in the process, if anything.
bool find_in_process(Code *code, const char **names, int count, Slot *slot);
/// A column of the event's row, new or old.
bool find_column(const Code *code, SlotKind kind, const char *name, Slot *slot);
/// A column of the event's row by bare name or by the table's name.
bool find_row_column(const Code *code, const char **names, int count, Slot *slot);
/// Offers the runtime properties of an element's kind to a search for what was meant.
void offer_properties(const Code *code, int32 element, core::Suggestion *suggestion);

// Errors. Each notes in the Code what kind of problem it is.

/// An error that only follows from a problem already known; check() leaves it out.
[[noreturn]] void raise_follow_up(Code *code, const char *what);
/// Says why the activity cannot be read here.
[[noreturn]] void raise_out_of_scope(ParseState *pstate, Code *code, int32 element, int location);
/// The activity can be read, but has nothing of that name.
[[noreturn]] void raise_no_output(ParseState *pstate, Code *code, int32 element, const char *name, int location);
/// process.x where the process has no x.
[[noreturn]] void raise_no_variable(ParseState *pstate, Code *code, const char *name, int location);
/// process.a.x where there is no a.
[[noreturn]] void raise_no_activity(ParseState *pstate, Code *code, const char *name, int location);
/// A name of the process in a LAUNCH ON.
[[noreturn]] void raise_before_launch(ParseState *pstate, Code *code, const char *name, int location);
/// old.c where there is no old row.
[[noreturn]] void raise_no_old_row(ParseState *pstate, Code *code, int location);
/// A name that fits a column and the process or the event's row.
[[noreturn]] void raise_ambiguous(ParseState *pstate, Code *code, const char **names, int count, bool of_process,
								  int location);
/// Raises a better error than "column does not exist" for a bare name, where there is one to give.
void explain(ParseState *pstate, Code *code, const char *name, int location);

} // namespace bpt::expr
