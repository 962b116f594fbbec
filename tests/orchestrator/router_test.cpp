#include "orchestrator/router.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "orchestrator/domain_settings.h"
#include "orchestrator/task_words.h"
#include "support/files.h"
#include "support/json.h"

namespace baton {
namespace {

const Router& plain() {
  static const Router router;
  return router;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

void check(std::string_view text, std::string_view route, const WorkspaceFacts& facts = {}) {
  const Route answer = plain().route(text, facts);
  EXPECT_EQ(answer.route, route) << text << "\n" << answer.why;
  EXPECT_EQ(answer.route == kCoordinator, answer.domains.size() > 1) << text;
  EXPECT_EQ(answer.route == kGeneral, answer.domains.empty()) << text;
  EXPECT_GE(answer.confidence, 0) << text;
  EXPECT_LE(answer.confidence, 1) << text;
  EXPECT_FALSE(answer.why.empty()) << text;
}

TEST(TaskWords, FormsOfAWordAreOneWord) {
  const auto same = [](std::string_view a, std::string_view b) { EXPECT_EQ(word_stem(a), word_stem(b)) << a << " " << b; };
  same("migration", "migrations");
  same("deploy", "deployed");
  same("deploy", "deploying");
  same("query", "queries");
  same("cache", "caching");
  same("cache", "cached");
  same("stop", "stopped");
  same("index", "indexes");
  same("class", "classes");
  EXPECT_NE(word_stem("build"), word_stem("ui"));
  EXPECT_NE(word_stem("latest"), word_stem("test"));
  EXPECT_EQ(word_stem("css"), "css");
}

TEST(TaskWords, FilesThatATextNames) {
  const auto named = [](std::string_view text, const std::string& expected) {
    std::vector<std::string> paths;
    for (const TaskClause& clause : task_clauses(text)) paths.insert(paths.end(), clause.paths.begin(), clause.paths.end());
    EXPECT_EQ(joined(paths), expected) << text;
  };
  named("see src/a.ts:12 and `docs/x.md`.", "src/a.ts docs/x.md");
  named("Our Dockerfile is old", "Dockerfile");
  named("node.js, users.locale, v1.2 and e.g. this", "");
  named("GET /v1/usage", "");
}

TEST(TaskWords, WhatAWriteSetCovers) {
  const auto covered = [](std::string_view pattern, std::string_view path, bool expected) { EXPECT_EQ(covers(pattern, path), expected) << pattern << " " << path; };
  covered("src/a.cpp", "src/a.cpp", true);
  covered("src/a.cpp", "src/a.cppm", false);
  covered("src", "src/deep/a.cpp", true);
  covered("src/", "src/deep/a.cpp", true);
  covered("src/", "srcs/a.cpp", false);
  covered("src/**/*.cpp", "src/deep/a.cpp", true);
  covered("*.md", "docs/a.md", true);
  covered("", "a", false);
}

TEST(TaskWords, PatternsOfPaths) {
  const auto matches = [](std::string_view pattern, std::string_view path, bool expected) {
    EXPECT_EQ(matches_path(pattern, path), expected) << pattern << " " << path;
  };
  matches("*.tsx", "a/b/C.tsx", true);
  matches("*.tsx", "a.ts", false);
  matches("apps/web/**", "apps/web/src/x.ts", true);
  matches("apps/web/**", "apps/webhook/x.ts", false);
  matches("**/tests/**", "tests/a.py", true);
  matches("**/tests/**", "db/tests/x/a.py", true);
  matches("**/tests/**", "contests/a.py", false);
  matches("src/*/x.c", "src/a/b/x.c", false);
  matches("Dockerfile.*", "ops/Dockerfile.dev", true);
  matches("*", "", true);
}

TEST(Router, WordsAndNeverPartsOfThem) {
  check("Specific build for rapid latest", "general");  // ui, ci, api and test are no words here
  check("Dark mode toggle in the settings page", "frontend");
  check("The endpoint answers 500 when the webhook is empty", "backend");
  check("Add a NOT NULL constraint and a foreign key to invoices", "database");
  check("Deploying to kubernetes fails in the pipeline", "devops");
  check("Unit tests for the cart reducer", "testing");
  check("The README's quick start is outdated", "documentation");
  check("The enemy gets stuck in doors when two of them enter at once", "general");
  check("", "general");
  check("\n\n", "general");
}

TEST(Router, ALongerPhraseUsesUpItsWords) {
  check("Keep the query string when the pager builds its links", "frontend");
  check("The user agent header is parsed wrongly", "backend");
}

TEST(Router, FilesSayMoreThanWords) {
  check("services/search/README.md still names the old API client", "documentation");
  check("db/tests/test_triggers.py fails when it is run alone", "testing");
  check("Loading in src/components/Profile.vue takes two requests", "frontend");
  check("Timeouts are wrong, see .github/workflows/pr.yml", "devops");
}

TEST(Router, SeveralDomainsGoToTheCoordinator) {
  check("Add a column deleted_at to the table projects, an endpoint that sets it, and a button in the sidebar", "coordinator");
  check("The button in the modal is cut off. The API already returns the right value.", "frontend");
}

TEST(Router, TheWorkspaceBreaksATie) {
  const std::string text = "The webhook and the modal";  // one strong word each
  const auto first = [&](std::vector<std::string> files) { return plain().route(text, {std::move(files)}).domains.at(0); };
  EXPECT_EQ(first({"a.tsx", "b.tsx"}), "frontend");
  EXPECT_EQ(first({"server/a.py", "server/b.py"}), "backend");
}

TEST(Router, AFileIsFoundByItsEnd) {
  check("Fix the rounding in totals.ts", "backend", {{"src/handlers/totals.ts"}});
  check("Fix the rounding in totals.ts", "testing", {{"src/__tests__/totals.ts"}});
}

TEST(Router, Workflow) {
  const auto workflow = [](std::string_view text, Workflow expected) {
    const Route route = plain().route(text);
    EXPECT_EQ(to_string(route.workflow), to_string(expected)) << text << "\n" << route.why;
  };
  workflow("Add a dark mode", Workflow::feature);
  workflow("Users should be able to upload an avatar", Workflow::feature);
  workflow("Crash when the cart is empty", Workflow::bugfix);
  workflow("KeyError: 'id'\n\n  File \"app/x.py\", line 3, in y", Workflow::bugfix);
  workflow("Split the class in two, no behaviour change", Workflow::refactor);
}

TEST(Router, Ambiguous) {
  const auto ambiguous = [](std::string_view text, bool expected) { EXPECT_EQ(plain().route(text).ambiguous, expected) << text; };
  ambiguous("Make it nicer", true);
  ambiguous("The importer is unreliable, please have a look", true);
  ambiguous("Either a wizard or a checklist, not sure which", true);
  ambiguous("Close button missing in the mobile menu", false);
  ambiguous("Make the image smaller than 300 MB, it has 1.8 GB", false);
  ambiguous("`make run` in README.md is `just dev` now", false);
}

TEST(Router, TheUserAddsWordsAndDomains) {
  const Router router(load_domains(R"({"domains": [{"name": "frontend", "keywords": ["blinkenlight"]},
                                                   {"name": "billing", "keywords": ["dunning run"], "files": ["billing/**"]}]})", ""));
  EXPECT_EQ(router.route("Two blinkenlights are dark").route, "frontend");
  EXPECT_EQ(router.route("The dunning runs overlap").route, "billing");
  EXPECT_EQ(router.route("See billing/run.py").route, "billing");
  EXPECT_EQ(plain().route("Two blinkenlights are dark").route, "general");
}

// The measure of the routing data set, where that lies beside the source: shares of tasks whose answer is the right one.
TEST(Router, DataSet) {
  const char* given = std::getenv("BATON_ROUTE_DATA");
  const std::filesystem::path file = given ? std::filesystem::path(given) : std::filesystem::path(BATON_SOURCE_DIR) / "../shared/data/route/dev.jsonl";
  const auto text = read_file(file, 64u << 20);
  if (!text) GTEST_SKIP() << file << " is not there; BATON_ROUTE_DATA names another place.";
  int tasks = 0, routes = 0, domains = 0, workflows = 0, ambiguous = 0;
  for (std::size_t begin = 0; begin < text->size();) {
    const std::size_t end = std::min(text->find('\n', begin), text->size());
    const auto task = parse_json(std::string_view(*text).substr(begin, end - begin));
    begin = end + 1;
    if (!task) continue;
    const Route route = plain().route((*task)["text"].get<std::string>());
    auto said = route.domains, right = (*task)["domains"].get<std::vector<std::string>>();
    std::sort(said.begin(), said.end());
    std::sort(right.begin(), right.end());
    ++tasks;
    routes += route.route == (*task)["route"];
    domains += said == right;
    workflows += to_string(route.workflow) == (*task)["workflow"];
    ambiguous += route.ambiguous == (*task)["ambiguous"];
  }
  ASSERT_GT(tasks, 0);
  const auto share = [&](int right) { return static_cast<double>(right) / tasks; };
  RecordProperty("route_accuracy", std::to_string(share(routes)));
  EXPECT_GE(share(routes), 0.6);
  EXPECT_GE(share(domains), 0.6);
  EXPECT_GE(share(workflows), 0.7);
  EXPECT_GE(share(ambiguous), 0.85);
}

}  // namespace
}  // namespace baton
