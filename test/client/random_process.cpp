// Random definitions (random_process.hpp). They are made from their ends to their beginnings: each part is given the target
// that follows it and tells the name by which it is reached.
#include "random_process.hpp"

namespace bpt_test {

std::string random_tables()
{
	return R"sql(
CREATE TABLE item (id bigint PRIMARY KEY, kind text NOT NULL, touched int NOT NULL DEFAULT 0);
CREATE TABLE effect (e_item bigint, e_path text, e_step text, e_value int);
CREATE TABLE signal (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, s_item bigint, s_path text, s_step text, s_value int);
CREATE TABLE note (s_process bigint, s_n int, PRIMARY KEY (s_process, s_n));
CREATE TABLE call_made (c_process bigint PRIMARY KEY);
CREATE TABLE spark (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, s_item bigint, s_path text, s_step text);
CREATE TABLE repaired (r_item bigint, r_path text, r_step text, PRIMARY KEY (r_item, r_path, r_step));
CREATE TABLE revived (process bigint PRIMARY KEY, is_restarted boolean NOT NULL DEFAULT false);
CREATE SEQUENCE attempts;
CREATE FUNCTION act(item bigint, path text, step text) RETURNS int LANGUAGE sql AS
  'INSERT INTO shop.effect VALUES (item, path, step, abs(hashtext(item || path || step)) % 10) RETURNING e_value';
CREATE FUNCTION flaky(item bigint, path text, step text) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO shop.effect VALUES (item, path, step, -1);
  IF nextval('shop.attempts') % 3 = 0 THEN
    RAISE 'not this time';
  END IF;
  RETURN 1;
END $$;
CREATE FUNCTION slow(item bigint, path text, step text) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO shop.effect VALUES (item, path, step, -2);
  PERFORM pg_sleep(0.02);
  RETURN 2;
END $$;
CREATE FUNCTION broken(item bigint, path text, step text) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO shop.effect VALUES (item, path, step, -3);
  IF NOT EXISTS (SELECT FROM shop.repaired WHERE (r_item, r_path, r_step) = (item, path, step)) THEN
    RAISE 'broken';
  END IF;
  RETURN 3;
END $$;
)sql";
}

namespace {

class Generator
{
public:
	explicit Generator(unsigned seed) : random_(seed) {}

	RandomDefinitions all()
	{
		RandomDefinitions made;
		text_ = R"bpt(
PROCESS light (item_id bigint, path text, step text) LIGHT
  LAUNCH ON INSERT INTO spark WITH (item_id => s_item, path => s_path, step => s_step);
START -> work;
AUTOMATIC work DO (SELECT shop.flaky(item_id, path, 'light ' || step) AS v) RETRY EVERY '10 ms' BACKOFF 1 -> END;

PROCESS echo (item_id bigint, path text, step text) DETAIL (item_id || ' ' || path)
  LAUNCH ON INSERT INTO spark WHERE (s_item % 2 = 0) WITH (item_id => s_item, path => s_path, step => s_step);
START -> work;
AUTOMATIC work DO (SELECT shop.act(item_id, path, 'echo ' || step) AS v) -> END;

TIMER once SCHEDULE 'When Published' DO (INSERT INTO shop.effect VALUES (0, '', 'timer', 0));
)bpt";
		is_chain_ = true;
		process("chain_leaf", {}, false);
		process("chain", {"chain_leaf"}, false);
		process("chain_root", {"chain", "chain_leaf"}, true);
		is_chain_ = false;
		process("fan_leaf", {}, false);
		process("fan", {"fan_leaf", "chain_leaf"}, false);
		process("fan_root", {"fan", "fan_leaf", "chain_leaf"}, true);
		made.text = text_;
		made.roots = {"chain_root", "fan_root"};
		return made;
	}

private:
	/// A number below n.
	int below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
	/// One of `n`.
	bool one_in(int n) { return below(n) == 0; }
	std::string name(const std::string &kind) { return kind + '_' + std::to_string(++serial_); }

	void add(const std::string &element, const std::string &connectors)
	{
		elements_ += element + "\n  -> " + connectors + ";\n";
	}

