// Defaults of outputs never set (unset.hpp).
#include "pg/postgres.hpp"

#include "engine/scope.hpp"
#include "engine/unset.hpp"
#include "pg/bracket.hpp"

namespace bpt::engine {

namespace {

char *process_default(const Instance &instance, const pg::Row &process, int64 variable_id)
{
	bool is_set = false;
	for (const expr::Variable &output : instance.definition->outputs)
		if (output.id == variable_id)
			return process_output_text(instance, process, output, &is_set);
	return nullptr;
}

char *activity_default(const Instance &instance, const pg::Row &activity, int64 variable_id)
{
	Scope scope = scope_of(instance, activity);
	for (const expr::Variable &output : instance.definition->elements[scope.element].outputs)
	{
		if (output.id != variable_id || output.model == nullptr || !output.model->default_value)
			continue;
		const expr::Site site = expr::own_site(scope.element);
		char *text = nullptr;
		expr::as_owner(instance.definition, [&] {
			bool isnull = true;
			const Datum value = expr::evaluate(expr::code(instance.definition, output.model->default_value, site,
														  expr::CodeKind::value, output.type, output.typmod),
											   values_of(&scope), &isnull);
			text = expr::to_text(value, isnull, output.type);
		});
		return text;
	}
	return nullptr;
}

} // namespace

char *unset_output(const pg::Row &process, int64 activity_id, int64 variable_id)
{
	const pg::Row activity = activity_id != 0 ? read_activity(activity_id) : pg::Row{};
	if (activity_id != 0 &&
		(!activity || activity.int8(activity_instance::process_id) != process.int8(process_instance::id)))
		return nullptr;
	char *text = nullptr;
	const ErrorData *const failure = pg::in_subtransaction([&] {
		XactReadOnly = true;
		const Instance instance = instance_of(process);
		text = activity_id != 0 ? activity_default(instance, activity, variable_id)
								: process_default(instance, process, variable_id);
	});
	if (failure == nullptr)
		return text;
	if (pg::must_reach_caller(failure))
		ReThrowError(const_cast<ErrorData *>(failure));
	return nullptr;
}

} // namespace bpt::engine
