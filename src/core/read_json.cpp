// JSON to model (form.hpp). A problem names its place as a JSON path; the rest is still read, so that one run finds all.
//
// SQL, types and names are admitted only where, written into a text, they are read back as what they were.
#include "core/form_shape.hpp"
#include "core/json.hpp"
#include "core/lexer.hpp"
#include "core/parser.hpp"
#include "core/quote.hpp"
#include "core/text.hpp"

namespace bpt::core {

namespace {

constexpr std::int32_t kMostProblems = 500;

struct FormReader
{
	template <typename T>
	using Ref = T &;

	/// One step of the way from the root to the present value: a key, or the index of an item.
	struct Step
	{
		const Step *before;
		std::string_view key;
		std::int32_t index;
	};

	Arena &arena;
	Diagnostics &problems;
	JsonValue *object = nullptr;  // whose members are being read
	const Step *way = nullptr;    // to the object, or to the present item
	Vec<std::string_view> keys{}; // that were asked of the object

	// Problems.

	std::string_view path(const Step *step)
	{
		if (step == nullptr)
			return "$";
		if (!step->key.empty())
			return concat(arena, {path(step->before), ".", step->key});
		return concat(arena, {path(step->before), "[", number_text(arena, step->index), "]"});
	}
	void problem(const JsonValue &at, const Step *step, std::string_view what, std::string_view hint = {})
	{
		if (problems.list.count >= kMostProblems)
			return;
		Diagnostic added;
		added.code = "wrong_json";
		added.offset = at.offset;
		added.message = concat(arena, {"wrong definition at ", path(step), ": ", what});
		added.hint = hint;
		problems.add(arena, added);
	}
	/// A problem with the member `key` of the present object.
	void wrong(const JsonValue &value, std::string_view key, std::string_view what, std::string_view hint = {})
	{
		const Step step{way, key, 0};
		problem(value, &step, what, hint);
	}
	void demand(bool holds, std::string_view otherwise)
	{
		if (!holds)
			problem(*object, way, otherwise);
	}

	// Members of the present object.

	/// The member `key`; null if it is not there, or null.
	JsonValue *find(std::string_view key, bool required = false)
	{
		keys.push(arena, key);
		for (JsonValue *member = object->first; member != nullptr; member = member->next)
			if (member->key == key && !member->used)
			{
				member->used = true;
				if (member->kind != JsonKind::null)
					return member;
				break;
			}
		if (required)
			problem(*object, way, concat(arena, {"key \"", key, "\" is missing"}));
		return nullptr;
	}
	/// The same where it is of this kind; `what` says so in a sentence otherwise.
	JsonValue *find(std::string_view key, JsonKind kind, std::string_view what, bool required = false)
	{
		JsonValue *const value = find(key, required);
		if (value == nullptr || value->kind == kind)
			return value;
		wrong(*value, key, what);
		return nullptr;
	}
	JsonValue *find_string(std::string_view key, bool required = false)
	{
		return find(key, JsonKind::string, "a string is expected", required);
	}

