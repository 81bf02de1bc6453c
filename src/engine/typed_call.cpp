// From the arguments of a generated function to an action of the engine (typed_call.hpp). Takes the launch lock.
//
// An argument that was left out is not the same as NULL. It shows in the call's own expression: the parameter's default is
// a call of bpt.unset() or bpt.unset_domain(), which are volatile and therefore still stand there when the call runs.
// What a calling expression asks for is worked out once and kept with it.
#include "engine/typed_call.hpp"

extern "C" {
#include "catalog/pg_proc.h"
#include "nodes/primnodes.h"
#include "utils/regproc.h"
}

#include "engine/actions.hpp"
#include "engine/conditional_start.hpp"
#include "engine/instance.hpp"
#include "engine/lookup.hpp"
#include "engine/timer.hpp"
#include "engine/users.hpp"
#include "pg/errors.hpp"
#include "pg/home.hpp"

namespace bpt::engine {

namespace {

/// One calling expression.
struct Call
{
	int64 process_def_id;
	int64 activity_def_id; // 0: launch
	int count;
	char **names;
	Oid *types;
	bool *omitted;
};

/// True if a node is a call of a function of the extension that stands for "not given".
bool is_unset(Node *node)
{
	for (;;)
	{
		if (IsA(node, RelabelType))
			node = reinterpret_cast<Node *>(reinterpret_cast<RelabelType *>(node)->arg);
		else if (IsA(node, CoerceToDomain))
			node = reinterpret_cast<Node *>(reinterpret_cast<CoerceToDomain *>(node)->arg);
		else if (IsA(node, CollateExpr))
			node = reinterpret_cast<Node *>(reinterpret_cast<CollateExpr *>(node)->arg);
		else
			break;
	}
	if (!IsA(node, FuncExpr))
		return false;
	const Oid function = reinterpret_cast<FuncExpr *>(node)->funcid;
	if (get_func_namespace(function) != pg::schema_oid())
		return false;
	const char *const name = get_func_name(function);
	return name != nullptr && (strcmp(name, "unset") == 0 || strcmp(name, "unset_domain") == 0);
}

/// The typed_function row of the function that is being called. A stored oid counts only at home: elsewhere another
/// function may have it.
pg::Row row_of(Oid function)
{
	pg::Row found;
	if (!pg::home_is_elsewhere())
		found = pg::find("typed_function", "typed_function_function", {pg::key_oid(function)});
	if (found)
		return found;
	const char *const signature = format_procedure_qualified(function);
	pg::each("typed_function", "typed_function_pkey", {}, [&](pg::Row &row) {
		if (strcmp(row.text(typed_function::signature), signature) != 0)
			return true;
		found = row;
		return false;
	});
	return found;
}

[[noreturn]] void out_of_date(Oid function, const char *detail)
{
	ereport(
		ERROR,
		(errcode(kFunctionOutOfDate),
		 errmsg("function %s does not fit the version of the process", format_procedure(function)),
		 detail == nullptr ? 0 : errdetail_internal("%s", detail),
		 errhint("Use bpt.activity_close(), bpt.activity_start() or bpt.launch(), which take the arguments by name.")));
	pg_unreachable();
}

/// Names, types and omissions of a call, kept in the calling expression's memory.
Call *read_call(FunctionCallInfo fcinfo)
{
	FmgrInfo *const info = fcinfo->flinfo;
	const pg::Row row = row_of(info->fn_oid);
	if (!row)
		out_of_date(info->fn_oid, "It belongs to no published process.");

	HeapTuple const tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(info->fn_oid));
	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for function %u", info->fn_oid);
	MemoryContext const before = MemoryContextSwitchTo(info->fn_mcxt);
	Call *const call = static_cast<Call *>(palloc0(sizeof(Call)));
	char *modes = nullptr;
	call->count = get_func_arg_info(tuple, &call->types, &call->names, &modes);
	call->omitted = static_cast<bool *>(palloc0(sizeof(bool) * static_cast<Size>(call->count + 1)));
	MemoryContextSwitchTo(before);
	ReleaseSysCache(tuple);
	call->process_def_id = row.int8(typed_function::process_def_id);
	call->activity_def_id = row.int8(typed_function::activity_def_id);

