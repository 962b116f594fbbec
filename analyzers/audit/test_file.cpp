#include "analyzers/audit/test_file.h"

#include "analyzers/audit/test_reader.h"
#include "analyzers/audit/unread_languages.h"

namespace baton::audit {

bool is_test_path(std::string_view path) {
  const auto slash = path.rfind('/');
  const std::string_view name = slash == path.npos ? path : path.substr(slash + 1);
  static const RE2 kPython("^(test_.*|.*_test|tests|conftest)\\.py$"), kJs("\\.(test|spec|cy|e2e)\\.[cm]?[jt]sx?$"), kJsFolder("(^|/)(__tests__|tests?|spec|specs)/.*\\.[cm]?[jt]sx?$"), kGo("_test\\.go$"),
      kJava("(^|/)(src/)?(test|androidTest|integrationTest)/|((Test|Tests|TestCase|Spec)|[a-z0-9]IT)\\.java$"), kRustFolder("(^|/)tests/"), kRust("^tests?\\.rs$"), kCppFolder("(?i)(^|/)(tests?|unit[_-]?tests?|gtest|spec)/"),
      // A word of the name, and not its letters: "contest.cpp", "latest.h" and "attestation.c" are none.
      kCpp("(?i:(^|[_.-])(tests?|unit-?tests?|gtest|doctest|test(utils?|harness|helpers?|lib|main|runner|support|cases?|suite))[_.-])|Tests?[A-Z0-9_.-]|^tests?[A-Z0-9]");
  switch (language_of(path)) {
    case Language::python: return matches(name, kPython);
    case Language::javascript:
    case Language::typescript:
    case Language::tsx: return matches(name, kJs) || matches(path, kJsFolder);
    case Language::go: return matches(name, kGo);
    case Language::java: return matches(path, kJava);
    case Language::rust: return matches(path, kRustFolder) || matches(name, kRust);
    case Language::c:
    case Language::cpp: return matches(path, kCppFolder) || matches(name, kCpp);
    default: return unread_tests_language(path) != nullptr;
  }
}

bool is_of_tests(std::string_view path) {
  if (is_test_path(path)) return true;
  static const RE2 kFolder("(?i)(^|/)(tests?|testing|specs?|__tests__|testsuite|unittests?|test[_-]?(utils?|helpers?|support|lib|common))(/|$)"),
      kHelper("(?i)(^|/)(conftest|tests?[_-]?(utils?|helpers?|support|lib|common|tools|base)|(spec|testing)[_-]?(utils?|helpers?|support))\\.[a-z]+$");
  return matches(path, kFolder) || matches(path, kHelper);
}

bool may_hold_tests(std::string_view path) {
  const Language language = language_of(path);
  return language == Language::rust || language == Language::cpp || language == Language::c || language == Language::java || is_of_tests(path);
}

TestFile read_test_file(std::string_view path, std::string_view text, AuditedPart part) { return TestReader(path, text, part).run(); }

}  // namespace baton::audit
