// Quick verdicts: what is selected, and whole ones on the build that a clean verification left.
#include "orchestrator/quick_selection.h"
#include "orchestrator/verifier.h"
#include "tests/orchestrator/workshop.h"

namespace baton {
namespace {

Gate gate_of(const std::string& parser, std::vector<std::string> argv, std::vector<std::string> select = {}) {
  Gate gate;
  gate.name = "check";
  gate.parser = parser;
  gate.argv = std::move(argv);
  gate.select_argv = std::move(select);
  return gate;
}

std::string selected(const Gate& gate, const std::vector<FileChange>& changes, const std::vector<std::string>& failed = {}) {
  std::string text;
  for (const QuickRun& run : quick_runs(gate, changes, failed)) {
    for (const std::string& part : run.gate.argv) text += part + " ";
    text += run.enough ? "| " : "? ";
  }
  return text;
}

FileChange changed(const std::string& path, ChangeKind kind = ChangeKind::modified) {
  FileChange change;
  change.kind = kind;
  change.path = path;
  return change;
}

TEST(QuickSelection, IsWhatTheRunnerKnowsToBeEnough) {
  const Gate pytest = gate_of("pytest", {"pytest"}, {"pytest", "{tests}"});
  EXPECT_EQ(selected(pytest, {changed("tests/test_a.py")}), "pytest tests/test_a.py | ");
  EXPECT_EQ(selected(pytest, {changed("tests/test_a.py"), changed("a.py")}), "");
  EXPECT_EQ(selected(pytest, {changed("tests/test_a.py", ChangeKind::deleted)}), "");
  EXPECT_EQ(selected(pytest, {changed("tests/conftest.py")}), "");
  EXPECT_EQ(selected(pytest, {}), "");
  EXPECT_EQ(selected(pytest, {changed("a.py")}, {"tests/test_a.py::test_x"}), "pytest tests/test_a.py::test_x ? ");

  const Gate jest = gate_of("jest", {"npx", "jest", "--json"});
  EXPECT_EQ(selected(jest, {changed("src/a.ts")}), "npx jest --json --findRelatedTests src/a.ts | ");
  EXPECT_EQ(selected(jest, {changed("jest.setup.ts")}), "");
  EXPECT_EQ(selected(jest, {changed("data.json")}), "");
  EXPECT_EQ(selected(jest, {changed("-e.js")}), "");

  const Gate vitest = gate_of("vitest", {"npx", "vitest", "run", "--reporter=json"});
  EXPECT_EQ(selected(vitest, {changed("src/a.ts")}), "npx vitest related --reporter=json --run src/a.ts | ");
  EXPECT_EQ(selected(vitest, {changed("vite.config.ts")}), "");
  Gate below = vitest;
  below.cwd = "web";
  EXPECT_EQ(selected(below, {changed("web/a.ts")}), "npx vitest related --reporter=json --run a.ts | ");
  EXPECT_EQ(selected(below, {changed("api/a.ts")}), "");

  const Gate cargo = gate_of("cargo", {"cargo", "test"});
  EXPECT_EQ(selected(cargo, {changed("tests/round.rs")}), "cargo test --test round | ");
  EXPECT_EQ(selected(cargo, {changed("src/lib.rs")}), "");
  EXPECT_EQ(selected(gate_of("ctest", {"ctest"}), {changed("a.cpp")}), "");
}

class QuickTest : public Workshop {
 protected:
  VerifyReport judge(bool quick) {
    VerifyRequest asked = request();
    asked.quick = quick;
    return judged(asked);
  }
};

// The build notes what it had to make; the test fails when what was made is not of the sources.
constexpr const char* kBuild = R"(mkdir -p out
for f in *.src; do
  if [ ! -e out/$f ] || [ $f -nt out/$f ]; then cp $f out/$f; echo "made $f"; fi
done
)";
constexpr const char* kCheck = R"(echo "TAP version 13"; n=0; status=0
for f in *.src; do
  n=$((n+1))
  if grep -q good out/$f; then echo "ok $n - $f"; else echo "not ok $n - $f"; status=1; fi
done
echo "1..$n"; exit $status
)";
constexpr const char* kGates = R"({"gates": [
  {"name": "build", "kind": "build", "command": ["sh", "build.sh"]},
  {"name": "check", "kind": "test", "command": ["sh", "check.sh"], "needs": ["build"]},
  {"name": "style", "kind": "lint", "command": ["true"]}]})";

TEST_F(QuickTest, GoesOnFromTheBuildThatTheCleanVerificationLeft) {
  commit({{".baton/config.json", kGates}, {"build.sh", kBuild}, {"check.sh", kCheck}, {"a.src", "good"}, {"b.src", "good"},
          {".gitignore", "out/\n"}});
  write({{"a.src", "good too"}});
  const VerifyReport clean = judge(false);
  EXPECT_EQ(to_string(clean.verdict), "no_regression");
  EXPECT_FALSE(clean.provisional);
  const auto log_of = [](const VerifyReport& report) { return *read_file(report.gates.at(0).head->log); };
  EXPECT_EQ(log_of(clean), "made a.src\nmade b.src\n");

  write({{"b.src", "bad"}});
  const VerifyReport quick = judge(true);
  EXPECT_TRUE(quick.provisional);
  EXPECT_EQ(to_string(quick.verdict), "rejected");
  ASSERT_EQ(quick.gates.size(), 2u) << "set-up, build and tests alone";
  EXPECT_EQ(log_of(quick), "made b.src\n");
  EXPECT_EQ(quick.tests.at(0).id, "b.src");
  EXPECT_EQ(to_string(quick.tests.at(0).status), "regression");

  write({{"b.src", "good again"}});
  const VerifyReport mended = judge(true);
  EXPECT_EQ(to_string(mended.verdict), "no_regression");
  EXPECT_TRUE(mended.provisional);
  EXPECT_EQ(log_of(mended), "made b.src\n");

  // Nothing of it serves as evidence: the clean verification runs all of it.
  const VerifyReport after = judge(false);
  EXPECT_FALSE(after.provisional);
  EXPECT_FALSE(after.cached);
  EXPECT_EQ(log_of(after), "made a.src\nmade b.src\n");
  EXPECT_FALSE(after.gates.at(1).head->cached);
}

