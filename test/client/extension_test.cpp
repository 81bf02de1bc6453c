// The extension is dropped, with work of all kinds left, and made again, over and over while sessions stay and workers work:
// each time all begins anew, and nothing of the former one is done.
#include "database.hpp"

#include <gtest/gtest.h>

namespace {

using namespace bpt_test;

constexpr int kRounds = 4;
constexpr int kItems = 300;
constexpr int kLeft = 500;

TEST(Extension, dropped_and_made_again_under_workers)
{
	Database database("extension_again");
	database.run_as_owner(R"sql(
CREATE TABLE item (id int PRIMARY KEY, state text NOT NULL DEFAULT 'new');
CREATE TABLE effect (round int, what text, item int);
)sql");
	const std::string definition = R"bpt(
PROCESS ordered (item_id int) DETAIL (item_id::text) LAUNCH ON INSERT INTO item WITH (item_id => id);
START -> note, each;
AUTOMATIC note DO (INSERT INTO effect VALUES (@, 'noted', item_id)) -> hold;
AUTOMATIC each DO (INSERT INTO effect VALUES (@, 'each', item_id)) COMMIT EACH -> END;
WAIT hold CLOSE ON UPDATE OF item (state) WHERE (id = item_id) OR ALREADY TIMEOUT (interval '100 milliseconds') -> done;
AUTOMATIC done DO (INSERT INTO effect VALUES (@, 'done', item_id)) -> END;
PROCESS light LIGHT LAUNCH ON INSERT INTO item AS item_id;
START -> a;
AUTOMATIC a DO (INSERT INTO effect VALUES (@, 'light', item_id)) -> END;
)bpt";
	pqxx::connection admin(database.conninfo());
	pqxx::connection owner(database.conninfo(database.owner()));
	pqxx::connection late(database.conninfo(database.owner()));
	const auto command = [](pqxx::connection &connection, const std::string &sql) {
		pqxx::nontransaction work(connection);
		work.exec(sql);
	};
	for (pqxx::connection *session : {&owner, &late})
		command(*session, "PREPARE add(int, int) AS INSERT INTO item SELECT generate_series($1, $2)");

	for (int round = 1; round <= kRounds; round++)
	{
		const std::string number = std::to_string(round);
		if (round > 1)
			command(admin, "CREATE EXTENSION bpt");
		std::string text = definition;
		for (std::size_t at = text.find('@'); at != std::string::npos; at = text.find('@'))
			text.replace(at, 1, number);
		{
			pqxx::work work(owner);
			work.exec("TRUNCATE item");
			work.exec("SELECT bpt.publish(" + work.quote(text) + ")");
			work.exec("EXECUTE add(1, " + std::to_string(kItems) + ")");
			work.commit();
		}
		command(late, "UPDATE item SET state = 'shipped' WHERE id % 2 = 0");
		ASSERT_TRUE(
			database.wait_until("round " + number + " done",
								"NOT EXISTS (SELECT FROM bpt.process WHERE status <> 'closed') AND (SELECT count(*)"
								" FROM effect WHERE round = " +
									number + ") = " + std::to_string(4 * kItems),
								seconds(60)));
		EXPECT_EQ(database.number("SELECT count(DISTINCT (what, item)) FROM effect WHERE round = " + number),
				  4 * kItems);
		EXPECT_EQ(database.number("SELECT count(*) FROM bpt.process"), kItems);
		EXPECT_EQ(database.number("SELECT count(*) FROM bpt.error_log"), 0) << database.state();

		// Work is left, some of it under way; and a session has rows that are no event yet when the extension goes.
		command(owner, "EXECUTE add(" + std::to_string(kItems + 1) + ", " + std::to_string(kItems + kLeft) + ")");
		command(admin, "SET client_min_messages = warning; DROP EXTENSION bpt CASCADE");
		command(late, "EXECUTE add(10001, 10010)");
		EXPECT_EQ(database.number("SELECT count(*) FROM pg_trigger WHERE tgrelid = 'item'::regclass"), 0);
	}
	const long effects = database.number("SELECT count(*) FROM effect");
	EXPECT_EQ(database.number("SELECT count(DISTINCT (round, what, item)) FROM effect"), effects);
	EXPECT_EQ(database.number("SELECT count(*) FROM effect WHERE item > 10000"), 0);
	command(admin, "CREATE EXTENSION bpt");
	database.publish("PROCESS last LIGHT LAUNCH ON INSERT INTO item AS item_id; START -> a;"
					 "AUTOMATIC a DO (INSERT INTO effect VALUES (0, 'last', item_id)) -> END;");
	command(late, "EXECUTE add(20001, 20010)");
	ASSERT_TRUE(
		database.wait_until("the last ones done", "(SELECT count(*) = 10 FROM effect WHERE round = 0)", seconds(30)));
	EXPECT_EQ(database.number("SELECT count(*) FROM effect"), effects + 10) << "what was dropped went on";
	database.expect_nothing_left();
}

} // namespace
