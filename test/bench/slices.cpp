// Sides by turns of a quarter of a second (slices.hpp).
#include "slices.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <thread>

namespace bpt_bench {

namespace {

constexpr double kSliceSeconds = 0.25;
constexpr int kClients = 2;

/// The database and the sessions of one side in one run.
struct Running
{
	std::unique_ptr<Database> database;
	std::vector<std::unique_ptr<pqxx::connection>> connections = {}; // the last one flushes
	std::array<long, kClients> done = {};                            // transactions of each client
	Sample rates = {};
};

Running begin(const SlicedSide &side, const SlicedClient &client)
{
	Running running{side.make()};
	for (int i = 0; i <= kClients; i++)
		running.connections.push_back(std::make_unique<pqxx::connection>(running.database->conninfo()));
	for (int i = 0; i < kClients; i++)
	{
		pqxx::connection &connection = *running.connections.at(static_cast<std::size_t>(i));
		client.prepare(connection);
		pqxx::nontransaction(connection).exec("SET synchronous_commit = off");
	}
	return running;
}

/// Transactions a second of all clients over one slice.
double slice(Running &running, const SlicedClient &client)
{
	std::array<long, kClients> done = running.done;
	std::array<std::exception_ptr, kClients> failures = {};
	std::vector<std::thread> threads;
	const double start = now_seconds();
	for (int i = 0; i < kClients; i++)
		threads.emplace_back([&, i] {
			try
			{
				pqxx::nontransaction session(*running.connections.at(static_cast<std::size_t>(i)));
				// Of its own, so that the clients do not write into one line of the cache.
				long n = done.at(static_cast<std::size_t>(i));
				for (; now_seconds() < start + kSliceSeconds; n++)
					client.transact(session, i, n);
				done.at(static_cast<std::size_t>(i)) = n;
			}
			catch (...)
			{
				failures.at(static_cast<std::size_t>(i)) = std::current_exception();
			}
		});
	for (std::thread &thread : threads)
		thread.join();
	for (const std::exception_ptr &failure : failures)
		if (failure)
			std::rethrow_exception(failure);
	pqxx::nontransaction(*running.connections.back()).exec("SELECT pg_current_xact_id()");
	const double seconds = now_seconds() - start;
	long transactions = 0;
	for (std::size_t i = 0; i < done.size(); i++)
		transactions += done.at(i) - running.done.at(i);
	running.done = done;
	return static_cast<double>(transactions) / seconds;
}

/// One run of all sides.
void run(long seconds, std::vector<SlicedSide> &sides, const SlicedClient &client)
{
	std::vector<Running> running;
	running.reserve(sides.size());
	for (const SlicedSide &side : sides)
		running.push_back(begin(side, client));
	running.front().database->run("CHECKPOINT");
	const long slices = std::max(1L, static_cast<long>(static_cast<double>(seconds) / kSliceSeconds));
	for (long turn = 0; turn < slices; turn++)
		for (std::size_t i = 0; i < sides.size(); i++)
		{
			Running &one = running.at(turn % 2 == 0 ? i : sides.size() - 1 - i);
			one.rates.values.push_back(slice(one, client));
		}
	for (std::size_t i = 0; i < sides.size(); i++)
	{
		Running &one = running.at(i);
		one.connections.clear();
		sides.at(i).check(*one.database, one.done[0] + one.done[1]);
		sides.at(i).rates.values.push_back(one.rates.median());
	}
}

} // namespace

Result compared_in_slices(long runs, long seconds, std::vector<SlicedSide> &sides, const SlicedClient &client)
{
	const std::string unit = "transactions/s";
	for (long i = 1; i <= runs; i++)
	{
		run(seconds, sides, client);
		for (const SlicedSide &side : sides)
			progress("run " + std::to_string(i) + ", " + side.name + ": " + rounded(side.rates.values.back()) + " " +
					 unit);
	}
	std::vector<Side> rates;
	for (const SlicedSide &side : sides)
		rates.push_back({side.name, nullptr, side.rates});
	return compared(unit, rates);
}

} // namespace bpt_bench
