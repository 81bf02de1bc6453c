// Any bytes as a definition, in its text and in its JSON form. Whatever is a definition must come out of every form as the
// same one: text → model → text, text → JSON → text, JSON → text → JSON; and flowcharts of it must not break.
#include <cstdlib>
#include <string_view>

#include "../unit/model_dump.hpp"
#include "core/form.hpp"
#include "core/mermaid.hpp"
#include "core/parser.hpp"
#include "core/validate.hpp"
#include "core/write_text.hpp"
#include "fuzz_arena.hpp"

namespace {

using namespace bpt::core;
using bpt::fuzz::require;

/// Whether what the text says makes sense too.
bool is_valid(Arena &arena, std::string_view text)
{
	Diagnostics problems;
	for (Process &process : parse(arena, text, problems)->processes)
		validate(arena, process, problems);
	return !problems.has_errors();
}

/// What a text without problems is written as, in both forms, is the same definition; but the JSON form wants at once what
/// must not be missing.
void text_forms(Arena &arena, std::string_view text)
{
	Diagnostics problems;
	const Document &first = *parse(arena, text, problems);
	if (!problems.list.empty())
		return;
	const std::string_view written = write_text(arena, first);
	const Document &second = *parse(arena, written, problems);
	require(problems.list.empty());
	require(bpt::test::dump(first) == bpt::test::dump(second));
	require(write_text(arena, second) == written);

	const std::string_view json = write_json(arena, first);
	const Document &third = *read_json(arena, json, problems);
	if (!problems.list.empty())
	{
		require(!is_valid(arena, text));
		return;
	}
	require(write_text(arena, third) == written);
	require(write_json(arena, third) == json);
}

/// What JSON without problems is written as is the same definition, or has problems as a text.
void json_forms(Arena &arena, std::string_view json)
{
	Diagnostics problems;
	const Document &first = *read_json(arena, json, problems);
	for (const Diagnostic &problem : problems.list)
		require(problem.offset >= 0 && static_cast<std::size_t>(problem.offset) <= json.size() &&
				!problem.message.empty());
	if (!problems.list.empty())
		return;
	const std::string_view written = write_text(arena, first);
	const Document &second = *parse(arena, written, problems);
	if (!problems.list.empty())
		return;
	require(write_text(arena, second) == written);
	require(write_json(arena, second) == write_json(arena, first));
}

void charts(Arena &arena, std::string_view text)
{
	Diagnostics problems;
	Document &document = *parse(arena, text, problems);
	for (Process &process : document.processes)
	{
		validate(arena, process, problems);
		if (problems.has_errors())
			continue;
		write_mermaid(arena, process);
		InstanceProgress progress;
		const std::size_t count = static_cast<std::size_t>(process.elements.count);
		progress.elements = static_cast<Progress *>(arena.take(sizeof(Progress) * (count + 1)));
		for (std::size_t i = 0; i < count; i++)
			progress.elements[i] = {i % 5 == 1, i % 5 == 2, i % 5 == 3, i % 5 == 4};
		write_mermaid(arena, process, &progress);
	}
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
	bpt::fuzz::Blocks blocks;
	Arena arena{bpt::fuzz::Blocks::allocate, &blocks};
	const std::string_view text = arena.copy({reinterpret_cast<const char *>(data), size});
	if (text.find('\0') == std::string_view::npos) // neither text nor jsonb holds zero bytes
		text_forms(arena, text);
	json_forms(arena, text);
	charts(arena, text);
	return 0;
}
