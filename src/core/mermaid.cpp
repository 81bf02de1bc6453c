// Flowcharts in Mermaid's language (mermaid.hpp).
//
// Nodes are named by number, never by a name of the definition; labels stand in quotes, with every character that means
// something to Mermaid or HTML written as an entity. So no label can become anything but a label.
#include "core/mermaid.hpp"
#include "core/clause.hpp"
#include "core/output.hpp"
#include "core/text.hpp"

namespace bpt::core {

namespace {

/// The two brackets that make a node's shape.
struct Brackets
{
	std::string_view open;
	std::string_view close;
};

Brackets brackets_of(const Element &element)
{
	switch (element.kind)
	{
	case Kind::start:
		return {"([", "])"};
	case Kind::conditional_start:
		return {">", "]"};
	case Kind::human:
		return {"(", ")"};
	case Kind::automatic:
		return {"[", "]"};
	case Kind::wait:
		return {"{{", "}}"};
	case Kind::decision:
		return {"{", "}"};
	case Kind::execute:
		return {"[[", "]]"};
	case Kind::email:
		return {"[/", "/]"};
	case Kind::end:
		return element.terminate ? Brackets{"(((", ")))"} : Brackets{"((", "))"};
	case Kind::comment:
		return {"[", "]"};
	}
	return {};
}

constexpr std::string_view kEnd = "n_end";
constexpr std::string_view kTerminate = "n_terminate";

/// Finds out which decisions an instance has come through, and which Ends it has reached.
struct Way
{
	Arena &arena;
	const Process &process;
	const InstanceProgress &instance;
	bool *reached = nullptr;  // by element: a DECISION that was reached
	bool *followed = nullptr; // by element: one of those whose outcome is known
	bool end = false;
	bool end_terminate = false;
	bool changed = false;

	void mark(bool &flag)
	{
		changed = changed || !flag;
		flag = true;
	}

	/// A connector was followed.
	void follow(const Target &target)
	{
		if (target.kind == TargetKind::end)
			mark(end);
		else if (target.kind == TargetKind::end_terminate)
			mark(end_terminate);
		else if (target.element >= 0 && process.elements[target.element].kind == Kind::decision)
			mark(reached[target.element]);
	}

	bool arrived(const Outcome &outcome) const
	{
		for (const Arrival &arrival : instance.arrivals)
			if (arrival.element == outcome.target.element && arrival.outcome == outcome.name.text)
				return true;
		return false;
	}

	/// Whether what an outcome leads to leaves no trace of its own.
	bool is_traceless(const Outcome &outcome) const
	{
		const Target &target = outcome.target;
		return target.kind != TargetKind::element ||
			   (target.element >= 0 && process.elements[target.element].kind == Kind::decision);
	}

	/// What a DECISION that was reached led to: where an activity arrived by it, else the only outcome that leaves no trace.
	void decide(std::int32_t index)
	{
		const Element &decision = process.elements[index];
		if (followed[index] || instance.elements[index].error)
			return;
		const Outcome *only = nullptr;
		std::int32_t traceless = 0;
		for (const Outcome &outcome : decision.outcomes)
		{
			if (outcome.target.kind == TargetKind::element && arrived(outcome))
				mark(followed[index]);
			if (!is_traceless(outcome))
				continue;
			only = &outcome;
			traceless++;
		}
		if (followed[index] || traceless != 1)
			return;
		mark(followed[index]);
		follow(only->target);
	}

	void find()
	{
		const std::size_t count = static_cast<std::size_t>(process.elements.count) + 1;
		reached = static_cast<bool *>(arena.take(count));
		followed = static_cast<bool *>(arena.take(count));
		std::memset(reached, 0, count);
		std::memset(followed, 0, count);
		for (std::int32_t e = 0; e < process.elements.count; e++)
			if (process.elements[e].kind == Kind::start || instance.elements[e].passed)
				for (const Target &target : process.elements[e].targets)
					follow(target);
		do
		{
			changed = false;
			for (std::int32_t e = 0; e < process.elements.count; e++)
				if (reached[e])
					decide(e);
		} while (changed);
	}

	std::string_view state(std::int32_t index) const
	{
		const Progress &progress = instance.elements[index];
		if (progress.error)
			return "error";
		if (progress.active)
			return "active";
		if (progress.passed || reached[index] || process.elements[index].kind == Kind::start)
			return "done";
		return progress.terminated ? "terminated" : "not_reached";
	}
};

struct MermaidWriter
{
	Arena &arena;
	const Process &process;
	const Way *way;
	Output out{arena};

	void element_id(std::int32_t index)
	{
		out.add('e');
		out.add(number_text(arena, index));
	}

	static bool is_letter(char c)
	{
		return (lower(c) >= 'a' && lower(c) <= 'z') || (static_cast<unsigned char>(c) & 0x80);
	}

	/// True for what stands as it is: letters, digits, what means nothing, and - . _ inside words.
	static bool is_harmless(std::string_view text, std::size_t i)
	{
		constexpr std::string_view kHarmless = " ,!?()[]{}'/";
		constexpr std::string_view kInWords = "-._";
		const char c = text[i];
		if (is_letter(c) || (c >= '0' && c <= '9') || kHarmless.find(c) != std::string_view::npos)
			return true;
		return kInWords.find(c) != std::string_view::npos && i > 0 && i + 1 < text.size() && is_letter(text[i - 1]) &&
			   is_letter(text[i + 1]);
	}