	/// One process, of up to two parts that only some have: a conditional start, and a task that stops and restarts it.
	void process(const std::string &process_name, const std::vector<std::string> &callees, bool is_root)
	{
		callees_ = callees;
		elements_.clear();
		outputs_ = "steps int DEFAULT 0";
		// Its parent has one path, and no flow but the main one while this runs.
		ends_parent_ = process_name == "chain";
		const bool hears = is_root || one_in(2);
		std::string next = part(1 + below(3), end(), 0);
		if (hears)
			next = hearing(next);
		if (is_root && is_chain_)
			next = human("revive", next);
		next = part(2 + below(3), next, 0);
		elements_ += "START -> " + next + (is_chain_ || one_in(2) ? "" : ", " + part(2, end(), 0)) + ";\n";
		text_ += "\nPROCESS " + process_name + " (item_id bigint, path text DEFAULT '') RETURNS (" + outputs_ +
				 ")\n  DETAIL (item_id || ' ' || path) CLOSE AFTER ALL FLOWS PRIORITY " +
				 std::vector<std::string>{"low", "normal", "high"}[static_cast<std::size_t>(below(3))];
		if (is_root)
			text_ += "\n  LAUNCH ON INSERT INTO item AS item_id WHERE (kind = '" + process_name + "')";
		if (one_in(2))
			text_ += "\n  ON PROCESS START DO (INSERT INTO shop.effect VALUES (item_id, path, 'begin', 0))";
		for (const char *moment : {"READY", "CLOSE", "SKIP"})
			if (one_in(2))
				text_ += std::string("\n  ON ACTIVITY ") + moment +
						 " DO (INSERT INTO shop.effect VALUES (item_id, path, 'any " + moment + "', 0))";
		text_ += ";\n" + elements_;
	}

	/// How a path ends. What it is reached by is a target only.
	std::string end()
	{
		if (is_chain_ && one_in(5))
			return "END TERMINATE";
		if (one_in(2))
			return "END";
		const std::string n = name("end");
		elements_ += "END " + n + ";\n";
		return n;
	}

	/// Several elements, one after the other.
	std::string part(int length, std::string next, int depth)
	{
		for (int i = 0; i < length; i++)
			next = element(next, depth);
		return next;
	}

	std::string element(const std::string &next, int depth)
	{
		switch (below(depth < 2 ? 14 : 8))
		{
		case 0:
		case 1:
			return automatic(next);
		case 2:
		case 3:
			return human(human_kind(), next);
		case 4:
		case 5:
			return wait(next);
		case 6:
			return callees_.empty() ? automatic(next) : execute(next);
		case 7:
			return email(next);
		case 8:
		case 9:
			return decision(next, depth);
		case 10:
		case 11:
			return is_chain_ ? loop(next, depth) : fork(next, depth);
		case 12:
			return broken_decision(next);
		default:
			return given(next);
		}
	}

	std::string callee() { return callees_[static_cast<std::size_t>(below(static_cast<int>(callees_.size())))]; }

	std::string call(const std::string &function, const std::string &n)
	{
		return "(SELECT shop." + function + "(item_id, path, '" + n + "') AS v)";
	}

	std::string count_step() { return one_in(2) ? " SET (steps = steps + 1)" : ""; }

	std::string automatic(const std::string &next)
	{
		std::string n;
		std::string text;
		switch (below(8))
		{
		case 0:
			n = name("flaky");
			text = " DO " + call("flaky", n) + " RETRY EVERY '10 ms' BACKOFF 1";
			break;
		case 1:
			n = name("slow");
			text = " DO " + call("slow", n);
			break;
		case 2:
			n = name(std::vector<std::string>{"broken_repair", "broken_skip",
											  "broken_discard"}[static_cast<std::size_t>(below(3))]);
			text = " DO " + call("broken", n) + " RETRY 1 TIMES EVERY '10 ms'";
			break;
		case 3:
			n = name("spark");
			text = " DO (INSERT INTO spark (s_item, s_path, s_step) SELECT item_id, path, '" + n +
				   "' FROM generate_series(1, 3))";
			break;
		case 4:
			n = name("alone");
			text = " DO " + call("act", n) + " COMMIT EACH";
			break;
		case 5:
			n = name("later");
			text = " DO " + call("act", n) + " START DATE (interval '30 ms')";
			break;
		default:
			n = name("act");
			text = " DO " + call("act", n) + " DO (SELECT 1 AS w)";
		}
		add("AUTOMATIC " + n + text + count_step(), next);
		return n;
	}

