// Findings as a plan, and the way to a mended tree with the real tools where they are installed.
#include "orchestrator/agents/fix_plan.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <set>

#include "orchestrator/agents/attempt.h"
#include "orchestrator/agents/fixers.h"
#include "tests/orchestrator/memory_source.h"
#include "tests/orchestrator/workshop.h"

namespace baton {
namespace {

Fix finding(const char* check, const char* path, int line, bool fixable = true, const char* tool = "clang-tidy") {
  Fix fix{std::string(tool) + ":" + check + ":" + path + ":" + std::to_string(line), tool, check, path, line, "m", {}};
  if (fixable) fix.edits.push_back({path, 0, 1, "x"});
  return fix;
}

TEST(FixPlan, ASubtaskForEachToolAndCheck) {
  FixLook look;
  look.fixes = {finding("modernize-a", "a.cpp", 1), finding("modernize-a", "a.cpp", 1), finding("modernize-a", "b.cpp", 7), finding("readability-b", "a.cpp", 3),
                finding("readability-c", "a.cpp", 4, false)};
  look.notes = {"One file was not looked at."};
  const auto plan = plan_of_fixes({"Fix it", "Fix it", {}}, {{find_fix_tool("clang-tidy"), look}});
  ASSERT_TRUE(plan.ok()) << plan.error().message;
  EXPECT_TRUE(plan_problems(*plan).empty());
  ASSERT_EQ(plan->subtasks.size(), 2u);
  EXPECT_EQ(plan->subtasks[0].title, "clang-tidy: modernize-a, 3 fixes");
  EXPECT_EQ(plan->subtasks[0].agent, "clang-tidy");
  EXPECT_EQ(plan->subtasks[0].check, "modernize-a");
  EXPECT_EQ(plan->subtasks[0].write_set, (std::vector<std::string>{"a.cpp", "b.cpp"}));
  EXPECT_EQ(plan->subtasks[0].criteria.size(), 2u) << "two findings on one line are one criterion";
  EXPECT_EQ(plan->criteria[1].text, "fixed: clang-tidy modernize-a at b.cpp:7");
  EXPECT_NE(plan->reason.find("4 fixes of 2 checks"), std::string::npos) << plan->reason;
  EXPECT_NE(plan->reason.find("readability-c (1)"), std::string::npos) << plan->reason;
  EXPECT_NE(plan->reason.find("One file was not looked at."), std::string::npos) << plan->reason;
  const auto again = plan_from_json(to_json(*plan));
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(again->subtasks[1].check, "readability-b");

  look.fixes.erase(look.fixes.begin(), look.fixes.begin() + 4);
  const auto none = plan_of_fixes({"Fix it", "Fix it", {}}, {{find_fix_tool("clang-tidy"), look}});
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().message, "clang-tidy has nothing to fix here; what was found has to be mended by hand: readability-c (1). One file was not looked at.");
}

TEST(FixPlan, TenThousandFindings) {
  FixLook look;
  for (int i = 0; i < 10'000; ++i) look.fixes.push_back(finding(("check-" + std::to_string(i % 20)).c_str(), "a.cpp", i + 1));
  const auto began = std::chrono::steady_clock::now();
  const auto plan = plan_of_fixes({"Fix it", "Fix it", {}}, {{find_fix_tool("clang-tidy"), look}});
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->criteria.size(), 10'000u);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
}

TEST(FixTools, WhatIsFoundAndWhatIsMissing) {
  const auto state = [](std::map<std::string, std::string> files, const Programs& programs, std::string_view tool) {
    const MemorySource source(std::move(files));
    const GatePlan plan = discover_gates(source, {}, programs.environment());
    const FixerState found = find_fix_tool(tool)->find(fixer_scene(source, plan, programs.environment()));
    return std::string(found.usable ? "usable" : "missing") + (found.configured ? ", configured: " : ": ") + found.why;
  };
  const Programs all{"cmake", "ninja", "c++", "make", "node", "npm", "python3", "clang-tidy", "clang-format", "gofmt", "go", "cargo", "cargo-clippy", "cargo-fmt", "ruff"};
  const Programs few{"cmake", "ninja", "c++", "node", "npm", "cargo"};
  const std::string cmake = "cmake_minimum_required(VERSION 3.16)\nproject(x)\nadd_executable(x x.cpp)\n";
  EXPECT_EQ(state({{"CMakeLists.txt", cmake}, {".clang-tidy", ""}}, all, "clang-tidy"), "usable, configured: the workspace has a .clang-tidy.");
  EXPECT_EQ(state({{"CMakeLists.txt", cmake}}, few, "clang-tidy"), "missing: clang-tidy is not on the PATH.");
  EXPECT_EQ(state({{"x.cpp", ""}}, all, "clang-tidy"), "missing: clang-tidy needs the commands of the build: a CMake project, or a compile_commands.json in the tree.");
  EXPECT_EQ(state({{"package.json", R"({"devDependencies": {"eslint": "9"}})"}}, all, "eslint"), "usable, configured: eslint is a dependency of package.json.");
  EXPECT_EQ(state({{"package.json", R"({"scripts": {"lint": "eslint .", "test": "ava"}, "devDependencies": {"eslint": "9", "ava": "6"}})"}}, all, "eslint"),
            "usable, configured: the workspace's own scripts call eslint.");
  EXPECT_EQ(state({{"package.json", "{}"}}, all, "prettier"), "missing: package.json does not name prettier among its dependencies.");
  EXPECT_EQ(state({{"Cargo.toml", "[package]\nname = \"x\"\n"}}, all, "clippy"), "usable, configured: the workspace is a Cargo package.");
  EXPECT_EQ(state({{"Cargo.toml", "[package]\nname = \"x\"\n"}}, few, "clippy"), "missing, configured: cargo-clippy is not on the PATH.");
  EXPECT_EQ(state({{"a.py", ""}}, all, "ruff"), "usable: ruff is on the PATH.");
  EXPECT_EQ(state({{"ruff.toml", ""}}, all, "ruff"), "usable, configured: the workspace is checked by ruff.");
  EXPECT_EQ(state({{"go.mod", "module x"}}, all, "gofmt"), "usable, configured: the workspace is a Go module.");
  EXPECT_EQ(state({{"a.c", ""}}, all, "clang-format"), "missing: The workspace has no .clang-format that says how its code is written.");

  const MemorySource source(std::map<std::string, std::string>{{"package.json", "{}"}});
  const GatePlan plan = discover_gates(source, {}, all.environment());
  const auto absent = wished_tools({{"prettier"}, false, {}, {}, {}}, fixer_scene(source, plan, all.environment()));
  ASSERT_FALSE(absent.ok());
  EXPECT_EQ(absent.error().message, "prettier cannot be used here: package.json does not name prettier among its dependencies. `npm install --save-dev prettier` supplies it.");
  EXPECT_FALSE(wished_tools({{}, true, {}, {}, {}}, fixer_scene(source, plan, all.environment())).ok());
}

TEST(Agents, WhoTakesWhat) {
  Config config;
  config.agents.resize(2);
  config.agents[0] = {.name = "front", .command = {"f"}, .types = {"frontend"}, .source = "x"};
  config.agents[1] = {.name = "any", .command = {"a"}, .source = "x"};
  const Programs programs{"gofmt", "go"};
  const auto agents = find_agents(config, MemorySource(std::map<std::string, std::string>{{"go.mod", "module x"}}), programs.environment());
  const auto chosen = [&](PlannedSubtask part, const std::string& wish) {
    const auto agent = choose_agent(agents, part, wish);
    return agent ? agent->name + ": " + agent->why : "error: " + agent.error().message;
  };
  PlannedSubtask part{"s1", "", "backend", {}, {}, {}};
  EXPECT_EQ(chosen(part, ""), "any: it is the first that takes backend work, and it is configured in x");
  part.agent_type = "frontend";
  EXPECT_EQ(chosen(part, ""), "front: it is the first that takes frontend work, and it is configured in x");
  EXPECT_EQ(chosen(part, "any"), "any: you asked for it, and it is configured in x");
  EXPECT_TRUE(chosen(part, "none").starts_with("error: The agent \"none\" cannot be used here; there are: front, any, gofmt")) << chosen(part, "none");
  part.agent = "gofmt";
  EXPECT_EQ(chosen(part, "any"), "gofmt: the plan gives it this check, and the workspace is a Go module.");
  const auto nobody = choose_agent(find_agents({}, MemorySource(std::map<std::string, std::string>{}), programs.environment()), {"s1", "", "backend", {}, {}, {}}, "");
  ASSERT_FALSE(nobody.ok());
  EXPECT_TRUE(nobody.error().message.starts_with("No agent takes backend work; install one that Baton knows")) << nobody.error().message;
}

// ---------------------------------------------------------------- the real tools

class RealFixers : public Workshop {
 protected:
  RealFixers() : executor_(local_executor(1)) {
    // Toolchain managers of this machine's user.
    for (const char* name : {"RUSTUP_HOME", "CARGO_HOME"}) {
      if (const auto value = get(current_environment(), name)) set(env_, name, *value);
    }
    const auto home = get(current_environment(), "HOME").value_or("");
    std::error_code failed;
    if (!get(env_, "RUSTUP_HOME") && std::filesystem::exists(home + "/.rustup", failed)) set(env_, "RUSTUP_HOME", home + "/.rustup");
  }
  bool has(const char* program) const { return find_program(program, *get(env_, "PATH")).has_value(); }

  AttemptParts parts() {
    if (!store_) store_ = std::make_unique<Store>(*Store::open(*open_repository(at("repo"))));
    if (!journal_) journal_ = *Journal::open(at("journal.db"));
    if (!evidence_) evidence_ = std::make_unique<EvidenceStore>(*EvidenceStore::open(at("evidence")));
    return {*store_, *journal_, *evidence_, *executor_, {}, at("cache/baton"), at("config/baton"), at("run/baton"), at("state"), "executor"};
  }

  // Plans the text, runs every subtask, and puts all fixes together; the paths that changed with their new text.
  std::map<std::string, std::string> mended(const std::string& text) {
    ProgressTicker progress{ProgressSink()};
    const AttemptParts with = parts();
    const std::string head = *store_->resolve_commit("HEAD");
    auto plan = plan_fixes(take_in(text), head, with, env_, progress, {});
    EXPECT_TRUE(plan.ok() && *plan) << (plan.ok() ? "no plan" : plan.error().message);
    if (!plan || !*plan) return {};
    plan_ = **plan;
    EXPECT_TRUE(plan_problems(plan_).empty());
    std::vector<Fix> fixes;
    for (const PlannedSubtask& part : plan_.subtasks) {
      AttemptOrder order;
      order.task = "t1";
      order.subtask = part.id;
      order.part = part;
      order.text = plan_.text;
      for (const Criterion& criterion : plan_.criteria) {
        if (std::find(part.criteria.begin(), part.criteria.end(), criterion.id) != part.criteria.end()) order.criteria.push_back(criterion);
      }
      order.start = head;
      auto agent = choose_agent(find_agents({}, *folder_source(at("repo")), env_), part, "");
      EXPECT_TRUE(agent.ok()) << agent.error().message;
      if (!agent) continue;
      order.agent = *agent;
      order.client_env = env_;
      const auto result = run_attempt(order, with, progress, {});
      EXPECT_TRUE(result.ok() && result->end == AttemptEnd::completed) << (result.ok() ? result->reason : result.error().message);
      if (!result) continue;
      EXPECT_TRUE(result->surprises.empty()) << testing::PrintToString(result->surprises);
      EXPECT_FALSE(result->commit.empty());
      fixes.insert(fixes.end(), result->fixes.begin(), result->fixes.end());
    }
    const auto fixed = apply_fixes(*store_, head, fixes);
    EXPECT_TRUE(fixed.ok()) << fixed.error().message;
    if (!fixed) return {};
    commit_ = *store_->write_commit(fixed->tree, {head}, "fixed", 0);
    std::map<std::string, std::string> texts;
    const auto changes = store_->changes(*store_->tree_of(head), fixed->tree);
    EXPECT_TRUE(changes.ok());
    for (const FileChange& change : changes.value()) texts[change.path] = store_->read(fixed->tree, change.path)->value_or("");
    head_ = head;
    return texts;
  }

  std::unique_ptr<Executor> executor_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<EvidenceStore> evidence_;
  Plan plan_;
  std::string head_, commit_;
};

TEST_F(RealFixers, ClangTidy) {
  if (!has("clang-tidy") || !has("cmake") || !has("c++")) GTEST_SKIP() << "clang-tidy, cmake or c++ is not installed";
  commit({{"CMakeLists.txt", "cmake_minimum_required(VERSION 3.16)\nproject(t CXX)\nadd_executable(t t.cpp u.cpp)\ntarget_include_directories(t PRIVATE include)\n"},
          {"include/h.h", "#pragma once\ninline int* none() { return 0; }\n"},
          {"t.cpp", "#include \"h.h\"\n/* ä😀 */ int* a = 0;\nint main() { if (a) return 1; return none() == a ? 0 : 1; }\n"},
          {"u.cpp", "#include \"h.h\"\nint* b = none();\n"}});
  const auto texts = mended("Fix the clang-tidy findings modernize-use-nullptr and readability-braces-around-statements");
  ASSERT_EQ(texts.size(), 2u) << testing::PrintToString(texts);
  EXPECT_EQ(texts.at("include/h.h"), "#pragma once\ninline int* none() { return nullptr; }\n");
  EXPECT_EQ(texts.at("t.cpp"), "#include \"h.h\"\n/* ä😀 */ int* a = nullptr;\nint main() { if (a) { return 1; \n}return none() == a ? 0 : 1; }\n");
  EXPECT_EQ(plan_.subtasks.size(), 2u);
}

TEST_F(RealFixers, Clippy) {
  if (!has("cargo") || !has("cargo-clippy")) GTEST_SKIP() << "cargo or clippy is not installed";
  commit({{"Cargo.toml", "[package]\nname = \"t\"\nversion = \"0.1.0\"\nedition = \"2021\"\n"},
          {"src/lib.rs", "pub fn f(v: &[i32]) -> bool {\n    return v.len() == 0;\n}\n"}});
  const auto texts = mended("Fix the clippy warnings");
  ASSERT_EQ(texts.count("src/lib.rs"), 1u) << testing::PrintToString(texts);
  EXPECT_EQ(plan_.subtasks.size(), 2u);
  // Of two fixes of the same bytes the first one is made.
  EXPECT_EQ(texts.at("src/lib.rs"), "pub fn f(v: &[i32]) -> bool {\n    return v.is_empty();\n}\n");
}

TEST_F(RealFixers, Rustfmt) {
  if (!has("cargo") || !has("cargo-fmt")) GTEST_SKIP() << "cargo or rustfmt is not installed";
  commit({{"Cargo.toml", "[package]\nname = \"t\"\nversion = \"0.1.0\"\nedition = \"2018\"\n\n[workspace]\nmembers = [\"old\"]\n"},
          {"src/lib.rs", "mod a;\npub async  fn f() {}\n"},
          {"src/a.rs", "pub fn g() {}\n"},
          {"old/Cargo.toml", "[package]\nname = \"old\"\nversion = \"0.1.0\"\n"},
          {"old/src/lib.rs", "pub  fn async() {}\n"}});
  const auto texts = mended("Format the code with rustfmt");
  EXPECT_EQ(texts, (std::map<std::string, std::string>{{"old/src/lib.rs", "pub fn async() {}\n"}, {"src/lib.rs", "mod a;\npub async fn f() {}\n"}})) << "each by its own edition";
  std::set<std::string> criteria;
  for (const Criterion& one : plan_.criteria) criteria.insert(one.text);
  EXPECT_EQ(criteria, (std::set<std::string>{"fixed: rustfmt rustfmt at old/src/lib.rs", "fixed: rustfmt rustfmt at src/lib.rs"}));
}

TEST_F(RealFixers, Gofmt) {
  if (!has("gofmt") || !has("go")) GTEST_SKIP() << "go is not installed";
  commit({{"go.mod", "module example.com/t\n\ngo 1.19\n"}, {"a.go", "package t\n\nfunc  F( )  int {\nreturn 1\n}\n"}, {"b.go", "package t\n"}, {"vendor/x/c.go", "package  x\n"}});
  const auto texts = mended("Format the code with gofmt");
  EXPECT_EQ(texts, (std::map<std::string, std::string>{{"a.go", "package t\n\nfunc F() int {\n\treturn 1\n}\n"}}));
  EXPECT_EQ(plan_.criteria.at(0).text, "fixed: gofmt gofmt at a.go");
}

TEST_F(RealFixers, ClangFormat) {
  if (!has("clang-format")) GTEST_SKIP() << "clang-format is not installed";
  commit({{".clang-format", "BasedOnStyle: Google\n"}, {"src/a.cpp", "int  a ;\n\nint b;\n"}, {"other/b.cpp", "int  b ;\n"}});
  EXPECT_EQ(mended("Format src with clang-format"), (std::map<std::string, std::string>{{"src/a.cpp", "int a;\n\nint b;\n"}}));
}

TEST_F(RealFixers, Ruff) {
  if (!has("ruff")) GTEST_SKIP() << "ruff is not installed";
  commit({{"ruff.toml", "[lint]\nselect = [\"F\"]\n"}, {"a.py", "import os\nx = \"ä😀\"; import sys\nprint(f\"a\")\n"}});
  EXPECT_EQ(mended("Apply ruff's fixes for F541"), (std::map<std::string, std::string>{{"a.py", "import os\nx = \"ä😀\"; import sys\nprint(\"a\")\n"}}));
}

// Any repository: BATON_FIX_REPOSITORY, a clone, and BATON_FIX_TEXT. Prints what was planned and what became of it.
TEST_F(RealFixers, ARepositoryOfChoice) {
  const auto env = current_environment();
  const auto from = get(env, "BATON_FIX_REPOSITORY"), text = get(env, "BATON_FIX_TEXT");
  if (!from || !text) GTEST_SKIP() << "BATON_FIX_REPOSITORY and BATON_FIX_TEXT name none";
  git({"pull", "-q", *from, "HEAD"});
  const auto began = std::chrono::steady_clock::now();
  const auto seconds = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count(); };
  const auto texts = mended(*text);
  const double planned = seconds();
  std::printf("%zu subtasks, %zu criteria, %zu files changed, %.1f s\n%s\n", plan_.subtasks.size(), plan_.criteria.size(), texts.size(), planned, plan_.reason.c_str());
  for (const PlannedSubtask& part : plan_.subtasks) std::printf("  %s: %s\n", part.id.c_str(), part.title.c_str());
}

}  // namespace
}  // namespace baton
