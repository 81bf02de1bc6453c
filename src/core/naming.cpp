// The names of generated functions; see naming.hpp.
#include "core/naming.hpp"
#include "core/text.hpp"

namespace bpt::core {

Name launch_function(Arena &arena, const Process &process)
{
	if (process.called)
		return process.called;
	return {concat(arena, {"launch_", process.name.name.text}), process.offset};
}

Name activity_function(Arena &arena, const Process &process, const Element &element)
{
	std::string_view verb;
	if (element.kind == Kind::human || element.kind == Kind::wait)
		verb = "close_";
	else if (element.kind == Kind::conditional_start)
		verb = "start_";
	else
		return {};
	if (element.called)
		return element.called;
	return {concat(arena, {verb, process.name.name.text, "_", element.name.text}), element.offset};
}

Name wake_function(Arena &arena, const Timer &timer)
{
	if (timer.called)
		return timer.called;
	return {concat(arena, {"wake_", timer.name.name.text}), timer.offset};
}

} // namespace bpt::core
