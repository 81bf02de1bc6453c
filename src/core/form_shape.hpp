// What the JSON form of a definition looks like: each type of the model with its keys, once for writing and for reading.
//
// A Form is the writer or the reader. Ref<T> is what it sees of the model: const for the writer. Every function takes the
// members of one object in the order in which they are written. Nothing outside the two forms includes this.
#pragma once
#include "core/clause.hpp"
#include "core/form.hpp"

namespace bpt::core {

/// What a value of an enumeration is called in JSON.
struct FormWord
{
	std::string_view word;
	int value;
};

/// A key that must be there.
inline constexpr bool kRequired = true;

inline constexpr FormWord kDefinitionWords[] = {{"process", 0}, {"translation", 1}, {"timer", 2}};

inline constexpr FormWord kKindWords[] = {
	{"start", static_cast<int>(Kind::start)},     {"conditional_start", static_cast<int>(Kind::conditional_start)},
	{"human", static_cast<int>(Kind::human)},     {"automatic", static_cast<int>(Kind::automatic)},
	{"wait", static_cast<int>(Kind::wait)},       {"decision", static_cast<int>(Kind::decision)},
	{"execute", static_cast<int>(Kind::execute)}, {"email", static_cast<int>(Kind::email)},
	{"end", static_cast<int>(Kind::end)},         {"comment", static_cast<int>(Kind::comment)},
};

inline constexpr FormWord kPriorityWords[] = {
	{"low", static_cast<int>(Priority::low)},
	{"normal", static_cast<int>(Priority::normal)},
	{"high", static_cast<int>(Priority::high)},
};

inline constexpr FormWord kOpWords[] = {
	{"insert", static_cast<int>(Op::insert)},
	{"update", static_cast<int>(Op::update)},
};

inline constexpr FormWord kWhenWords[] = {
	{"process_start", static_cast<int>(When::process_start)},
	{"ready", static_cast<int>(When::ready)},
	{"open", static_cast<int>(When::open)},
	{"start", static_cast<int>(When::start)},
	{"close", static_cast<int>(When::close)},
	{"skip", static_cast<int>(When::skip)},
};

template <typename Form>
void shape(Form &form, typename Form::template Ref<Variable> variable)
{
	form.name("name", variable.name, kRequired);
	form.name("was", variable.was);
	form.type("type", variable.type);
	form.flag("not_null", variable.not_null);
	form.sql("default", variable.default_value);
}

template <typename Form>
void shape(Form &form, typename Form::template Ref<Assignment> assignment)
{
	form.name("name", assignment.name, kRequired);
	form.item_sql("value", assignment.value);
}

template <typename Form>
void shape(Form &form, typename Form::template Ref<EventClause> event)
{
	form.word("on", event.op, kOpWords);
	form.qualified("table", event.table, kRequired);
	form.list("columns", event.columns);
	form.demand(event.op == Op::update || event.columns.empty(), "only \"on\": \"update\" has columns");
	form.name("as", event.as);
	form.sql("where", event.where);
	form.flag("or_already", event.or_already);
	form.list("with", event.with);
}

template <typename Form>
void shape(Form &form, typename Form::template Ref<Callback> callback)
{
	form.word("on", callback.when, kWhenWords);
	form.sql("check", callback.check);
	form.text("message", callback.message);
	form.demand(callback.check || !callback.message, "a message needs a check");
	form.list("do", callback.statements);
	form.list("set", callback.set);
	form.demand(callback.check || !callback.statements.empty() || !callback.set.empty(),
				"one of the keys check, do and set is expected");
}

template <typename Form>
void shape(Form &form, typename Form::template Ref<Outcome> outcome)
{
	form.sql("when", outcome.condition);
	form.flag("else", outcome.is_else);
	form.demand(outcome.is_else == !outcome.condition, "either \"when\" or \"else\": true is expected");
	form.outcome_name("as", outcome);
	form.target("to", outcome.target);
}

template <typename Form>
void shape(Form &form, typename Form::template Ref<Retry> retry)
{
	form.times("times", retry.times);
	form.interval("every", retry.every);
	form.decimal("backoff", retry.backoff);
}

/// The clause that a callback of an element is.
constexpr Clause callback_clause(When when)
{
	switch (when)
	{
	case When::process_start:
		return Clause::on_process_start;
	case When::ready:
		return Clause::on_ready;
	case When::open:
		return Clause::on_open;
	case When::start:
		return Clause::on_start;
	case When::close:
		return Clause::on_close;
	case When::skip:
		return Clause::on_skip;
	}
	return Clause::on_ready;
}

/// The clauses of an element that say what it waits for, who does it and how.
template <typename Form>
void activity_shape(Form &form, typename Form::template Ref<Element> element)
{
	const ClauseSet has = clauses_of(element.kind);
	const auto if_has = [&](Clause clause) { return (has & bit(clause)) != 0; };
	if (if_has(Clause::instructions))
		form.text("instructions", element.instructions);
	if (if_has(Clause::detail))
		form.text("detail", element.detail);
	if (if_has(Clause::destination))
		form.text("destination", element.destination);
	if (if_has(Clause::user))
		form.sql("user", element.user);
	if (if_has(Clause::role))
		form.list("roles", element.roles);
	if (if_has(Clause::group))
		form.sql("group", element.group);
	if (if_has(Clause::start_date))
		form.sql("start_date", element.start_date);
	if (if_has(Clause::due))
		form.sql("due", element.due);
	if (if_has(Clause::close_on))
		form.list("close_on", element.events);
	if (if_has(Clause::start_on))
		form.list("start_on", element.events);
	if (if_has(Clause::after))
		form.list("after", element.after);
	if (if_has(Clause::timeout))
		form.sql("timeout", element.timeout);
	if (if_has(Clause::allow_skip))
		form.flag("allow_skip", element.allow_skip);
	if (if_has(Clause::input))
		form.list("input", element.inputs);
	if (if_has(Clause::output))
		form.list("output", element.outputs);
	if (if_has(Clause::run))
		form.list("do", element.statements);
	if (if_has(Clause::time_limit))
		form.interval("time_limit", element.time_limit);
	if (if_has(Clause::retry))
		form.retry("retry", element.retry);
	if (if_has(Clause::commit_each))
		form.flag("commit_each", element.commit_each);
	if (if_has(Clause::set))
		form.list("set", element.set);
	const bool any_callback = if_has(Clause::on_ready);
	if (any_callback)
		form.list("callbacks", element.callbacks);
	for (const Callback &callback : element.callbacks)
		form.demand(if_has(callback_clause(callback.when)), "an element of this kind has no such callback");
}

template <typename Form>
void shape(Form &form, typename Form::template Ref<Element> element)
{
	if (!form.word("kind", element.kind, kKindWords))
		return;
	const ClauseSet has = clauses_of(element.kind);
	const auto if_has = [&](Clause clause) { return (has & bit(clause)) != 0; };
	if (element.kind == Kind::comment)
		form.string("text", element.comment, kRequired);
	else if (element.kind != Kind::start)
		form.name("name", element.name, kRequired);
	if (if_has(Clause::was))
		form.name("was", element.was);
	if (if_has(Clause::reminder))
		form.flag("reminder", element.reminder);
	if (if_has(Clause::terminate))
		form.flag("terminate", element.terminate);
	if (if_has(Clause::is_public))
		form.flag("public", element.is_public);
	if (if_has(Clause::called))
		form.name("called", element.called);
	form.text("label", element.label);
	form.text("description", element.description);
	if (element.kind == Kind::execute)
	{
		form.qualified("process", element.invoked, kRequired);
		form.list("arguments", element.arguments);
	}
	if (element.kind == Kind::email)
	{
		form.text("from", element.from);
		form.text("recipients", element.to);
		form.text("cc", element.cc);
		form.text("bcc", element.bcc);
		form.text("subject", element.subject);
		form.text("body", element.body);
		form.text("html", element.html);
		form.text("headers", element.headers);
		form.flag("log_content", element.log_content);
	}
	activity_shape(form, element);
	if (element.kind == Kind::decision)
		form.list("outcomes", element.outcomes);
	else if (element.kind != Kind::end && element.kind != Kind::comment)
		form.list("to", element.targets);
}

template <typename Form>
void shape(Form &form, typename Form::template Ref<Process> process)
{
	form.qualified("name", process.name, kRequired);
	form.name("was", process.was);
	form.list("input", process.inputs);
	form.list("returns", process.outputs);
	form.flag("public", process.is_public);
	form.flag("light", process.is_light);
	form.name("called", process.called);
	form.text("label", process.label);
	form.text("description", process.description);
	form.text("detail", process.detail);
	form.flag("expose_entity", process.expose_entity);
	form.name("expose_as", process.expose_as);
	form.demand(process.expose_entity || !process.expose_as, "expose_as needs \"expose_entity\": true");
	form.priority("priority", process.priority);
	form.list("visible_to", process.visible_to);
	form.flag("close_after_all_flows", process.close_after_all_flows);
	form.list("launch_on", process.launches);
	form.list("callbacks", process.callbacks);
	form.list("elements", process.elements);
}

template <typename Form>
void shape(Form &form, typename Form::template Ref<TranslationItem> item)
{
	form.name("element", item.element);
	form.string("label", item.label);
	form.string("description", item.description);
	form.string("instructions", item.instructions);
	form.string("detail", item.detail);
	form.demand(item.label.data() != nullptr || item.description.data() != nullptr ||
					item.instructions.data() != nullptr || item.detail.data() != nullptr,
				"one of the keys label, description, instructions and detail is expected");
}

template <typename Form>
void shape(Form &form, typename Form::template Ref<Translation> translation)
{
	form.qualified("process", translation.process, kRequired);
	form.string("locale", translation.locale, kRequired);
	form.list("texts", translation.items);
	form.demand(!translation.items.empty(), "at least one of texts is expected");
}

template <typename Form>
void shape(Form &form, typename Form::template Ref<Timer> timer)
{
	form.qualified("name", timer.name, kRequired);
	form.name("was", timer.was);
	form.name("called", timer.called);
	form.string("schedule", timer.schedule, kRequired);
	form.priority("priority", timer.priority);
	form.interval("time_limit", timer.time_limit);
	form.sql("do", timer.statement, kRequired);
}

} // namespace bpt::core
