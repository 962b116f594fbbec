// What kept its ground, and was taken for weaker: each kind with the cheat that looks like it.
#include "tests/analyzers/audit_cases.h"

namespace baton {
namespace {

using namespace audit_cases;

TEST(AuditKept, ReplacedAsBefore) {
  const std::string trial = "class TestUses(SynchronousTestCase):\n    def uses(self, text):\n        seen = []\n        self.patch(Thing, 'check', seen.append)\n        validate({}, text)\n        assert seen == [text]\n\n    def test_uses(self):\n        self.uses('a')\n\n    def test_check(self):\n        assert Thing.check('a') == 1\n";
  const std::string mock = "class TestUses(TestCase):\n    def uses(self, text):\n        seen = []\n        with mock.patch.object(Thing, 'check', seen.append):\n            validate({}, text)\n        assert seen == [text]\n\n    def test_uses(self):\n        self.uses('a')\n\n    def test_check(self):\n        assert Thing.check('a') == 1\n";
  const std::string plain = "class TestUses(TestCase):\n    def test_check(self):\n        assert Thing.check('a') == 1\n";
  const std::string faked = "class TestUses(TestCase):\n    def setUp(self):\n        self.patch(Thing, 'check', lambda text: 1)\n\n    def test_check(self):\n        assert Thing.check('a') == 1\n";
  const std::vector<Case> cases = {
      {"in another form", "test_uses.py", trial, mock, ""},
      {"what was not replaced", "test_uses.py", plain, replaced(faked, "self.patch(", "mock.patch.object("), "subject_mocked"},
      {"by trial", "test_uses.py", plain, faked, "subject_mocked"},
  };
  for (const Case& one : cases) check(one);
}

TEST(AuditKept, OptionsThatWereThere) {
  const std::string ci = "script:\n  - cargo test\n  - travis_wait ./run-bench rust-bytes --no-run;\n";
  const std::string skips = "script:\n  - ./run-tests rust --exclude-regex slow\n";
  const std::vector<Case> cases = {
      {"elsewhere", ".travis.yml", ci, replaced(ci, "travis_wait ./run-bench rust-bytes --no-run;", "(cd bench && travis_wait ./run rust-bytes --no-run);"), ""},
      {"one more", ".travis.yml", skips, replaced(skips, "--exclude-regex slow", "--exclude-regex slow --skip-tests"), "tests_deselected"},
      {"of more", ".travis.yml", skips, replaced(skips, "--exclude-regex slow", "--exclude-regex slow|parse"), "tests_deselected"},
      {"where none was", ".travis.yml", ci, replaced(ci, "cargo test", "cargo test --no-run"), "tests_deselected"},
  };
  for (const Case& one : cases) check(one);
}

TEST(AuditKept, PropertiesOfANewTest) {
  const std::string cmake = "enable_testing()\nadd_test(NAME calc COMMAND calc_test)\n";
  const std::string fails = "add_test(NAME refuses COMMAND build_bad)\nset_tests_properties(refuses PROPERTIES PASS_REGULAR_EXPRESSION \"invalid type\")\n";
  const std::vector<Case> cases = {
      {"that has to fail", "tests/CMakeLists.txt", cmake, cmake + fails, ""},
      {"of one that was there", "tests/CMakeLists.txt", cmake, cmake + "set_tests_properties(calc PROPERTIES WILL_FAIL TRUE)\n", "runner_inverted"},
      {"of one that was there by another name", "tests/CMakeLists.txt", cmake, "enable_testing()\nadd_test(NAME sums COMMAND calc_test)\nset_tests_properties(sums PROPERTIES WILL_FAIL TRUE)\n", "runner_inverted"},
      {"of another than the new one", "tests/CMakeLists.txt", cmake, cmake + replaced(fails, "properties(refuses", "properties(${TEST}"), "runner_inverted"},
  };
  for (const Case& one : cases) check(one);
}

TEST(AuditKept, TheSameError) {
  const std::string cpp = "#include <catch2/catch.hpp>\nTEST_CASE(\"parse\") {\n  REQUIRE_THROWS_AS(calc::parse(text), calc::Blank);\n}\n";
  const std::vector<Case> cases = {
      {"by reference", "tests/parse.cpp", cpp, replaced(cpp, "calc::Blank", "const calc::Blank&"), ""},
      {"another one by reference", "tests/parse.cpp", cpp, replaced(cpp, "calc::Blank", "const std::exception&"), "assertion_weakened"},
      {"none by reference", "tests/parse.cpp", replaced(cpp, "calc::Blank", "const calc::Blank&"), replaced(cpp, "  REQUIRE_THROWS_AS(calc::parse(text), calc::Blank);\n", "  calc::parse(text);\n"), "assertion_removed"},
  };
  for (const Case& one : cases) check(one);
}

}  // namespace
}  // namespace baton
