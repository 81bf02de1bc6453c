// The grammar: that every clause of every kind arrives in the model.
#include <gtest/gtest.h>

#include "reading.hpp"

using namespace bpt::core;
using namespace bpt::test;

TEST(Parser, ReadsTheDemo)
{
	Reading reading(read_source_file("test/fixtures/order_handling.bpt"));
	EXPECT_EQ(reading.problems.list.count, 0) << reading.list() << reading.list(Severity::warning);
	ASSERT_EQ(reading.document->processes.count, 1);
	Process &process = reading.process();
	EXPECT_EQ(process.name.name.text, "order_handling");
	EXPECT_EQ(process.label.literal, "Order handling");
	EXPECT_EQ(process.detail.expression.text, "'Order ' || order_id");
	ASSERT_EQ(process.launches.count, 1);
	EXPECT_EQ(process.launches[0].op, Op::insert);
	EXPECT_EQ(process.launches[0].table.name.text, "orders");
	EXPECT_EQ(process.launches[0].as.text, "order_id");
	EXPECT_EQ(process.launches[0].where.text, "total > 0");
	ASSERT_EQ(process.elements.count, 8);

	Element &provision = reading.element("provision");
	EXPECT_EQ(provision.kind, Kind::automatic);
	ASSERT_EQ(provision.statements.count, 1);
	EXPECT_EQ(provision.statements[0].sql.text,
			  "UPDATE orders SET status = 'provisioned' WHERE id = order_id RETURNING total");
	ASSERT_EQ(provision.targets.count, 2);
	EXPECT_EQ(provision.targets[1].element, reading.index("invoice"));

	Element &pack = reading.element("pack");
	EXPECT_EQ(pack.kind, Kind::human);
	EXPECT_EQ(pack.roles[0].text, "warehouse");
	EXPECT_EQ(pack.destination.expression.text, "'/orders/' || order_id || '/pack'");
	EXPECT_EQ(pack.due.text, "interval '2 days'");
	ASSERT_EQ(pack.inputs.count, 2);
	EXPECT_EQ(pack.inputs[0].type.text, "int");
	EXPECT_FALSE(pack.inputs[0].default_value);
	EXPECT_EQ(pack.inputs[1].type.text, "numeric");
	EXPECT_EQ(pack.inputs[1].default_value.text, "0");
	ASSERT_EQ(pack.callbacks.count, 1);
	EXPECT_EQ(pack.callbacks[0].when, When::close);
	EXPECT_EQ(pack.callbacks[0].check.text, "parcels > 0");
	EXPECT_EQ(pack.callbacks[0].message.literal, "At least one parcel.");

	Element &payment = reading.element("payment");
	ASSERT_EQ(payment.events.count, 1);
	EXPECT_EQ(payment.events[0].op, Op::update);
	EXPECT_EQ(payment.events[0].columns[0].text, "paid_at");
	EXPECT_TRUE(payment.events[0].or_already);
	EXPECT_EQ(payment.timeout.text, "interval '30 days'");

	Element &paid = reading.element("paid");
	ASSERT_EQ(paid.outcomes.count, 2);
	EXPECT_EQ(paid.outcomes[0].name.text, "yes");
	EXPECT_EQ(paid.outcomes[0].condition.text, "NOT payment.expired");
	EXPECT_EQ(paid.outcomes[1].name.text, "no");
	EXPECT_TRUE(paid.outcomes[1].is_else);
	EXPECT_EQ(reading.element("ship").targets[0].kind, TargetKind::end);
}

TEST(Parser, OffsetsPointIntoTheText)
{
	Reading reading(read_source_file("test/fixtures/order_handling.bpt"));
	const auto at = [&](std::int32_t offset, std::string_view word) {
		return reading.text.compare(static_cast<std::size_t>(offset), word.size(), word) == 0;
	};
	EXPECT_TRUE(at(reading.process().offset, "order_handling"));
	EXPECT_TRUE(at(reading.element("pack").offset, "pack"));
	EXPECT_TRUE(at(reading.process().elements[0].offset, "START"));
	EXPECT_TRUE(at(reading.element("pack").due.offset, "interval '2 days')"));
	EXPECT_TRUE(at(reading.element("payment").events[0].offset, "CLOSE ON"));
	EXPECT_TRUE(at(reading.element("pack").callbacks[0].offset, "ON CLOSE"));
	EXPECT_TRUE(at(reading.element("paid").outcomes[1].offset, "ELSE"));
}

