// Parts of the language that parse and are checked, but cannot be run by this version.
#include "core/clause.hpp"
#include "core/text.hpp"
#include "core/validate.hpp"

namespace bpt::core {

void refuse_unbuilt(Arena &arena, const Document &document, Diagnostics &problems)
{
	const auto refuse = [&](bool used, std::int32_t offset, std::string_view what) {
		if (!used)
			return;
		Diagnostic added;
		added.code = "not_supported";
		added.offset = offset;
		added.message = concat(arena, {what, " is not supported yet"});
		added.sqlstate = "0A000";
		problems.add(arena, added);
	};
	for (const Process &process : document.processes)
		refuse(process.expose_entity, process.expose_offset, "EXPOSE ENTITY");
}

} // namespace bpt::core
