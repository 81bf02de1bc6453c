// The validator's own view of itself: the checks of one process, spread over the check_*.cpp files by idea.
// Nothing outside the validator includes this.
#pragma once
#include "core/clause.hpp"
#include "core/text.hpp"
#include "core/validate.hpp"

namespace bpt::core {

/// Finds a number by a name; names are compared byte by byte, the first of two equal ones stays.
struct NameIndex
{
	struct Slot
	{
		std::string_view name;
		std::int32_t value;
	};
	Slot *slots = nullptr;
	std::int32_t mask = 0;

	/// Makes room for `count` names.
	void prepare(Arena &arena, std::int32_t count);
	/// The value of a name, or -1.
	std::int32_t find(std::string_view name) const;
	/// Adds a name and returns -1, or returns the value that stands there already.
	std::int32_t add(std::string_view name, std::int32_t value);
};

struct Checker
{
	Arena &arena;
	Process &process;
	Diagnostics &problems;
	NameIndex elements{};

	void report(Severity severity, const char *code, std::int32_t offset, std::string_view message,
				std::string_view hint = {});
	void error(const char *code, std::int32_t offset, std::string_view message, std::string_view hint = {})
	{
		report(Severity::error, code, offset, message, hint);
	}
	std::string_view quote(std::string_view name) { return concat(arena, {"\"", name, "\""}); }
	std::string_view did_you_mean_element(std::string_view wanted);
	std::string_view display(const Element &element);

	// check_names.cpp
	void element_names();
	void former_names();
	void resolve_target(Target &target);
	void resolve_targets();
	void dependencies();
	void function_names();

	// check_variables.cpp
	void process_variables();
	void element_variables(const Element &element);
	void outputs(NameIndex &names, const Vec<Variable> &declared, std::string_view owner);
	bool declare(NameIndex &names, const Name &name, std::int32_t value, std::string_view owner);
	void settings(const Vec<Assignment> &set, const Element *element);

	// check_events.cpp
	void launches();
	void element_events(const Element &element);
	void event_arguments(const EventClause &event, const Vec<Variable> &inputs, const Vec<EventClause> &all,
						 std::string_view owner);
	void or_already(const EventClause &event);

	// check_elements.cpp
	void element(const Element &element);
	void addresses(const TextValue &list);
	void headers(const TextValue &json);
	void named(const Sql &clause, const char *keyword);
	void decision(const Element &element);
	void light();
	void advice();

	// check_flow.cpp
	void flow_shape(const Flow &flow);
	void starts();
	void dead_ends();
	void unreachable(const Flow &flow);
	void endless_cycles(const Flow &flow);
	void busy_cycles();
};

} // namespace bpt::core
