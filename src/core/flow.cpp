// The flow graph: what each element leads to, what can be reached, and what comes before what on every path.
//
// Reachability goes by strongly connected components (Tarjan's algorithm, without recursion), each of which is closed
// before those that lead to it. "Before on every path" is the greatest solution of: what precedes an element is what
// precedes all its predecessors, and they; for a CONDITIONAL START it is what AFTER names, and what precedes that.
#include "core/flow.hpp"
#include "core/text.hpp"

namespace bpt::core {

namespace {

using Word = std::uint64_t;

/// Edges of all elements, one list behind the other: those of e are to[first[e]] … to[first[e + 1] - 1].
struct Edges
{
	std::int32_t *first;
	std::int32_t *to;
};

std::int32_t *numbers(Arena &arena, std::int32_t count)
{
	const std::size_t bytes = sizeof(std::int32_t) * (static_cast<std::size_t>(count) + 1);
	auto *const result = static_cast<std::int32_t *>(arena.take(bytes));
	std::memset(result, 0, bytes);
	return result;
}

Word *bit_rows(Arena &arena, const Flow &flow)
{
	const std::size_t bytes = sizeof(Word) * static_cast<std::size_t>(flow.size) * static_cast<std::size_t>(flow.words);
	auto *const rows = static_cast<Word *>(arena.take(bytes + sizeof(Word)));
	std::memset(rows, 0, bytes);
	return rows;
}

void set_bit(Word *row, std::int32_t i)
{
	row[i / 64] |= Word{1} << (i % 64);
}

/// Calls `visit` with the index of each element that `element` leads to.
template <typename Visit>
void each_target(const Element &element, std::int32_t size, Visit visit)
{
	for (const Target &target : element.targets)
		if (target.element >= 0 && target.element < size)
			visit(target.element);
	for (const Outcome &outcome : element.outcomes)
		if (outcome.target.element >= 0 && outcome.target.element < size)
			visit(outcome.target.element);
}

/// The edges forwards, or, with `backwards`, those that arrive.
Edges edges_of(Arena &arena, const Process &process, bool backwards)
{
	const std::int32_t size = process.elements.count;
	Edges edges{numbers(arena, size + 1), nullptr};
	for (std::int32_t e = 0; e < size; e++)
		each_target(process.elements[e], size, [&](std::int32_t target) { edges.first[backwards ? target : e]++; });
	std::int32_t total = 0;
	for (std::int32_t e = 0; e <= size; e++)
	{
		total += edges.first[e];
		edges.first[e] = total;
	}
	edges.to = numbers(arena, total);
	for (std::int32_t e = size - 1; e >= 0; e--)
		each_target(process.elements[e], size, [&](std::int32_t target) {
			const std::int32_t owner = backwards ? target : e;
			edges.to[--edges.first[owner]] = backwards ? e : target;
		});
	return edges;
}

/// Depth-first search over all elements: fills the reach rows component by component, and `finished` with the elements in
/// the order in which the search left them.
struct Search
{
	const Edges &edges;
	Flow &flow;
	std::int32_t *finished;
	std::int32_t *number; // when the search came here, from 1; 0: not yet
	std::int32_t *lowest; // the lowest number on the stack that can be reached from here
	std::int32_t *next;   // the next edge to follow
	std::int32_t *path;   // from the root of the search to where it is
	std::int32_t *open;   // elements whose component is not closed yet
	bool *is_open;
	std::int32_t path_count = 0;
	std::int32_t open_count = 0;
	std::int32_t finished_count = 0;
	std::int32_t counter = 0;

	Word *row(std::int32_t e)
	{
		return flow.reach_bits + static_cast<std::size_t>(e) * static_cast<std::size_t>(flow.words);
	}

	void enter(std::int32_t e)
	{
		number[e] = lowest[e] = ++counter;
		next[e] = edges.first[e];
		path[path_count++] = e;
		open[open_count++] = e;
		is_open[e] = true;
	}

