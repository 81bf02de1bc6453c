// Process names in SQL: what `order_id`, `pack.parcels`, `process.x` or `new.total` mean at a site, as parser hooks.
//
// While a definition is being published a name that fits both a column and the process is an error. Later the process's
// name wins, so that a column added after publish captures nothing; the other way round cannot happen, since a definition's
// own names never change.
#include "pg/postgres.hpp"

#include "core/text.hpp"
#include "expr/compiled.hpp"
#include "pg/errors.hpp"

namespace bpt::expr {

namespace {

bool equal(std::string_view a, const char *b)
{
	return a == std::string_view(b);
}

/// A property, whose it can be, and its type.
struct PropertyName
{
	const char *name;
	Property property;
	Oid type;
	unsigned kinds; // bits of core::Kind
};

constexpr unsigned bit(core::Kind kind)
{
	return 1u << static_cast<unsigned>(kind);
}
constexpr unsigned kAnyActivity = bit(core::Kind::human) | bit(core::Kind::automatic) | bit(core::Kind::wait) |
								  bit(core::Kind::conditional_start) | bit(core::Kind::execute) |
								  bit(core::Kind::email);
constexpr PropertyName kProperties[] = {
	{"activity_id", Property::activity_id, INT8OID, kAnyActivity},
	{"closed_instant", Property::closed_instant, TIMESTAMPTZOID, kAnyActivity},
	{"closed_by", Property::closed_by, TEXTOID, bit(core::Kind::human)},
	{"skipped", Property::skipped, BOOLOID, bit(core::Kind::human) | bit(core::Kind::wait)},
	{"expired", Property::expired, BOOLOID, bit(core::Kind::wait)},
	{"refusals", Property::refusals, INT4OID, bit(core::Kind::wait)},
	{"started_by", Property::started_by, TEXTOID, bit(core::Kind::conditional_start)},
	{"started_instant", Property::started_instant, TIMESTAMPTZOID, bit(core::Kind::conditional_start)},
	{"terminated", Property::terminated, BOOLOID, bit(core::Kind::execute)},
	{"email_id", Property::email_id, INT8OID, bit(core::Kind::email)},
};

bool is_draft(const Code *code)
{
	return OidIsValid(code->definition->draft_owner);
}

bool is_clause(const Code *code)
{
	return OidIsValid(code->site.row);
}

/// True where nothing of the process can be read: its instance does not exist yet.
bool is_before_launch(const Code *code)
{
	return is_clause(code) && code->site.element < 0;
}

/// Notes what kind of problem the error about to be raised is.
void note(Code *code, const char *problem)
{
	code->problem = problem;
}

/// An error that only follows from a problem already known; check() leaves it out.
[[noreturn]] void raise_follow_up(Code *code, const char *what)
{
	note(code, "unknown_type");
	code->follows = true;
	ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("the type of \"%s\" is not known", what)));
}

Slot variable_slot(Code *code, SlotKind kind, int32 element, int32 index, const Variable &variable)
{
	if (!OidIsValid(variable.type))
		raise_follow_up(code, variable.name);
	Slot slot;
	slot.kind = kind;
	slot.element = element;
	slot.index = index;
	slot.type = variable.type;
	slot.typmod = variable.typmod;
	slot.collation = variable.collation;
	return slot;
}

bool find_variable(Code *code, const core::Vec<Variable> &list, SlotKind kind, int32 element, const char *name,
				   Slot *slot)
{
	for (int32 i = 0; i < list.count; i++)
		if (strcmp(list[i].name, name) == 0)
		{
			*slot = variable_slot(code, kind, element, i, list[i]);
			return true;
		}
	return false;
}

/// The process's input or output of that name.
bool find_process_variable(Code *code, const char *name, Slot *slot)
{
	const Definition &definition = *code->definition;
	return find_variable(code, definition.inputs, SlotKind::process_input, -1, name, slot) ||
		   find_variable(code, definition.outputs, SlotKind::process_output, -1, name, slot);
}

