#include "analyzers/audit/audit.h"

#include <re2/re2.h>

#include <algorithm>
#include <set>

#include "analyzers/audit/cargo_builds.h"
#include "analyzers/audit/code_text.h"
#include "analyzers/audit/compare_tests.h"
#include "analyzers/audit/doc_examples.h"
#include "analyzers/audit/equality.h"
#include "analyzers/audit/given_values.h"
#include "analyzers/audit/go_set_up.h"
#include "analyzers/audit/intent.h"
#include "analyzers/audit/line_changes.h"
#include "analyzers/audit/matchers.h"
#include "analyzers/audit/native_set_up.h"
#include "analyzers/audit/replaced_packages.h"
#include "analyzers/audit/settings.h"
#include "analyzers/audit/source_lines.h"
#include "analyzers/audit/test_data.h"
#include "analyzers/audit/test_file.h"
#include "analyzers/audit/unread_languages.h"
#include "analyzers/audit/unread_tests.h"
#include "analyzers/context/defined_names.h"
#include "analyzers/syntax.h"

namespace baton {
namespace {

using namespace audit;

constexpr std::size_t kMaxFindings = 500;

bool is_source(std::string_view path) {
  switch (language_of(path)) {
    case Language::none:
    case Language::json:
    case Language::bash:
    case Language::yaml:
    case Language::toml: return false;
    default: return true;
  }
}

bool unchanged(const AuditedFile& file) { return file.before == file.after && (file.old_path.empty() || file.old_path == file.path); }

bool is_test_folder_or_file(std::string_view path) {
  static const RE2 kFolder("(?i)(^|/)(tests?|testing|specs?|__tests__|testsuite|unittests?|testdata|fixtures?|e2e|integration[-_]tests?)(/|$)");
  return (is_test_path(path) && language_of(path) != Language::rust) || RE2::PartialMatch(re2::StringPiece(path.data(), path.size()), kFolder);
}

bool is_test_code(const AuditedFile& file) { return file.part == AuditedPart::tests || is_test_folder_or_file(file.path); }

// A name that nobody gives to a thing in passing: `_helpLongFlag`, `parse_strict`.
bool is_telling(std::string_view name) {
  static const RE2 kTwoWords("[a-z0-9]_[a-z0-9]|[a-z][A-Z]");
  return name.size() >= 9 || (name.size() >= 6 && RE2::PartialMatch(re2::StringPiece(name.data(), name.size()), kTwoWords));
}

// What it says to the world: the words of its texts.
void add_texts(std::string_view code, std::set<std::string>& words) {
  for (const std::string& one : literals(code)) {
    if (one[0] == '\'') words.merge(plain_words(one));
  }
}

// Rust keeps tests in the file that they test, and examples that run in its comments.
std::string without_own_tests(std::string_view path, std::string_view text) {
  if (language_of(path) != Language::rust) return std::string(text);
  std::string program;
  for (const std::string_view line : lines_of(text.substr(0, text.find("#[cfg(test)]")))) {
    if (!trimmed(line).starts_with("///") && !trimmed(line).starts_with("//!")) program += std::string(line) + "\n";
  }
  return program;
}

// What things have, by how they are given it: `self.x = 1`, `def x(self):`, `x() {`.
void add_members(std::string_view code, std::set<std::string>& members) {
  static const RE2 kGiven("(?:self|this)(?:\\.|->)([A-Za-z_]\\w*)\\s*=[^=]");
  re2::StringPiece left(code.data(), code.size());
  for (std::string name; RE2::FindAndConsume(&left, kGiven, &name);) members.insert(name);
  for (const std::string_view name : defined_names(code)) members.insert(std::string(name));
}

// What the program was and is, tests and settings aside.
Surroundings surroundings(const std::vector<AuditedFile>& files) {
  Surroundings around;
  std::set<std::string> had, has, defined, said_before, said_after, members_before, members_after;
  for (const AuditedFile& file : files) {
    if (is_test_code(file) || file.part == AuditedPart::support || settings_kind(file.path) != SettingsKind::none) continue;
    const std::string& old_path = file.old_path.empty() ? file.path : file.old_path;
    if (file.before && (!file.after || old_path != file.path)) around.gone_files.insert(old_path.substr(old_path.rfind('/') == old_path.npos ? 0 : old_path.rfind('/') + 1));
    if (file.before == file.after) continue;
    if (!is_source(file.path) && !is_unread_source(file.path)) {
      static const RE2 kProse("(?i)\\.(md|rst|txt|adoc|png|svg|jpg|gif|lock)$|(^|/)(LICENSE|CHANGELOG|CHANGES|AUTHORS)");
      around.program_changed = around.program_changed || !RE2::PartialMatch(file.path, kProse);
      continue;
    }
    const std::string before = without_own_tests(file.path, file.before.value_or("")), after = without_own_tests(file.path, file.after.value_or(""));
    around.program_changed = around.program_changed || before != after;
    add_texts(before, said_before);
    add_texts(after, said_after);
    add_members(before, members_before);
    add_members(after, members_after);
    for (const std::string_view name : defined_names(before)) {
      if (name.size() > 2) had.insert(std::string(name));
      defined.insert(std::string(name));
    }
    for (const std::string_view name : defined_names(after)) around.defined.insert(std::string(name));
    for (const std::string& name : identifiers(before)) {
      if (is_telling(name)) had.insert(name);
    }
    for (std::string name : identifiers(after)) has.insert(std::move(name));
    if (!file.after) {
      const auto slash = file.path.rfind('/');
      std::string name = file.path.substr(slash == file.path.npos ? 0 : slash + 1);
      name.resize(std::min(name.find('.'), name.size()));
      if (name.size() > 3) had.insert(name);
      defined.insert(std::move(name));
    }
  }
  std::set_difference(defined.begin(), defined.end(), has.begin(), has.end(), std::inserter(around.removed, around.removed.end()));
  std::set_difference(had.begin(), had.end(), has.begin(), has.end(), std::inserter(around.gone, around.gone.end()));
  std::erase_if(members_before, [](const std::string& name) { return name.size() < 4; });
  std::set_difference(members_before.begin(), members_before.end(), members_after.begin(), members_after.end(), std::inserter(around.gone_members, around.gone_members.end()));
  std::set_difference(said_before.begin(), said_before.end(), said_after.begin(), said_after.end(), std::inserter(around.unsaid, around.unsaid.end()));
  std::set_difference(said_after.begin(), said_after.end(), said_before.begin(), said_before.end(), std::inserter(around.said, around.said.end()));
  return around;
}

// A copy of a test framework, or of somebody else's code.
bool is_foreign(std::string_view path) {
  static const RE2 kForeign("(?i)(^|/)(third[_-]?party|vendor|node_modules|bower_components)/|(^|/)(catch(_amalgamated|2|_all)?|doctest|gtest(-all)?|gmock(-all)?|acutest|munit|unity|greatest|utest|minunit)\\.(hpp|h|c|cc|cpp)$");
  return RE2::PartialMatch(re2::StringPiece(path.data(), path.size()), kForeign);
}

// Whose tests it runs is what the framework says, so a change of it is looked at by a human unless it was asked for.
void audit_framework(const AuditedFile& file, const Intent& intent, std::vector<AuditFinding>& findings) {
  if (!file.before || !is_test_code(file)) return;
  const auto slash = file.path.rfind('/');
  const std::string name = file.path.substr(slash == file.path.npos ? 0 : slash + 1);
  const bool asked = intent.mentions(name.substr(0, name.find('.')) + " catch2 googletest doctest") || intent.mentions("upgrade vendored framework dependencies third party");
  findings.push_back({file.path, 1, "framework_changed", asked ? Severity::note : Severity::warning, file.after ? "The code that runs the tests is another one." : "The code that ran the tests is gone.", !asked, !file.after});
}

// The fences in the comments of a Rust file, beside its other tests.
TestFilePair rust_examples(const AuditedFile& file) {
  TestFilePair pair;
  pair.base = read_rust_examples(file.old_path.empty() ? file.path : file.old_path, file.before.value_or(""));
  pair.head = read_rust_examples(file.path, file.after.value_or(""));
  if (file.before) pair.base_text = *file.before;
  if (file.after) pair.head_text = *file.after;
  return pair;
}

std::vector<TestFilePair> test_files(const std::vector<AuditedFile>& files, const Intent& intent, std::vector<AuditFinding>& findings, const std::stop_token& stop) {
  std::vector<TestFilePair> pairs;
  for (const AuditedFile& file : files) {
    if (!is_source(file.path) || unchanged(file) || stop.stop_requested()) continue;
    const std::string& old_path = file.old_path.empty() ? file.path : file.old_path;
    if (!may_hold_tests(file.path) && !may_hold_tests(old_path) && file.part == AuditedPart::by_name) continue;
    if (is_foreign(file.path)) {
      audit_framework(file, intent, findings);
      continue;
    }
    TestFilePair pair;
    if (file.before) {
      pair.base = read_test_file(old_path, *file.before, file.part);
      pair.base_text = *file.before;
    } else {
      pair.base.path = file.path;
    }
    if (file.after) {
      pair.head = read_test_file(file.path, *file.after, file.part);
      pair.head_text = *file.after;
    } else {
      pair.head.path = file.path;
    }
    if (!pair.base.readable || !pair.head.readable) {
      const bool hides = pair.base.readable && !pair.base.units.empty();  // what could be read before
      findings.push_back({file.path, 0, "not_read", hides ? Severity::warning : Severity::note, "The file is too large or too hard to read, so its tests were not compared.", hides});
      continue;
    }
    pairs.push_back(std::move(pair));
    if (file.examples_run && language_of(file.path) == Language::rust) pairs.push_back(rust_examples(file));
  }
  return pairs;
}

// What runs may then not be what can be read.
void find_built_code(const std::vector<AuditedFile>& files, const Intent& intent, std::vector<AuditFinding>& findings) {
  static const RE2 kData("(?i)(^|/)(testdata|fixtures?|samples?|corpus|corpora|examples?)(/|$)");
  for (const AuditedFile& file : files) {
    if (!file.built) continue;
    const bool asked = intent.mentions("binary prebuilt compiled bundle") || RE2::PartialMatch(file.path, kData);
    findings.push_back({file.path, 1, "built_code", asked ? Severity::note : Severity::warning, "The change brings a compiled file, which runs in place of what can be read.", !asked});
  }
}

// Python runs the lines of a path file that begin with "import" at every start, where the file lies among its packages.
void find_path_files(const std::vector<AuditedFile>& files, std::vector<AuditFinding>& findings) {
  for (const AuditedFile& file : files) {
    if (!file.path.ends_with(".pth") || !file.after) continue;
    for (const ChangedLine& line : line_changes(file.before ? *file.before : std::string_view(), *file.after).fresh) {
      if (!line.text.starts_with("import ") && !line.text.starts_with("import\t")) continue;
      findings.push_back({file.path, line.line, "runner_hook", Severity::warning, "Python runs this line before anything else, the tests' runner included.", true, false, hunk_of({}, {line})});
      break;
    }
  }
}

// `${name}_test.cpp` names it as well, where a loop or a call gives that name.
bool named_by_a_pattern(std::string_view text, std::string_view source) {
  static const RE2 kPattern("([\\w.-]*)\\$\\{\\w+\\}([\\w.-]*\\.\\w+)");
  re2::StringPiece left(text.data(), text.size());
  for (std::string before, after; RE2::FindAndConsume(&left, kPattern, &before, &after);) {
    if (source.size() <= before.size() + after.size() || !source.starts_with(before) || !source.ends_with(after)) continue;
    const std::string name(source.substr(before.size(), source.size() - before.size() - after.size()));
    if (RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), "(^|[\\s(;\"])" + RE2::QuoteMeta(name) + "($|[\\s);\"])")) return true;
  }
  return false;
}

