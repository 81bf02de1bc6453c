// Inputs, outputs and what sets them: names must be distinct where they are read together, and known where they are set.
#include "core/checks.hpp"

namespace bpt::core {

namespace {

/// The runtime properties of a kind that its inputs and outputs would hide.
struct Properties
{
	std::string_view names[6];
};

Properties properties_of(Kind kind)
{
	switch (kind)
	{
	case Kind::human:
		return {{"activity_id", "closed_instant", "closed_by", "skipped"}};
	case Kind::wait:
		return {{"activity_id", "closed_instant", "expired", "skipped", "refusals"}};
	case Kind::conditional_start:
		return {{"activity_id", "closed_instant", "started_by", "started_instant", "process_id"}};
	default:
		return {};
	}
}

/// The columns of the view of EXPOSE ENTITY that stand before the inputs and outputs (process_id is never a name of these).
constexpr std::string_view kExposed[] = {"label", "status", "is_suspended", "created", "created_by", "closed"};

/// What the number in an index of names stands for.
enum Declared : std::int32_t
{
	kInput,
	kOutput,
	kProperty,
	kKey, // declared by AS of an event
	kColumn,
};

constexpr std::string_view kDeclared[] = {"an input", "an output", "a runtime property", "an input",
										  "a column of the exposed view"};

} // namespace

/// Adds a name to those of its owner, or reports what has it already. Several events may pass their key to one input.
bool Checker::declare(NameIndex &names, const Name &name, std::int32_t value, std::string_view owner)
{
	const std::int32_t other = names.add(name.text, value);
	if (other < 0 || (value == kKey && (other == kKey || other == kInput)))
		return true;
	error("duplicate_name", name.offset,
		  concat(arena, {quote(name.text), " is already ", kDeclared[other], " of ", owner}));
	return false;
}

/// Outputs are NULL until they are set, so that NOT NULL would promise what nobody keeps.
void Checker::outputs(NameIndex &names, const Vec<Variable> &declared, std::string_view owner)
{
	for (const Variable &output : declared)
	{
		declare(names, output.name, kOutput, owner);
		if (output.not_null)
			error("wrong_clause", output.name.offset,
				  concat(arena, {"output ", quote(output.name.text), " of ", owner, " cannot be NOT NULL"}),
				  "Only inputs can; an output that is never set is its DEFAULT, else NULL.");
	}
}

void Checker::process_variables()
{
	NameIndex names;
	names.prepare(arena, process.inputs.count + process.outputs.count + process.launches.count + 7);
	names.add("process_id", kProperty);
	if (process.expose_entity)
		for (const std::string_view column : kExposed)
			names.add(column, kColumn);
	for (const Variable &input : process.inputs)
		declare(names, input.name, kInput, "the process");
	outputs(names, process.outputs, "the process");
	for (const EventClause &launch : process.launches)
		if (launch.as)
			declare(names, launch.as, kKey, "the process");
	for (const Callback &callback : process.callbacks)
		settings(callback.set, nullptr);
}

void Checker::element_variables(const Element &owner)
{
	NameIndex names;
	names.prepare(arena, owner.inputs.count + owner.outputs.count + owner.events.count + 6);
	for (const std::string_view property : properties_of(owner.kind).names)
		if (!property.empty())
			names.add(property, kProperty);
	const std::string_view shown = display(owner);
	for (const Variable &input : owner.inputs)
		declare(names, input.name, kInput, shown);
	outputs(names, owner.outputs, shown);
	for (const EventClause &event : owner.events)
		if (event.as)
			declare(names, event.as, kKey, shown);
	settings(owner.set, &owner);
	for (const Callback &callback : owner.callbacks)
		settings(callback.set, &owner);
	NameIndex arguments;
	arguments.prepare(arena, owner.arguments.count);
	for (const Assignment &argument : owner.arguments)
		if (arguments.add(argument.name.text, 0) >= 0)
			error("duplicate_name", argument.name.offset,
				  concat(arena, {"input ", quote(argument.name.text), " is given more than once"}));
}

/// SET names outputs of the process, or of the element that it stands in, each once.
void Checker::settings(const Vec<Assignment> &set, const Element *owner)
{
	NameIndex seen;
	seen.prepare(arena, set.count);
	for (const Assignment &assignment : set)
	{
		const std::string_view name = assignment.name.text;
		if (seen.add(name, 0) >= 0)
			error("duplicate_name", assignment.name.offset, concat(arena, {"SET names ", quote(name), " twice"}));
		bool known = process.incomplete || (owner != nullptr && owner->incomplete);
		Suggestion nearest{name, {}, 0};
		for (const Variable &output : process.outputs)
		{
			known = known || output.name.text == name;
			nearest.offer(output.name.text);
		}
		if (owner != nullptr)
			for (const Variable &output : owner->outputs)
			{
				known = known || output.name.text == name;
				nearest.offer(output.name.text);
			}
		if (!known)
			error("unknown_name", assignment.name.offset, concat(arena, {"output ", quote(name), " does not exist"}),
				  nearest.best.empty() ? "SET sets what RETURNS of the process, or OUTPUT of the element, declares."
									   : concat(arena, {"Did you mean ", quote(nearest.best), "?"}));
	}
}

} // namespace bpt::core