bool find_property(const Code *code, int32 element, const char *name, Slot *slot)
{
	const core::Kind kind = code->definition->elements[element].model->kind;
	for (const PropertyName &property : kProperties)
		if (strcmp(property.name, name) == 0 && (property.kinds & bit(kind)) != 0)
		{
			*slot = Slot{};
			slot->kind = SlotKind::property;
			slot->property = property.property;
			slot->element = element;
			slot->type = property.type;
			slot->collation = get_typcollation(property.type);
			return true;
		}
	return false;
}

bool find_output(Code *code, int32 element, const char *name, Slot *slot)
{
	const Element &definition = code->definition->elements[element];
	if (find_variable(code, definition.outputs, SlotKind::output, element, name, slot))
		return true;
	return false;
}

/// The element of that name, -1 if there is none.
int32 element_named(const Code *code, const char *name)
{
	const core::Vec<Element> &elements = code->definition->elements;
	for (int32 i = 0; i < elements.count; i++)
		if (equal(elements[i].model->name.text, name))
			return i;
	return -1;
}

/// True if the element's runtime properties can be read here.
bool is_in_scope(const Code *code, int32 element)
{
	const Site &site = code->site;
	if (site.element < 0)
		return false;
	if (element == site.element && (site.own || is_clause(code)))
		return true;
	return code->definition->flow->precedes(element, site.element);
}

/// True if the element's outputs can be read here: in its own event clauses they have no values yet.
bool outputs_in_scope(const Code *code, int32 element)
{
	if (element == code->site.element && is_clause(code))
		return code->definition->flow->precedes(element, element);
	return is_in_scope(code, element);
}

/// An output or property of an activity that can be read here.
bool find_of_activity(Code *code, int32 element, const char *name, Slot *slot)
{
	if (outputs_in_scope(code, element) && find_output(code, element, name, slot))
		return true;
	return is_in_scope(code, element) && find_property(code, element, name, slot);
}

/// What a bare name means in the process.
bool find_bare(Code *code, const char *name, Slot *slot)
{
	if (is_before_launch(code))
		return false;
	const int32 own = code->site.element;
	if (own >= 0 && code->site.own && !is_clause(code) && find_output(code, own, name, slot))
		return true;
	if (find_process_variable(code, name, slot))
		return true;
	return own >= 0 && (code->site.own || is_clause(code)) && find_property(code, own, name, slot);
}

/// A column of the event's row.
bool find_column(const Code *code, SlotKind kind, const char *name, Slot *slot)
{
	const AttrNumber attribute = get_attnum(code->site.row, name);
	if (attribute <= 0)
		return false;
	*slot = Slot{};
	slot->kind = kind;
	slot->index = attribute;
	get_atttypetypmodcoll(code->site.row, attribute, &slot->type, &slot->typmod, &slot->collation);
	return true;
}

bool same(const Slot &a, const Slot &b)
{
	return a.kind == b.kind && a.element == b.element && a.index == b.index && a.property == b.property &&
		   a.type == b.type && a.typmod == b.typmod;
}

/// The parameter node for a slot, numbered as met first.
Node *parameter(Code *code, const Slot &slot, const char *column, int location)
{
	int32 number = 0;
	while (number < code->parameters.count && !same(code->parameters[number].slot, slot))
		number++;
	if (number == code->parameters.count)
	{
		Parameter added;
		added.slot = slot;
		if (column != nullptr)
			added.column = c_string(code->definition, column);
		code->parameters.push(code->definition->arena, added);
	}
	Param *const node = makeNode(Param);
	node->paramkind = PARAM_EXTERN;
	node->paramid = number + 1;
	node->paramtype = slot.type;
	node->paramtypmod = slot.typmod;
	node->paramcollid = slot.collation;
	node->location = location;
	return reinterpret_cast<Node *>(node);
}

/// The names of a column reference: 1 to 3 of them; 0 if it is none of those forms.
int names_of(const ColumnRef *reference, const char **names)
{
	const int count = list_length(reference->fields);
	if (count > 3)
		return 0;
	for (int i = 0; i < count; i++)
	{
		const auto *const field = static_cast<Node *>(list_nth(reference->fields, i));
		if (!IsA(field, String))
			return 0;
		names[i] = strVal(field);
	}
	return count;
}

