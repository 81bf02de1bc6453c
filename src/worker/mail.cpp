// Sending mail: a row of bpt.email_message becomes a message, which the mail module takes to bpt.email_server.
//
// After a failure that may be the server's, the worker leaves all messages alone for some times as long as the failure took:
// a server that does not answer must not keep it from its other work. Locks: none of its own.
#include "pg/postgres.hpp"

#include "core/email.hpp"
#include "engine/email.hpp"
#include "mail/mail.hpp"
#include "pg/arena.hpp"
#include "pg/bracket.hpp"
#include "pg/errors.hpp"
#include "worker/mail.hpp"
#include "worker/worker.hpp"

extern "C" {
#include "mb/pg_wchar.h"
#include "utils/datetime.h"
}

namespace bpt::worker {

namespace {

namespace em = email_message;

mail::Send module_send = nullptr;

// No message is tried until then, unless bpt.email_server has changed.
TimestampTz paused_until = 0;
TransactionId paused_for = InvalidTransactionId;

constexpr int kPauseFactor = 9; // a server that does not answer costs a worker a tenth of its time at most
constexpr int kPlainPort = 25;
constexpr int kStarttlsPort = 587;
constexpr int kTlsPort = 465;

/// A column in UTF-8, whatever the database is in; empty if NULL.
std::string_view utf8(const pg::Row &row, int column)
{
	if (row.null(column))
		return {};
	char *const text = row.text(column);
	return pg_server_to_any(text, static_cast<int>(strlen(text)), PG_UTF8);
}

/// "Mon, 02 Mar 2026 09:00:00 +0000"
char *date_of(TimestampTz instant)
{
	struct pg_tm tm = {};
	fsec_t fraction = 0;
	if (timestamp2tm(instant, nullptr, &tm, &fraction, nullptr, nullptr) != 0)
		ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE), errmsg("timestamp out of range")));
	return psprintf("%.3s, %02d %s %04d %02d:%02d:%02d +0000", days[j2day(date2j(tm.tm_year, tm.tm_mon, tm.tm_mday))],
					tm.tm_mday, months[tm.tm_mon - 1], tm.tm_year, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/// The texts and numbers of HEADERS.
core::Vec<core::MailHeader> headers_of(core::Arena &arena, const pg::Row &row)
{
	core::Vec<core::MailHeader> headers;
	if (row.null(em::headers))
		return headers;
	JsonbIterator *iterator = JsonbIteratorInit(&row.json(em::headers)->root);
	JsonbValue value;
	core::MailHeader header;
	const auto utf8_of = [](const char *text, int length) -> std::string_view {
		return pg_server_to_any(pnstrdup(text, static_cast<Size>(length)), length, PG_UTF8);
	};
	for (JsonbIteratorToken token = JsonbIteratorNext(&iterator, &value, true); token != WJB_DONE;
		 token = JsonbIteratorNext(&iterator, &value, true))
		if (token == WJB_KEY)
			header.name = utf8_of(value.val.string.val, value.val.string.len);
		else if (token == WJB_VALUE && value.type == jbvString)
		{
			header.value = utf8_of(value.val.string.val, value.val.string.len);
			headers.push(arena, header);
		}
		else if (token == WJB_VALUE && value.type == jbvNumeric)
		{
			header.value = DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(value.val.numeric)));
			headers.push(arena, header);
		}
	return headers;
}

core::Vec<core::Mailbox> mailboxes(core::Arena &arena, const pg::Row &row, int column)
{
	core::MailProblem problem;
	const core::Vec<core::Mailbox> result = core::parse_mailboxes(arena, utf8(row, column), problem);
	// It was read when the message was queued.
	if (problem)
		elog(ERROR, "bpt: message " INT64_FORMAT " has an address that is none", row.int8(em::id));
	return result;
}