	std::string callback(const std::string &n, const std::string &moment)
	{
		return "\n  ON " + moment + " DO (INSERT INTO shop.effect VALUES (item_id, path, '" + n + ' ' + moment +
			   "', 0))" + (one_in(2) ? " SET (steps = steps + 1)" : "");
	}

	std::string human_kind()
	{
		std::vector<std::string> kinds = {"task_close", "task_open",  "task_reset",
										  "task_skip",  "task_event", "task_discard"};
		if (is_chain_)
			kinds.insert(kinds.end(), {"linger", ends_parent_ ? "linger_parent" : "linger"});
		// What ends a path leaves little to see of what follows it.
		const std::string kind = kinds[static_cast<std::size_t>(below(static_cast<int>(kinds.size())))];
		return (kind == "task_discard" || kind.compare(0, 6, "linger") == 0) && !one_in(3) ? "task_close" : kind;
	}

	std::string human(const std::string &kind, const std::string &next)
	{
		const std::string n = name(kind);
		std::string text = "HUMAN " + n + " INPUT (n int)" + count_step();
		if (kind == "task_event")
			text += "\n  CLOSE ON INSERT INTO signal WHERE (s_item = item_id AND s_path = path AND s_step = '" + n +
					"') WITH (n => s_value)";
		if (kind == "task_skip")
			text += " ALLOW SKIP";
		if (one_in(4))
			text += " START DATE (interval '20 ms')";
		if (one_in(4))
			text += " DUE (interval '1 day')";
		for (const char *moment : {"READY", "OPEN", "CLOSE", "SKIP"})
			// Tasks that are put back are opened again.
			if (one_in(3) && !(kind == "task_reset" && std::string(moment) == "OPEN"))
				text += callback(n, moment);
		add(text, next);
		return n;
	}

	std::string wait(const std::string &next)
	{
		std::string n;
		std::string text;
		const auto event = [&](const std::string &step) {
			return " INPUT (value int) CLOSE ON INSERT INTO signal WHERE (s_item = item_id AND s_path = path AND "
				   "s_step = '" +
				   step + "')";
		};
		switch (below(7))
		{
		case 0:
			n = name("wait_event");
			text = event(n) + " WITH (value => s_value)";
			break;
		case 1:
			n = name("wait_touch");
			text = " CLOSE ON UPDATE OF item (touched) WHERE (id = item_id)";
			break;
		case 2:
			n = name("wait_timeout");
			text = event("never") + " TIMEOUT (interval '30 ms')";
			break;
		case 3:
			n = name("wait_again");
			text = event("never") + " TIMEOUT (interval '20 ms') ON CLOSE CHECK (" + n + ".refusals >= 1)";
			break;
		case 4:
			n = name("wait_refuse");
			text = event(n) + " WITH (value => s_value) ON CLOSE CHECK (" + n + ".value >= 2)";
			break;
		case 5:
			n = name("wait_close");
			text = event("never");
			break;
		default:
		{
			n = name("wait_already");
			text = event(n) + " OR ALREADY";
			const std::string before = name("signal");
			add("WAIT " + n + text, next);
			add("AUTOMATIC " + before +
					" DO (INSERT INTO signal (s_item, s_path, s_step, s_value) VALUES (item_id, path, '" + n + "', 1))",
				n);
			return before;
		}
		}
		add("WAIT " + n + count_step() + text, next);
		return n;
	}

	std::string execute(const std::string &next)
	{
		const std::string n = name("sub");
		const std::string after = name("after");
		add("AUTOMATIC " + after + " DO (INSERT INTO shop.effect VALUES (item_id, path, '" + after + "', " + n +
				".steps)) SET (steps = steps + " + n + ".steps)",
			next);
		std::string target = after;
		if (one_in(2))
		{
			target = name("stopped");
			elements_ +=
				"DECISION " + target + " WHEN (" + n + ".terminated) -> " + after + " ELSE -> " + after + ";\n";
		}
		add("EXECUTE " + n + " PROCESS " + callee() + " (item_id => item_id, path => path || '/" + n + "')", target);
		return n;
	}

	std::string email(const std::string &next)
	{
		const std::string n = name("mail");
		add("EMAIL " + n + " FROM 'a@example.org' TO 'b@example.org' SUBJECT (item_id || path || ' " + n +
				"') BODY 'x'",
			next);
		return n;
	}

