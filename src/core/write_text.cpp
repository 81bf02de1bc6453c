// The canonical text of definitions (write_text.hpp).
//
// Clauses stand in one fixed order. What could be taken for a part of the clause before it stands before that clause: SET and
// DO of an element before its callbacks, and the callbacks last.
#include "core/write_text.hpp"
#include "core/clause.hpp"
#include "core/in_order.hpp"
#include "core/output.hpp"
#include "core/quote.hpp"
#include "core/text.hpp"

namespace bpt::core {

namespace {

/// The keywords of a callback; those of the process speak of all its activities.
std::string_view callback_words(When when, bool of_process)
{
	switch (when)
	{
	case When::process_start:
		return "ON PROCESS START";
	case When::ready:
		return of_process ? "ON ACTIVITY READY" : "ON READY";
	case When::open:
		return of_process ? "ON ACTIVITY OPEN" : "ON OPEN";
	case When::start:
		return of_process ? "ON ACTIVITY START" : "ON START";
	case When::close:
		return of_process ? "ON ACTIVITY CLOSE" : "ON CLOSE";
	case When::skip:
		return of_process ? "ON ACTIVITY SKIP" : "ON SKIP";
	}
	return {};
}

struct TextWriter
{
	Arena &arena;
	Output out{arena};

	void clause(std::string_view words)
	{
		out.add("\n  ");
		out.add(words);
	}
	void name(const Name &written) { out.add(written_name(arena, written.text)); }
	void given_name(std::string_view words, const Name &written)
	{
		if (!written)
			return;
		out.add(words);
		name(written);
	}
	void qualified(const QualifiedName &written)
	{
		if (written.schema)
		{
			name(written.schema);
			out.add('.');
		}
		name(written.name);
	}
	void sql(const Sql &written)
	{
		out.add(" (");
		out.add(written.text);
		out.add(')');
	}
	void string(std::string_view value)
	{
		out.add(" '");
		for (const char c : value)
			out.add(c == '\'' ? std::string_view{"''"} : std::string_view{&c, 1});
		out.add('\'');
	}
	void text(const TextValue &value)
	{
		if (value.kind == TextValue::Kind::literal)
			string(value.literal);
		else
			sql(value.expression);
	}

	// Clauses that are there or not.
	void flag(bool given, std::string_view words)
	{
		if (given)
			clause(words);
	}
	void name_clause(std::string_view words, const Name &written)
	{
		if (!written)
			return;
		clause(words);
		out.add(' ');
		name(written);
	}
	void sql_clause(std::string_view words, const Sql &written)
	{
		if (!written)
			return;
		clause(words);
		sql(written);
	}
	/// A clause whose value is a string literal, kept as it was written.
	void literal_clause(std::string_view words, const Sql &written)
	{
		if (!written)
			return;
		clause(words);
		out.add(' ');
		out.add(written.text);
	}
	void text_clause(std::string_view words, const TextValue &value)
	{
		if (!value)
			return;
		clause(words);
		text(value);
	}
	void names(const Vec<Name> &list)
	{
		for (std::int32_t i = 0; i < list.count; i++)
		{
			if (i > 0)
				out.add(", ");
			name(list[i]);
		}
	}
	void names_clause(std::string_view words, const Vec<Name> &list)
	{
		if (list.empty())
			return;
		clause(words);
		out.add(' ');
		names(list);
	}

	void variables(const Vec<Variable> &list)
	{
		out.add(" (");
		for (std::int32_t i = 0; i < list.count; i++)
		{
			const Variable &variable = list[i];
			if (i > 0)
				out.add(", ");
			name(variable.name);
			given_name(" WAS ", variable.was);
			out.add(' ');
			out.add(variable.type.text);
			if (variable.not_null)
				out.add(" NOT NULL");
			if (!variable.default_value)
				continue;
			out.add(" DEFAULT");
			if (is_literal(variable.default_value.text))
			{
				out.add(' ');
				out.add(variable.default_value.text);
			}
			else
				sql(variable.default_value);
		}
		out.add(')');
	}
	void variables_clause(std::string_view words, const Vec<Variable> &list)
	{
		if (list.empty())
			return;
		clause(words);
		variables(list);
	}

