// Names of a process: elements among each other, former names, what connectors and AFTER lead to, generated functions.
#include "core/checks.hpp"
#include "core/naming.hpp"

namespace bpt::core {

namespace {

constexpr std::int32_t kMostSuggestions = 100;

std::uint32_t hash_of(std::string_view name)
{
	std::uint32_t hash = 2166136261U;
	for (const char c : name)
		hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
	return hash;
}

} // namespace

void NameIndex::prepare(Arena &arena, std::int32_t count)
{
	std::int32_t room = 8;
	while (room < count * 2)
		room *= 2;
	mask = room - 1;
	slots = static_cast<Slot *>(arena.take(sizeof(Slot) * static_cast<std::size_t>(room)));
	for (std::int32_t i = 0; i < room; i++)
		::new (&slots[i]) Slot{{}, -1};
}

std::int32_t NameIndex::find(std::string_view name) const
{
	for (std::uint32_t i = hash_of(name);; i++)
	{
		const Slot &slot = slots[i & static_cast<std::uint32_t>(mask)];
		if (slot.value < 0 || slot.name == name)
			return slot.value;
	}
}

std::int32_t NameIndex::add(std::string_view name, std::int32_t value)
{
	for (std::uint32_t i = hash_of(name);; i++)
	{
		Slot &slot = slots[i & static_cast<std::uint32_t>(mask)];
		if (slot.value < 0)
		{
			slot = {name, value};
			return -1;
		}
		if (slot.name == name)
			return slot.value;
	}
}

void Checker::report(Severity severity, const char *code, std::int32_t offset, std::string_view message,
					 std::string_view hint)
{
	Diagnostic added;
	added.severity = severity;
	added.code = code;
	added.offset = offset;
	added.message = message;
	added.hint = hint;
	if (severity != Severity::error)
		added.sqlstate = severity == Severity::warning ? "01000" : "00000";
	problems.add(arena, added);
}

/// A hint with the element whose name is nearest, or nothing.
std::string_view Checker::did_you_mean_element(std::string_view wanted)
{
	if (problems.list.count > kMostSuggestions)
		return {};
	Suggestion nearest{wanted, {}, 0};
	for (const Element &candidate : process.elements)
		if (candidate.name)
			nearest.offer(candidate.name.text);
	return nearest.best.empty() ? std::string_view{} : concat(arena, {"Did you mean \"", nearest.best, "\"?"});
}

/// How an element is called in messages: its quoted name, or its keyword where it has none.
std::string_view Checker::display(const Element &shown)
{
	return shown.name ? quote(shown.name.text) : keyword_of(shown.kind);
}

/// Fills the index of elements and reports names that are taken.
void Checker::element_names()
{
	elements.prepare(arena, process.elements.count);
	for (std::int32_t e = 0; e < process.elements.count; e++)
	{
		const Element &named = process.elements[e];
		if (named.name && elements.add(named.name.text, e) >= 0)
			error("duplicate_name", named.offset,
				  concat(arena, {"element ", quote(named.name.text), " is defined more than once"}));
	}
}

/// No two elements, inputs or outputs may claim to be what one former name was.
void Checker::former_names()
{
	NameIndex seen;
	seen.prepare(arena, process.elements.count);
	for (const Element &renamed : process.elements)
		if (renamed.was && seen.add(renamed.was.text, 0) >= 0)
			error("duplicate_name", renamed.was.offset,
				  concat(arena, {"more than one element was named ", quote(renamed.was.text)}));
	for (const Vec<Variable> *const list : {&process.inputs, &process.outputs})
	{
		NameIndex names;
		names.prepare(arena, list->count);
		for (const Variable &renamed : *list)
			if (renamed.was && names.add(renamed.was.text, 0) >= 0)
				error("duplicate_name", renamed.was.offset,
					  concat(arena, {"more than one ", list == &process.inputs ? "input" : "output", " was named ",
									 quote(renamed.was.text)}));
	}
}

/// Finds the element that a connector leads to.
void Checker::resolve_target(Target &target)
{
	if (target.kind != TargetKind::element)
		return;
	target.element = elements.find(target.name.text);
	if (target.element < 0)
	{
		if (!process.lost_elements)
			error("unknown_name", target.offset,
				  concat(arena, {"element ", quote(target.name.text), " does not exist"}),
				  did_you_mean_element(target.name.text));
		return;
	}
	const Element &found = process.elements[target.element];
	if (found.kind == Kind::conditional_start)
	{
		error("wrong_target", target.offset,
			  concat(arena, {"no connector can lead to CONDITIONAL START ", quote(found.name.text)}),
			  "It begins a flow of its own when one of its events happens; AFTER makes it wait for other elements.");
		target.element = -1;
	}
}

void Checker::resolve_targets()
{
	for (Element &from : process.elements)
	{
		for (Target &target : from.targets)
			resolve_target(target);
		for (Outcome &outcome : from.outcomes)
			resolve_target(outcome.target);
	}
}

/// AFTER names activities, each once.
void Checker::dependencies()
{
	for (const Element &waiting : process.elements)
	{
		NameIndex seen;
		seen.prepare(arena, waiting.after.count);
		for (const Name &name : waiting.after)
		{
			const std::int32_t found = elements.find(name.text);
			if (found < 0)
			{
				if (!process.lost_elements)
					error("unknown_name", name.offset, concat(arena, {"element ", quote(name.text), " does not exist"}),
						  did_you_mean_element(name.text));
			}
			else if (!is_activity(process.elements[found].kind))
				error("wrong_target", name.offset,
					  concat(arena, {"AFTER cannot wait for ", keyword_of(process.elements[found].kind), " ",
									 quote(name.text)}),
					  "It waits for activities: HUMAN, AUTOMATIC, WAIT, CONDITIONAL START, EXECUTE or EMAIL.");
			if (seen.add(name.text, 0) >= 0)
				error("duplicate_name", name.offset, concat(arena, {"AFTER names ", quote(name.text), " twice"}));
		}
	}
}

/// The functions that publishing generates must have names of their own, short enough for PostgreSQL.
void Checker::function_names()
{
	NameIndex seen;
	seen.prepare(arena, process.elements.count + 1);
	const auto check = [&](const Name &function, std::int32_t value) {
		if (function.text.size() > kLongestName)
			error("long_name", function.offset,
				  concat(arena, {"the name of function ", quote(function.text), " is too long"}),
				  "A name has at most 63 bytes; CALLED gives the function another one.");
		const std::int32_t other = seen.add(function.text, value);
		if (other >= 0)
			error("duplicate_name", function.offset,
				  concat(arena, {"two functions of this process would be named ", quote(function.text)}),
				  "CALLED gives the function of an element another name.");
	};
	check(launch_function(arena, process), 0);
	for (std::int32_t e = 0; e < process.elements.count; e++)
	{
		const Element &made = process.elements[e];
		const Name function = activity_function(arena, process, made);
		if (function && elements.find(made.name.text) == e)
			check(function, e + 1);
	}
}

} // namespace bpt::core
