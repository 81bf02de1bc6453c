// The values of string literals: doubled quotes, continuation over lines, the escapes of E'…' and of U&'…'.
//
// Text is UTF-8. A value is never longer than its source, so it is built in one piece of the arena.
#include "core/lexer.hpp"
#include "core/text.hpp"

namespace bpt::core {

namespace {

int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	const char low = lower(c);
	return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

/// How many bytes the character has that begins with this byte; 0 if none does.
std::size_t utf8_length(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first < 0xC2 || first > 0xF4)
		return 0;
	return first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

/// True if the bytes are well-formed UTF-8 without zero bytes.
bool is_utf8(std::string_view bytes)
{
	for (std::size_t i = 0; i < bytes.size();)
	{
		const auto first = static_cast<unsigned char>(bytes[i]);
		const std::size_t length = utf8_length(first);
		if (first == 0 || length == 0 || i + length > bytes.size())
			return false;
		std::uint32_t code = length == 1 ? first : first & (0xFFU >> (length + 1));
		for (std::size_t j = 1; j < length; j++)
		{
			const auto next = static_cast<unsigned char>(bytes[i + j]);
			if ((next & 0xC0) != 0x80)
				return false;
			code = (code << 6) | (next & 0x3FU);
		}
		if ((length == 3 && code < 0x800) || (length == 4 && (code < 0x10000 || code > 0x10FFFF)) ||
			(code >= 0xD800 && code < 0xE000))
			return false;
		i += length;
	}
	return true;
}

/// Builds one value, walking over the source of its literal.
struct Decoder
{
	Lexer &lexer;
	const RawToken &token;
	std::int32_t at;
	char *to;
	std::size_t size = 0;
	bool raw_bytes = false;           // a \x or octal escape was met
	std::uint32_t high_surrogate = 0; // waits for its second half

	char peek(std::int32_t ahead = 0) const
	{
		return at + ahead < token.end ? lexer.text[static_cast<std::size_t>(at + ahead)] : '\0';
	}

	void put(char c) { to[size++] = c; }

	void complain(std::int32_t offset, const char *message) { lexer.complain(offset, message); }

	/// Writes a code point as UTF-8, joining surrogate halves.
	void put_code(std::uint32_t code, std::int32_t offset)
	{
		if (code >= 0xD800 && code < 0xDC00 && high_surrogate == 0)
		{
			high_surrogate = code;
			return;
		}
		const bool low = code >= 0xDC00 && code < 0xE000;
		if (low != (high_surrogate != 0) || (code >= 0xD800 && code < 0xDC00))
		{
			complain(offset, "invalid Unicode surrogate pair");
			high_surrogate = 0;
			return;
		}
		if (low)
			code = 0x10000 + ((high_surrogate - 0xD800) << 10) + (code - 0xDC00);
		high_surrogate = 0;
		if (code == 0 || code > 0x10FFFF)
			complain(offset, "invalid Unicode escape value");
		else if (code < 0x80)
			put(static_cast<char>(code));
		else if (code < 0x800)
		{
			put(static_cast<char>(0xC0 | (code >> 6)));
			put(static_cast<char>(0x80 | (code & 0x3F)));
		}
		else if (code < 0x10000)
		{
			put(static_cast<char>(0xE0 | (code >> 12)));
			put(static_cast<char>(0x80 | ((code >> 6) & 0x3F)));
			put(static_cast<char>(0x80 | (code & 0x3F)));
		}
		else
		{
			put(static_cast<char>(0xF0 | (code >> 18)));
			put(static_cast<char>(0x80 | ((code >> 12) & 0x3F)));
			put(static_cast<char>(0x80 | ((code >> 6) & 0x3F)));
			put(static_cast<char>(0x80 | (code & 0x3F)));
		}
	}

	/// Takes exactly `digits` hex digits at `at` and writes their character; `begin` is where the escape stands.
	void hex_code(std::int32_t digits, std::int32_t begin)
	{
		std::uint32_t code = 0;
		for (std::int32_t i = 0; i < digits; i++)
		{
			const int digit = hex_digit(peek());
			if (digit < 0)
			{
				complain(begin, "invalid Unicode escape");
				return;
			}
			code = (code << 4) | static_cast<std::uint32_t>(digit);
			at++;
		}
		put_code(code, begin);
	}

