// Random definitions: a seed gives a text, the same on every machine, that parses and validates without an error.
//
// What the text says is sound as far as the language goes (names resolve, every element is reached and leads to an End, no
// cycle runs idle); tables, columns and functions are invented. All kinds of elements and all clauses come up.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bpt::test {

class RandomDefinition
{
	std::uint64_t state_;
	std::string out_;
	std::vector<std::string> names_;  // of the elements of the main flow, in order
	std::vector<int> kinds_;          // of the same
	std::vector<std::string> inputs_; // of the process
	std::vector<std::string> outputs_;
	int invented_ = 0;
	static constexpr int kDecision = 3;

	std::uint64_t next()
	{
		state_ += 0x9E3779B97F4A7C15U;
		std::uint64_t z = state_;
		z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
		z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
		return z ^ (z >> 31U);
	}
	/// A number from 0 to below `n`.
	int below(int n) { return static_cast<int>(next() % static_cast<std::uint64_t>(n)); }
	/// True once in `n` times.
	bool one_in(int n) { return below(n) == 0; }

	template <std::size_t n>
	std::string_view one_of(const std::string_view (&list)[n])
	{
		return list[below(static_cast<int>(n))];
	}

	/// A name that was not used before; some need quotes, some look like keywords.
	std::string new_name()
	{
		static constexpr std::string_view kForms[] = {"n",     "Step",    "\"Two words ", "\"quo\"\"ted ", "\"start",
													  "label", "\"tab\t", "größe",        "_x$",           "\"END "};
		const std::string_view form = one_of(kForms);
		const std::string name = std::string(form) + std::to_string(++invented_);
		return form[0] == '"' ? name + "\"" : name;
	}
	std::string_view blank()
	{
		static constexpr std::string_view kBlanks[] = {" ", "\n\t", " /* c /* nested */ ; ) */ ", " -- it's;\n"};
		return one_of(kBlanks);
	}
	std::string literal()
	{
		static constexpr std::string_view kLiterals[] = {"'plain'",
														 "'it''s; -> (''quoted'')'",
														 "''",
														 "$$dollar 'quoted' \\n$$",
														 "$t$ $$ two\nlines\t$t$",
														 "E'tab\\tnew\\nline \\\\ \\'x\\''",
														 "U&'\\00e9t\\00e9 \\+01F600'",
														 "U&'!00e9!!' UESCAPE '!'",
														 "N'national'",
														 "'joined '\n  'lines'",
														 "'-- no comment /* none'",
														 "'umlaut äöü 漢字 \"double\" <b>&amp;</b> %% `x` #1;'"};
		return std::string(one_of(kLiterals));
	}
	std::string interval()
	{
		static constexpr std::string_view kIntervals[] = {"'5 minutes'", "'1 day 2 hours'", "$$90 s$$", "E'10\\x20s'"};
		return std::string(one_of(kIntervals));
	}
	/// SQL without its parentheses.
	std::string expression()
	{
		static constexpr std::string_view kExpressions[] = {"1",
															" 1 + 1 ",
															"'a' || 'b)'",
															"(SELECT max(x) FROM t WHERE y = ANY (ARRAY[1, 2]))",
															"now() /* ) */ - interval '1 day'",
															"x[1:2] -- ) comment\n",
															"\n\t\"odd)name\" || $q$)$q$",
															"CASE WHEN true THEN E'\\'' ELSE U&'\\0041' END",
															"NULL"};
		return std::string(one_of(kExpressions));
	}
	std::string condition()
	{
		static constexpr std::string_view kConditions[] = {"a > 0", "NOT b", " x = 'y' AND z IS NOT NULL ",
														   "EXISTS (SELECT FROM t)", "a -> 'b' = c"};
		return std::string(one_of(kConditions));
	}
	std::string statement()
	{
		static constexpr std::string_view kStatements[] = {
			"SELECT 1 AS one", "UPDATE t SET a = 1, b = ')' WHERE id = 1 RETURNING a",
			"INSERT INTO t VALUES (1, '->;')", "WITH x AS (SELECT 1) SELECT * FROM x", "\n  DELETE FROM t -- all )\n"};
		return std::string(one_of(kStatements));
	}
	std::string in_parentheses(const std::string &sql) { return "(" + sql + ")"; }
	std::string text() { return one_in(3) ? in_parentheses(expression()) : literal(); }
	std::string table() { return one_in(2) ? "orders" : "\"My shop\".\"Order lines\""; }

