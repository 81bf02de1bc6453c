// A definition as it runs: the parsed text bound to its stable ids and types, cached per backend.
//
// Made from bpt.process_version (text, search_path, bindings) at first use, or by publish as a draft without ids. A version
// never changes once published, so the cache needs no invalidation but for DROP EXTENSION and a rolled-back publish; what
// does change (the owner, whether it is current) is looked up each time.
#pragma once
#include "core/diagnostic.hpp"
#include "core/flow.hpp"
#include "core/model.hpp"
#include "pg/postgres.hpp"
#include "pg/tables.hpp"

namespace bpt::expr {

struct Code;
struct ClausePlan;
struct Definition;

/// An input or output of the process or of an activity.
struct Variable
{
	int64 id = 0; // variable_def.id; 0 in a draft
	const char *name = nullptr;
	Oid type = InvalidOid;
	int32 typmod = -1;
	Oid collation = InvalidOid;
	const core::Variable *model = nullptr; // null: an output inferred from a statement of an AUTOMATIC
	bool is_input = false;                 // given by a caller: INPUT (…), an AS of an event clause, a process input
	bool is_mandatory = false;             // a call must give it
};

struct Element;

/// One event clause of the text.
struct Clause
{
	int64 id = 0; // event_def.id; 0 in a draft
	const core::EventClause *model = nullptr;
	int element = -1;          // index, -1: LAUNCH ON
	int position = 0;          // among the clauses of its element
	Oid relation = InvalidOid; // resolved at publish; in a loaded definition by entity id (InvalidOid if dropped)
	int64 entity_id = 0;
	ClausePlan *plan = nullptr; // made by clause_plan()
};

struct Element
{
	const core::Element *model = nullptr;
	int64 id = 0;                    // activity_def.id; 0 in a draft and where the element has none (START, COMMENT)
	core::Vec<Variable> outputs;     // INPUT, AS inputs, OUTPUT; AUTOMATIC: the result columns of its statements
	core::Vec<std::int32_t> clauses; // indexes into Definition::clauses
	int64 usual_duration = -1;       // µs that an AUTOMATIC's statements take in this backend; -1: not run yet
	core::Vec<int64> role_ids;       // bpt.role_ref of ROLE …
	bool outputs_unknown = false;    // of a draft: its outputs could not be found out, which is a known problem
	int64 invoked_id = 0;            // EXECUTE: process_def.id of the process it runs; in a draft set by publish
	const Definition *invoked = nullptr; // of a draft: that process as it will be, null: not known
};

struct Definition
{
	int64 id = 0;
	int32 version = 0;
	MemoryContext context = nullptr; // all of it, Codes included
	core::Arena arena = {};
	const char *schema = nullptr;
	const char *name = nullptr;
	const char *search_path = nullptr;
	std::string_view text;
	core::Process *model = nullptr;
	core::Flow *flow = nullptr;
	core::Vec<Variable> inputs;
	core::Vec<Variable> outputs;
	core::Vec<Element> elements; // same indexes as model->elements
	core::Vec<Clause> clauses;
	Code **codes = nullptr; // open hash table, code_room places (code.cpp)
	std::int32_t code_room = 0;
	std::int32_t code_count = 0;
	bool is_timer = false;            // without process: no name of one means anything
	Oid draft_owner = InvalidOid;     // of a draft: who publishes; of a timer: who runs it
	int32 keepers = 0;                // keep()
	Oid launch_function = InvalidOid; // as last seen: its owner is the process's owner

	/// The index of the element with this id, -1 if none.
	int element_by_id(int64 activity_def_id) const;
};

/// The definition, from the cache or loaded. It stays valid for this transaction. An error WF004 if there is none.
Definition *definition(int64 process_def_id, int32 version);
/// Makes it stay valid beyond the transaction, until it is let go as often as it was kept.
void keep(Definition *definition);
void let_go(Definition *definition);

/// The current version's number, read with the latest snapshot; 0 if the definition does not exist or was dropped.
int32 current_version(int64 process_def_id);

/// The owner now: of the launch function. InvalidOid if the function is gone.
Oid find_owner(const Definition *definition);

/// The same, but an error WF004 if the function is gone: then nothing can run as its owner.
Oid owner_of(const Definition *definition);

/// True if the process was dropped: nothing is launched any more, and nothing of it runs.
bool is_dropped(const Definition *definition);

/// A draft: text parsed and validated by core, types of inputs, outputs and clauses resolved. `context` holds all of it.
/// Problems are added to `problems` (offsets into the whole text of `process`).
Definition *draft(MemoryContext context, core::Arena &arena, core::Process *process, core::Flow *flow,
				  std::string_view text, const char *schema, const char *search_path, Oid owner,
				  core::Diagnostics &problems);

/// Finds out the outputs of AUTOMATICs and, once Element::invoked is set, of EXECUTEs, in an order in which each statement
/// finds the outputs it reads.
void infer_outputs(Definition *draft, core::Diagnostics &problems);

/// Analyses every expression and statement of the draft as its owner would, adding every problem and warning that needs
/// the database: SQL that does not parse or has the wrong type, unknown names, utility statements, temporary objects,
/// volatile conditions, clauses without an equality to the scope. Tables themselves are checked by entity::check_entity.
void check(Definition *draft, core::Diagnostics &problems);

/// The output that `name = …` of SET means: an OUTPUT of the element (-1: none), else one of the process; null: none.
const Variable *output_for_set(Definition *definition, int element, std::string_view name);

/// The bindings of a definition whose ids are set, as stored in process_version.bindings, and back.
Jsonb *write_bindings(const Definition *definition);

/// Forgets cached definitions of a process (drop). A publish that rolls back is forgotten by itself.
void forget(int64 process_def_id);
/// Forgets all of them (DROP EXTENSION).
void forget_all();
/// Makes an abort forget the definitions that the (sub)transaction itself published. Called once by _PG_init.
void register_definition_callbacks();

/// The search_path as it resolves for the present user now, every name quoted, ending in pg_temp: what a definition keeps.
char *pinned_search_path();

} // namespace bpt::expr
