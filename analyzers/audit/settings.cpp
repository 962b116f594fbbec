#include "analyzers/audit/settings.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <set>

#include "analyzers/audit/ci_runs.h"
#include "analyzers/audit/code_text.h"
#include "analyzers/audit/line_changes.h"
#include "analyzers/audit/pattern.h"
#include "analyzers/syntax.h"

namespace baton::audit {
namespace {

// A command that checks something, and what it is.
const RE2& check_command() {
  static const RE2 pattern(
      "(?i)\\b(pytest|py\\.test|unittest|nosetests?|nose2|tox|nox|ctest|go (?:test|vet)|gotestsum|cargo (?:test|nextest|clippy|check|fmt)|vitest|jest|mocha|ava|tape|tap|jasmine|karma|cypress|playwright|"
      "node --test|npm (?:run )?t(?:est)?\\b|npm run [\\w:-]*(?:test|lint|check|types?)[\\w:-]*|yarn (?:run )?[\\w:-]*(?:test|lint|check)[\\w:-]*|pnpm (?:run )?[\\w:-]*(?:test|lint|check)[\\w:-]*|bun test|deno (?:test|lint)|"
      "mvnw? .*(?:test|verify)|gradlew? .*(?:test|check|build)|make (?:[\\w-]+ )*(?:check|test\\w*|lint)\\b|ninja (?:check|test)|meson test|bazel test|dotnet test|phpunit|rspec|rake test|mypy|pyright|ruff|flake8|pylint|black --check|"
      "isort --check|eslint|tsc|stylelint|prettier --check|biome|golangci-lint|staticcheck|clang-tidy|cppcheck|shellcheck|hadolint|bandit|semgrep|codespell|pre-commit|coverage run|coverage report|nyc|c8|xo|standard)\\b");
  return pattern;
}

std::string tool_of(std::string_view line) {
  std::string tool;
  RE2::PartialMatch(re2::StringPiece(line.data(), line.size()), check_command(), &tool);
  return lower(tool);
}

bool is_comment(std::string_view line) { return line.starts_with("#") || line.starts_with("//") || line.starts_with("<!--") || line.starts_with(";") || line.starts_with("rem "); }

// A line that says something that was not said before. `about`: words of which the task would explain it.
struct LineRule {
  const char* kind;
  const char* pattern;
  unsigned where;  // bits of SettingsKind
  bool escalates;
  const char* about;
  const char* message;
};

constexpr unsigned bit(SettingsKind kind) { return 1u << static_cast<unsigned>(kind); }
constexpr unsigned kCommands = bit(SettingsKind::ci) | bit(SettingsKind::script) | bit(SettingsKind::package) | bit(SettingsKind::build) | bit(SettingsKind::runner);
constexpr unsigned kSettings = bit(SettingsKind::package) | bit(SettingsKind::build) | bit(SettingsKind::runner) | bit(SettingsKind::lint);
constexpr unsigned kAll = kCommands | kSettings;

constexpr auto kFreshLines = std::to_array<LineRule>({
    {"failure_ignored", "(?i)(\\|\\|\\s*(true|:|exit 0|echo\\b|\\(exit 0\\)|/bin/true|cmd /c exit 0)|;\\s*(true|exit 0|:)\\s*[\"']?,?\\s*$|\\|\\|\\s*set \\+e)", kCommands, true, "ignore failure", "A failing command no longer fails the run"},
    {"failure_ignored", "^(run:\\s*)?set \\+e\\b", kCommands, true, "ignore failure", "A failing command no longer fails the run"},
    {"failure_ignored", "(?i)^-?\\s*continue-on-error:\\s*[\"']?(true|\\$\\{\\{\\s*true)", bit(SettingsKind::ci), true, "experimental allow failure continue", "The run goes on as if nothing had failed"},
    {"failure_ignored", "(?i)(allow_failure:\\s*true|allow_failures:|allowed_to_fail|continueOnError:\\s*true|ignore_failure|ignoreFailures\\s*=?\\s*true|testFailureIgnore>\\s*true|ignore_errors:\\s*true|soft_fail:\\s*true|failureThreshold\\W+[1-9])", kAll, true,
     "experimental allow failure", "A failure is let pass"},
    {"failure_ignored", "(?i)(catchError|exitCode\\s*[:=]\\s*0|process\\.exit\\(0\\)|--exit-zero|--no-fail|--no-error-on|--suppress-tests|--fail-never|-fn\\b|--pass-with-no|--nofail|ignore_exit_?code|ignore_outcome\\s*=\\s*true)", kCommands, true, "exit zero failure",
     "A failing command no longer fails the run"},
    {"step_disabled", "(?i)^-?\\s*if:\\s*[\"']?(\\$\\{\\{\\s*)?(false|0|!\\s*always\\(\\)|'false' == 'true')\\b", bit(SettingsKind::ci), true, "disable", "A step no longer runs"},
    {"step_disabled", "(?i)(when:\\s*(never|manual)|enabled:\\s*false|condition:\\s*false|\\bdisabled:\\s*true)", bit(SettingsKind::ci), true, "disable manual", "A step no longer runs by itself"},
    {"tests_deselected", "(?i)(\\bpytest\\b|\\bpy\\.test\\b|addopts|^args|^-k\\b).*(\\s-k\\s*=?\\s*[\"'\\\\]*not\\b|--deselect|--ignore(-glob)?\\b|\\s-m\\s*[\"'\\\\]*not\\b|--co\\b|--collect-only|--lf\\b|--noconftest)", kAll, true, "deselect skip ignore",
     "Tests are left out of the run"},
    {"tests_deselected", "(?i)(--deselect|--testPathIgnorePatterns|--passWithNoTests|--skip-tests|-DskipTests|-Dmaven\\.test\\.skip|-DskipITs|--no-run\\b|-x\\s+test\\b|--exclude-task|--exclude-regex|\\s-LE\\s|ctest.*\\s-E\\s|--exclude-tests?\\b|--test-skip|--list-tests|--dry-run.*test|--gtest_filter=[\"']?-|go test.*-run[ =]\\S*\\^?\\$|go test.*-skip\\b|cargo test.*--skip\\b|--no-tests=(ignore|pass)|BUILD_TESTING=OFF|--listTests|--shard|--onlyChanged|-t '\\^\\$')",
     kCommands, true, "deselect skip exclude shard", "Tests are left out of the run"},
    {"tests_deselected", "(?i)(testPathIgnorePatterns|passWithNoTests[\"']?\\s*[:=]\\s*true|norecursedirs|collect_ignore|modulePathIgnorePatterns|<skip(Tests|ITs)?>\\s*true|maven\\.test\\.skip>\\s*true|skipTests\\s*=\\s*true|autotests\\s*=\\s*false|^test\\s*=\\s*false|harness\\s*=\\s*false|doctest\\s*=\\s*false|onlyIf\\s*\\{\\s*false|excludeTags|excludedGroups|excludeTestsMatching|test\\.enabled\\s*=\\s*false|testNamePattern)", kSettings, true, "exclude ignore skip",
     "Tests are left out of the run"},
    {"failure_ignored", "(?i)(dangerouslyIgnoreUnhandledErrors[\"']?\\s*[:=]\\s*true|xfail_strict\\s*=\\s*(false|0)|filterwarnings.*ignore|ignoreTestFailures|failOnNoDiscoveredTests\\s*=\\s*false|failIfNoTests>\\s*false|allowOnly[\"']?\\s*[:=]\\s*true|forbidOnly[\"']?\\s*[:=]\\s*false)", kSettings, false, "ignore warnings", "Failures are let pass"},
    {"failure_ignored", "(?i)(\\b(jest|vitest|ava)\\b[^|&;]*\\s(-u\\b|--update(-?snapshots?)?\\b)|--snapshot-update\\b|--force-regen\\b|\\b(INSTA_(UPDATE\\W+(always|1)|FORCE_PASS)|UPDATE_EXPECT|TRYBUILD\\W+overwrite))", kAll, true, "update snapshot", "What a snapshot expects is written anew in place of being compared"},
    {"failure_ignored", "^(.*[{,]\\s*)?[\"']?update[\"']?\\s*:\\s*(true|['\"]all['\"])", bit(SettingsKind::runner), true, "update snapshot", "What a snapshot expects is written anew in place of being compared"},
    {"retried", "(?i)(--reruns?[ =][1-9]|--retries[ =][1-9]|--retry[ =][1-9]|[\"']?retries[\"']?\\s*[:=]\\s*[1-9]|^[\"']?retry[\"']?\\s*[:=]\\s*[1-9]|reruns\\s*=\\s*[1-9]|rerunFailingTestsCount|--flake-finder|--repeat until-pass|--retry-failed|maxRetries\\s*=|nick-fields/retry)", kAll, true, "flaky retry rerun unstable",
     "Tests run until they pass"},
    {"runner_inverted", "(?i)(WILL_FAIL\\s+(TRUE|ON|1|YES)|\\bDISABLED\\s+(TRUE|ON|1|YES)|PASS_REGULAR_EXPRESSION|SKIP_REGULAR_EXPRESSION|SKIP_RETURN_CODE\\s+[1-9])", bit(SettingsKind::build), true, "fail disable", "CTest no longer takes a failure for one"},
    {"command_emptied", "(?i)(add_test\\s*\\(.*COMMAND\\s+(true|echo|\\$\\{CMAKE_COMMAND\\}\\s+-E\\s+(true|echo)|cmake -E (true|echo)|/bin/true)|--test-command true|TEST_COMMAND\\s+(true|echo))", bit(SettingsKind::build), true, "", "A test runs nothing"},
    {"assertions_off", "(?i)(\\bpython3?\\s+-O{1,2}\\b|PYTHONOPTIMIZE\\s*[=:]\\s*[\"']?[12]|-DNDEBUG\\b|assert=plain|--assert[= ]plain|enableAssertions\\W+false|-da\\b.*java|debug-assertions\\s*=\\s*false)", kAll, true, "optimise release", "Assertions are compiled out"},
    {"assertions_off", "(?i)((add|target)_compile_definitions\\s*\\([^<]*\\bNDEBUG\\b|\\bset\\s*\\(\\s*CMAKE_BUILD_TYPE\\s+\"?(Release|MinSizeRel|RelWithDebInfo)\\b)", bit(SettingsKind::build), true, "optimise optimisation release", "Assertions are compiled out"},
    {"tool_replaced", "\\b(CMAKE_)?(CROSSCOMPILING_EMULATOR|TEST_LAUNCHER)\\b", kCommands, true, "emulator cross launcher valgrind", "Another program runs the tests"},
    {"tool_replaced", "(?i)^(export\\s+|set\\s*\\(\\s*)?[\"']?(CC|CXX|LD|AR|CPP|PYTHON3?|NODE|SHELL|RUSTC|RUSTC_WRAPPER|RUSTC_WORKSPACE_WRAPPER|rustc-wrapper|CMAKE_(C|CXX)_COMPILER(_LAUNCHER)?|LD_PRELOAD|PYTHONSTARTUP|NODE_OPTIONS|GOFLAGS)[\"']?\\s*[:?+]?[= ]\\s*[\"']?(\\./|\\.\\./|\\$[({](CURDIR|PWD|CMAKE_(CURRENT_)?SOURCE_DIR|PROJECT_SOURCE_DIR)[)}]|tools/|scripts/|bin/|build/|.*(--require|-toolexec))", kCommands, true, "compiler toolchain wrapper", "A tool that builds or runs the tests is one of the change's own"},
    {"lint_weakened", "(?i)(^[\"']?(strict|noImplicitAny|strictNullChecks|checkJs|noUnusedLocals|noUncheckedIndexedAccess|disallow_untyped_defs|disallow_incomplete_defs|check_untyped_defs|warn_return_any|warn_unused_ignores|strict_optional|no_implicit_optional|strictFunctionTypes|noImplicitReturns|noFallthroughCasesInSwitch|strictPropertyInitialization|useUnknownInCatchVariables)[\"']?\\s*[:=]\\s*[\"']?(false|off|0)\\b|^[\"']?(ignore_errors|skipErrorChecking)[\"']?\\s*[:=]\\s*[\"']?true|typeCheckingMode\\W+(off|basic)|follow_imports\\s*=\\s*skip)",
     kSettings, true, "strict type check", "A type check is less strict"},
    {"lint_weakened", "(?i)^[\"']?(@?[\\w-]+/)*[\\w/-]+[\"']?\\s*:\\s*(\\[\\s*)?([\"']off[\"']|0\\b|off\\s*$)", bit(SettingsKind::lint) | bit(SettingsKind::package), true, "lint rule eslint disable off", "A lint rule is switched off"},
    {"lint_weakened", "(?i)(-Wno-error\\b|-Wno-[a-z-]+|\\s-w\\b|/W0\\b|--cap-lints|RUSTFLAGS.*-A\\s|--max-warnings[ =]\\d{2,}|-A clippy::|--allow clippy|allow-warnings|#!\\[allow\\(warnings)", kAll, false, "warning", "Warnings are let pass"},
    {"lint_weakened", "(?i)(^[\"']?(extend-)?(ignore|exclude|per-file-ignores|extend-exclude|disable|ignorePatterns|omit|ignores)[\"']?\\s*[:=]|^ignorePatterns|enabled:\\s*false|disable-all|^-[\\w.*-]+,?$)", bit(SettingsKind::lint), false, "lint ignore exclude disable rule", "A linter looks at less"},
    {"coverage_lowered", "(?i)(^omit\\s*=|^exclude_(lines|also)|coveragePathIgnorePatterns|^[\"']?check-?coverage[\"']?\\s*[:=]\\s*false|--no-cov\\b|--cov-fail-under[ =]0|/\\* c8 ignore|jacoco.*skip>true|threshold:\\s*null|informational:\\s*true)", kAll, true, "coverage", "Coverage is measured less, or no longer asked for"},
});

// What a line no longer says.
constexpr auto kLostLines = std::to_array<LineRule>({
    {"lint_weakened", "(?i)(-Werror\\b|/WX\\b|--max-warnings[ =]0|-D warnings|deny\\(warnings\\)|warnings-as-errors|--strict([^-\\w]|$)|WarningsAsErrors|treatWarningsAsErrors|CMAKE_COMPILE_WARNING_AS_ERROR)", kAll, true, "warning werror strict", "Warnings no longer fail the build"},
    {"sanitizer_removed", "(?i)(-fsanitize=|-race\\b|--memcheck|valgrind|-Zsanitizer)", kAll, true, "sanitizer race valgrind", "A sanitizer no longer runs"},
    {"test_unregistered", "(?i)(add_test\\s*\\(|gtest_discover_tests|gtest_add_tests|catch_discover_tests|doctest_discover_tests|enable_testing\\s*\\(|include\\s*\\(\\s*CTest)", bit(SettingsKind::build), true, "remove", "Tests are no longer registered"},
    {"failure_ignored", "(?i)(set -e\\w*|set -o pipefail|pipefail|xfail_strict\\s*=\\s*true|filterwarnings\\s*=\\s*error|--fail-on|--error-on|failOn\\w+\\s*[:=]\\s*true|bail\\b|forbidOnly|--no-tests=error|--strict-(markers|config)|-W ?error\\b|PYTHONWARNINGS\\W+error|fail-?on-?console|--throw-deprecation|unhandled-rejections=strict)", kAll, false, "", "A failure may go unseen"},
    {"coverage_lowered", "(?i)(--cov-fail-under|fail_under|coverageThreshold|check-coverage|--check-coverage|thresholds?\\b|failUnder|COVEREDRATIO)", kAll, true, "coverage threshold", "A coverage that was asked for is asked for no longer"},
});

// A number that must not fall, or must not grow.
struct NumberRule {
  const char* kind;
  const char* pattern;  // two groups: its name, the number
  bool may_grow;
  const char* message;
};
constexpr auto kNumbers = std::to_array<NumberRule>({
    {"coverage_lowered", "(?i)(cov-fail-under|fail_under|fail-under|check-coverage|branches|functions|lines|statements|minimum|failUnder|threshold|target)[\"']?[ =:>]+[\"']?([0-9.]+)", true, "A coverage threshold fell"},
    {"lint_weakened", "(?i)(max-warnings|maxWarnings|max-complexity|max_complexity|max-errors)[\"']?[ =:]+[\"']?([0-9]+)", false, "More warnings are let pass"},
    {"lint_weakened", "(?i)(fail-under)[\"']?[ =:]+[\"']?([0-9.]+)", true, "A score that was asked for fell"},
});

struct Compiled {
  const LineRule* rule;
  std::unique_ptr<RE2> pattern;
};
template <class Rules>
std::vector<Compiled> compiled(const Rules& rules) {
  std::vector<Compiled> all;
  for (const LineRule& rule : rules) {
    all.push_back({&rule, std::make_unique<RE2>(rule.pattern)});
  }
  return all;
}

std::string name_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return std::string(slash == path.npos ? path : path.substr(slash + 1));
}

class Settings {
 public:
  Settings(const std::vector<SettingsFile>& files, const Intent& intent, bool program_changed, bool tests_removed)
      : files_(files), intent_(intent), program_changed_(program_changed), tests_removed_(tests_removed) {}

