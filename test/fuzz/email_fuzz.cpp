// Any bytes as the texts of a mail message: what is taken for addresses and headers is some, and no value adds a line.
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/email.hpp"
#include "fuzz_arena.hpp"

namespace {

using bpt::fuzz::Blocks;
using bpt::fuzz::require;

/// Every line ends in CRLF and is short; the headers are those that were meant, each once.
void check_message(std::string_view message, bool has_extra)
{
	std::size_t begin = 0;
	int headers = 0;
	bool in_head = true;
	while (begin < message.size())
	{
		const std::size_t end = message.find("\r\n", begin);
		require(end != std::string_view::npos && end - begin <= 998);
		const std::string_view line = message.substr(begin, end - begin);
		require(line.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos);
		in_head = in_head && !line.empty();
		headers += in_head && line[0] != ' ' ? 1 : 0;
		begin = end + 2;
	}
	require(headers == (has_extra ? 9 : 8));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
	Blocks blocks;
	bpt::core::Arena arena{Blocks::allocate, &blocks};
	std::string_view rest{reinterpret_cast<const char *>(data), size};
	const auto field = [&] {
		const std::size_t end = rest.find('\0');
		const std::string_view result = rest.substr(0, end);
		rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
		return result;
	};
	const std::string_view from = field();
	const std::string_view to = field();
	bpt::core::MailMessage message;
	bpt::core::MailHeader extra{"X-Extra", field()};
	message.subject = field();
	message.body = rest;
	message.has_body = true;
	message.date = "Mon, 02 Mar 2026 09:00:00 +0000";
	message.message_id = "<1@x.org>";
	bpt::core::MailProblem problem;
	const bpt::core::Vec<bpt::core::Mailbox> senders = bpt::core::parse_mailboxes(arena, from, problem);
	if (problem || senders.count != 1)
		return 0;
	message.from = senders[0];
	message.to = bpt::core::parse_mailboxes(arena, to, problem);
	if (problem || bpt::core::check_line(message.subject))
		return 0;
	const bool has_extra = !bpt::core::check_header(arena, extra);
	if (has_extra)
		message.headers.push(arena, extra);
	check_message(bpt::core::compose(arena, message), has_extra);
	return 0;
}
