// Case `single_insert`: transactions of one inserted row, two clients, synchronous_commit off, into a table that launches a
// process for each row, against the same into a bare table; beside it the row triggers that one would write by hand, in
// PL/pgSQL and in C.
#include "inserts.hpp"
#include "slices.hpp"

namespace {

using namespace bpt_bench;

SlicedSide side(const std::string &how)
{
	return {how,
			[how] {
				auto database = std::make_unique<Database>("insert_" + how);
				listen(*database, how);
				return database;
			},
			[how](Database &database, long inserted) { check_inserted(database, how, inserted); }};
}

std::string of_floor(const SlicedSide &side, const SlicedSide &floor)
{
	return rounded(side.rates.median() / floor.rates.median());
}

Result single_insert()
{
	const long runs = setting("BENCH_RUNS", 5);
	const long seconds = setting("BENCH_SECONDS", 5);
	std::vector<SlicedSide> sides = {side("bpt"), side("bare"), side("row"), side("c")};
	const SlicedClient client = {
		[](pqxx::connection &connection) {
			connection.prepare("insert", "INSERT INTO orders (customer, total, status) VALUES ($1, $2, 'new')");
		},
		[](pqxx::nontransaction &session, int number, long n) {
			session.exec_prepared("insert", "customer " + std::to_string(number), n % 500);
		}};
	Result result = compared_in_slices(runs, seconds, sides, client);
	result.targets = {at_least(result, 0.90)};
	result.extra = {{"row_trigger_by_hand", sides[2].rates.median()}, {"trigger_in_c", sides[3].rates.median()}};
	result.remarks = {"The floor is the bare table; the workers are held. Row triggers by hand into a queue table: " +
					  of_floor(sides[2], sides[1]) + " of it in PL/pgSQL, " + of_floor(sides[3], sides[1]) + " in C."};
	return result;
}

const Register registered(8, "single_insert", single_insert);

} // namespace