	void name(std::string_view key, Name &name, bool required = false)
	{
		const JsonValue *const value = find_string(key, required);
		if (value == nullptr)
			return;
		const Step step{way, key, 0};
		read_name(*value, &step, name);
	}
	void string(std::string_view key, std::string_view &into, bool required = false)
	{
		const JsonValue *const value = find_string(key, required);
		if (value != nullptr)
			into = value->text;
	}
	void sql(std::string_view key, Sql &sql, bool required = false)
	{
		const JsonValue *const value = find(key, JsonKind::string, "SQL in a string is expected", required);
		if (value == nullptr)
			return;
		const Step step{way, key, 0};
		read_sql(*value, &step, sql);
	}
	/// The SQL of an item of a list in a text: without blanks around it, and with commas only inside parentheses.
	void item_sql(std::string_view key, Sql &sql)
	{
		const JsonValue *const value = find(key, JsonKind::string, "SQL in a string is expected", kRequired);
		if (value == nullptr)
			return;
		const SqlEnd end = skip_sql(concat(arena, {value->text, ")"}), 0, true);
		if (is_whole(end, value->text))
			sql = {slice(value->text, end.first, end.last), value->offset};
		else
			wrong(*value, key, "this is not one SQL expression");
	}
	/// A type is what the language reads as one.
	void type(std::string_view key, Sql &type)
	{
		const JsonValue *const value = find_string(key, kRequired);
		if (value == nullptr)
			return;
		Diagnostics found;
		const std::string_view probe = concat(arena, {"PROCESS p (n ", value->text, ");"});
		const Document &document = *parse(arena, probe, found);
		const bool is_one = found.list.empty() && document.processes.count == 1 &&
							document.processes[0].source.size() == probe.size() &&
							document.processes[0].inputs.count == 1;
		if (!is_one || document.processes[0].inputs[0].type.text != value->text)
		{
			wrong(*value, key, concat(arena, {"\"", shortened(arena, value->text, 63), "\" is not a type"}));
			return;
		}
		type = {value->text, value->offset};
	}
	void flag(std::string_view key, bool &into)
	{
		const JsonValue *const value = find(key, JsonKind::boolean, "true or false is expected");
		into = value != nullptr && value->truth;
	}
	template <typename E, std::size_t n>
	bool word(std::string_view key, E &into, const FormWord (&words)[n])
	{
		const JsonValue *const value = find_string(key, kRequired);
		return value != nullptr && read_word(*value, key, into, words);
	}
	void priority(std::string_view key, Priority &into)
	{
		const JsonValue *const value = find_string(key);
		if (value != nullptr)
			read_word(*value, key, into, kPriorityWords);
	}
	void qualified(std::string_view key, QualifiedName &into, bool required = false)
	{
		JsonValue *const value = find(key, required);
		if (value == nullptr)
			return;
		const Step step{way, key, 0};
		if (value->kind == JsonKind::string)
			read_name(*value, &step, into.name);
		else if (value->kind == JsonKind::object)
			read_object(*value, &step, [&] {
				name("schema", into.schema, kRequired);
				name("name", into.name, kRequired);
			});
		else
			problem(*value, &step, "a name, or an object with the keys schema and name, is expected");
	}
	void text(std::string_view key, TextValue &into)
	{
		JsonValue *const value = find(key);
		if (value == nullptr)
			return;
		const Step step{way, key, 0};
		into.offset = value->offset;
		if (value->kind == JsonKind::string)
		{
			into.kind = TextValue::Kind::literal;
			into.literal = value->text;
		}
		else if (value->kind == JsonKind::object)
			read_object(*value, &step, [&] {
				sql("sql", into.expression, kRequired);
				into.kind = into.expression ? TextValue::Kind::expression : TextValue::Kind::absent;
			});
		else
			problem(*value, &step, "a text, or an object with the key sql, is expected");
	}
	/// An interval, or a whole string literal of SQL that holds one.
	void interval(std::string_view key, Sql &into)
	{
		const JsonValue *const value = find(key, JsonKind::string, "an interval in a string is expected");
		if (value == nullptr)
			return;
		into = {value->text, value->offset};
		if (is_string_literal(value->text))
			return;
		Output quoted{arena};
		quoted.add('\'');
		for (const char c : value->text)
			quoted.add(c == '\'' ? std::string_view{"''"} : std::string_view{&c, 1});
		quoted.add('\'');
		into.text = quoted.text();
	}
	void times(std::string_view key, std::int32_t &into)
	{
		const JsonValue *const value = find(key);
		if (value == nullptr)
			return;
		std::int64_t number = value->kind == JsonKind::number ? 0 : -1;
		for (const char c : value->text)
			number = number < 0 || c < '0' || c > '9' || number > INT32_MAX ? -1 : number * 10 + (c - '0');
		if (number < 1 || number > INT32_MAX)
			wrong(*value, key, "a whole number from 1 to 2147483647 is expected");
		else
			into = static_cast<std::int32_t>(number);
	}
	/// A decimal number; as a string it may be written in ways that JSON's numbers do not know.
	void decimal(std::string_view key, std::string_view &into)
	{
		const JsonValue *const value = find(key);
		if (value == nullptr)
			return;
		bool good = value->kind == JsonKind::number || value->kind == JsonKind::string;
		good = good && !value->text.empty() && value->text[0] != '.';
		int points = 0;
		for (const char c : value->text)
		{
			points += c == '.' ? 1 : 0;
			good = good && points < 2 && (c == '.' || (c >= '0' && c <= '9'));
		}
		if (good)
			into = value->text;
		else
			wrong(*value, key, "a decimal number is expected");
	}
	void retry(std::string_view key, Retry &into)
	{
		JsonValue *const value = find(key);
		if (value == nullptr)
			return;
		const Step step{way, key, 0};
		into.given = true;
		read_item(*value, &step, into);
	}
	void outcome_name(std::string_view key, Outcome &outcome)
	{
		name(key, outcome.name);
		outcome.named = static_cast<bool>(outcome.name);
	}
	void target(std::string_view key, Target &into)
	{
		JsonValue *const value = find(key, kRequired);
		const Step step{way, key, 0};
		if (value != nullptr)
			read_item(*value, &step, into);
	}
	template <typename T>
	void list(std::string_view key, Vec<T> &into)
	{
		JsonValue *const value = find(key, JsonKind::array, "an array is expected");
		if (value == nullptr)
			return;
		const Step step{way, key, 0};
		std::int32_t index = 0;
		for (JsonValue *child = value->first; child != nullptr; child = child->next)
		{
			const Step item{&step, {}, index++};
			T made{};
			read_item(*child, &item, made);
			into.push(arena, made);
		}
	}