mail::Letter letter_of(const pg::Row &row)
{
	core::Arena arena = pg::arena_in(CurrentMemoryContext);
	core::MailMessage message;
	message.from = mailboxes(arena, row, em::from_address)[0];
	message.to = mailboxes(arena, row, em::to_addresses);
	message.cc = mailboxes(arena, row, em::cc);
	message.subject = utf8(row, em::subject);
	message.message_id = utf8(row, em::message_id);
	message.date = date_of(row.instant(em::created));
	message.headers = headers_of(arena, row);
	message.body = utf8(row, em::body);
	message.html = utf8(row, em::html);
	message.has_body = !row.null(em::body);
	message.has_html = !row.null(em::html);
	const std::string_view bytes = core::compose(arena, message);

	core::Vec<const char *> recipients;
	for (const core::Vec<core::Mailbox> &list : {message.to, message.cc, mailboxes(arena, row, em::bcc)})
		for (const core::Mailbox &mailbox : list)
			recipients.push(arena, arena.copy(mailbox.address).data());
	return {arena.copy(message.from.address).data(), recipients.items, recipients.count, bytes.data(), bytes.size()};
}

/// Who wrote the row of bpt.email_server.
TransactionId version_of_server()
{
	return pg::find("email_server", "email_server_pkey", {}).xmin;
}

int sqlstate_of(mail::Outcome outcome)
{
	return outcome == mail::Outcome::refused     ? kMailRefused
		   : outcome == mail::Outcome::no_access ? ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION
												 : ERRCODE_CONNECTION_FAILURE;
}

/// Foreign text, of which nobody knows in what encoding it is: what is not ASCII is shown as a question mark.
char *text_of(const char *foreign)
{
	char *const text = pstrdup(foreign);
	for (char *c = text; *c != '\0'; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	return text;
}

/// bpt.email_server as it is now.
mail::Server server_now()
{
	const pg::Row row = pg::find("email_server", "email_server_pkey", {});
	if (!row)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE), errmsg("bpt.email_server has no row")));
	const char *const security = row.text(email_server::security);
	const bool tls = strcmp(security, "tls") == 0;
	const bool starttls = strcmp(security, "starttls") == 0;
	const int port = !row.null(email_server::port) ? row.int4(email_server::port)
					 : tls                         ? kTlsPort
					 : starttls                    ? kStarttlsPort
												   : kPlainPort;
	const Interval *const timeout = DatumGetIntervalP(row.at(email_server::timeout));
	return {psprintf("%s://%s:%d", tls ? "smtps" : "smtp", row.text(email_server::host), port),
			starttls,
			row.text(email_server::user_name),
			row.text(email_server::password),
			row.text(email_server::ca_file),
			static_cast<int>(timeout->time / 1000)};
}

/// Sends one message. Raises what hinders it.
void send(const pg::Row &row)
{
	const mail::Server server = server_now();
	const mail::Letter letter = letter_of(row);
	if (module_send == nullptr)
		module_send = reinterpret_cast<mail::Send>(load_external_function(mail::kModule, mail::kSend, true, nullptr));
	mail::Result result = {};
	const TimestampTz start = GetCurrentTimestamp();
	module_send(&server, &letter, &result);
	if (result.outcome != mail::Outcome::taken && result.outcome != mail::Outcome::refused)
	{
		const TimestampTz end = GetCurrentTimestamp();
		paused_until = end + kPauseFactor * (end - start);
		paused_for = version_of_server();
	}
	if (result.outcome == mail::Outcome::taken)
		return;
	ereport(ERROR, (errcode(sqlstate_of(result.outcome)),
					result.outcome == mail::Outcome::refused
						? errmsg("the mail server refused the message: %s", text_of(result.message))
						: errmsg("the message could not be sent: %s", text_of(result.message)),
					result.answer[0] == '\0' ? 0 : errdetail("The server answered: %s", text_of(result.answer))));
}

} // namespace

bool is_mail_paused(TimestampTz now)
{
	return now < paused_until && paused_for == version_of_server();
}

void register_mail()
{
	engine::send_email = send;
}

} // namespace bpt::worker
