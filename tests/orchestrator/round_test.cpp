// Rounds over a real store with a judge that reads the merged tree: which words stand in it decides its gates.
#include "orchestrator/tasks/round.h"

#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "git/merge.h"
#include "orchestrator/acceptance.h"
#include "orchestrator/accepted.h"
#include "orchestrator/criteria.h"
#include "tests/orchestrator/workshop.h"

namespace baton {
namespace {

using Breaks = std::vector<std::set<std::string>>;  // words that break a gate where all of them are there

bool breaks_with(const std::string& text, const Breaks& breaks) {
  return std::any_of(breaks.begin(), breaks.end(), [&](const auto& words) {
    return std::all_of(words.begin(), words.end(), [&](const std::string& word) { return text.find(word + "\n") != std::string::npos; });
  });
}

class RoundTest : public Workshop {
 protected:
  void start(const std::map<std::string, std::string>& files) {
    commit(files);
    auto repository = open_repository(at("repo"));
    ASSERT_TRUE(repository.ok());
    store_.emplace(std::move(*Store::open(*repository)));
    order_.task = "01TASK";
    order_.base = store_->resolve_commit("HEAD").value();
    order_.plan.title = "The task";
  }

  // A commit with these files on top of another (the base when empty); an empty text removes.
  std::string change(const std::map<std::string, std::string>& files, const std::string& on = "") {
    const std::string parent = on.empty() ? order_.base : on;
    std::vector<TreeEntry> updates;
    for (const auto& [path, text] : files) updates.push_back({path, text.empty() ? "" : store_->write_blob(text).value(), 0100644, 0});
    return store_->write_commit(store_->write_tree(store_->tree_of(parent).value(), updates).value(), {parent}, "attempt", 1).value();
  }

  void agent(const std::string& id, const std::map<std::string, std::string>& files, const std::string& on = "", std::vector<std::string> after = {}) {
    order_.plan.subtasks.push_back({id, "Part " + id, "general", {}, {}, std::move(after)});
    order_.contributions.push_back({id, "agent", on.empty() ? order_.base : on, change(files, on), {}});
  }

  // A fixer that turns the words "item N" of a file into "fixed N", a fix each.
  void fixer(const std::string& id, const std::string& check, const std::string& path, const std::vector<int>& numbers) {
    if (order_.plan.subtasks.empty() || order_.plan.subtasks.back().id != id) {
      order_.plan.subtasks.push_back({id, check, "general", {}, {}, {}});
      order_.contributions.push_back({id, "tidy", order_.base, "", {}});
    }
    Contribution& contribution = order_.contributions.back();
    const std::string text = **store_->read(store_->tree_of(order_.base).value(), path);
    for (const int number : numbers) {
      const std::string word = "item" + std::to_string(number) + "\n";
      const auto offset = text.find(word);
      ASSERT_NE(offset, std::string::npos);
      const int line = 1 + static_cast<int>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
      contribution.fixes.push_back({check + std::to_string(number), "tidy", check, path, line, "mend it", {{path, offset, 4, "fixed"}}});
    }
    contribution.commit = change({{path, text + "unused\n"}});
  }

  std::string text_of(const std::string& commit) const {
    const std::string tree = store_->tree_of(commit).value();
    const auto entries = store_->list(tree);
    std::string text;
    for (const TreeEntry& entry : *entries) text += "\n" + store_->read_blob(entry.blob).value() + "\n";
    return text;
  }

  static GateReport gate(const std::string& name, GateKind kind, bool passes) {
    GateReport report;
    report.name = name;
    report.kind = kind;
    report.verdict = passes ? GateVerdict::pass : GateVerdict::fail;
    report.cause = passes ? "" : "it broke";
    report.argv = {"make", name};
    report.head = RunSummary{passes ? RunVerdict::pass : RunVerdict::fail, {}, passes ? 0 : 1, {}, 1, {}, {}, {}, {}, {}, {}, false};
    report.base = report.head;
    return report;
  }