/// Says why the activity cannot be read here.
[[noreturn]] void raise_out_of_scope(ParseState *pstate, Code *code, int32 element, int location)
{
	const core::Vec<Element> &elements = code->definition->elements;
	const core::Name &name = elements[element].model->name;
	const int length = static_cast<int>(name.text.size());
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
	const core::Name &reader = elements[here].model->name;
	ereport(ERROR,
			(errcode(kInvalidDefinition),
			 errmsg("activity \"%.*s\" does not precede \"%.*s\" on every path", length, text,
					static_cast<int>(reader.text.size()), reader.text.data()),
			 errdetail("An output can be read only behind its activity: on some path \"%.*s\" is reached without it.",
					   static_cast<int>(reader.text.size()), reader.text.data()),
			 parser_errposition(pstate, location)));
}

/// A parameter for a.x, or an error that says what is wrong with it.
Node *activity_name(ParseState *pstate, Code *code, int32 element, const char *name, int location)
{
	Slot slot;
	if (find_of_activity(code, element, name, &slot))
		return parameter(code, slot, nullptr, location);
	const Element &definition = code->definition->elements[element];
	if (!is_in_scope(code, element))
		raise_out_of_scope(pstate, code, element, location);
	if (!outputs_in_scope(code, element))
		for (const Variable &output : definition.outputs)
			if (strcmp(output.name, name) == 0)
				raise_out_of_scope(pstate, code, element, location);
	if (definition.outputs_unknown)
		raise_follow_up(code, name);
	core::Suggestion suggestion;
	suggestion.wanted = name;
	for (const Variable &output : definition.outputs)
		suggestion.offer(output.name);
	for (const PropertyName &property : kProperties)
		if ((property.kinds & bit(definition.model->kind)) != 0)
			suggestion.offer(property.name);
	note(code, "unknown_name");
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_COLUMN),
			 errmsg("activity \"%.*s\" has no output or property \"%s\"",
					static_cast<int>(definition.model->name.text.size()), definition.model->name.text.data(), name),
			 suggestion.best.empty() ? 0
									 : errhint("Perhaps you meant \"%.*s\".", static_cast<int>(suggestion.best.size()),
											   suggestion.best.data()),
			 parser_errposition(pstate, location)));
}

/// process.x and process.a.x.
Node *process_name(ParseState *pstate, Code *code, const char **names, int count, int location)
{
	if (count == 3)
	{
		const int32 element = element_named(code, names[1]);
		if (element >= 0)
			return activity_name(pstate, code, element, names[2], location);
		note(code, "unknown_name");
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_COLUMN),
						errmsg("process \"%s\" has no activity \"%s\"", code->definition->name, names[1]),
						parser_errposition(pstate, location)));
	}
	if (is_before_launch(code))
	{
		note(code, "no_scope");
		ereport(ERROR, (errcode(kInvalidDefinition), errmsg("\"process.%s\" cannot be read here", names[1]),
						errdetail("A LAUNCH ON clause sees the row only: the process does not exist yet."),
						parser_errposition(pstate, location)));
	}
	Slot slot;
	if (find_process_variable(code, names[1], &slot))
		return parameter(code, slot, nullptr, location);
	if (strcmp(names[1], "process_id") == 0)
	{
		slot.kind = SlotKind::process_property;
		slot.type = INT8OID;
		return parameter(code, slot, nullptr, location);
	}
	core::Suggestion suggestion;
	suggestion.wanted = names[1];
	for (const Variable &input : code->definition->inputs)
		suggestion.offer(input.name);
	for (const Variable &output : code->definition->outputs)
		suggestion.offer(output.name);
	note(code, "unknown_name");
	ereport(ERROR, (errcode(ERRCODE_UNDEFINED_COLUMN),
					errmsg("process \"%s\" has no input or output \"%s\"", code->definition->name, names[1]),
					suggestion.best.empty() ? 0
											: errhint("Perhaps you meant \"process.%.*s\".",
													  static_cast<int>(suggestion.best.size()), suggestion.best.data()),
					parser_errposition(pstate, location)));
}

