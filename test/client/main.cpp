// The program of the client tests: GoogleTest's runner, a line `ok` or `not ok` a test, and the totals.
#include <cstdio>

#include <gtest/gtest.h>

namespace {

/// Prints what a person wants to see of a run; failures in full.
class Lines : public testing::EmptyTestEventListener
{
	void OnTestPartResult(const testing::TestPartResult &part) override
	{
		if (part.failed())
			std::printf("# %s:%d\n%s\n", part.file_name() != nullptr ? part.file_name() : "?", part.line_number(),
						part.message());
		else if (part.skipped())
			std::printf("# SKIPPED: %s\n", part.message());
		std::fflush(stdout);
	}

	void OnTestEnd(const testing::TestInfo &test) override
	{
		const testing::TestResult &result = *test.result();
		std::printf("%s %s.%s%s (%.1f s)\n", result.Failed() ? "not ok" : "ok", test.test_suite_name(), test.name(),
					result.Skipped() ? " # SKIPPED" : "", static_cast<double>(result.elapsed_time()) / 1000);
		std::fflush(stdout);
	}

	void OnTestProgramEnd(const testing::UnitTest &unit) override
	{
		std::printf("%d passed, %d failed\n", unit.successful_test_count(), unit.failed_test_count());
		if (unit.skipped_test_count() > 0)
			std::printf("!! %d SKIPPED\n", unit.skipped_test_count());
	}
};

} // namespace

int main(int argc, char **argv)
{
	testing::InitGoogleTest(&argc, argv);
	testing::TestEventListeners &listeners = testing::UnitTest::GetInstance()->listeners();
	delete listeners.Release(listeners.default_result_printer());
	listeners.Append(new Lines);
	return RUN_ALL_TESTS();
}