	void add(std::string_view words) { out_ += words; }
	/// A clause, now and then, with its value.
	void maybe(std::string_view words, const std::string &value)
	{
		if (one_in(3))
			clause(words, value);
	}
	void clause(std::string_view words, const std::string &value)
	{
		add(blank());
		add(words);
		if (!value.empty())
		{
			add(blank());
			add(value);
		}
	}

	std::string variables(std::vector<std::string> *names, bool is_input)
	{
		static constexpr std::string_view kTypes[] = {"int",        "numeric(10, 2)",  "timestamp with time zone",
													  "text[]",     "shop.money_type", "\"My type\"",
													  "varchar(3)", "double precision"};
		static constexpr std::string_view kDefaults[] = {"0", "-1.5", "+2", "'x'", "true", "NULL", "(1 + 1)", "( 3 )"};
		std::string made = "(";
		const int count = 1 + below(3);
		for (int i = 0; i < count; i++)
		{
			const std::string name = new_name();
			if (names != nullptr)
				names->push_back(name);
			made += (i > 0 ? ", " : "") + name;
			if (one_in(6))
				made += " WAS " + new_name();
			made += " " + std::string(one_of(kTypes));
			if (is_input && one_in(4))
				made += " NOT NULL";
			if (one_in(2))
				made += " DEFAULT " + std::string(one_of(kDefaults));
		}
		return made + ")";
	}

	/// `(name link expression, …)` for these names.
	std::string assignments(const std::vector<std::string> &names, std::string_view link)
	{
		std::string made = "(";
		for (const std::string &name : names)
			made += (made.size() > 1 ? ", " : "") + name + std::string(link) + "coalesce(a, (b), c[1, 2])";
		return made + ")";
	}
	void maybe_set()
	{
		if (!outputs_.empty() && one_in(3))
			clause("SET", assignments(outputs_, " = "));
	}

	/// What follows LAUNCH ON, CLOSE ON or START ON; a launch gives all inputs.
	std::string event(bool may_be_already, const std::vector<std::string> &inputs, bool is_launch = false)
	{
		std::string made;
		switch (below(4))
		{
		case 0:
			made = "INSERT INTO " + table();
			break;
		case 1:
			made = "UPDATE OF " + table();
			break;
		case 2:
			made = "UPDATE OF " + table() + " (paid_at, \"Other column\")";
			break;
		default:
			made = "UPDATE OF paid_at, total ON " + table();
			break;
		}
		if (one_in(2))
			made += " WHERE " + in_parentheses(condition());
		if (may_be_already && one_in(2))
			made += " OR ALREADY";
		if (!inputs.empty() && (is_launch || one_in(2)))
			made += " WITH " + assignments(inputs, " => ");
		return made;
	}

	void callback(std::string_view words)
	{
		if (!one_in(3))
			return;
		clause(words, "");
		const int parts = 1 + below(7);
		if ((parts & 1) != 0)
		{
			clause("CHECK", in_parentheses(condition()));
			if (one_in(2))
				clause("MESSAGE", text());
		}
		if ((parts & 2) != 0)
			for (int i = below(2); i >= 0; i--)
				clause("DO", in_parentheses(statement()));
		if ((parts & 4) != 0 && !outputs_.empty())
			clause("SET", assignments(outputs_, " = "));
		else if ((parts & 3) == 0)
			clause("DO", in_parentheses(statement()));
	}

