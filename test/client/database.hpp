// What the client tests share: a database of their own with bpt in it, sessions that act together, and waiting for what
// workers do by asking until a deadline.
//
// BPT_CONNINFO tells how to connect as a superuser; BPT_SERVER_IS_PRIVATE says that settings of the server may be changed.
#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <pqxx/pqxx>

namespace bpt_test {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// A fresh database for one test, dropped at its end together with the roles made for it. Its owner role may publish and
/// owns schema shop, which stands first in the search_path.
class Database
{
public:
	explicit Database(std::string name);
	~Database();
	Database(const Database &) = delete;
	Database &operator=(const Database &) = delete;

	const std::string &owner() const { return owner_; }
	/// How to connect as a role; as the superuser without one.
	std::string conninfo(const std::string &role = {}) const;
	/// Makes a role that can log in, and tells its name; it is a member of `group` if one is given.
	std::string make_role(const std::string &name, const std::string &group = {});
	/// Makes a role of exactly this name unless it exists.
	void make_shared_role(const std::string &name);

	/// Runs SQL as the superuser, as the owner. Each call is a transaction of its own.
	void run(const std::string &sql) { run_as({}, sql); }
	void run_as_owner(const std::string &sql) { run_as(owner_, sql); }
	/// Publishes definitions as the owner.
	void publish(const std::string &definition);

	/// Connects anew at the next question: the server was restarted.
	void reconnect() { session_.reset(); }
	/// The one value of a query, asked by the superuser, as text; "" for NULL.
	std::string value(const std::string &query);
	long number(const std::string &query) { return std::stol(value(query)); }
	/// The rows of a query, aligned for reading; what cannot be asked is shown as its error.
	std::string table(const std::string &query);

	/// Asks until the condition holds. False, with a failure that shows what the database is at, when the deadline passes.
	[[nodiscard]] bool wait_until(const std::string &what, const std::string &condition, milliseconds deadline);
	/// Instances, activities, queues, incidents, workers: what one wants to know when something does not happen.
	std::string state();
	/// Fails unless nothing is left to do: queues, listeners, offers and attempts are empty.
	void expect_nothing_left();

private:
	void run_as(const std::string &role, const std::string &sql);

	std::string name_;
	std::string owner_;
	std::vector<std::string> roles_;
	std::unique_ptr<pqxx::connection> session_;
};

/// Runs f(0) … f(n - 1) in threads of their own and waits for all; what the first of them threw is thrown again.
void in_parallel(int n, const std::function<void(int)> &f);

/// The SQLSTATE of an error, "" if it carries none.
std::string sqlstate_of(const pqxx::failure &error);

/// Whether the server's settings may be changed.
bool is_private_server();

/// Changes a setting of the server for as long as it lives, and waits until sessions see it. `value` as SHOW shows it.
class ServerSetting
{
public:
	ServerSetting(Database &database, std::string name, const std::string &value);
	~ServerSetting();
	ServerSetting(const ServerSetting &) = delete;
	ServerSetting &operator=(const ServerSetting &) = delete;

private:
	Database &database_;
	std::string name_;
};

} // namespace bpt_test
