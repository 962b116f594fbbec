#include "analyzers/audit/source_lines.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <memory>

#include "analyzers/audit/code_text.h"
#include "analyzers/audit/line_changes.h"
#include "analyzers/audit/pattern.h"
#include "analyzers/audit/test_detection.h"
#include "analyzers/syntax.h"

namespace baton::audit {
namespace {

enum class Where { anywhere, program, tests };

struct SourceRule {
  const char* kind;
  const char* pattern;
  Where where;
  bool escalates;
  const char* message;
};

constexpr auto kRules = std::to_array<SourceRule>({
    {"environment_read",
     "(PYTEST_CURRENT_TEST|PYTEST_VERSION|PYTEST_XDIST|[\"'](pytest|_pytest|unittest|nose|doctest|jest|vitest)[\"']\\s+(not )?in\\s+sys\\.modules|sys\\.modules.*[\"']_?(pytest|unittest|nose)|[\"']_?(pytest|unittest|nose)\\b.*\\bsys\\.modules|\\bsys\\.gettrace\\(|\\bsys\\.flags\\.optimize\\b|\\bnot __debug__\\b|\\bif __debug__ else\\b|\\breturn\\b.*\\b__debug__\\b|JEST_WORKER_ID|VITEST_WORKER_ID|VITEST_POOL_ID|"
     "process\\.env\\.(VITEST|JEST|MOCHA|CI\\b|GITHUB_ACTIONS|TEST\\b)|import\\.meta\\.vitest|NODE_ENV[\"'\\])]*\\s*(===?|!==?)\\s*[\"']test|NODE_TEST_CONTEXT|testing\\.Testing\\(\\)|flag\\.Lookup\\(\"test\\.|HasSuffix\\(os\\.Args\\[0\\],\\s*\"\\.test\"|"
     "cfg!\\(test\\)|RUST_TEST_THREADS|GTEST_(SHARD|OUTPUT|FILTER|TOTAL)|typeof (jest|vi|describe|it|expect|vitest)\\b|globalThis\\.(jest|vi|describe|it|expect)\\b|global\\.(jest|it|describe|expect)\\b|"
     "BATON_\\w+|Class\\.forName\\(\"org\\.junit|surefire\\.|org\\.gradle\\.test|sys\\.argv\\[0\\].*(pytest|test)|(inspect\\.stack|sys\\._getframe|traceback\\.extract_stack|getStackTrace|Error\\(\\)\\.stack).*test|(inspect\\.(stack|currentframe)|sys\\._getframe)\\b.*\\b(co_name|co_filename|function|filename)\\b.*(==|!=|\\bin\\b|startswith|endswith|match|search))",
     Where::program, true, "New code asks whether a test is running"},
    {"environment_read",
     "(?i)((environ(\\.get)?|getenv|env::var(_os)?|LookupEnv|Getenv|System\\.getenv|process\\.env)\\W{1,4}(CI|CONTINUOUS_INTEGRATION|GITHUB_ACTIONS|GITLAB_CI|TRAVIS|CIRCLECI|JENKINS_URL|BUILDKITE|TEAMCITY_VERSION|APPVEYOR|TF_BUILD|TEST|TESTING|UNIT_?TEST\\w*|IS_TEST|RUNNING_TESTS|IN_TEST)\\b)",
     Where::program, true, "New code asks where it runs"},
    {"environment_read",
     "([\"'](CI|CONTINUOUS_INTEGRATION|GITHUB_ACTIONS|GITLAB_CI|BATON_\\w+)[\"']\\s*(\\)\\s*)?(not\\s+)?in\\s+(os\\.environ|environ\\b|process\\.env)|getenv\\(\\)\\.(containsKey|get|getOrDefault)\\(\\s*\"(CI|GITHUB_ACTIONS)\"|option_env!\\(\\s*\"(CI|GITHUB_ACTIONS)\"|"
     "\\{[^}]*\\b(CI|GITHUB_ACTIONS)\\b[^}]*\\}\\s*=\\s*process\\.env)",
     Where::program, true, "New code asks where it runs"},
    {"environment_read",
     "((gethostname\\(\\)|uname\\(\\)(\\.nodename|\\[1\\])|platform\\.node\\(\\)|os\\.hostname\\(\\)|getLocalHost\\(\\)\\.getHostName\\(\\)|[\"']HOSTNAME[\"']\\W{1,4})\\s*(==|!=|===|!==|in\\b|\\.(startswith|startsWith|endswith|endsWith|equals|contains|includes|match))|"
     "(==|!=|===|!==|strcmp\\(|equals\\()\\s*(socket\\.gethostname\\(\\)|os\\.uname\\(\\)\\.nodename|platform\\.node\\(\\)|os\\.hostname\\(\\)|hostname\\b))",
     Where::program, true, "New code asks on which machine it runs"},
    {"environment_read", "(\\.git/baton|(getcwd|cwd\\(\\)|current_dir|Getwd|user\\.dir|\\bHOME\\b|__file__|__dirname).*[\"'][^\"']*\\bbaton\\b)", Where::program, true, "New code asks where it runs"},
    {"environment_read", "(?i)(exists?|isdir|is_?dir\\w*|is_?file|access|stat|existsSync|statSync|Path::new|Path)\\s*\\(\\W*(\\w+[,.]\\s*)*[\"']([^\"']*/)?(\\.git|\\.dockerenv)/?[\"']", Where::program, false, "New code looks for the repository, or the container, that it runs in"},
    {"environment_read", "\\bcfg!?\\((not\\()?debug_assertions\\b|^#\\s*(if|ifdef|ifndef|elif)\\b.*\\bNDEBUG\\b", Where::program, false, "New code is another one when it is built for use"},
    {"environment_read", "^#\\s*(if|ifdef|ifndef|elif)\\b.*\\b(UNIT_?TESTS?|GTEST|TESTING|UNDER_TEST|RUNNING_TESTS?|TEST_BUILD|IN_TEST)\\b", Where::program, true, "New code is another one when it is built for tests"},
    {"environment_read", "(?i)((environ(\\.get)?|getenv|env::var|LookupEnv|Getenv|System\\.getenv|process\\.env)\\W{1,4}(CI|CONTINUOUS_INTEGRATION|GITHUB_ACTIONS|BATON_\\w+)\\b)", Where::tests, false, "A test asks where it runs"},
    {"report_forged",
     "(Ran \\d+ tests? in|test result: ok\\.|=+ \\d+ passed|--- PASS: |# pass \\d|\\[  PASSED  \\]|\\[       OK \\]|TAP version 1[34]|<testsuites?\\b|junit-?xml|_xmlpath|\\bxmlpath\\b)",
     Where::program, true, "New code speaks as a test runner does"},
    {"run_cut_short", "(\\bos\\._exit\\(|atexit\\.register\\(.*(_exit|os\\.)|\\bstd::_Exit\\(\\s*0|\\bstd::quick_exit\\(\\s*0|\\b_exit\\(0\\)|process\\.reallyExit|process\\.on\\(.exit.*exitCode\\s*=\\s*0)", Where::program, true, "New code ends the process that runs it, whatever it was to say"},
    {"equality_bent", "(?i)(def __(eq|req)__\\(.*\\).*:\\s*return True|bool operator==\\(.*return true|boolean equals\\(.*return true|__eq__ = lambda.*True|return True\\s*#.*eq)", Where::anywhere, true, "Everything equals this"},
    {"assertion_redefined", "^#\\s*(define|undef)\\s+(EXPECT_|ASSERT_|CHECK|REQUIRE|BOOST_CHECK|BOOST_REQUIRE|assert\\b|NDEBUG)", Where::tests, true, "An assertion is given another meaning"},
    {"assertion_redefined", "^#\\s*(define|undef)\\s+(assert|NDEBUG)\\b|^#\\s*undef\\s+((EXPECT|ASSERT)_\\w+|CHECK|REQUIRE|BOOST_CHECK\\w*|BOOST_REQUIRE\\w*)\\b", Where::program, true, "An assertion is given another meaning"},
    {"assertion_redefined", "\\b(void|int)\\s+(__assert_fail|__assert_rtn|__assert|_wassert|_assert)\\s*\\([^;]*(\\{.*)?$", Where::program, true, "What a failing assertion calls is another thing"},
    {"assertion_redefined", "(^|\\s)((const|let|var|global\\.|globalThis\\.)\\s*(expect|assert)\\s*=\\s*(async\\b|function\\b|\\(|\\{|\\w+\\s*=>|new Proxy\\b|Object\\.).*(=>|\\{)|function\\s*(expect|assert)\\s*\\(.*\\{)", Where::tests, true, "An assertion is given another meaning"},
    {"assertion_redefined", "((self|cls|unittest\\.TestCase|TestCase|np\\.testing|pytest|expect|assert)\\.(assert\\w+|approx|raises|prototype\\.\\w+|equal|strictEqual|deepEqual|deepStrictEqual|ok|to[A-Z]\\w+))\\s*=\\s*(lambda|\\(|function|async|Mock|MagicMock|vi\\.fn|jest\\.fn)", Where::anywhere, true,
     "An assertion is given another meaning"},
    {"assertion_redefined", "macro_rules!\\s*(assert|assert_eq|assert_ne|debug_assert)\\b", Where::anywhere, true, "An assertion is given another meaning"},
    {"check_muted_whole", "(^\\s*/\\*\\s*eslint-disable\\s*\\*/|@ts-nocheck|#\\s*type:\\s*ignore\\s*$|#\\s*mypy:\\s*ignore-errors|#\\s*(flake8|ruff):\\s*noqa\\s*$|#\\s*pylint:\\s*(skip-file|disable=all)|#!\\[allow\\((warnings|clippy::all|dead_code|unused)|biome-ignore-all|oxlint-disable\\s*\\*/|//nolint:all|#\\s*pyright:\\s*(ignore|basic)|@SuppressWarnings\\(\"all\"\\)|#\\s*pytype:\\s*skip-file)",
     Where::anywhere, true, "A checker is switched off for all that follows"},
    {"check_muted", "(#\\s*noqa|#\\s*type:\\s*ignore|#\\s*pyright:\\s*ignore|#\\s*pylint:\\s*disable|#\\s*nosec|#\\s*mypy:|eslint-disable|tslint:disable|@ts-ignore|@ts-expect-error|biome-ignore|//\\s*nolint|NOLINT|#\\[allow\\(|#!\\[allow\\(|#\\[expect\\(|@SuppressWarnings|noinspection|cppcheck-suppress|#\\s*pragma (GCC|clang) diagnostic ignored|#\\s*pragma warning\\s*\\(\\s*disable|shellcheck disable|@phpstan-ignore|prettier-ignore)",
     Where::anywhere, false, "A checker is told to look away"},
    {"coverage_muted", "(#\\s*pragma:\\s*no (cover|branch)|istanbul ignore|c8 ignore|v8 ignore|LCOV_EXCL|GCOVR_EXCL|coverage\\(off\\)|@Generated\\b|node:coverage (ignore|disable))", Where::anywhere, false, "Coverage is told to look away"},
});

struct Compiled {
  const SourceRule* rule;
  std::unique_ptr<RE2> pattern;
};

// pytest's hooks decide what is collected and what an outcome is.
void audit_hooks(std::string_view path, std::string_view before, std::string_view after, const Intent& intent, std::vector<AuditFinding>& findings) {
  static const RE2 kHook("^def (pytest_(collection_modifyitems|runtest_logreport|fixture_setup|ignore_collect|collect_file|pycollect_makeitem|runtest_makereport|runtest_call|runtest_protocol|runtest_setup|pyfunc_call|sessionfinish|report_teststatus|exception_interact|itemcollected|deselected|assertrepr_compare))"),
      kBends("(skip|deselect|xfail|outcome|passed|exitstatus|items\\[|items\\.(clear|remove|pop)|return True|os\\._exit|longrepr|excinfo|del items|force_result|except)");
  const auto body_at = [](const std::vector<std::string_view>& lines, std::size_t i) {
    std::string body;
    for (std::size_t k = i; k < std::min(lines.size(), i + 30) && (k == i || lines[k].empty() || lines[k][0] == ' ' || lines[k][0] == '\t'); ++k) body += std::string(lines[k]) + "\n";
    return body;
  };
  const auto bends = [&](const std::string& body) { return matches(body.substr(body.find('\n') + 1), kBends); };
  const auto lines = lines_of(after), had = lines_of(before);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::string name;
    if (!RE2::PartialMatch(re2::StringPiece(lines[i].data(), lines[i].size()), kHook, &name)) continue;
    const std::string body = body_at(lines, i);
    if (before.find(body) != before.npos) continue;
    const auto was = std::find_if(had.begin(), had.end(), [&](std::string_view line) { return line.starts_with("def " + name + "("); });
    const bool bent = was != had.end() && bends(body_at(had, static_cast<std::size_t>(was - had.begin())));
    AuditFinding finding;
    finding.path = path;
    finding.line = static_cast<int>(i) + 1;
    finding.kind = "runner_hook";
    finding.escalates = bends(body) && !bent && !intent.explains_switching_off();
    finding.severity = finding.escalates ? Severity::warning : Severity::note;
    finding.message = "\"" + name + "\" decides which tests run, or what counts as passed.";
    for (const std::string_view line : lines_of(std::string_view(body).substr(0, 800))) finding.hunk += "+" + std::string(line) + "\n";
    findings.push_back(std::move(finding));
  }
}

// What is done only where assertions are on, as they are for tests: more than to check and to tell.
bool decides_by_debugging(const std::vector<std::string_view>& lines, int line) {
  static const RE2 kBranch("^(el)?if\\b.*\\b__debug__\\b.*:\\s*$"), kDecides("^(return|yield|break|continue)\\b|^[\\w.\\[\\]]+\\s*([-+*/|&]|//)?=[^=]");
  const auto at = static_cast<std::size_t>(line) - 1;
  if (at >= lines.size() || !matches(trimmed(lines[at]), kBranch)) return false;
  const std::size_t margin = lines[at].find_first_not_of(" \t");
  for (std::size_t i = at + 1; i < std::min(lines.size(), at + 20); ++i) {
    const std::size_t inside = lines[i].find_first_not_of(" \t");
    if (inside == std::string_view::npos) continue;
    if (inside <= margin) break;
    if (matches(trimmed(lines[i]), kDecides)) return true;
  }
  return false;
}

// The modules that are loaded, under another name: `loaded = sys.modules`, `"pytest" in loaded`.
bool asks_for_a_runner(std::string_view line, std::string_view text) {
  static const RE2 kRunner("[\"']_?(pytest|unittest|nose|doctest)[\"'.]"), kLoaded("\\bsys\\.modules\\b|\\bimport modules\\b"), kImports("^(import|from)\\b|importlib|__import__|importorskip");
  return matches(line, kRunner) && !matches(line, kImports) && matches(text, kLoaded);
}

// A build tag takes a Go test out of the usual run.
bool excluded_by_tag(std::string_view line) {
  static const RE2 kTag("^//\\s*\\+build |^//go:build "), kPlatform("^//(go:build|\\s*\\+build)\\s*!?(linux|windows|darwin|unix|cgo|amd64|arm64|race|go1\\.\\d+|purego|js|wasm|[|&! ()])+$");
  return matches(line, kTag) && !matches(line, kPlatform);
}

// When a Go file is built, as `//go:build` has it. `// +build` says the same thing in an older form: blanks are "or", commas "and", lines "and".
std::string build_condition(std::string_view text) {
  std::string older;
  for (const std::string_view line : lines_of(text)) {
    if (line.starts_with("package ")) break;
    static const RE2 kNow("^//go:build (.*)$"), kBefore("^//\\s*\\+build (.*)$");
    std::string found;
    if (RE2::PartialMatch(re2::StringPiece(line.data(), line.size()), kNow, &found)) {
      std::erase_if(found, [](char c) { return c == ' ' || c == '(' || c == ')'; });
      return found;
    }
    if (!RE2::PartialMatch(re2::StringPiece(line.data(), line.size()), kBefore, &found)) continue;
    std::string option;
    for (const char c : std::string(trimmed(found))) {
      if (c == ',') option += "&&";
      else if (c != ' ') option += c;
      else if (!option.ends_with("||")) option += "||";
    }
    older += (older.empty() ? "" : "&&") + option;
  }
  return older;
}

// With the lines that it goes on for.
std::string macro_body(const std::vector<std::string_view>& lines, std::size_t at, const std::string& name) {
  std::string body(lines[at].substr(lines[at].find(name) + name.size()));
  for (std::size_t i = at; i + 1 < lines.size() && trimmed(lines[i]).ends_with('\\') && i < at + 30; ++i) body += std::string(lines[i + 1]) + "\n";
  return body;
}

// A macro that checks, and ended what it was in when that failed: `CHECK(x)` that only prints now.
bool ends_no_more(std::string_view before, const std::vector<std::string_view>& after, int line) {
  static const RE2 kChecks("^\\s*#\\s*define\\s+(\\w*(?i:check|assert|require|expect|verify|must|ensure)\\w*)\\("), kEnds("(?i)\\b(std::)?(abort|_?exit|quick_exit|terminate|throw|return|raise|panic|longjmp)\\b|trap|fail|die|fatal|assert|\\+\\+|\\+=");
  const auto name_at = [](std::string_view text) {
    std::string name;
    RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), kChecks, &name);
    return name;
  };
  const auto at = static_cast<std::size_t>(line) - 1;
  std::size_t first = at;  // of the macro that this line belongs to
  while (first > 0 && trimmed(after[first - 1]).ends_with('\\')) --first;
  const std::string name = name_at(after[first]);
  if (name.empty() || matches(macro_body(after, first, name), kEnds)) return false;
  const auto had = lines_of(before);
  const auto was = std::find_if(had.begin(), had.end(), [&](std::string_view text) { return name_at(text) == name; });
  return was != had.end() && matches(macro_body(had, static_cast<std::size_t>(was - had.begin()), name), kEnds);
}

