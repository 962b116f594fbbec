#include "analyzers/audit/test_file.h"

#include "analyzers/audit/test_reader.h"

namespace baton::audit {

bool is_test_path(std::string_view path) {
  const auto slash = path.rfind('/');
  const std::string_view name = slash == path.npos ? path : path.substr(slash + 1);
  static const RE2 kPython("^(test_.*|.*_test|tests|conftest)\\.py$"), kJs("\\.(test|spec|cy|e2e)\\.[cm]?[jt]sx?$"), kJsFolder("(^|/)(__tests__|tests?|spec|specs)/.*\\.[cm]?[jt]sx?$"), kGo("_test\\.go$"),
      kJava("(^|/)(src/)?(test|androidTest|integrationTest)/|(Test|Tests|IT|TestCase|Spec)\\.java$"), kRust("\\.rs$"), kCpp("(?i)((^|/)(tests?|unittests?|gtest|spec)/|(^|[_./-])(test|tests|unittest)[_.]|_test|Test)"),
      kPythonFile("\\.py$");
  switch (language_of(path)) {
    case Language::python: return matches(name, kPython);
    case Language::javascript:
    case Language::typescript:
    case Language::tsx: return matches(name, kJs) || matches(path, kJsFolder);
    case Language::go: return matches(name, kGo);
    case Language::java: return matches(path, kJava);
    case Language::rust: return matches(name, kRust) && (path.find("tests/") != path.npos || name == "tests.rs" || name == "test.rs");
    case Language::c:
    case Language::cpp: return matches(path, kCpp);
    default: return false;
  }
}

bool may_hold_tests(std::string_view path) {
  if (is_test_path(path)) return true;
  static const RE2 kFolder("(?i)(^|/)(tests?|testing|specs?|__tests__|testsuite|unittests?)(/|$)");
  const Language language = language_of(path);
  return language == Language::rust || language == Language::cpp || language == Language::c || language == Language::java || matches(path, kFolder);
}

TestFile read_test_file(std::string_view path, std::string_view text) { return TestReader(path, text).run(); }

}  // namespace baton::audit