	/// `(name link expression, …)`
	void assignments(const Vec<Assignment> &list, std::string_view link)
	{
		out.add(" (");
		for (std::int32_t i = 0; i < list.count; i++)
		{
			if (i > 0)
				out.add(", ");
			name(list[i].name);
			out.add(link);
			out.add(list[i].value.text);
		}
		out.add(')');
	}

	void events(std::string_view words, const Vec<EventClause> &list)
	{
		for (const EventClause &event : list)
		{
			clause(words);
			out.add(event.op == Op::insert ? " INSERT INTO " : " UPDATE OF ");
			qualified(event.table);
			if (!event.columns.empty())
			{
				out.add(" (");
				names(event.columns);
				out.add(')');
			}
			given_name(" AS ", event.as);
			if (event.where)
			{
				out.add(" WHERE");
				sql(event.where);
			}
			if (event.or_already)
				out.add(" OR ALREADY");
			if (!event.with.empty())
			{
				out.add(" WITH");
				assignments(event.with, " => ");
			}
		}
	}

	void callbacks(const Vec<Callback> &list, bool of_process)
	{
		for (const Callback &callback : list)
		{
			clause(callback_words(callback.when, of_process));
			if (callback.check)
			{
				out.add(" CHECK");
				sql(callback.check);
			}
			if (callback.message)
			{
				out.add(" MESSAGE");
				text(callback.message);
			}
			for (const Sql &statement : callback.statements)
			{
				out.add(" DO");
				sql(statement);
			}
			if (!callback.set.empty())
			{
				out.add(" SET");
				assignments(callback.set, " = ");
			}
		}
	}

	void priority(Priority given)
	{
		if (given != Priority::normal)
			clause(given == Priority::low ? "PRIORITY LOW" : "PRIORITY HIGH");
	}

	void target(const Target &written)
	{
		if (written.kind == TargetKind::element)
			name(written.name);
		else
			out.add(written.kind == TargetKind::end ? "END" : "END TERMINATE");
	}

	void retry(const Retry &given)
	{
		if (!given.given)
			return;
		clause("RETRY");
		if (given.times >= 0)
		{
			out.add(' ');
			out.add(number_text(arena, given.times));
			out.add(" TIMES");
		}
		if (given.every)
		{
			out.add(" EVERY ");
			out.add(given.every.text);
		}
		if (!given.backoff.empty())
		{
			out.add(" BACKOFF ");
			out.add(given.backoff);
		}
	}

	/// The clauses of people's tasks and of waiting, then those of work, then callbacks.
	void activity_clauses(const Element &element)
	{
		text_clause("INSTRUCTIONS", element.instructions);
		text_clause("DETAIL", element.detail);
		text_clause("DESTINATION", element.destination);
		sql_clause("USER", element.user);
		names_clause("ROLE", element.roles);
		sql_clause("GROUP", element.group);
		sql_clause("START DATE", element.start_date);
		sql_clause("DUE", element.due);
		events(element.kind == Kind::conditional_start ? "START ON" : "CLOSE ON", element.events);
		names_clause("AFTER", element.after);
		sql_clause("TIMEOUT", element.timeout);
		flag(element.allow_skip, "ALLOW SKIP");
		variables_clause("INPUT", element.inputs);
		variables_clause("OUTPUT", element.outputs);
		for (const Statement &statement : element.statements)
			sql_clause(statement.strict ? "DO STRICT" : "DO", statement.sql);
		literal_clause("TIME LIMIT", element.time_limit);
		retry(element.retry);
		flag(element.commit_each, "COMMIT EACH");
		if (!element.set.empty())
		{
			clause("SET");
			assignments(element.set, " = ");
		}
		callbacks(element.callbacks, false);
	}