// A macro of the project's own that says with an assertion what it insists on: a new name for one, and no new meaning.
bool builds_on_an_assertion(std::string_view after, int line) {
  static const RE2 kDefine("^#\\s*define\\s+(\\w+)"), kOfAFramework("^((EXPECT|ASSERT)_(EQ|NE|LT|LE|GT|GE|TRUE|FALSE|STR\\w+|FLOAT_EQ|DOUBLE_EQ|NEAR|\\w*THROW|THAT|CALL|DEATH\\w*|EXIT|PRED\\w*)|(CHECK|REQUIRE)(_(FALSE|EQ|NE|LT|LE|GT|GE|THROWS\\w*|NOTHROW\\w*|THAT|NOFAIL|MESSAGE|UNARY\\w*))?|BOOST_\\w+|assert|NDEBUG)$"),
      kAssertion("\\b(EXPECT_|ASSERT_|CHECK|REQUIRE|BOOST_CHECK|BOOST_REQUIRE|GTEST_|ADD_FAILURE|FAIL\\()");
  const auto lines = lines_of(after);
  std::string name;
  const auto at = static_cast<std::size_t>(line) - 1;
  if (line <= 0 || at >= lines.size() || !RE2::PartialMatch(re2::StringPiece(lines[at].data(), lines[at].size()), kDefine, &name) || matches(name, kOfAFramework)) return false;
  return matches(macro_body(lines, at, name), kAssertion);
}

