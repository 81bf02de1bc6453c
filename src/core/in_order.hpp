// The definitions of a document, of whatever sort, one after the other in text order.
#pragma once
#include "core/model.hpp"

namespace bpt::core {

/// Calls f with each process, translation and timer.
template <typename F>
void in_text_order(const Document &document, F f)
{
	std::int32_t p = 0;
	std::int32_t r = 0;
	std::int32_t t = 0;
	const auto offset = [](const auto &list, std::int32_t i) { return i < list.count ? list[i].offset : INT32_MAX; };
	while (p < document.processes.count || r < document.translations.count || t < document.timers.count)
	{
		const std::int32_t process = offset(document.processes, p);
		const std::int32_t translation = offset(document.translations, r);
		const std::int32_t timer = offset(document.timers, t);
		if (process <= translation && process <= timer)
			f(document.processes[p++]);
		else if (translation <= timer)
			f(document.translations[r++]);
		else
			f(document.timers[t++]);
	}
}

} // namespace bpt::core
