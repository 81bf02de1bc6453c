// People for random processes (random_people.hpp).
#include "random_people.hpp"

#include <algorithm>
#include <set>
#include <thread>

namespace bpt_test {

namespace {

const char *const kToDo = R"sql(
SELECT a.id, a.process_id AS process, a.name, regexp_replace(a.name, '_[0-9]+$', '') AS kind, a.status, a.refusals,
  p.parent_process_id AS parent, split_part(p.label, ' ', 1) AS item, substr(p.label, strpos(p.label, ' ') + 1) AS path,
  EXISTS (SELECT FROM revived WHERE revived.process = a.process_id) AS was_stopped,
  (SELECT count(*) FROM bpt.activity s WHERE s.process_id = a.process_id AND s.started_instant IS NOT NULL) AS starts,
  (SELECT id FROM bpt.activity s WHERE s.process_id = a.process_id AND s.kind = 'conditional_start'
    AND s.started_instant IS NULL AND s.status = 'listening') AS listens,
  (SELECT s.refusals FROM bpt.activity s WHERE s.process_id = a.process_id AND s.kind = 'conditional_start'
    AND s.started_instant IS NULL) AS refused,
  (SELECT count(*) FROM bpt.activity s JOIN bpt.activity_status c ON c.code = s.status
    WHERE s.process_id = a.process_id AND NOT c.is_terminal AND s.id <> a.id) AS others
FROM bpt.activity a JOIN bpt.process p ON p.id = a.process_id
WHERE a.status IN ('ready', 'opened', 'listening', 'error', 'failed') AND p.status = 'active'
ORDER BY a.id)sql";

} // namespace

Person::Person(const Database &database, unsigned seed, bool is_hasty)
	: conninfo_(database.conninfo(database.owner())), random_(seed), is_hasty_(is_hasty)
{
}

bool Person::act(const std::string &sql, bool roll_back)
{
	// Others were faster, also at a decision, which leaves no row behind; the process is suspended; or two met.
	static const std::set<std::string> expected = {"WF002", "WF003", "WF004", "WF006", "40001", "40P01"};
	try
	{
		if (!connection_)
			connection_ = std::make_unique<pqxx::connection>(conninfo_);
		pqxx::work work(*connection_);
		work.exec(sql);
		if (roll_back)
			work.abort();
		else
			work.commit();
		return true;
	}
	catch (const pqxx::sql_error &error)
	{
		const std::string state = sqlstate_of(error);
		if ((expected.count(state) == 0 || std::string(error.what()).find("activity 0") != std::string::npos) &&
			state.compare(0, 2, "57") != 0)
			complaints_ += state + ' ' + error.what() + '\n' + sql + '\n';
	}
	catch (const std::exception &)
	{
		connection_.reset(); // lost, or not to be had while the server comes up
	}
	return false;
}

pqxx::result Person::ask(const std::string &sql)
{
	try
	{
		if (!connection_)
			connection_ = std::make_unique<pqxx::connection>(conninfo_);
		pqxx::nontransaction session(*connection_);
		return session.exec(sql);
	}
	catch (const std::exception &)
	{
		connection_.reset();
		return {};
	}
}

