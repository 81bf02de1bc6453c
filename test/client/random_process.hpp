// Random sound definitions that can be run, of every element of the language, made so that how an instance ends does not
// depend on what happens first: what steps do to tables and outputs commutes, and who meets an activity knows from its name
// what is to be done with it (random_people.hpp).
//
// One seed gives the definitions of one family: `light` and `echo`, launched by what steps write; trees whose every process
// has one path at a time (`chain`), so that they may be ended, stopped and restarted at known places; trees with parallel
// paths (`fan`). Roots are launched by rows of `item`.
#pragma once
#include <random>
#include <string>
#include <vector>

namespace bpt_test {

/// The tables and functions that the definitions use, for the owner's schema.
std::string random_tables();

struct RandomDefinitions
{
	std::string text;
	std::vector<std::string> roots; // item.kind launches them
};

/// The definitions of a seed.
RandomDefinitions random_definitions(unsigned seed);

} // namespace bpt_test
