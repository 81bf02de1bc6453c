// The Codes of a definition: one for each piece of SQL and use of it, found by where it stands in the text.
//
// Nothing is analysed here; a Code costs nothing until it is first evaluated. Codes live in the definition's memory; what
// they hold elsewhere (plans, cached expressions) is let go by release_code().
#include "pg/postgres.hpp"

#include "expr/compiled.hpp"

extern "C" {
#include "common/hashfn.h"
}

namespace bpt::expr {

namespace {

/// What makes two uses of SQL the same Code.
struct CodeKey
{
	const core::Sql &sql;
	const Site &site;
	CodeKind kind;
	Oid want;
	int32 want_typmod;
	Part part;
	int32 conjunct;
	const char *around;
};

uint32 hash_of(const CodeKey &key)
{
	return murmurhash32(static_cast<uint32>(key.sql.offset) * 31 + static_cast<uint32>(key.site.element) +
						static_cast<uint32>(key.kind) * 1031 + static_cast<uint32>(key.part) * 65537 + key.want);
}

bool is_same(const Code &code, const CodeKey &key)
{
	return code.sql.text.data() == key.sql.text.data() && code.sql.text.size() == key.sql.text.size() &&
		   code.site.element == key.site.element && code.site.own == key.site.own && code.site.row == key.site.row &&
		   code.site.old_row == key.site.old_row && code.kind == key.kind && code.want == key.want &&
		   code.want_typmod == key.want_typmod && code.part == key.part && code.conjunct == key.conjunct &&
		   (code.around == key.around ||
			(code.around != nullptr && key.around != nullptr && strcmp(code.around, key.around) == 0));
}

/// The place of a Code in a table of `room` places: where it stands, or the free place where it would.
Code **place_of(Code **table, int32 room, uint32 hash, const CodeKey &key)
{
	for (uint32 i = hash;; i++)
	{
		Code **const place = &table[i & static_cast<uint32>(room - 1)];
		if (*place == nullptr || is_same(**place, key))
			return place;
	}
}

CodeKey key_of(const Code &code)
{
	return {code.sql, code.site, code.kind, code.want, code.want_typmod, code.part, code.conjunct, code.around};
}

/// Doubles the table.
void grow(Definition *definition)
{
	const int32 room = definition->code_room == 0 ? 64 : definition->code_room * 2;
	const std::size_t bytes = sizeof(Code *) * static_cast<std::size_t>(room);
	Code **const table = static_cast<Code **>(definition->arena.take(bytes));
	std::memset(table, 0, bytes);
	for (int32 i = 0; i < definition->code_room; i++)
	{
		Code *const code = definition->codes[i];
		if (code != nullptr)
			*place_of(table, room, hash_of(key_of(*code)), key_of(*code)) = code;
	}
	definition->codes = table;
	definition->code_room = room;
}

Code *find_or_make(Definition *definition, const CodeKey &key)
{
	if (definition->code_count * 2 >= definition->code_room)
		grow(definition);
	Code **const place = place_of(definition->codes, definition->code_room, hash_of(key), key);
	if (*place != nullptr)
		return *place;
	Code *const code = definition->arena.make<Code>();
	code->definition = definition;
	code->sql = key.sql;
	code->site = key.site;
	code->kind = key.kind;
	code->want = key.want;
	code->want_typmod = key.want_typmod;
	code->part = key.part;
	code->conjunct = key.conjunct;
	code->around = key.around == nullptr ? nullptr : c_string(definition, key.around);
	*place = code;
	definition->code_count++;
	return code;
}

} // namespace

const char *c_string(Definition *definition, std::string_view text)
{
	return definition->arena.copy(text).data();
}

Code *code(Definition *definition, const core::Sql &sql, const Site &site, CodeKind kind, Oid want, int32 want_typmod)
{
	return find_or_make(definition, {sql, site, kind, want, want_typmod, Part::whole, -1, nullptr});
}

Code *query(Definition *definition, const char *sql, const core::Sql &origin, const Site &site)
{
	return find_or_make(definition, {origin, site, CodeKind::statement, InvalidOid, -1, Part::whole, -1, sql});
}

Code *part_code(Definition *definition, const core::Sql &sql, const Site &site, Part part, int32 conjunct)
{
	return find_or_make(definition, {sql, site, part == Part::row ? CodeKind::condition : CodeKind::value, InvalidOid,
									 -1, part, conjunct, nullptr});
}

} // namespace bpt::expr
