// Checks every piece of SQL of a draft where it stands, but for the statements of AUTOMATICs, which draft() has checked.
//
// The sites here are those at which the engine evaluates: what passes here finds the same names there.
#include "pg/postgres.hpp"

#include "core/text.hpp"
#include "expr/bindings.hpp"
#include "expr/clause.hpp"
#include "expr/examine.hpp"
#include "expr/length.hpp"

namespace bpt::expr {

namespace {

void check_expression(Examiner *examiner, const core::Sql &sql, const Site &site, CodeKind kind, Oid want = InvalidOid,
					  int32 typmod = -1)
{
	if (sql)
		(void)examine_expression(examiner, code(examiner->definition, sql, site, kind, want, typmod));
}

void check_text(Examiner *examiner, const core::TextValue &value, const Site &site, CodeKind kind = CodeKind::text)
{
	if (value.kind == core::TextValue::Kind::expression)
		check_expression(examiner, value.expression, site, kind);
}

/// A default may read what is declared before it, so that defaults never need each other.
void check_default(Examiner *examiner, const Variable &variable, const Site &site, SlotKind list, int32 position)
{
	if (variable.model == nullptr || !variable.model->default_value || !OidIsValid(variable.type))
		return;
	const core::Sql &sql = variable.model->default_value;
	Code *const code = expr::code(examiner->definition, sql, site, CodeKind::value, variable.type, variable.typmod);
	if (examine_expression(examiner, code) == nullptr)
		return;
	for (const Parameter &parameter : code->parameters)
	{
		const Slot &slot = parameter.slot;
		const bool later =
			slot.kind == list && slot.index >= position && (list != SlotKind::output || slot.element == site.element);
		const bool output_for_input = list == SlotKind::process_input && slot.kind == SlotKind::process_output;
		if (later || output_for_input)
			add_problem(examiner, core::Severity::error, "circular_default", sql.offset,
						psprintf("the default of \"%s\" can only read what is declared before it", variable.name));
	}
}

void check_defaults(Examiner *examiner, const core::Vec<Variable> &variables, const Site &site, SlotKind list)
{
	for (int32 i = 0; i < variables.count; i++)
		check_default(examiner, variables[i], site, list, i);
}

void check_set(Examiner *examiner, const core::Vec<core::Assignment> &set, const Site &site)
{
	for (const core::Assignment &assignment : set)
	{
		const Variable *const target = output_for_set(examiner->definition, site.element, assignment.name.text);
		if (target != nullptr && OidIsValid(target->type))
			check_expression(examiner, assignment.value, site, CodeKind::value, target->type, target->typmod);
	}
}

/// Result columns of a callback's statement set outputs of the same name: their types must fit.
void check_columns(Examiner *examiner, const Query *query, const core::Sql &sql, int32 element)
{
	ListCell *cell = nullptr;
	foreach (cell, result_columns(query))
	{
		const auto *const column = static_cast<TargetEntry *>(lfirst(cell));
		if (column->resname == nullptr)
			continue;
		const Variable *const output = find_variable(examiner->definition->elements[element].outputs, column->resname);
		if (output == nullptr || output->is_input || !OidIsValid(output->type))
			continue;
		Oid given = exprType(reinterpret_cast<Node *>(column->expr));
		Oid wanted = output->type;
		if (!can_coerce_type(1, &given, &wanted, COERCION_ASSIGNMENT))
			add_problem(examiner, core::Severity::error, "wrong_type", sql.offset,
						psprintf("output \"%s\" is of type %s but the statement gives type %s", output->name,
								 format_type_be(wanted), format_type_be(given)),
						nullptr, "You will need to rewrite or cast the expression.", "42804");
	}
}

void check_callback(Examiner *examiner, const core::Callback &callback, const Site &site)
{
	check_expression(examiner, callback.check, site, CodeKind::condition);
	check_text(examiner, callback.message, site);
	for (const core::Sql &sql : callback.statements)
	{
		const Query *const query =
			examine_statement(examiner, code(examiner->definition, sql, site, CodeKind::statement));
		if (query != nullptr && site.element >= 0)
			check_columns(examiner, query, sql, site.element);
	}
	check_set(examiner, callback.set, site);
}

/// Whether any AND-ed part of the condition finds its listeners by hash.
bool has_equality(Examiner *examiner, Code *condition)
{
	bool found = false;
	(void)try_or_add(examiner, "sql", condition->sql, kWrapPrefix, [&] {
		ListCell *cell = nullptr;
		foreach (cell, analyse_conjuncts(condition))
		{
			Equality equality;
			found = found || as_equality(condition, static_cast<Node *>(lfirst(cell)), &equality);
		}
	});
	return found;
}

void check_clause(Examiner *examiner, const Clause &clause)
{
	if (!OidIsValid(clause.relation))
		return;
	Definition *const definition = examiner->definition;
	bool correlated = false;
	bool sound = true;
	if (clause.model->where)
	{
		Code *const condition = code(definition, clause.model->where, site_of(clause), CodeKind::condition);
		sound = examine_expression(examiner, condition) != nullptr;
		correlated = sound && clause.element >= 0 && has_equality(examiner, condition);
	}
	for (const core::Assignment &with : clause.model->with)
		(void)examine_expression(examiner, with_code(definition, clause, with));
	if (sound && !correlated && clause.element >= 0)
		add_problem(examiner, core::Severity::warning, "no_correlation", clause.model->offset,
					"the event clause has no equality between a column and the process",
					"Every event is tested against every waiting instance.",
					"Add a condition such as order_id = process.order_id.");
}

/// The input of an EXECUTE's process that an argument gives; null with a problem added if it has none of that name.
const Variable *input_given(Examiner *examiner, const Definition &invoked, const core::Assignment &argument)
{
	core::Suggestion nearest{argument.name.text, {}, 0};
	for (const Variable &input : invoked.inputs)
	{
		if (argument.name.text == std::string_view(input.name))
			return &input;
		nearest.offer(input.name);
	}
	add_problem(examiner, core::Severity::error, "unknown_name", argument.name.offset,
				psprintf("process \"%s\" has no input \"%s\"", invoked.name,
						 c_string(examiner->definition, argument.name.text)),
				nullptr,
				nearest.best.empty() ? nullptr
									 : psprintf("Did you mean \"%s\"?", c_string(examiner->definition, nearest.best)));
	return nullptr;
}

bool is_given(const core::Element &model, const char *name)
{
	for (const core::Assignment &argument : model.arguments)
		if (argument.name.text == std::string_view(name))
			return true;
	return false;
}

/// What an EXECUTE passes must be inputs of its process, of their types, and all that it needs. The outputs of the element
/// itself have no values yet, so they are not in scope.
void check_arguments(Examiner *examiner, int32 index)
{
	const Element &element = examiner->definition->elements[index];
	const core::Element &model = *element.model;
	Site site;
	site.element = index;
	for (const core::Assignment &argument : model.arguments)
	{
		const Variable *const input =
			element.invoked == nullptr ? nullptr : input_given(examiner, *element.invoked, argument);
		if (input == nullptr)
			check_expression(examiner, argument.value, site, CodeKind::value);
		else if (OidIsValid(input->type))
			check_expression(examiner, argument.value, site, CodeKind::value, input->type, input->typmod);
	}
	if (element.invoked == nullptr || model.incomplete)
		return;
	for (const Variable &input : element.invoked->inputs)
		if (input.is_mandatory && !is_given(model, input.name))
			add_problem(examiner, core::Severity::error, "missing_input", model.offset,
						psprintf("EXECUTE does not give the mandatory input \"%s\" of process \"%s\"", input.name,
								 element.invoked->name),
						nullptr,
						psprintf("Write PROCESS %s (%s => expression, …).", element.invoked->name, input.name));
}

/// Every clause of one element.
void check_element(Examiner *examiner, int32 index)
{
	const Element &element = examiner->definition->elements[index];
	const core::Element &model = *element.model;
	const Site site = own_site(index);
	for (const core::TextValue *text : {&model.label, &model.description, &model.destination, &model.detail,
										&model.instructions, &model.subject, &model.body, &model.html})
		check_text(examiner, *text, site);
	for (const core::TextValue *text : {&model.from, &model.to, &model.cc, &model.bcc, &model.headers})
		check_text(examiner, *text, site, CodeKind::mail_text);
	for (const core::Callback &callback : model.callbacks)
		check_callback(examiner, callback, site);
	check_set(examiner, model.set, site);
	check_defaults(examiner, element.outputs, site, SlotKind::output);
	check_arguments(examiner, index);
	for (const core::Sql *instant : {&model.start_date, &model.due, &model.timeout})
		check_expression(examiner, *instant, site, CodeKind::instant);
	for (const core::Sql *text : {&model.user, &model.group})
		check_expression(examiner, *text, site, CodeKind::text);
	(void)examine_length(examiner, model.time_limit, "TIME LIMIT");
	(void)examine_length(examiner, model.retry.every, "EVERY");
	for (const core::Outcome &outcome : model.outcomes)
		check_expression(examiner, outcome.condition, site, CodeKind::condition);
}

} // namespace

void check(Definition *draft, core::Diagnostics &problems)
{
	as_owner(draft, [&] {
		Examiner examiner = make_examiner(draft, &problems);
		const core::Process &model = *draft->model;
		const Site site;
		check_defaults(&examiner, draft->inputs, site, SlotKind::process_input);
		check_defaults(&examiner, draft->outputs, site, SlotKind::process_output);
		for (const core::TextValue *text : {&model.label, &model.description, &model.detail})
			check_text(&examiner, *text, site);
		for (const core::Callback &callback : model.callbacks)
			check_callback(&examiner, callback, site);
		for (const Clause &clause : draft->clauses)
			check_clause(&examiner, clause);
		for (int32 e = 0; e < draft->elements.count; e++)
			check_element(&examiner, e);
		end_examiner(&examiner);
	});
}

} // namespace bpt::expr
