// Headers that a definition adds to mail messages: what is taken, what is refused and why (email.hpp).
#include "core/email.hpp"
#include "core/json.hpp"
#include "core/text.hpp"

namespace bpt::core {

namespace {

constexpr std::size_t kLongestHeaderName = 76;
constexpr std::size_t kLongestWord = 900; // a line of a message has at most 998 bytes

constexpr std::string_view kOwnHeaders[] = {"From", "To",         "Cc",           "Bcc",      "Subject",
											"Date", "Message-ID", "MIME-Version", "Received", "Return-Path"};

bool begins_with_word(std::string_view text, std::string_view begin)
{
	return text.size() >= begin.size() && same_word({text.data(), begin.size()}, begin);
}

} // namespace

MailProblem check_header(Arena &arena, const MailHeader &header)
{
	if (header.name.empty() || header.name.size() > kLongestHeaderName)
		return {"the name of a header has 1 to 76 characters", header.name};
	for (const char c : header.name)
		if (c <= ' ' || c == ':' || static_cast<unsigned char>(c) >= 0x7F)
			return {"the name of a header has only printable ASCII characters and no colon", header.name};
	for (const std::string_view own : kOwnHeaders)
		if (same_word(header.name, own))
			return {"the message has this header by itself", header.name};
	if (begins_with_word(header.name, "Content-") || begins_with_word(header.name, "Resent-"))
		return {"the message has headers of this kind by itself", header.name};
	const MailProblem line = check_line(header.value);
	if (line)
		return {line.reason, header.name};
	std::size_t word = 0;
	for (const char c : header.value)
	{
		word = c == ' ' ? 0 : word + 1;
		if (word > kLongestWord)
			return {"its value has a word of more than 900 bytes", header.name};
	}
	if (same_word(header.name, "Reply-To") || same_word(header.name, "Sender"))
	{
		MailProblem problem;
		if (parse_mailboxes(arena, header.value, problem).empty() && !problem)
			problem = {"an address is missing", header.name};
		return problem;
	}
	return {};
}

MailProblem check_headers(Arena &arena, std::string_view json)
{
	JsonProblem invalid;
	const JsonValue *const object = read_json_value(arena, json, invalid);
	if (object == nullptr || object->kind != JsonKind::object)
		return {"a JSON object of names and texts is expected", {}};
	for (const JsonValue *member = object->first; member != nullptr; member = member->next)
	{
		if (member->kind == JsonKind::boolean || member->kind == JsonKind::array || member->kind == JsonKind::object)
			return {"the value of a header is a text or a number", member->key};
		const MailProblem problem = check_header(arena, {member->key, member->text});
		if (problem)
			return problem;
	}
	return {};
}

} // namespace bpt::core
