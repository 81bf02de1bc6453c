// Everything about a process that can be found without a database, in one pass; the checks stand in check_*.cpp.
#include "core/checks.hpp"
#include "core/naming.hpp"

namespace bpt::core {

namespace {

constexpr std::int32_t kMostElements = 10000;

} // namespace

Flow *validate(Arena &arena, Process &process, Diagnostics &problems)
{
	Checker check{arena, process, problems};
	if (process.elements.count > kMostElements)
	{
		check.error(
			"too_many_elements", process.elements[kMostElements].offset,
			concat(arena, {"a process cannot have more than ", number_text(arena, kMostElements), " elements"}));
		process.elements.count = kMostElements;
	}
	check.element_names();
	check.former_names();
	check.resolve_targets();
	check.dependencies();
	if (process.name.name)
		check.function_names();
	check.process_variables();
	check.launches();
	for (const Element &element : process.elements)
	{
		check.element_variables(element);
		check.element_events(element);
		check.element(element);
	}
	check.light();
	Flow *const flow = build_flow(arena, process);
	check.flow_shape(*flow);
	check.advice();
	return flow;
}

void validate_document(Arena &arena, const Document &document, Diagnostics &problems)
{
	Process unused;
	Checker check{arena, unused, problems};
	std::int32_t functions = 0;
	for (const Process &process : document.processes)
		functions += process.elements.count + 1;
	NameIndex names;
	names.prepare(arena, document.processes.count + document.timers.count);
	NameIndex made;
	made.prepare(arena, functions);
	const auto qualified = [&](const QualifiedName &name, std::string_view last) {
		return concat(arena, {name.schema.text, "\"", last});
	};
	for (std::int32_t p = 0; p < document.processes.count; p++)
	{
		const Process &process = document.processes[p];
		if (!process.name.name)
			continue;
		if (names.add(qualified(process.name, process.name.name.text), p) >= 0)
		{
			check.error("duplicate_name", process.offset,
						concat(arena, {"process ", check.quote(process.name.name.text), " is defined more than once"}));
			continue;
		}
		const auto add = [&](const Name &function) {
			const std::int32_t other = function ? made.add(qualified(process.name, function.text), p) : -1;
			if (other >= 0 && other != p)
				check.error("duplicate_name", function.offset,
							concat(arena, {"processes ", check.quote(document.processes[other].name.name.text), " and ",
										   check.quote(process.name.name.text), " would both have a function named ",
										   check.quote(function.text)}),
							"CALLED gives the function of a process or an element another name.");
		};
		add(launch_function(arena, process));
		for (const Element &element : process.elements)
			add(activity_function(arena, process, element));
	}
	NameIndex timers;
	timers.prepare(arena, document.timers.count);
	for (const Timer &timer : document.timers)
	{
		if (!timer.name.name)
			continue;
		if (timers.add(qualified(timer.name, timer.name.name.text), 0) >= 0)
			check.error("duplicate_name", timer.offset,
						concat(arena, {"timer ", check.quote(timer.name.name.text), " is defined more than once"}));
		const Name wake = wake_function(arena, timer);
		if (wake.text.size() > kLongestName)
			check.error("long_name", wake.offset,
						concat(arena, {"the name of function ", check.quote(wake.text), " is too long"}),
						"A name has at most 63 bytes; CALLED gives the function another one.");
	}
}

} // namespace bpt::core
