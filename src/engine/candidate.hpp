// A definition on its way to being published: read, checked against the database and against what is published already.
//
// publish and validate share it, so that what validate shows is what publish would say. Checking writes nothing. For
// publish the names of the definitions are locked first, so that what is read stays true until its transaction ends.
#pragma once
#include "core/diagnostic.hpp"
#include "engine/typed_functions.hpp"
#include "expr/definition.hpp"
#include "pg/rows.hpp"

namespace bpt::engine {

struct Candidate
{
	core::Process *model = nullptr;
	core::Flow *flow = nullptr;
	Oid schema = InvalidOid;
	const char *schema_name = nullptr;
	const char *name = nullptr;
	pg::Row existing;       // bpt.process_def: found by name, or by WAS
	Oid owner = InvalidOid; // of the process: of the existing one, else who publishes
	expr::Definition *draft = nullptr;
	core::Vec<TypedFunction> functions;
};

/// A text and all that was found out about it. Everything lives in `context`.
struct Checked
{
	MemoryContext context = nullptr;
	core::Arena arena = {};
	std::string_view text;
	const char *search_path = nullptr; // pinned for the definitions
	core::Document *document = nullptr;
	core::Diagnostics problems; // in text order
	core::Vec<Candidate> candidates;
	bool is_published = false;     // it is a published version that is checked again
	const Checked *with = nullptr; // a text that is about to be published: what this one executes is as that says
};

/// A copy of a slice as a C string, in the current memory context.
char *c_string(std::string_view text);

/// True if a syntax error left gaps in the model.
bool has_gaps(const core::Process &model);

/// Reads and checks a text as the current user would publish it. With `lock`, the names are locked (locks.hpp) first.
Checked *check_text(MemoryContext context, const char *text, bool lock);
/// Checks a published version again: as its owner, along its own search_path. `with`: as if that text were published.
Checked *check_published(MemoryContext context, const pg::Row &process, const pg::Row &version,
						 const Checked *with = nullptr);

} // namespace bpt::engine
