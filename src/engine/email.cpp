// Messages of EMAIL activities: queued, delivered, failed (email.hpp).
//
// What a message says is fixed when it is queued: sent twice it is the same message, with the same Message-ID.
// Locks: the message's row, by the claim, for the moment of a retry, or by who deletes its process, after the rows of
// processes; no instance is locked while a message is sent.
#include "pg/postgres.hpp"

#include "core/email.hpp"
#include "engine/email.hpp"
#include "engine/incident.hpp"
#include "expr/clock.hpp"
#include "pg/arena.hpp"
#include "pg/errors.hpp"

extern "C" {
#include "access/xlog.h"
#include "utils/fmgrprotos.h"
}

namespace bpt::engine {

namespace em = email_message;

void (*send_email)(const pg::Row &message) = nullptr;

namespace {

char *c_string(std::string_view text)
{
	return pnstrdup(text.data(), text.size());
}

/// What the clauses of an EMAIL give; null: not given, or NULL.
struct Given
{
	char *from, *to, *cc, *bcc, *subject, *body, *html, *headers;
};

Given evaluate(Scope &scope)
{
	const core::Element &model = *scope.instance.definition->elements[scope.element].model;
	const expr::Site site = expr::own_site(scope.element);
	const auto text = [&](const core::TextValue &clause) {
		return expr::text_of(scope.instance.definition, clause, site, values_of(&scope));
	};
	return {text(model.from),    text(model.to),   text(model.cc),   text(model.bcc),
			text(model.subject), text(model.body), text(model.html), text(model.headers)};
}

[[noreturn]] void refuse(const char *clause, const char *text, const core::MailProblem &problem)
{
	const bool is_line = problem.what.empty();
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("%s of the message cannot be used: %s", clause, c_string(problem.reason)),
					is_line ? errdetail("It is %s.", quote_literal_cstr(text != nullptr ? text : ""))
							: errdetail("What cannot be used is %s.", quote_literal_cstr(c_string(problem.what)))));
	pg_unreachable();
}

core::Vec<core::Mailbox> mailboxes(core::Arena &arena, const char *clause, const char *list)
{
	core::MailProblem problem;
	const core::Vec<core::Mailbox> result = core::parse_mailboxes(arena, list == nullptr ? "" : list, problem);
	if (problem)
		refuse(clause, list, problem);
	return result;
}

/// HEADERS as it is stored: a jsonb object of names and texts, each of which may stand in the message.
Datum headers_of(core::Arena &arena, char *text)
{
	const core::MailProblem problem = core::check_headers(arena, text);
	if (problem)
		refuse("HEADERS", text, problem);
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(text));
}

/// Who sends it: FROM, else the sender of bpt.email_server.
core::Mailbox sender_of(core::Arena &arena, Given &given)
{
	if (given.from == nullptr)
	{
		const pg::Row server = pg::find("email_server", "email_server_pkey", {});
		if (server)
			given.from = server.text(email_server::sender);
	}
	if (given.from == nullptr)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE), errmsg("the message has no sender"),
						errhint("Give the EMAIL a FROM, or bpt.email_server a sender.")));
	const core::Vec<core::Mailbox> senders = mailboxes(arena, "FROM", given.from);
	if (senders.count != 1)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("FROM of the message cannot be used: it must be one address"),
						errdetail("It is %s.", quote_literal_cstr(given.from))));
	return senders[0];
}

/// Unique in the world, and known again: the message's id, this database of this server, the sender's domain.
char *message_id_of(int64 id, std::string_view address)
{
	const std::size_t at = address.rfind('@');
	return psprintf("<bpt." INT64_FORMAT ".%u." UINT64_FORMAT "@%.*s>", id, MyDatabaseId, GetSystemIdentifier(),
					static_cast<int>(address.size() - at - 1), address.data() + at + 1);
}

pg::Row message_of(int64 activity_id, pg::Lock lock = pg::Lock::none)
{
	return pg::find("email_message", "email_message_activity", {pg::key(activity_id)}, lock);
}

} // namespace

