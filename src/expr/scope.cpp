// What names mean at a site (scope.hpp): inputs, outputs and runtime properties of the process and its activities, columns of
// the event's row. Which activities can be read follows from the flow: those that precede on all paths.
#include "pg/postgres.hpp"

#include "expr/scope.hpp"

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

/// What a bare name means in the process.
bool find_bare(Code *code, const char *name, Slot *slot)
{
	if (is_before_launch(code))
		return false;
	const int32 own = code->site.element;
	if (own >= 0 && code->site.own && !is_clause(code) &&
		find_variable(code, code->definition->elements[own].outputs, SlotKind::output, own, name, slot))
		return true;
	if (find_process_variable(code, name, slot))
		return true;
	return own >= 0 && (code->site.own || is_clause(code)) && find_property(code, own, name, slot);
}

} // namespace

bool is_draft(const Code *code)
{
	return OidIsValid(code->definition->draft_owner);
}

bool is_clause(const Code *code)
{
	return OidIsValid(code->site.row);
}

bool is_before_launch(const Code *code)
{
	return code->definition->is_timer || (is_clause(code) && code->site.element < 0);
}

bool find_process_variable(Code *code, const char *name, Slot *slot)
{
	const Definition &definition = *code->definition;
	return find_variable(code, definition.inputs, SlotKind::process_input, -1, name, slot) ||
		   find_variable(code, definition.outputs, SlotKind::process_output, -1, name, slot);
}

int32 element_named(const Code *code, const char *name)
{
	const core::Vec<Element> &elements = code->definition->elements;
	for (int32 i = 0; i < elements.count; i++)
		if (equal(elements[i].model->name.text, name))
			return i;
	return -1;
}

bool is_in_scope(const Code *code, int32 element)
{
	const Site &site = code->site;
	if (site.element < 0)
		return false;
	if (element == site.element && (site.own || is_clause(code)))
		return true;
	return code->definition->flow->precedes(element, site.element);
}

bool outputs_in_scope(const Code *code, int32 element)
{
	if (element == code->site.element && is_clause(code))
		return code->definition->flow->precedes(element, element);
	return is_in_scope(code, element);
}

bool find_of_activity(Code *code, int32 element, const char *name, Slot *slot)
{
	if (outputs_in_scope(code, element) &&
		find_variable(code, code->definition->elements[element].outputs, SlotKind::output, element, name, slot))
		return true;
	return is_in_scope(code, element) && find_property(code, element, name, slot);
}

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

bool find_in_process(Code *code, const char **names, int count, Slot *slot)
{
	if (count == 1)
		return find_bare(code, names[0], slot);
	if (count != 2)
		return false;
	const int32 element = element_named(code, names[0]);
	return element >= 0 && find_of_activity(code, element, names[1], slot);
}

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

void offer_properties(const Code *code, int32 element, core::Suggestion *suggestion)
{
	for (const PropertyName &property : kProperties)
		if ((property.kinds & bit(code->definition->elements[element].model->kind)) != 0)
			suggestion->offer(property.name);
}

} // namespace bpt::expr
