// Line charts as SVG, for docs/.
#pragma once
#include <string>
#include <utility>
#include <vector>

namespace bpt_bench {

struct Line
{
	std::string name;
	std::vector<std::pair<double, double>> points;
};

/// One chart; a logarithmic axis starts at its lowest value, a linear one at 0.
struct Chart
{
	std::string title;
	std::string x_title;
	std::string y_title;
	bool logarithmic_x;
	std::vector<Line> lines;
};

/// Writes charts side by side into one file.
void plot(const std::string &path, const std::vector<Chart> &charts);

} // namespace bpt_bench
