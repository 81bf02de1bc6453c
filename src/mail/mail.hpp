// The mail module, bpt_mail: what bpt asks of it. It is a library of its own, loaded with the first message, so that
// no other backend pays for libcurl and what comes with it.
#pragma once
#include <cstddef>

namespace bpt::mail {

/// The server that takes the messages.
struct Server
{
	const char *url;  // smtp://host:port or smtps://host:port
	bool starttls;    // nothing is said before the connection is encrypted
	const char *user; // null: without authentication
	const char *password;
	const char *ca_file; // null: the system's certificates
	int timeout;         // ms, for one message
};

/// One message as it goes over the line. Addresses are bare, checked, and hold no control character.
struct Letter
{
	const char *sender;
	const char *const *recipients;
	int recipient_count;
	const char *data;
	std::size_t size;
};

enum class Outcome
{
	taken,
	refused,   // this message, for good
	no_access, // the server does not let us in
	failed,    // no server, no answer in time, not now: another time it may be taken
};

/// What became of a message: in words, and what the server answered last.
struct Result
{
	Outcome outcome;
	char message[512];
	char answer[512];
};

/// Hands a message over to the server. A cancel or termination meanwhile is raised at once.
using Send = void (*)(const Server *server, const Letter *letter, Result *result);
inline constexpr const char *kModule = "$libdir/bpt_mail";
inline constexpr const char *kSend = "bpt_mail_send";

} // namespace bpt::mail
