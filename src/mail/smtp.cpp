// The mail module: one message over SMTP by libcurl (mail.hpp).
//
// No PostgreSQL error ever jumps through libcurl: its callbacks only copy, and between its calls, where this file waits,
// interrupts are served as everywhere else. libcurl may look up names in a thread: threads are made with all signals
// blocked, so that PostgreSQL's handlers run in the thread they were made for. Locks: none.
#include "pg/postgres.hpp"

#include "mail/mail.hpp"

extern "C" {
#include "libpq/pqsignal.h"
#include "storage/ipc.h"
#include "storage/pmsignal.h"

#include <curl/curl.h>
#include <signal.h>

PG_MODULE_MAGIC;
PGDLLEXPORT void _PG_init(void);
PGDLLEXPORT void bpt_mail_send(const bpt::mail::Server *server, const bpt::mail::Letter *letter,
							   bpt::mail::Result *result);
}

namespace bpt::mail {

namespace {

constexpr int kWaitMs = 200; // at most so long until an interrupt is noticed

/// What libcurl has of one sending; freed in any case.
struct Transfer
{
	CURLM *multi;
	CURL *easy;
	curl_slist *recipients;
	const Letter *letter;
	std::size_t written;
	bool is_begun; // MAIL FROM was said: from here on refusals are about this message
	bool is_ended; // what the server answers now is of no interest
	Result *result;
	char error[CURL_ERROR_SIZE];
};

/// Gives libcurl the next piece of the message.
std::size_t read_letter(char *to, std::size_t size, std::size_t count, void *context)
{
	Transfer &transfer = *static_cast<Transfer *>(context);
	const std::size_t left = transfer.letter->size - transfer.written;
	const std::size_t piece = left < size * count ? left : size * count;
	memcpy(to, transfer.letter->data + transfer.written, piece);
	transfer.written += piece;
	return piece;
}

/// Watches the conversation: how far it has come, and the server's last answer. What we say is not kept: it may be a password.
int watch(CURL *, curl_infotype type, char *data, std::size_t size, void *context)
{
	Transfer &transfer = *static_cast<Transfer *>(context);
	const auto says = [&](std::string_view word) {
		return type == CURLINFO_HEADER_OUT && size >= word.size() && memcmp(data, word.data(), word.size()) == 0;
	};
	transfer.is_begun = transfer.is_begun || says("MAIL ");
	transfer.is_ended = transfer.is_ended || says("QUIT");
	if (type != CURLINFO_HEADER_IN || transfer.is_ended)
		return 0;
	while (size > 0 && (data[size - 1] == '\n' || data[size - 1] == '\r'))
		size--;
	char *const answer = transfer.result->answer;
	const std::size_t room = sizeof(transfer.result->answer) - 1;
	const std::size_t length = size < room ? size : room;
	memcpy(answer, data, length);
	answer[length] = '\0';
	return 0;
}

/// Ends what libcurl does within one of its calls when this process is told to: its own waiting knows no interrupts.
int progress(void *, curl_off_t, curl_off_t, curl_off_t, curl_off_t)
{
	sigset_t pending;
	const bool is_told =
		sigpending(&pending) == 0 && (sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGINT) == 1);
	return is_told || ProcDiePending || QueryCancelPending ? 1 : 0;
}

template <typename V>
void set(const Transfer &transfer, CURLoption option, V value)
{
	if (curl_easy_setopt(transfer.easy, option, value) != CURLE_OK)
		elog(ERROR, "bpt: libcurl does not know option %d", static_cast<int>(option));
}

char *in_brackets(const char *address)
{
	return psprintf("<%s>", address);
}

[[noreturn]] void out_of_memory()
{
	ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory"), errdetail("libcurl got none.")));
	pg_unreachable();
}

void prepare(Transfer &transfer, const Server &server)
{
	transfer.multi = curl_multi_init();
	transfer.easy = curl_easy_init();
	if (transfer.multi == nullptr || transfer.easy == nullptr)
		out_of_memory();
	for (int i = 0; i < transfer.letter->recipient_count; i++)
	{
		curl_slist *const longer = curl_slist_append(transfer.recipients, in_brackets(transfer.letter->recipients[i]));
		if (longer == nullptr)
			out_of_memory();
		transfer.recipients = longer;
	}

	set(transfer, CURLOPT_URL, server.url);
#if LIBCURL_VERSION_NUM >= 0x075500
	set(transfer, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
#else
	set(transfer, CURLOPT_PROTOCOLS, static_cast<long>(CURLPROTO_SMTP | CURLPROTO_SMTPS));
#endif
	set(transfer, CURLOPT_PROXY, "");
	set(transfer, CURLOPT_NOSIGNAL, 1L);
	set(transfer, CURLOPT_TIMEOUT_MS, static_cast<long>(server.timeout));
	set(transfer, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(server.timeout));
	set(transfer, CURLOPT_SERVER_RESPONSE_TIMEOUT, static_cast<long>(server.timeout + 999) / 1000);
	set(transfer, CURLOPT_FORBID_REUSE, 1L);
	set(transfer, CURLOPT_USE_SSL, static_cast<long>(server.starttls ? CURLUSESSL_ALL : CURLUSESSL_NONE));
	set(transfer, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
	if (server.ca_file != nullptr)
		set(transfer, CURLOPT_CAINFO, server.ca_file);
	if (server.user != nullptr)
	{
		set(transfer, CURLOPT_USERNAME, server.user);
		set(transfer, CURLOPT_PASSWORD, server.password != nullptr ? server.password : "");
	}
	set(transfer, CURLOPT_MAIL_FROM, in_brackets(transfer.letter->sender));
	set(transfer, CURLOPT_MAIL_RCPT, transfer.recipients);
	set(transfer, CURLOPT_UPLOAD, 1L);
	set(transfer, CURLOPT_READFUNCTION, read_letter);
	set(transfer, CURLOPT_READDATA, &transfer);
	set(transfer, CURLOPT_VERBOSE, 1L);
	set(transfer, CURLOPT_DEBUGFUNCTION, watch);
	set(transfer, CURLOPT_DEBUGDATA, &transfer);
	set(transfer, CURLOPT_NOPROGRESS, 0L);
	set(transfer, CURLOPT_XFERINFOFUNCTION, progress);
	set(transfer, CURLOPT_ERRORBUFFER, transfer.error);
	if (curl_multi_add_handle(transfer.multi, transfer.easy) != CURLM_OK)
		elog(ERROR, "bpt: libcurl does not begin");
}

/// Lets libcurl work until it has done, serving interrupts in between.
CURLcode converse(const Transfer &transfer)
{
	int running = 1;
	while (running > 0)
	{
		sigset_t saved;
		sigprocmask(SIG_SETMASK, &BlockSig, &saved);
		const CURLMcode progress_made = curl_multi_perform(transfer.multi, &running);
		sigprocmask(SIG_SETMASK, &saved, nullptr);
		if (progress_made != CURLM_OK)
			elog(ERROR, "bpt: libcurl does not go on: %s", curl_multi_strerror(progress_made));
		if (running > 0)
			curl_multi_poll(transfer.multi, nullptr, 0, kWaitMs, nullptr);
		CHECK_FOR_INTERRUPTS();
		if (!PostmasterIsAlive())
			proc_exit(1);
	}
	int left = 0;
	while (const CURLMsg *const message = curl_multi_info_read(transfer.multi, &left))
		if (message->msg == CURLMSG_DONE)
			return message->data.result;
	return CURLE_GOT_NOTHING;
}

void release(const Transfer &transfer)
{
	if (transfer.multi != nullptr && transfer.easy != nullptr)
		curl_multi_remove_handle(transfer.multi, transfer.easy);
	curl_easy_cleanup(transfer.easy);
	curl_multi_cleanup(transfer.multi);
	curl_slist_free_all(transfer.recipients);
}

/// What the end of a conversation means for the message.
Outcome outcome_of(const Transfer &transfer, CURLcode code)
{
	if (code == CURLE_OK)
		return Outcome::taken;
	long answer = 0;
	curl_easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &answer);
	constexpr long kAuthenticationRequired = 530;
	if (code == CURLE_LOGIN_DENIED || answer == kAuthenticationRequired)
		return Outcome::no_access;
	const bool is_answer = code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR || code == CURLE_WEIRD_SERVER_REPLY;
	return transfer.is_begun && is_answer && answer >= 500 && answer < 600 ? Outcome::refused : Outcome::failed;
}

} // namespace

} // namespace bpt::mail

void _PG_init(void)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		ereport(ERROR, (errcode(ERRCODE_SYSTEM_ERROR), errmsg("libcurl cannot be used")));
}

void bpt_mail_send(const bpt::mail::Server *server, const bpt::mail::Letter *letter, bpt::mail::Result *result)
{
	using namespace bpt::mail;
	auto *const transfer = static_cast<Transfer *>(palloc0(sizeof(Transfer)));
	transfer->letter = letter;
	transfer->result = result;
	PG_TRY();
	{
		prepare(*transfer, *server);
		const CURLcode code = converse(*transfer);
		result->outcome = outcome_of(*transfer, code);
		strlcpy(result->message, transfer->error[0] != '\0' ? transfer->error : curl_easy_strerror(code),
				sizeof(result->message));
	}
	PG_FINALLY();
	{
		release(*transfer);
	}
	PG_END_TRY();
}
