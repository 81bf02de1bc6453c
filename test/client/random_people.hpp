// People for the processes of random_process.hpp: they look at what is to be done and do it, each action in a transaction of
// its own. An action may be repeated, by others or after a lost connection: what has been done already is refused or does no
// harm. Refusals that come from others being faster are expected; anything else is remembered as a complaint.
#pragma once
#include <map>
#include <memory>
#include <random>
#include <string>

#include "database.hpp"

namespace bpt_test {

class Person
{
public:
	/// `is_hasty`: acts in random order, tries some actions and takes them back, takes detours.
	Person(const Database &database, unsigned seed, bool is_hasty);

	/// Looks once at all that is to be done, and does it. Without a connection it makes a new one, or gives up until next time.
	void sweep();
	/// Runs one statement in a transaction of its own; tells whether it was done. Roll back: only tried.
	bool act(const std::string &sql, bool roll_back = false);
	/// Suspends a process and resumes it a little later, or only tries to and takes it back.
	void meddle();
	/// Whether a condition holds; false without a connection.
	bool sees(const std::string &query);
	/// Ends every process's suspension.
	void resume_all();
	/// Errors that nobody should see, each with its SQL.
	const std::string &complaints() const { return complaints_; }

private:
	std::string action(const pqxx::row &row);
	pqxx::result ask(const std::string &sql);
	bool one_in(unsigned n) { return is_hasty_ && random_() % n == 0; }

	std::string conninfo_;
	std::unique_ptr<pqxx::connection> connection_;
	std::mt19937 random_;
	bool is_hasty_;
	std::string complaints_;
};

} // namespace bpt_test
