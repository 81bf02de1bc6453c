// Model to JSON (form.hpp): what is absent or the default is left out.
#include "core/form_shape.hpp"
#include "core/in_order.hpp"
#include "core/json.hpp"
#include "core/quote.hpp"
#include "core/text.hpp"

namespace bpt::core {

namespace {

constexpr std::string_view kSeparator = ", ";

struct FormWriter
{
	template <typename T>
	using Ref = const T &;

	Arena &arena;
	Output out{arena};
	bool first = true; // no member of the present object stands yet

	void key(std::string_view name)
	{
		if (!first)
			out.add(kSeparator);
		first = false;
		add_json_string(out, name);
		out.add(": ");
	}
	void member(std::string_view name, std::string_view value)
	{
		key(name);
		add_json_string(out, value);
	}
	void demand(bool /*holds*/, std::string_view /*otherwise*/) {}

	void name(std::string_view key, const Name &value, bool /*required*/ = false)
	{
		if (value)
			member(key, value.text);
	}
	void string(std::string_view key, std::string_view value, bool /*required*/ = false)
	{
		if (value.data() != nullptr)
			member(key, value);
	}
	void sql(std::string_view key, const Sql &value, bool /*required*/ = false)
	{
		if (value)
			member(key, value.text);
	}
	void item_sql(std::string_view key, const Sql &value) { member(key, value.text); }
	void type(std::string_view key, const Sql &value) { member(key, value.text); }
	void flag(std::string_view name, bool value)
	{
		if (!value)
			return;
		key(name);
		out.add("true");
	}
	template <typename E, std::size_t n>
	bool word(std::string_view key, E value, const FormWord (&words)[n])
	{
		for (const FormWord &entry : words)
			if (entry.value == static_cast<int>(value))
				member(key, entry.word);
		return true;
	}
	void priority(std::string_view key, Priority value)
	{
		if (value != Priority::normal)
			word(key, value, kPriorityWords);
	}
	void qualified(std::string_view name, const QualifiedName &value, bool /*required*/ = false)
	{
		if (!value.schema)
		{
			this->name(name, value.name);
			return;
		}
		key(name);
		object([&] {
			member("schema", value.schema.text);
			member("name", value.name.text);
		});
	}
	/// A text in quotes is a string, an expression an object.
	void text(std::string_view name, const TextValue &value)
	{
		if (!value)
			return;
		if (value.kind == TextValue::Kind::literal)
		{
			member(name, value.literal);
			return;
		}
		key(name);
		object([&] { member("sql", value.expression.text); });
	}
	/// An interval: what stands in the quotes, or the whole literal where that would not give it back.
	void interval(std::string_view key, const Sql &value)
	{
		if (!value)
			return;
		const std::int32_t size = static_cast<std::int32_t>(value.text.size());
		const std::string_view inside = value.text[0] == '\'' ? slice(value.text, 1, size - 1) : std::string_view{};
		const bool is_bare = value.text[0] == '\'' && inside.find('\'') == std::string_view::npos;
		member(key, is_bare && !is_string_literal(inside) ? inside : value.text);
	}
	void times(std::string_view name, std::int32_t value)
	{
		if (value < 0)
			return;
		key(name);
		out.add(number_text(arena, value));
	}
	void decimal(std::string_view name, std::string_view value)
	{
		if (value.empty())
			return;
		key(name);
		if (is_json_number(value))
			out.add(value);
		else
			add_json_string(out, value);
	}
	void retry(std::string_view name, const Retry &value)
	{
		if (!value.given)
			return;
		key(name);
		item(value);
	}
	void outcome_name(std::string_view key, const Outcome &outcome)
	{
		if (outcome.named)
			name(key, outcome.name);
	}
	void target(std::string_view name, const Target &value)
	{
		key(name);
		item(value);
	}
	template <typename T>
	void list(std::string_view name, const Vec<T> &items)
	{
		if (items.empty())
			return;
		key(name);
		out.add('[');
		for (std::int32_t i = 0; i < items.count; i++)
		{
			if (i > 0)
				out.add(kSeparator);
			item(items[i]);
		}
		out.add(']');
	}

	/// An object whose members `f` writes.
	template <typename F>
	void object(F f)
	{
		first = true;
		out.add('{');
		f();
		out.add('}');
		first = false;
	}

	// Items of lists.
	void item(const Name &value) { add_json_string(out, value.text); }
	void item(const Sql &value) { add_json_string(out, value.text); }
	void item(const Statement &value)
	{
		if (!value.strict)
			add_json_string(out, value.sql.text);
		else
			object([&] {
				member("sql", value.sql.text);
				flag("strict", true);
			});
	}
	void item(const Target &value)
	{
		if (value.kind == TargetKind::element)
			add_json_string(out, value.name.text);
		else
			object([&] { flag(value.kind == TargetKind::end ? "end" : "terminate", true); });
	}
	template <typename T>
	void item(const T &value)
	{
		object([&] { shape(*this, value); });
	}

	void definition(const Process &value) { definition(value, kDefinitionWords[0].word); }
	void definition(const Translation &value) { definition(value, kDefinitionWords[1].word); }
	void definition(const Timer &value) { definition(value, kDefinitionWords[2].word); }
	template <typename T>
	void definition(const T &value, std::string_view kind)
	{
		object([&] {
			member("kind", kind);
			shape(*this, value);
		});
	}
};

} // namespace

std::string_view write_json(Arena &arena, const Document &document)
{
	FormWriter writer{arena};
	const std::int32_t count = document.processes.count + document.translations.count + document.timers.count;
	std::int32_t written = 0;
	if (count != 1)
		writer.out.add('[');
	in_text_order(document, [&](const auto &definition) {
		if (written++ > 0)
			writer.out.add(kSeparator);
		writer.definition(definition);
	});
	if (count != 1)
		writer.out.add(']');
	return writer.out.text();
}

} // namespace bpt::core
