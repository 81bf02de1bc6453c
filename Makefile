# bpt: a PostgreSQL extension, built by PGXS as every extension is.
#
#   make, make install, make installcheck    build against the PostgreSQL that PG_CONFIG names; install; test a running server
#   make demo, make demo-stop                a private server in .demo/ that shows an order being handled
#   make check, make check-STAGE             everything this machine can verify, or one stage of it (make check-list)
#   make bench [BENCH=name,...]              measure against hand-written SQL
#   make bench-peers [BENCH=peer.name,...]   measure against other systems, which it installs
#   make reference                           write docs/reference anew from the catalog, where it is out of step
#   make deps, make format                   install what all of these need; lay out the C++ sources
#
# The goals of the last six lines install what they need and run scripts; they are kept apart from PGXS, which has a
# `check` of its own that only fails, and which is not there yet on a machine without PostgreSQL's server headers.

PG_CONFIG ?= pg_config

script_goals := check check-% demo demo-stop bench bench-peers reference deps format
ifneq (,$(filter $(script_goals),$(MAKECMDGOALS)))

.PHONY: $(MAKECMDGOALS)
export PG_CONFIG BENCH
ifdef WERROR
export WERROR
endif

check: ; @test/tools/check.sh
$(filter check-%,$(MAKECMDGOALS)): check-%: ; @test/tools/check.sh $*
demo: ; @test/tools/demo.sh start
demo-stop: ; @test/tools/demo.sh stop
bench: ; @test/tools/bench.sh
bench-peers: ; @test/tools/bench.sh peers
reference: ; @test/tools/reference.sh
deps: ; @test/tools/deps.sh build server check
format: ; @clang-format -i $$(find src test -name '*.cpp' -o -name '*.hpp')

# Other goals named beside them keep their usual meaning.
other_goals := $(filter-out $(script_goals),$(MAKECMDGOALS))
ifneq (,$(other_goals))
$(other_goals): ; @$(MAKE) $@
endif

# The goals named on one command line run one after the other, each step parallel within itself.
.NOTPARALLEL:

else

include flags.mk

EXTENSION    = bpt
EXTVERSION  := $(shell sed -n "s/^default_version *= *'\(.*\)'.*/\1/p" bpt.control)
MODULE_big   = bpt
MAIL_SOURCES:= $(sort $(wildcard src/mail/*.cpp))
SOURCES     := $(filter-out $(MAIL_SOURCES),$(sort $(wildcard src/*.cpp src/*/*.cpp)))
OBJS         = $(patsubst src/%.cpp,build/obj/%.o,$(SOURCES))
MAIL_OBJS    = $(patsubst src/%.cpp,build/obj/%.o,$(MAIL_SOURCES))
DATA_built   = sql/bpt--$(EXTVERSION).sql
DATA         = $(filter-out $(DATA_built),$(wildcard sql/bpt--*.sql))
REGRESS      = $(filter-out bpt--%,$(notdir $(basename $(sort $(wildcard sql/*.sql)))))
REGRESS_OPTS = --load-extension=bpt
EXTRA_CLEAN  = build bpt_mail.so

PG_MAJOR    := $(shell $(PG_CONFIG) --version 2>/dev/null | sed 's/[^0-9]*\([0-9]*\).*/\1/')
PG_CPPFLAGS  = -Isrc -isystem $(shell $(PG_CONFIG) --includedir-server)
PG_CXXFLAGS  = $(BPT_CXXFLAGS) $(BPT_WARNINGS) $(WERROR)
# Before PostgreSQL 16 this macro is empty, and hidden visibility would hide the functions that SQL calls.
PG_CPPFLAGS += $(if $(filter 13 14 15,$(PG_MAJOR)),-DPGDLLEXPORT='__attribute__((visibility("default")))')

# Bitcode for the JIT would be compiled without our language standard, and nothing here is worth inlining into a query.
override with_llvm = no

PGXS := $(shell $(PG_CONFIG) --pgxs 2>/dev/null)
ifeq (,$(wildcard $(PGXS)))
$(error PGXS not found by '$(PG_CONFIG)': install PostgreSQL's server headers (Debian: postgresql-server-dev-15, or `make deps`) or set PG_CONFIG)
endif
include $(PGXS)

# The mail module is a library of its own: only a process that sends a message loads it, and libcurl with it.
CURL_CONFIG ?= curl-config
MAIL_MODULE  = bpt_mail$(DLSUFFIX)
all: $(MAIL_MODULE)
$(MAIL_MODULE): $(MAIL_OBJS)
	@command -v $(CURL_CONFIG) >/dev/null || { echo "libcurl's headers are missing (Debian: libcurl4-openssl-dev, or make deps)"; exit 1; }
	$(LINK.shared) -o $@ $(MAIL_OBJS) $(LDFLAGS) $(LDFLAGS_SL) $$($(CURL_CONFIG) --libs)
install: install-mail
install-mail: $(MAIL_MODULE) installdirs
	$(INSTALL_SHLIB) $(MAIL_MODULE) '$(DESTDIR)$(pkglibdir)/$(MAIL_MODULE)'
uninstall: uninstall-mail
uninstall-mail:
	rm -f '$(DESTDIR)$(pkglibdir)/$(MAIL_MODULE)'
.PHONY: install-mail uninstall-mail

$(OBJS) $(MAIL_OBJS): build/obj/%.o: src/%.cpp Makefile flags.mk
	@$(MKDIR_P) $(@D)
	$(if $(findstring s,$(firstword -$(MAKEFLAGS))),@echo "  $(CXX) $<"; )$(COMPILE.cc) -MMD -MP -MF $(@:.o=.d) -o $@ $<

-include $(OBJS:.o=.d) $(MAIL_OBJS:.o=.d)

# A folder is newer than the library when a source was added or taken away.
$(MODULE_big)$(DLSUFFIX): src $(wildcard src/*/.)

# The install script is written in pieces, one area each, and installed as one.
$(DATA_built): $(sort $(wildcard sql/ext/*.sql)) sql/ext Makefile bpt.control
	cat $(filter %.sql,$^) > $@

endif