	/// A high surrogate must be followed at once by the escape of its second half.
	void no_surrogate_left()
	{
		if (high_surrogate != 0)
		{
			complain(at, "invalid Unicode surrogate pair");
			high_surrogate = 0;
		}
	}

	/// One escape of E'…'; `at` stands on the backslash.
	void escape()
	{
		const std::int32_t begin = at;
		const char c = peek(1);
		at += 2;
		if (c == 'u' || c == 'U')
		{
			hex_code(c == 'u' ? 4 : 8, begin);
			return;
		}
		no_surrogate_left();
		unsigned value = 0;
		if (c >= '0' && c <= '7')
		{
			value = static_cast<unsigned>(c - '0');
			for (int i = 0; i < 2 && peek() >= '0' && peek() <= '7'; i++, at++)
				value = value * 8 + static_cast<unsigned>(peek() - '0');
		}
		else if (c == 'x' && hex_digit(peek()) >= 0)
		{
			for (int i = 0; i < 2 && hex_digit(peek()) >= 0; i++, at++)
				value = value * 16 + static_cast<unsigned>(hex_digit(peek()));
		}
		else
		{
			put(c == 'b' ? '\b' : c == 'f' ? '\f' : c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c);
			return;
		}
		raw_bytes = true;
		put(static_cast<char>(value & 0xFF));
	}

	/// One escape of U&'…'; `at` stands on the escape character.
	void unicode_escape(char mark)
	{
		const std::int32_t begin = at;
		if (peek(1) == mark)
		{
			no_surrogate_left();
			put(mark);
			at += 2;
		}
		else if (peek(1) == '+')
		{
			at += 2;
			hex_code(6, begin);
		}
		else
		{
			at++;
			hex_code(4, begin);
		}
	}

	/// The whole literal; `mark` is the escape character, zero where there is none.
	std::string_view value(char mark)
	{
		const std::int32_t start = token.begin;
		while (at < token.end)
		{
			const char c = peek();
			if (c == '\'' && peek(1) != '\'')
			{
				const std::int32_t next = string_continues(lexer.text, at + 1);
				if (next < 0 || next >= token.end)
					break;
				at = next;
			}
			else if (mark != '\0' && c == mark && token.kind == RawKind::escape_string)
				escape();
			else if (mark != '\0' && c == mark)
				unicode_escape(mark);
			else
			{
				no_surrogate_left();
				put(c);
				at += c == '\'' ? 2 : 1;
			}
		}
		no_surrogate_left();
		to[size] = '\0';
		if (raw_bytes && !is_utf8({to, size}))
			complain(start, "invalid byte sequence in string literal");
		return {to, size};
	}
};

/// The escape character that UESCAPE behind a U&'…' names, and where that clause ends.
struct UnicodeMark
{
	char mark = '\\';
	std::int32_t end = 0;
};

UnicodeMark unicode_mark(std::string_view text, const RawToken &token)
{
	UnicodeMark result;
	result.end = token.end;
	const RawToken word = scan(text, token.end);
	if (word.kind != RawKind::word || !same_word(slice(text, word.begin, word.end), "UESCAPE"))
		return result;
	const RawToken literal = scan(text, word.end);
	if (literal.kind == RawKind::string && literal.end - literal.begin == 3)
	{
		result.mark = text[static_cast<std::size_t>(literal.begin) + 1];
		result.end = literal.end;
	}
	return result;
}

} // namespace

std::int32_t unicode_string_end(std::string_view text, const RawToken &token)
{
	return unicode_mark(text, token).end;
}

std::string_view string_value(Lexer &lexer, const RawToken &token)
{
	const std::string_view source = slice(lexer.text, token.begin, token.end);
	if (token.kind == RawKind::dollar_string)
	{
		std::size_t tag = 1;
		while (source[tag] != '$')
			tag++;
		tag++;
		return {source.data() + tag, source.size() - 2 * tag};
	}
	std::int32_t opening = source[0] == '\'' ? 1 : 2;
	char mark = '\0';
	if (token.kind == RawKind::escape_string)
		mark = '\\';
	else if (token.kind == RawKind::unicode_string)
	{
		opening = 3;
		mark = unicode_mark(lexer.text, token).mark;
	}
	Decoder decoder{lexer, token, token.begin + opening, static_cast<char *>(lexer.arena.take(source.size() + 1))};
	return decoder.value(mark);
}

} // namespace bpt::core
