// The tables of readers. Order is precedence: what a row has claimed the rows below it do not see.
#include "analyzers/readers/readers.h"

namespace baton {

const std::vector<JsonReader>& json_readers() {
  static const std::vector<JsonReader> kReaders = {
      {"cargo-json", read_cargo_json},       {"gotest-json", read_gotest_json},       {"sarif", read_sarif},
      {"eslint-json", read_eslint_json},     {"stylelint-json", read_stylelint_json}, {"pylint-json", read_pylint_json},
      {"pyright-json", read_pyright_json},   {"jest-json", read_jest_json},           {"mocha-json", read_mocha_json},
      {"gtest-json", read_gtest_json},       {"gcc-json", read_gcc_json},             {"shellcheck-json", read_shellcheck_json},
      {"rubocop-json", read_rubocop_json},   {"golangci-json", read_golangci_json},   {"ruff-json", read_ruff_json},
      {"php-json", read_php_json},           {"terraform-json", read_terraform_json}, {"govet-json", read_govet_json},
      {"flat-json", read_flat_json},
  };
  return kReaders;
}

const std::vector<XmlReader>& xml_readers() {
  static const std::vector<XmlReader> kReaders = {
      {"junit-xml", "testsuites", read_junit},
      {"junit-xml", "testsuite", read_junit},
      {"checkstyle-xml", "checkstyle", read_checkstyle},
      {"cppcheck-xml", "results", read_cppcheck_xml},
  };
  return kReaders;
}

const std::vector<TextReader>& text_readers() {
  static const std::vector<TextReader> kReaders = {
      {"folders", {"make:", "make[", "gmake:", "gmake[", "ninja: Entering"}, {}, read_folders},
      {"github-workflow-commands", {"::error", "::warning", "::notice", "##vso[task.logissue"}, {}, read_workflow_commands},
      {"tap", {"TAP version ", "1..", "ok ", "not ok "}, {}, read_tap},
      {"pytest-text", {"====", "= ", "no tests ran in "}, {"ed in ", " error in ", " errors in ", " warning in ", " warnings in "}, read_pytest},
      {"ctest-text", {"Test project ", "No tests were found!", "The following tests FAILED:"}, {}, read_ctest},
      {"gtest-text",
       {"[ RUN      ] ", "[==========] ", "[       OK ]", "[  FAILED  ]", "[  SKIPPED ]", "[  PASSED  ]", "[----------]", "YOU HAVE "},
       {},
       read_gtest},
      {"catch2-text", {"All tests passed (", "test cases: ", "No tests ran", "No test cases matched"}, {}, read_catch2},
      {"doctest-text", {"[doctest] "}, {}, read_doctest},
      {"boost-test-text", {"Running ", "*** "}, {": error: in \"", "fatal error: in \""}, read_boost_test},
      {"libtest-text", {"test ", "---- ", "test result: ", "Running ", "Doc-tests "}, {}, read_libtest},
      {"nextest-text", {"PASS [", "FAIL [", "SKIP [", "SIGABRT [", "SIGSEGV [", "TIMEOUT [", "LEAK ["}, {}, read_nextest},
      {"unittest-text", {"FAIL: ", "ERROR: ", "Ran "}, {}, read_unittest},
      {"gotest-text", {"--- FAIL: ", "--- PASS: ", "--- SKIP: ", "ok  \t", "FAIL\t", "?   \t"}, {}, read_gotest},
      {"vitest-text", {"RUN  v", "FAIL  ", "Tests  ", "Test Files  ", "No test files found", "✓ ", "↓ "}, {}, read_vitest},
      {"jest-text", {"FAIL ", "PASS ", "● ", "Tests: ", "Test Suites: ", "No tests found"}, {}, read_jest},
      {"mocha-text", {}, {" passing (", " failing", " pending", "Error: No test files found"}, read_mocha},
      {"node-spec", {"ℹ ", "✖ failing tests:"}, {}, read_node_spec},
      {"ava-text", {"✘ [fail]: ", "✖ [fail]: "}, {" test failed", " tests failed", " test passed", " tests passed"}, read_ava},
      {"phpunit-text", {"There was ", "There were "}, {}, read_phpunit},
      {"rspec-text", {"Failures:"}, {}, read_rspec},
      {"dotnet-test-text", {"Failed "}, {}, read_dotnet_test},
      {"case-lines",
       {"FAILED", "FAIL", "PASS", "OK ", "[FAIL", "[ FAIL", "[PASS", "[ PASS", "[OK]", "[ OK", "(PASS", "(FAIL", "✓ ", "✔ ", "✗ ", "✘ ", "× ", "passed", "failed", "Passed", "Failed"},
       {"... ok", "... OK", "... FAIL", "... PASS", "...ok", "...FAIL", "...PASS", ": PASS", ": FAIL", ":PASS", ":FAIL", "[PASS", "[FAIL", "[OK]", "[ OK ]"},
       read_case_lines},
      {"cmake-text", {"CMake Error", "CMake Warning", "CMake Deprecation"}, {}, read_cmake},
      {"sanitizer", {}, {": runtime error: ", "Sanitizer: ", "Sanitizer:DEADLYSIGNAL"}, read_sanitizers},
      {"valgrind", {"=="}, {}, read_valgrind},
      {"python-traceback", {"Traceback (most recent call last):"}, {}, read_python_traceback},
      {"python-syntax", {"File \"", "E     File \""}, {}, read_python_syntax},
      {"java-stacktrace", {"at "}, {}, read_java_stack},
      {"node-stack", {"at "}, {}, read_node_stack},
      {"go-panic", {"panic: ", "fatal error: "}, {}, read_go_panic},
      {"rust-panic", {"thread '"}, {}, read_rust_panic},
      {"make-text", {}, {": *** "}, read_make},
      {"prettier-check", {"[warn] ", "[error] ", "Checking formatting..."}, {}, read_prettier},
      {"ld-text",
       {},
       {"undefined reference to ", "multiple definition of ", "undefined symbol: ", "cannot find ", "Undefined symbols for architecture", "duplicate symbol", "could not read symbols", "file format not recognized"},
       read_linker},
  };
  return kReaders;
}

}  // namespace baton
