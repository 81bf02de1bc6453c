# The compiler flags of bpt, in one place: the Makefile, the check tools and CMakeLists.txt all read this file.
# CMake reads the plain `NAME = value` lines below, so these hold no make functions.

# Every object that becomes part of bpt.so. No exceptions and no RTTI: a PostgreSQL error is a longjmp (docs/cpp.md).
BPT_CXXFLAGS = -std=c++20 -fno-exceptions -fno-rtti -fvisibility=hidden -fvisibility-inlines-hidden
BPT_WARNINGS = -Wall -Wextra -Wshadow -Wno-unused-parameter

# Programs outside the server: unit tests, clients, benchmarks.
BPT_PROGRAM_CXXFLAGS = -std=c++20

# Warnings are errors; `make WERROR=` builds with a compiler that knows more of them.
WERROR ?= -Werror