	/// A label in quotes.
	void label(std::string_view text)
	{
		out.add('"');
		for (std::size_t i = 0; i < text.size(); i++)
		{
			const char c = text[i];
			const auto code = static_cast<unsigned char>(c);
			if (is_harmless(text, i))
				out.add(c);
			else if (c == '\n')
				out.add("<br/>");
			else if (code < 0x20 || code == 0x7F)
				out.add(' ');
			else
			{
				out.add('#');
				out.add(number_text(arena, code));
				out.add(';');
			}
		}
		out.add(text.empty() ? " \"" : "\"");
	}

	void node(const Brackets &shape, std::string_view text, std::string_view state)
	{
		out.add(shape.open);
		label(text);
		out.add(shape.close);
		if (!state.empty())
		{
			out.add(":::");
			out.add(state);
		}
		out.add('\n');
	}

	/// What a node is labelled: LABEL where it is a text, else the name.
	static std::string_view caption(const Element &element)
	{
		if (element.kind == Kind::comment)
			return element.comment;
		if (element.label.kind == TextValue::Kind::literal && !element.label.literal.empty())
			return element.label.literal;
		return element.kind == Kind::start ? std::string_view{"START"} : element.name.text;
	}

	void target(const Target &target)
	{
		if (target.kind == TargetKind::element)
			element_id(target.element);
		else
			out.add(target.kind == TargetKind::end ? kEnd : kTerminate);
		out.add('\n');
	}

	bool any_target(TargetKind kind) const
	{
		for (const Element &element : process.elements)
		{
			for (const Target &target : element.targets)
				if (target.kind == kind)
					return true;
			for (const Outcome &outcome : element.outcomes)
				if (outcome.target.kind == kind)
					return true;
		}
		return false;
	}

	void end_node(TargetKind kind, std::string_view id, const Brackets &shape, std::string_view text, bool reached)
	{
		if (!any_target(kind))
			return;
		out.add("  ");
		out.add(id);
		const std::string_view state = reached ? "done" : "not_reached";
		node(shape, text, way != nullptr ? state : std::string_view{});
	}

	void nodes()
	{
		for (std::int32_t e = 0; e < process.elements.count; e++)
		{
			const Element &element = process.elements[e];
			std::string_view state = element.kind == Kind::comment ? std::string_view{"comment"} : std::string_view{};
			if (way != nullptr && element.kind != Kind::comment)
				state = way->state(e);
			out.add("  ");
			element_id(e);
			node(brackets_of(element), caption(element), state);
		}
		end_node(TargetKind::end, kEnd, {"((", "))"}, "END", way != nullptr && way->end);
		end_node(TargetKind::end_terminate, kTerminate, {"(((", ")))"}, "END TERMINATE",
				 way != nullptr && way->end_terminate);
	}

	void connectors()
	{
		for (std::int32_t e = 0; e < process.elements.count; e++)
		{
			const Element &element = process.elements[e];
			for (const Target &each : element.targets)
			{
				out.add("  ");
				element_id(e);
				out.add(" --> ");
				target(each);
			}
			for (const Outcome &outcome : element.outcomes)
			{
				out.add("  ");
				element_id(e);
				out.add(" -->|");
				label(outcome.name.text);
				out.add("| ");
				target(outcome.target);
			}
			for (const Name &after : element.after)
				dependency(after, e);
		}
	}

	/// The dotted connector from what a CONDITIONAL START names in AFTER.
	void dependency(const Name &after, std::int32_t to)
	{
		for (std::int32_t e = 0; e < process.elements.count; e++)
			if (process.elements[e].name.text == after.text && is_activity(process.elements[e].kind))
			{
				out.add("  ");
				element_id(e);
				out.add(" -.-> ");
				element_id(to);
				out.add('\n');
				return;
			}
	}

	bool any_comment() const
	{
		for (const Element &element : process.elements)
			if (element.kind == Kind::comment)
				return true;
		return false;
	}

	void write()
	{
		out.add("flowchart TD\n");
		nodes();
		connectors();
		if (any_comment())
			out.add("  classDef comment fill:#ffffe0,stroke:#bbbb88,color:#555,stroke-dasharray:3 3\n");
		if (way == nullptr)
			return;
		out.add("  classDef done fill:#d5efd5,stroke:#3c873c,color:#111\n"
				"  classDef active fill:#d3e5fb,stroke:#1f5fae,color:#111,stroke-width:3px\n"
				"  classDef error fill:#fbd5d5,stroke:#b02020,color:#111,stroke-width:3px\n"
				"  classDef terminated fill:#e0e0e0,stroke:#777,color:#333\n"
				"  classDef not_reached fill:#fff,stroke:#aaa,color:#777,stroke-dasharray:4 3\n");
	}
};

} // namespace

std::string_view write_mermaid(Arena &arena, const Process &process, const InstanceProgress *instance)
{
	MermaidWriter writer{arena, process, nullptr};
	if (instance != nullptr)
	{
		Way way{arena, process, *instance};
		way.find();
		writer.way = &way;
		writer.write();
	}
	else
		writer.write();
	return writer.out.text();
}

} // namespace bpt::core
