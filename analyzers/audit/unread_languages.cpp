#include "analyzers/audit/unread_languages.h"

#include <array>
#include <memory>
#include <vector>

#include "analyzers/audit/pattern.h"

namespace baton::audit {
namespace {

struct Row {
  const char* name;
  const char* suffix;  // of its sources
  const char* tests;
  const char* comment;
  const char* asserts;
  const char* begins;
  const char* skips;
};

constexpr const char* kHash = "^#";
constexpr const char* kSlashes = "^(//|/\\*|\\*)";

// The first row that fits decides.
constexpr auto kRows = std::to_array<Row>({
    {"Shell", "\\.(sh|bash|zsh|ksh|bats)$", "\\.bats$|(^|/)(run|all|check)?[_-]?tests?([_-][\\w.-]+)?\\.(sh|bash|zsh|ksh)$|[\\w-][_-](tests?|spec)\\.(sh|bash|zsh|ksh)$|(^|/)(tests?|specs?|t)/([^/]+/)*[^/]+\\.(sh|bash|zsh|ksh)$", kHash,
     "(^|[\\s;&|(!])(\\[\\[?\\s|(test|cmp|diff|grep|egrep|fgrep|die)\\s|(assert|expect|verify|refute|should|fail)\\w*|(test|check)_\\w+\\s)|\\b(exit|return)\\s+([1-9]|\"?\\$)", "^@test\\s+[\"'](.*)[\"']|^(?:function\\s+)?(test\\w*)\\s*\\(\\)|^test_expect_\\w+\\s+(?:[\\w,]+\\s+)?['\"](.*)|^x?(?:It|Describe)\\s+['\"](.*?)['\"]",
     "(^|[\\s;&|{])(skip|startSkipping|Skip|xIt|xDescribe)(\\s|$)|test_expect_failure|\\bskip_all="},
    {"Ruby", "\\.rb$", "_(spec|test)\\.rb$|(^|/)(test|spec)_[^/]*\\.rb$|(^|/)(tests?|specs?)/([^/]+/)*[^/]+\\.rb$", kHash, "\\b(assert\\w*|refute\\w*|expect|should\\w*|must_\\w+|wont_\\w+|flunk|is_expected)\\b",
     "^x?f?(?:it|specify|test|scenario|example|should|describe|context)\\b\\s*\\(?\\s*[\"'](.*?)[\"']|^def\\s+(test_\\w+)", "(^|\\s|;)(skip|pending|omit|xit|xdescribe|xcontext|xspecify|xscenario|xexample)(\\s|\\(|$)|(,\\s*|:)(skip|pending)\\b(:|\\s*=>|\\s+do\\b|\\s*\\{|$)"},
    {"Kotlin", "\\.kts?$", "(Tests?|TestCase|Spec|IT)\\.kt$|(^|/)(test|androidTest|integrationTest|\\w+Test)/([^/]+/)*[^/]+\\.kt$", kSlashes, "\\b(assert\\w*|expect\\w*|should[A-Z]\\w*|verify|coVerify|fail)\\b",
     "\\bfun\\s+`?([^`(]+)`?\\s*\\(|^x?(?:test|it|describe|context|should)?\\(?\"!?(.*?)\"\\)?", "@(Ignore|Disabled\\w*)\\b|(^|\\s)x(it|test|describe|context|should|given|feature|scenario)\\b|enabled\\s*=\\s*false|assumeTrue\\(\\s*false|^\"!"},
    {"C#", "\\.(cs|fs|vb)$", "(Tests?|Specs?|TestFixture)\\.(cs|fs|vb)$|(^|/)[^/]*(Tests?|Specs?)/([^/]+/)*[^/]+\\.(cs|fs|vb)$|(^|/)tests?/([^/]+/)*[^/]+\\.(cs|fs|vb)$", kSlashes, "\\b(Assert\\w*|Should\\w*|Expect\\w*|Verify\\w*|Throws\\w*|Received\\w*|CollectionAssert|Check)\\b",
     "\\b(?:void|Task|ValueTask|async\\s+\\w+)\\s+(\\w+)\\s*\\(|^(?:let|member)\\s+(?:``)?([^`(]+)", "\\bSkip\\s*=|\\[\\s*(Ignore|Explicit)\\b|\\bAssert\\.(Ignore|Inconclusive|Skip)|\\bSkip\\.(If|Unless)\\b"},
    {"Scala", "\\.scala$", "(Tests?|Specs?|Suite|IT)\\.scala$|(^|/)src/(test|it)/", kSlashes, "\\b(assert\\w*|should\\w*|must\\w*|expect\\w*|intercept|verify|fail|check)\\b|===", "\\b(?:test|it|property|scenario|ignore|feature)\\s*\\(\\s*\"(.*?)\"|\"(.*?)\"\\s+(?:should|in|must|ignore|taggedAs|when|can)\\b",
     "\\bignore\\s*[({]|\\bignore\\s+(should|in|must)|\"\\s+ignore\\b|(^|\\s|\\()pending(\\s|$|\\))|@Ignore\\b|\\bcancel\\(|\\.ignore\\b"},
    {"Swift", "\\.swift$", "(Tests?|Spec)\\.swift$|(^|/)[^/]*Tests?/([^/]+/)*[^/]+\\.swift$", kSlashes, "(XCTAssert|XCTFail|XCTUnwrap|XCTExpect|#expect|#require|\\bexpect\\(|\\bexpectation\\b|\\bassert\\w*\\()", "\\bfunc\\s+(\\w+)|@Test\\s*\\(\\s*\"(.*?)\"|^x?f?(?:it|describe|context)\\(\"(.*?)\"",
     "\\bXCTSkip|\\.disabled\\(|(^|\\s)(xit|xdescribe|xcontext|pending)\\(|\\bfunc\\s+(DISABLED|disabled|skip|_|x|off|no)_?[tT]est"},
    {"PHP", "\\.(php|phpt)$", "(Test|TestCase|Cest|Spec)\\.php$|\\.phpt$|(^|/)tests?/([^/]+/)*[^/]+\\.php$", "^(//|/\\*|\\*|#[^\\[])", "(->|::|\\b)(assert\\w*|expect\\w*|should\\w*|fail)\\s*\\(", "\\bfunction\\s+(\\w+)|^x?(?:it|test|describe)\\(\\s*['\"](.*?)['\"]",
     "markTestSkipped|markTestIncomplete|->(skip|todo|markAsRisky)\\(|@(skip|group\\s+(disabled|skip))\\b|^--SKIPIF--|\\bxit\\("},
    {"Perl", "\\.(t|pl|pm)$", "\\.t$|(^|/)x?t/([^/]+/)*[^/]+\\.(pl|pm)$", kHash, "(^|[\\s;{(])(ok|is|isnt|like|unlike|cmp_ok|is_deeply|isa_ok|can_ok|new_ok|fail|throws_ok|dies_ok|lives_ok|eq_or_diff|use_ok|require_ok|is_string|cmp_deeply|warning_\\w+)\\b\\s*[\\s(\"'$@%\\\\]", "\\bsubtest\\s*\\(?\\s*['\"](.*?)['\"]|^(?:sub|=test)\\s+(\\w+)",
     "\\bskip_all\\b|(^|[\\s;{])(skip|todo_skip)\\b\\s*[\\s(\"']|\\bTODO\\s*:|\\$TODO\\s*=|\\bBAIL_OUT\\b"},
    {"Elixir", "\\.exs?$", "_test\\.exs$|(^|/)test/([^/]+/)*[^/]+\\.exs?$", kHash, "\\b(assert\\w*|refute\\w*|flunk|catch_\\w+)\\b", "^(?:test|describe|property)\\s+\"(.*?)\"", "@(tag|moduletag|describetag)\\s+:?(skip|pending|disabled)\\b"},
    {"Dart", "\\.dart$", "_test\\.dart$|(^|/)test/([^/]+/)*[^/]+\\.dart$", kSlashes, "\\b(expect\\w*|verify\\w*|fail)\\s*\\(", "\\b(?:test|testWidgets|group)\\(\\s*['\"](.*?)['\"]", "\\bskip\\s*:|@Skip\\b|\\bmarkTestSkipped\\("},
    {"Lua", "\\.lua$", "_(spec|test)\\.lua$|(^|/)(test|spec)s?/([^/]+/)*[^/]+\\.lua$", "^--", "\\b(assert\\w*|luaunit\\.\\w+|expect)\\b", "^(?:it|describe|test|context)\\s*\\(?\\s*['\"](.*?)['\"]|^function\\s+([\\w.:]*[tT]est\\w*)", "(^|\\s)(pending|xit|xdescribe)\\s*\\(|\\b(skip|skipIf)\\("},
    {"R", "\\.[rR]$", "(^|/)test[-_.][^/]*\\.[rR]$|(^|/)tests/([^/]+/)*[^/]+\\.[rR]$", kHash, "\\b(expect_\\w+|check\\w+|stopifnot|assert\\w*)\\s*\\(", "\\btest_that\\(\\s*['\"](.*?)['\"]|\\bit\\(\\s*['\"](.*?)['\"]", "\\bskip(_\\w+)?\\("},
    {"Julia", "\\.jl$", "(^|/)test/([^/]+/)*[^/]+\\.jl$", kHash, "@test(_throws|_logs|_nowarn|_broken|_skip)?\\b", "@testset\\s+\"(.*?)\"", "@test_(skip|broken)\\b"},
    {"Groovy", "\\.groovy$", "(Spec|Tests?|IT)\\.groovy$|(^|/)src/(test|integrationTest)/", kSlashes, "\\b(assert\\w*|then:|expect:|thrown|notThrown)|==", "\\b(?:def|void)\\s+[\"'](.*?)[\"']|\\b(?:def|void)\\s+(test\\w*)", "@(Ignore\\w*|PendingFeature|Requires)\\b"},
    {"Clojure", "\\.clj[cs]?$", "_test\\.clj[cs]?$|(^|/)test/([^/]+/)*[^/]+\\.clj[cs]?$", "^;", "\\((is|are|testing|thrown\\?|fact|check)\\s", "\\(deftest\\s+(?:\\^\\S+\\s+)?(\\S+)|\\(testing\\s+\"(.*?)\"", "\\^:?(skip|kaocha/skip|pending)|#_\\s*\\((deftest|is)"},
    {"Haskell", "\\.hs$", "(Spec|Tests?)\\.hs$|(^|/)tests?/([^/]+/)*[^/]+\\.hs$", "^--", "(should\\w+|@\\?=|@=\\?|assert\\w*|===|expectation\\w*|\\bproperty\\b)", "\\b(?:it|describe|prop|testCase|testProperty|context|specify)\\s+\"(.*?)\"", "(^|\\s)(x(it|describe|context|specify|prop)|pending(With)?)\\b|ignoreTest|expectFail"},
    {"Erlang", "\\.[eh]rl$", "_(SUITE|tests?|test)\\.erl$|(^|/)test/([^/]+/)*[^/]+\\.erl$", "^%", "\\?assert\\w*|ct:fail", "^(\\w+_test_?)\\(|^(\\w+)\\(_?\\w*Config\\w*\\)", "\\{skip,|\\bct:skip"},
    {"Objective-C", "\\.mm?$", "Tests?\\.mm?$|(^|/)[^/]*Tests/([^/]+/)*[^/]+\\.mm?$", kSlashes, "\\b(XCTAssert\\w*|XCTFail|expect|OCMVerify\\w*)\\b", "-\\s*\\(void\\)\\s*(test\\w*)", "\\bXCTSkip|-\\s*\\(void\\)\\s*(DISABLED|skip|x|_)_?test"},
    {"PowerShell", "\\.psm?1$", "\\.[tT]ests?\\.ps1$|(^|/)[tT]ests?/([^/]+/)*[^/]+\\.ps1$", kHash, "(?i)\\b(should|assert-\\w+|throw)\\b", "(?i)^(?:it|describe|context)\\s+['\"](.*?)['\"]", "(?i)\\s-(skip|pending)\\b|set-itresult\\b"},
    {"Gherkin", "\\.feature$", "\\.feature$", kHash, "^(Then|And|But)\\b", "^(?:Scenario|Scenario Outline|Example|Feature):\\s*(.*)", "(^|\\s)@(skip|wip|ignore|pending|disabled|manual)\\b"},
    {"Robot Framework", "\\.robot$", "\\.robot$", kHash, "(?i)\\b(should|must|verify|fail)\\b", "^(\\S.*)$", "(?i)(^|\\s)(skip|skip if|pass execution)(\\s|$)|robot:skip"},
    {"Other", "\\.(zig|nim|d|ml|mli|f90|f95|pas|adb|tcl|vhdl?|sv|lisp|rkt|scm|elm|purs|cr|hx|sol|vim|el|awk|sql|cmake|vue|svelte)$",
     "(?i)(^|/)tests?[_-][^/]+\\.(zig|nim|d|ml|f90|f95|pas|adb|tcl|vhdl?|sv|lisp|rkt|scm|cr|hx|vim|el|sql|cmake)$|[_.-](tests?|spec)\\.(zig|nim|d|ml|f90|f95|pas|adb|tcl|vhdl?|sv|lisp|rkt|scm|cr|hx|sol|vim|el|sql|cmake)$|(Test|Spec)\\.(pas|elm|purs|hx)$|\\.t\\.sol$|(^|/)tests?/([^/]+/)*[^/]+\\.(zig|nim|d|ml|f90|f95|pas|adb|tcl|vhdl?|sv|lisp|rkt|scm|cr|sol|vim|el|sql)$",
     "^(#|//|--|;|%|!)", "(?i)\\b(assert\\w*|expect\\w*|should\\w*|check\\w*|verify\\w*|require\\w*|fail\\w*|raise|ensure\\w*|error stop)\\b", "(?i)\\b(?:test|it|describe|suite|proc|function|subroutine)\\s*\\(?\\s*[\"'](.*?)[\"']|(?i)\\b(?:function|procedure|proc|def|sub|subroutine)\\s+(test\\w*)",
     "(?i)\\b(skip|pending|ignore|disabled|xit|error\\.SkipZigTest|testSkip)\\b"},
});

struct Compiled {
  std::unique_ptr<RE2> suffix;
  UnreadLanguage language;
};

const std::vector<std::unique_ptr<Compiled>>& compiled() {
  static const auto all = [] {
    std::vector<std::unique_ptr<Compiled>> found;
    for (const Row& row : kRows) {
      found.push_back(std::unique_ptr<Compiled>(new Compiled{std::make_unique<RE2>(row.suffix), {row.name, std::string_view(row.name) == "Shell", RE2(row.tests), RE2(row.comment), RE2(row.asserts), RE2(row.begins), RE2(row.skips)}}));
    }
    return found;
  }();
  return all;
}

const Compiled* row_of(std::string_view path) {
  for (const auto& one : compiled()) {
    if (matches(path, *one->suffix)) return one.get();
  }
  return nullptr;
}

}  // namespace

const UnreadLanguage* unread_tests_language(std::string_view path) {
  const Compiled* row = row_of(path);
  return row && matches(path, row->language.tests) ? &row->language : nullptr;
}

bool is_unread_source(std::string_view path) { return row_of(path) != nullptr; }

}  // namespace baton::audit