	/// Everything between an activity's name and its connectors.
	void human()
	{
		std::vector<std::string> inputs;
		maybe("USER", one_in(2) ? in_parentheses(expression()) : "'alice'");
		maybe("ROLE", "clerk, \"Head of sales\"");
		maybe("GROUP", one_in(2) ? in_parentheses(expression()) : "'north'");
		maybe("DESTINATION", text());
		maybe("DETAIL", text());
		maybe("INSTRUCTIONS", text());
		maybe("DUE", in_parentheses("interval '2 days'"));
		maybe("START DATE", in_parentheses(expression()));
		maybe("ALLOW SKIP", "");
		waits(inputs, "CLOSE ON", true);
		callback("ON READY");
		callback("ON OPEN");
		callback("ON CLOSE");
		callback("ON SKIP");
	}
	/// INPUT, OUTPUT, SET and the events of what waits.
	void waits(std::vector<std::string> &inputs, std::string_view words, bool may_be_already)
	{
		maybe_set();
		if (one_in(2))
			clause("INPUT", variables(&inputs, true));
		if (one_in(3))
			clause("OUTPUT", variables(nullptr, false));
		for (int i = below(3); i > 0; i--)
			clause(words, event(may_be_already, inputs));
		if (one_in(5))
			clause(words, "INSERT INTO orders AS " + new_name());
	}
	void wait()
	{
		std::vector<std::string> inputs;
		maybe("TIMEOUT", in_parentheses(expression()));
		maybe("ALLOW SKIP", "");
		waits(inputs, "CLOSE ON", true);
		callback("ON READY");
		callback("ON CLOSE");
		callback("ON SKIP");
	}
	void automatic()
	{
		static constexpr std::string_view kRetries[] = {"", "3 TIMES", "EVERY '5 s'",
														"7 TIMES EVERY $$1 min$$ BACKOFF 1.50", "BACKOFF 3"};
		for (int i = below(3); i >= 0; i--)
			clause(one_in(4) ? "DO STRICT" : "DO", in_parentheses(statement()));
		maybe_set();
		maybe("TIME LIMIT", interval());
		maybe("START DATE", in_parentheses(expression()));
		maybe("RETRY", std::string(one_of(kRetries)));
		maybe("COMMIT EACH", "");
	}
	void email()
	{
		static constexpr std::string_view kAddresses[] = {"'a@example.org'", "'Bob <b@example.org>, c@example.org'",
														  "(customer || '@example.org')"};
		clause("TO", std::string(one_of(kAddresses)));
		maybe("FROM", std::string(one_of(kAddresses)));
		maybe("CC", std::string(one_of(kAddresses)));
		maybe("BCC", std::string(one_of(kAddresses)));
		maybe("SUBJECT", text());
		maybe("BODY", text());
		maybe("HTML", text());
		maybe("HEADERS", in_parentheses(expression()));
		maybe("LOG CONTENT", "");
		maybe_set();
	}

	/// A later element of the main flow, or an End.
	std::string target(std::size_t after)
	{
		const std::size_t later = names_.size() - after - 1;
		if (later == 0 || one_in(4))
			return one_in(4) ? "END TERMINATE" : "END";
		return names_[after + 1 + static_cast<std::size_t>(below(static_cast<int>(later)))];
	}
	/// The next element, so that every element is reached.
	std::string next_target(std::size_t after) { return after + 1 < names_.size() ? names_[after + 1] : "END"; }

	void targets(std::size_t at)
	{
		clause("->", next_target(at));
		for (int i = below(3); i > 0; i--)
			add(", " + target(at));
	}

	/// An element before this one that does or waits for something, so that the cycle does not run idle; else an End.
	std::string back(std::size_t at)
	{
		for (std::size_t i = 0; i < at; i++)
			if (kinds_[i] != kDecision && one_in(2))
				return names_[i];
		return "END";
	}

	void decision(std::size_t at)
	{
		const int whens = 1 + below(3);
		for (int i = 0; i < whens; i++)
		{
			clause("WHEN", in_parentheses(condition()));
			maybe("AS", new_name());
			clause("->", i == 0 ? next_target(at) : one_in(3) ? back(at) : target(at));
		}
		if (one_in(4))
			return;
		clause("ELSE", "");
		maybe("AS", new_name());
		clause("->", target(at));
	}

	void element(std::size_t at, bool is_public)
	{
		static constexpr std::string_view kKinds[] = {"HUMAN", "AUTOMATIC", "WAIT", "DECISION", "EXECUTE", "EMAIL"};
		const int kind = kinds_[at];
		add("\n");
		add(kKinds[kind]);
		add(" " + names_[at]);
		if (one_in(8))
			add(" WAS " + new_name());
		maybe("LABEL", text());
		maybe("DESCRIPTION", text());
		if ((kind == 0 || kind == 2) && one_in(4))
			clause("CALLED", new_name());
		if ((kind == 0 || kind == 2) && is_public && one_in(2))
			clause("PUBLIC", "");
		switch (kind)
		{
		case 0:
			human();
			break;
		case 1:
			automatic();
			break;
		case 2:
			wait();
			break;
		case kDecision:
			decision(at);
			break;
		case 4:
			clause("PROCESS", one_in(2) ? "other" : "\"Other schema\".child " + assignments({"a", "\"B c\""}, " => "));
			maybe_set();
			break;
		default:
			email();
			break;
		}
		if (kind != kDecision)
			targets(at);
		add(one_in(2) ? ";" : " ;");
		if (one_in(6))
		{
			add("\nCOMMENT " + literal());
			maybe("REMINDER", "");
			add(";");
		}
	}

	void light()
	{
		add("PROCESS " + new_name() + " LIGHT LAUNCH ON " + event(false, {}));
		maybe("PRIORITY", one_in(2) ? "HIGH" : "normal");
		add(";\nSTART -> a;\nAUTOMATIC a ");
		clause("DO", in_parentheses(statement()));
		add(" -> END;\n");
	}

