// The shape of the flow: one START, every element reachable, every path to an End, and no cycle that runs hot or for ever.
//
// Where a syntax error cut an element short, what it leads to is not known; then nothing is said that it could explain.
#include "core/checks.hpp"

namespace bpt::core {

namespace {

/// Kinds at which a cycle stops, so that going round in it costs a transaction or an event each time.
bool stops(Kind kind)
{
	return kind == Kind::automatic || kind == Kind::human || kind == Kind::wait || kind == Kind::execute ||
		   kind == Kind::email;
}

template <typename Visit>
void each_target(const Element &element, Visit visit)
{
	for (const Target &target : element.targets)
		visit(target);
	for (const Outcome &outcome : element.outcomes)
		visit(outcome.target);
}

/// True if the element ends a path itself, or leads to an end or to something unknown.
bool ends_here(const Element &element)
{
	bool ends = element.kind == Kind::end || element.incomplete;
	each_target(element,
				[&](const Target &target) { ends = ends || target.kind != TargetKind::element || target.element < 0; });
	return ends;
}

bool has_targets(const Element &element)
{
	return !element.targets.empty() || !element.outcomes.empty();
}

bool *flags(Arena &arena, std::int32_t count)
{
	auto *const result = static_cast<bool *>(arena.take(static_cast<std::size_t>(count) + 1));
	std::memset(result, 0, static_cast<std::size_t>(count) + 1);
	return result;
}

} // namespace

/// One START, and only one.
void Checker::starts()
{
	const Element *first = nullptr;
	for (const Element &candidate : process.elements)
		if (candidate.kind == Kind::start)
		{
			if (first != nullptr)
				error("second_start", candidate.offset,
					  concat(arena, {"process ", quote(process.name.name.text), " has a second START"}),
					  "START may lead to several elements: START -> a, b.");
			else
				first = &candidate;
		}
	if (process.lost_elements || first != nullptr || !process.name.name)
		return;
	if (process.elements.empty())
		error("no_start", process.offset,
			  concat(arena, {"process ", quote(process.name.name.text), " has no elements"}),
			  "The elements follow the PROCESS statement, beginning with START.");
	else
		error("no_start", process.offset, concat(arena, {"process ", quote(process.name.name.text), " has no START"}));
}

/// Elements that lead nowhere though they do not end the path.
void Checker::dead_ends()
{
	for (const Element &candidate : process.elements)
		if (!ends_here(candidate) && !has_targets(candidate) && candidate.kind != Kind::comment &&
			candidate.kind != Kind::decision)
			error("no_end", candidate.offset, concat(arena, {"no path leads from ", display(candidate), " to an END"}),
				  "Add a connector: -> name, or -> END.");
}

/// Elements that no flow comes to. A conditional start listens once all that AFTER names can have been reached.
void Checker::unreachable(const Flow &flow)
{
	bool known = flow.start >= 0 && !process.lost_elements;
	for (const Element &candidate : process.elements)
		known = known && !candidate.incomplete;
	if (!known)
		return;
	bool *const reached = flags(arena, flow.size);
	bool changed = true;
	while (changed)
	{
		changed = false;
		for (std::int32_t e = 0; e < flow.size; e++)
		{
			const Element &entry = process.elements[e];
			if (reached[e] || (e != flow.start && entry.kind != Kind::conditional_start))
				continue;
			bool listens = true;
			for (const Name &name : entry.after)
			{
				const std::int32_t awaited = elements.find(name.text);
				listens = listens && (awaited < 0 || reached[awaited]);
			}
			if (!listens)
				continue;
			reached[e] = changed = true;
			for (std::int32_t other = 0; other < flow.size; other++)
				reached[other] = reached[other] || flow.reaches(e, other);
		}
	}
	for (std::int32_t e = 0; e < flow.size; e++)
	{
		const Element &candidate = process.elements[e];
		const bool has_namesake = candidate.name && elements.find(candidate.name.text) != e;
		if (!reached[e] && !has_namesake && candidate.kind != Kind::comment && candidate.kind != Kind::start)
			error("unreachable", candidate.offset,
				  concat(arena, {"element ", display(candidate), " cannot be reached"}),
				  candidate.kind == Kind::conditional_start ? "It waits for elements that cannot come before it."
															: "No path leads to it from START or a CONDITIONAL START.");
	}
}

/// Cycles that no path leaves: reported once each, at their first element.
void Checker::endless_cycles(const Flow &flow)
{
	bool *const done = flags(arena, flow.size);
	for (std::int32_t e = 0; e < flow.size; e++)
	{
		if (done[e] || !flow.reaches(e, e))
			continue;
		bool closed = !ends_here(process.elements[e]);
		for (std::int32_t other = 0; other < flow.size && closed; other++)
			if (flow.reaches(e, other))
				closed = flow.reaches(other, e) && !ends_here(process.elements[other]);
		for (std::int32_t other = 0; other < flow.size; other++)
			if (flow.reaches(e, other) && flow.reaches(other, e))
				done[other] = true;
		if (closed)
			error(
				"endless_cycle", process.elements[e].offset,
				concat(arena, {"no path leads out of the cycle through ", display(process.elements[e]), " to an END"}));
	}
}

/// Cycles of decisions alone: nothing in them waits or works.
void Checker::busy_cycles()
{
	const std::int32_t size = process.elements.count;
	auto *const open = static_cast<std::int32_t *>(
		arena.take(sizeof(std::int32_t) * (static_cast<std::size_t>(size) + 1))); // targets among the rest, per element
	bool *const removed = flags(arena, size);
	bool changed = true;
	for (std::int32_t e = 0; e < size; e++)
		removed[e] = stops(process.elements[e].kind);
	while (changed)
	{
		changed = false;
		for (std::int32_t e = size - 1; e >= 0; e--)
		{
			if (removed[e])
				continue;
			open[e] = 0;
			each_target(process.elements[e], [&](const Target &target) {
				if (target.element >= 0 && !removed[target.element])
					open[e]++;
			});
			if (open[e] == 0)
				removed[e] = changed = true;
		}
	}
	for (std::int32_t e = 0; e < size; e++)
	{
		if (removed[e])
			continue;
		bool *const seen = flags(arena, size);
		Vec<std::int32_t> work;
		work.push(arena, e);
		bool cycle = false;
		while (work.count > 0)
		{
			const std::int32_t at = work[--work.count];
			each_target(process.elements[at], [&](const Target &target) {
				if (target.element < 0 || removed[target.element])
					return;
				cycle = cycle || target.element == e;
				if (!seen[target.element])
				{
					seen[target.element] = true;
					work.push(arena, target.element);
				}
			});
		}
		if (!cycle)
			continue;
		error("busy_cycle", process.elements[e].offset,
			  concat(arena, {"nothing stops the cycle through ", display(process.elements[e])}),
			  "A cycle needs an AUTOMATIC, HUMAN, WAIT, EXECUTE or EMAIL.");
		for (std::int32_t other = 0; other < size; other++)
			if (seen[other])
				removed[other] = true;
	}
}

void Checker::flow_shape(const Flow &flow)
{
	starts();
	dead_ends();
	unreachable(flow);
	endless_cycles(flow);
	busy_cycles();
}

} // namespace bpt::core
