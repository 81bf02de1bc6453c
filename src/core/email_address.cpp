// Addresses of mail messages, and what a line is: what is taken, what is refused and why (email.hpp).
#include "core/email.hpp"
#include "core/text.hpp"

namespace bpt::core {

namespace {

constexpr std::size_t kLongestAddress = 254;
constexpr std::size_t kLongestLocal = 64;
constexpr std::size_t kLongestLabel = 63;

bool is_control(char c)
{
	return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

bool is_alphanumeric(char c)
{
	const char low = lower(c);
	return (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9');
}

/// What unquoted local parts are made of, besides dots.
bool is_atom(char c)
{
	return is_alphanumeric(c) || std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

std::string_view trimmed(std::string_view text)
{
	while (!text.empty() && text.front() == ' ')
		text.remove_prefix(1);
	while (!text.empty() && text.back() == ' ')
		text.remove_suffix(1);
	return text;
}

/// True for parts of `allowed` bytes that dots separate, none of them empty or longer than `longest`.
template <typename F>
bool is_dotted(std::string_view text, std::size_t longest, F allowed)
{
	std::size_t length = 0;
	for (const char c : text)
		if (c == '.')
		{
			if (length == 0)
				return false;
			length = 0;
		}
		else if (!allowed(c) || ++length > longest)
			return false;
	return length > 0;
}

bool is_domain(std::string_view domain)
{
	if (!is_dotted(domain, kLongestLabel, [](char c) { return is_alphanumeric(c) || c == '-'; }))
		return false;
	// No label begins or ends with a hyphen.
	char before = '.';
	for (const char c : domain)
	{
		if ((before == '.' && c == '-') || (before == '-' && c == '.'))
			return false;
		before = c;
	}
	return before != '-';
}

MailProblem check_address(std::string_view address)
{
	if (address.empty())
		return {"an address is missing", address};
	for (const char c : address)
		if (static_cast<unsigned char>(c) >= 0x80)
			return {"an address can only have ASCII characters, a domain in the form xn--…", address};
	const std::size_t at = address.rfind('@');
	if (at == std::string_view::npos)
		return {"it has no @", address};
	const std::string_view local = {address.data(), at};
	const std::string_view domain = {address.data() + at + 1, address.size() - at - 1};
	if (address.size() > kLongestAddress || local.size() > kLongestLocal || !is_dotted(local, kLongestLocal, is_atom) ||
		!is_domain(domain))
		return {"it is not of the form name@domain", address};
	return {};
}

/// Reads the mailboxes of one list, one after the other.
struct ListReader
{
	Arena &arena;
	std::string_view text;
	MailProblem &problem;
	std::size_t at = 0;

	char peek() const { return at < text.size() ? text[at] : '\0'; }
	bool at_end() const { return at >= text.size(); }
	void skip_spaces()
	{
		while (peek() == ' ')
			at++;
	}

	/// The text up to one of `stops`, or the end.
	std::string_view until(std::string_view stops)
	{
		const std::size_t begin = at;
		while (!at_end() && stops.find(text[at]) == std::string_view::npos)
			at++;
		return {text.data() + begin, at - begin};
	}

	/// A name in double quotes, in which \ takes the next character as it is.
	std::string_view quoted()
	{
		char *const to = static_cast<char *>(arena.take(text.size()));
		std::size_t size = 0;
		const std::size_t begin = at++;
		while (!at_end() && text[at] != '"')
		{
			if (text[at] == '\\' && at + 1 < text.size())
				at++;
			to[size++] = text[at++];
		}
		if (at_end())
			problem = {"a quoted name does not end", {text.data() + begin, text.size() - begin}};
		at++;
		return {to, size};
	}

	Mailbox mailbox()
	{
		Mailbox result;
		const std::size_t begin = at;
		const bool is_quoted = peek() == '"';
		std::string_view before = is_quoted ? quoted() : trimmed(until("<>,\""));
		if (problem)
			return result;
		if (is_quoted)
			skip_spaces();
		if (peek() == '<')
		{
			at++;
			result.name = before;
			before = trimmed(until(">"));
			if (at_end())
				problem = {"> is missing", {text.data() + begin, text.size() - begin}};
			at++;
			skip_spaces();
		}
		else if (is_quoted)
			problem = {"an address in < > must follow a quoted name", before};
		result.address = before;
		if (!problem)
			problem = check_address(before);
		if (!problem && !at_end() && peek() != ',')
			problem = {"a comma must stand between addresses", {text.data() + begin, text.size() - begin}};
		return result;
	}
};

} // namespace

MailProblem check_line(std::string_view text)
{
	for (const char c : text)
		if (is_control(c))
			return {"it contains a line break or another control character", {}};
	return {};
}

Vec<Mailbox> parse_mailboxes(Arena &arena, std::string_view list, MailProblem &problem)
{
	Vec<Mailbox> result;
	problem = check_line(list);
	if (problem || trimmed(list).empty())
		return result;
	ListReader reader{arena, list, problem};
	for (;;)
	{
		reader.skip_spaces();
		const Mailbox mailbox = reader.mailbox();
		if (problem)
			return result;
		result.push(arena, mailbox);
		if (reader.at_end())
			return result;
		reader.at++;
	}
}

} // namespace bpt::core
