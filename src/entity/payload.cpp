// The key and the payload of an event (payload.hpp).
#include "pg/postgres.hpp"

#include "entity/payload.hpp"
#include "pg/bracket.hpp"
#include "pg/json.hpp"

extern "C" {
#include "utils/float.h"
}
#include <algorithm>
#include <string_view>

namespace bpt::entity {

namespace {

bool *flags(const Plan *plan)
{
	return static_cast<bool *>(palloc0(static_cast<Size>(plan->desc->natts) + 1));
}

void push_pair(JsonbParseState **state, const char *key, const char *text)
{
	pg::push_string(state, WJB_KEY, key);
	pg::push_string(state, WJB_VALUE, text);
}

/// {"column": "text", …} of the selected columns under `key`; nothing, and false, if there are none.
bool push_row(JsonbParseState **state, const char *key, Plan *plan, const bool *selected, TupleTableSlot *row)
{
	bool begun = false;
	for (AttrNumber a = 1; a <= plan->desc->natts; a++)
	{
		if (!selected[a])
			continue;
		if (!begun)
		{
			pg::push_string(state, WJB_KEY, key);
			pushJsonbValue(state, WJB_BEGIN_OBJECT, nullptr);
			begun = true;
		}
		push_pair(state, plan->columns[a - 1].name, column_text(plan, a, row));
	}
	if (begun)
		pushJsonbValue(state, WJB_END_OBJECT, nullptr);
	return begun;
}

/// {"number": "column", …} of all columns.
void push_names(JsonbParseState **state, const Plan *plan)
{
	pg::push_string(state, WJB_KEY, "columns");
	pushJsonbValue(state, WJB_BEGIN_OBJECT, nullptr);
	for (int i = 0; i < plan->desc->natts; i++)
		if (!TupleDescAttr(plan->desc, i)->attisdropped)
			push_pair(state, psprintf("%d", i + 1), plan->columns[i].name);
	pushJsonbValue(state, WJB_END_OBJECT, nullptr);
}

/// {"label": text}, as PostgreSQL stores it: what most launches need, without the general way through its builder.
Jsonb *label_alone(const char *text)
{
	constexpr std::string_view name = "label";
	const Size length = strlen(text);
	if (length > JENTRY_OFFLENMASK / 2)
		return nullptr; // nobody reads such a label
	const Size size =
		offsetof(Jsonb, root) + offsetof(JsonbContainer, children) + 2 * sizeof(JEntry) + name.size() + length;
	auto *const result = static_cast<Jsonb *>(palloc(size));
	SET_VARSIZE(result, size);
	result->root.header = 1 | JB_FOBJECT;
	// The first entry of a stretch says where it ends, the others how long they are.
	result->root.children[0] = JENTRY_ISSTRING | JENTRY_HAS_OFF | static_cast<JEntry>(name.size());
	result->root.children[1] = JENTRY_ISSTRING | static_cast<JEntry>(length);
	auto *const data = reinterpret_cast<char *>(&result->root.children[2]);
	std::copy_n(text, length, std::copy_n(name.data(), name.size(), data));
	return result;
}

} // namespace

Selection new_selection(const Plan *plan)
{
	return {flags(plan), flags(plan), false, false, false, false};
}

void clear(const Plan *plan, Selection *selection)
{
	if (!selection->any)
		return;
	memset(selection->new_columns, 0, static_cast<Size>(plan->desc->natts) + 1);
	memset(selection->old_columns, 0, static_cast<Size>(plan->desc->natts) + 1);
	selection->label = false;
	selection->columns = false;
	selection->whole = false;
	selection->any = false;
}

void select(const Plan *plan, const Test &test, bool tested, Selection *selection)
{
	if (test.label && plan->label != 0)
		selection->label = selection->any = true;
	if (test.plan == nullptr || plan->key_count == 0)
	{
		for (int a = 1; a <= plan->desc->natts; a++)
			if (!TupleDescAttr(plan->desc, a - 1)->attisdropped)
				selection->new_columns[a] = selection->old_columns[a] = true;
		selection->columns = selection->whole = selection->any = true;
		return;
	}
	const bool only_with = tested && test.plan->row_only;
	for (const std::int32_t a : only_with ? test.plan->with_columns : test.plan->columns)
		selection->new_columns[a] = selection->columns = selection->any = true;
	for (const std::int32_t a : only_with ? test.plan->old_with_columns : test.plan->old_columns)
		selection->old_columns[a] = selection->columns = selection->any = true;
}

int begin_output()
{
	if (DateStyle == USE_ISO_DATES && IntervalStyle == INTSTYLE_POSTGRES && extra_float_digits >= 1)
		return -1;
	const int level = NewGUCNestLevel();
	if (DateStyle != USE_ISO_DATES)
		pg::set_in_scope("datestyle", "ISO");
	if (IntervalStyle != INTSTYLE_POSTGRES)
		pg::set_in_scope("intervalstyle", "postgres");
	if (extra_float_digits < 1)
		pg::set_in_scope("extra_float_digits", "1");
	return level;
}

void end_output(int level)
{
	if (level >= 0)
		AtEOXact_GUC(true, level);
}

char *column_text(Plan *plan, AttrNumber attribute, TupleTableSlot *row)
{
	bool null = false;
	Datum const value = slot_getattr(row, attribute, &null);
	if (null)
		return nullptr;
	Column *const column = &plan->columns[attribute - 1];
	if (!column->has_output)
	{
		Oid output = InvalidOid;
		bool is_varlena = false;
		getTypeOutputInfo(column->type, &output, &is_varlena);
		fmgr_info_cxt(output, &column->output, plan->context);
		column->names_things = expr::names_things(column->type);
		column->has_output = true;
	}
	return column->names_things ? expr::written_in_full(&column->output, value)
								: OutputFunctionCall(&column->output, value);
}

char *key_text(Plan *plan, TupleTableSlot *row)
{
	if (plan->key_count == 1)
	{
		char *const text = column_text(plan, plan->key[0], row);
		return text == nullptr ? pstrdup("") : text;
	}
	if (plan->key_count == 0)
		return pstrdup(""); // the key was dropped after the publish
	Datum values[INDEX_MAX_KEYS];
	bool nulls[INDEX_MAX_KEYS];
	for (int i = 0; i < plan->key_count; i++)
		values[i] = slot_getattr(row, plan->key[i], &nulls[i]);
	HeapTuple const tuple = heap_form_tuple(plan->key_desc, values, nulls);
	return expr::to_text(HeapTupleGetDatum(tuple), false, RECORDOID);
}

Jsonb *payload_of(Plan *plan, const Selection &selection, TupleTableSlot *row, TupleTableSlot *old)
{
	if (!selection.any)
		return nullptr;
	if (!selection.columns)
	{
		const char *const text = column_text(plan, plan->label, row);
		return text == nullptr ? nullptr : label_alone(text);
	}
	JsonbParseState *state = nullptr;
	pushJsonbValue(&state, WJB_BEGIN_OBJECT, nullptr);
	bool any = false;
	if (selection.label)
		if (const char *const text = column_text(plan, plan->label, row))
		{
			push_pair(&state, "label", text);
			any = true;
		}
	any = push_row(&state, "new", plan, selection.new_columns, row) || any;
	any = (old != nullptr && push_row(&state, "old", plan, selection.old_columns, old)) || any;
	if (!any)
		return nullptr;
	if (selection.whole)
		push_names(&state, plan);
	if (plan->key_count == 0)
		push_pair(&state, "key", nullptr);
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, nullptr));
}

bool payload_column(const Jsonb *payload, bool old, Oid relation, AttrNumber attribute, char **text)
{
	const char *const name = get_attname(relation, attribute, true);
	const JsonbValue *const row = payload == nullptr ? nullptr : pg::json_member(&payload->root, old ? "old" : "new");
	if (name == nullptr || row == nullptr || row->type != jbvBinary)
		return false;
	const JsonbValue *value = pg::json_member(row->val.binary.data, name);
	const JsonbValue *const names = pg::json_member(&payload->root, "columns");
	if (value == nullptr && names != nullptr && names->type == jbvBinary)
	{
		// What it was called then, unless another column is called so now.
		const char *const then = pg::json_text(pg::json_member(names->val.binary.data, psprintf("%d", attribute)));
		if (then != nullptr && get_attnum(relation, then) == InvalidAttrNumber)
			value = pg::json_member(row->val.binary.data, then);
	}
	if (value == nullptr)
		return false;
	*text = pg::json_text(value);
	return true;
}

bool lacks_key(const Jsonb *payload)
{
	return payload != nullptr && pg::json_member(&payload->root, "key") != nullptr;
}

} // namespace bpt::entity
