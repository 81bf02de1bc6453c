// JSON values as values of PostgreSQL's types (json_value.hpp).
//
// Leaves go through their types' input functions, with the domains' checks; arrays and rows are put together here. `path` is
// where the reader stands: an error leaves it there. Takes no locks.
#include "engine/json_value.hpp"

#include "pg/json.hpp"

extern "C" {
#include "miscadmin.h"
#include "utils/typcache.h"
}

namespace bpt::engine {

namespace {

enum class Shape
{
	text, // read by the input function
	json,
	array,
	row,
};

/// What is known of a type before its values are read.
struct Target
{
	Oid type;
	int32 typmod;
	Oid base; // under its domains
	int32 base_typmod;
	Shape shape;
	FmgrInfo input;
	Oid parameter;
};

Shape shape_of(Oid base)
{
	if (base == JSONOID || base == JSONBOID)
		return Shape::json;
	if (const Oid element = get_element_type(base); OidIsValid(element) && get_array_type(element) == base)
		return Shape::array;
	return get_typtype(base) == TYPTYPE_COMPOSITE ? Shape::row : Shape::text;
}

Target target_of(Oid type, int32 typmod)
{
	Target target = {};
	target.type = type;
	target.typmod = target.base_typmod = typmod;
	target.base = getBaseTypeAndTypmod(type, &target.base_typmod);
	target.shape = shape_of(target.base);
	Oid input = InvalidOid;
	getTypeInputInfo(type, &input, &target.parameter);
	fmgr_info(input, &target.input);
	return target;
}

bool is_array(const JsonbValue *json)
{
	return json->type == jbvBinary && JsonContainerIsArray(json->val.binary.data);
}

bool is_object(const JsonbValue *json)
{
	return json->type == jbvBinary && JsonContainerIsObject(json->val.binary.data);
}

const char *kind_of(const JsonbValue *json)
{
	if (json->type == jbvBinary)
		return is_array(json) ? "an array" : "an object";
	return json->type == jbvNull      ? "null"
		   : json->type == jbvBool    ? "a boolean"
		   : json->type == jbvNumeric ? "a number"
									  : "a string";
}

/// A value as JSON writes it.
char *written(JsonbValue *json)
{
	Jsonb *const whole = JsonbValueToJsonb(json);
	return JsonbToCString(nullptr, &whole->root, VARSIZE(whole));
}

Datum read(JsonbValue *json, Target *target, StringInfo path, bool *isnull);

/// Calls f for each element of an array, with `path` at it.
template <typename F>
void each_element(JsonbContainer *array, StringInfo path, F f)
{
	const int length = path->len;
	int number = 0;
	JsonbIterator *it = JsonbIteratorInit(array);
	JsonbValue value = {};
	JsonbIteratorToken token = WJB_DONE;
	while ((token = JsonbIteratorNext(&it, &value, true)) != WJB_DONE)
	{
		if (token != WJB_ELEM)
			continue;
		appendStringInfo(path, "[%d]", number++);
		f(&value);
		path->len = length;
		path->data[length] = '\0';
	}
}

/// An array while it is read.
struct Elements
{
	Target target;
	bool nests; // nested arrays are dimensions, not elements
	int dimensions;
	int sizes[MAXDIM];
	ArrayBuildState *values;
};

/// The sizes that the first elements have; the others must have them too.
void measure(JsonbContainer *array, Elements *elements)
{
	for (;;)
	{
		if (elements->dimensions == MAXDIM)
			ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
							errmsg("an array has no more than %d dimensions", MAXDIM)));
		elements->sizes[elements->dimensions++] = static_cast<int>(JsonContainerSize(array));
		const JsonbValue *const first = elements->nests ? getIthJsonbValueFromContainer(array, 0) : nullptr;
		if (first == nullptr || !is_array(first))
			return;
		array = first->val.binary.data;
	}
}

void fill(JsonbContainer *array, int depth, Elements *elements, StringInfo path)
{
	each_element(array, path, [&](JsonbValue *value) {
		const bool is_leaf = depth == elements->dimensions - 1;
		if (!is_leaf)
		{
			const int size = elements->sizes[depth + 1];
			if (!is_array(value) || static_cast<int>(JsonContainerSize(value->val.binary.data)) != size)
				ereport(ERROR, (errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
								errmsg("an array as long as the first one is expected")));
			fill(value->val.binary.data, depth + 1, elements, path);
			return;
		}
		if (elements->nests && is_array(value))
			ereport(ERROR, (errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
							errmsg("no array is expected, as the first element is none")));
		bool isnull = false;
		const Datum datum = read(value, &elements->target, path, &isnull);
		elements->values =
			accumArrayResult(elements->values, datum, isnull, elements->target.type, CurrentMemoryContext);
	});
}