  std::vector<AuditFinding> run() {
    for (const SettingsFile& file : files_) {
      const SettingsKind kind = settings_kind(file.path);
      if (kind == SettingsKind::snapshot) {
        snapshot(file);
        continue;
      }
      const LineChanges changes = line_changes(file.before.value_or(""), file.after.value_or(""));
      if (!file.before) {  // what is new takes nothing away, but may put itself in the place of what was there
        lines(file, kind, changes, "tool_replaced");
        continue;
      }
      lines(file, kind, changes);
      piped(file, kind, changes);
      unasked(file, kind);
      numbers(file, changes);
      emptied(file, kind, changes);
      ignored_files(file, kind, changes);
    }
    lost_commands();
    return std::move(findings_);
  }

 private:
  void add(const SettingsFile& file, int line, bool on_base, const char* kind, bool escalates, std::string message, std::string hunk) {
    for (const AuditFinding& known : findings_) {
      if (known.path == file.path && known.line == line && known.on_base == on_base && known.kind == kind) return;
    }
    AuditFinding finding;
    finding.path = file.path;
    finding.line = line;
    finding.on_base = on_base;
    finding.kind = kind;
    finding.escalates = escalates;
    finding.severity = escalates ? Severity::warning : Severity::note;
    finding.message = std::move(message);
    finding.hunk = std::move(hunk);
    findings_.push_back(std::move(finding));
  }

