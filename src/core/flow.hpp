// The flow graph of a process: who can follow whom, and who comes before whom on every path.
#pragma once
#include "core/model.hpp"

namespace bpt::core {

/// A CONDITIONAL START, and the elements that it names in AFTER.
struct ConditionalStart
{
	std::int32_t element = -1;
	Vec<std::int32_t> after;
};

struct Flow
{
	std::int32_t size = 0;      // = Process::elements.count
	std::int32_t start = -1;    // index of START, -1 where there is none
	std::uint64_t *before_bits; // size × words: row e = the elements that precede e on all paths
	std::uint64_t *reach_bits;  // row e = the elements that can be reached from e in one or more steps
	// True if an event, by launching the process or by ending a wait, can lead at once (through decisions alone) to an
	// element that waits for events: then the order of events decides what the process hears. So it does where a
	// CONDITIONAL START hears one event after another, and where an EXECUTE stands in place of one of the two: events may
	// begin and end the waits of its process.
	bool chains_events = false;
	// The same for a process that another one executes: its START leads to a wait at once, or an event can end it.
	bool chains_if_executed = false;
	// By element: whether an event that ends a wait or starts a flow can at once have it wait for others.
	bool *begun_by_event = nullptr;
	Vec<ConditionalStart> conditional_starts; // in text order
	std::int32_t words = 0;

	/// True if every path from the start of the flow to `element` passes through `earlier` first (earlier != element;
	/// for elements behind a CONDITIONAL START, the elements named in AFTER and what precedes them count too).
	bool precedes(std::int32_t earlier, std::int32_t element) const
	{
		return (before_bits[element * words + earlier / 64] >> (earlier % 64)) & 1;
	}
	/// True if a path leads from `from` to `to` in one or more steps (so reaches(e, e) means e lies on a cycle).
	bool reaches(std::int32_t from, std::int32_t to) const
	{
		return (reach_bits[from * words + to / 64] >> (to % 64)) & 1;
	}
};

/// Builds the graph of a process whose targets are resolved (unresolved ones are left out).
Flow *build_flow(Arena &arena, const Process &process);

} // namespace bpt::core