/// The column of the table in FROM that `new.column` names in a query() around an event condition.
Node *table_column(ParseState *pstate, const Code *code, const char *name, int location)
{
	int levels = 0;
	for (ParseState *level = pstate; level != nullptr; level = level->parentParseState, levels++)
	{
		ListCell *cell = nullptr;
		foreach (cell, level->p_namespace)
		{
			auto *const item = static_cast<ParseNamespaceItem *>(lfirst(cell));
			if (level->parentParseState == nullptr && item->p_rte->rtekind == RTE_RELATION &&
				item->p_rte->relid == code->site.row)
				return scanNSItemForColumn(pstate, item, levels, name, location);
		}
	}
	return nullptr;
}

/// new.c and old.c.
Node *row_name(ParseState *pstate, Code *code, const char **names, int location)
{
	const bool is_old = strcmp(names[0], "old") == 0;
	if (is_old && !code->site.old_row)
	{
		note(code, "no_old_row");
		ereport(ERROR, (errcode(kInvalidDefinition), errmsg("there is no old row here"),
						errdetail("\"old\" can be read in clauses ON UPDATE without OR ALREADY."),
						parser_errposition(pstate, location)));
	}
	if (code->around != nullptr)
	{
		Node *const column = table_column(pstate, code, names[1], location);
		if (column != nullptr)
			return column;
	}
	else
	{
		Slot slot;
		if (find_column(code, is_old ? SlotKind::row_old : SlotKind::row_new, names[1], &slot))
			return parameter(code, slot, names[1], location);
	}
	ereport(ERROR, (errcode(ERRCODE_UNDEFINED_COLUMN), errmsg("column %s.%s does not exist", names[0], names[1]),
					parser_errposition(pstate, location)));
}

/// What `names` mean in the process, if anything.
bool find(Code *code, const char **names, int count, Slot *slot)
{
	if (count == 1)
		return find_bare(code, names[0], slot);
	if (count != 2)
		return false;
	const int32 element = element_named(code, names[0]);
	return element >= 0 && find_of_activity(code, element, names[1], slot);
}

/// A column of the event's row by bare name or by the table's name.
bool find_row_column(const Code *code, const char **names, int count, Slot *slot)
{
	if (!is_clause(code) || code->around != nullptr || count > 2)
		return false;
	if (count == 2)
	{
		const char *const table = get_rel_name(code->site.row);
		if (table == nullptr || strcmp(table, names[0]) != 0)
			return false;
	}
	return find_column(code, SlotKind::row_new, names[count - 1], slot);
}

[[noreturn]] void raise_ambiguous(ParseState *pstate, Code *code, const char **names, int count, bool of_process,
								  int location)
{
	note(code, "ambiguous_name");
	const char *const name = count == 1 ? names[0] : psprintf("%s.%s", names[0], names[1]);
	const bool own = of_process && count == 1 && code->site.element >= 0;
	Slot slot;
	const bool by_activity = own && !find_process_variable(code, names[0], &slot);
	const core::Name activity = own ? code->definition->elements[code->site.element].model->name : core::Name{};
	const char *const full =
		!of_process   ? psprintf("new.%s", names[count - 1])
		: by_activity ? psprintf("process.%.*s.%s", static_cast<int>(activity.text.size()), activity.text.data(), name)
					  : psprintf("process.%s", name);
	ereport(ERROR, (errcode(kInvalidDefinition), errmsg("\"%s\" is ambiguous", name),
					of_process ? errdetail("It fits a column and a name of the process.")
							   : errdetail("It fits a column of the event's row and of another table."),
					is_clause(code) && of_process && code->around == nullptr
						? errhint("Write \"%s\", or \"new.%s\" for the row's column.", full, names[count - 1])
						: errhint("Write \"%s\", or put the table's name before the column's.", full),
					parser_errposition(pstate, location)));
}

