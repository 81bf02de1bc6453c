// What to say of a name that cannot be read, or means two things (scope.hpp).
#include "pg/postgres.hpp"

#include "expr/scope.hpp"
#include "pg/errors.hpp"

namespace bpt::expr {

namespace {

/// Notes what kind of problem the error about to be raised is.
void note(Code *code, const char *problem)
{
	code->problem = problem;
}

int length_of(const core::Name &name)
{
	return static_cast<int>(name.text.size());
}

const core::Name &name_of(const Code *code, int32 element)
{
	return code->definition->elements[element].model->name;
}

void offer(const core::Vec<Variable> &list, core::Suggestion *suggestion)
{
	for (const Variable &variable : list)
		suggestion->offer(variable.name);
}

/// A search for what was meant by `name` among the process's inputs and outputs.
core::Suggestion suggest_variable(const Code *code, const char *name)
{
	core::Suggestion suggestion;
	suggestion.wanted = name;
	offer(code->definition->inputs, &suggestion);
	offer(code->definition->outputs, &suggestion);
	return suggestion;
}

/// The hint that names what may have been meant, with `prefix` before it.
int hint(const core::Suggestion &suggestion, const char *prefix)
{
	return suggestion.best.empty() ? 0
								   : errhint("Perhaps you meant \"%s%.*s\".", prefix,
											 static_cast<int>(suggestion.best.size()), suggestion.best.data());
}

} // namespace

void raise_follow_up(Code *code, const char *what)
{
	note(code, "unknown_type");
	code->follows = true;
	ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("the type of \"%s\" is not known", what)));
}

void raise_before_launch(ParseState *pstate, Code *code, const char *name, int location)
{
	note(code, "no_scope");
	ereport(ERROR, (errcode(kInvalidDefinition), errmsg("\"%s\" cannot be read here", name),
					code->definition->is_timer
						? errdetail("A timer belongs to no process.")
						: errdetail("A LAUNCH ON clause sees the row only: the process does not exist yet."),
					parser_errposition(pstate, location)));
}

void raise_out_of_scope(ParseState *pstate, Code *code, int32 element, int location)
{
	const core::Name &name = name_of(code, element);
	const int length = length_of(name);
	const char *const text = name.text.data();
	const int32 here = code->site.element;
	note(code, "not_preceding");
	if (here < 0)
		ereport(ERROR, (errcode(kInvalidDefinition), errmsg("activity \"%.*s\" cannot be read here", length, text),
						is_before_launch(code)
							? errdetail("A LAUNCH ON clause sees the row only: the process does not exist yet.")
							: errdetail("The process's own clauses see its inputs and outputs only."),
						parser_errposition(pstate, location)));
	if (here == element && is_clause(code))
		ereport(ERROR,
				(errcode(kInvalidDefinition),
				 errmsg("the inputs and outputs of \"%.*s\" have no values yet in its event clauses", length, text),
				 parser_errposition(pstate, location)));
	if (here == element)
		ereport(ERROR, (errcode(kInvalidDefinition),
						errmsg("the outputs of \"%.*s\" are not in scope of its own statements", length, text),
						parser_errposition(pstate, location)));
	const core::Name &reader = name_of(code, here);
	ereport(ERROR,
			(errcode(kInvalidDefinition),
			 errmsg("activity \"%.*s\" does not precede \"%.*s\" on every path", length, text, length_of(reader),
					reader.text.data()),
			 errdetail("An output can be read only behind its activity: on some path \"%.*s\" is reached without it.",
					   length_of(reader), reader.text.data()),
			 code->definition->elements[here].model->kind == core::Kind::conditional_start
				 ? errhint("AFTER %.*s makes it wait for that activity.", length, text)
				 : 0,
			 parser_errposition(pstate, location)));
}

