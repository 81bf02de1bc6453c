// A model as text, every field with its length or number, so that two models are the same where their dumps are: what round
// trips are judged by. Offsets and the text itself are left out. Independent of every writer of the library.
#pragma once
#include <string>
#include <string_view>

#include "core/model.hpp"

namespace bpt::test {

class ModelDump
{
	std::string out_;

	void open(const char *what) { out_ += std::string("(") + what; }
	void close() { out_ += ")\n"; }
	void number(long long value) { out_ += " " + std::to_string(value); }
	void string(std::string_view value)
	{
		out_ += " " + (value.data() == nullptr ? std::string("-") : std::to_string(value.size()) + ":");
		out_ += value;
	}
	/// A text of which only the bytes count, not whether an empty one is there.
	void bytes(std::string_view value) { string({value.empty() ? "" : value.data(), value.size()}); }
	template <typename T>
	void enumerator(T value)
	{
		number(static_cast<long long>(value));
	}
	template <typename T>
	void list(const core::Vec<T> &items)
	{
		number(items.count);
		for (const T &item : items)
			put(item);
	}

	void put(const core::Name &name) { bytes(name.text); }
	void put(const core::QualifiedName &name)
	{
		put(name.schema);
		put(name.name);
	}
	void put(const core::Sql &sql) { string(sql.text); }
	void put(const core::TextValue &value)
	{
		enumerator(value.kind);
		if (value.kind == core::TextValue::Kind::literal)
			bytes(value.literal);
		else
			put(value.expression);
	}
	void put(const core::Variable &variable)
	{
		open("variable");
		put(variable.name);
		put(variable.was);
		put(variable.type);
		number(variable.not_null);
		put(variable.default_value);
		close();
	}
	void put(const core::Assignment &assignment)
	{
		put(assignment.name);
		put(assignment.value);
	}
	void put(const core::EventClause &event)
	{
		open("event");
		enumerator(event.op);
		put(event.table);
		list(event.columns);
		put(event.as);
		put(event.where);
		number(event.or_already);
		list(event.with);
		close();
	}
	void put(const core::Callback &callback)
	{
		open("callback");
		enumerator(callback.when);
		put(callback.check);
		put(callback.message);
		list(callback.statements);
		list(callback.set);
		close();
	}
	void put(const core::Target &target)
	{
		enumerator(target.kind);
		put(target.name);
	}
	void put(const core::Outcome &outcome)
	{
		open("outcome");
		put(outcome.name);
		number(outcome.named);
		number(outcome.is_else);
		put(outcome.condition);
		put(outcome.target);
		close();
	}
	void put(const core::Statement &statement)
	{
		put(statement.sql);
		number(statement.strict);
	}
	void put(const core::Element &e)
	{
		open("element");
		enumerator(e.kind);
		put(e.name);
		put(e.was);
		put(e.label);
		put(e.description);
		number(e.is_public);
		put(e.called);
		list(e.targets);
		list(e.outcomes);
		list(e.callbacks);
		list(e.set);
		list(e.events);
		list(e.inputs);
		list(e.outputs);
		number(e.allow_skip);
		put(e.start_date);
		put(e.user);
		list(e.roles);
		put(e.group);
		put(e.destination);
		put(e.detail);
		put(e.instructions);
		put(e.due);
		put(e.timeout);
		list(e.after);
		list(e.statements);
		put(e.time_limit);
		number(e.retry.given);
		number(e.retry.times);
		put(e.retry.every);
		bytes(e.retry.backoff);
		number(e.commit_each);
		put(e.invoked);
		list(e.arguments);
		for (const core::TextValue *value : {&e.from, &e.to, &e.cc, &e.bcc, &e.subject, &e.body, &e.html, &e.headers})
			put(*value);
		number(e.log_content);
		number(e.terminate);
		bytes(e.comment);
		number(e.reminder);
		close();
	}

public:
	void put(const core::Process &p)
	{
		open("process");
		put(p.name);
		put(p.was);
		list(p.inputs);
		list(p.outputs);
		put(p.label);
		put(p.description);
		put(p.detail);
		number(p.is_public);
		number(p.is_light);
		number(p.expose_entity);
		put(p.expose_as);
		enumerator(p.priority);
		list(p.visible_to);
		number(p.close_after_all_flows);
		put(p.called);
		list(p.launches);
		list(p.callbacks);
		list(p.elements);
		close();
	}
	void put(const core::Translation &t)
	{
		open("translation");
		put(t.process);
		string(t.locale);
		number(t.items.count);
		for (const core::TranslationItem &item : t.items)
		{
			put(item.element);
			string(item.label);
			string(item.description);
			string(item.instructions);
			string(item.detail);
		}
		close();
	}
	void put(const core::Timer &t)
	{
		open("timer");
		put(t.name);
		put(t.was);
		put(t.called);
		string(t.schedule);
		enumerator(t.priority);
		put(t.time_limit);
		put(t.statement);
		close();
	}
	const std::string &text() const { return out_; }
};

/// A whole document; its definitions in text order within their kind.
inline std::string dump(const core::Document &document)
{
	ModelDump made;
	for (const core::Process &process : document.processes)
		made.put(process);
	for (const core::Translation &translation : document.translations)
		made.put(translation);
	for (const core::Timer &timer : document.timers)
		made.put(timer);
	return made.text();
}

} // namespace bpt::test