/// Raises a better error than "column does not exist", where there is one to give.
void explain(ParseState *pstate, Code *code, const char **names, int count, int location)
{
	if (count == 2)
	{
		const int32 element = element_named(code, names[0]);
		if (element >= 0)
			activity_name(pstate, code, element, names[1], location);
	}
	if (count != 1)
		return;
	if (is_before_launch(code))
	{
		Slot slot;
		if (!find_process_variable(code, names[0], &slot))
			return;
		note(code, "no_scope");
		ereport(ERROR, (errcode(kInvalidDefinition), errmsg("\"%s\" cannot be read here", names[0]),
						errdetail("A LAUNCH ON clause sees the row only: the process does not exist yet."),
						parser_errposition(pstate, location)));
	}
	core::Suggestion suggestion;
	suggestion.wanted = names[0];
	for (const Variable &input : code->definition->inputs)
		suggestion.offer(input.name);
	for (const Variable &output : code->definition->outputs)
		suggestion.offer(output.name);
	if (code->site.element >= 0 && code->site.own)
	{
		if (code->definition->elements[code->site.element].outputs_unknown)
			raise_follow_up(code, names[0]);
		for (const Variable &output : code->definition->elements[code->site.element].outputs)
			suggestion.offer(output.name);
	}
	if (suggestion.best.empty())
		return;
	note(code, "unknown_name");
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_COLUMN), errmsg("column \"%s\" does not exist", names[0]),
			 errhint("Perhaps you meant \"%.*s\".", static_cast<int>(suggestion.best.size()), suggestion.best.data()),
			 parser_errposition(pstate, location)));
}

extern "C" {

/// Before PostgreSQL looks for columns: the forms that always mean the process or the row, and all once published.
Node *before_columns(ParseState *pstate, ColumnRef *reference)
{
	auto *const code = static_cast<Code *>(pstate->p_ref_hook_state);
	const char *names[3];
	const int count = names_of(reference, names);
	if (count == 0)
		return nullptr;
	if (count >= 2 && strcmp(names[0], "process") == 0)
		return process_name(pstate, code, names, count, reference->location);
	if (is_clause(code) && count == 2 && (strcmp(names[0], "new") == 0 || strcmp(names[0], "old") == 0))
		return row_name(pstate, code, names, reference->location);
	if (is_draft(code))
		return nullptr;
	Slot slot;
	if (find(code, names, count, &slot))
		return parameter(code, slot, nullptr, reference->location);
	if (find_row_column(code, names, count, &slot))
		return parameter(code, slot, names[count - 1], reference->location);
	if (is_clause(code) && code->around != nullptr && count == 1 && get_attnum(code->site.row, names[0]) > 0)
		return table_column(pstate, code, names[0], reference->location);
	return nullptr;
}

/// After PostgreSQL looked for columns; `column` is what it found.
Node *after_columns(ParseState *pstate, ColumnRef *reference, Node *column)
{
	auto *const code = static_cast<Code *>(pstate->p_ref_hook_state);
	const char *names[3];
	const int count = names_of(reference, names);
	if (count == 0 || (!is_draft(code) && column != nullptr))
		return nullptr;
	Slot of_process;
	Slot of_row;
	const bool in_process = find(code, names, count, &of_process);
	const bool in_row = find_row_column(code, names, count, &of_row);
	if ((column != nullptr) + in_process + in_row > 1)
		raise_ambiguous(pstate, code, names, count, in_process, reference->location);
	if (in_process)
		return parameter(code, of_process, nullptr, reference->location);
	if (in_row)
		return parameter(code, of_row, names[count - 1], reference->location);
	if (column == nullptr)
		explain(pstate, code, names, count, reference->location);
	return nullptr;
}

} // extern "C"

} // namespace

void install_names(ParseState *pstate, void *code)
{
	pstate->p_pre_columnref_hook = before_columns;
	pstate->p_post_columnref_hook = after_columns;
	pstate->p_ref_hook_state = code;
}

Code *code_of(const ParseState *pstate)
{
	return pstate->p_pre_columnref_hook == before_columns ? static_cast<Code *>(pstate->p_ref_hook_state) : nullptr;
}

} // namespace bpt::expr