Datum read_array(JsonbContainer *array, const Target *target, StringInfo path)
{
	Elements elements = {};
	elements.target = target_of(get_element_type(target->base), target->base_typmod);
	elements.nests = elements.target.shape == Shape::text || elements.target.shape == Shape::row;
	measure(array, &elements);
	fill(array, 0, &elements, path);
	if (elements.values == nullptr)
		return PointerGetDatum(construct_empty_array(elements.target.type));
	int bounds[MAXDIM];
	for (int &bound : bounds)
		bound = 1;
	return makeMdArrayResult(elements.values, elements.dimensions, elements.sizes, bounds, CurrentMemoryContext, true);
}

/// The members of an object, one for each attribute of a composite type: JSON's null where the object has none. Refuses names
/// that the type has not.
JsonbValue *members_of(JsonbContainer *object, TupleDesc desc, Oid type)
{
	auto *const members = static_cast<JsonbValue *>(palloc(sizeof(JsonbValue) * static_cast<Size>(desc->natts + 1)));
	for (int i = 0; i < desc->natts; i++)
		members[i] = pg::json_string(nullptr);
	JsonbIterator *it = JsonbIteratorInit(object);
	JsonbValue item = {};
	JsonbIteratorToken token = WJB_DONE;
	int attribute = 0;
	while ((token = JsonbIteratorNext(&it, &item, true)) != WJB_DONE)
	{
		if (token == WJB_VALUE)
			members[attribute - 1] = item;
		if (token != WJB_KEY)
			continue;
		const char *const name = pnstrdup(item.val.string.val, static_cast<Size>(item.val.string.len));
		attribute = SPI_fnumber(desc, name);
		if (attribute <= 0)
			ereport(ERROR, (errcode(ERRCODE_UNDEFINED_COLUMN),
							errmsg("type %s has no attribute \"%s\"", format_type_be(type), name)));
	}
	return members;
}

Datum read_row(JsonbContainer *object, const Target *target, StringInfo path)
{
	TupleDesc const desc = lookup_rowtype_tupdesc(target->base, target->base_typmod);
	JsonbValue *const members = members_of(object, desc, target->base);
	const Size count = static_cast<Size>(desc->natts);
	auto *const values = static_cast<Datum *>(palloc0(sizeof(Datum) * (count + 1)));
	auto *const nulls = static_cast<bool *>(palloc0(count + 1));
	const int length = path->len;
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute const attribute = TupleDescAttr(desc, i);
		nulls[i] = true;
		if (attribute->attisdropped)
			continue;
		appendStringInfo(path, ".%s", NameStr(attribute->attname));
		Target column = target_of(attribute->atttypid, attribute->atttypmod);
		values[i] = read(&members[i], &column, path, &nulls[i]);
		path->len = length;
		path->data[length] = '\0';
	}
	HeapTuple const tuple = heap_form_tuple(desc, values, nulls);
	ReleaseTupleDesc(desc);
	return HeapTupleGetDatum(tuple);
}

Datum read(JsonbValue *json, Target *target, StringInfo path, bool *isnull)
{
	check_stack_depth();
	*isnull = json->type == jbvNull;
	const bool is_string = json->type == jbvString;
	const bool is_whole = target->shape == Shape::array || target->shape == Shape::row;
	if (*isnull || !is_whole || is_string)
	{
		char *const text = *isnull                                     ? nullptr
						   : is_string && target->shape != Shape::json ? pg::json_text(json)
																	   : written(json);
		return InputFunctionCall(&target->input, text, target->parameter, target->typmod);
	}
	const bool wants_array = target->shape == Shape::array;
	if (wants_array ? !is_array(json) : !is_object(json))
		ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
						errmsg(wants_array ? "an array is expected, not %s" : "an object is expected, not %s",
							   kind_of(json))));
	JsonbContainer *const container = json->val.binary.data;
	const Datum value = wants_array ? read_array(container, target, path) : read_row(container, target, path);
	if (target->type != target->base)
		domain_check(value, false, target->type, nullptr, nullptr);
	return value;
}

} // namespace

Datum value_of_json(JsonbValue *json, Oid type, int32 typmod, StringInfo path, bool *isnull)
{
	initStringInfo(path);
	appendStringInfoChar(path, '$');
	Target target = target_of(type, typmod);
	return read(json, &target, path, isnull);
}

} // namespace bpt::engine