  // A line of the other side that is the same but for a little.
  static const ChangedLine* counterpart(const ChangedLine& line, const std::vector<ChangedLine>& others) {
    const ChangedLine* best = nullptr;
    double score = 0.5;
    const auto words_of = tokens(line.text);
    for (const ChangedLine& other : others) {
      const double now = likeness(words_of, tokens(other.text));
      if (now >= score) {
        score = now;
        best = &other;
      }
    }
    return best;
  }

  static std::string quoted(std::string_view text) { return "\"" + std::string(text.substr(0, 140)) + (text.size() > 140 ? "…\"" : "\""); }

  void lines(const SettingsFile& file, SettingsKind kind, const LineChanges& changes, std::string_view only = {}) {
    static const auto fresh_rules = compiled(kFreshLines), lost_rules = compiled(kLostLines);
    if (file.after) {
      for (const ChangedLine& line : changes.fresh) {
        if (is_comment(line.text)) continue;
        for (const Compiled& one : fresh_rules) {
          if ((!only.empty() && only != one.rule->kind) || !(one.rule->where & bit(kind)) || !matches(line.text, *one.pattern)) continue;
          const ChangedLine* was = counterpart(line, changes.lost);
          if (was && matches(was->text, *one.pattern) && !grew(*one.pattern, was->text, line.text)) continue;
          const bool mild = shown_only(*one.rule, line.text) || is_for_snapshots(*one.rule, line.text) || leaves_out_little(line.text, was) || rules_of_another_linter(*one.rule, changes) || sets_a_default(*one.rule, file, line) || asserts_by_a_library(*one.rule, file, line) || of_a_new_test(*one.rule, file, line.text, changes) || (!was && runs_besides(*one.rule, kind, line.text, changes.lost));
          add(file, line.line, false, one.rule->kind, one.rule->escalates && !mild && !explained(*one.rule), std::string(one.rule->message) + ": " + quoted(line.text) + ".", hunk_of(was ? std::vector<ChangedLine>{*was} : std::vector<ChangedLine>(), {line}));
          break;
        }
      }
    }
    for (const ChangedLine& line : changes.lost) {
      if (is_comment(line.text)) continue;
      for (const Compiled& one : lost_rules) {
        if (!(one.rule->where & bit(kind)) || !matches(line.text, *one.pattern)) continue;
        if (said_still(*one.pattern, changes.fresh)) continue;
        if (std::string_view(one.rule->kind) == "test_unregistered" && tests_removed_) continue;
        if (std::string_view(one.rule->kind) == "coverage_lowered" && stands_in_another_file(file, *one.pattern, changes.lost)) continue;
        const ChangedLine* is = counterpart(line, changes.fresh);
        add(file, line.line, true, one.rule->kind, one.rule->escalates && file.after && !explained(*one.rule), std::string(one.rule->message) + ": " + quoted(line.text) + " is gone.", hunk_of({line}, is ? std::vector<ChangedLine>{*is} : std::vector<ChangedLine>()));
        break;
      }
    }
  }