	// Values wherever they stand.

	/// Reads the members of an object by `f`, and reports those that `f` did not ask for.
	template <typename F>
	void read_object(JsonValue &value, const Step *step, F f)
	{
		if (value.kind != JsonKind::object)
		{
			problem(value, step, "an object is expected");
			return;
		}
		const FormReader outer = *this;
		object = &value;
		way = step;
		keys = {};
		const std::int32_t before = problems.list.count;
		f();
		report_unknown_keys(before);
		object = outer.object;
		way = outer.way;
		keys = outer.keys;
	}
	/// Members that nobody asked for; `before` is how many problems there were before the object.
	void report_unknown_keys(std::int32_t before)
	{
		if (keys.count == 1 && problems.list.count > before)
			return; // the key that decides which others there are is wrong
		for (const JsonValue *member = object->first; member != nullptr; member = member->next)
		{
			if (member->used)
				continue;
			Suggestion nearest{member->key, {}, 0};
			std::string_view all;
			for (const std::string_view key : keys)
			{
				nearest.offer(key);
				all = concat(arena, {all, all.empty() ? "" : ", ", key});
			}
			problem(*member, way, concat(arena, {"unknown key \"", shortened(arena, member->key, 63), "\""}),
					nearest.best.empty() ? concat(arena, {"The keys here are ", all, "."})
										 : concat(arena, {"Did you mean \"", nearest.best, "\"?"}));
			if (problems.list.count >= kMostProblems)
				return;
		}
	}
	void read_name(const JsonValue &value, const Step *step, Name &name)
	{
		if (value.kind != JsonKind::string || value.text.empty())
			problem(value, step, "a name is expected");
		else
			name = {value.text, value.offset};
	}
	static bool is_whole(const SqlEnd &end, std::string_view sql)
	{
		return end.closed && end.stop == static_cast<std::int32_t>(sql.size()) && end.first < end.last;
	}
	void read_sql(const JsonValue &value, const Step *step, Sql &sql)
	{
		if (value.kind != JsonKind::string)
			problem(value, step, "SQL in a string is expected");
		else if (!is_whole(skip_sql(concat(arena, {value.text, ")"}), 0, false), value.text))
			problem(value, step, "this SQL is empty, or its quotes, comments or parentheses are not balanced");
		else
			sql = {value.text, value.offset};
	}
	template <typename E, std::size_t n>
	bool read_word(const JsonValue &value, std::string_view key, E &into, const FormWord (&words)[n])
	{
		std::string_view all;
		for (const FormWord &entry : words)
		{
			if (entry.word == value.text)
			{
				into = static_cast<E>(entry.value);
				return true;
			}
			all = concat(arena, {all, all.empty() ? "" : ", ", entry.word});
		}
		wrong(value, key, concat(arena, {"unknown value \"", shortened(arena, value.text, 63), "\""}),
			  concat(arena, {"The values are ", all, "."}));
		return false;
	}

