// What the unit tests of the core share: an arena that is freed at the end, a text that is parsed and validated, and its
// problems in a form that is easy to compare.
#pragma once
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "core/parser.hpp"
#include "core/validate.hpp"

#ifndef BPT_SOURCE_DIR
#define BPT_SOURCE_DIR "."
#endif

namespace bpt::test {

/// An arena whose blocks are freed with it. Each block is its own allocation, so that the sanitizers see its bounds.
struct TestArena : core::Arena
{
	std::vector<void *> blocks;

	TestArena() : core::Arena{allocate_block, this} {}
	TestArena(const TestArena &) = delete;
	TestArena &operator=(const TestArena &) = delete;
	~TestArena()
	{
		for (void *const block : blocks)
			std::free(block);
	}

private:
	static void *allocate_block(void *self, std::size_t bytes)
	{
		void *const block = std::malloc(bytes);
		if (block == nullptr)
			std::abort();
		static_cast<TestArena *>(self)->blocks.push_back(block);
		return block;
	}
};

/// A definition text, parsed, validated where it is a process, its problems in the order of the text.
struct Reading
{
	std::string text;
	TestArena arena;
	core::Diagnostics problems;
	core::Document *document;
	std::vector<core::Flow *> flows;

	explicit Reading(std::string definition, bool with_validation = true) : text(std::move(definition))
	{
		document = core::parse(arena, text, problems);
		if (with_validation)
		{
			for (core::Process &process : document->processes)
				flows.push_back(core::validate(arena, process, problems));
			core::validate_document(arena, *document, problems);
		}
		core::sort_by_place(arena, problems);
	}

	core::Process &process(int i = 0) { return document->processes[i]; }
	core::Flow &flow(int i = 0) { return *flows[static_cast<std::size_t>(i)]; }

	/// The index of a named element.
	int index(std::string_view name)
	{
		for (int i = 0; i < process().elements.count; i++)
			if (process().elements[i].name.text == name)
				return i;
		return -1;
	}
	core::Element &element(std::string_view name) { return process().elements[index(name)]; }

	/// All problems of one severity as "line:column code: message", one a line.
	std::string list(core::Severity severity = core::Severity::error) const
	{
		std::ostringstream out;
		for (const core::Diagnostic &problem : problems.list)
			if (problem.severity == severity)
			{
				const core::Place place = core::place_of(text, problem.offset);
				out << place.line << ':' << place.column << ' ' << problem.code << ": " << problem.message << '\n';
			}
		return out.str();
	}

	/// The hints of all errors, one a line.
	std::string hints() const
	{
		std::ostringstream out;
		for (const core::Diagnostic &problem : problems.list)
			if (problem.severity == core::Severity::error)
				out << problem.hint << '\n';
		return out.str();
	}
};

/// A whole process around some elements: a START on the first line, the elements from the second on.
inline std::string around(const std::string &elements, const std::string &clauses = "DETAIL 'd'")
{
	return "PROCESS p " + clauses + "; START -> a;\n" + elements;
}

/// The errors of a process made of some elements.
inline std::string errors_of(const std::string &elements)
{
	return Reading(around(elements)).list();
}

inline std::string read_source_file(const std::string &path)
{
	std::ifstream file(std::string(BPT_SOURCE_DIR) + "/" + path, std::ios::binary);
	std::ostringstream content;
	content << file.rdbuf();
	return content.str();
}

} // namespace bpt::test
