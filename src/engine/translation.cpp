// Publishing and reading translations (translation.hpp).
#include "engine/translation.hpp"

extern "C" {
#include "tcop/utility.h"
}

#include "core/locale.hpp"
#include "core/text.hpp"
#include "engine/invoked.hpp"
#include "engine/locks.hpp"
#include "engine/lookup.hpp"
#include "engine/users.hpp"
#include "pg/arena.hpp"
#include "pg/errors.hpp"
#include "pg/settings.hpp"

namespace bpt::engine {

namespace {

/// One property of an item: what it is translated to, and what the definition says.
struct Property
{
	const char *name;
	std::string_view value;
	const core::TextValue *defined; // null: this kind has no such property
};

/// The properties of an item; element -1: of the process.
void properties_of(const core::TranslationItem &item, const core::Process &process, int element, Property (&list)[4])
{
	const core::Element *const model = element < 0 ? nullptr : &process.elements[element];
	const bool is_human = model != nullptr && model->kind == core::Kind::human;
	list[0] = {"label", item.label, model == nullptr ? &process.label : &model->label};
	list[1] = {"description", item.description, model == nullptr ? &process.description : &model->description};
	list[2] = {"instructions", item.instructions, is_human ? &model->instructions : nullptr};
	list[3] = {"detail", item.detail, model == nullptr ? &process.detail : is_human ? &model->detail : nullptr};
}

/// The element of that name, -1 if there is none.
int element_named(const core::Process &process, std::string_view name)
{
	for (int i = 0; i < process.elements.count; i++)
		if (process.elements[i].name.text == name)
			return i;
	return -1;
}

void warn(Checked &checked, std::int32_t offset, std::string_view message)
{
	core::Diagnostic warning;
	warning.severity = core::Severity::warning;
	warning.code = "not_translatable";
	warning.offset = offset;
	warning.message = message;
	warning.hint = "Only texts in quotes are shown in other languages.";
	warning.sqlstate = "01000";
	checked.problems.add(checked.arena, warning);
}

void check_item(Checked &checked, const TranslationCandidate &translation, const core::TranslationItem &item)
{
	core::Arena &arena = checked.arena;
	const core::Process &process = *translation.definition->model;
	const int element = item.element ? element_named(process, item.element.text) : -1;
	if (item.element && element < 0)
	{
		core::Suggestion nearest{item.element.text, {}, 0};
		for (const core::Element &known : process.elements)
			if (known.name)
				nearest.offer(known.name.text);
		refuse(checked, "unknown_name", "WF007", item.offset,
			   core::concat(arena, {"element \"", item.element.text, "\" does not exist"}),
			   nearest.best.empty() ? std::string_view{}
									: core::concat(arena, {"Did you mean \"", nearest.best, "\"?"}));
		return;
	}
	for (const core::TranslationItem &other : translation.model->items)
	{
		if (&other == &item)
			break;
		if (other.element.text == item.element.text)
			refuse(checked, "duplicate_name", "WF007", item.offset,
				   item.element ? core::concat(arena, {"\"", item.element.text, "\" is translated more than once"})
								: "the process is translated more than once");
	}
	const std::string_view whose = item.element ? item.element.text : process.name.name.text;
	Property properties[4];
	properties_of(item, process, element, properties);
	for (const Property &property : properties)
	{
		if (property.value.data() == nullptr)
			continue;
		if (property.defined == nullptr)
			refuse(checked, "wrong_clause", "WF007", item.offset,
				   core::concat(arena, {"\"", whose, "\" has no ", property.name, " to be translated"}));
		else if (property.defined->kind == core::TextValue::Kind::expression)
			warn(checked, item.offset,
				 core::concat(arena, {"an expression gives the ", property.name, " of \"", whose, "\""}));
	}
}

/// The process: one of this text, else the one that the name means to the publisher, who must own it.
void find_process(Checked &checked, TranslationCandidate &translation)
{
	const core::QualifiedName &name = translation.model->process;
	each_meaning(name, [&](Oid schema, const char *last) {
		for (const Candidate &candidate : checked.candidates)
			if (candidate.schema == schema && strcmp(candidate.name, last) == 0)
			{
				translation.definition = candidate.draft;
				translation.name = candidate.name;
				translation.schema_name = candidate.schema_name;
				return false;
			}
		const pg::Row row = process_in_schema(schema, last);
		if (!row)
			return true;
		const int64 id = row.int8(process_def::id);
		translation.definition = expr::definition(id, row.int4(process_def::version));
		translation.name = row.text(process_def::name);
		translation.schema_name = row.text(process_def::schema_name);
		const Oid owner = process_owner(id);
		if (OidIsValid(owner) ? !has_privs_of_role(GetUserId(), owner) : !superuser())
			refuse(checked, "insufficient_privilege", "42501", translation.model->offset,
				   core::concat(checked.arena, {"must be owner of process \"", last, "\""}));
		return false;
	});
}

/// The rows of one translation.
core::Vec<pg::Row> stored_rows(core::Arena &arena, int64 process_def_id, const char *locale)
{
	core::Vec<pg::Row> rows;
	pg::each("process_lang", "process_lang_pkey", {pg::key(process_def_id)}, [&](pg::Row &row) {
		if (strcmp(row.text(process_lang::locale), locale) == 0)
			rows.push(arena, row);
		return true;
	});
	return rows;
}

bool same_text(const char *a, const char *b)
{
	return a == nullptr || b == nullptr ? a == b : strcmp(a, b) == 0;
}

/// True if the row is there already.
bool is_among(const core::Vec<pg::Row> &rows, const pg::Row &wanted)
{
	for (const pg::Row &row : rows)
		if (row.int8(process_lang::activity_def_id) == wanted.int8(process_lang::activity_def_id) &&
			same_text(row.text(process_lang::property), wanted.text(process_lang::property)) &&
			same_text(row.text(process_lang::value), wanted.text(process_lang::value)) &&
			same_text(row.text(process_lang::original), wanted.text(process_lang::original)))
			return true;
	return false;
}

/// The rows that a translation makes.
core::Vec<pg::Row> wanted_rows(core::Arena &arena, const TranslationCandidate &translation)
{
	core::Vec<pg::Row> rows;
	const expr::Definition &definition = *translation.definition;
	for (const core::TranslationItem &item : translation.model->items)
	{
		const int element = item.element ? element_named(*definition.model, item.element.text) : -1;
		Property properties[4];
		properties_of(item, *definition.model, element, properties);
		for (const Property &property : properties)
		{
			if (property.value.data() == nullptr || property.defined == nullptr)
				continue;
			pg::Row row = pg::new_row("process_lang");
			row.set(process_lang::process_def_id, Int64GetDatum(definition.id));
			row.set(process_lang::activity_def_id, Int64GetDatum(element < 0 ? 0 : definition.elements[element].id));
			row.set_text(process_lang::locale, c_string(translation.model->locale));
			row.set_text(process_lang::property, property.name);
			row.set_text(process_lang::value, c_string(property.value));
			const core::TextValue &defined = *property.defined;
			if (defined.kind == core::TextValue::Kind::literal)
				row.set_text(process_lang::original, c_string(defined.literal));
			else if (element < 0 && !defined && strcmp(property.name, "label") == 0)
				row.set_text(process_lang::original, definition.name);
			rows.push(arena, row);
		}
	}
	return rows;
}

} // namespace

void add_names_of_translations(Checked &checked, core::Vec<uint32> &names)
{
	for (const TranslationCandidate &translation : checked.translations)
		if (translation.model->process.name)
			each_meaning(translation.model->process, [&](Oid schema, const char *name) {
				names.push(checked.arena, name_lock(schema, name));
				return true;
			});
}

void check_translation(Checked &checked, TranslationCandidate &translation)
{
	const core::Translation &model = *translation.model;
	if (!model.process.name)
		return;
	find_process(checked, translation);
	if (translation.definition == nullptr)
	{
		refuse(checked, "unknown_process", "WF007", model.offset,
			   core::concat(checked.arena, {"process \"", model.process.name.text, "\" does not exist"}));
		return;
	}
	for (const TranslationCandidate &other : checked.translations)
	{
		if (&other == &translation)
			break;
		if (other.definition == translation.definition && other.model->locale == model.locale)
			refuse(checked, "duplicate_name", "WF007", model.offset,
				   core::concat(checked.arena, {"process \"", model.process.name.text, "\" is translated into \"",
												model.locale, "\" more than once"}));
	}
	if (translation.definition->model == nullptr || has_gaps(*translation.definition->model))
		return;
	for (const core::TranslationItem &item : model.items)
		check_item(checked, translation, item);
}

bool store_translation(const TranslationCandidate &translation)
{
	core::Arena arena = pg::arena_in(CurrentMemoryContext);
	const core::Vec<pg::Row> present =
		stored_rows(arena, translation.definition->id, c_string(translation.model->locale));
	core::Vec<pg::Row> wanted = wanted_rows(arena, translation);
	bool same = present.count == wanted.count;
	for (const pg::Row &row : wanted)
		same = same && is_among(present, row);
	if (same)
		return false;
	for (const pg::Row &row : present)
		pg::remove("process_lang", row);
	for (pg::Row &row : wanted)
		pg::insert("process_lang", row);
	return true;
}

void drop_translation(const char *process, const char *locale)
{
	PreventCommandIfReadOnly("bpt.drop_translation()");
	const int64 id = own_process(process);
	(void)lock_own_process(id, process);
	core::Arena arena = pg::arena_in(CurrentMemoryContext);
	const core::Vec<pg::Row> rows = stored_rows(arena, id, c_string(core::canonical_locale(arena, locale)));
	if (rows.empty())
		ereport(ERROR, (errcode(kNoSuchObject),
						errmsg("there is no translation of process \"%s\" into \"%s\"", process, locale)));
	for (const pg::Row &text : rows)
		pg::remove("process_lang", text);
}

char *translated(int64 process_def_id, int64 activity_def_id, const char *property, const char *original,
				 const char **locale)
{
	if (settings::locale == nullptr || *settings::locale == '\0')
		return nullptr;
	core::Arena arena = pg::arena_in(CurrentMemoryContext);
	for (std::string_view asked = core::canonical_locale(arena, settings::locale); !asked.empty();
		 asked = core::wider_locale(asked))
	{
		const pg::Row row = pg::find(
			"process_lang", "process_lang_pkey",
			{pg::key(process_def_id), pg::key(activity_def_id), pg::key_text(c_string(asked)), pg::key_text(property)});
		if (!row || (original != nullptr && !same_text(row.text(process_lang::original), original)))
			continue;
		*locale = row.text(process_lang::locale);
		return row.text(process_lang::value);
	}
	return nullptr;
}

} // namespace bpt::engine