	void read_item(JsonValue &value, const Step *step, Name &into) { read_name(value, step, into); }
	void read_item(JsonValue &value, const Step *step, Sql &into) { read_sql(value, step, into); }
	/// A statement: SQL, or an object that says more.
	void read_item(JsonValue &value, const Step *step, Statement &into)
	{
		if (value.kind != JsonKind::object)
		{
			read_sql(value, step, into.sql);
			return;
		}
		read_object(value, step, [&] {
			sql("sql", into.sql, kRequired);
			flag("strict", into.strict);
		});
	}
	/// The name of an element, or an End.
	void read_item(JsonValue &value, const Step *step, Target &into)
	{
		if (value.kind != JsonKind::object)
		{
			read_name(value, step, into.name);
			return;
		}
		read_object(value, step, [&] {
			bool ends = false;
			bool terminates = false;
			flag("end", ends);
			flag("terminate", terminates);
			demand(ends != terminates, "the name of an element, {\"end\": true} or {\"terminate\": true} is expected");
			into.kind = terminates ? TargetKind::end_terminate : TargetKind::end;
		});
	}
	template <typename T>
	void read_item(JsonValue &value, const Step *step, T &into)
	{
		read_object(value, step, [&] { shape(*this, into); });
	}

	/// One definition; `index` is its place among all, which stands for its offset.
	void definition(JsonValue &value, const Step *step, std::int32_t index, Document &document)
	{
		read_object(value, step, [&] {
			int kind = 0;
			if (!word("kind", kind, kDefinitionWords))
				return;
			if (kind == 0)
				add(document.processes, index);
			else if (kind == 1)
				add(document.translations, index);
			else
				add(document.timers, index);
		});
	}
	template <typename T>
	void add(Vec<T> &into, std::int32_t index)
	{
		T &made = into.push(arena, T{});
		made.offset = index;
		shape(*this, made);
	}
};

} // namespace

Document *read_json(Arena &arena, std::string_view json, Diagnostics &problems)
{
	Document *const document = arena.make<Document>();
	JsonProblem broken;
	JsonValue *const root = read_json_value(arena, json, broken);
	FormReader reader{arena, problems};
	if (root == nullptr)
	{
		JsonValue at;
		at.offset = broken.offset;
		reader.problem(at, nullptr, broken.message);
		return document;
	}
	if (root->kind == JsonKind::object)
		reader.definition(*root, nullptr, 0, *document);
	else if (root->kind != JsonKind::array || root->first == nullptr)
		reader.problem(*root, nullptr, "a definition, or an array of definitions, is expected");
	else
	{
		std::int32_t index = 0;
		for (JsonValue *each = root->first; each != nullptr; each = each->next, index++)
		{
			const FormReader::Step step{nullptr, {}, index};
			reader.definition(*each, &step, index, *document);
		}
	}
	return document;
}

} // namespace bpt::core
