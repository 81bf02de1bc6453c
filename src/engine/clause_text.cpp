// Writing clauses out again from the model (clause_text.hpp). Reads the catalog only.
#include "engine/clause_text.hpp"

#include "engine/candidate.hpp"

namespace bpt::engine {

namespace {

void put(StringInfo out, std::string_view text)
{
	appendBinaryStringInfo(out, text.data(), static_cast<int>(text.size()));
}

void put_name(StringInfo out, const core::Name &name)
{
	appendStringInfoString(out, quote_identifier(c_string(name.text)));
}

/// ASCII letters without regard to case: SQL folds only those where it matters here.
bool same_letters(const char *a, const char *b, std::size_t size)
{
	return pg_strncasecmp(a, b, size) == 0;
}

/// Whether a name occurs anywhere in a text. Too often is harmless: it only makes two clauses differ.
bool mentions(std::string_view text, const char *name)
{
	const std::size_t size = strlen(name);
	for (std::size_t i = 0; i + size <= text.size(); i++)
		if (same_letters(text.data() + i, name, size))
			return true;
	return false;
}

/// Adds "\nname type" for the variables that a clause's SQL may mean.
void put_variables(StringInfo out, std::string_view sql, const char *owner, const core::Vec<expr::Variable> &variables)
{
	for (const expr::Variable &variable : variables)
		if (mentions(sql, variable.name))
			appendStringInfo(out, "\n%s.%s %s", owner, variable.name, type_text(variable.type, variable.typmod));
}

} // namespace

char *type_text(Oid type, int32 typmod)
{
	constexpr std::string_view builtin = "pg_catalog.";
	char *const text = format_type_extended(
		type, typmod, FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_ALLOW_INVALID | FORMAT_TYPE_FORCE_QUALIFY);
	return strncmp(text, builtin.data(), builtin.size()) == 0 ? text + builtin.size() : text;
}

char *source_of(const core::TextValue &value)
{
	switch (value.kind)
	{
	case core::TextValue::Kind::absent:
		return nullptr;
	case core::TextValue::Kind::literal:
		return c_string(value.literal);
	case core::TextValue::Kind::expression:
		return psprintf("(%s)", c_string(value.expression.text));
	}
	return nullptr;
}

char *clause_text(const expr::Clause &clause)
{
	const core::EventClause &model = *clause.model;
	StringInfoData out;
	initStringInfo(&out);
	appendStringInfoString(&out, model.op == core::Op::insert ? "INSERT INTO " : "UPDATE OF ");
	const char *const table = get_rel_name(clause.relation);
	if (table != nullptr)
		appendStringInfoString(
			&out, quote_qualified_identifier(get_namespace_name(get_rel_namespace(clause.relation)), table));
	for (int i = 0; i < model.columns.count; i++)
	{
		appendStringInfoString(&out, i == 0 ? " (" : ", ");
		put_name(&out, model.columns[i]);
	}
	if (!model.columns.empty())
		appendStringInfoChar(&out, ')');
	if (model.as)
	{
		appendStringInfoString(&out, " AS ");
		put_name(&out, model.as);
	}
	if (model.where)
	{
		appendStringInfoString(&out, " WHERE (");
		put(&out, model.where.text);
		appendStringInfoChar(&out, ')');
	}
	if (model.or_already)
		appendStringInfoString(&out, " OR ALREADY");
	for (int i = 0; i < model.with.count; i++)
	{
		appendStringInfoString(&out, i == 0 ? " WITH (" : ", ");
		put_name(&out, model.with[i].name);
		appendStringInfoString(&out, " => ");
		put(&out, model.with[i].value.text);
	}
	if (!model.with.empty())
		appendStringInfoChar(&out, ')');
	return out.data;
}

char *clause_identity(const expr::Definition &definition, const expr::Clause &clause)
{
	StringInfoData sql;
	initStringInfo(&sql);
	if (clause.model->where)
		put(&sql, clause.model->where.text);
	for (const core::Assignment &given : clause.model->with)
	{
		appendStringInfoChar(&sql, ' ');
		put_name(&sql, given.name);
		appendStringInfoChar(&sql, ' ');
		put(&sql, given.value.text);
	}
	const std::string_view text = {sql.data, static_cast<std::size_t>(sql.len)};

	StringInfoData out;
	initStringInfo(&out);
	appendStringInfoString(&out, clause_text(clause));
	put_variables(&out, text, "process", definition.inputs);
	put_variables(&out, text, "process", definition.outputs);
	for (const expr::Element &element : definition.elements)
		if (element.model->name)
			put_variables(&out, text, c_string(element.model->name.text), element.outputs);
	appendStringInfo(&out, "\nsearch_path %s", definition.search_path);
	return out.data;
}

char *clauses_text(const expr::Definition &definition, int element)
{
	StringInfoData out;
	initStringInfo(&out);
	for (const expr::Clause &clause : definition.clauses)
		if (clause.element == element)
			appendStringInfo(&out, "%s%s", out.len == 0 ? "" : ", ", clause_text(clause));
	return out.len == 0 ? nullptr : out.data;
}

} // namespace bpt::engine
