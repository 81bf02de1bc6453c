// Reading and writing JSON (json.hpp).
#include "core/json.hpp"
#include "core/text.hpp"

namespace bpt::core {

namespace {

constexpr int kDeepest = 32;

bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/// Behind the JSON number that begins at `at`, or `at` if none does.
std::size_t number_end(std::string_view text, std::size_t at)
{
	const auto digit = [&](std::size_t i) { return i < text.size() && is_digit(text[i]); };
	std::size_t i = at;
	if (i < text.size() && text[i] == '-')
		i++;
	if (!digit(i))
		return at;
	if (text[i] == '0')
		i++;
	else
		while (digit(i))
			i++;
	if (i < text.size() && text[i] == '.' && digit(i + 1))
		for (i++; digit(i);)
			i++;
	if (i < text.size() && lower(text[i]) == 'e')
	{
		std::size_t digits = i + 1;
		if (digits < text.size() && (text[digits] == '+' || text[digits] == '-'))
			digits++;
		if (digit(digits))
			for (i = digits; digit(i);)
				i++;
	}
	return i;
}

struct JsonReader
{
	Arena &arena;
	std::string_view text;
	JsonProblem &problem;
	std::size_t at = 0;

	char peek() const { return at < text.size() ? text[at] : '\0'; }

	void skip_blanks()
	{
		while (at < text.size() && (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r'))
			at++;
	}

	bool fail(std::string_view message)
	{
		if (problem.message.empty())
			problem = {static_cast<std::int32_t>(at < text.size() ? at : text.size()), message};
		return false;
	}

	bool take(char c)
	{
		skip_blanks();
		if (at >= text.size() || text[at] != c)
			return false;
		at++;
		return true;
	}

	bool take_word(std::string_view word)
	{
		if (text.size() - at < word.size() || std::memcmp(text.data() + at, word.data(), word.size()) != 0)
			return false;
		at += word.size();
		return true;
	}

	/// Four hex digits.
	bool hex(std::uint32_t &code)
	{
		code = 0;
		for (int i = 0; i < 4; i++, at++)
		{
			const char c = lower(peek());
			if (!is_digit(c) && (c < 'a' || c > 'f'))
				return fail("invalid Unicode escape in a JSON string");
			code = code * 16 + static_cast<std::uint32_t>(is_digit(c) ? c - '0' : c - 'a' + 10);
		}
		return true;
	}

	/// What stands behind \u, as UTF-8.
	bool unicode(char *to, std::size_t &size)
	{
		std::uint32_t code = 0;
		if (!hex(code))
			return false;
		if (code >= 0xD800 && code < 0xDC00)
		{
			std::uint32_t low = 0;
			if (!take_word("\\u") || !hex(low) || low < 0xDC00 || low >= 0xE000)
				return fail("invalid Unicode surrogate pair in a JSON string");
			code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
		}
		else if (code == 0 || (code >= 0xDC00 && code < 0xE000))
			return fail("invalid Unicode escape in a JSON string");
		const auto put = [&](std::uint32_t byte) { to[size++] = static_cast<char>(byte); };
		if (code < 0x80)
			put(code);
		else
		{
			const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
			put((more == 1 ? 0xC0U : more == 2 ? 0xE0U : 0xF0U) | (code >> (6 * more)));
			for (int i = more - 1; i >= 0; i--)
				put(0x80U | ((code >> (6 * i)) & 0x3FU));
		}
		return true;
	}

	/// A string whose opening quote is read.
	bool string(std::string_view &value)
	{
		const std::size_t close = string_end();
		if (close == text.size())
			return fail("unterminated JSON string");
		char *const to = static_cast<char *>(arena.take(close - at + 1));
		std::size_t size = 0;
		while (at < close)
		{
			const char c = text[at++];
			if (static_cast<unsigned char>(c) < 0x20)
				return fail("control character in a JSON string");
			if (c != '\\')
			{
				to[size++] = c;
				continue;
			}
			const char escape = text[at++];
			constexpr std::string_view kEscapes = "\"\\/bfnrt";
			constexpr std::string_view kMeant = "\"\\/\b\f\n\r\t";
			const std::size_t found = kEscapes.find(escape);
			if (found != std::string_view::npos)
				to[size++] = kMeant[found];
			else if (escape != 'u')
				return fail("invalid escape in a JSON string");
			else if (!unicode(to, size))
				return false;
		}
		at++;
		to[size] = '\0';
		value = {to, size};
		return true;
	}

	/// Where the closing quote of the string stands, or the text's end.
	std::size_t string_end() const
	{
		std::size_t i = at;
		while (i < text.size() && text[i] != '"')
			i += text[i] == '\\' ? 2 : 1;
		return i < text.size() ? i : text.size();
	}

	/// The members or items of what was opened, up to and with `close`.
	bool children(JsonValue &parent, char close, int depth)
	{
		JsonValue **last = &parent.first;
		if (take(close))
			return true;
		do
		{
			JsonValue *const child = arena.make<JsonValue>();
			if (close == '}' && (!take('"') || !string(child->key) || !take(':')))
				return fail("a JSON key is expected here");
			if (!value(*child, depth))
				return false;
			*last = child;
			last = &child->next;
		} while (take(','));
		return take(close) || fail("invalid JSON");
	}

	bool value(JsonValue &into, int depth)
	{
		skip_blanks();
		into.offset = static_cast<std::int32_t>(at);
		if (depth > kDeepest)
			return fail("JSON is nested too deeply");
		if (take('"'))
		{
			into.kind = JsonKind::string;
			return string(into.text);
		}
		if (take('{'))
		{
			into.kind = JsonKind::object;
			return children(into, '}', depth + 1);
		}
		if (take('['))
		{
			into.kind = JsonKind::array;
			return children(into, ']', depth + 1);
		}
		if (take_word("null"))
			return true;
		into.kind = JsonKind::boolean;
		into.truth = peek() == 't';
		if (take_word("true") || take_word("false"))
			return true;
		const std::size_t end = number_end(text, at);
		if (end == at)
			return fail("invalid JSON");
		into.kind = JsonKind::number;
		into.text = {text.data() + at, end - at};
		at = end;
		return true;
	}
};

} // namespace

JsonValue *read_json_value(Arena &arena, std::string_view text, JsonProblem &problem)
{
	JsonValue *const root = arena.make<JsonValue>();
	if (text.size() > INT32_MAX / 2)
	{
		problem = {0, "the JSON text is too long"};
		return nullptr;
	}
	JsonReader reader{arena, text, problem};
	if (!reader.value(*root, 0))
		return nullptr;
	reader.skip_blanks();
	if (reader.at < text.size())
	{
		reader.fail("invalid JSON");
		return nullptr;
	}
	return root;
}

void add_json_string(Output &out, std::string_view value)
{
	constexpr std::string_view kHex = "0123456789abcdef";
	out.add('"');
	for (const char c : value)
	{
		const auto code = static_cast<unsigned char>(c);
		if (c == '"' || c == '\\')
		{
			out.add('\\');
			out.add(c);
		}
		else if (code >= 0x20)
			out.add(c);
		else if (c == '\n')
			out.add("\\n");
		else if (c == '\t')
			out.add("\\t");
		else
		{
			out.add("\\u00");
			out.add(kHex[code >> 4U]);
			out.add(kHex[code & 15U]);
		}
	}
	out.add('"');
}

bool is_json_number(std::string_view text)
{
	return !text.empty() && number_end(text, 0) == text.size();
}

} // namespace bpt::core