TEST(Parser, SourceIsTheDefinitionsOwnText)
{
	Reading reading("-- before\nCREATE OR REPLACE PROCESS p; START -> END; -- between\n"
					"PROCESS q;\nSTART -> END /* here */ ; -- behind\nTIMER t SCHEDULE '@daily' DO (SELECT 1);");
	EXPECT_EQ(reading.list(), "");
	EXPECT_EQ(reading.process(0).source, "PROCESS p; START -> END;");
	EXPECT_EQ(reading.process(1).source, "PROCESS q;\nSTART -> END /* here */ ;");
	EXPECT_EQ(reading.process(1).source_offset, static_cast<int>(reading.text.find("PROCESS q")));
	EXPECT_EQ(Reading("PROCESS p; START -> END").process().source, "PROCESS p; START -> END");
}

TEST(Parser, ProcessClauses)
{
	Reading reading(R"(process shop."Big" was old_big
		(order_id bigint NOT NULL, remark was note text DEFAULT 'it''s', rate numeric(10,2) default -1.5,
		 since timestamp with time zone default (now()), tags text[] default null, k public.kind not null default 'x')
		called start_big priority HIGH public visible to a, "B" close after all flows light
		returns (total numeric default 0, msg text) label 'Big' description $$big$$ detail ('Order ' || order_id)
		expose entity as v
		on process start check (total > 0) message ('no ' || 1) do (select 1) do (select ')') set (total = 5, msg = 'x,y')
		on activity ready do (select 1) on activity open do (select 2) on activity start do (select 3)
		on activity close do (select 4) on activity skip do (select 5)
		launch on insert into shop.orders as order_id where (total > 0) with (remark => 'a, b', tags => array['x','y'])
		launch on update of orders (paid_at, "Status") with (order_id => new.id)
		launch on update of paid_at, x on shop.orders with (order_id => new.id);
		start -> end;)",
					false);
	EXPECT_EQ(reading.list(), "");
	Process &process = reading.process();
	EXPECT_EQ(process.name.schema.text, "shop");
	EXPECT_EQ(process.name.name.text, "Big");
	EXPECT_EQ(process.was.text, "old_big");
	ASSERT_EQ(process.inputs.count, 6);
	EXPECT_TRUE(process.inputs[0].not_null);
	EXPECT_EQ(process.inputs[1].was.text, "note");
	EXPECT_EQ(process.inputs[1].default_value.text, "'it''s'");
	EXPECT_EQ(process.inputs[2].type.text, "numeric(10,2)");
	EXPECT_EQ(process.inputs[2].default_value.text, "-1.5");
	EXPECT_EQ(process.inputs[3].type.text, "timestamp with time zone");
	EXPECT_EQ(process.inputs[3].default_value.text, "now()");
	EXPECT_EQ(process.inputs[4].type.text, "text[]");
	EXPECT_EQ(process.inputs[4].default_value.text, "null");
	EXPECT_EQ(process.inputs[5].type.text, "public.kind");
	EXPECT_TRUE(process.inputs[5].not_null);
	EXPECT_EQ(process.called.text, "start_big");
	EXPECT_EQ(process.priority, Priority::high);
	EXPECT_TRUE(process.is_public && process.is_light && process.expose_entity && process.close_after_all_flows);
	EXPECT_EQ(process.expose_as.text, "v");
	ASSERT_EQ(process.visible_to.count, 2);
	EXPECT_EQ(process.visible_to[1].text, "B");
	EXPECT_EQ(process.outputs.count, 2);
	EXPECT_EQ(process.description.literal, "big");
	ASSERT_EQ(process.callbacks.count, 6);
	EXPECT_EQ(process.callbacks[0].when, When::process_start);
	EXPECT_EQ(process.callbacks[0].message.expression.text, "'no ' || 1");
	ASSERT_EQ(process.callbacks[0].statements.count, 2);
	EXPECT_EQ(process.callbacks[0].statements[1].text, "select ')'");
	ASSERT_EQ(process.callbacks[0].set.count, 2);
	EXPECT_EQ(process.callbacks[0].set[1].name.text, "msg");
	EXPECT_EQ(process.callbacks[0].set[1].value.text, "'x,y'");
	EXPECT_EQ(process.callbacks[3].when, When::start);
	ASSERT_EQ(process.launches.count, 3);
	EXPECT_EQ(process.launches[0].with[1].value.text, "array['x','y']");
	EXPECT_EQ(process.launches[1].columns[1].text, "Status");
	EXPECT_EQ(process.launches[2].table.schema.text, "shop");
	EXPECT_EQ(process.launches[2].columns[0].text, "paid_at");
	EXPECT_EQ(process.launches[2].columns[1].text, "x");
}

