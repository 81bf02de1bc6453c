// The lexical layer: PostgreSQL's token rules (standard_conforming_strings on), once for the definition language itself
// and once for stepping over SQL that is handed on unparsed.
//
// Offsets are bytes from the start of the definition text. Everything unterminated is a problem at its start and ends the
// text there. Scanning is iterative, so nesting costs no stack.
#pragma once
#include "core/diagnostic.hpp"
#include "core/model.hpp"

namespace bpt::core {

/// What a stretch of SQL text is, before any value is made of it.
enum class RawKind : std::uint8_t
{
	end,
	word,           // an identifier or keyword without quotes
	quoted_word,    // "…"
	unicode_word,   // U&"…"
	string,         // '…' and N'…'
	escape_string,  // E'…'
	unicode_string, // U&'…'
	bit_string,     // B'…' and X'…'
	dollar_string,  // $tag$…$tag$
	number,
	parameter,    // $1
	symbol,       // any other single byte
	unterminated, // begin: where that which never ends starts; complaint says what it is
};

struct RawToken
{
	RawKind kind = RawKind::end;
	std::int32_t begin = 0;
	std::int32_t end = 0;
	const char *complaint = nullptr;
};

/// The first token at or behind `at`, after blanks and comments.
RawToken scan(std::string_view text, std::int32_t at);

/// Whether a quote at some distance continues a string literal that ended at `at` (SQL joins '…' newline '…'): the offset
/// behind that opening quote, or -1.
std::int32_t string_continues(std::string_view text, std::int32_t at);

/// Where SQL that was stepped over ends.
struct SqlEnd
{
	std::int32_t stop = 0;  // offset of the byte that ended it: ")" or ","; the text's length if nothing did
	std::int32_t first = 0; // offset of its first token (= last if it has none)
	std::int32_t last = 0;  // offset behind its last token
	RawToken unterminated;  // kind unterminated if something inside never ends
	bool closed = false;    // false: the text ended first
};

/// Steps over SQL from `at` up to a ")" that closes nothing inside it, or, with `at_comma`, to a comma outside () and [].
/// `interrupt` (may be null) is called now and then.
SqlEnd skip_sql(std::string_view text, std::int32_t at, bool at_comma, void (*interrupt)() = nullptr);

/// Splits SQL at its commas outside () and []. No item is left out, an empty one has an empty text.
Vec<Sql> split_list(Arena &arena, Sql list);

enum class TokenKind : std::uint8_t
{
	end,
	identifier, // text: folded, or as quoted
	string,     // text: the value
	number,     // text: as written
	arrow,      // ->
	gives,      // =>
	symbol,     // text: one byte
};

struct Token
{
	TokenKind kind = TokenKind::end;
	bool quoted = false; // identifier in double quotes: never a keyword
	std::int32_t begin = 0;
	std::int32_t end = 0;
	std::string_view text;

	bool is(char symbol) const { return kind == TokenKind::symbol && text[0] == symbol; }
};

/// Reads the tokens of the definition language. Reading the same place again does not repeat its problems.
struct Lexer
{
	Arena &arena;
	std::string_view text;
	Diagnostics &problems;
	void (*interrupt)() = nullptr;
	std::int32_t reported = -1; // offset of the last lexical problem
	bool broken = false;        // something unterminated was met: the text ends there

	/// The token at or behind `at`.
	Token read(std::int32_t at);
	/// Adds a lexical problem unless one at or behind this place was added before.
	void complain(std::int32_t offset, std::string_view message, std::string_view hint = {});
};

/// The value of a string literal, its escapes decoded (UTF-8); `token` is any of the string kinds but bit_string.
std::string_view string_value(Lexer &lexer, const RawToken &token);

/// Behind a U&'…' literal and the UESCAPE clause that may follow it.
std::int32_t unicode_string_end(std::string_view text, const RawToken &token);

} // namespace bpt::core