	void process()
	{
		names_.clear();
		kinds_.clear();
		inputs_.clear();
		outputs_.clear();
		const std::string name = new_name();
		add(one_in(3) ? "CREATE OR REPLACE PROCESS " : "process ");
		add(one_in(4) ? "\"My schema\"." + name : name);
		if (one_in(5))
			add(" WAS " + new_name());
		if (one_in(2))
			add(" " + variables(&inputs_, true));
		if (one_in(2))
			clause("RETURNS", variables(&outputs_, false));
		const bool is_public = one_in(3);
		if (is_public)
			clause("PUBLIC", "");
		maybe("CALLED", new_name());
		maybe("LABEL", text());
		maybe("DESCRIPTION", text());
		maybe("PRIORITY", one_in(2) ? "LOW" : "HIGH");
		maybe("VISIBLE TO", "clerk, \"Head of sales\"");
		maybe("CLOSE AFTER ALL FLOWS", "");
		clause("DETAIL", text());
		const bool launched = one_in(2);
		if (launched)
		{
			clause("LAUNCH ON", event(false, inputs_, true));
			if (inputs_.empty() && one_in(3))
				clause("LAUNCH ON", "INSERT INTO orders AS " + new_name());
			if (one_in(3))
				clause("EXPOSE ENTITY", one_in(2) ? "AS " + new_name() : "");
		}
		callback("ON PROCESS START");
		callback("ON ACTIVITY READY");
		callback("ON ACTIVITY OPEN");
		callback("ON ACTIVITY START");
		callback("ON ACTIVITY CLOSE");
		callback("ON ACTIVITY SKIP");
		add(";\n");

		const int count = 1 + below(8);
		for (int i = 0; i < count; i++)
		{
			names_.push_back(new_name());
			kinds_.push_back(below(6));
		}
		add("START ");
		maybe("LABEL", literal());
		maybe("DESCRIPTION", text());
		add("-> " + names_[0] + ";\n");
		for (std::size_t i = 0; i < names_.size(); i++)
			element(i, is_public);
		if (one_in(2))
			conditional_start(is_public);
		last_element();
	}

	/// A conditional start with a flow of its own.
	void conditional_start(bool is_public)
	{
		const std::string step = new_name();
		std::vector<std::string> inputs;
		add("\nCONDITIONAL START " + new_name());
		maybe("LABEL", text());
		if (is_public && one_in(2))
			clause("PUBLIC", "");
		waits(inputs, "START ON", false);
		if (kinds_[0] != kDecision)
			maybe("AFTER", names_[0] + (names_.size() > 1 && kinds_[1] != kDecision ? ", " + names_[1] : ""));
		callback("ON READY");
		callback("ON START");
		add(" -> " + step + ";\nAUTOMATIC " + step + " DO (SELECT 2) -> END;\n");
	}

	/// A named end with a way that leads to it.
	void last_element()
	{
		if (!one_in(2))
			return;
		const std::string start = new_name();
		const std::string end = new_name();
		add("\nCONDITIONAL START " + start + " -> " + end + ";\nEND " + end);
		if (one_in(3))
			add(" TERMINATE");
		maybe("LABEL", text());
		add(";\n");
	}

	void timer()
	{
		static constexpr std::string_view kSchedules[] = {"'*/5 * * * *'", "'22:00 Mon Fri'", "'When Published'",
														  "$$15:30 16$$"};
		add("\nTIMER " + new_name());
		maybe("CALLED", new_name());
		clause("SCHEDULE", std::string(one_of(kSchedules)));
		maybe("PRIORITY", "LOW");
		maybe("TIME LIMIT", interval());
		clause("DO", in_parentheses(statement()));
		add(";\n");
	}

	void translation()
	{
		add("\nTRANSLATION OF " + new_name() + " INTO 'pt-BR' (LABEL " + literal() + ", step DETAIL " + literal() +
			" LABEL '', \"Two words\" INSTRUCTIONS " + literal() + " DESCRIPTION " + literal() + ");\n");
	}

public:
	explicit RandomDefinition(std::uint64_t seed) : state_(seed) {}

	/// One to three definitions.
	std::string make()
	{
		const int count = 1 + below(3);
		for (int i = 0; i < count; i++)
		{
			const int what = below(8);
			if (what == 0)
				light();
			else if (what == 1)
				timer();
			else if (what == 2)
				translation();
			else
				process();
		}
		return out_;
	}
};

/// The text that a seed stands for.
inline std::string random_definition(std::uint64_t seed)
{
	return RandomDefinition(seed).make();
}

} // namespace bpt::test
