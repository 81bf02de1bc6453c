# Other ways to compile the sources of bpt.so, each in a folder of its own below build/, for the checks:
#
#   clang     by clang, warnings as errors, linked to a library
#   unwind    with -fexceptions and nothing else changed: test/tools/lint-unwind.sh reads the objects
#   tidy      clang-tidy, one stamp a file
#
# Run from the project's root: make -f test/tools/variants.mk -j2 clang

PG_CONFIG ?= pg_config
include flags.mk

CXX_GCC  ?= g++
CLANG    ?= clang++
TIDY     ?= clang-tidy
PG_MAJOR := $(shell $(PG_CONFIG) --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')
SOURCES  := $(sort $(wildcard src/*.cpp src/*/*.cpp))
# The mail module is a library of its own.
MAIL     := $(filter src/mail/%,$(SOURCES))
MODULE   := $(filter-out $(MAIL),$(SOURCES))
COMMON   := $(BPT_CXXFLAGS) $(BPT_WARNINGS) -O2 -fPIC -fno-strict-aliasing -fwrapv -D_GNU_SOURCE -Isrc \
            -isystem $(shell $(PG_CONFIG) --includedir-server) \
            $(if $(filter 13 14 15,$(PG_MAJOR)),-DPGDLLEXPORT='__attribute__((visibility("default")))')
DEPENDS   = -MMD -MP -MF $(@:.o=.d)
RULES    := flags.mk test/tools/variants.mk

.PHONY: clang unwind tidy
.DELETE_ON_ERROR:
clang: build/clang/bpt.so $(MAIL:src/%.cpp=build/clang/%.o)
unwind: $(SOURCES:src/%.cpp=build/unwind/%.o)
tidy: $(SOURCES:src/%.cpp=build/tidy/%.tidy)

build/clang/bpt.so: $(MODULE:src/%.cpp=build/clang/%.o)
	@$(CLANG) -shared -nostdlib++ -o $@ $^

build/clang/%.o: src/%.cpp $(RULES)
	@mkdir -p $(@D) && echo "  $(CLANG) $<"
	@$(CLANG) $(COMMON) -Werror $(DEPENDS) -c -o $@ $<

build/unwind/%.o: src/%.cpp $(RULES)
	@mkdir -p $(@D) && echo "  $(CXX_GCC) -fexceptions $<"
	@$(CXX_GCC) $(COMMON) -fexceptions $(DEPENDS) -c -o $@ $<

# The dependencies come from clang's build, which the check runs before.
build/tidy/%.tidy: src/%.cpp .clang-tidy $(RULES)
	@mkdir -p $(@D) && echo "  $(TIDY) $<"
	@$(TIDY) --quiet --warnings-as-errors='*' $< -- $(COMMON) -Wno-everything 2>/dev/null
	@sed 's,^build/clang/\(.*\)\.o:,build/tidy/\1.tidy:,' build/clang/$*.d >$(@:.tidy=.d) 2>/dev/null || true
	@touch $@

-include $(SOURCES:src/%.cpp=build/clang/%.d) $(SOURCES:src/%.cpp=build/unwind/%.d) $(SOURCES:src/%.cpp=build/tidy/%.d)