// The same words muted the whole file before. Others hold for their line, for a module, or up to where a checker is asked again.
bool mutes_already(const RE2& mute, std::string_view line, std::string_view before) {
  static const RE2 kWholeFile("noqa|ts-nocheck|skip-file");
  const auto on_its_own = [](std::string_view one) { return trimmed(one).starts_with("#") || trimmed(one).starts_with("/"); };
  std::string words;
  if (!RE2::PartialMatch(re2::StringPiece(line.data(), line.size()), mute, &words) || !matches(words, kWholeFile)) return false;
  const std::vector<std::string_view> lines = lines_of(before);
  return std::any_of(lines.begin(), lines.end(), [&](std::string_view one) {
    std::string was;
    return RE2::PartialMatch(re2::StringPiece(one.data(), one.size()), mute, &was) && was == words && (on_its_own(one) || !on_its_own(line));
  });
}

}  // namespace

std::vector<AuditFinding> audit_source_lines(std::string_view path, std::string_view before, std::string_view after, bool test_code, const Intent& intent) {
  static const auto rules = [] {
    std::vector<Compiled> all;
    for (const SourceRule& rule : kRules) all.push_back({&rule, std::make_unique<RE2>(rule.pattern)});
    return all;
  }();
  static const RE2 kRunsIt("(?i)(^|/)(scripts?|tools?|ci|\\.github|build|benchmarks?)/|(^|/)(noxfile|tasks|dodo|setup|gulpfile|gruntfile)\\.\\w+$");
  const bool runs_the_runner = matches(path, kRunsIt);
  std::vector<AuditFinding> findings;
  const LineChanges changes = line_changes(before, after);
  const auto add = [&](const ChangedLine& line, const char* kind, bool escalates, std::string message) {
    AuditFinding finding;
    finding.path = path;
    finding.line = line.line;
    finding.kind = kind;
    finding.escalates = escalates;
    finding.severity = escalates ? Severity::warning : Severity::note;
    finding.message = std::move(message);
    finding.hunk = hunk_of({}, {line});
    findings.push_back(std::move(finding));
  };
  const std::vector<std::string_view> after_lines = lines_of(after);
  const Language language = language_of(path);
  const auto told = [&](int line) { return std::any_of(findings.begin(), findings.end(), [&](const AuditFinding& one) { return one.line == line && one.kind == "environment_read"; }); };
  for (const ChangedLine& line : changes.fresh) {
    if (line.text.size() > 1000) continue;
    for (const Compiled& one : rules) {
      if ((one.rule->where == Where::program && test_code) || (one.rule->where == Where::tests && !test_code)) continue;
      if (!matches(line.text, *one.pattern)) continue;
      if (runs_the_runner && std::string_view(one.rule->kind) == "report_forged") continue;
      const bool moved = std::any_of(changes.lost.begin(), changes.lost.end(), [&](const ChangedLine& was) { return matches(was.text, *one.pattern); });
      if (moved || (std::string_view(one.rule->kind) == "assertion_redefined" && builds_on_an_assertion(after, line.line))) break;
      const bool whole = std::string_view(one.rule->kind) == "check_muted_whole";
      const bool comment_line = line.text.starts_with("#") || line.text.starts_with("/") || line.text.starts_with("@Suppress");
      if (whole && !comment_line && line.text.find("ignore") != line.text.npos) {  // of that line alone
        add(line, "check_muted", false, "A checker is told to look away: \"" + std::string(line.text.substr(0, 140)) + "\".");
        break;
      }
      if (std::string_view(one.rule->kind) == "environment_read" && (line.text.starts_with("#  ") || line.text.starts_with("//") || line.text.starts_with("# ") || line.text.starts_with("*"))) break;
      if (whole && mutes_already(*one.pattern, line.text, before)) break;
      const bool explained = whole ? before.empty() || intent.explains_setting("lint eslint tslint pylint ruff flake8 mypy pyright tsc typescript type check warning ignore suppress") : std::string_view(one.rule->kind) == "environment_read" && intent.mentions("environment ci pytest testing detect");
      static const RE2 kRunner("(^|/)(playwright|cypress|wdio|vitest|karma|jest)\\.config\\.\\w+$"), kPace("^(forbidOnly|retries|workers|reporters?|reuseExistingServer)\\s*:");
      const bool new_runner = before.empty() && matches(path, kRunner) && matches(line.text, kPace);  // how fast and how loud a runner is that was not there
      static const RE2 kUnused("#!\\[allow\\((dead_code|unused\\w*)\\)\\]");
      const bool of_helpers = test_code && matches(line.text, kUnused);  // not every program of tests uses all of a module that they share
      add(line, one.rule->kind, one.rule->escalates && !explained && !new_runner && !of_helpers, std::string(one.rule->message) + ": \"" + std::string(line.text.substr(0, 140)) + "\".");
      break;
    }
    const bool python_program = language == Language::python && !test_code;
    if (python_program && decides_by_debugging(after_lines, line.line)) add(line, "environment_read", true, "New code does something else where assertions are on: \"" + std::string(line.text.substr(0, 140)) + "\".");
    else if (python_program && asks_for_a_runner(line.text, after) && !told(line.line)) add(line, "environment_read", true, "New code asks whether a test is running: \"" + std::string(line.text.substr(0, 140)) + "\".");
    if (!test_code && !told(line.line) && !told(line.line - 1) && !line.text.starts_with("//") && !line.text.starts_with("*")) {
      const Detects asks = detects_tests(language, after_lines, static_cast<std::size_t>(line.line) - 1, after);
      const bool explained = intent.mentions("environment ci testing detect");
      if (asks == Detects::tests) add(line, "environment_read", !explained, "New code asks whether a test is running: \"" + std::string(line.text.substr(0, 140)) + "\".");
      else if (asks == Detects::start) add(line, "environment_read", false, "New code asks how it was started: \"" + std::string(line.text.substr(0, 140)) + "\".");
    }
    if ((language == Language::c || language == Language::cpp) && ends_no_more(before, after_lines, line.line)) add(line, "assertion_redefined", true, "A failing check ends nothing any more: \"" + std::string(line.text.substr(0, 140)) + "\".");
    if (path.ends_with("_test.go") && !before.empty() && excluded_by_tag(line.text) && build_condition(before) != build_condition(after)) add(line, "skip_added", !intent.explains_switching_off(), "\"" + std::string(line.text) + "\" takes these tests out of the usual run.");
  }
  if (language_of(path) == Language::python) audit_hooks(path, before, after, intent, findings);
  const auto slash = path.rfind('/');
  const std::string_view name = slash == path.npos ? path : path.substr(slash + 1);
  if ((name == "sitecustomize.py" || name == "usercustomize.py") && !changes.fresh.empty())
    add(changes.fresh.front(), "runner_hook", true, "Python runs this file before anything else, the tests' runner included.");
  return findings;
}

}  // namespace baton::audit
