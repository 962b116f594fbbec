// The base's tests on the new code: what is put back, what runs say of it, and how the audit tells it. The runs are what runners really
// printed, of one small project in each of five frameworks.
#include "orchestrator/base_tests.h"

#include <gtest/gtest.h>

#include "orchestrator/gate_audit.h"
#include "tests/orchestrator/recorded_runs.h"

namespace baton {
namespace {

using enum ChangeKind;

TextOf texts(std::map<std::string, std::string> files) {
  return [files](const std::string& path) {
    const auto found = files.find(path);
    return found == files.end() ? std::optional<std::string>() : std::optional<std::string>(found->second);
  };
}

// --- what is put back

std::string edits(const PutBack& back) {
  std::string text;
  constexpr const char* kFrom[] = {"base", "head", "text", "gone"};
  for (const FileEdit& edit : back.edits) text += (text.empty() ? "" : " ") + edit.path + "=" + kFrom[static_cast<int>(edit.from)] + (edit.of.empty() || edit.of == edit.path ? "" : ":" + edit.of);
  return text + (back.weakens ? " !" : "") + (back.only_tests ? " tests" : "");
}

const std::string kOld = "def test_a():\n    assert a() == 1\n", kNew = "def test_a():\n    assert a() == 2\n";

TEST(PutBack, WhatIsOfTheTestsIsAsTheBaseHasIt) {
  const std::vector<FileChange> program = {{modified, "calc.py", "calc.py"}};
  const auto back = [&](std::vector<FileChange> changes, std::map<std::string, std::string> was, std::map<std::string, std::string> is, std::set<std::string> scripts = {}) {
    changes.insert(changes.begin(), program.begin(), program.end());
    return edits(put_back({changes, texts(std::move(was)), texts(std::move(is)), std::move(scripts)}));
  };
  EXPECT_EQ(back({{modified, "tests/test_a.py", "tests/test_a.py"}}, {{"tests/test_a.py", kOld}}, {{"tests/test_a.py", kNew}}), "tests/test_a.py=base ! tests");
  EXPECT_EQ(back({{deleted, "tests/test_a.py", "tests/test_a.py"}}, {{"tests/test_a.py", kOld}}, {}), "tests/test_a.py=base ! tests");
  EXPECT_EQ(back({{modified, "tests/cases.json", "tests/cases.json"}}, {{"tests/cases.json", "[1, 2]"}}, {{"tests/cases.json", "[1]"}}), "tests/cases.json=base !");
  EXPECT_EQ(back({{modified, "check.sh", "check.sh"}}, {{"check.sh", "a"}}, {{"check.sh", "b"}}), "") << "a program's";
  EXPECT_EQ(back({{modified, "check.sh", "check.sh"}}, {{"check.sh", "a"}}, {{"check.sh", "b"}}, {"check.sh"}), "check.sh=base !");
  EXPECT_EQ(back({{modified, "tests/README.md", "tests/README.md"}}, {{"tests/README.md", "a"}}, {{"tests/README.md", "b"}}), "tests/README.md=base");
  // Moved alone nothing is weaker; with more, the base's name comes back and the new one goes.
  EXPECT_EQ(back({{renamed, "tests/unit/test_a.py", "tests/test_a.py"}}, {{"tests/test_a.py", kOld}}, {{"tests/unit/test_a.py", kOld}}), "tests/test_a.py=base tests/unit/test_a.py=gone tests");
  EXPECT_EQ(back({{renamed, "tests/unit/test_a.py", "tests/test_a.py"}}, {{"tests/test_a.py", kOld}}, {{"tests/unit/test_a.py", kNew}}), "tests/test_a.py=base tests/unit/test_a.py=gone ! tests");
  // What is new is in nobody's way, unless it decides what the others see.
  EXPECT_EQ(back({{added, "tests/test_b.py", "tests/test_b.py"}}, {}, {{"tests/test_b.py", kNew}}), "tests/test_b.py=gone");
  EXPECT_EQ(back({{added, "conftest.py", "conftest.py"}}, {}, {{"conftest.py", "import pytest\n"}}), "conftest.py=gone !");
  for (const std::string alters : {"calc.a = lambda: 2\n", "setattr(calc, 'a', b)\n", "sys.modules['calc'] = fake\n", "mock.patch('calc.a', b).start()\n"})
    EXPECT_EQ(back({{added, "tests/test_b.py", "tests/test_b.py"}}, {}, {{"tests/test_b.py", alters + kNew}}), "tests/test_b.py=gone !") << alters;
  for (const std::string alone : {"CASES = [1]\n", "    calc.a = 1\n", "exports.a = 1;\n", "if calc.a == 1:\n    pass\n"})
    EXPECT_EQ(back({{added, "tests/test_b.py", "tests/test_b.py"}}, {}, {{"tests/test_b.py", kNew + alone}}), "tests/test_b.py=gone") << alone;
  const std::string go = "package calc\n\nfunc TestA(t *testing.T) {\n\tif A() != 1 {\n\t\tt.Fatal()\n\t}\n}\n";
  for (const std::string sets : {"func init() {\n\tfactor = 2\n}\n", "func init() { calc.Factor = 2 }\n", "func TestMain(m *testing.M) {\n\tfactor = 2\n\tos.Exit(m.Run())\n}\n", "var _ = func() bool { factor = 2; return true }()\n",
                                 "func setUp() bool {\n\tfactor = 2\n\treturn true\n}\n\nvar ready = setUp()\n", "func init() {\n\tfactor, mode = 2, 1\n}\n", "func init() {\n\tfactor++\n}\n", "func init() {\n\tf := &factor\n\t*f = 2\n}\n",
                                 "func TestB(t *testing.T) {\n\tfactor = 2\n}\n", "func other() { factor := 1; _ = factor }\n\nfunc init() { factor = 2 }\n"})
    EXPECT_EQ(back({{added, "b_test.go", "b_test.go"}}, {}, {{"b_test.go", go + sets}}), "b_test.go=gone !") << sets;
  for (const std::string alone : {"var update bool\n\nfunc init() {\n\tupdate = false\n}\n", "func TestMain(m *testing.M) {\n\tcode := m.Run()\n\tcode = 1\n\tos.Exit(code)\n}\n", "func near(factor int) int {\n\tfactor = 2\n\treturn factor\n}\n",
                                  "func TestB(t *testing.T) {\n\tfactor := 1\n\tfactor = 2\n\tscan(&factor, &Config{})\n}\n"})
    EXPECT_EQ(back({{added, "b_test.go", "b_test.go"}}, {}, {{"b_test.go", go + alone}}), "b_test.go=gone") << alone;
  EXPECT_EQ(back({{added, "tests/__init__.py", "tests/__init__.py"}}, {}, {{"tests/__init__.py", ""}}), "");
  EXPECT_EQ(back({{added, "tests/__init__.py", "tests/__init__.py"}}, {}, {{"tests/__init__.py", "EPS = 9\n"}}), "tests/__init__.py=gone !");
}

TEST(PutBack, WhatTheBuildListsStays) {
  const std::string was = "TEST(A, B) { EXPECT_EQ(a(), 1); }\n", is = "TEST(A, B) { EXPECT_EQ(a(), 2); }\n";
  const std::map<std::string, std::string> before = {{"tests/a_test.cpp", was}, {"tests/CMakeLists.txt", "add_executable(t a_test.cpp)\n"}},
                                           after = {{"tests/a_test.cpp", is}, {"tests/b_test.cpp", is}, {"tests/z_test.cpp", is}, {"tests/CMakeLists.txt", "add_executable(t a_test.cpp b_test.cpp)\n"}, {"CMakeLists.txt", "add_executable(z tests/z_test.cpp)\n"}};
  const std::vector<FileChange> changes = {{modified, "CMakeLists.txt", "CMakeLists.txt"},     {modified, "src/a.cpp", "src/a.cpp"},          {modified, "tests/CMakeLists.txt", "tests/CMakeLists.txt"},
                                           {modified, "tests/a_test.cpp", "tests/a_test.cpp"}, {added, "tests/b_test.cpp", "tests/b_test.cpp"}, {added, "tests/z_test.cpp", "tests/z_test.cpp"}};
  EXPECT_EQ(edits(put_back({changes, texts(before), texts(after)})), "tests/CMakeLists.txt=base tests/a_test.cpp=base tests/b_test.cpp=gone !");
  // The new name is listed: the base's text lies there.
  const std::vector<FileChange> moved = {{modified, "src/a.cpp", "src/a.cpp"}, {modified, "CMakeLists.txt", "CMakeLists.txt"}, {renamed, "tests/z_test.cpp", "tests/a_test.cpp"}};
  EXPECT_EQ(edits(put_back({moved, texts(before), texts(after)})), "tests/z_test.cpp=base:tests/a_test.cpp ! tests");
  // What does not load stays as the change has it, and so does what is new beside it.
  PutBackInput rest{changes, texts(before), texts(after)};
  rest.as_changed = {"tests/a_test.cpp"};
  EXPECT_EQ(edits(put_back(rest)), "tests/CMakeLists.txt=base !");
}

TEST(PutBack, WhatProgramAndTestsShareStays) {
  const std::vector<FileChange> changes = {{modified, "calc.py", "calc.py"}, {modified, "fixtures/rates.json", "fixtures/rates.json"}, {modified, "tests/exp.txt", "tests/exp.txt"}};
  PutBackInput input{changes, texts({{"fixtures/rates.json", "1"}, {"tests/exp.txt", "1"}}), texts({{"fixtures/rates.json", "2"}, {"tests/exp.txt", "2"}})};
  input.shared = [](const std::string& path) { return path.ends_with("rates.json"); };
  EXPECT_EQ(edits(put_back(input)), "tests/exp.txt=base !");
}

// Names that no one but the base's runners knows, and what its tests rest on among the program.
TEST(PutBack, WhatTheTreeSaysIsOfTheTests) {
  const auto back = [&](std::vector<FileChange> changes, bool supported) {
    PutBackInput input{changes, texts({{"pkg/check_a.py", kOld}, {"pkg/testing.py", "E = 1\n"}}), texts({{"pkg/check_a.py", kNew}, {"pkg/testing.py", "E = 9\n"}, {"pkg/check_b.py", kNew}})};
    input.collects = [](const std::string& path) { return path.find("check_") != path.npos; };
    input.supports = [&](const std::string& path) { return supported && path == "pkg/testing.py"; };
    return edits(put_back(input));
  };
  const FileChange program{modified, "pkg/a.py", "pkg/a.py"}, check{modified, "pkg/check_a.py", "pkg/check_a.py"}, helper{modified, "pkg/testing.py", "pkg/testing.py"}, fresh{added, "pkg/check_b.py", "pkg/check_b.py"};
  EXPECT_EQ(back({program, check}, false), "pkg/check_a.py=base ! tests");
  EXPECT_EQ(back({check}, false), "pkg/check_a.py=base tests") << "the program is what it was";
  EXPECT_EQ(back({program, check, fresh}, false), "pkg/check_a.py=base pkg/check_b.py=gone ! tests");
  EXPECT_EQ(back({program, helper}, true), "pkg/testing.py=base !");
  EXPECT_EQ(back({program, helper}, false), "");
  EXPECT_EQ(back({helper, check}, true), "pkg/check_a.py=base ! tests") << "nothing else changed, so it is what is tested";
  const std::vector<FileChange> both = {program, helper};
  PutBackInput used{both, texts({{"pkg/testing.py", "E = 1\n"}}), texts({{"pkg/testing.py", "E = 9\nNEW = 1\n"}, {"pkg/a.py", "from pkg.testing import NEW\n"}})};
  used.supports = [](const std::string& path) { return path == "pkg/testing.py"; };
  EXPECT_EQ(edits(put_back(used)), "") << "the new code uses it, too";
  PutBackInput imported{both, texts({{"pkg/testing.py", "def same(a, b):\n    assert a == b\n"}}), texts({{"pkg/testing.py", "def same(a, b):\n    quick = 1\n"}, {"pkg/a.py", "import pkg.testing\n"}})};
  imported.supports = used.supports;
  EXPECT_EQ(edits(put_back(imported)), "pkg/testing.py=base !") << "it is imported, and nothing new is asked of it";
  PutBackInput spoken_of{both, texts({{"pkg/testing.py", "E = 1\n"}}), texts({{"pkg/testing.py", "E = 9\n"}, {"pkg/a.py", "# for testing\n"}})};
  spoken_of.supports = used.supports;
  EXPECT_EQ(edits(put_back(spoken_of)), "pkg/testing.py=base !") << "a word is no use";
  const std::vector<FileChange> rust = {{modified, "src/lib.rs", "src/lib.rs"}, {modified, "src/near.rs", "src/near.rs"}};
  PutBackInput module{rust, texts({{"src/lib.rs", "1\n"}, {"src/near.rs", "1\n"}}), texts({{"src/lib.rs", "2\n"}, {"src/near.rs", "2\n"}})};
  EXPECT_EQ(edits(put_back(module)), "");
  module.collects = [](const std::string& path) { return path == "src/near.rs"; };
  EXPECT_EQ(edits(put_back(module)), "src/near.rs=base !") << "a module that is built for tests alone";
}

TEST(PutBack, ExamplesGoIntoTheNewModule) {
  const auto module = [](const std::string& body, const std::string& answer) { return "def f(n):\n    \"\"\"F.\n\n    >>> f(2)\n    " + answer + "\n    \"\"\"\n    return " + body + "\n"; };
  const std::vector<FileChange> changes = {{modified, "calc.py", "calc.py"}};
  const auto back = [&](const std::string& was, const std::string& is, bool run = true) {
    PutBackInput input{changes, texts({{"calc.py", was}}), texts({{"calc.py", is}})};
    input.runs_examples = [run](const std::string&) { return run; };
    return put_back(input);
  };
  const PutBack both = back(module("2 * n", "4"), module("3 * n", "6"));
  EXPECT_EQ(edits(both), "calc.py=text !");
  EXPECT_EQ(both.edits.front().text, module("3 * n", "4"));
  EXPECT_EQ(edits(back(module("2 * n", "4"), module("3 * n", "6"), false)), "") << "they do not run";
  EXPECT_EQ(edits(back(module("2 * n", "4"), module("n + n", "4"))), "");
  EXPECT_FALSE(back(module("2 * n", "4"), module("2 * n", "6")).weakens) << "the program is what it was";
  EXPECT_EQ(edits(back(module("2 * n", "4"), module("n + n", "4\n\n    >>> f(0)\n    0"))), "") << "one more";
}

TEST(PutBack, ExamplesOfRustGoIntoTheNewFile) {
  const auto file = [](const std::string& body, const std::string& answer, const std::string& tests = "") { return "/// F.\n///\n/// ```\n/// assert_eq!(a::f(2), " + answer + ");\n/// ```\npub fn f(n: i32) -> i32 {\n    " + body + "\n}\n" + tests; };
  const auto module = [](const std::string& answer) { return "\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn t() {\n        assert_eq!(super::f(1), " + answer + ");\n    }\n}\n"; };
  const std::vector<FileChange> changes = {{modified, "src/lib.rs", "src/lib.rs"}};
  const auto back = [&](const std::string& was, const std::string& is, bool run = true) {
    PutBackInput input{changes, texts({{"src/lib.rs", was}}), texts({{"src/lib.rs", is}})};
    input.runs_examples = [run](const std::string&) { return run; };
    return put_back(input);
  };
  EXPECT_EQ(edits(back(file("2 * n", "4"), file("3 * n", "6"))), "src/lib.rs=text !");
  EXPECT_EQ(back(file("2 * n", "4"), file("3 * n", "6")).edits.front().text, file("3 * n", "4"));
  EXPECT_EQ(edits(back(file("2 * n", "4"), file("3 * n", "6"), false)), "") << "they do not run";
  EXPECT_EQ(edits(back(file("2 * n", "4"), file("n + n", "4"))), "");
  EXPECT_FALSE(back(file("2 * n", "4"), file("2 * n", "6")).weakens) << "the program is what it was";
  const PutBack both = back(file("2 * n", "4", module("2")), file("3 * n", "6", module("3")));
  EXPECT_EQ(both.edits.front().text, file("3 * n", "4", module("2")));
  EXPECT_FALSE(both.only_tests);
}

TEST(PutBack, SettingsOfARunnerAreTheBases) {
  const std::vector<FileChange> changes = {{modified, "calc.py", "calc.py"}, {modified, "pytest.ini", "pytest.ini"}, {added, "vitest.config.js", "vitest.config.js"}, {modified, "setup.cfg", "setup.cfg"}, {modified, "tox.ini", "tox.ini"}};
  PutBackInput input{changes, texts({{"pytest.ini", "[pytest]\n"}, {"setup.cfg", "[tool:pytest]\na = 1\n"}, {"tox.ini", "[tox]\n"}}), texts({{"pytest.ini", "[pytest]\naddopts = -p fake\n"}, {"vitest.config.js", "export default {}\n"}, {"setup.cfg", "[tool:pytest]\na = 2\n"}, {"tox.ini", "[tox]\nb = 1\n"}})};
  const PutBack back = put_back(input);
  EXPECT_EQ(edits(back), "pytest.ini=base vitest.config.js=gone setup.cfg=text !");
  EXPECT_EQ(back.settings, (std::set<std::string>{"pytest.ini", "setup.cfg", "vitest.config.js"}));
  input.as_changed = back.settings;
  EXPECT_EQ(edits(put_back(input)), "") << "they do not run by them any more";
}

TEST(PutBack, TestsOfRustGoIntoTheNewFile) {
  const auto rust = [](const std::string& body, const std::string& expected) {
    return "pub fn f() -> i32 {\n    " + body + "\n}\n\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn one() {\n        assert_eq!(super::f(), " + expected + ");\n    }\n}\n";
  };
  const std::vector<FileChange> changes = {{modified, "src/lib.rs", "src/lib.rs"}};
  const PutBack back = put_back({changes, texts({{"src/lib.rs", rust("1", "1")}}), texts({{"src/lib.rs", rust("2", "2")}})});
  EXPECT_EQ(edits(back), "src/lib.rs=text ! tests");
  EXPECT_EQ(back.edits.front().text, rust("2", "1"));
  EXPECT_FALSE(put_back({changes, texts({{"src/lib.rs", rust("1", "1")}}), texts({{"src/lib.rs", rust("1", "2")}})}).weakens) << "the program is what it was";
}

TEST(PutBack, NewTestsTakeNothingAway) {
  EXPECT_TRUE(only_adds_tests("tests/test_a.py", kOld, kOld + "\n\n@mark\ndef test_b():\n    assert a() == 3\n"));
  EXPECT_TRUE(only_adds_tests("a_test.go", "package a\n\nfunc TestA(t *testing.T) {\n\tt.Log(1)\n}\n", "package a\n\nfunc TestA(t *testing.T) {\n\tt.Log(1)\n}\n\nfunc TestB(t *testing.T) {\n\tt.Log(2)\n}\n"));
  EXPECT_FALSE(only_adds_tests("tests/test_a.py", kOld, kNew));
  EXPECT_FALSE(only_adds_tests("tests/test_a.py", kOld, "EPS = 5\n\n" + kOld)) << "a constant that the tests may use";
  EXPECT_FALSE(only_adds_tests("tests/test_a.py", kOld, "def test_a():\n    return\n    assert a() == 1\n"));
  EXPECT_FALSE(only_adds_tests("tests/test_a.py", kOld, kOld + "\n\ndef close(a, b):\n    return True\n")) << "no test";
  EXPECT_FALSE(only_adds_tests("tests/cases.json", "[1]", "[1, 2]"));
}

TEST(PutBack, ScriptsThatGatesRunAreTests) {
  Gate own, make;
  own.argv = {"sh", "-e", "run/all.sh"};
  own.cwd = "sub";
  make.argv = {"make", "test"};
  make.scripts = {"Makefile"};
  const std::vector<FileChange> changes = {{modified, "check.sh", "check.sh"}, {modified, "build.sh", "build.sh"}};
  const auto read = [](const std::string& path) { return path == "Makefile" ? std::optional<std::string>("test:\n\tsh build.sh\n\tsh check.sh\n") : std::nullopt; };
  EXPECT_EQ(scripts_of_tests({own, make}, read, changes), (std::set<std::string>{"check.sh", "sub/run/all.sh"}));
  own.argv = {"python3", "checks/all.py"};
  EXPECT_EQ(scripts_of_tests({own}, read, changes), (std::set<std::string>{"sub/checks/all.py"}));
  Gate smoke;
  smoke.scripts = {"Makefile"};
  const auto runs = [](const std::string& path) { return path == "Makefile" ? std::optional<std::string>("test:\n\tsh ci/smoke.sh\n\tsh calc.sh 100 | grep -q 118\n") : std::nullopt; };
  const std::vector<FileChange> shells = {{modified, "ci/smoke.sh", "ci/smoke.sh"}, {modified, "calc.sh", "calc.sh"}};
  EXPECT_EQ(scripts_of_tests({smoke}, runs, shells), (std::set<std::string>{"ci/smoke.sh"})) << "and not the program that the recipe asks";
  own.argv = {"python3", "calc.py", "--self-test"};
  EXPECT_TRUE(scripts_of_tests({own}, read, changes).empty()) << "the program";
}

// --- what the runs say

struct Runs {
  std::vector<Diagnosis> base, head, there;
  std::string log = {};
};

std::string said(const Framework& framework, const Runs& runs, std::set<std::string> gone = {}) {
  const auto tries = [](const std::vector<Diagnosis>& all) {
    Tries some;
    for (const Diagnosis& run : all) some.push_back({run, {}, 1});
    return some;
  };
  const Tries base = tries(runs.base), head = tries(runs.head);
  BaseTestsInput input;
  input.gate = "unit";
  input.base = &base;
  input.head = &head;
  for (const Diagnosis& run : runs.there) input.runs.push_back({run, runs.log});
  input.put_back = {framework.test_file};
  input.by_script = std::string_view(framework.test_file).ends_with(".sh");
  input.gone_names = std::move(gone);
  std::string text;
  for (const FailingBaseTest& test : failing_base_tests(input)) {
    text += (text.empty() ? "" : ", ") + (test.id.empty() ? "the gate" : test.id);
  }
  if (const std::string why = not_judged_because(input); !why.empty()) text += text.empty() ? "not judged" : ", not judged";
  return text;
}

class BaseTestsOf : public testing::TestWithParam<Framework> {};

TEST_P(BaseTestsOf, FailingOnTheNewCode) {
  const Framework framework = GetParam();
  const Outputs run = recorded(framework);
  const Diagnosis &passes = run.at("passes"), &fails = run.at("fails"), &broken = run.at("broken");
  const std::string target = framework.target;
  EXPECT_EQ(said(framework, {{passes}, {passes}, {fails, fails, fails}}), target);
  EXPECT_EQ(said(framework, {{passes}, {run.at("none")}, {fails, fails, fails}}), target) << "the result has it no more";
  EXPECT_EQ(said(framework, {{passes}, {passes}, {fails, passes, fails}}), "") << "it wavers there";
  EXPECT_EQ(said(framework, {{passes, fails}, {passes}, {fails, fails, fails}}), "") << "it wavers on the base";
  EXPECT_EQ(said(framework, {{passes}, {passes, fails}, {fails, fails, fails}}), "") << "it wavers on the result";
  EXPECT_EQ(said(framework, {{fails}, {passes}, {fails, fails, fails}}), "") << "it failed before";
  EXPECT_EQ(said(framework, {{passes}, {fails}, {fails, fails, fails}}), "") << "a regression, told as such";
  EXPECT_EQ(said(framework, {{passes}, {passes}, {passes}}), "");
  EXPECT_EQ(said(framework, {{passes}, {passes}, {broken}}), "not judged") << "what it calls is not there any more";
}

INSTANTIATE_TEST_SUITE_P(Frameworks, BaseTestsOf, testing::ValuesIn(kFrameworks), [](const auto& info) { return std::string(info.param.name); });

// The base ran in the same box: what it could do there, the new code cannot blame on the box.
TEST(BaseTests, WhatTheBaseCouldDoIsNoFaultOfTheEnvironment) {
  const Framework& node = *std::find_if(std::begin(kFrameworks), std::end(kFrameworks), [](const Framework& one) { return std::string_view(one.name) == "node"; });
  const Outputs run = recorded(node);
  const auto failing_with = [&](const std::string& message) {
    Diagnosis there = run.at("fails");
    for (TestCase& test : there.tests->cases) {
      if (test.status == CaseStatus::failed) test.message = message;
    }
    return there;
  };
  const Diagnosis refused = failing_with("Error: connect ECONNREFUSED 127.0.0.1:5432"), full = failing_with("OSError: No space left on device"), outside = failing_with("Error: getaddrinfo ENOTFOUND db.example.com");
  EXPECT_EQ(said(node, {{run.at("passes")}, {run.at("passes")}, {refused, refused, refused}}), node.target);
  EXPECT_EQ(said(node, {{run.at("passes")}, {run.at("passes")}, {full, full, full}}), node.target);
  EXPECT_EQ(said(node, {{run.at("passes")}, {run.at("passes")}, {refused, run.at("passes"), refused}}), "") << "it was of the moment";
  EXPECT_EQ(said(node, {{refused}, {run.at("passes")}, {refused, refused, refused}}), "") << "the base failed the same way";
  EXPECT_EQ(said(node, {{run.at("passes")}, {run.at("passes")}, {outside, outside, outside}}), node.target);
  for (const char* words : {"Error: rates timed out after 5 s", "RuntimeError: rates timed out after 5 s", "Error: timeout of 500ms exceeded", "subprocess.TimeoutExpired: Command 'a' timed out after 5 seconds"}) {
    const Diagnosis late = failing_with(words);
    EXPECT_EQ(said(node, {{run.at("passes")}, {run.at("passes")}, {late, late, late}}), node.target) << words;
  }
  const Diagnosis limit = failing_with("test timed out after 100ms");
  for (const char* words : {"Error: Test timed out in 10000ms.", "Timeout of 2000ms exceeded. For async tests", "Failed: Timeout >10.0s", "thrown: \"Exceeded timeout of 5000 ms for a test.\"", "test timed out after 100ms", "Timeout"}) {
    const Diagnosis late = failing_with(words);
    EXPECT_EQ(said(node, {{run.at("passes")}, {run.at("passes")}, {late, late, late}}), "") << words << ": the runner's own limit";
  }
  const Tries passes = {{run.at("passes"), {}, 1}};
  BaseTestsInput input;
  input.base = input.head = &passes;
  input.runs.push_back({limit});
  ASSERT_EQ(unasked_base_tests(input).size(), 1u) << "it is said that it was not asked";
  EXPECT_EQ(unasked_base_tests(input).front().id, node.target);
}

TEST(BaseTests, WhatDoesNotLoadIsFoundByItsFile) {
  for (const Framework& framework : kFrameworks) {
    const Outputs run = recorded(framework);
    const std::string printed = std::string(framework.name) == "go" ? "./calc_test.go:6:12: undefined: Mul\n" : "";  // which -json has in an event
    EXPECT_EQ(unloadable({run.at("broken"), printed}, {framework.test_file, "tests/other"}), (std::set<std::string>{framework.test_file})) << framework.name;
    EXPECT_TRUE(unloadable({run.at("fails")}, {framework.test_file}).empty()) << framework.name;
  }
}

Diagnosis shell(int exit, const std::string& text) {
  RunOutput output;
  output.text = text;
  output.exit_code = exit;
  output.root = output.cwd = "/w/project";
  output.tests_expected = output.own_script = true;
  return diagnose(output);
}

TEST(BaseTests, AGateThatNamesNoTestsIsOne) {
  const Framework shellish{"shell", "", "tests/run.sh"};
  const Diagnosis fine = shell(0, "ok\n"), wrong = shell(1, "expected 8, got 4\n");
  EXPECT_EQ(said(shellish, {{fine}, {fine}, {wrong, wrong, wrong}}), "the gate");
  EXPECT_EQ(said(shellish, {{fine}, {fine}, {wrong, fine}}), "");
  EXPECT_EQ(said(shellish, {{wrong}, {fine}, {wrong, wrong}}), "");
  const Diagnosis gone = shell(1, "sh: 0: cannot open calc.sh: No such file\n");
  EXPECT_EQ(said(shellish, {{fine}, {fine}, {gone, gone}, "sh: 0: cannot open calc.sh: No such file\n"}, {"calc.sh"}), "") << "the program has another name";
  const Diagnosis named = shell(0, "ok 1 - twice\n1..1\n"), silent = shell(1, "not ok 1 - twice\n1..1\n");
  EXPECT_EQ(said(shellish, {{named}, {named}, {silent, silent}, "not ok 1 - twice\n1..1\n"}, {"calc.sh"}), "twice");
  EXPECT_EQ(said(shellish, {{named}, {named}, {silent, silent}, "sh: 0: cannot open calc.sh: No such file\nnot ok 1 - twice\n1..1\n"}, {"calc.sh"}), "");
  EXPECT_EQ(said(shellish, {{named}, {named}, {wrong, wrong}}), "the gate") << "a script that stops at the first one";
  EXPECT_EQ(said({"node", "", "test/a.test.js"}, {{named}, {named}, {wrong, wrong}}), "not judged");
  const Diagnosis stopped = shell(1, "Traceback (most recent call last):\n  File \"/w/project/tests/run.py\", line 3, in <module>\n    assert twice(4) == 8\nAssertionError\n");
  EXPECT_EQ(said(shellish, {{fine}, {fine}, {stopped, stopped}}), "the gate");
  const Diagnosis renamed_call = shell(1, "Traceback (most recent call last):\n  File \"/w/project/tests/run.py\", line 1, in <module>\n    from calc import twice\nImportError: cannot import name 'twice' from 'calc'\n");
  EXPECT_EQ(said(shellish, {{fine}, {fine}, {renamed_call, renamed_call}}), "not judged");
  const Diagnosis compiles = shell(1, "tests/t.c:3:10: error: too few arguments to function 'twice'\n");
  EXPECT_EQ(said(shellish, {{fine}, {fine}, {compiles, compiles}}), "not judged");
}

// --- how it is told

const std::string kBase = "import calc\n\nEPS = 0.1\n\n\ndef test_a():\n    assert calc.a() == 1\n\n\ndef test_b():\n    assert abs(calc.b() - 3) < EPS\n";
const std::string kHead = "import calc\n\nEPS = 10\n\n\ndef test_a():\n    assert calc.a() == 1\n\n\ndef test_b():\n    assert abs(calc.b() - 3) < EPS\n";

struct Story {
  std::vector<FileChange> changes;
  std::map<std::string, std::string> was, is;
  std::string task;
  std::vector<AuditFinding> audit;
};

// "escalates tests/test_a.py:10 MESSAGE", a line each
std::string told(const Story& story, std::vector<FailingBaseTest> failing, std::vector<FailingBaseTest> unasked = {}) {
  std::vector<FileChange> changes = story.changes;
  changes.insert(changes.begin(), {modified, "calc.py", "calc.py"});
  const PutBack back = put_back({changes, texts(story.was), texts(story.is)});
  std::vector<AuditFinding> audit = story.audit;
  tell_base_tests({failing, unasked, changes, back, texts(story.was), texts(story.is), [](const std::string&) { return false; }, story.task}, audit);
  std::string text;
  for (const AuditFinding& one : audit) {
    EXPECT_TRUE(one.kind != kBaseTestFails || !one.hunk.empty() || story.is.empty()) << one.message;
    text += std::string(one.escalates ? "escalates " : "note ") + one.path + ":" + std::to_string(one.line) + (one.on_base ? " (base) " : " ") + one.message + "\n";
  }
  return text;
}

const FailingBaseTest kB{"tests/test_a.py::test_b", "pytest", "tests/test_a.py", 11, "assert 4 == 3"};

TEST(BaseTestsTold, OnTheLiveLineOfTheTest) {
  const std::vector<FileChange> changed = {{modified, "tests/test_a.py", "tests/test_a.py"}};
  const Story constant{changed, {{"tests/test_a.py", kBase}}, {{"tests/test_a.py", "# note\n" + kHead}}, "", {}};
  EXPECT_EQ(told(constant, {kB}), "escalates tests/test_a.py:11 With tests/test_a.py as the base has it, test_b fails with the new code: assert 4 == 3.\n");
  std::string other = kHead;
  other.replace(other.find("calc.b()"), 8, "calc.b(0)");
  const Story input{changed, {{"tests/test_a.py", kBase}}, {{"tests/test_a.py", other}}, "", {}};
  EXPECT_EQ(told(input, {kB}), "escalates tests/test_a.py:10 As the base has it, test_b fails with the new code: assert 4 == 3.\n");
  const Story removed{changed, {{"tests/test_a.py", kBase}}, {{"tests/test_a.py", kHead.substr(0, kHead.find("def test_b"))}}, "", {}};
  EXPECT_EQ(told(removed, {kB}), "escalates tests/test_a.py:10 (base) As the base has it, test_b fails with the new code: assert 4 == 3.\n");
  const Story helper{{{modified, "tests/near.py", "tests/near.py"}}, {{"tests/test_a.py", kBase}, {"tests/near.py", "E = 1\n"}}, {{"tests/test_a.py", kBase}, {"tests/near.py", "E = 9\n"}}, "", {}};
  EXPECT_EQ(told(helper, {kB}), "escalates tests/test_a.py:10 With tests/near.py as the base has it, test_b fails with the new code: assert 4 == 3.\n");
  const Story beside{{{added, "tests/conftest.py", "tests/conftest.py"}}, {{"tests/test_a.py", kBase}}, {{"tests/test_a.py", kBase}, {"tests/conftest.py", "import calc\ncalc.b = lambda: 3\n"}}, "", {}};
  EXPECT_EQ(told(beside, {kB}), "escalates tests/test_a.py:10 Without tests/conftest.py, test_b fails with the new code: assert 4 == 3.\n");
  const Story script{{{modified, "tests/run.sh", "tests/run.sh"}}, {{"tests/run.sh", "set -e\n./a\n"}}, {{"tests/run.sh", "set -e\ntrue\n"}}, "", {}};
  EXPECT_EQ(told(script, {{"", "unit", "", 0, "exit status 1"}}), "escalates tests/run.sh:2 With tests/run.sh as the base has it, \"unit\" fails with the new code: exit status 1.\n");
  EXPECT_EQ(told(constant, {{"tests/test_a.py::test_b[1]", "pytest", "", 0, "assert 4 == 3"}, {"tests/test_a.py::test_b[2]", "pytest", "", 0, "assert 5 == 3"}}),
            "escalates tests/test_a.py:11 With tests/test_a.py as the base has it, test_b (2 cases) fails with the new code: assert 4 == 3.\n");
}

TEST(BaseTestsTold, WhereTheAuditSpeaksOfTheTestNothingIsSaidTwice) {
  Story story{{{modified, "tests/test_a.py", "tests/test_a.py"}}, {{"tests/test_a.py", kBase}}, {{"tests/test_a.py", kHead}}, "", {}};
  const auto with = [&](AuditFinding finding) {
    story.audit = {std::move(finding)};
    return told(story, {kB});
  };
  const std::string more = " With tests/test_a.py as the base has it, test_b fails with the new code: assert 4 == 3.\n";
  EXPECT_EQ(with({"tests/test_a.py", 11, "assertion_weakened", Severity::warning, "Less.", true}), "escalates tests/test_a.py:11 Less." + more);
  EXPECT_EQ(with({"tests/test_a.py", 11, "expectation_changed", Severity::note, "Another.", false}), "note tests/test_a.py:11 Another." + more) << "what explains the one explains the other";
  EXPECT_EQ(with({"tests/test_a.py", 3, "tolerance_widened", Severity::warning, "Wider.", true}), "escalates tests/test_a.py:3 Wider." + more) << "of no other test";
  EXPECT_EQ(with({"tests/test_a.py", 7, "assertion_weakened", Severity::warning, "Less.", true}), "escalates tests/test_a.py:7 Less.\nescalates tests/test_a.py:10" + more) << "of another test";
  EXPECT_EQ(with({"tests/test_a.py", 11, "check_muted", Severity::note, "Muted.", false}), "escalates tests/test_a.py:10" + more + "note tests/test_a.py:11 Muted.\n") << "that explains nothing";
}

// Nobody knows what was asked for, and the old question cannot be asked: a changed expectation is no note then.
TEST(BaseTestsTold, WhatCannotBeAskedAndExpectsSomethingElse) {
  std::string other = kBase;
  other.replace(other.find("calc.b() - 3"), 12, "calc.b(2) - 9");
  Story story{{{modified, "tests/test_a.py", "tests/test_a.py"}}, {{"tests/test_a.py", kBase}}, {{"tests/test_a.py", other}}, "", {}};
  const FailingBaseTest unasked{"tests/test_a.py::test_b", "pytest", "tests/test_a.py", 11, "TypeError: b() missing 1 required positional argument"};
  const auto with = [&](const char* kind, bool escalates) {
    story.audit = {{"tests/test_a.py", 11, kind, escalates ? Severity::warning : Severity::note, "Another.", escalates}};
    return told(story, {}, {unasked});
  };
  const std::string more = " As the base has it, test_b could not be asked of the new code: TypeError: b() missing 1 required positional argument.\n";
  EXPECT_EQ(with("expectation_changed", false), "escalates tests/test_a.py:11 Another." + more);
  EXPECT_EQ(with("question_changed", false), "note tests/test_a.py:11 Another.\n") << "the same answer, to another question";
  FailingBaseTest offline = unasked;
  offline.words = "socket.gaierror: Name or service not known";
  story.audit = {{"tests/test_a.py", 11, "question_changed", Severity::note, "Another.", false}};
  EXPECT_EQ(told(story, {offline}).substr(0, 9), "escalates") << "the old question fails without the network";
  story.task = "b takes a scale, and gives 9 with 2";
  EXPECT_EQ(with("expectation_changed", false), "note tests/test_a.py:11 Another." + more) << "that was asked for";
  EXPECT_EQ(with("expectation_changed", true), "escalates tests/test_a.py:11 Another." + more);
  story.is = story.was;
  EXPECT_EQ(with("expectation_changed", false), "note tests/test_a.py:11 Another.\n") << "it is as it was";
}

TEST(BaseTestsTold, TheTaskExplainsNewValuesAlone) {
  const auto data = [](const std::string& task) {
    const Story story{{{modified, "tests/exp.txt", "tests/exp.txt"}}, {{"tests/test_a.py", kBase}, {"tests/exp.txt", "total 107\n"}}, {{"tests/test_a.py", kBase}, {"tests/exp.txt", "total 118\n"}}, task, {}};
    return told(story, {kB}).substr(0, 4);
  };
  EXPECT_EQ(data(""), "esca");
  EXPECT_EQ(data("The total of the first order must be 118"), "note");
  EXPECT_EQ(data("The total must be written in full"), "esca") << "it spoke of the total before";
  EXPECT_EQ(data("Refactor the total, same behaviour, still 118"), "esca");
  std::string other = kBase;
  other.replace(other.find("calc.b()"), 8, "calc.b(scale=2)");
  const auto input = [&](const std::string& task) {
    const Story story{{{modified, "tests/test_a.py", "tests/test_a.py"}}, {{"tests/test_a.py", kBase}}, {{"tests/test_a.py", other}}, task, {}};
    return told(story, {kB}).substr(0, 4);
  };
  EXPECT_EQ(input("Give b a scale"), "note");
  EXPECT_EQ(input("Make b round"), "esca");
}

TEST(BaseTestsTold, WhatTestsOfAFileShareIsExplainedByItsOwnWords) {
  const auto told_of = [&](const std::string& shared_was, const std::string& shared_is, const std::string& task) {
    const std::string was = shared_was + "\n" + kBase, is = shared_is + "\n" + kBase;
    const Story story{{{modified, "tests/test_a.py", "tests/test_a.py"}}, {{"tests/test_a.py", was}}, {{"tests/test_a.py", is}}, task, {}};
    return told(story, {kB}).substr(0, 4);
  };
  EXPECT_EQ(told_of("ALL = [p for p in calc.all() if p is not calc.NAME]", "ALL = [p for p in calc.all() if p not in (calc.NAME, calc.MODULE)]", "Add a MODULE to the calculator"), "note");
  EXPECT_EQ(told_of("ALL = [p for p in calc.all() if p is not calc.NAME]", "ALL = [p for p in calc.all() if p not in (calc.NAME, calc.MODULE)]", "Add a colour"), "esca");
  EXPECT_EQ(told_of("def check(got, want):\n    assert got == want", "def check(got, want):\n    pass", "Check what is wanted sooner"), "esca") << "nothing came";
  EXPECT_EQ(told_of("EPS = 0.1", "EPS = 10", ""), "esca");
}

TEST(BaseTestsTold, AnExceptionOfTheTestsGoesWithItsReason) {
  std::string bent = kBase;
  bent.replace(bent.find("    assert abs"), 0, "    if calc.is_negative_balance(): return\n");
  const auto told_of = [&](const std::string& task) {
    const Story story{{{modified, "tests/test_a.py", "tests/test_a.py"}}, {{"tests/test_a.py", bent}}, {{"tests/test_a.py", kBase}}, task, {}};
    return told(story, {kB}).substr(0, 4);
  };
  EXPECT_EQ(told_of("Accept a negative balance as well"), "note");
  EXPECT_EQ(told_of("Make b faster"), "esca");
  EXPECT_EQ(told_of(""), "esca");
}

// A message of an error, in the test and in the program.
TEST(BaseTestsTold, AnErrorThatTheProgramWordsAnewIsNoRegression) {
  struct Case {
    const char *program_was, *program_is, *test_was, *test_is, *told;
    const char* task = "";
  };
  const Case cases[] = {
      {"raise ValueError(\"only '/*' is supported\")", "raise ValueError(\"only '<type>/*' is supported\")", "\"only '/*' is supported\"", "\"only '<type>/*' is supported\"", "note"},
      {"raise ValueError(f\"the port {p} is not free\")", "raise ValueError(f\"the port {p} is taken\")", "'the port 80 is not free'", "'the port 80 is taken'", "note"},
      {"raise ValueError(f\"the port {p} is not free\")", "raise ValueError(f\"the port {p} is taken\")", "'the port 80 is not free'", "'the port 80 is taken'", "esca", "Refactor the ports, same behaviour"},
      {"return f\"the port {p} is not free\"", "return f\"the port {p} is taken\"", "'the port 80 is not free'", "'the port 80 is taken'", "esca"},  // no error: an answer
      {"raise ValueError(f\"the port {p} is not free\")", "raise ValueError(f\"the port {p} is taken\")", "'the port 80 is not free'", "'the port 8 is taken'", "esca"},
      {"raise ValueError(f\"the port {p} is not free\")", "raise ValueError(f\"the port {p} is not free\")  # same", "'the port 80 is not free'", "'the port 80 is taken'", "esca"},
      {"raise ValueError('no more than 10 items')", "raise ValueError('no more than 20 items')", "'no more than 10 items'", "'no more than 20 items'", "esca"},
      {"raise ValueError('busy')", "raise ValueError('free')", "'busy'", "'free'", "esca"},  // a word is a value
  };
  for (const Case& one : cases) {
    const auto with = [&](const char* text) { return std::string(kBase).replace(kBase.find("abs(calc.b() - 3) < EPS"), 23, std::string("calc.b() == ") + text); };
    const Story story{{{modified, "tests/test_a.py", "tests/test_a.py"}}, {{"tests/test_a.py", with(one.test_was)}, {"calc.py", std::string("def b(p):\n    ") + one.program_was + "\n"}},
                      {{"tests/test_a.py", with(one.test_is)}, {"calc.py", std::string("def b(p):\n    ") + one.program_is + "\n"}}, one.task, {}};
    EXPECT_EQ(told(story, {kB}).substr(0, 4), one.told) << one.program_is << " / " << one.test_is;
  }
}

}  // namespace
}  // namespace baton