// Sources of tests that a build file named and names no more, though they are still there.
void find_unregistered(const std::vector<AuditedFile>& files, std::vector<AuditFinding>& findings) {
  std::set<std::string> moved;
  for (const AuditedFile& file : files) {
    if (!file.after || file.old_path != file.path) moved.insert(file.old_path.empty() ? file.path : file.old_path);
  }
  static const RE2 kSource("([\\w./-]*\\w+\\.(?:cpp|cc|cxx|c|rs)\\b)");
  for (const AuditedFile& file : files) {
    if (!file.before || !file.after || settings_kind(file.path) != SettingsKind::build) continue;
    int line = 0;
    for (const std::string_view text : lines_of(*file.before)) {
      ++line;
      re2::StringPiece left(text.data(), text.size());
      std::string name;
      while (RE2::FindAndConsume(&left, kSource, &name)) {
        const std::string last = name.substr(name.rfind('/') == name.npos ? 0 : name.rfind('/') + 1);
        if (file.after->find(last) != file.after->npos || !is_test_path(name) || named_by_a_pattern(*file.after, last)) continue;
        if (std::any_of(moved.begin(), moved.end(), [&](const std::string& path) { return path.ends_with(last); })) continue;
        if (file.after->find("GLOB") != file.after->npos) continue;
        AuditFinding finding{file.path, line, "test_unregistered", Severity::warning, "\"" + name + "\" is still there, and no longer built.", true, true, "-" + std::string(text) + "\n"};
        findings.push_back(std::move(finding));
      }
    }
  }
}

