// The parser's own view of itself: one cursor over the text, and the functions of the grammar, spread over the parse_*.cpp
// files by idea. Nothing outside the parser includes this.
//
// A function that returns bool returns false when it has added a problem and does not know how to go on; its caller then
// gives up the statement, and the parser goes on behind the next ";". Inside parentheses nothing is given up: the closing
// one is known beforehand, so reading goes on behind it.
#pragma once
#include "core/clause.hpp"
#include "core/lexer.hpp"
#include "core/parser.hpp"
#include "core/text.hpp"

namespace bpt::core {

/// What a statement is: decided by its first words.
enum class Opening : std::uint8_t
{
	none,
	process,
	translation,
	timer,
	element, // of `kind`
};

struct StatementWord
{
	std::string_view word;
	Opening opening;
	Kind kind;
};

/// Whose clauses are being read, and which were there already.
struct ClauseScope
{
	std::string_view owner; // "HUMAN", "PROCESS" …
	ClauseSet allowed = 0;
	ClauseSet seen = 0;
	bool has_targets = false; // "->" may follow
};

struct Parser
{
	Arena &arena;
	std::string_view text;
	Diagnostics &problems;
	Lexer lexer;
	Document &document;
	Token now{};                  // the token to be read next
	std::int32_t last_end = 0;    // behind the token read last
	Process *process = nullptr;   // whose elements follow
	Process orphanage{};          // takes elements that stand before every PROCESS
	bool orphan_reported = false; // the first of them was reported
	bool unbalanced = false;      // a parenthesis was never closed: ";" ends a statement at any depth
	bool stopped = false;         // too much is wrong: the rest is not read

	// parse_cursor.cpp: the cursor, what may stand next, and problems
	void jump(std::int32_t offset);
	void advance();
	Token ahead(int count);
	bool at_end() const { return now.kind == TokenKind::end; }
	bool at_word(std::string_view word) const { return is_word(now, word); }
	static bool is_word(const Token &token, std::string_view word);
	bool take_word(std::string_view word);
	bool take(char symbol);
	bool expect_word(std::string_view word);
	void problem(std::int32_t offset, const char *code, std::string_view message, std::string_view hint = {});
	bool fail(std::string_view hint);
	bool fail_at(const Token &token, std::string_view hint);
	void give_up_statement();
	bool take_name(Name &name, std::string_view what);
	bool take_was(Name &was);
	bool take_qualified(QualifiedName &name, std::string_view what);

	// parse_value.cpp: SQL in parentheses, texts, literals, and lists of names, variables and assignments
	bool opening_parenthesis(std::int32_t &close, std::string_view hint);
	bool take_sql(Sql &sql, std::string_view hint);
	bool take_text(TextValue &value);
	bool take_string(std::string_view &value, std::string_view hint);
	bool take_literal_sql(Sql &sql, std::string_view hint);
	bool take_names(Vec<Name> &names, std::string_view what);
	bool take_priority(Priority &priority);
	void skip_item(std::int32_t close);
	bool take_variables(Vec<Variable> &variables);
	bool take_variable(Variable &variable);
	bool take_type(Variable &variable);
	bool take_default(Variable &variable);
	bool take_assignments(Vec<Assignment> &list, TokenKind link, std::string_view owner, bool may_be_empty);
	bool take_assignment(Assignment &assignment, TokenKind link, std::string_view owner, std::int32_t close);

	// parse_event.cpp: LAUNCH ON, CLOSE ON, START ON
	bool take_event(EventClause &event);
	bool take_event_table(EventClause &event);
	bool callback_follows();

	// parse_callback.cpp
	bool take_callback(Callback &callback, Clause clause, std::int32_t offset);

	// parse_clause.cpp: finding clauses by their keywords
	enum class Found : std::uint8_t
	{
		yes,  // the clause is in `clause` and its keywords are read
		none, // connectors, ";" or something else stand here
		failed,
	};
	Found find_clause(ClauseScope &scope, Clause &clause, std::int32_t &offset);
	bool misspelt_clause(const ClauseScope &scope, Clause &clause);
	void admit(ClauseScope &scope, Clause clause, std::int32_t offset);

	// parse_process.cpp
	void parse_process(std::int32_t begin);
	bool process_clause(Process &into, Clause clause, std::int32_t offset);

	// parse_element.cpp, parse_connector.cpp
	void parse_element(Kind kind, std::int32_t begin);
	bool element_body(Element &element);
	bool element_clause(Element &element, Clause clause, std::int32_t offset);
	bool activity_clause(Element &element, Clause clause, std::int32_t offset);
	bool take_retry(Retry &retry);
	bool take_target(Target &target);
	bool take_targets(Element &element);
	bool take_outcomes(Element &element);
	void name_outcomes(Element &element);

	// parse_translation.cpp, parse_timer.cpp
	void parse_translation(std::int32_t begin);
	bool translation_item(TranslationItem &item);
	void parse_timer(std::int32_t begin);
	bool take_schedule(Timer &timer);

	// parser.cpp: statements
	void parse_statement();
	const StatementWord *statement_word(const Token &first, const Token &second);
	bool statement_follows();
	bool end_statement(std::string_view hint);
};

} // namespace bpt::core
