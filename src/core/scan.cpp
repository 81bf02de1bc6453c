// PostgreSQL's lexical rules as far as they decide where a token ends: quotes, dollar quotes, comments, identifiers, numbers.
#include "core/lexer.hpp"
#include "core/text.hpp"

namespace bpt::core {

namespace {

constexpr int kInterruptEvery = 4096;

bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/// Letters, underscore and every byte of a multibyte character may begin an identifier.
bool begins_word(char c)
{
	return (lower(c) >= 'a' && lower(c) <= 'z') || c == '_' || (static_cast<unsigned char>(c) & 0x80) != 0;
}

bool continues_word(char c)
{
	return begins_word(c) || is_digit(c) || c == '$';
}

/// A cursor that reads zero bytes behind the end of the text, so that looking ahead needs no bounds.
struct Reader
{
	std::string_view text;

	std::int32_t size() const { return static_cast<std::int32_t>(text.size()); }
	char at(std::int32_t i) const { return i < size() ? text[static_cast<std::size_t>(i)] : '\0'; }
	bool comment_line(std::int32_t i) const { return at(i) == '-' && at(i + 1) == '-'; }
	bool comment_block(std::int32_t i) const { return at(i) == '/' && at(i + 1) == '*'; }

	/// The end of the line that `i` lies in.
	std::int32_t line_end(std::int32_t i) const
	{
		while (i < size() && at(i) != '\n' && at(i) != '\r')
			i++;
		return i;
	}

	/// Behind the nested comment that begins at `i`, or -1 if it never ends.
	std::int32_t comment_end(std::int32_t i) const
	{
		std::int32_t depth = 0;
		while (i < size())
		{
			if (comment_block(i))
			{
				depth++;
				i += 2;
			}
			else if (at(i) == '*' && at(i + 1) == '/')
			{
				i += 2;
				if (--depth == 0)
					return i;
			}
			else
				i++;
		}
		return -1;
	}

	/// Behind the closing quote of what was opened just before `i`, doubled quotes taken as content, or -1.
	std::int32_t quote_end(std::int32_t i, char quote, bool escapes) const
	{
		while (i < size())
		{
			if (escapes && at(i) == '\\')
				i += 2;
			else if (at(i) != quote)
				i++;
			else if (at(i + 1) == quote)
				i += 2;
			else
				return i + 1;
		}
		return -1;
	}

	/// Behind a string literal with all its continuations, or -1.
	std::int32_t string_end(std::int32_t i, bool escapes) const
	{
		while (true)
		{
			i = quote_end(i, '\'', escapes);
			if (i < 0)
				return -1;
			const std::int32_t next = string_continues(text, i);
			if (next < 0)
				return i;
			i = next;
		}
	}

	/// The length of the delimiter $tag$ that begins at `i`, or 0 if none does.
	std::int32_t dollar_length(std::int32_t i) const
	{
		std::int32_t j = i + 1;
		if (begins_word(at(j)))
			while (begins_word(at(j)) || is_digit(at(j)))
				j++;
		return at(j) == '$' ? j + 1 - i : 0;
	}

	/// Behind the dollar-quoted string that begins at `i` with a delimiter of that length, or -1.
	std::int32_t dollar_end(std::int32_t i, std::int32_t length) const
	{
		const char *const tag = text.data() + i;
		for (std::int32_t j = i + length; j + length <= size(); j++)
			if (at(j) == '$' && std::memcmp(text.data() + j, tag, static_cast<std::size_t>(length)) == 0)
				return j + length;
		return -1;
	}

