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

/// Where a definition goes. Without schema it cannot be published, and a problem says why.
struct Placed
{
	Oid schema = InvalidOid;
	const char *schema_name = nullptr;
	const char *name = nullptr;
};

struct Candidate : Placed
{
	core::Process *model = nullptr;
	core::Flow *flow = nullptr;
	pg::Row existing;       // bpt.process_def: found by name, or by WAS
	Oid owner = InvalidOid; // of the process: of the existing one, else who publishes
	expr::Definition *draft = nullptr;
	core::Vec<TypedFunction> functions;
};

struct TimerCandidate : Placed
{
	const core::Timer *model = nullptr;
	pg::Row existing; // bpt.timer_def
	Oid owner = InvalidOid;
	const char *time_zone = nullptr; // of the schedule
	int64 time_limit = 0;            // ms
	expr::Definition *draft = nullptr;
	TypedFunction wake;
};

struct TranslationCandidate : Placed // where its process lies
{
	const core::Translation *model = nullptr;
	const expr::Definition *definition =
		nullptr; // of its process: of this text, else as published; null: there is none
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
	core::Vec<TimerCandidate> timers;
	core::Vec<TranslationCandidate> translations;
	bool is_published = false;     // it is a published version that is checked again
	const Checked *with = nullptr; // a text that is about to be published: what this one executes is as that says
};

/// A copy of a slice as a C string, in the current memory context.
char *c_string(std::string_view text);

/// True if a syntax error left gaps in the model.
bool has_gaps(const core::Process &model);
/// Adds one error.
void refuse(Checked &checked, const char *code, const char *sqlstate, std::int32_t offset, std::string_view message,
			std::string_view hint = {});
/// Finds the schema of a definition of that kind ("process", "timer") and checks that definitions may be made there.
void find_schema(Checked &checked, Placed &placed, const core::QualifiedName &name, std::string_view kind);

/// Reads and checks a text as the current user would publish it. With `lock`, the names are locked (locks.hpp) first.
Checked *check_text(MemoryContext context, const char *text, bool lock);
/// Checks a published version again: as its owner, along its own search_path. `with`: as if that text were published.
Checked *check_published(MemoryContext context, const pg::Row &process, const pg::Row &version,
						 const Checked *with = nullptr);

} // namespace bpt::engine
