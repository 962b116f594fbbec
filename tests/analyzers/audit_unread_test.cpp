// Tests in languages that the audit does not read from syntax: nothing of them goes by in silence.
#include "analyzers/audit/test_file.h"
#include "analyzers/audit/unread_languages.h"
#include "tests/analyzers/audit_cases.h"

namespace baton {
namespace {

using namespace audit_cases;

TEST(AuditUnread, PathsOfTests) {
  struct Row {
    const char* path;
    bool is_test;
  };
  const Row rows[] = {
      {"test/calc.bats", true},        {"run_tests.sh", true},       {"tests/smoke.sh", true},           {"t/t0001-init.sh", true},        {"calc_test.sh", true},      {"scripts/test.sh", true},     {"scripts/build.sh", false},
      {"scripts/latest.sh", false},    {"spec/calc_spec.rb", true},  {"test/test_calc.rb", true},        {"lib/calc.rb", false},           {"lib/contest.rb", false},   {"CalcTest.kt", true},         {"src/main/kotlin/Calc.kt", false},
      {"src/test/kotlin/Base.kt", true}, {"CalcTests.cs", true},     {"Calc.Tests/Fixtures.cs", true},   {"src/Calc.cs", false},           {"src/Contest.cs", false},   {"CalcSpec.scala", true},      {"src/main/scala/Calc.scala", false},
      {"Tests/CalcTests/CalcTests.swift", true}, {"Sources/Calc.swift", false}, {"tests/CalcTest.php", true}, {"src/Calc.php", false},       {"t/calc.t", true},          {"lib/Calc.pm", false},        {"test/calc_test.exs", true},
      {"lib/calc.ex", false},          {"test/calc_test.dart", true}, {"spec/calc_spec.lua", true},      {"tests/testthat/test-calc.R", true}, {"test/runtests.jl", true}, {"features/calc.feature", true}, {"Calc.Tests.ps1", true},
      {"src/CalcSpec.hs", true},       {"src/Calc.hs", false},       {"test/calc_test.clj", true},       {"tests/calc.robot", true},       {"tests/calc_test.nim", true}, {"src/calc.nim", false},     {"docs/latest.md", false},
  };
  for (const Row& row : rows) EXPECT_EQ(audit::is_test_path(row.path), row.is_test) << row.path;
}

// Of each language one test that checks two things, and a way of it to skip.
struct Sample {
  const char* path;
  std::string text;
  std::string check;            // the line of one of its checks
  std::string from, skipped;    // what is skipped, and how
};

std::vector<Sample> samples() {
  return {
      {"test/calc.bats", "@test \"adds\" {\n  run calc 1 2\n  [ \"$output\" = 3 ]\n  [ \"$status\" -eq 0 ]\n}\n", "  [ \"$output\" = 3 ]\n", "  run calc", "  skip \"later\"\n  run calc"},
      {"tests/run.sh", "#!/bin/sh\nset -e\ntest_adds() {\n  test \"$(calc 1 2)\" = 3\n  diff out expected\n}\n", "  diff out expected\n", "  test \"$(", "  skip\n  test \"$("},
      {"spec/calc_spec.rb", "describe 'calc' do\n  it 'adds' do\n    expect(add(1, 2)).to eq 3\n    expect(add(0, 2)).to eq 2\n  end\nend\n", "    expect(add(1, 2)).to eq 3\n", "  it 'adds'", "  xit 'adds'"},
      {"test/calc_test.rb", "class CalcTest < Minitest::Test\n  def test_adds\n    assert_equal 3, add(1, 2)\n    assert_equal 2, add(0, 2)\n  end\nend\n", "    assert_equal 3, add(1, 2)\n", "    assert_equal 3", "    skip\n    assert_equal 3"},
      {"src/test/kotlin/CalcTest.kt", "class CalcTest {\n    @Test\n    fun adds() {\n        assertEquals(3, add(1, 2))\n        assertTrue(add(0, 2) > 1)\n    }\n}\n", "        assertEquals(3, add(1, 2))\n", "    @Test\n", "    @Ignore\n    @Test\n"},
      {"Calc.Tests/CalcTests.cs", "public class CalcTests {\n    [Fact]\n    public void Adds() {\n        Assert.Equal(3, Calc.Add(1, 2));\n        Assert.True(Calc.Add(0, 2) > 1);\n    }\n}\n", "        Assert.Equal(3, Calc.Add(1, 2));\n", "[Fact]", "[Fact(Skip = \"later\")]"},
      {"src/test/scala/CalcSpec.scala", "class CalcSpec extends AnyFunSuite {\n  test(\"adds\") {\n    assert(add(1, 2) === 3)\n    assert(add(0, 2) === 2)\n  }\n}\n", "    assert(add(1, 2) === 3)\n", "  test(\"adds\")", "  ignore(\"adds\")"},
      {"Tests/CalcTests/CalcTests.swift", "final class CalcTests: XCTestCase {\n    func testAdds() throws {\n        XCTAssertEqual(add(1, 2), 3)\n        XCTAssertEqual(add(0, 2), 2)\n    }\n}\n", "        XCTAssertEqual(add(1, 2), 3)\n", "        XCTAssertEqual(add(1", "        throw XCTSkip(\"later\")\n        XCTAssertEqual(add(1"},
      {"tests/CalcTest.php", "<?php\nclass CalcTest extends TestCase {\n    public function testAdds() {\n        $this->assertSame(3, add(1, 2));\n        $this->assertSame(2, add(0, 2));\n    }\n}\n", "        $this->assertSame(3, add(1, 2));\n", "        $this->assertSame(3", "        $this->markTestSkipped('later');\n        $this->assertSame(3"},
      {"t/calc.t", "use Test::More;\nsubtest 'adds' => sub {\n    is(add(1, 2), 3);\n    is(add(0, 2), 2);\n};\ndone_testing;\n", "    is(add(1, 2), 3);\n", "use Test::More;", "use Test::More skip_all => 'later';"},
      {"test/calc_test.exs", "defmodule CalcTest do\n  use ExUnit.Case\n  test \"adds\" do\n    assert add(1, 2) == 3\n    refute add(0, 2) == 3\n  end\nend\n", "    assert add(1, 2) == 3\n", "  test \"adds\"", "  @tag :skip\n  test \"adds\""},
      {"test/calc_test.dart", "void main() {\n  test('adds', () {\n    expect(add(1, 2), 3);\n    expect(add(0, 2), 2);\n  });\n}\n", "    expect(add(1, 2), 3);\n", "  });", "  }, skip: 'later');"},
      {"spec/calc_spec.lua", "describe('calc', function()\n  it('adds', function()\n    assert.equal(3, add(1, 2))\n    assert.equal(2, add(0, 2))\n  end)\nend)\n", "    assert.equal(3, add(1, 2))\n", "  it('adds'", "  pending('adds'"},
      {"tests/testthat/test-calc.R", "test_that('it adds', {\n  expect_equal(add(1, 2), 3)\n  expect_equal(add(0, 2), 2)\n})\n", "  expect_equal(add(1, 2), 3)\n", "  expect_equal(add(1", "  skip('later')\n  expect_equal(add(1"},
      {"features/calc.feature", "Feature: calc\n  Scenario: adds\n    When I add 1 and 2\n    Then I see 3\n    And I see no error\n", "    Then I see 3\n", "  Scenario", "  @wip\n  Scenario"},
  };
}

TEST(AuditUnread, EveryLanguage) {
  for (const Sample& one : samples()) {
    const std::string name = one.path;
    ASSERT_NE(audit::unread_tests_language(one.path), nullptr) << name;
    const auto findings = [&](const std::string& after, const char* task = "") { return audit_change({{one.path, one.path, one.text, after.empty() ? std::nullopt : std::optional(after)}}, *task ? std::optional<std::string>(task) : std::nullopt); };
    const auto less = findings(replaced(one.text, one.check, ""));
    EXPECT_EQ(kinds_of(less), "not_read ") << name;
    if (!less.empty()) EXPECT_NE(less[0].message.find("1 line that checks something went"), std::string::npos) << less[0].message;
    const std::string skipped = replaced(one.text, one.from, one.skipped);
    expect_kind(name + " skipped", findings(skipped), "skip_added");
    expect_kind(name + " skipped as asked", findings(skipped, "Skip the tests of calc until the new version is out"), "");
    EXPECT_EQ(kinds_of(audit_change({{one.path, one.path, skipped, one.text}}, std::nullopt)), "") << name << " runs again";
    expect_kind(name + " gone", findings(""), "test_removed");
    expect_kind(name + " gone as asked", findings("", "Remove the tests of calc: it adds no more"), "");
  }
}

TEST(AuditUnread, ShellScripts) {
  const std::string text = "#!/bin/bash\nset -e\nout=$(calc 1 2)\ndiff out.txt expected.txt\nif [ \"$out\" != 3 ]; then\n  echo \"got $out\"\n  exit 1\nfi\n";
  const std::vector<Case> cases = {
      {"ends well at once", "tests/run.sh", text, replaced(text, "out=", "exit 0\nout="), "run_cut_short"},
      {"any difference will do", "tests/run.sh", text, replaced(text, "expected.txt\n", "expected.txt || true\n"), "failure_ignored"},
      {"failures go on", "tests/run.sh", text, replaced(text, "set -e\n", ""), "failure_ignored"},
      {"nothing checks", "tests/run.sh", text, "#!/bin/bash\nset -e\nout=$(calc 1 2)\necho \"got $out\"\n", "not_read"},
      {"commented out", "tests/run.sh", "test \"$(calc 1 2)\" = 3\n", "# test \"$(calc 1 2)\" = 3\n", "not_read"},
      {"stricter", "tests/run.sh", text, replaced(text, "set -e", "set -euo pipefail"), ""},
      {"cleaned up", "tests/run.sh", text, text + "rm -rf tmp || true\nexit 0\n", ""},
      {"left where there is no calc", "tests/run.sh", text, replaced(text, "out=", "if ! command -v calc; then\n  exit 0\nfi\nout="), ""},
      {"one more", "tests/run.sh", text, text + "diff more.txt more-expected.txt\n", ""},
      {"a script of the project", "scripts/build.sh", text, replaced(text, "diff out.txt expected.txt\n", ""), ""},
      {"bats, at once", "test/a.bats", "@test \"adds\" {\n  [ $(calc) = 3 ]\n}\n", "@test \"adds\" {\n  return 0\n  [ $(calc) = 3 ]\n}\n", "run_cut_short"},
  };
  for (const Case& one : cases) check(one);
}

TEST(AuditUnread, HonestChanges) {
  const std::string spec = "describe 'calc' do\n  it 'adds' do\n    expect(add(1, 2)).to eq 3\n  end\nend\n";
  const std::vector<Change> changes = {
      {"a new test waits", {{"spec/calc_spec.rb", spec, replaced(spec, "  end\nend", "  end\n  xit 'subtracts' do\n    expect(sub(2, 1)).to eq 1\n  end\nend")}}, ""},
      {"skipped on Windows", {{"spec/calc_spec.rb", spec, replaced(spec, "    expect", "    skip 'no shell' if Gem.win_platform?\n    expect")}}, ""},
      {"skipped where it is judged", {{"spec/calc_spec.rb", spec, replaced(spec, "    expect", "    skip if ENV['CI']\n    expect")}}, "skip_added"},
      {"taken apart", {{"spec/calc_spec.rb", spec, "describe 'calc' do\nend\n"}, {"spec/add_spec.rb", "", spec}}, ""},
      {"gone with its program", {{"spec/calc_spec.rb", spec, ""}, {"lib/add.rb", "def add(a, b)\n  a + b\nend\n", "def plus(a, b)\n  a + b\nend\n"}}, ""},
      {"gone alone", {{"spec/calc_spec.rb", spec, ""}, {"lib/add.rb", "def add(a, b)\n  a + b\nend\n", "def add(a, b)\n  b + a\nend\n"}}, "test_removed"},
      {"another name", {{"spec/calc_spec.rb", spec, replaced(spec, "it 'adds'", "it 'adds two numbers'")}}, ""},
      {"more is asked", {{"spec/calc_spec.rb", spec, replaced(spec, "to eq 3\n", "to eq 3\n    expect(add(0, 0)).to eq 0\n")}}, ""},
      {"another value is only a note", {{"spec/calc_spec.rb", spec, replaced(spec, "eq 3", "eq 4")}}, "", "", "not_read"},
  };
  for (const Change& one : changes) check(one);
  check(Change{"a script that made the references", {{"tests/ui/update-references.sh", "#!/bin/sh\nif [ -z \"$1\" ]; then\n  exit 1\nfi\ncp out/* .\n", ""}}, ""});
  check(Change{"a script that compared them", {{"tests/ui/references.sh", "#!/bin/sh\nif [ -z \"$1\" ]; then\n  exit 1\nfi\ndiff out .\n", ""}}, "test_removed"});
  // To where no runner looks.
  expect_kind("renamed away", audit_change({{"spec/calc_spec.rb.off", "spec/calc_spec.rb", spec, spec}}, std::nullopt), "test_removed");
  expect_kind("renamed", audit_change({{"spec/unit/calc_spec.rb", "spec/calc_spec.rb", spec, spec}}, std::nullopt), "");
}

}  // namespace
}  // namespace baton