  // `|| true` after what is no check (a clean-up, a grep) takes nothing away.
  static bool shown_only(const LineRule& rule, std::string_view line) {
    if (std::string_view(rule.kind) != "failure_ignored") return false;
    static const RE2 kShell("\\|\\||;\\s*(true|exit 0|:)");
    return matches(line, kShell) && tool_of(line).empty() && line.find("test") == line.npos && line.find("lint") == line.npos && line.find("check") == line.npos;
  }

  // A script whose name says that it writes them.
  static bool is_for_snapshots(const LineRule& rule, std::string_view line) {
    static const RE2 kScript("(?i)^\"[\\w:-]*(update|snap|record|bless|accept|golden|regen)[\\w:-]*\"\\s*:");
    return std::string_view(rule.about) == "update snapshot" && matches(line, kScript);
  }

  // One more command, where all that ran before still does.
  static bool runs_besides(const LineRule& rule, SettingsKind kind, std::string_view line, const std::vector<ChangedLine>& lost) {
    if (std::string_view(rule.kind) != "tests_deselected" || !(bit(kind) & (bit(SettingsKind::ci) | bit(SettingsKind::script) | bit(SettingsKind::runner)))) return false;
    static const RE2 kCommand("^(- )?(run:|\\w+:\\s)?\\s*[(./\\w]");
    static const RE2 kBuilds("\\b(cargo bench|go build|cargo build)\\b");
    if (matches(line, kBuilds)) return true;
    // A command of another kind, and no option of the one on the line before.
    const bool other = (kind == SettingsKind::ci || kind == SettingsKind::script) && matches(line, kCommand);
    return (other || !tool_of(line).empty()) && std::all_of(lost.begin(), lost.end(), [](const ChangedLine& was) { return tool_of(was.text).empty(); });
  }