TEST(Parser, HumanAndWaitClauses)
{
	Reading reading(R"(PROCESS p PUBLIC DETAIL 'd' RETURNS (msg text); START -> a;
		HUMAN a WAS old_a LABEL ('x' || 1) PUBLIC CALLED do_a USER 'anna' ROLE r1, "R 2" GROUP (g)
			CLOSE ON UPDATE OF orders ON CLOSE CHECK (k) MESSAGE 'no'
			DESTINATION '/x' DETAIL 'd' INSTRUCTIONS E'a\n' DUE (interval '1 day') ALLOW SKIP START DATE (now())
			INPUT (label text DEFAULT 'x' NOT NULL, n int) OUTPUT (o int DEFAULT (1)) SET (o = 1, msg = 'b')
			ON READY DO (SELECT 1) ON OPEN DO (SELECT 2) ON SKIP SET (o = 4) -> w, END, END TERMINATE;
		WAIT w CLOSE ON UPDATE OF status ON shop.orders WHERE (id = 1) OR ALREADY WITH (n => new.n)
			CLOSE ON INSERT INTO payments AS key TIMEOUT ('1 day'::interval) ALLOW SKIP INPUT (n int) OUTPUT (q int)
			ON CLOSE DO (SELECT 1) -> END TERMINATE;)");
	EXPECT_EQ(reading.list(), "");
	Element &human = reading.element("a");
	EXPECT_EQ(human.was.text, "old_a");
	EXPECT_EQ(human.label.expression.text, "'x' || 1");
	EXPECT_TRUE(human.is_public && human.allow_skip);
	EXPECT_EQ(human.called.text, "do_a");
	EXPECT_EQ(human.user.text, "'anna'");
	ASSERT_EQ(human.roles.count, 2);
	EXPECT_EQ(human.roles[1].text, "R 2");
	EXPECT_EQ(human.group.text, "g");
	EXPECT_EQ(human.events[0].table.name.text, "orders");
	EXPECT_TRUE(human.events[0].columns.empty());
	EXPECT_EQ(human.instructions.literal, "a\n");
	EXPECT_EQ(human.start_date.text, "now()");
	EXPECT_EQ(human.inputs[0].name.text, "label");
	EXPECT_TRUE(human.inputs[0].not_null);
	EXPECT_EQ(human.outputs[0].default_value.text, "1");
	EXPECT_EQ(human.set[1].name.text, "msg");
	ASSERT_EQ(human.callbacks.count, 4);
	EXPECT_EQ(human.callbacks[3].when, When::skip);
	ASSERT_EQ(human.targets.count, 3);
	EXPECT_EQ(human.targets[1].kind, TargetKind::end);
	EXPECT_EQ(human.targets[2].kind, TargetKind::end_terminate);
	Element &wait = reading.element("w");
	ASSERT_EQ(wait.events.count, 2);
	EXPECT_EQ(wait.events[0].columns[0].text, "status");
	EXPECT_EQ(wait.events[0].table.schema.text, "shop");
	EXPECT_EQ(wait.events[1].as.text, "key");
	EXPECT_EQ(wait.timeout.text, "'1 day'::interval");
}