	void connectors(const Element &element)
	{
		for (const Outcome &outcome : element.outcomes)
		{
			clause(outcome.is_else ? "ELSE" : "WHEN");
			if (!outcome.is_else)
				sql(outcome.condition);
			if (outcome.named)
			{
				out.add(" AS ");
				name(outcome.name);
			}
			out.add(" -> ");
			target(outcome.target);
		}
		for (std::int32_t i = 0; i < element.targets.count; i++)
		{
			out.add(i > 0 ? ", " : element.kind == Kind::start ? " -> " : "\n  -> ");
			target(element.targets[i]);
		}
	}

	void element(const Element &element)
	{
		out.add("\n\n");
		out.add(keyword_of(element.kind));
		if (element.name)
		{
			out.add(' ');
			name(element.name);
		}
		if (element.kind == Kind::comment)
			string(element.comment);
		given_name(" WAS ", element.was);
		flag(element.terminate, "TERMINATE");
		flag(element.reminder, "REMINDER");
		flag(element.is_public, "PUBLIC");
		name_clause("CALLED", element.called);
		text_clause("LABEL", element.label);
		text_clause("DESCRIPTION", element.description);
		if (element.invoked.name)
		{
			clause("PROCESS ");
			qualified(element.invoked);
			if (!element.arguments.empty())
				assignments(element.arguments, " => ");
		}
		text_clause("FROM", element.from);
		text_clause("TO", element.to);
		text_clause("CC", element.cc);
		text_clause("BCC", element.bcc);
		text_clause("SUBJECT", element.subject);
		text_clause("BODY", element.body);
		text_clause("HTML", element.html);
		text_clause("HEADERS", element.headers);
		flag(element.log_content, "LOG CONTENT");
		activity_clauses(element);
		connectors(element);
		out.add(';');
	}

	void definition(const Process &process)
	{
		out.add("PROCESS ");
		qualified(process.name);
		given_name(" WAS ", process.was);
		if (!process.inputs.empty())
			variables(process.inputs);
		variables_clause("RETURNS", process.outputs);
		flag(process.is_public, "PUBLIC");
		flag(process.is_light, "LIGHT");
		name_clause("CALLED", process.called);
		text_clause("LABEL", process.label);
		text_clause("DESCRIPTION", process.description);
		text_clause("DETAIL", process.detail);
		if (process.expose_entity)
		{
			clause("EXPOSE ENTITY");
			given_name(" AS ", process.expose_as);
		}
		priority(process.priority);
		names_clause("VISIBLE TO", process.visible_to);
		flag(process.close_after_all_flows, "CLOSE AFTER ALL FLOWS");
		events("LAUNCH ON", process.launches);
		callbacks(process.callbacks, true);
		out.add(';');
		for (const Element &each : process.elements)
			element(each);
	}

	void definition(const Translation &translation)
	{
		out.add("TRANSLATION OF ");
		qualified(translation.process);
		out.add(" INTO");
		string(translation.locale);
		out.add(" (");
		for (std::int32_t i = 0; i < translation.items.count; i++)
		{
			const TranslationItem &item = translation.items[i];
			out.add(i > 0 ? ",\n " : "\n ");
			if (item.element)
			{
				out.add(' ');
				name(item.element);
			}
			translated("LABEL", item.label);
			translated("DESCRIPTION", item.description);
			translated("INSTRUCTIONS", item.instructions);
			translated("DETAIL", item.detail);
		}
		out.add(");");
	}
	void translated(std::string_view word, std::string_view value)
	{
		if (value.data() == nullptr)
			return;
		out.add(' ');
		out.add(word);
		string(value);
	}

	void definition(const Timer &timer)
	{
		out.add("TIMER ");
		qualified(timer.name);
		given_name(" WAS ", timer.was);
		name_clause("CALLED", timer.called);
		clause("SCHEDULE");
		string(timer.schedule);
		priority(timer.priority);
		literal_clause("TIME LIMIT", timer.time_limit);
		sql_clause("DO", timer.statement);
		out.add(';');
	}
};

} // namespace

std::string_view write_text(Arena &arena, const Document &document)
{
	TextWriter writer{arena};
	in_text_order(document, [&](const auto &definition) {
		if (writer.out.size > 0)
			writer.out.add("\n\n");
		writer.definition(definition);
	});
	writer.out.add('\n');
	return writer.out.text();
}

} // namespace bpt::core