/// What is to be done with an activity; "" for nothing now.
std::string Person::action(const pqxx::row &row)
{
	const auto text = [&](const char *column) { return row[column].as<std::string>(std::string{}); };
	const std::string id = text("id");
	const std::string kind = text("kind");
	const std::string status = text("status");
	const std::string process = text("process");
	const std::string key = "(" + text("item") + ", '" + text("path") + "', '" + text("name") + "'";
	const std::string close = "SELECT bpt.activity_close(" + id + ", '{\"n\": 4}')";
	const auto signal = [&](int value) {
		return "INSERT INTO signal (s_item, s_path, s_step, s_value) VALUES " + key + ", " + std::to_string(value) +
			   ")";
	};
	const std::string retry = "SELECT bpt.activity_retry(" + id + ")";

	if (status == "error" || status == "failed")
	{
		if (kind == "broken_repair")
			return "INSERT INTO repaired VALUES " + key + ") ON CONFLICT DO NOTHING; " + retry;
		if (status == "error")
			return one_in(4) ? retry : "";
		if (kind == "broken_skip")
			return "SELECT bpt.activity_skip(" + id + ")";
		if (kind == "broken_discard")
			return "SELECT bpt.activity_discard(" + id + ")";
		return retry;
	}
	if (kind == "task_close")
		return close;
	if (kind == "task_open" || kind == "task_reset")
	{
		if (status == "ready")
			return "SELECT bpt.activity_open(" + id + ")";
		return kind == "task_reset" && one_in(3) ? "SELECT bpt.activity_reset(" + id + ", true)" : close;
	}
	if (kind == "task_skip")
		return "SELECT bpt.activity_skip(" + id + ")";
	if (kind == "task_discard")
		return "SELECT bpt.activity_discard(" + id + ")";
	if (kind == "task_event" || kind == "wait_event")
		return signal(4);
	if (kind == "wait_refuse")
		return signal(1 + row["refusals"].as<int>());
	if (kind == "wait_touch")
		return "UPDATE item SET touched = touched + 1 WHERE id = " + text("item");
	if (kind == "wait_close")
		return "SELECT bpt.activity_close(" + id + ", '{\"value\": 4}')";
	if (kind == "linger")
		return "SELECT bpt.process_terminate(" + process + ")";
	if (kind == "linger_parent")
		return "SELECT bpt.process_terminate(" + (text("parent").empty() ? process : text("parent")) + ")";
	if (kind == "revive")
		return text("was_stopped") == "t" ? close
										  : "WITH first AS (INSERT INTO revived VALUES (" + process +
												") ON CONFLICT DO NOTHING RETURNING process)"
												" SELECT bpt.process_terminate(process) FROM first";
	if (kind == "gate" || kind == "gate_still")
	{
		// Two of three starts begin a flow; nobody but the listener and this task may be at anything.
		if (row["starts"].as<int>() >= 2 && row["refused"].as<int>(0) >= 1)
			return kind == "gate" || row["others"].as<int>() <= 1 ? close : "";
		if (text("listens").empty())
			return "";
		return "INSERT INTO note SELECT " + process +
			   ", generate_series(1, 2) ON CONFLICT DO NOTHING; WITH made AS (INSERT INTO call_made VALUES (" +
			   process + ") ON CONFLICT DO NOTHING RETURNING 1) SELECT bpt.activity_start(" + text("listens") +
			   ", '{\"n\": 3}') FROM made";
	}
	return "";
}

void Person::sweep()
{
	act("WITH stopped AS (UPDATE revived SET is_restarted = true WHERE NOT is_restarted RETURNING process)"
		" SELECT bpt.process_restart(process) FROM stopped");
	const pqxx::result rows = ask(kToDo);
	std::vector<std::string> actions;
	for (const pqxx::row &row : rows)
		actions.push_back(action(row));
	if (is_hasty_)
		std::shuffle(actions.begin(), actions.end(), random_);
	for (const std::string &sql : actions)
	{
		if (sql.empty())
			continue;
		if (one_in(8))
			act(sql, true);
		act(sql);
	}
}

void Person::meddle()
{
	const pqxx::result rows = ask("SELECT id FROM bpt.process WHERE status = 'active' ORDER BY random() LIMIT 1");
	if (rows.empty())
		return;
	const std::string process = rows[0][0].as<std::string>();
	const std::string pause = "; SELECT pg_sleep(0.00" + std::to_string(random_() % 10) + ")";
	if (random_() % 2 == 0)
		act("SELECT bpt.process_suspend(" + process + ")" + pause, true);
	else if (act("SELECT bpt.process_suspend(" + process + ")"))
	{
		std::this_thread::sleep_for(milliseconds(random_() % 30));
		resume_all();
	}
}

bool Person::sees(const std::string &query)
{
	const pqxx::result rows = ask(query);
	return !rows.empty() && rows[0][0].as<bool>();
}

void Person::resume_all()
{
	for (const pqxx::row &row : ask("SELECT id FROM bpt.process WHERE status = 'suspended' ORDER BY id"))
		act("SELECT bpt.process_resume(" + row[0].as<std::string>() + ")");
}

} // namespace bpt_test