  // A linter of another version comes with rules of its own, and which of them hold is settled there.
  static bool rules_of_another_linter(const LineRule& rule, const LineChanges& changes) {
    if (std::string_view(rule.message) != "A lint rule is switched off") return false;
    static const RE2 kVersion("^\"(xo|eslint|tslint|standard|stylelint|(?:@[\\w-]+/)?eslint-(?:config|plugin)[\\w-]*|@typescript-eslint/[\\w-]+)\"\\s*:\\s*\"[~^]?(\\d+\\.\\d+)");
    const auto versions = [](const std::vector<ChangedLine>& lines) {
      std::map<std::string, std::string> found;
      for (const ChangedLine& line : lines) {
        std::string name, version;
        if (RE2::PartialMatch(re2::StringPiece(line.text.data(), line.text.size()), kVersion, &name, &version)) found[name] = version;
      }
      return found;
    };
    const auto before = versions(changes.lost), now = versions(changes.fresh);
    return std::any_of(now.begin(), now.end(), [&](const auto& one) { return before.count(one.first) > 0 && before.at(one.first) != one.second; });
  }

  // Folders that hold no tests of the project's own.
  static bool leaves_out_little(std::string_view line, const ChangedLine* was) {
    static const RE2 kLeavesOut("(?i)(ignore|norecursedirs|exclude|omit)"),
        kForeign("(?i)^(\\W*(ignore\\w*|norecursedirs|exclude\\w*|extend|omit|testPathIgnorePatterns|modulePathIgnorePatterns|coveragePathIgnorePatterns|rootDir|addopts|pytest|"
                 "dist|build|venv|env|node_modules|coverage|vendor|generated|out|target|third_party|docs?|git|svn|hg|tox|nox|eggs?|egg_info|_build|tmp|cache|__pycache__|site|packages|examples?|lib|esm|cjs|es|types|bower_components|cmake_build\\w*))*\\W*$");
    if (!matches(line, kLeavesOut)) return false;
    std::string rest;
    const std::vector<std::string> known = was ? tokens(was->text) : std::vector<std::string>();
    for (const std::string& token : tokens(line)) {
      if (std::find(known.begin(), known.end(), token) == known.end()) rest += token + " ";
    }
    return matches(rest, kForeign);
  }

  // A default for who says nothing else: `if(NOT CMAKE_BUILD_TYPE)`.
  static bool sets_a_default(const LineRule& rule, const SettingsFile& file, const ChangedLine& line) {
    if (std::string_view(rule.kind) != "assertions_off" || line.line < 2) return false;
    static const RE2 kUnlessGiven("(?i)if\\s*\\(\\s*NOT\\s+(DEFINED\\s+)?CMAKE_BUILD_TYPE\\b");
    return matches(lines_of(*file.after)[static_cast<std::size_t>(line.line) - 2], kUnlessGiven) || matches(line.text, kUnlessGiven);
  }

  // What GoogleTest and its like assert does not depend on the kind of build.
  static bool asserts_by_a_library(const LineRule& rule, const SettingsFile& file, const ChangedLine& line) {
    static const RE2 kLibrary("(?i)\\b(GTest|gtest\\w*|googletest|Catch2|doctest|boost_unit_test_framework)\\b"), kBuildType("(?i)set\\s*\\(\\s*CMAKE_BUILD_TYPE\\b");
    return std::string_view(rule.kind) == "assertions_off" && matches(line.text, kBuildType) && matches(*file.before, kLibrary) && matches(*file.after, kLibrary);
  }

  // "lines 90": what has to be reached, by whatever name a file of settings has for it.
  static std::vector<std::pair<std::string, double>> thresholds(const std::vector<ChangedLine>& lines) {
    static const RE2 kThreshold("(?i)\\b(cov-fail-under|fail_under|fail-under|failUnder|branches|functions|lines|statements|minimum|threshold)[\"']?[ =:>]+[\"']?([0-9.]+)"), kUnder("(?i)fail[-_]?under");
    std::vector<std::pair<std::string, double>> found;
    for (const ChangedLine& line : lines) {
      re2::StringPiece left(line.text.data(), line.text.size());
      for (std::string name, value; !is_comment(line.text) && RE2::FindAndConsume(&left, kThreshold, &name, &value);) found.emplace_back(matches(name, kUnder) ? "under" : lower(name), number_of(value).value_or(0));
    }
    return found;
  }

  // The same is asked for in a file beside it now, and no less of it.
  bool stands_in_another_file(const SettingsFile& file, const RE2& pattern, const std::vector<ChangedLine>& lost) const {
    const auto wanted = thresholds(lost);
    return !wanted.empty() && std::any_of(files_.begin(), files_.end(), [&](const SettingsFile& other) {
      if (&other == &file || !other.after) return false;
      const LineChanges changes = line_changes(other.before.value_or(""), *other.after);
      const auto now = thresholds(changes.fresh);
      return said_still(pattern, changes.fresh) && std::all_of(wanted.begin(), wanted.end(), [&](const auto& one) {
        return std::any_of(now.begin(), now.end(), [&](const auto& is) { return is.first == one.first && is.second >= one.second; });
      });
    });
  }

  // A property of a test that comes with it, while none of those that were there goes.
  static bool of_a_new_test(const LineRule& rule, const SettingsFile& file, std::string_view line, const LineChanges& changes) {
    if (std::string_view(rule.kind) != "runner_inverted") return false;
    static const RE2 kProperty("(?i)^set_tests_properties\\s*\\(\\s*([^\\s()]+)\\s+PROPERTIES"), kRegisters("(?i)(add_test|_discover_tests|gtest_add_tests)\\s*\\(");
    std::string name;
    if (!RE2::PartialMatch(re2::StringPiece(line.data(), line.size()), kProperty, &name) || file.before->find(name) != std::string::npos) return false;
    const RE2 added("(?i)add_test\\s*\\(\\s*(NAME\\s+)?" + RE2::QuoteMeta(name) + "(\\s|$)");
    const auto registers = [](const ChangedLine& one) { return matches(one.text, kRegisters); };
    return std::none_of(changes.lost.begin(), changes.lost.end(), registers) && std::any_of(changes.fresh.begin(), changes.fresh.end(), [&](const ChangedLine& one) { return matches(one.text, added); });
  }

