// A definition, or a running instance of it, as a Mermaid flowchart.
#pragma once
#include "core/model.hpp"

namespace bpt::core {

/// How far an instance has come with one element: what its activities of that element are like.
struct Progress
{
	bool error = false;      // one failed, or is to be tried again
	bool active = false;     // one has not ended
	bool passed = false;     // one ended, and what follows it was reached
	bool terminated = false; // one was stopped with the process
};

/// An activity of `element` was reached by an outcome of the DECISION before it.
struct Arrival
{
	std::int32_t element = -1;
	std::string_view outcome;
};

/// The state of an instance.
struct InstanceProgress
{
	Progress *elements =
		nullptr; // as many as the process has; those of START and DECISIONs are found out from the others
	Vec<Arrival> arrivals;
};

/// The flowchart of a process whose targets are resolved; with `instance`, every node has a class: done, active, error,
/// terminated or not_reached. Ends without a name are one node, those that terminate another.
std::string_view write_mermaid(Arena &arena, const Process &process, const InstanceProgress *instance = nullptr);

} // namespace bpt::core