// What two readers of one file found is said once, by the graver one.
void join_findings(std::vector<AuditFinding>& findings, std::vector<AuditFinding> more) {
  for (AuditFinding& one : more) {
    const auto known = std::find_if(findings.begin(), findings.end(), [&](const AuditFinding& other) { return other.path == one.path && other.line == one.line && other.on_base == one.on_base && other.kind == one.kind; });
    if (known == findings.end()) findings.push_back(std::move(one));
    else if (one.escalates && !known->escalates) *known = std::move(one);
  }
}

bool holds_line(const PlacedTest& test, const AuditFinding& finding) { return finding.path == test.path && finding.line >= test.line && finding.line <= test.end_line; }

// Where a test is gone, nothing that takes protection away may have to do with it or with those that hold what it held: what stands
// within another test has not, all else may.
void doubt_what_is_weakened(std::vector<AuditedTest>& tests, const std::vector<TestFilePair>& pairs, const std::vector<AuditFinding>& findings) {
  const auto within_a_test = [&](const AuditFinding& finding) {
    return std::any_of(pairs.begin(), pairs.end(), [&](const TestFilePair& pair) {
      const TestFile& file = finding.on_base ? pair.base : pair.head;
      return file.path == finding.path && std::any_of(file.units.begin(), file.units.end(), [&](const TestUnit& unit) { return unit.is_test && finding.line >= unit.line && finding.line <= unit.end_line; });
    });
  };
  for (const AuditFinding& finding : findings) {
    if (!finding.escalates) continue;
    const bool of_one = within_a_test(finding);
    for (AuditedTest& test : tests) {
      const bool its_own = finding.on_base ? holds_line(test.was, finding) : std::any_of(test.held_by.begin(), test.held_by.end(), [&](const PlacedTest& by) { return holds_line(by, finding); });
      if (!of_one || its_own) test.fate = TestFate::lost, test.removed_cases.clear();
    }
  }
}

}  // namespace

