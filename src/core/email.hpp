// Mail messages: what an address list and a header may be, and the bytes of a message (RFC 5322, 2045, 2047).
//
// Nothing that comes from data can end a header or begin another: text with a control character is refused, text beyond
// ASCII is written as encoded words. All texts are UTF-8. A message is the same bytes whenever it is composed anew.
#pragma once
#include "core/arena.hpp"

namespace bpt::core {

/// `Anna Maria <anna@example.org>` or `anna@example.org`.
struct Mailbox
{
	std::string_view name; // unquoted; may be empty
	std::string_view address;
};

/// Why a text cannot be used, as the end of "…: <reason>"; empty: it can. `what` is the piece at fault.
struct MailProblem
{
	std::string_view reason;
	std::string_view what;
	explicit operator bool() const { return !reason.empty(); }
};

/// The mailboxes of a comma-separated list; a blank one has none.
Vec<Mailbox> parse_mailboxes(Arena &arena, std::string_view list, MailProblem &problem);

/// Whether a text can be a line of a header: no control characters.
MailProblem check_line(std::string_view text);

struct MailHeader
{
	std::string_view name;
	std::string_view value;
};

/// Whether a header may be added to a message: a proper name, none of those that the message has by itself, one line.
MailProblem check_header(Arena &arena, const MailHeader &header);

/// The same of HEADERS as a definition gives them: a JSON object of names and of texts, numbers or nulls.
MailProblem check_headers(Arena &arena, std::string_view json);

struct MailMessage
{
	Mailbox from;
	Vec<Mailbox> to;
	Vec<Mailbox> cc;
	std::string_view subject;
	std::string_view message_id; // with its angle brackets
	std::string_view date;       // as RFC 5322 writes it
	Vec<MailHeader> headers;     // checked before
	std::string_view body;
	std::string_view html;
	bool has_body = false;
	bool has_html = false;
};

/// The message as it is sent, lines ending in CRLF: headers, then the text, the HTML, or both as alternatives.
std::string_view compose(Arena &arena, const MailMessage &message);

} // namespace bpt::core