	std::string decision(const std::string &next, int depth)
	{
		const std::string n = name("decide");
		const std::string yes = part(1, next, depth + 1);
		const std::string no = one_in(2) ? next : part(1, next, depth + 1);
		elements_ += "DECISION " + n + " WHEN (abs(hashtext(item_id || path)) % 3 = " + std::to_string(below(3)) +
					 ") AS first -> " + yes + " ELSE AS other -> " + no + ";\n";
		return n;
	}

	/// Nothing true until somebody has made it so.
	std::string broken_decision(const std::string &next)
	{
		const std::string n = name("broken_repair");
		elements_ += "DECISION " + n +
					 " WHEN (EXISTS (SELECT FROM shop.repaired WHERE (r_item, r_path, r_step) = "
					 "(item_id, path, '" +
					 n + "'))) AS made -> " + next + ";\n";
		return n;
	}

	/// Values that go from one activity to others.
	std::string given(const std::string &next)
	{
		const std::string use = name("use");
		const std::string task = name("task_close");
		const std::string first = name("act");
		add("AUTOMATIC " + use + " DO (INSERT INTO shop.effect VALUES (item_id, path, '" + use + "', 10 * " + task +
				".n + " + first + ".v))",
			next);
		add("HUMAN " + task + " INPUT (n int)", use);
		add("AUTOMATIC " + first + " DO " + call("act", first), task);
		return first;
	}

	std::string loop(const std::string &next, int depth)
	{
		const std::string head = name("head");
		const std::string turn = name("turn");
		outputs_ += ", " + head + "_n int DEFAULT 0";
		const std::string body = part(1, head, depth + 1);
		add("AUTOMATIC " + head + " DO " + call("act", head) + " SET (" + head + "_n = " + head + "_n + 1)", turn);
		elements_ += "DECISION " + turn + " WHEN (" + head + "_n < " + std::to_string(2 + below(2)) + ") AS again -> " +
					 body + " ELSE AS enough -> " + next + ";\n";
		return head;
	}

	/// Two or three paths at once, of which one or two go on to what follows.
	std::string fork(const std::string &next, int depth)
	{
		const std::string n = name("fork");
		std::string targets = part(1, next, depth + 1) + ", " + part(1, end(), depth + 1);
		if (one_in(2))
			targets += ", " + part(1, forks_++ < 2 ? next : end(), depth + 1);
		add("AUTOMATIC " + n + " DO " + call("act", n) + count_step(), targets);
		return n;
	}

	/// A conditional start, and the task that waits until it has been heard and started often enough.
	std::string hearing(const std::string &next)
	{
		const std::string n = name("hear");
		const std::string gate = name(is_chain_ ? "gate_still" : "gate");
		const std::string before = name("act");
		std::string after;
		if (one_in(2))
			after = " AFTER " + before;
		// A flow that ended its process would end other flows where they happen to be.
		const bool was_chain = is_chain_;
		const std::vector<std::string> all_callees = callees_;
		is_chain_ = false;
		if (was_chain && !callees_.empty())
			callees_ = {"chain_leaf"};
		const std::string flow = part(1 + below(2), "END", 1);
		is_chain_ = was_chain;
		callees_ = all_callees;
		add("CONDITIONAL START " + n + " INPUT (n int)" + after +
				"\n  START ON INSERT INTO note WHERE (s_process = process.process_id) WITH (n => s_n)"
				"\n  ON START CHECK (" +
				n + ".n <> 2) DO (INSERT INTO shop.effect VALUES (item_id, path, '" + n + " ' || " + n +
				".n, 0)) SET (steps = steps + 1)",
			flow);
		add("HUMAN " + gate + " INPUT (n int)", next);
		add("AUTOMATIC " + before + " DO " + call("act", before), gate);
		return before;
	}

	std::mt19937 random_;
	std::string text_;
	std::string elements_;
	std::string outputs_;
	std::vector<std::string> callees_;
	int serial_ = 0;
	int forks_ = 0;
	bool is_chain_ = false;
	bool ends_parent_ = false;
};

} // namespace

RandomDefinitions random_definitions(unsigned seed)
{
	return Generator(seed).all();
}

} // namespace bpt_test
