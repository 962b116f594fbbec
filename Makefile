# The front door. CMake does the work; every target first installs what it needs.
#   make                release build, build/release/baton
#   make demo           judges a sample project, start to end
#   make test           unit, protocol and scenario tests
#   make help           the rest
PREFIX ?= /usr/local
JOBS ?= $(shell nproc)
# More for `cmake --preset`, where a build folder is new.
CONFIGURE ?=

# Ninja when it is there; the generator of an existing build folder is kept.
configure = $(if $(wildcard build/$(1)/CMakeCache.txt),,cmake --preset $(1) $(if $(shell command -v ninja),-G Ninja) $(CONFIGURE) &&)
build = $(call configure,$(1)) cmake --build --preset $(1) -j $(JOBS) $(2)
# A script that stands behind a target, or one sentence and a failure where there is none.
hook = @if test -e $(1); then $(1) $(3); else echo "make $@: $(2)" >&2; exit 1; fi

.PHONY: release build-tests debug demo test test-long build-sanitize test-sanitize test-sanitize-all test-tsan fuzz test-editors test-agents test-forges bench bench-context package install format tidy clean help setup
.DEFAULT_GOAL := release

setup:
	@scripts/setup.sh build

# What a user runs; the tests are built by `make test`.
release: setup
	@$(call build,release,--target baton)

build-tests: setup
	@$(call build,release)

debug: setup
	@$(call build,debug)

demo: release
	@scripts/setup.sh test
	$(call hook,scripts/demo.sh,there is no demo yet.)

test: build-tests
	@scripts/setup.sh test
	ctest --preset release -j $(JOBS) --no-tests=error

# What is too long for every change: two hundred steps in editors, a Maven project whose plugins are fetched, prettier from npm, a kill at
# every time that a task reaches a point, two hundred verifications of a test that fails by chance and as many of mutants, and each reason
# for which a test shows no fix in each of five frameworks.
test-long: release
	@scripts/setup.sh test editors
	BATON_TEST_LONG=1 ctest --test-dir build/release -R '^scenario\.(unmoved_editors|linters|fixes|told_apart|bad_input|red_green_reasons)$$' --output-on-failure --no-tests=error
	BATON_TEST_LONG=1 BATON=$(CURDIR)/build/release/baton python3 tests/scenarios/tasks_killed.py

build-sanitize: setup
	@$(call build,asan-ubsan)

test-sanitize: build-sanitize
	@scripts/setup.sh test
	ctest --preset asan-ubsan -j $(JOBS) --no-tests=error

# The scenarios, too; what is about the build itself is then skipped, and says so.
test-sanitize-all: build-sanitize
	@scripts/setup.sh test editors
	UBSAN_OPTIONS=print_stacktrace=1 ctest --test-dir build/asan-ubsan -j $(JOBS) --output-on-failure --no-tests=error

test-tsan: setup
	@scripts/setup.sh test
	@$(call build,tsan)
	ctest --preset tsan -j $(JOBS) --no-tests=error

# Random input for FUZZ_SECONDS each on the protocol and on the logs of tools, under the sanitizers.
FUZZ_SECONDS ?= 600
fuzz: setup
	@$(call build,asan-ubsan,--target test_lsp test_analyzers)
	BATON_FUZZ_SECONDS=$$(($(FUZZ_SECONDS) / 5)) build/asan-ubsan/tests/test_lsp --gtest_filter='Fuzz.*'
	BATON_FUZZ_SECONDS=$$(($(FUZZ_SECONDS) / 3)) build/asan-ubsan/tests/test_analyzers --gtest_filter='Fuzz.*'

test-editors: release
	@scripts/setup.sh editors
	$(call hook,tests/editors/run.sh,there are no editor tests yet.)

test-agents: release
	$(call hook,tests/agents/run.sh,there are no tests with real agents.)

test-forges: release
	@scripts/setup.sh forges
	$(call hook,tests/forges/run.sh,there are no tests against forges.)

bench: release
	@scripts/setup.sh bench
	cmake --build --preset release -j $(JOBS) --target benchmarks
	$(call hook,scripts/bench.sh,there are no benchmarks yet.)

# DATA and MIRRORS: where past fixes and their repositories are, see scripts/bench-context.sh.
bench-context: release
	cmake --build --preset release -j $(JOBS) --target bench_context
	scripts/bench-context.sh $(DATA) $(MIRRORS)

package: release
	$(call hook,scripts/package.sh,there is no package yet; make install PREFIX=DIR installs from source.)

install: release
	cmake --install build/release --prefix $(PREFIX)

format:
	git ls-files '*.cpp' '*.h' | grep -v '^tests/.*/.*/' | xargs clang-format -i

tidy: debug
	git ls-files 'support/*.cpp' 'git/*.cpp' 'analyzers/*.cpp' 'orchestrator/*.cpp' 'lsp/*.cpp' 'cli/*.cpp' \
	  | xargs -P $(JOBS) -n 1 clang-tidy -p build/debug --quiet

clean:
	rm -rf build

help:
	@echo "make                the release build, build/release/baton"
	@echo "make demo           judges a sample project, start to end"
	@echo "make test           unit, protocol and scenario tests"
	@echo "make test-sanitize  unit and protocol tests under the address and undefined behaviour sanitizers"
	@echo "make test-sanitize-all  the scenarios under them as well"
	@echo "make test-long      what is too long for every change"
	@echo "make test-tsan      unit and protocol tests under the thread sanitizer"
	@echo "make fuzz           ten minutes of random input each on the protocol and on logs, under the sanitizers (FUZZ_SECONDS)"
	@echo "make test-editors   real editors"
	@echo "make test-agents    real third-party agents"
	@echo "make test-forges    requests and errors against the forges' own descriptions, and pushes over ssh"
	@echo "make bench-context  how much of past fixes lies in the slices for their tasks"
	@echo "make bench          figures, with their peers in the same run"
	@echo "make package        what a user downloads"
	@echo "make install        into PREFIX ($(PREFIX))"
	@echo "make format, tidy   clang-format in place, clang-tidy"
