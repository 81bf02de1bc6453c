// Process names in SQL: what `order_id`, `pack.parcels`, `process.x` or `new.total` mean at a site, as parser hooks.
//
// While a definition is being published a name that fits both a column and the process is an error. Later the process's
// name wins, so that a column added after publish captures nothing; the other way round cannot happen, since a definition's
// own names never change.
#include "pg/postgres.hpp"

#include "expr/scope.hpp"

namespace bpt::expr {

namespace {

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

/// A parameter for a.x, or an error that says what is wrong with it.
Node *activity_name(ParseState *pstate, Code *code, int32 element, const char *name, int location)
{
	Slot slot;
	if (find_of_activity(code, element, name, &slot))
		return parameter(code, slot, nullptr, location);
	if (!is_in_scope(code, element))
		raise_out_of_scope(pstate, code, element, location);
	if (!outputs_in_scope(code, element))
		for (const Variable &output : code->definition->elements[element].outputs)
			if (strcmp(output.name, name) == 0)
				raise_out_of_scope(pstate, code, element, location);
	raise_no_output(pstate, code, element, name, location);
}

/// process.x and process.a.x.
Node *process_name(ParseState *pstate, Code *code, const char **names, int count, int location)
{
	if (count == 3)
	{
		const int32 element = element_named(code, names[1]);
		if (element < 0)
			raise_no_activity(pstate, code, names[1], location);
		return activity_name(pstate, code, element, names[2], location);
	}
	if (is_before_launch(code))
		raise_before_launch(pstate, code, psprintf("process.%s", names[1]), location);
	Slot slot;
	if (find_process_variable(code, names[1], &slot))
		return parameter(code, slot, nullptr, location);
	if (strcmp(names[1], "process_id") != 0)
		raise_no_variable(pstate, code, names[1], location);
	slot.kind = SlotKind::process_property;
	slot.type = INT8OID;
	return parameter(code, slot, nullptr, location);
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
		raise_no_old_row(pstate, code, location);
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
	if (find_in_process(code, names, count, &slot))
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
	const bool in_process = find_in_process(code, names, count, &of_process);
	const bool in_row = find_row_column(code, names, count, &of_row);
	if ((column != nullptr) + in_process + in_row > 1)
		raise_ambiguous(pstate, code, names, count, in_process, reference->location);
	if (in_process)
		return parameter(code, of_process, nullptr, reference->location);
	if (in_row)
		return parameter(code, of_row, names[count - 1], reference->location);
	if (column != nullptr)
		return nullptr;
	const int32 element = count == 2 ? element_named(code, names[0]) : -1;
	if (element >= 0)
		return activity_name(pstate, code, element, names[1], reference->location);
	if (count == 1)
		explain(pstate, code, names[0], reference->location);
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