  void unasked(const SettingsFile& file, SettingsKind kind) {
    if (!file.after || kind != SettingsKind::ci) return;
    const auto is_check = +[](std::string_view line) { return !tool_of(line).empty(); };
    const std::vector<std::string_view> lines = lines_of(*file.after);
    for (const UnaskedCheck& one : unasked_checks(*file.before, *file.after, is_check)) {
      const std::string_view line = trimmed(lines[static_cast<std::size_t>(one.line) - 1]);
      const bool asked = !intent_.keeps_behaviour() && intent_.explains_setting("workflow dispatch manual trigger branch disable");
      add(file, one.line, false, one.kind, !asked, one.message + ": " + quoted(line) + ".", hunk_of({}, {{one.line, line}}));
    }
  }

  // What runs behind the pipe after a check: it gets the output, and its status is the one that counts. Empty: there is none.
  static std::string_view behind_the_pipe(std::string_view line) {
    if (tool_of(line).empty()) return {};
    for (auto at = line.find('|'); at != line.npos; at = line.find('|', at + 1)) {
      if (at + 1 < line.size() && line[at + 1] == '|') ++at;
      else if (!tool_of(line.substr(0, at)).empty()) return trimmed(line.substr(at + 1));
    }
    return {};
  }

  // A check whose output goes through a program now, with its status lost on the way. Reporters show it, and say how it ended.
  void piped(const SettingsFile& file, SettingsKind kind, const LineChanges& changes) {
    if (!file.after || !(bit(kind) & (bit(SettingsKind::package) | bit(SettingsKind::script) | bit(SettingsKind::ci)))) return;
    static const RE2 kReporter("(?i)^(npx |sudo )*(tee|cat|ts|less|tap-|faucet|snazzy|xc(pretty|beautify)|gotestfmt|go-junit|pino|bunyan|codecov|coveralls|nyc|c8|reviewdog|junit|grep -v)"), kKept("pipefail|PIPESTATUS");
    if (matches(*file.after, kKept)) return;
    for (const ChangedLine& line : changes.fresh) {
      const std::string_view then = behind_the_pipe(line.text);
      if (is_comment(line.text) || then.empty() || matches(then, kReporter)) continue;
      const ChangedLine* was = counterpart(line, changes.lost);
      if (was && !behind_the_pipe(was->text).empty()) continue;
      add(file, line.line, false, "failure_ignored", !intent_.explains_setting("pipe filter"), "What the checks say goes through another program, whose end counts in place of theirs: " + quoted(line.text) + ".", hunk_of(was ? std::vector<ChangedLine>{*was} : std::vector<ChangedLine>(), {line}));
    }
  }

  // It is longer, and not by other words around the options that were there: `(cd bench && ./run --no-run)`.
  static bool grew(const RE2& pattern, std::string_view was, std::string_view is) {
    if (is.size() <= was.size() + 3) return false;
    const std::vector<std::string> before = options_of(was);
    bool any = false, known = true;
    for (const std::string& option : options_of(is)) {
      if (!matches(option, pattern)) continue;
      any = true;
      known = known && std::find(before.begin(), before.end(), option) != before.end();
    }
    return !any || !known;
  }

  // Each with what stands behind it up to the next.
  static std::vector<std::string> options_of(std::string_view line) {
    std::vector<std::string> options;
    static const RE2 kWord("([^\\s;,)\"']+)([;,)\"']*)");
    re2::StringPiece left(line.data(), line.size());
    bool open = false;
    for (std::string word, end; RE2::FindAndConsume(&left, kWord, &word, &end); open = open && end.empty()) {
      if (word[0] == '-') options.push_back(word), open = true;
      else if (word == "&&" || word == "||" || word == "|") open = false;
      else if (open) options.back() += " " + word;
    }
    return options;
  }

  static bool said_still(const RE2& pattern, const std::vector<ChangedLine>& fresh) {
    return std::any_of(fresh.begin(), fresh.end(), [&](const ChangedLine& line) { return !is_comment(line.text) && matches(line.text, pattern); });
  }

  bool explained(const LineRule& rule) const { return *rule.about != 0 && !intent_.keeps_behaviour() && intent_.explains_setting(rule.about); }

  void numbers(const SettingsFile& file, const LineChanges& changes) {
    for (const NumberRule& rule : kNumbers) {
      const RE2 pattern(rule.pattern);
      for (const ChangedLine& line : changes.lost) {
        std::string name, value;
        if (is_comment(line.text) || !RE2::PartialMatch(re2::StringPiece(line.text.data(), line.text.size()), pattern, &name, &value)) continue;
        for (const ChangedLine& other : changes.fresh) {
          std::string other_name, other_value;
          if (!RE2::PartialMatch(re2::StringPiece(other.text.data(), other.text.size()), pattern, &other_name, &other_value) || lower(other_name) != lower(name)) continue;
          const auto before = number_of(value), after = number_of(other_value);
          if (!before || !after || *before == *after || (*after > *before) == rule.may_grow) continue;
          add(file, other.line, false, rule.kind, !intent_.explains_setting("coverage threshold warning complexity"), std::string(rule.message) + ": " + quoted(line.text) + " became " + quoted(other.text) + ".", hunk_of({line}, {other}));
          break;
        }
      }
    }
  }

  // ---------------------------------------------------------------- commands that check

  struct Command {
    const SettingsFile* file;
    ChangedLine line;
    std::string tool;
  };