void raise_no_output(ParseState *pstate, Code *code, int32 element, const char *name, int location)
{
	const Element &owner = code->definition->elements[element];
	if (owner.outputs_unknown)
		raise_follow_up(code, name);
	core::Suggestion suggestion;
	suggestion.wanted = name;
	offer(owner.outputs, &suggestion);
	offer_properties(code, element, &suggestion);
	note(code, "unknown_name");
	ereport(ERROR, (errcode(ERRCODE_UNDEFINED_COLUMN),
					errmsg("activity \"%.*s\" has no output or property \"%s\"", length_of(owner.model->name),
						   owner.model->name.text.data(), name),
					hint(suggestion, ""), parser_errposition(pstate, location)));
}

void raise_no_variable(ParseState *pstate, Code *code, const char *name, int location)
{
	note(code, "unknown_name");
	ereport(ERROR, (errcode(ERRCODE_UNDEFINED_COLUMN),
					errmsg("process \"%s\" has no input or output \"%s\"", code->definition->name, name),
					hint(suggest_variable(code, name), "process."), parser_errposition(pstate, location)));
}

void raise_no_activity(ParseState *pstate, Code *code, const char *name, int location)
{
	note(code, "unknown_name");
	ereport(ERROR, (errcode(ERRCODE_UNDEFINED_COLUMN),
					errmsg("process \"%s\" has no activity \"%s\"", code->definition->name, name),
					parser_errposition(pstate, location)));
}

void raise_no_old_row(ParseState *pstate, Code *code, int location)
{
	note(code, "no_old_row");
	ereport(ERROR, (errcode(kInvalidDefinition), errmsg("there is no old row here"),
					errdetail("\"old\" can be read in clauses ON UPDATE without OR ALREADY."),
					parser_errposition(pstate, location)));
}

void raise_ambiguous(ParseState *pstate, Code *code, const char **names, int count, bool of_process, int location)
{
	note(code, "ambiguous_name");
	const char *const name = count == 1 ? names[0] : psprintf("%s.%s", names[0], names[1]);
	Slot slot;
	const bool own = of_process && count == 1 && code->site.element >= 0 && !find_process_variable(code, name, &slot);
	const char *full = nullptr;
	if (!of_process)
		full = psprintf("new.%s", names[count - 1]);
	else if (own)
		full = psprintf("process.%.*s.%s", length_of(name_of(code, code->site.element)),
						name_of(code, code->site.element).text.data(), name);
	else
		full = psprintf("process.%s", name);
	ereport(ERROR, (errcode(kInvalidDefinition), errmsg("\"%s\" is ambiguous", name),
					of_process ? errdetail("It fits a column and a name of the process.")
							   : errdetail("It fits a column of the event's row and of another table."),
					is_clause(code) && of_process && code->around == nullptr
						? errhint("Write \"%s\", or \"new.%s\" for the row's column.", full, names[count - 1])
						: errhint("Write \"%s\", or put the table's name before the column's.", full),
					parser_errposition(pstate, location)));
}

void explain(ParseState *pstate, Code *code, const char *name, int location)
{
	if (is_before_launch(code))
	{
		Slot slot;
		if (find_process_variable(code, name, &slot))
			raise_before_launch(pstate, code, name, location);
		return;
	}
	for (int32 element = 0; element < code->definition->model->elements.count; element++)
	{
		Slot slot;
		if (element == code->site.element || !find_of_activity(code, element, name, &slot))
			continue;
		const core::Name &owner = name_of(code, element);
		note(code, "unknown_name");
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_COLUMN), errmsg("column \"%s\" does not exist", name),
						errhint("Perhaps you meant \"%.*s.%s\".", length_of(owner), owner.text.data(), name),
						parser_errposition(pstate, location)));
	}
	core::Suggestion suggestion = suggest_variable(code, name);
	if (code->site.element >= 0 && code->site.own)
	{
		const Element &own = code->definition->elements[code->site.element];
		if (own.outputs_unknown)
			raise_follow_up(code, name);
		offer(own.outputs, &suggestion);
	}
	if (suggestion.best.empty())
		return;
	note(code, "unknown_name");
	ereport(ERROR, (errcode(ERRCODE_UNDEFINED_COLUMN), errmsg("column \"%s\" does not exist", name),
					hint(suggestion, ""), parser_errposition(pstate, location)));
}

} // namespace bpt::expr