  // build: breaks by `build_`; check: by `tests_`, and not run where the build failed.
  Result<VerifyReport> judge(const JudgeRequest& request) {
    const std::string text = text_of(request.commit);
    asked_.push_back(request);
    VerifyReport report;
    report.id = "verification";
    report.base.tree = store_->tree_of(order_.base).value();
    report.head.commit = request.commit;
    report.head.tree = store_->tree_of(request.commit).value();
    const bool builds = !breaks_with(text, build_) && !lacks(text), known = breaks_with(text, known_), works = !breaks_with(text, tests_) && !known;
    const auto wanted = [&](const std::string& name) { return request.gates.empty() || std::find(request.gates.begin(), request.gates.end(), name) != request.gates.end(); };
    report.gates.push_back(gate("build", GateKind::build, builds));
    if (wanted("check")) {
      report.gates.push_back(gate("check", GateKind::test, builds && works));
      if (!builds) report.gates.back().head.reset();
      if (builds && breaks_with(text, tests_)) report.tests.push_back(failing("Suite.Case"));
      if (builds && known) report.tests.push_back(failing("Suite.Known"));
    }
    if (!builds && evidence_) add_errors(report);
    report.audit = audit_;
    report.gate_seconds = gate_seconds_;
    for (const std::string& criterion : request.criteria) {
      CriterionVerdict verdict{criterion, CriterionStatus::not_checkable, {}};
      if (const auto fixed = fixed_finding(criterion)) verdict.status = is_fixed(report.head.tree, *fixed) ? CriterionStatus::met : CriterionStatus::unmet;
      report.criteria.push_back(verdict);
    }
    const bool all_met = !report.criteria.empty() && std::all_of(report.criteria.begin(), report.criteria.end(), [](const auto& c) { return c.status == CriterionStatus::met; });
    report.verdict = !builds || !works ? Verdict::rejected : all_met ? Verdict::verified : Verdict::no_regression;
    show_accepted(report, accepted_);
    return report;
  }

  static TestVerdict failing(const std::string& id) {
    TestVerdict test;
    test.id = id;
    test.status = TestStatus::regression;
    test.gate = "check";
    return test;
  }

  // A word without that which it needs.
  bool lacks(const std::string& text) const {
    return std::any_of(needs_.begin(), needs_.end(), [&](const auto& one) {
      return text.find(one.first + "\n") != std::string::npos && text.find(one.second + "\n") == std::string::npos;
    });
  }

  // As `baton accept --failure` keeps it.
  void accept(const std::string& test, bool human) {
    VerifyReport seen;
    seen.tests.push_back(failing(test));
    AcceptRequest request;
    request.test = test;
    request.reason = "known since May";
    auto one = acceptance_of(seen, request, {"cli:1", human, ""});
    ASSERT_TRUE(one.ok()) << one.error().message;
    accepted_ = {*one};
  }

  // As a compiler does: at the line of each word of a break.
  void add_errors(VerifyReport& report) const {
    const auto entries = store_->list(report.head.tree);
    for (const TreeEntry& entry : *entries) {
      const std::string text = store_->read_blob(entry.blob).value();
      for (const auto& words : build_) {
        const auto at = text.find(*words.rbegin() + "\n");
        if (at == std::string::npos) continue;
        FindingVerdict found;
        found.gate = "build";
        found.finding.path = entry.path;
        found.finding.line = 1 + static_cast<int>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
        found.finding.message = "no such word";
        report.findings.push_back(found);
      }
    }
  }

  bool is_fixed(const std::string& tree, const FixedFinding& fixed) const {
    std::string text = **store_->read(tree, fixed.path);
    for (int line = 1; line < fixed.line; ++line) text.erase(0, text.find('\n') + 1);
    return text.starts_with("fixed") && !stubborn_.contains(fixed.line);
  }

  RoundResult round() {
    asked_.clear();
    ProgressTicker progress([](const Progress&) {});
    auto result = run_round(*store_, order_, [this](const JudgeRequest& request, std::stop_token) { return judge(request); }, progress, {});
    EXPECT_TRUE(result.ok()) << result.error().message;
    if (!result) return {};
    // Whatever happened, a green end rests on a full verdict of the very commit, and nothing required failed in it.
    if (result->end == RoundEnd::green) {
      EXPECT_EQ(asked_.back().commit, result->commit);
      EXPECT_TRUE(asked_.back().gates.empty());
      EXPECT_FALSE(asked_.back().probe);
      EXPECT_TRUE(result->report->verdict != Verdict::rejected || result->report->accepted);
      for (const GateReport& one : result->report->gates) EXPECT_TRUE(!one.required || one.verdict == GateVerdict::pass || is_accepted(*result->report, one));
      EXPECT_EQ(result->tree, store_->tree_of(result->commit).value());
    }
    const auto again = round_result_from_json(to_json(*result));
    EXPECT_TRUE(again.ok());
    if (again) EXPECT_EQ(to_json(*again), to_json(*result));
    return std::move(*result);
  }