  static bool is_command_line(SettingsKind kind, std::string_view line) {
    if (is_comment(line)) return false;
    if (kind == SettingsKind::ci) {
      static const RE2 kOther("(?i)^-?\\s*(name|uses|key|path|image|needs|with|on|branches|paths|cache-\\w+|restore-keys|description|id|if|python-version|node-version):");
      static const RE2 kInstall("(?i)\\b(pip3? install|npm (i|install|ci)\\b|apt-get|yarn add|pnpm add|brew|cargo install|go install|gem install|poetry add|uv pip|echo|conda install|pipx install)");
      return !matches(line, kOther) && !matches(line, kInstall);
    }
    if (kind == SettingsKind::package) {
      static const RE2 kScript("^\"[\\w:.-]+\"\\s*:\\s*\"[^\"]*\"|\"scripts\"");
      static const RE2 kVersion("\"\\s*:\\s*\"[\\^~>=<*]?\\s*v?\\d");
      return matches(line, kScript) && !matches(line, kVersion);
    }
    static const RE2 kEcho("^\\s*(@?echo|printf|pip|npm i|apt)");
    return !matches(line, kEcho);
  }

  void lost_commands() {
    std::vector<Command> lost, fresh;
    std::set<std::string> still;
    for (const SettingsFile& file : files_) {
      const SettingsKind kind = settings_kind(file.path);
      if (kind != SettingsKind::ci && kind != SettingsKind::script && kind != SettingsKind::package) continue;
      const LineChanges changes = line_changes(file.before.value_or(""), file.after.value_or(""));
      for (const ChangedLine& line : changes.lost) {
        if (const std::string tool = tool_of(line.text); !tool.empty() && is_command_line(kind, line.text)) lost.push_back({&file, line, tool});
      }
      for (const ChangedLine& line : changes.fresh) {
        if (const std::string tool = tool_of(line.text); !tool.empty() && is_command_line(kind, line.text)) fresh.push_back({&file, line, tool});
      }
      if (!file.after) continue;
      for (const std::string_view line : lines_of(*file.after)) {
        if (const std::string tool = tool_of(trimmed(line)); !tool.empty() && is_command_line(kind, trimmed(line))) still.insert(tool);
      }
    }
    for (const Command& command : lost) {
      if (command.file->before && !command.file->after) {
        // A whole file that goes: another one may have come.
        if (!fresh.empty() || still.count(command.tool)) continue;
      }
      const bool same_tool = std::any_of(fresh.begin(), fresh.end(), [&](const Command& other) { return runs_tool(other.line.text, command.tool); });
      if (same_tool || still.count(command.tool)) continue;
      const bool replaced = std::any_of(fresh.begin(), fresh.end(), [&](const Command& other) { return is_linter(other.tool) == is_linter(command.tool); });
      const bool explained = intent_.explains_setting(command.tool) || intent_.explains_removal(command.tool + " ci workflow job step lint test coverage");
      add(*command.file, command.line.line, true, "check_removed", !replaced && !explained, quoted(command.line.text) + " no longer runs.", hunk_of({command.line}, {}));
    }
  }

  // Among several on one line.
  static bool runs_tool(std::string_view line, const std::string& tool) {
    re2::StringPiece left(line.data(), line.size());
    for (std::string found; RE2::FindAndConsume(&left, check_command(), &found);) {
      if (lower(found) == tool) return true;
    }
    return false;
  }

  static bool is_linter(const std::string& tool) {
    static const RE2 kLinter("lint|type|check|mypy|pyright|ruff|flake8|black|isort|tsc|prettier|biome|clippy|fmt|vet|tidy|cppcheck|bandit|semgrep|codespell|pre-commit|standard|^xo$");
    return matches(tool, kLinter);
  }

  // A script or recipe that checked and now prints, or does nothing.
  void emptied(const SettingsFile& file, SettingsKind kind, const LineChanges& changes) {
    if (!file.after || !(bit(kind) & (bit(SettingsKind::package) | bit(SettingsKind::script) | bit(SettingsKind::ci) | bit(SettingsKind::build) | bit(SettingsKind::runner)))) return;
    static const RE2 kNothing("(?i)(^|[\"'\\s:=@])(echo\\b[^|&]*|true|exit 0|:|node -e [^&|]*|printf [^|&]*|sleep \\d+|/bin/true)\\s*[\"',}\\s]*$");
    for (const ChangedLine& line : changes.fresh) {
      if (is_comment(line.text) || !matches(line.text, kNothing)) continue;
      for (const ChangedLine& was : changes.lost) {
        if (tool_of(without_remark(was.text)).empty() || !tool_of(line.text).empty()) continue;
        const bool same_place = kind != SettingsKind::package || key_of(was.text) == key_of(line.text);
        if (!same_place) continue;
        add(file, line.line, false, "command_emptied", true, quoted(was.text) + " became " + quoted(line.text) + ", which checks nothing.", hunk_of({was}, {line}));
        return;
      }
    }
    // make: a dash before a command hides its failure.
    const std::string name = name_of(file.path);
    if (name != "Makefile" && name != "makefile" && name != "GNUmakefile" && !name.ends_with(".mk")) return;
    for (const ChangedLine& line : changes.fresh) {
      if ((line.text.starts_with("-") || line.text.starts_with("@-")) && !tool_of(line.text).empty())
        add(file, line.line, false, "failure_ignored", true, "make goes on when " + quoted(line.text) + " fails.", hunk_of({}, {line}));
    }
  }

  // `"PT006",  # pytest takes strings as well` runs nothing.
  static std::string_view without_remark(std::string_view line) {
    const auto at = line.find(" #");
    return at == line.npos ? line : line.substr(0, at);
  }

  static std::string key_of(std::string_view line) {
    std::string key;
    static const RE2 kKey("\"(?:scripts\"\\s*:\\s*\\{\\s*\")?([\\w:.-]+)\"\\s*:");
    RE2::PartialMatch(re2::StringPiece(line.data(), line.size()), kKey, &key);
    return key;
  }

  // .eslintignore and its like: each line is something that is looked at no longer.
  void ignored_files(const SettingsFile& file, SettingsKind kind, const LineChanges& changes) {
    const std::string name = name_of(file.path);
    if (kind != SettingsKind::lint || !name.ends_with("ignore") || !file.after) return;
    for (const ChangedLine& line : changes.fresh) {
      if (is_comment(line.text)) continue;
      static const RE2 kBuilt("(?i)(dist|build|node_modules|coverage|vendor|generated|\\.min\\.|fixtures|out|target|\\.lock|third_party)");
      const bool harmless = matches(line.text, kBuilt);
      add(file, line.line, false, "lint_weakened", !harmless && !intent_.given() && !program_changed_, "A linter no longer looks at " + quoted(line.text) + ".", hunk_of({}, {line}));
    }
  }

