// The bytes of a mail message (email.hpp).
#include "core/email.hpp"
#include "core/text.hpp"

namespace bpt::core {

namespace {

constexpr int kLineLength = 76;
constexpr int kAroundWord = 12; // characters of an encoded word that are not its text
constexpr std::size_t kLongestPlainWord = 900;

/// Text that grows.
struct Out
{
	Arena &arena;
	Vec<char> bytes;
	int column = 0; // of the line at hand

	void put(char c)
	{
		bytes.push(arena, c);
		column = c == '\n' ? 0 : column + 1;
	}
	void put(std::string_view text)
	{
		for (const char c : text)
			put(c);
	}
	void end_line() { put("\r\n"); }
	std::string_view text() const { return {bytes.items, static_cast<std::size_t>(bytes.count)}; }
};

void put_base64(Out &out, std::string_view bytes)
{
	constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	for (std::size_t i = 0; i < bytes.size(); i += 3)
	{
		const std::size_t left = bytes.size() - i;
		const auto at = [&](std::size_t j) {
			return j < left ? static_cast<unsigned>(static_cast<unsigned char>(bytes[i + j])) : 0U;
		};
		const unsigned three = (at(0) << 16) | (at(1) << 8) | at(2);
		out.put(digits[three >> 18]);
		out.put(digits[(three >> 12) & 63]);
		out.put(left > 1 ? digits[(three >> 6) & 63] : '=');
		out.put(left > 2 ? digits[three & 63] : '=');
	}
}

bool is_ascii(std::string_view text)
{
	for (const char c : text)
		if (static_cast<unsigned char>(c) >= 0x80)
			return false;
	return true;
}

/// Encoded words, one a line, cut between characters.
void put_encoded(Out &out, std::string_view text)
{
	bool first = true;
	while (!text.empty())
	{
		if (!first || out.column > kLineLength / 2)
			out.put("\r\n ");
		first = false;
		const std::size_t room = static_cast<std::size_t>(kLineLength - out.column - kAroundWord) / 4 * 3;
		std::size_t size = text.size() < room ? text.size() : room;
		// Not within a character; bytes that are no UTF-8 are cut anywhere.
		for (std::size_t back = 0; back < 3 && size < text.size() && (text[size] & 0xC0) == 0x80; back++)
			size--;
		out.put("=?UTF-8?B?");
		put_base64(out, {text.data(), size});
		out.put("?=");
		text.remove_prefix(size);
	}
}

/// ASCII text, folded before single blanks.
void put_folded(Out &out, std::string_view text)
{
	for (std::size_t i = 0; i < text.size(); i++)
	{
		if (text[i] == ' ' && i > 0 && text[i - 1] != ' ' && i + 1 < text.size() && text[i + 1] != ' ')
		{
			std::size_t end = i + 1;
			while (end < text.size() && text[end] != ' ')
				end++;
			if (out.column + static_cast<int>(end - i) > kLineLength)
				out.end_line();
		}
		out.put(text[i]);
	}
}

bool has_long_word(std::string_view text)
{
	std::size_t word = 0;
	for (const char c : text)
	{
		word = c == ' ' ? 0 : word + 1;
		if (word > kLongestPlainWord)
			return true;
	}
	return false;
}

/// The name, and a blank unless the value begins a line of its own.
void put_name(Out &out, std::string_view name)
{
	out.put(name);
	out.put(": ");
}

/// A header of words. What could be taken for encoded words is encoded itself, unless `is_given`.
void put_text_header(Out &out, std::string_view name, std::string_view value, bool is_given)
{
	put_name(out, name);
	if (!is_ascii(value) || (!is_given && (value.find("=?") != std::string_view::npos || has_long_word(value))))
		put_encoded(out, value);
	else
		put_folded(out, value);
	out.end_line();
}

void put_mailbox(Out &out, const Mailbox &mailbox)
{
	if (mailbox.name.empty())
	{
		out.put(mailbox.address);
		return;
	}
	if (!is_ascii(mailbox.name) || mailbox.name.find("=?") != std::string_view::npos ||
		mailbox.name.size() > kLongestPlainWord / 2)
		put_encoded(out, mailbox.name);
	else
	{
		out.put('"');
		for (const char c : mailbox.name)
		{
			if (c == '"' || c == '\\')
				out.put('\\');
			out.put(c);
		}
		out.put('"');
	}
	out.put(out.column + static_cast<int>(mailbox.address.size()) + 3 > kLineLength ? "\r\n <" : " <");
	out.put(mailbox.address);
	out.put('>');
}

/// A header of mailboxes, one a line; nothing if there are none.
void put_mailboxes(Out &out, std::string_view name, const Vec<Mailbox> &mailboxes)
{
	if (mailboxes.empty())
		return;
	put_name(out, name);
	for (std::int32_t i = 0; i < mailboxes.count; i++)
	{
		if (i > 0)
			out.put(",\r\n ");
		put_mailbox(out, mailboxes[i]);
	}
	out.end_line();
}

void put_given_header(Out &out, const MailHeader &header)
{
	if (!same_word(header.name, "Reply-To") && !same_word(header.name, "Sender"))
	{
		put_text_header(out, header.name, header.value, true);
		return;
	}
	MailProblem problem;
	put_mailboxes(out, header.name, parse_mailboxes(out.arena, header.value, problem));
}

void put_hex(Out &out, char c)
{
	constexpr char digits[] = "0123456789ABCDEF";
	out.put('=');
	out.put(digits[static_cast<unsigned char>(c) >> 4]);
	out.put(digits[static_cast<unsigned char>(c) & 15]);
}

/// Text as quoted-printable: lines end in CRLF, however they ended before, and so does the last one.
void put_quoted_printable(Out &out, std::string_view text)
{
	for (std::size_t i = 0; i < text.size(); i++)
	{
		const char c = text[i];
		const bool ends_line = c == '\r' || c == '\n';
		if (ends_line)
		{
			if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n')
				i++;
			out.end_line();
			continue;
		}
		const bool is_last = i + 1 == text.size() || text[i + 1] == '\r' || text[i + 1] == '\n';
		const bool is_plain = (c > ' ' && c < 0x7F && c != '=') || ((c == ' ' || c == '\t') && !is_last);
		if (out.column + (is_plain ? 1 : 3) > kLineLength - (is_last ? 0 : 1))
			out.put("=\r\n");
		if (is_plain)
			out.put(c);
		else
			put_hex(out, c);
	}
	if (out.column > 0)
		out.end_line();
}

void put_part(Out &out, std::string_view type, std::string_view text)
{
	out.put("Content-Type: ");
	out.put(type);
	out.put("; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n");
	put_quoted_printable(out, text);
}

/// What parts the alternatives: quoted-printable text cannot hold it.
constexpr std::string_view kBoundary = "=_bpt_alternative_=";

} // namespace

std::string_view compose(Arena &arena, const MailMessage &message)
{
	Out out{arena, {}};
	put_text_header(out, "Date", message.date, true);
	put_name(out, "From");
	put_mailbox(out, message.from);
	out.end_line();
	put_mailboxes(out, "To", message.to);
	put_mailboxes(out, "Cc", message.cc);
	if (message.to.empty() && message.cc.empty())
		out.put("To: undisclosed-recipients:;\r\n");
	put_text_header(out, "Subject", message.subject, false);
	put_text_header(out, "Message-ID", message.message_id, true);
	for (const MailHeader &header : message.headers)
		put_given_header(out, header);
	out.put("MIME-Version: 1.0\r\n");
	if (!message.has_html)
		put_part(out, "text/plain", message.body);
	else if (!message.has_body)
		put_part(out, "text/html", message.html);
	else
	{
		out.put("Content-Type: multipart/alternative; boundary=\"");
		out.put(kBoundary);
		out.put("\"\r\n\r\n");
		const auto put_boundary = [&](std::string_view end) {
			out.put("--");
			out.put(kBoundary);
			out.put(end);
		};
		put_boundary("\r\n");
		put_part(out, "text/plain", message.body);
		put_boundary("\r\n");
		put_part(out, "text/html", message.html);
		put_boundary("--\r\n");
	}
	return out.text();
}

} // namespace bpt::core