	/// Behind the number that begins at `i`.
	std::int32_t number_end(std::int32_t i) const
	{
		const char base = lower(at(i + 1));
		if (at(i) == '0' && (base == 'x' || base == 'o' || base == 'b') && continues_word(at(i + 2)))
		{
			i += 2;
			while (is_digit(at(i)) || at(i) == '_' || (lower(at(i)) >= 'a' && lower(at(i)) <= 'f'))
				i++;
			return i;
		}
		while (is_digit(at(i)) || (at(i) == '_' && is_digit(at(i + 1))))
			i++;
		if (at(i) == '.' && at(i + 1) != '.')
		{
			i++;
			while (is_digit(at(i)) || (at(i) == '_' && is_digit(at(i + 1))))
				i++;
		}
		if (lower(at(i)) == 'e')
		{
			const std::int32_t digits = at(i + 1) == '+' || at(i + 1) == '-' ? i + 2 : i + 1;
			if (is_digit(at(digits)))
			{
				i = digits;
				while (is_digit(at(i)))
					i++;
			}
		}
		return i;
	}
};

/// A token of `kind`, or the complaint that it never ends.
RawToken quoted(RawKind kind, std::int32_t begin, std::int32_t end, const char *complaint)
{
	if (end < 0)
		return {RawKind::unterminated, begin, begin, complaint};
	return {kind, begin, end, nullptr};
}

constexpr const char *kOpenString = "unterminated quoted string";
constexpr const char *kOpenName = "unterminated quoted identifier";

} // namespace

std::int32_t string_continues(std::string_view text, std::int32_t at)
{
	const Reader in{text};
	bool new_line = false;
	while (at < in.size())
	{
		const char c = in.at(at);
		if (is_space(c))
		{
			new_line = new_line || c == '\n' || c == '\r';
			at++;
		}
		else if (in.comment_line(at))
			at = in.line_end(at);
		else
			return new_line && c == '\'' ? at + 1 : -1;
	}
	return -1;
}

RawToken scan(std::string_view text, std::int32_t at)
{
	const Reader in{text};
	while (at < in.size())
	{
		if (is_space(in.at(at)))
			at++;
		else if (in.comment_line(at))
			at = in.line_end(at);
		else if (in.comment_block(at))
		{
			const std::int32_t end = in.comment_end(at);
			if (end < 0)
				return {RawKind::unterminated, at, at, "unterminated /* comment"};
			at = end;
		}
		else
			break;
	}
	if (at >= in.size())
		return {RawKind::end, in.size(), in.size(), nullptr};

	const char c = in.at(at);
	if (c == '\'')
		return quoted(RawKind::string, at, in.string_end(at + 1, false), kOpenString);
	if (c == '"')
		return quoted(RawKind::quoted_word, at, in.quote_end(at + 1, '"', false), kOpenName);
	if (begins_word(c))
	{
		const char low = lower(c);
		if (in.at(at + 1) == '\'')
		{
			if (low == 'e')
				return quoted(RawKind::escape_string, at, in.string_end(at + 2, true), kOpenString);
			if (low == 'n')
				return quoted(RawKind::string, at, in.string_end(at + 2, false), kOpenString);
			if (low == 'b' || low == 'x')
				return quoted(RawKind::bit_string, at, in.string_end(at + 2, false), "unterminated bit string literal");
		}
		if (low == 'u' && in.at(at + 1) == '&' && in.at(at + 2) == '\'')
			return quoted(RawKind::unicode_string, at, in.string_end(at + 3, false), kOpenString);
		if (low == 'u' && in.at(at + 1) == '&' && in.at(at + 2) == '"')
			return quoted(RawKind::unicode_word, at, in.quote_end(at + 3, '"', false), kOpenName);
		std::int32_t end = at + 1;
		while (end < in.size() && continues_word(in.at(end)))
			end++;
		return {RawKind::word, at, end, nullptr};
	}
	if (is_digit(c) || (c == '.' && is_digit(in.at(at + 1))))
		return {RawKind::number, at, in.number_end(at), nullptr};
	if (c == '$')
	{
		const std::int32_t length = in.dollar_length(at);
		if (length > 0)
			return quoted(RawKind::dollar_string, at, in.dollar_end(at, length), "unterminated dollar-quoted string");
		std::int32_t end = at + 1;
		while (is_digit(in.at(end)))
			end++;
		if (end > at + 1)
			return {RawKind::parameter, at, end, nullptr};
	}
	return {RawKind::symbol, at, at + 1, nullptr};
}

SqlEnd skip_sql(std::string_view text, std::int32_t at, bool at_comma, void (*interrupt)())
{
	SqlEnd result;
	std::int32_t round = 0;
	std::int32_t square = 0;
	bool any = false;
	for (std::int32_t steps = 1;; steps++)
	{
		if (interrupt != nullptr && steps % kInterruptEvery == 0)
			interrupt();
		const RawToken token = scan(text, at);
		if (!any)
			result.first = result.last = token.begin;
		if (token.kind == RawKind::unterminated || token.kind == RawKind::end)
		{
			if (token.kind == RawKind::unterminated)
				result.unterminated = token;
			result.stop = static_cast<std::int32_t>(text.size());
			return result;
		}
		if (token.kind == RawKind::symbol)
		{
			const char c = text[static_cast<std::size_t>(token.begin)];
			if ((c == ')' && round == 0) || (c == ',' && at_comma && round == 0 && square == 0))
			{
				result.stop = token.begin;
				result.closed = true;
				return result;
			}
			round += c == '(' ? 1 : c == ')' ? -1 : 0;
			if (c == '[')
				square++;
			else if (c == ']' && square > 0)
				square--;
		}
		any = true;
		result.last = token.end;
		at = token.end;
	}
}

Vec<Sql> split_list(Arena &arena, Sql list)
{
	Vec<Sql> items;
	std::int32_t at = 0;
	while (true)
	{
		const SqlEnd end = skip_sql(list.text, at, true);
		items.push(arena, {slice(list.text, end.first, end.last), list.offset + end.first});
		if (!end.closed)
			return items;
		at = end.stop + 1;
	}
}

} // namespace bpt::core
