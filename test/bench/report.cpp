// How results are shown: a table for people, then a JSON line a case for programs.
#include "bench.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iostream>

namespace bpt_bench {

namespace {

std::string quoted(const std::string &text)
{
	std::string result = "\"";
	for (const char c : text)
	{
		if (c == '"' || c == '\\')
			result += '\\';
		if (static_cast<unsigned char>(c) < 0x20)
		{
			char code[8];
			std::snprintf(code, sizeof code, "\\u%04x", c);
			result += code;
		}
		else
			result += c;
	}
	return result + '"';
}

std::string number(double value)
{
	char text[32];
	std::snprintf(text, sizeof text, "%.6g", value);
	return text;
}

std::string optional_number(const std::optional<double> &value)
{
	return value ? number(*value) : "null";
}

std::string json(const Result &result)
{
	const std::optional<double> found = result.not_run.empty() ? std::optional(result.value) : std::nullopt;
	std::string line = "{\"case\": " + quoted(result.name) + ", \"value\": " + optional_number(found) +
					   ", \"unit\": " + quoted(result.unit) + ", \"floor\": " + optional_number(result.floor) +
					   ", \"ratio\": " + optional_number(result.ratio);
	for (const auto &[name, value] : result.extra)
		line += ", " + quoted(name) + ": " + number(value);
	const bool met = result.not_run.empty() &&
					 std::all_of(result.targets.begin(), result.targets.end(), [](const Target &t) { return t.met; });
	if (!result.not_run.empty())
		line += ", \"not_run\": " + quoted(result.not_run);
	if (!result.targets.empty() || !result.not_run.empty())
		line += std::string(", \"met\": ") + (met ? "true" : "false");
	line += ", \"settings\": {";
	const char *separator = "";
	for (const auto &[name, value] : result.settings)
	{
		line += separator + quoted(name) + ": " + quoted(value);
		separator = ", ";
	}
	return line + "}}";
}

} // namespace

std::string rounded(double value)
{
	char text[32];
	const double size = std::fabs(value);
	std::snprintf(text, sizeof text, "%.*f", size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3, value);
	return text;
}

std::string spread_of(const Sample &sample)
{
	return rounded(sample.lowest()) + " to " + rounded(sample.highest());
}

void report(const std::vector<Result> &results)
{
	constexpr const char *kLine = "%-22s %-16s %9s  %-19s %9s  %-19s %7s  %s\n";
	std::printf("\n");
	std::printf(kLine, "case", "unit", "bpt", "spread", "floor", "spread", "ratio", "spread");
	for (const Result &result : results)
	{
		const bool run = result.not_run.empty();
		std::printf(kLine, result.name.c_str(), result.unit.c_str(), run ? rounded(result.value).c_str() : "",
					result.spread.c_str(), result.floor ? rounded(*result.floor).c_str() : "",
					result.floor_spread.c_str(), result.ratio ? rounded(*result.ratio).c_str() : "",
					result.ratio_spread.c_str());
		if (!run)
			std::printf("    NOT RUN       %s\n", result.not_run.c_str());
		for (const Target &target : result.targets)
			std::printf("    %-13s %s\n", target.met ? "reached" : "FALLS SHORT", target.text.c_str());
		for (const auto &[name, value] : result.extra)
			std::printf("    %s: %s\n", name.c_str(), rounded(value).c_str());
		for (const std::string &remark : result.remarks)
			std::printf("    %s\n", remark.c_str());
	}
	std::printf("\n");
	for (const Result &result : results)
		std::printf("%s\n", json(result).c_str());
	std::fflush(stdout);
}

} // namespace bpt_bench
