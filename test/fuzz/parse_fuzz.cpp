// Any bytes as a definition text: parsing, validation, the flow, places and rendering must not break, and what they say
// must lie in the text.
#include <cstdlib>
#include <string_view>

#include "core/lexer.hpp"
#include "core/parser.hpp"
#include "core/validate.hpp"
#include "fuzz_arena.hpp"

namespace {

using bpt::fuzz::Blocks;
using bpt::fuzz::require;

/// A name from the text has a length that PostgreSQL takes, or a problem was reported.
void check_process(bpt::core::Arena &arena, bpt::core::Process &process, std::string_view text,
				   bpt::core::Diagnostics &problems)
{
	const bpt::core::Flow *const flow = bpt::core::validate(arena, process, problems);
	require(flow != nullptr && flow->size == process.elements.count);
	require(process.source.size() <= text.size());
	for (std::int32_t e = 0; e < flow->size; e++)
	{
		const bpt::core::Element &element = process.elements[e];
		require(element.offset >= 0 && static_cast<std::size_t>(element.offset) <= text.size());
		require(!flow->precedes(e, e));
		for (const bpt::core::Target &target : element.targets)
			if (target.element >= 0)
				require(flow->reaches(e, target.element));
	}
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
	Blocks blocks;
	bpt::core::Arena arena{Blocks::allocate, &blocks};
	const std::string_view text = arena.copy({reinterpret_cast<const char *>(data), size});
	bpt::core::Diagnostics problems;
	bpt::core::Document *const document = bpt::core::parse(arena, text, problems);
	for (bpt::core::Process &process : document->processes)
		check_process(arena, process, text, problems);
	bpt::core::validate_document(arena, *document, problems);
	bpt::core::split_list(arena, {text, 0});
	for (const bpt::core::Diagnostic &problem : problems.list)
	{
		require(problem.offset >= 0 && static_cast<std::size_t>(problem.offset) <= text.size());
		require(!problem.message.empty() || problem.severity == bpt::core::Severity::notice);
	}
	bpt::core::sort_by_place(arena, problems);
	bpt::core::render(arena, text, problems);
	if (!problems.list.empty())
	{
		const bpt::core::Place place = bpt::core::place_of(text, problems.list[problems.list.count - 1].offset);
		require(place.line >= 1 && place.column >= 1);
	}
	return 0;
}