TEST(QuickOrder, LeavesOutABuildThatTheTestsDoThemselves) {
  const auto gates_of = [](bool builds_itself) {
    VerificationOrder order;
    const std::vector<std::pair<std::string, GateKind>> all = {{"fetch", GateKind::setup}, {"build", GateKind::build}, {"tests", GateKind::test}};
    for (const auto& [name, kind] : all) {
      Gate gate;
      gate.name = name;
      gate.kind = kind;
      if (kind != GateKind::setup) gate.needs = {"fetch"};
      if (kind == GateKind::test) gate.needs.emplace_back("build");
      gate.builds_itself = kind == GateKind::test && builds_itself;
      order.plan.gates.push_back({gate, gate, {}});
    }
    std::string names;
    for (const PlannedGate& planned : quick_order(std::move(order)).plan.gates) names += planned.gate().name + " ";
    return names;
  };
  EXPECT_EQ(gates_of(false), "fetch build tests ");
  EXPECT_EQ(gates_of(true), "fetch tests ");
}

TEST_F(QuickTest, IsNeverCalledVerifiedAndSaysSo) {
  commit({{".baton/config.json", kGates}, {"build.sh", kBuild}, {"check.sh", kCheck}, {"a.src", "good"}});
  write({{"b.src", "good"}});
  VerifyRequest asked = request();
  asked.quick = true;
  asked.criteria = {"b.src passes"};
  const VerifyReport report = judged(asked);
  EXPECT_EQ(to_string(report.verdict), "no_regression");
  EXPECT_NE(report.cause.find("provisional"), std::string::npos) << report.cause;
}

// What stands beside leftovers of earlier runs may have been made with their help.
TEST_F(QuickTest, WhatItInstalledServesNoCleanVerification) {
  if (!find_program("npm", get(current_environment(), "PATH").value_or(""))) GTEST_SKIP() << "npm is not installed";
  const auto package = [](const std::string& dependencies) { return R"({"name":"n","version":"1.0.0","scripts":{"test":"node --test"},"dependencies":{)" + dependencies + "}}"; };
  const auto is_cached = [](const VerifyReport& report) { return report.gates.at(0).head->cached; };
  commit({{"package.json", package(R"("one":"file:./one")")}, {"one/package.json", R"({"name":"one","version":"1.0.0"})"}, {"two/package.json", R"({"name":"two","version":"1.0.0"})"},
          {"a.test.js", "require('node:test')('a', () => require('one/package.json'));\n"}, {".gitignore", "node_modules/\n"}});
  write({{"a.js", "1\n"}});
  const VerifyReport first = judge(false);
  ASSERT_EQ(to_string(first.verdict), "no_regression") << first.cause;
  ASSERT_EQ(first.gates.at(0).kind, GateKind::setup);

  write({{"package.json", package(R"("one":"file:./one","two":"file:./two")")}});
  const VerifyReport quick = judge(true);
  EXPECT_TRUE(quick.provisional && !is_cached(quick));
  write({{"a.js", "2\n"}});
  EXPECT_TRUE(is_cached(judge(true))) << "the next quick one is given it";
  const VerifyReport clean = judge(false);
  EXPECT_EQ(to_string(clean.verdict), "no_regression") << clean.cause;
  EXPECT_FALSE(is_cached(clean));
  write({{"a.js", "3\n"}});
  EXPECT_TRUE(is_cached(judge(true))) << "and what was installed cleanly goes before it";
}

TEST_F(QuickTest, ComesFirstWhereABuildIsKept) {
  commit({{".baton/config.json", kGates}, {"build.sh", kBuild}, {"check.sh", kCheck}, {"a.src", "good"}});
  std::vector<std::string> told;
  const ProgressSink sink = [&](const Progress& progress) {
    if (progress.provisional) told.emplace_back(to_string(progress.provisional->verdict));
  };
  VerifyRequest asked = request();
  asked.quick_first = true;
  write({{"b.src", "good"}});
  EXPECT_EQ(to_string(verify(asked, sink)->verdict), "no_regression");
  EXPECT_TRUE(told.empty()) << "no build was kept yet";
  write({{"a.src", "bad"}});
  EXPECT_EQ(to_string(verify(asked, sink)->verdict), "rejected");
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0], "rejected");
  EXPECT_EQ(to_string(verify(asked, sink)->verdict), "rejected");
  EXPECT_EQ(told.size(), 1u) << "a verdict that is known needs no quick one";
}

}  // namespace
}  // namespace baton