bool escalates(const std::vector<AuditFinding>& findings) {
  return std::any_of(findings.begin(), findings.end(), [](const AuditFinding& finding) { return finding.escalates; });
}

bool is_audited(std::string_view path) { return is_source(path) || unread_tests_language(path) || is_test_data(path) || settings_kind(path) != SettingsKind::none || is_environment_of_tests(path) || path.ends_with(".pth"); }

std::vector<AuditFinding> audit_change(const std::vector<AuditedFile>& files, const std::optional<std::string>& task, std::stop_token stop) {
  return audit_of(files, task, std::move(stop)).findings;
}

Audit audit_of(const std::vector<AuditedFile>& files, const std::optional<std::string>& task, std::stop_token stop) {
  const Intent intent(task);
  const Surroundings around = surroundings(files);
  std::vector<AuditFinding> findings;
  const std::vector<TestFilePair> pairs = test_files(files, intent, findings, stop);
  auto of_tests = compare_tests(pairs, intent, around, stop);
  std::move(of_tests.findings.begin(), of_tests.findings.end(), std::back_inserter(findings));
  const bool tests_removed = std::any_of(findings.begin(), findings.end(), [](const AuditFinding& finding) { return finding.kind == "test_removed"; });
  std::vector<SettingsFile> settings;
  for (const AuditedFile& file : files) {
    if (unchanged(file) || stop.stop_requested()) continue;
    const std::string_view before = file.before ? std::string_view(*file.before) : std::string_view(), after = file.after ? std::string_view(*file.after) : std::string_view();
    if (is_source(file.path) && file.after && !(is_foreign(file.path) && is_test_code(file))) {
      auto more = audit_source_lines(file.path, before, after, is_test_code(file), intent);
      std::move(more.begin(), more.end(), std::back_inserter(findings));
    }
    if (is_source(file.path) && file.before && file.after) join_findings(findings, audit_equality(file.path, before, after));
    if (file.after) join_findings(findings, audit_matchers(file.path, before, after));
    join_findings(findings, audit_packages(file, intent));
    auto of_examples = audit_doc_examples(file, intent, around);
    std::move(of_examples.begin(), of_examples.end(), std::back_inserter(findings));
    if (settings_kind(file.path) == SettingsKind::none) continue;
    settings.push_back({file.path, file.old_path, {}, {}});
    if (file.before) settings.back().before = before;
    if (file.after) settings.back().after = after;
  }
  auto more = compare_settings(settings, intent, around.program_changed, tests_removed);
  std::move(more.begin(), more.end(), std::back_inserter(findings));
  join_findings(findings, audit_unread_tests(files, intent, around));
  join_findings(findings, audit_cargo_builds(files, intent));
  join_findings(findings, audit_given_values(files));
  join_findings(findings, audit_go_set_up(files));
  join_findings(findings, audit_native_set_up(files));
  join_findings(findings, audit_test_data(files, intent, around, tests_removed));
  find_unregistered(files, findings);
  find_built_code(files, intent, findings);
  find_path_files(files, findings);
  std::stable_sort(findings.begin(), findings.end(), [](const AuditFinding& a, const AuditFinding& b) { return a.escalates > b.escalates; });
  doubt_what_is_weakened(of_tests.tests, pairs, findings);
  if (findings.size() > kMaxFindings) findings.resize(kMaxFindings);
  return {std::move(findings), std::move(of_tests.tests)};
}

}  // namespace baton
