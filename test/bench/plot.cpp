// Line charts as SVG (plot.hpp).
#include "plot.hpp"

#include "bench.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>

namespace bpt_bench {

namespace {

constexpr double kWidth = 420;
constexpr double kHeight = 320;
constexpr double kLeft = 66; // room for the axes' texts
constexpr double kBottom = 56;
constexpr double kTop = 44;
constexpr double kLegend = 20; // a row of the legend: texts of any width, so a row each
constexpr double kRight = 28;
constexpr const char *kColours[] = {"#1f77b4", "#d62728", "#2ca02c", "#9467bd"};

std::string at(double value)
{
	char text[32];
	std::snprintf(text, sizeof text, "%.1f", value);
	return text;
}

/// 10 k rather than 10000, and 2.5 k rather than 2500.
std::string short_number(double value)
{
	const double scale = value >= 1e6 ? 1e6 : value >= 1000 ? 1000 : 1;
	char digits[32];
	std::snprintf(digits, sizeof digits, "%.3g", value / scale);
	return std::string(digits) + (value >= 1e6 ? " M" : value >= 1000 ? " k" : "");
}

std::string text(double x, double y, const char *anchor, const std::string &words)
{
	return "<text x=\"" + at(x) + "\" y=\"" + at(y) + "\" text-anchor=\"" + anchor + "\">" + words + "</text>\n";
}

std::string line(double x1, double y1, double x2, double y2, const char *colour)
{
	return "<line x1=\"" + at(x1) + "\" y1=\"" + at(y1) + "\" x2=\"" + at(x2) + "\" y2=\"" + at(y2) + "\" stroke=\"" +
		   colour + "\"/>\n";
}

/// A round number not below this one, so that the axis ends at a number that people read easily.
double round_up(double value)
{
	const double power = std::pow(10, std::floor(std::log10(value)));
	for (const double step : {1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0})
		if (value <= step * power)
			return step * power;
	return 10 * power;
}

std::string chart_svg(const Chart &chart, double left)
{
	double least_x = HUGE_VAL;
	double most_x = 0;
	double most_y = 1;
	std::vector<double> ticks;
	for (const Line &one : chart.lines)
		for (const auto &[x, y] : one.points)
		{
			least_x = std::min(least_x, x);
			most_x = std::max(most_x, x);
			most_y = std::max(most_y, y);
			ticks.push_back(x);
		}
	most_y = round_up(most_y);
	std::sort(ticks.begin(), ticks.end());
	ticks.erase(std::unique(ticks.begin(), ticks.end()), ticks.end());
	const auto place_x = [&](double x) {
		const double from = chart.logarithmic_x ? std::log(least_x) : 0;
		const double to = chart.logarithmic_x ? std::log(most_x) : most_x;
		const double here = chart.logarithmic_x ? std::log(x) : x;
		return left + kLeft + (to > from ? (here - from) / (to - from) : 0) * (kWidth - kLeft - kRight);
	};
	const auto place_y = [&](double y) { return kHeight - kBottom - y / most_y * (kHeight - kBottom - kTop); };

	std::string svg = text(left + kWidth / 2, 18, "middle", chart.title);
	svg += text(left + (kWidth + kLeft) / 2, kHeight - kBottom + 38, "middle", chart.x_title);
	svg += text(left + 8, kTop - 14, "start", chart.y_title);
	for (int i = 0; i <= 4; i++)
	{
		const double y = most_y * i / 4;
		svg += line(left + kLeft, place_y(y), left + kWidth - kRight, place_y(y), i == 0 ? "#444" : "#ddd");
		svg += text(left + kLeft - 6, place_y(y) + 4, "end", short_number(y));
	}
	for (const double x : ticks)
		svg += text(place_x(x), kHeight - kBottom + 18, "middle", short_number(x));
	for (std::size_t i = 0; i < chart.lines.size(); i++)
	{
		const char *colour = kColours[i % std::size(kColours)];
		std::string points;
		std::string dots;
		for (const auto &[x, y] : chart.lines[i].points)
		{
			points += at(place_x(x)) + "," + at(place_y(y)) + " ";
			dots += "<circle cx=\"" + at(place_x(x)) + "\" cy=\"" + at(place_y(y)) + "\" r=\"3\" fill=\"" + colour +
					"\"/>\n";
		}
		svg += "<polyline fill=\"none\" stroke-width=\"2\" stroke=\"" + std::string(colour) + "\" points=\"" + points +
			   "\"/>\n" + dots;
		const double y = kHeight + kLegend * static_cast<double>(i);
		svg += line(left + kLeft, y, left + kLeft + 20, y, colour);
		svg += text(left + kLeft + 26, y + 4, "start", chart.lines[i].name);
	}
	return svg;
}

} // namespace

void plot(const std::string &path, const std::vector<Chart> &charts)
{
	const std::string width = at(kWidth * static_cast<double>(charts.size()));
	std::size_t rows = 0;
	for (const Chart &chart : charts)
		rows = std::max(rows, chart.lines.size());
	const std::string height = at(kHeight + kLegend * static_cast<double>(rows));
	std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + width + " " + height +
					  "\" width=\"" + width +
					  "\" font-family=\"sans-serif\" font-size=\"12\">\n"
					  "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n";
	for (std::size_t i = 0; i < charts.size(); i++)
		svg += chart_svg(charts[i], kWidth * static_cast<double>(i));
	std::ofstream file(path);
	file << svg << "</svg>\n";
	if (!file.flush())
		throw std::runtime_error("cannot write " + path);
}

} // namespace bpt_bench
