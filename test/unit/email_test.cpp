// Mail messages: what may be an address or a header, and the bytes that come out.
#include "core/email.hpp"

#include <gtest/gtest.h>

#include "reading.hpp"

using namespace bpt::core;
using bpt::test::TestArena;

namespace {

/// "name|address;…" of a list, or "! reason" where it is refused.
std::string mailboxes(const std::string &list)
{
	TestArena arena;
	MailProblem problem;
	std::string result;
	for (const Mailbox &mailbox : parse_mailboxes(arena, list, problem))
		result += std::string(mailbox.name) + "|" + std::string(mailbox.address) + ";";
	return problem ? "! " + std::string(problem.reason) : result;
}

std::string header_problem(const std::string &name, const std::string &value)
{
	TestArena arena;
	return std::string(check_header(arena, {name, value}).reason);
}

/// A message to a@x.org with these texts.
std::string composed(const std::string &subject, const std::string &body, const std::string &html = "",
					 const std::string &from = "s@x.org", const std::vector<MailHeader> &headers = {})
{
	TestArena arena;
	MailProblem problem;
	MailMessage message;
	message.from = parse_mailboxes(arena, from, problem)[0];
	message.to = parse_mailboxes(arena, "a@x.org, \"B, C\" <b@x.org>", problem);
	message.subject = subject;
	message.message_id = "<1@x.org>";
	message.date = "Mon, 02 Mar 2026 09:00:00 +0000";
	for (const MailHeader &header : headers)
		message.headers.push(arena, header);
	message.body = body;
	message.html = html;
	message.has_body = true;
	message.has_html = !html.empty();
	return std::string(compose(arena, message));
}

} // namespace

TEST(Email, Addresses)
{
	EXPECT_EQ(mailboxes("a@x.org"), "|a@x.org;");
	EXPECT_EQ(mailboxes(" A B <a@x.org> ,b.c+d@localhost"), "A B|a@x.org;|b.c+d@localhost;");
	EXPECT_EQ(mailboxes("\"A, \\\"B\\\" \\\\\" <a@x.org>"), "A, \"B\" \\|a@x.org;");
	EXPECT_EQ(mailboxes("<a@x.org>"), "|a@x.org;");
	EXPECT_EQ(mailboxes(""), "");
	EXPECT_EQ(mailboxes("   "), "");
	for (const char *refused : {"a",
								"@x.org",
								"a@",
								"a@x..org",
								"a@.org",
								"a@x.org.",
								".a@x.org",
								"a..b@x.org",
								"a b@x.org",
								"a@x org",
								"a@-x.org",
								"a@x-.org",
								"a@x_y.org",
								"a@x.org;b@x.org",
								"a@x.org b@x.org",
								"<a@x.org",
								"a@x.org>",
								"<<a@x.org>>",
								"<a@x.org> b",
								"\"a\" b@x.org",
								"\"a",
								"\"a\"@x.org",
								"a@x.org,",
								",a@x.org",
								"a@x.org\r\nBcc: b@x.org",
								"a@x.org\n",
								"\"a\tb\" <a@x.org>",
								"\xC3\xA9@x.org",
								"a@\xC3\xA9.org",
								"A <a@x.org\r\n>",
								"A <b <a@x.org>",
								"a@b@x.org"})
		EXPECT_EQ(mailboxes(refused).substr(0, 2), "! ") << refused;
	EXPECT_EQ(mailboxes(std::string("a@x.org\0, b@x.org", 17)).substr(0, 2), "! ");
	EXPECT_EQ(mailboxes(std::string(65, 'a') + "@x.org").substr(0, 2), "! ");
	EXPECT_EQ(mailboxes("a@" + std::string(64, 'x') + ".org").substr(0, 2), "! ");
}

TEST(Email, Headers)
{
	EXPECT_EQ(header_problem("X-Order", "17 \xE2\x82\xAC"), "");
	EXPECT_EQ(header_problem("reply-to", "\"A\" <a@x.org>"), "");
	for (const char *name : {"", "X Y", "X:Y", "X\r\nBcc", "\xC3\xA9", "from", "BCC", "message-id", "content-type",
							 "Resent-To", "mime-version", "received"})
		EXPECT_NE(header_problem(name, "x"), "") << name;
	for (const char *value : {"a\r\nBcc: b@x.org", "a\nb", "a\rb", "a\tb", "a\x7F"})
		EXPECT_NE(header_problem("X-A", value), "") << value;
	EXPECT_NE(header_problem("Reply-To", "nobody"), "");
	EXPECT_NE(header_problem("Sender", ""), "");
}

TEST(Email, PlainMessage)
{
	EXPECT_EQ(composed("Hello", "One\nTwo \r\nThree\r=\xC3\xA9"), "Date: Mon, 02 Mar 2026 09:00:00 +0000\r\n"
																  "From: s@x.org\r\n"
																  "To: a@x.org,\r\n \"B, C\" <b@x.org>\r\n"
																  "Subject: Hello\r\n"
																  "Message-ID: <1@x.org>\r\n"
																  "MIME-Version: 1.0\r\n"
																  "Content-Type: text/plain; charset=utf-8\r\n"
																  "Content-Transfer-Encoding: quoted-printable\r\n"
																  "\r\n"
																  "One\r\nTwo=20\r\nThree\r\n=3D=C3=A9\r\n");
}

TEST(Email, EncodesWhatIsNotAscii)
{
	const std::string message = composed("\xC3\x84 =?x?=", "b", "", "J\xC3\xB6 <s@x.org>", {{"X-A", "\xC3\xA9"}});
	EXPECT_NE(message.find("Subject: =?UTF-8?B?w4QgPT94Pz0=?=\r\n"), std::string::npos) << message;
	EXPECT_NE(message.find("From: =?UTF-8?B?SsO2?= <s@x.org>\r\n"), std::string::npos) << message;
	EXPECT_NE(message.find("X-A: =?UTF-8?B?w6k=?=\r\n"), std::string::npos) << message;
	EXPECT_NE(composed("=?x?=", "b").find("Subject: =?UTF-8?B?PT94Pz0=?=\r\n"), std::string::npos);
}

TEST(Email, LinesAreShort)
{
	std::string long_text;
	for (int i = 0; i < 200; i++)
		long_text += "word\xE2\x82\xAC ";
	std::string ascii;
	for (int i = 0; i < 200; i++)
		ascii += "some words ";
	for (const std::string &message :
		 {composed(long_text, long_text, long_text), composed(ascii, ascii + std::string(2000, 'x') + " ", "<p>")})
	{
		std::size_t begin = 0;
		while (begin < message.size())
		{
			const std::size_t end = message.find("\r\n", begin);
			ASSERT_NE(end, std::string::npos);
			EXPECT_LE(end - begin, 78U) << message.substr(begin, end - begin);
			EXPECT_EQ(message.substr(begin, end - begin).find_first_of("\r\n"), std::string::npos);
			begin = end + 2;
		}
	}
}

TEST(Email, Alternatives)
{
	const std::string message = composed("s", "--=_bpt_alternative_=--", "<p>");
	EXPECT_NE(message.find("Content-Type: multipart/alternative; boundary=\"=_bpt_alternative_=\"\r\n"),
			  std::string::npos);
	// What the text says of the boundary is no boundary.
	EXPECT_NE(message.find("\r\n--=3D_bpt_alternative_=3D--\r\n"), std::string::npos) << message;
	EXPECT_LT(message.find("text/plain"), message.find("text/html"));
}