	Node *const expression = info->fn_expr;
	if (expression != nullptr && IsA(expression, FuncExpr))
	{
		const List *const arguments = reinterpret_cast<FuncExpr *>(expression)->args;
		if (list_length(arguments) == call->count)
			for (int i = 0; i < call->count; i++)
				call->omitted[i] = is_unset(static_cast<Node *>(list_nth(arguments, i)));
	}
	info->fn_extra = call;
	return call;
}

Call *call_of(FunctionCallInfo fcinfo)
{
	Call *const known = static_cast<Call *>(fcinfo->flinfo->fn_extra);
	return known != nullptr ? known : read_call(fcinfo);
}

/// The arguments that were given, from parameter `first` on.
int given(FunctionCallInfo fcinfo, const Call &call, int first, Argument **arguments)
{
	*arguments = static_cast<Argument *>(palloc(sizeof(Argument) * static_cast<Size>(call.count + 1)));
	int count = 0;
	for (int i = first; i < call.count; i++)
		if (!call.omitted[i])
			(*arguments)[count++] = {call.names[i], fcinfo->args[i].value, fcinfo->args[i].isnull, call.types[i]};
	return count;
}

bool has_parameter(const Call &call, int first, const char *name)
{
	for (int i = first; i < call.count; i++)
		if (strcmp(call.names[i], name) == 0)
			return true;
	return false;
}

/// WF008 if the function cannot say what this version wants to hear: a given argument that it has no input for, or of
/// another type, or an input that a call must give and the function has no parameter for.
void check_fit(FunctionCallInfo fcinfo, const Call &call, int first, const core::Vec<expr::Variable> &variables)
{
	for (int i = first; i < call.count; i++)
	{
		if (call.omitted[i])
			continue;
		const expr::Variable *input = nullptr;
		for (const expr::Variable &variable : variables)
			if (variable.is_input && strcmp(variable.name, call.names[i]) == 0)
				input = &variable;
		if (input == nullptr)
			out_of_date(fcinfo->flinfo->fn_oid, psprintf("That version has no input \"%s\".", call.names[i]));
		if (input->type != call.types[i])
			out_of_date(fcinfo->flinfo->fn_oid, psprintf("In that version, input \"%s\" is of type %s.", call.names[i],
														 format_type_be(input->type)));
	}
	for (const expr::Variable &variable : variables)
		if (variable.is_input && variable.is_mandatory && !has_parameter(call, first, variable.name))
			out_of_date(fcinfo->flinfo->fn_oid, psprintf("That version also needs input \"%s\".", variable.name));
}

} // namespace

int64 call_launch(FunctionCallInfo fcinfo)
{
	const Call &call = *call_of(fcinfo);
	expr::Definition *const definition = process_to_launch(call.process_def_id);
	check_fit(fcinfo, call, 0, definition->inputs);
	Argument *arguments = nullptr;
	const int count = given(fcinfo, call, 0, &arguments);
	return launch(definition, arguments, count);
}

int64 call_close(FunctionCallInfo fcinfo)
{
	const Call &call = *call_of(fcinfo);
	if (call.count == 0 || fcinfo->args[0].isnull)
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("activity_id must not be null")));
	const int64 activity_id = DatumGetInt64(fcinfo->args[0].value);
	const pg::Row activity = read_activity(activity_id);
	if (!activity || activity.int8(activity_instance::activity_def_id) != call.activity_def_id)
		ereport(ERROR,
				(errcode(kNoSuchObject), errmsg("activity %lld does not exist", static_cast<long long>(activity_id)),
				 activity ? errdetail("Function %s closes other activities.", format_procedure(fcinfo->flinfo->fn_oid))
						  : 0));
	const Instance instance = instance_of(read_process(activity.int8(activity_instance::process_id)));
	const int element = instance.definition->element_by_id(call.activity_def_id);
	if (element < 0)
		elog(ERROR, "bpt: activity %lld is not of its process's version", static_cast<long long>(activity_id));
	check_fit(fcinfo, call, 1, instance.definition->elements[element].outputs);
	Argument *arguments = nullptr;
	const int count = given(fcinfo, call, 1, &arguments);
	return close_activity(activity_id, arguments, count);
}

int64 call_start(FunctionCallInfo fcinfo)
{
	const Call &call = *call_of(fcinfo);
	if (call.count == 0 || fcinfo->args[0].isnull)
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("process_id must not be null")));
	const int64 process_id = DatumGetInt64(fcinfo->args[0].value);
	const pg::Row process = read_process(process_id);
	Instance instance;
	if (process && process.int8(process_instance::process_def_id) == call.process_def_id)
		instance = instance_of(process);
	const int element = instance ? instance.definition->element_by_id(call.activity_def_id) : -1;
	const bool is_public = element >= 0 && instance.definition->elements[element].model->is_public;
	if (!instance || !(is_public || may_see(instance.definition) || may_administer(instance.definition)))
		ereport(ERROR,
				(errcode(kNoSuchObject), errmsg("process %lld does not exist", static_cast<long long>(process_id)),
				 process && !instance ? errdetail("Function %s starts activities of other processes.",
												  format_procedure(fcinfo->flinfo->fn_oid))
									  : 0));
	if (element < 0)
		out_of_date(fcinfo->flinfo->fn_oid, "That version has no such conditional start.");
	check_fit(fcinfo, call, 1, instance.definition->elements[element].outputs);
	if (process_status(process) != ProcessStatus::active)
		ereport(ERROR, (errcode(kWrongState), errmsg("process %lld has ended as %s", static_cast<long long>(process_id),
													 status_name(process_status(process)))));
	const pg::Row listening = listening_row(process_id, call.activity_def_id);
	if (!listening || is_ended(activity_status(listening)))
		ereport(ERROR,
				(errcode(kWrongState), errmsg("\"%s\" of process %lld does not listen %s", name_of(instance, element),
											  static_cast<long long>(process_id), listening ? "any more" : "yet")));
	Argument *arguments = nullptr;
	const int count = given(fcinfo, call, 1, &arguments);
	return start_activity(listening.int8(activity_instance::id), arguments, count);
}

void call_wake(FunctionCallInfo fcinfo)
{
	wake_timer(call_of(fcinfo)->process_def_id);
}

} // namespace bpt::engine