	/// All elements from `root` to the top of `open` are one component: they reach the same.
	void close_component(std::int32_t root)
	{
		std::int32_t begin = open_count;
		do
			begin--;
		while (open[begin] != root);
		Word *const reached = row(root);
		for (std::int32_t i = begin; i < open_count; i++)
		{
			const std::int32_t e = open[i];
			for (std::int32_t j = edges.first[e]; j < edges.first[e + 1]; j++)
			{
				const std::int32_t target = edges.to[j];
				set_bit(reached, target);
				if (!is_open[target])
					for (std::int32_t w = 0; w < flow.words; w++)
						reached[w] |= row(target)[w];
			}
		}
		for (std::int32_t i = begin; i < open_count; i++)
		{
			is_open[open[i]] = false;
			if (open[i] != root)
				std::memcpy(row(open[i]), reached, sizeof(Word) * static_cast<std::size_t>(flow.words));
		}
		open_count = begin;
	}

	void from(std::int32_t root)
	{
		if (number[root] != 0)
			return;
		enter(root);
		while (path_count > 0)
		{
			const std::int32_t e = path[path_count - 1];
			if (next[e] < edges.first[e + 1])
			{
				const std::int32_t target = edges.to[next[e]++];
				if (number[target] == 0)
					enter(target);
				else if (is_open[target] && number[target] < lowest[e])
					lowest[e] = number[target];
				continue;
			}
			path_count--;
			finished[finished_count++] = e;
			if (path_count > 0 && lowest[e] < lowest[path[path_count - 1]])
				lowest[path[path_count - 1]] = lowest[e];
			if (lowest[e] == number[e])
				close_component(e);
		}
	}
};

/// The element that a name in AFTER means, or -1.
std::int32_t find_element(const Process &process, std::string_view name)
{
	for (std::int32_t e = 0; e < process.elements.count; e++)
		if (process.elements[e].name && process.elements[e].name.text == name)
			return e;
	return -1;
}

Vec<ConditionalStart> conditional_starts(Arena &arena, const Process &process)
{
	Vec<ConditionalStart> found;
	for (std::int32_t e = 0; e < process.elements.count; e++)
	{
		if (process.elements[e].kind != Kind::conditional_start)
			continue;
		ConditionalStart start;
		start.element = e;
		for (const Name &name : process.elements[e].after)
		{
			const std::int32_t awaited = find_element(process, name.text);
			if (awaited >= 0)
				start.after.push(arena, awaited);
		}
		found.push(arena, start);
	}
	return found;
}

/// The elements that the conditional starts name in AFTER, in the form of edges from them.
Edges dependencies_of(Arena &arena, const Flow &flow)
{
	Edges edges{numbers(arena, flow.size + 1), nullptr};
	std::int32_t total = 0;
	for (const ConditionalStart &start : flow.conditional_starts)
		total += start.after.count;
	edges.to = numbers(arena, total);
	std::int32_t count = 0;
	std::int32_t next = 0;
	for (std::int32_t e = 0; e < flow.size; e++)
	{
		edges.first[e] = count;
		if (next == flow.conditional_starts.count || flow.conditional_starts[next].element != e)
			continue;
		for (const std::int32_t awaited : flow.conditional_starts[next++].after)
			edges.to[count++] = awaited;
	}
	edges.first[flow.size] = count;
	return edges;
}

/// Solves "before on every path" by going round in the order of the flow until nothing changes.
void solve_before(Arena &arena, const Process &process, Flow &flow, const std::int32_t *finished)
{
	const Edges arriving = edges_of(arena, process, true);
	const Edges dependencies = dependencies_of(arena, flow);
	const auto words = static_cast<std::size_t>(flow.words);
	auto *const fresh = static_cast<Word *>(arena.take(sizeof(Word) * words + sizeof(Word)));
	std::memset(flow.before_bits, 0xFF, sizeof(Word) * static_cast<std::size_t>(flow.size) * words);
	bool changed = true;
	while (changed)
	{
		changed = false;
		for (std::int32_t i = flow.size - 1; i >= 0; i--)
		{
			const std::int32_t e = finished[i];
			const Kind kind = process.elements[e].kind;
			const bool entry = kind == Kind::start || kind == Kind::conditional_start;
			const Edges &from = entry ? dependencies : arriving;
			std::memset(fresh, entry ? 0 : 0xFF, sizeof(Word) * words);
			for (std::int32_t j = from.first[e]; j < from.first[e + 1]; j++)
			{
				const Word *const row = flow.before_bits + static_cast<std::size_t>(from.to[j]) * words;
				const std::int32_t self = from.to[j];
				for (std::int32_t w = 0; w < flow.words; w++)
				{
					const Word with_self = row[w] | (w == self / 64 ? Word{1} << (self % 64) : 0);
					fresh[w] = entry ? fresh[w] | with_self : fresh[w] & with_self;
				}
			}
			Word *const present = flow.before_bits + static_cast<std::size_t>(e) * words;
			if (std::memcmp(present, fresh, sizeof(Word) * words) != 0)
			{
				std::memcpy(present, fresh, sizeof(Word) * words);
				changed = true;
			}
		}
	}
	for (std::int32_t e = 0; e < flow.size; e++)
		flow.before_bits[static_cast<std::size_t>(e) * words + static_cast<std::size_t>(e) / 64] &=
			~(Word{1} << (e % 64));
}

/// Where a path can come to at once, through decisions alone.
struct Leads
{
	bool to_event = false; // an element that waits for events
	bool to_execute = false;
	bool to_end = false;
};

/// Marks the elements that wait for events and to which these targets lead at once.
void follow_targets(const Process &process, const Element &from, bool *seen, bool *marked, Leads &leads)
{
	const auto go = [&](const Target &target) {
		const Kind kind = target.element < 0 ? Kind::end : process.elements[target.element].kind;
		if (kind == Kind::end)
			leads.to_end = true;
		else if (!process.elements[target.element].events.empty())
			leads.to_event = marked[target.element] = true;
		else if (kind == Kind::execute)
			leads.to_execute = true;
		else if (kind == Kind::decision && !seen[target.element])
		{
			seen[target.element] = true;
			follow_targets(process, process.elements[target.element], seen, marked, leads);
		}
	};
	for (const Target &target : from.targets)
		go(target);
	for (const Outcome &outcome : from.outcomes)
		go(outcome.target);
}

/// Finds out which elements can begin to listen by an event, and whether events chain.
void follow_events(Arena &arena, const Process &process, Flow &flow)
{
	const auto size = static_cast<std::size_t>(flow.size) + 1;
	const auto flags = [&] {
		auto *const made = static_cast<bool *>(arena.take(size));
		std::memset(made, 0, size);
		return made;
	};
	flow.begun_by_event = flags();
	bool *const seen = flags();
	bool *const by_launch = flags();
	for (std::int32_t e = 0; e < flow.size; e++)
	{
		const Element &element = process.elements[e];
		std::memset(seen, 0, size);
		const bool starts = element.kind == Kind::start;
		const bool executes = element.kind == Kind::execute;
		if (!starts && !executes && element.events.empty())
			continue;
		Leads leads;
		follow_targets(process, element, seen, starts ? by_launch : flow.begun_by_event, leads);
		const bool listens = leads.to_event || (leads.to_execute && !executes);
		if (!starts || !process.launches.empty())
			flow.chains_events = flow.chains_events || listens;
		flow.chains_if_executed =
			flow.chains_if_executed || (starts && listens) || (!starts && !executes && leads.to_end);
	}
	for (const ConditionalStart &start : flow.conditional_starts)
	{
		if (process.elements[start.element].events.empty())
			continue;
		flow.chains_events = true;
		for (const std::int32_t awaited : start.after)
			if (!process.elements[awaited].events.empty())
				flow.begun_by_event[start.element] = true;
	}
}

} // namespace

Flow *build_flow(Arena &arena, const Process &process)
{
	Flow *const flow = arena.make<Flow>();
	const std::int32_t size = process.elements.count;
	flow->size = size;
	flow->words = (size + 63) / 64;
	flow->before_bits = bit_rows(arena, *flow);
	flow->reach_bits = bit_rows(arena, *flow);
	for (std::int32_t e = size - 1; e >= 0; e--)
		if (process.elements[e].kind == Kind::start)
			flow->start = e;
	flow->conditional_starts = conditional_starts(arena, process);

	const Edges edges = edges_of(arena, process, false);
	std::int32_t *const finished = numbers(arena, size);
	auto *const is_open = static_cast<bool *>(arena.take(static_cast<std::size_t>(size) + 1));
	std::memset(is_open, 0, static_cast<std::size_t>(size) + 1);
	Search search{edges,
				  *flow,
				  finished,
				  numbers(arena, size),
				  numbers(arena, size),
				  numbers(arena, size),
				  numbers(arena, size),
				  numbers(arena, size),
				  is_open};
	if (flow->start >= 0)
		search.from(flow->start);
	for (std::int32_t e = 0; e < size; e++)
		search.from(e);
	solve_before(arena, process, *flow, finished);
	follow_events(arena, process, *flow);
	return flow;
}

} // namespace bpt::core