TEST(Parser, AutomaticClauses)
{
	Reading reading(around("AUTOMATIC a DO (SELECT 1 AS x) DO STRICT (SELECT $$)$$ AS y) START DATE (now())"
						   " TIME LIMIT '1 min' RETRY 3 TIMES EVERY '1 s' BACKOFF 1.5 COMMIT EACH -> b;"
						   "AUTOMATIC b RETRY BACKOFF 1 -> c; AUTOMATIC c -> END;"));
	EXPECT_EQ(reading.list(), "");
	Element &a = reading.element("a");
	ASSERT_EQ(a.statements.count, 2);
	EXPECT_FALSE(a.statements[0].strict);
	EXPECT_TRUE(a.statements[1].strict);
	EXPECT_EQ(a.statements[1].sql.text, "SELECT $$)$$ AS y");
	EXPECT_EQ(a.time_limit.text, "'1 min'");
	EXPECT_EQ(a.retry.times, 3);
	EXPECT_EQ(a.retry.every.text, "'1 s'");
	EXPECT_EQ(a.retry.backoff, "1.5");
	EXPECT_TRUE(a.commit_each);
	EXPECT_TRUE(reading.element("b").retry.given);
	EXPECT_EQ(reading.element("b").retry.times, -1);
	EXPECT_FALSE(reading.element("c").retry.given);
}

TEST(Parser, OtherElements)
{
	Reading reading(R"(PROCESS p RETURNS (msg text) DETAIL 'd'; START LABEL 's' DESCRIPTION 'd' -> e;
		CONDITIONAL START c START ON UPDATE OF orders ON READY DO (SELECT 1) ON START CHECK (a > 1)
			START ON INSERT INTO x AS k AFTER e, m INPUT (a int) OUTPUT (b int DEFAULT (1)) SET (msg = 'x') -> END;
		EXECUTE e PROCESS shop.other (a => 1, b => (SELECT 2)) SET (msg = 'x') -> m;
		EMAIL m FROM 'a@x' TO (x) CC 'c@x' BCC 'b@x' SUBJECT 's' BODY 'b' HTML ('<b>') HEADERS '{}' LOG CONTENT -> "end";
		END "end" TERMINATE LABEL 'over';
		COMMENT 'todo: more'; COMMENT 'hello' REMINDER; COMMENT 'plain';)");
	EXPECT_EQ(reading.list(), "");
	Element &c = reading.element("c");
	EXPECT_EQ(c.kind, Kind::conditional_start);
	ASSERT_EQ(c.events.count, 2);
	ASSERT_EQ(c.after.count, 2);
	EXPECT_EQ(c.after[1].text, "m");
	ASSERT_EQ(c.callbacks.count, 2);
	EXPECT_EQ(c.callbacks[1].when, When::start);
	Element &e = reading.element("e");
	EXPECT_EQ(e.invoked.schema.text, "shop");
	ASSERT_EQ(e.arguments.count, 2);
	EXPECT_EQ(e.arguments[1].value.text, "(SELECT 2)");
	Element &m = reading.element("m");
	EXPECT_EQ(m.to.expression.text, "x");
	EXPECT_EQ(m.html.expression.text, "'<b>'");
	EXPECT_TRUE(m.log_content);
	EXPECT_TRUE(reading.element("end").terminate);
	EXPECT_EQ(reading.list(Severity::notice), "7:3 reminder: todo: more\n7:25 reminder: hello\n");
}