  // ---------------------------------------------------------------- snapshots

  void snapshot(const SettingsFile& file) {
    if (!file.before) return;
    const std::string about = std::string(file.path);
    if (!file.after) {
      if (tests_removed_) return;
      add(file, 1, true, "snapshot_removed", !intent_.explains_removal(about) && !program_changed_, "The snapshot is gone, so the next run writes whatever the code then gives.", {});
      return;
    }
    const LineChanges changes = line_changes(*file.before, *file.after);
    if (changes.lost.empty()) return;
    std::string was, is;
    for (const ChangedLine& line : changes.fresh) is += std::string(line.text) + " ";
    for (const ChangedLine& line : changes.lost) was += std::string(line.text) + " ";
    const bool explained = intent_.explains_change(about, is.substr(0, 4000), was);
    const bool asks = intent_.given() ? !explained && intent_.keeps_behaviour() : !program_changed_;
    const int line = changes.fresh.empty() ? 1 : changes.fresh.front().line;
    add(file, line, false, "snapshot_changed", asks, "The snapshot was made anew: " + quoted(changes.lost.front().text) + (changes.fresh.empty() ? " is gone." : " became " + quoted(changes.fresh.front().text) + "."), hunk_of(changes.lost, changes.fresh));
  }

  const std::vector<SettingsFile>& files_;
  const Intent& intent_;
  bool program_changed_, tests_removed_;
  std::vector<AuditFinding> findings_;
};

}  // namespace

SettingsKind settings_kind(std::string_view path) {
  const std::string name = name_of(path);
  static const RE2 kSnapshot("(?i)(__snapshots__/|__image_snapshots__/|\\.snap$|\\.ambr$|\\.approved\\.|\\.golden$|\\.snapshot$|(^|/)(golden|snapshots)/|testdata/.*(golden|expected)|\\.expected$|__file_snapshots__/)"),
      kCi("(?i)(^|/)(\\.github/(workflows|actions)/.*\\.ya?ml|\\.gitlab-ci.*\\.ya?ml|\\.travis\\.yml|azure-pipelines.*\\.ya?ml|\\.circleci/.*|Jenkinsfile.*|appveyor\\.yml|\\.appveyor\\.yml|bitbucket-pipelines\\.yml|\\.drone\\.yml|\\.buildkite/.*|\\.cirrus\\.yml|\\.woodpecker.*\\.ya?ml|cloudbuild\\.ya?ml|\\.pre-commit-config\\.yaml|codecov\\.yml|\\.codecov\\.yml|lefthook\\.yml|\\.husky/.*)$"),
      kScript("(?i)(^|/)(GNU)?makefile$|\\.mk$|\\.(sh|bash|ps1|bat)$|(^|/)(justfile|noxfile\\.py|Taskfile\\.ya?ml|tasks\\.py|Rakefile|dodo\\.py)$"),
      kBuild("(^|/)(CMakeLists\\.txt|CMakePresets\\.json|CTestConfig\\.cmake|meson\\.build|BUILD|BUILD\\.bazel|build\\.gradle(\\.kts)?|pom\\.xml|Cargo\\.toml|build\\.rs|configure\\.ac|Makefile\\.am)$|\\.cmake$|(^|/)\\.cargo/config(\\.toml)?$"),
      kRunner("(?i)(^|/)(pytest\\.ini|\\.pytest\\.ini|pyproject\\.toml|setup\\.cfg|tox\\.ini|\\.coveragerc|conftest\\.py|jest\\.config\\.\\w+|vite(st)?\\.config\\.\\w+|vitest\\.workspace\\.\\w+|\\.mocharc.*|karma\\.conf\\.\\w+|ava\\.config\\.\\w+|\\.nycrc.*|\\.c8rc.*|playwright\\.config\\.\\w+|cypress\\.(config\\.\\w+|json)|nextest\\.toml|junit-platform\\.properties|testng\\.xml|phpunit\\.xml.*|\\.taprc|babel\\.config\\.\\w+|\\.noserc|jasmine\\.json|tarpaulin\\.toml)$"),
      kLint("(?i)(^|/)(\\.eslintrc.*|eslint\\.config\\.\\w+|\\.eslintignore|\\.flake8|mypy\\.ini|\\.mypy\\.ini|ruff\\.toml|\\.ruff\\.toml|\\.pylintrc|pylintrc|tsconfig.*\\.json|pyrightconfig\\.json|\\.golangci\\.\\w+|\\.clang-tidy|clippy\\.toml|\\.clippy\\.toml|\\.stylelintrc.*|\\.prettierignore|biome\\.json.*|\\.bandit|\\.semgrepignore|checkstyle.*\\.xml|spotbugs.*\\.xml|pmd.*\\.xml|\\.shellcheckrc|\\.yamllint.*|\\.hadolint.*|\\.jshintrc|tslint\\.json|detekt\\.yml|deny\\.toml|\\.oxlintrc\\.json|\\.pydocstyle|\\.stylelintignore)$");
  if (matches(path, kSnapshot)) return SettingsKind::snapshot;
  if (matches(path, kCi)) return SettingsKind::ci;
  if (name == "package.json") return SettingsKind::package;
  if (matches(path, kLint)) return SettingsKind::lint;
  if (matches(path, kRunner)) return SettingsKind::runner;
  if (matches(path, kBuild)) return SettingsKind::build;
  if (matches(path, kScript)) return SettingsKind::script;
  return SettingsKind::none;
}

std::vector<AuditFinding> compare_settings(const std::vector<SettingsFile>& files, const Intent& intent, bool program_changed, bool tests_removed) {
  return Settings(files, intent, program_changed, tests_removed).run();
}

}  // namespace baton::audit