  static std::string listed(const RoundResult& result) {
    std::string text(to_string(result.end));
    for (const std::string& id : result.blamed) text += " " + id;
    for (const LeftOut& left : result.left_out) text += " | " + left.what;
    return text;
  }

  static std::string items(int from, int to) {
    std::string text;
    for (int i = from; i <= to; ++i) text += "item" + std::to_string(i) + "\n";
    return text;
  }
  static std::vector<int> numbers(int from, int to) {
    std::vector<int> all;
    for (int i = from; i <= to; ++i) all.push_back(i);
    return all;
  }

  std::optional<Store> store_;
  RoundOrder order_;
  Breaks build_, tests_, known_;             // known_: a test of its own, which may be accepted
  std::map<std::string, std::string> needs_;  // the build breaks where the first word is without the second
  std::vector<Acceptance> accepted_;
  std::vector<AuditFinding> audit_;
  std::set<int> stubborn_;  // lines whose findings stay whatever is done
  bool evidence_ = false;
  double gate_seconds_ = 1;
  std::vector<JudgeRequest> asked_;
};

TEST_F(RoundTest, AFailureThatAHumanAcceptedAsKnownIsNotRed) {
  start({{"a", items(1, 9)}});
  known_ = {{"old"}};
  agent("s1", {{"b", "old\n"}});
  fixer("s2", "modern", "a", {1, 3});
  EXPECT_EQ(listed(round()), "red s1");
  accept("Suite.Known", false);
  EXPECT_EQ(listed(round()), "red s1") << "what a process accepts counts for nothing";
  accept("Suite.Known", true);
  const RoundResult known = round();
  EXPECT_EQ(listed(known), "green");
  EXPECT_EQ(asked_.size(), 1u);
  EXPECT_TRUE(known.report->accepted && known.report->verdict == Verdict::rejected) << "the word stays";
  // Beside it another one is found as if the known one were not there.
  tests_ = {{"fixed3"}};
  const RoundResult other = round();
  EXPECT_EQ(listed(other), "green | modern at a:3");
  EXPECT_NE(other.left_out.front().reason.find("Suite.Case"), std::string::npos) << other.left_out.front().reason;
  tests_.clear();
  build_ = {{"fixed1"}};
  EXPECT_EQ(listed(round()), "green | modern at a:1");
}

TEST_F(RoundTest, WhoMakesChecksWeakerIsNamedAndTold) {
  start({{"tests/a.py", "one\n"}, {"b.py", "one\n"}, {"c.py", "item1\n"}});
  agent("s1", {{"tests/a.py", "two\n"}});
  agent("s2", {{"b.py", "two\n"}});
  fixer("s3", "mend", "c.py", {1});
  struct Row {
    std::vector<std::string> paths;
    bool escalates;
    std::vector<std::string> by;
  };
  const Row rows[] = {
      {{}, true, {}},
      {{"tests/a.py"}, false, {}},
      {{"tests/a.py"}, true, {"s1"}},
      {{"tests/a.py", "b.py"}, true, {"s1", "s2"}},
      {{"made.py"}, true, {"s1", "s2"}},  // nobody's file: all who could have
      {{"c.py"}, true, {}},               // a tool's own fix waits for nobody
  };
  for (const Row& row : rows) {
    audit_.clear();
    for (const std::string& path : row.paths) audit_.push_back({path, 4, "assertion_removed", Severity::warning, "It is gone.", row.escalates, false, "-  assert 1\n"});
    const RoundResult result = round();
    EXPECT_EQ(result.end, RoundEnd::green);
    EXPECT_EQ(result.weakened, row.by);
    ASSERT_EQ(result.feedback.size(), row.by.size());
    EXPECT_EQ(result.reason.empty(), row.by.empty()) << result.reason;
    for (const std::string& id : row.by) EXPECT_NE(result.feedback.at(id).find("```diff\n-  assert 1\n"), std::string::npos) << result.feedback.at(id);
  }
}

TEST_F(RoundTest, ABugFixThatNoTestShowsIsToldApart) {
  start({{"calc.py", "def add(a, b):\n    return a - b\n"}, {"test_calc.py", "def test_one():\n    assert add(1, 0) == 1\n"}, {"README.md", "Calc\n"}});
  struct Row {
    const char* what;
    Workflow workflow;
    std::map<std::string, std::string> files;
    bool untested;
  };
  const std::string mended = "def add(a, b):\n    return a + b\n", tested = "def test_one():\n    assert add(1, 0) == 1\n\n\ndef test_two():\n    assert add(1, 1) == 2\n";
  const Row rows[] = {
      {"no test", Workflow::bugfix, {{"calc.py", mended}}, true},
      {"a test with it", Workflow::bugfix, {{"calc.py", mended}, {"test_calc.py", tested}}, false},
      {"no bug fix", Workflow::feature, {{"calc.py", mended}}, false},
      {"of prose alone", Workflow::bugfix, {{"README.md", "Calculator\n"}}, false},
  };
  for (const Row& row : rows) {
    order_.plan.workflow = row.workflow;
    order_.plan.subtasks.clear();
    order_.contributions.clear();
    agent("s1", row.files);
    const RoundResult result = round();
    EXPECT_EQ(result.end, RoundEnd::green) << row.what;
    EXPECT_EQ(result.untested_fix, row.untested) << row.what;
  }
}

TEST_F(RoundTest, FixesThatNeedEachOtherStayTogether) {
  start({{"a", items(1, 9)}, {"b", items(11, 19)}});
  fixer("s1", "modern", "a", numbers(1, 9));
  fixer("s1", "plain", "b", {11, 12});
  needs_ = {{"fixed2", "fixed8"}, {"fixed5", "fixed6"}, {"fixed6", "fixed5"}};
  build_ = {{"fixed12"}};
  EXPECT_EQ(listed(round()), "green | plain at b:2");
  needs_["fixed3"] = "never";
  EXPECT_EQ(listed(round()), "green | modern at a:3 | plain at b:2");
}

TEST_F(RoundTest, WhatHoldsTogetherIsGreenAfterOneVerdict) {
  start({{"a", items(1, 3)}, {"b", items(4, 6)}});
  agent("s1", {{"c", "new\n"}});
  fixer("s2", "modern", "a", {1, 3});
  const RoundResult result = round();
  EXPECT_EQ(listed(result), "green");
  EXPECT_EQ(asked_.size(), 1u);
  EXPECT_EQ(result.probes, 0);
  EXPECT_EQ(**store_->read(result.tree, "a"), "fixed1\nitem2\nfixed3\n");
  EXPECT_EQ(to_string(result.report->verdict), "verified");
  EXPECT_EQ(result.criteria_open, 0);
}

TEST_F(RoundTest, WhoWasGivenBackIsNotBlamedForWhatItRestsOn) {
  start({{"a", "x\n"}});
  agent("s1", {{"a", "bad\n"}});
  agent("s2", {{"a", "bad\nand mine\n"}}, order_.contributions.front().commit);  // it had conflicted with s1
  tests_ = {{"bad"}};
  EXPECT_EQ(listed(round()), "red s1 s2") << "alone it does not merge";
  order_.given_back = {"s2"};
  EXPECT_EQ(listed(round()), "red s1");
  tests_ = {{"and mine"}};
  EXPECT_EQ(listed(round()), "red s2");
}

TEST_F(RoundTest, WhatIsPlannedAndNotChangedIsAFactOfTheJudgedCommit) {
  start({{"a", items(1, 3)}, {"docs/b", "text\n"}, {"old", "text\n"}});
  agent("s1", {{"c/new", "text\n"}, {"old", ""}});
  order_.plan.subtasks.back().write_set = {"a", "c/", "docs/", "*.md", "old"};
  fixer("s2", "modern", "a", {2});
  order_.plan.subtasks.back().write_set = {"a", "docs/b"};
  using Names = std::vector<Untouched>;
  EXPECT_EQ(round().untouched, (Names{{"s1", "docs/"}, {"s1", "*.md"}, {"s2", "docs/b"}})) << "what another part has changed is touched";
  build_ = {{"fixed2"}};
  EXPECT_EQ(round().untouched, (Names{{"s1", "a"}, {"s1", "docs/"}, {"s1", "*.md"}, {"s2", "a"}, {"s2", "docs/b"}})) << "what was left out touches nothing";
  order_.contributions.clear();
  EXPECT_EQ(round().untouched, Names()) << "nothing was judged";
}

TEST_F(RoundTest, AFixThatBreaksTheBuildIsLeftOutByName) {
  start({{"a", items(1, 40)}, {"b", items(41, 80)}});
  fixer("s1", "modern", "a", numbers(1, 40));
  fixer("s2", "quick", "b", numbers(41, 80));
  build_ = {{"fixed57"}};
  for (const bool evidence : {false, true}) {
    evidence_ = evidence;
    const RoundResult result = round();
    EXPECT_EQ(listed(result), "green | quick at b:17");
    EXPECT_EQ(result.left_out.at(0).subtask, "s2");
    EXPECT_EQ(result.left_out.at(0).path, "b");
    EXPECT_NE(result.left_out.at(0).reason.find("build"), std::string::npos) << result.left_out.at(0).reason;
    EXPECT_EQ(to_string(result.report->verdict), "verified") << "what was left out is no criterion any more";
    EXPECT_EQ(result.report->criteria.size(), 79u);
    EXPECT_LE(result.probes, evidence ? 1 : 9);
    // A probe asks for what failed and no more.
    for (const JudgeRequest& request : asked_) {
      if (request.probe) EXPECT_EQ(request.gates, std::vector<std::string>{"build"});
    }
  }
}

TEST_F(RoundTest, BreaksOfBuildAndTestsAreFoundOneAfterTheOther) {
  start({{"a", items(1, 30)}});
  fixer("s1", "modern", "a", numbers(1, 30));
  build_ = {{"fixed7"}};
  tests_ = {{"fixed3"}, {"fixed20", "fixed28"}};
  const RoundResult result = round();
  EXPECT_EQ(listed(result), "green | modern at a:7 | modern at a:3 | modern at a:28");
  EXPECT_NE(result.left_out.at(1).reason.find("Suite.Case"), std::string::npos) << result.left_out.at(1).reason;
  EXPECT_EQ(to_string(result.report->verdict), "verified");
}

TEST_F(RoundTest, AnAgentsSubtaskIsBlamedAndTold) {
  start({{"a", items(1, 3)}});
  agent("s1", {{"one", "1\n"}});
  agent("s2", {{"two", "bad\n"}});
  agent("s3", {{"three", "3\n"}});
  order_.plan.criteria = {{"c1", "the two is good"}};
  order_.plan.subtasks[1].criteria = {"c1"};
  tests_ = {{"bad"}};
  const RoundResult result = round();
  EXPECT_EQ(listed(result), "red s2");
  EXPECT_EQ(result.criteria_open, 0);
  const std::string& told = result.feedback.at("s2");
  for (const char* part : {"`check` fails", "`Suite.Case`", "Without your change it holds.", "the two is good", "`make check`"}) {
    EXPECT_NE(told.find(part), std::string::npos) << part << "\n" << told;
  }
  EXPECT_EQ(result.feedback.size(), 1u);
}

TEST_F(RoundTest, OneSubtaskNeedsNoProbe) {
  start({{"a", "1\n"}});
  agent("s1", {{"one", "bad\n"}});
  build_ = {{"bad"}};
  const RoundResult result = round();
  EXPECT_EQ(listed(result), "red s1");
  EXPECT_EQ(asked_.size(), 1u);
}

TEST_F(RoundTest, OfAPairTheLaterIsBlamedAndHearsOfTheOther) {
  start({{"a", "1\n"}});
  agent("s1", {{"one", "left\n"}});
  agent("s2", {{"two", "fine\n"}});
  agent("s3", {{"three", "right\n"}});
  tests_ = {{"left", "right"}};
  const RoundResult result = round();
  EXPECT_EQ(listed(result), "red s3");
  EXPECT_NE(result.feedback.at("s3").find("together with that of s1 (Part s1)"), std::string::npos) << result.feedback.at("s3");
}

TEST_F(RoundTest, WhatStartsFromABlamedResultIsNotBlamed) {
  start({{"a", "1\n"}});
  agent("s1", {{"one", "bad\n"}});
  agent("s2", {{"one", "bad\nand more\n"}}, order_.contributions[0].commit, {"s1"});
  tests_ = {{"bad"}};
  EXPECT_EQ(listed(round()), "red s1");
}

TEST_F(RoundTest, WhenTheProbesEndTheSuspectedGroupIsLeftOutWhole) {
  start({{"a", items(1, 20)}, {"b", items(21, 40)}, {"c", items(41, 60)}});
  fixer("s1", "modern", "a", numbers(1, 20));
  fixer("s2", "quick", "b", numbers(21, 40));
  fixer("s3", "plain", "c", numbers(41, 60));
  build_ = {{"fixed25"}};
  gate_seconds_ = 60;
  order_.probe_minutes = 2;
  const RoundResult result = round();
  EXPECT_EQ(to_string(result.end), "green");
  EXPECT_LE(result.probes, 2);
  EXPECT_EQ(result.left_out.size(), 20u);
  for (const LeftOut& left : result.left_out) {
    EXPECT_EQ(left.subtask, "s2");
    EXPECT_NE(left.reason.find("ended before"), std::string::npos) << left.reason;
  }
  EXPECT_EQ(to_string(result.report->verdict), "verified");
}

TEST_F(RoundTest, NothingThatIsLeftIsNotGreen) {
  start({{"a", items(1, 1)}});
  fixer("s1", "modern", "a", {1});
  build_ = {{"fixed1"}};
  const RoundResult result = round();
  EXPECT_EQ(listed(result), "red | modern at a:1");
  EXPECT_NE(result.reason.find("nothing remains"), std::string::npos) << result.reason;
}

TEST_F(RoundTest, AFindingThatStaysTakesItsFixOut) {
  start({{"a", items(1, 5)}});
  fixer("s1", "modern", "a", numbers(1, 5));
  stubborn_ = {4};
  const RoundResult result = round();
  EXPECT_EQ(listed(result), "green | modern at a:4");
  EXPECT_EQ(**store_->read(result.tree, "a"), "fixed1\nfixed2\nfixed3\nitem4\nfixed5\n");
  EXPECT_EQ(to_string(result.report->verdict), "verified");
}

TEST_F(RoundTest, CriteriaInWordsStayOpen) {
  start({{"a", "1\n"}});
  agent("s1", {{"note", "done, all 1637 tests pass\n"}});
  order_.plan.criteria = {{"c1", "the parser accepts nested lists"}, {"c2", "gate: check"}};
  const RoundResult result = round();
  EXPECT_EQ(listed(result), "green");
  EXPECT_EQ(to_string(result.report->verdict), "no_regression");
  EXPECT_EQ(result.criteria_open, 2);
}

TEST_F(RoundTest, OverlappingFixesAreNamed) {
  start({{"a", items(1, 3)}});
  fixer("s1", "modern", "a", {1, 2});
  order_.contributions.back().fixes.push_back({"other", "tidy", "other", "a", 1, "differently", {{"a", 0, 5, "changed"}}});
  const RoundResult result = round();
  EXPECT_EQ(listed(result), "green | other at a:1");
  EXPECT_EQ(**store_->read(result.tree, "a"), "fixed1\nfixed2\nitem3\n");
}

TEST_F(RoundTest, ConflictsNameTheirSubtasksAndPaths) {
  start({{"a", "1\n2\n3\n"}});
  agent("s1", {{"a", "one\n2\n3\n"}});
  agent("s2", {{"b", "new\n"}});
  agent("s3", {{"a", "eins\n2\n3\n"}});
  const auto merged = integrate(*store_, order_.base, order_.contributions, {});
  ASSERT_TRUE(merged.ok());
  EXPECT_TRUE(merged->commit.empty());
  ASSERT_EQ(merged->troubles.size(), 1u);
  EXPECT_EQ(merged->troubles[0].subtasks, (std::vector<std::string>{"s1", "s3"}));
  EXPECT_EQ(merged->troubles[0].paths, std::vector<std::string>{"a"});
  const RoundResult result = round();
  EXPECT_EQ(listed(result), "conflicted s3");
  EXPECT_NE(result.feedback.at("s3").find("s1"), std::string::npos);
  EXPECT_TRUE(asked_.empty());
}

// Once both files have moved away, git takes a third one that is added beside them for one that ought to move as well.
TEST_F(RoundTest, AConflictThatAnotherOrderDoesNotHaveIsNone) {
  start({{"d/one", items(1, 9)}, {"d/two", items(11, 19)}});
  agent("s1", {{"d/one", ""}, {"e/one", items(1, 9)}});
  agent("s2", {{"d/two", ""}, {"e/two", items(11, 19)}});
  agent("s3", {{"d/three", "new\n"}});
  const auto moved = integrate(*store_, order_.base, {order_.contributions[0], order_.contributions[1]}, {});
  ASSERT_TRUE(moved.ok());
  const auto planned = merge_trees(*store_, store_->tree_of(order_.base).value(), moved->tree, store_->tree_of(order_.contributions[2].commit).value(), {});
  ASSERT_TRUE(planned.ok());
  EXPECT_FALSE(planned->clean()) << "the plan's own order is no conflict, so nothing is shown here";
  const auto merged = integrate(*store_, order_.base, order_.contributions, {});
  ASSERT_TRUE(merged.ok());
  EXPECT_TRUE(merged->troubles.empty());
  for (const char* path : {"e/one", "e/two", "d/three"}) EXPECT_TRUE(store_->read(merged->tree, path).value().has_value()) << path;
  EXPECT_EQ(listed(round()), "green");
}

TEST_F(RoundTest, AFaultOfTheEnvironmentIsNobodys) {
  start({{"a", "1\n"}});
  agent("s1", {{"one", "1\n"}});
  ProgressTicker progress([](const Progress&) {});
  const auto result = run_round(*store_, order_, [&](const JudgeRequest& request, std::stop_token) -> Result<VerifyReport> {
    VerifyReport report;
    report.head.tree = store_->tree_of(request.commit).value();
    report.gates.push_back(gate("check", GateKind::test, false));
    report.gates.back().verdict = GateVerdict::env_fault;
    report.verdict = Verdict::inconclusive;
    report.cause = "the network is closed";
    return report;
  }, progress, {});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(listed(*result), "fault");
  EXPECT_EQ(result->reason, "the network is closed");
}

TEST_F(RoundTest, NobodyInnocentIsLeftOutWhateverBreaks) {
  start({{"a", items(0, 9)}, {"b", items(10, 19)}, {"c", items(20, 29)}});
  fixer("s1", "modern", "a", numbers(0, 9));
  fixer("s1", "modern", "b", numbers(10, 14));
  fixer("s2", "quick", "b", numbers(15, 19));
  fixer("s2", "quick", "c", numbers(20, 29));
  for (int seed = 0; seed < 25; ++seed) {
    std::mt19937 random(static_cast<unsigned>(seed));
    const auto some = [&] {
      Breaks breaks;
      for (unsigned k = random() % 3; k > 0; --k) {
        breaks.emplace_back();
        for (unsigned i = 0, size = 1 + random() % 2; i < size; ++i) breaks.back().insert("fixed" + std::to_string(random() % 30));
      }
      return breaks;
    };
    build_ = some();
    tests_ = some();
    evidence_ = seed % 2 == 0;
    const RoundResult result = round();
    ASSERT_EQ(to_string(result.end), "green") << seed << ": " << result.reason;
    EXPECT_EQ(to_string(result.report->verdict), "verified");
    Breaks all = build_;
    all.insert(all.end(), tests_.begin(), tests_.end());
    EXPECT_LE(result.left_out.size(), all.size());
    for (const LeftOut& left : result.left_out) {
      const int number = left.line - 1 + (left.path == "a" ? 0 : left.path == "b" ? 10 : 20);
      const std::string word = "fixed" + std::to_string(number);
      EXPECT_TRUE(std::any_of(all.begin(), all.end(), [&](const auto& words) { return words.contains(word); })) << seed << ": " << left.what;
    }
  }
}

}  // namespace
}  // namespace baton