void queue_email(Scope &scope)
{
	Given given = evaluate(scope);
	core::Arena arena = pg::arena_in(CurrentMemoryContext);
	const core::Mailbox sender = sender_of(arena, given);
	const std::int32_t recipients = mailboxes(arena, "TO", given.to).count + mailboxes(arena, "CC", given.cc).count +
									mailboxes(arena, "BCC", given.bcc).count;
	if (recipients == 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("the message has no recipient"),
						errdetail("TO, CC and BCC are empty.")));
	const core::MailProblem problem = core::check_line(given.subject == nullptr ? "" : given.subject);
	if (problem)
		refuse("SUBJECT", given.subject, problem);

	const expr::Element &element = scope.instance.definition->elements[scope.element];
	const Datum now = TimestampTzGetDatum(expr::now());
	const int64 id = pg::next_id("email_id");
	pg::Row row = pg::new_row("email_message");
	row.set(em::id, Int64GetDatum(id));
	row.set(em::process_def_id, Int64GetDatum(scope.instance.definition->id));
	row.set(em::process_id, Int64GetDatum(scope.instance.id));
	row.set(em::activity_id, Int64GetDatum(scope.activity_id));
	row.set(em::activity_def_id, Int64GetDatum(element.id));
	row.set(em::status, Int16GetDatum(static_cast<int16>(EmailStatus::queued)));
	row.set_text(em::from_address, given.from);
	row.set_text(em::to_addresses, given.to);
	row.set_text(em::cc, given.cc);
	row.set_text(em::bcc, given.bcc);
	row.set_text(em::subject, given.subject);
	row.set_text(em::body, given.body);
	row.set_text(em::html, given.html);
	if (given.headers != nullptr)
		row.set(em::headers, headers_of(arena, given.headers));
	row.set(em::log_content, BoolGetDatum(element.model->log_content));
	row.set_text(em::message_id, message_id_of(id, sender.address));
	row.set(em::created, now);
	row.set(em::error_count, Int32GetDatum(0));
	row.set(em::next_run, now);
	pg::insert("email_message", row);
	queue::wake_at_commit(0);
}

int64 email_of(int64 activity_id)
{
	return message_of(activity_id).int8(em::id);
}

bool retry_email(int64 activity_id)
{
	const auto is_open = [](const pg::Row &message) {
		return message && static_cast<EmailStatus>(message.int2(em::status)) != EmailStatus::sent;
	};
	if (!is_open(message_of(activity_id)))
		return false;
	pg::Row row = message_of(activity_id, pg::Lock::update_skip);
	if (!is_open(row))
		return true; // it is being sent at this moment, or was just now
	row.set(em::status, Int16GetDatum(static_cast<int16>(EmailStatus::queued)));
	row.set(em::next_run, TimestampTzGetDatum(expr::now()));
	pg::update("email_message", row);
	queue::wake_at_commit(0);
	return true;
}

bool hold_emails(int64 process_id, bool skip, bool *has_some)
{
	bool is_held = true;
	pg::each("email_message", "email_message_process", {pg::key(process_id)}, [&](const pg::Row &row) {
		*has_some = true;
		if (static_cast<EmailStatus>(row.int2(em::status)) != EmailStatus::queued)
			return true;
		queue::wake_at_abort();
		is_held = pg::find("email_message", "email_message_pkey", {pg::key(row.int8(em::id))},
						   skip ? pg::Lock::update_skip : pg::Lock::update)
					  .found;
		return is_held;
	});
	return is_held;
}

void remove_emails(int64 process_id)
{
	pg::each("email_message", "email_message_process", {pg::key(process_id)}, [](const pg::Row &row) {
		if (static_cast<EmailStatus>(row.int2(em::status)) != EmailStatus::queued)
			pg::remove("email_message", row);
		return true;
	});
}

void deliver_email(queue::Item &item)
{
	pg::Row &row = item.row;
	send_email(row);
	if (!read_process(item.process_id))
	{
		pg::remove("email_message", row);
		return;
	}
	row.set(em::status, Int16GetDatum(static_cast<int16>(EmailStatus::sent)));
	row.set(em::sent, TimestampTzGetDatum(expr::now()));
	if (!row.boolean(em::log_content))
	{
		row.set_null(em::body);
		row.set_null(em::html);
	}
	pg::update("email_message", row);
}

void fail_email(queue::Item &item, const ErrorData *error, const char *phase, bool last)
{
	pg::Row &row = item.row;
	const int attempt = row.int4(em::error_count) + 1;
	TimestampTz next = 0;
	const bool again = !last && error->sqlerrcode != kMailRefused && next_retry(nullptr, core::Retry{}, attempt, &next);
	const bool is_deleted = !read_process(item.process_id);
	Subject subject;
	subject.process_id = is_deleted ? 0 : item.process_id;
	subject.process_def_id = row.int8(em::process_def_id);
	subject.activity_id = item.activity_id;
	subject.activity_def_id = row.int8(em::activity_def_id);
	row.set(em::error_count, Int32GetDatum(attempt));
	row.set(em::last_error_id, Int64GetDatum(record_incident(subject, phase, attempt, error, again ? next : 0)));
	if (again)
	{
		row.set(em::next_run, TimestampTzGetDatum(next));
		queue::wake_at_commit(next);
	}
	else
		row.set(em::status, Int16GetDatum(static_cast<int16>(EmailStatus::failed)));
	// Nothing else would ever delete what has outlived its process.
	if (is_deleted && !again)
		pg::remove("email_message", row);
	else
		pg::update("email_message", row);
}

} // namespace bpt::engine