TEST(Parser, TranslationsAndTimers)
{
	Reading reading(
		R"(CREATE TRANSLATION OF shop.p INTO 'pt' (LABEL 'Grande', pack LABEL 'x' INSTRUCTIONS 'y', label LABEL 'z');
		TIMER shop.nightly PRIORITY low DO (SELECT 1) SCHEDULE '22:00 Mon' TIME LIMIT '5 min';)");
	EXPECT_EQ(reading.list(), "");
	ASSERT_EQ(reading.document->translations.count, 1);
	Translation &translation = reading.document->translations[0];
	EXPECT_EQ(translation.process.name.text, "p");
	EXPECT_EQ(translation.locale, "pt");
	ASSERT_EQ(translation.items.count, 3);
	EXPECT_FALSE(translation.items[0].element);
	EXPECT_EQ(translation.items[0].label, "Grande");
	EXPECT_EQ(translation.items[1].instructions, "y");
	EXPECT_EQ(translation.items[2].element.text, "label");
	ASSERT_EQ(reading.document->timers.count, 1);
	Timer &timer = reading.document->timers[0];
	EXPECT_EQ(timer.name.name.text, "nightly");
	EXPECT_EQ(timer.schedule, "22:00 Mon");
	EXPECT_EQ(timer.priority, Priority::low);
	EXPECT_EQ(timer.time_limit.text, "'5 min'");
	EXPECT_EQ(timer.statement.text, "SELECT 1");
}

TEST(Parser, KeywordsAreNotReserved)
{
	Reading reading(R"(process process (label text, was text, "not" int) detail label; start -> human;)");
	EXPECT_NE(reading.list(), "");
	Reading names(R"(process process (label text, was text, "not" int) detail (label); start -> human, label;
		human human label 'x' role role, user destination 'd' -> wait;
		wait wait close on update of update of where on on on close set (do_it = 1) output (do_it int) -> decision;
		decision decision when (true) as when -> automatic else as else -> end;
		automatic automatic do (select 1) -> after; wait label -> was; wait after -> end; automatic was -> end;)");
	EXPECT_EQ(names.list(), "3:39 syntax_error: syntax error at or near \"of\"\n");
	Reading update("process p detail 'd'; start -> a; wait a close on update of update (of) close on insert into into "
				   "as as where (x)"
				   " on close do (select 1) -> end;");
	EXPECT_EQ(update.list(), "");
	EXPECT_EQ(update.element("a").events[0].table.name.text, "update");
	Reading on("process p detail 'd'; start -> a; wait a close on update of x on close where (y) -> end;");
	EXPECT_EQ(on.list(), "");
	EXPECT_EQ(on.element("a").events[0].table.name.text, "close");
}

TEST(Parser, NamesOutcomes)
{
	Reading reading(around("DECISION a WHEN (x) -> b ELSE -> c;\n"
						   "DECISION b WHEN (x) AS sure -> c ELSE -> END;\n"
						   "DECISION c WHEN (x) -> d WHEN (y) -> END TERMINATE ELSE -> END;\n"
						   "DECISION d WHEN (x) -> END;"));
	EXPECT_EQ(reading.list(), "");
	const auto names = [&](std::string_view name) {
		std::string all;
		for (const Outcome &outcome : reading.element(name).outcomes)
			all += std::string(outcome.name.text) + " ";
		return all;
	};
	EXPECT_EQ(names("a"), "yes no ");
	EXPECT_EQ(names("b"), "sure end ");
	EXPECT_EQ(names("c"), "d terminate end ");
	EXPECT_EQ(names("d"), "end ");
}

TEST(Parser, ElementsBelongToThePrecedingProcess)
{
	Reading reading("PROCESS a; START -> END; PROCESS b; START -> x; AUTOMATIC x -> END;");
	EXPECT_EQ(reading.list(), "");
	EXPECT_EQ(reading.process(0).elements.count, 1);
	EXPECT_EQ(reading.process(1).elements.count, 2);
}

TEST(Parser, SqlMayHoldAnything)
{
	Reading reading(around(
		"AUTOMATIC a DO (SELECT ';', $$;$$, E'\\';', \")\", $1 -- ; )\n /* ; ) /* ) */ */ , a[1, (2)]) -> END;"));
	EXPECT_EQ(reading.list(), "");
	EXPECT_EQ(reading.element("a").statements[0].sql.text.substr(0, 10), "SELECT ';'");
}
