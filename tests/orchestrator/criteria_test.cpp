// Criteria and what shows them: by name, by the tree, by a command, by a test of the change that covers a sentence.
#include "orchestrator/criteria.h"

#include <gtest/gtest.h>

namespace baton {
namespace {

TextOf texts(std::map<std::string, std::string> files) {
  return [files](const std::string& path) {
    const auto found = files.find(path);
    return found == files.end() ? std::optional<std::string>() : std::optional<std::string>(found->second);
  };
}

struct Change {
  std::map<std::string, std::string> base, head;

  CriteriaFacts facts() const {
    std::vector<FileChange> changes;
    for (const auto& [path, text] : head) {
      const auto was = base.find(path);
      if (was == base.end()) changes.push_back({ChangeKind::added, path, path});
      else if (was->second != text) changes.push_back({ChangeKind::modified, path, path});
    }
    return criteria_facts(changes, texts(base), texts(head));
  }
};

GateReport gate(const std::string& name, GateVerdict verdict, RunVerdict run) {
  GateReport one;
  one.name = name;
  one.verdict = verdict;
  one.head = RunSummary{run, run == RunVerdict::pass ? "" : "exit status 3", 0, {}, 1, {}, {}, {}, {}, {}, "e-" + name, false};
  return one;
}

VerifyReport report_with(std::vector<TestVerdict> tests) {
  VerifyReport report;
  report.gates = {gate("pytest", GateVerdict::pass, RunVerdict::pass)};
  report.tests = std::move(tests);
  return report;
}

TestVerdict test(const std::string& id, TestStatus status) {
  TestVerdict one;
  one.id = id;
  one.status = status;
  one.gate = "pytest";
  return one;
}

// "met e-pytest: why"
std::string judged(const std::string& criterion, const VerifyReport& report, const CriteriaFacts& facts = {}) {
  const CriterionVerdict verdict = judge_criteria({criterion}, report, {}, facts).at(0);
  std::string text(to_string(verdict.status));
  for (const std::string& evidence : verdict.evidence) text += " " + evidence;
  return text + ": " + verdict.why;
}

const Change kChange{{{"cart.py", "def total(items):\n    return sum(items)\n\ndef tax(x):\n    return x\n"}},
                     {{"cart.py", "def total(items):\n    return sum(i for i in items if i)\n\ndef tax(x):\n    return x\n\ndef discount(x):\n    return x / 2\n"},
                      {"docs/cart.md", "Discounts\n"},
                      {"tests/test_cart.py",
                       "from cart import total, discount\n\n"
                       "def test_total_of_empty_cart_is_zero():\n    assert total([None]) == 0\n\n"
                       "def test_discount_halves_the_price():\n    assert discount(10) == 5\n\n"
                       "def test_discount_runs():\n    discount(10)\n\n"
                       "def test_tax_is_kept():\n    assert 1 == 1\n"}}};

TEST(Criteria, ATestThatCoversASentence) {
  const CriteriaFacts facts = kChange.facts();
  const std::string path = "tests/test_cart.py::";
  const std::string halves = "The discount halves the price of an article", empty = "The total of an empty cart is zero";
  EXPECT_EQ(judged(halves, report_with({test(path + "test_discount_halves_the_price", TestStatus::added)}), facts),
            "met e-pytest: " + path + "test_discount_halves_the_price covers it and is added");
  EXPECT_EQ(judged(halves, report_with({test(path + "test_discount_halves_the_price", TestStatus::added_failing)}), facts),
            "unmet e-pytest: " + path + "test_discount_halves_the_price, which covers it, is added_failing");
  // What the base has already: a test that is only new shows nothing of the change, one that was red before does.
  EXPECT_EQ(judged(empty, report_with({test(path + "test_total_of_empty_cart_is_zero", TestStatus::added)}), facts),
            "not_checkable: " + path + "test_total_of_empty_cart_is_zero covers it and passes, and nothing shows that it fails without the change; --red-green tries it");
  EXPECT_EQ(judged(empty, report_with({test(path + "test_total_of_empty_cart_is_zero", TestStatus::fixed)}), facts).substr(0, 12), "met e-pytest");
  VerifyReport proven = report_with({test(path + "test_total_of_empty_cart_is_zero", TestStatus::added)});
  proven.reproduction.emplace();
  proven.reproduction->proven = {path + "test_total_of_empty_cart_is_zero"};
  EXPECT_EQ(judged(empty, proven, facts).substr(0, 12), "met e-pytest");
}

// A test that was written for a criterion shows it when it was seen to fail without the change, and by nothing less.
TEST(Criteria, ATestThatHasToBeProven) {
  const CriteriaFacts facts = kChange.facts();
  const std::string path = "tests/test_cart.py::", halves_test = path + "test_discount_halves_the_price", empty_test = path + "test_total_of_empty_cart_is_zero";
  const std::string halves = "The discount halves the price of an article", empty = "The total of an empty cart is zero";
  const auto word = [&](const std::string& criterion, const std::string& id, TestStatus status, std::optional<Reproduction> tried) {
    VerifyReport report = report_with({test(id, status)});
    report.prove = {halves_test, empty_test};
    report.reproduction = std::move(tried);
    if (report.reproduction) report.reproduction->targets = {id}, report.reproduction->evidence = {"e-red"};
    return judged(criterion, report, facts);
  };
  const auto starts = [](const std::string& text, const std::string& wanted) { return text.substr(0, wanted.size()) == wanted; };
  Reproduction proven, unloaded, green, nothing;
  proven.status = ReproductionStatus::proven, proven.proven = {empty_test};
  unloaded.status = ReproductionStatus::invalid, unloaded.unloaded = {halves_test, empty_test};
  green.status = ReproductionStatus::invalid, green.reason = RedGreenReason::unexpected_green, green.message = "It passes on the base.";
  EXPECT_TRUE(starts(word(empty, empty_test, TestStatus::added, proven), "met e-pytest e-red: " + empty_test + " covers it and is added; it is proven red → green"));
  EXPECT_TRUE(starts(word(halves, halves_test, TestStatus::added, unloaded), "met e-pytest e-red: " + halves_test + " covers it and is added; without the change it cannot run"));
  EXPECT_TRUE(starts(word(empty, empty_test, TestStatus::added, unloaded), "not_checkable")) << "what it calls was there: it does not load for another reason";
  EXPECT_EQ(word(halves, halves_test, TestStatus::added, green), "not_checkable: " + halves_test + " covers it and passes, and is not proven red → green: unexpected_green: It passes on the base");
  for (const std::optional<Reproduction>& tried : {std::optional<Reproduction>(), std::optional(nothing)}) {
    EXPECT_TRUE(starts(word(halves, halves_test, TestStatus::added, tried), "not_checkable")) << "that it calls what is new says nothing by itself";
    EXPECT_TRUE(starts(word(empty, empty_test, TestStatus::fixed, tried), "not_checkable")) << "it was another test then";
  }
}

TEST(Criteria, WhichTestsAreToBeProven) {
  const CriteriaFacts facts = kChange.facts();
  const std::string path = "tests/test_cart.py::", halves = path + "test_discount_halves_the_price", empty = path + "test_total_of_empty_cart_is_zero";
  const std::vector<std::string> criteria = {"The discount halves the price of an article", "The total of an empty cart is zero", "gate: pytest", "The page is beautiful"};
  const std::vector<TestVerdict> tests = {test(halves, TestStatus::added), test(empty, TestStatus::added), test(path + "test_tax_is_kept", TestStatus::added)};
  using Ids = std::vector<std::string>;
  EXPECT_EQ(tests_to_prove(criteria, tests, facts, {}), Ids{empty}) << "the other one calls what is new";
  EXPECT_EQ(tests_to_prove(criteria, tests, facts, {halves}), (Ids{halves, empty}));
  EXPECT_EQ(tests_to_prove(criteria, {test(empty, TestStatus::fixed)}, facts, {}), Ids{});
  EXPECT_EQ(tests_to_prove(criteria, {test(halves, TestStatus::added_failing)}, facts, {halves}), Ids{});
  for (const char* named : {"gate: x", "test: x", "file: x", "symbol: x", "command: x", "red-green", "fixed: a b"}) EXPECT_FALSE(is_sentence(named)) << named;
  EXPECT_TRUE(is_sentence(criteria[0]));
}

// What was made weaker shows nothing, as far as it reaches.
TEST(Criteria, WeakerChecksMeetNothing) {
  struct Row {
    const char* weakened;  // path and kind
    bool escalates;
    const char *test, *sentence, *gate, *file;
  };
  const Row rows[] = {
      {"tests/test_cart.py assertion_weakened", true, "not_checkable", "not_checkable", "not_checkable", "met"},
      {"tests/test_tax.py assertion_removed", true, "met", "met", "not_checkable", "met"},
      {"tests/helpers.py assertion_redefined", true, "not_checkable", "not_checkable", "not_checkable", "met"},
      {"pytest.ini tests_deselected", true, "not_checkable", "not_checkable", "not_checkable", "met"},
      {"cart.py environment_read", true, "not_checkable", "not_checkable", "not_checkable", "met"},
      {"tests/test_cart.py skip_added", false, "met", "met", "met", "met"},
  };
  TestVerdict shown = test("tests/test_cart.py::test_discount_halves_the_price", TestStatus::added);
  shown.path = "tests/test_cart.py";
  for (const Row& row : rows) {
    VerifyReport report = report_with({shown});
    const std::string weakened = row.weakened;
    const auto space = weakened.find(' ');
    report.audit = {{weakened.substr(0, space), 3, weakened.substr(space + 1), Severity::warning, "", row.escalates}};
    const auto status = [&](const std::string& criterion) {
      const std::string text = judged(criterion, report, kChange.facts());
      EXPECT_EQ(text.starts_with("not_checkable"), text.find("is weaker than before") != text.npos) << text;
      return text.substr(0, text.find_first_of(" :"));
    };
    EXPECT_EQ(status("test: " + shown.id), row.test) << weakened;
    EXPECT_EQ(status("A discount halves the price"), row.sentence) << weakened;
    EXPECT_EQ(status("gate: pytest"), row.gate) << weakened;
    EXPECT_EQ(status("file: docs/cart.md"), row.file) << weakened;
  }
}

TEST(Criteria, AFindingThatIsMutedIsNotMended) {
  VerifyReport report;
  report.gates = {gate("ruff", GateVerdict::pass, RunVerdict::pass)};
  report.gates[0].base = report.gates[0].head;
  Finding finding;
  finding.path = "cart.py", finding.line = 4, finding.code = "F401", finding.tool = "ruff";
  const std::vector<FindingFate> fates = {{finding, "ruff", true}};
  const auto status = [&](const std::vector<AuditFinding>& audit) {
    report.audit = audit;
    return std::string(to_string(judge_criteria({"fixed: ruff F401 at cart.py:4"}, report, fates)[0].status));
  };
  EXPECT_EQ(status({}), "met");
  EXPECT_EQ(status({{"other.py", 4, "check_muted", Severity::note}}), "met");
  EXPECT_EQ(status({{"cart.py", 4, "check_muted", Severity::note}}), "not_checkable");
  EXPECT_EQ(status({{"ruff.toml", 1, "lint_weakened", Severity::note}}), "not_checkable");
}

TEST(Criteria, NothingIsShownByWordsAlone) {
  const CriteriaFacts facts = kChange.facts();
  const VerifyReport all = report_with({test("tests/test_cart.py::test_discount_halves_the_price", TestStatus::added), test("tests/test_cart.py::test_discount_runs", TestStatus::added),
                                        test("tests/test_cart.py::test_tax_is_kept", TestStatus::added)});
  for (const char* sentence : {"The page is beautiful", "The discount is sent by mail to the customer", "`refund` halves the price of a discount", "The tax is kept", "It works"}) {
    EXPECT_EQ(judged(sentence, all, facts), "not_checkable: no test of the change covers it") << sentence;
  }
  EXPECT_EQ(judged("Write docs/refunds.md for the customer", all, facts), "not_checkable: no test of the change covers it, and the result does not have docs/refunds.md");
  EXPECT_EQ(judged("The discount halves the price of an article", all), "not_checkable: no test of the change covers it") << "without the facts";
}

// What may never run insists on nothing; what a macro holds is asked all the same.
TEST(Criteria, OnlyWhatIsHeldWhateverComesShowsASentence) {
  const auto judged_by = [](const std::string& program, const std::string& path, const std::string& name, const std::string& text) {
    const Change change{{{program, ""}}, {{program, program == "slug.js" ? "export function slug(x) { return x }\n" : "pub fn slug(x: &str) -> String { x.into() }\n"}, {path, text}}};
    return judged("slug drops accents from letters", report_with({test(path + "::" + name, TestStatus::added)}), change.facts()).substr(0, 5);
  };
  const auto js = [&](const std::string& body) { return judged_by("slug.js", "test/slug.test.js", "slug drops accents", "test('slug drops accents', () => {\n" + body + "});\n"); };
  EXPECT_EQ(js("  assert.equal(slug('é'), 'e');\n"), "met e");
  EXPECT_EQ(js("  for (const [a, b] of [['é', 'e']]) assert.equal(slug(a), b);\n"), "met e");
  EXPECT_EQ(js("  for (const [a, b] of []) assert.equal(slug(a), b);\n"), "not_c");
  EXPECT_EQ(js("  const got = slug('é');\n  if (got === 'e') assert.equal(got, 'e');\n"), "not_c");
  const auto rust = [&](const std::string& body) { return judged_by("slug.rs", "tests/slug.rs", "slug_drops_accents", "#[test]\nfn slug_drops_accents() {\n" + body + "}\n"); };
  EXPECT_EQ(rust("    assert_eq!(slug(\"é\"), \"e\");\n"), "met e");
  EXPECT_EQ(rust("    assert_eq!(other(\"é\"), \"e\");\n"), "not_c");
  EXPECT_EQ(rust("    if cfg!(windows) { assert_eq!(slug(\"é\"), \"e\"); }\n"), "not_c");
}

TEST(Criteria, ATestIsNamedByTheEndOfItsIdAndAGateByItsOwn) {
  const VerifyReport report = report_with({test("tests/tax.rs::total_adds", TestStatus::added), test("a.py::test_one", TestStatus::unchanged), test("b.py::test_one", TestStatus::regression)});
  EXPECT_EQ(judged("test: total_adds", report), "met e-pytest: tests/tax.rs::total_adds is added");
  EXPECT_EQ(judged("test: adds", report).substr(0, 31), "not_checkable: no test of this ");
  EXPECT_EQ(judged("test: test_one", report), "not_checkable: more than one test has this name: a.py::test_one, b.py::test_one");
  EXPECT_EQ(judged("test: a.py::test_one", report), "met e-pytest: the test passes, as on the base");
  EXPECT_EQ(judged("gate: pytests", report), "not_checkable: no gate of this name ran; there are: pytest");
}

TEST(Criteria, FilesAndSymbolsAreLookedForInTheTree) {
  const CriteriaFacts facts = kChange.facts();
  const VerifyReport report = report_with({});
  EXPECT_EQ(judged("file: docs/cart.md", report, facts), "met: it is in the result's tree");
  EXPECT_EQ(judged("file: docs/none.md", report, facts), "unmet: the result's tree has no such file or folder");
  EXPECT_EQ(judged("symbol: discount", report, facts), "met: it stands in cart.py:7");
  EXPECT_EQ(judged("symbol: discount in cart.py", report, facts), "met: it stands in cart.py:7");
  EXPECT_EQ(judged("file: cart.py", report, facts), "met: it is in the result's tree, and in the base's");
  EXPECT_EQ(judged("symbol: tax in cart.py", report, facts), "met: it stands in cart.py:4, and on the base");
  EXPECT_EQ(judged("symbol: refund in cart.py", report, facts), "unmet: cart.py does not define it");
  EXPECT_EQ(judged("symbol: refund", report, facts), "not_checkable: no changed file defines it; \"symbol: NAME in PATH\" says where to look");
}

TEST(Criteria, CommandsRunAsGatesThatDecideNothingElse) {
  VerificationPlan plan;
  PlannedGate build;
  build.head.emplace();
  build.head->name = "make build";
  build.head->kind = GateKind::build;
  plan.gates = {build};
  add_command_gates(plan, {"command: ./app --version", "command:", "It is fast", "command: ./app --version"});
  ASSERT_EQ(plan.gates.size(), 2u);
  const Gate& gate_of_it = *plan.gates[1].head;
  EXPECT_FALSE(plan.gates[1].base || gate_of_it.required || gate_of_it.network);
  EXPECT_EQ(gate_of_it.argv, (std::vector<std::string>{"sh", "-c", "./app --version"}));
  EXPECT_EQ(gate_of_it.needs, (std::vector<std::string>{"make build"}));

  const std::string criterion = "command: ./app --version";
  VerifyReport report;
  report.gates = {gate(criterion, GateVerdict::pass, RunVerdict::pass)};
  EXPECT_EQ(judged(criterion, report), "met e-" + criterion + ": it ended with 0");
  report.gates = {gate(criterion, GateVerdict::fail, RunVerdict::fail)};
  EXPECT_EQ(judged(criterion, report), "unmet e-" + criterion + ": exit status 3");
  report.gates = {gate(criterion, GateVerdict::env_fault, RunVerdict::env_fault)};
  EXPECT_EQ(judged(criterion, report), "not_checkable e-" + criterion + ": exit status 3");
  EXPECT_EQ(judged(criterion, {}), "not_checkable: the command did not run");
}

TEST(Criteria, RedGreenIsOneAmongThem) {
  EXPECT_FALSE(red_green_wish({"gate: pytest", "red-green tests are nice"}).asked);
  EXPECT_TRUE(red_green_wish({"red-green"}).asked);
  EXPECT_EQ(red_green_wish({"red-green: a", "red-green: b c"}).tests, (std::vector<std::string>{"a", "b c"}));
  EXPECT_TRUE(red_green_wish({"red-green: a", "red-green"}).tests.empty());

  VerifyReport report;
  EXPECT_EQ(judged("red-green", report), "not_checkable: it was not tried");
  report.reproduction.emplace();
  report.reproduction->evidence = {"e1"};
  report.reproduction->message = "It is so.";
  EXPECT_EQ(judged("red-green", report), "not_checkable e1: It is so");
  report.reproduction->status = ReproductionStatus::proven;
  report.reproduction->proven = {"a"};
  EXPECT_EQ(judged("red-green", report), "met e1: It is so");
  EXPECT_EQ(judged("red-green: a", report), "met e1: It is so");
  EXPECT_EQ(judged("red-green: b", report), "unmet e1: other tests show it, and this one does not");
  report.reproduction->status = ReproductionStatus::invalid;
  const std::map<RedGreenReason, std::string> expected = {{RedGreenReason::unexpected_green, "unmet"},
                                                          {RedGreenReason::zero_tests_discovered, "unmet"},
                                                          {RedGreenReason::edited_between, "unmet"},
                                                          {RedGreenReason::no_target_test_failure, "unmet"},
                                                          {RedGreenReason::still_red, "unmet"},
                                                          {RedGreenReason::flaky, "not_checkable"},
                                                          {RedGreenReason::fixture_or_load_failure, "not_checkable"},
                                                          {RedGreenReason::nonzero_exit_without_test_failure, "not_checkable"}};
  for (const auto& [reason, status] : expected) {
    report.reproduction->reason = reason;
    EXPECT_EQ(judged("red-green", report), status + " e1: " + std::string(to_string(reason)) + ": It is so");
  }
}

}  // namespace
}  // namespace baton
