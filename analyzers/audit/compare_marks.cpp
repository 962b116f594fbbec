#include "analyzers/audit/comparison.h"

#include <algorithm>
#include <cctype>

#include "analyzers/audit/code_text.h"

namespace baton::audit {
namespace {

// What a test of a test runner runs.
bool is_a_sample(std::string_view path) {
  static const RE2 kFolder("(?i)(^|/)(__)?(fixtures?|testdata|samples?)(__)?/");
  return matches(path, kFolder);
}

}  // namespace

bool Comparison::holds_known_tests(const Entry& group) const {
  return std::any_of(head_.entries.begin(), head_.entries.end(), [&](const Entry& entry) {
    if (!entry.test || !entry.pair || entry.file != group.file) return false;
    const std::string& scope = group.unit->qualified;
    return scope.empty() || entry.unit->qualified.starts_with(scope + ".");
  });
}

void Comparison::compare_marks() {
  for (const Entry& head : head_.entries) {
    const Entry* base = head.pair ? &base_.entries[*head.pair] : nullptr;
    const bool outer = head.unit->is_group || head.unit->name.empty();
    const bool known = base ? (head.test || !outer || holds_known_tests(head)) : outer && holds_known_tests(head);
    for (const OffMark& mark : head.unit->off) {
      const auto before = base ? std::count_if(base->unit->off.begin(), base->unit->off.end(), [&](const OffMark& one) { return same_mark(one, mark); }) : 0;
      const auto now = std::count_if(head.unit->off.begin(), head.unit->off.end(), [&](const OffMark& one) { return same_mark(one, mark); });
      if (before >= now) continue;
      // A mark that says it in other words, with a reason or a condition.
      if (base && !base->unit->off.empty() && !mark.condition.empty()) continue;
      put_mark(head, base, mark, known);
      break;
    }
  }
}

void Comparison::put_mark(const Entry& head, const Entry* base, const OffMark& mark, bool known) {
  const std::string what = head.unit->name.empty() ? "the tests of this file" : "\"" + short_text(head.unit->qualified) + "\"";
  const bool environment = asks_the_environment(mark.condition);
  const std::set<std::string>& optional = files_[head.file].base.optional;
  const bool always = mark.condition.empty() && (mark.missing.empty() || !std::includes(optional.begin(), optional.end(), mark.missing.begin(), mark.missing.end()));
  AuditFinding finding;
  finding.path = files_[head.file].head.path;
  finding.line = mark.line;
  switch (mark.kind) {
    case OffKind::only:
      finding.kind = "only_added";
      finding.escalates = !files_[head.file].base.units.empty() || !is_a_sample(files_[head.file].head.path);
      finding.message = "Only " + what + " runs now: \"" + short_text(mark.text) + "\" keeps every other test of the file from running.";
      break;
    case OffKind::skip:
      finding.kind = "skip_added";
      finding.escalates = known && (always || environment) && !intent_.explains_switching_off();
      if (!always && mark.condition.empty()) finding.message = what + " is skipped without \"" + *mark.missing.begin() + "\", as it was before.";
      else finding.message = mark.condition.empty() ? what + " is skipped: \"" + short_text(mark.text) + "\"." : what + " is skipped where " + short_text(mark.condition) + ".";
      break;
    case OffKind::inverted:
      finding.kind = "failure_expected";
      finding.escalates = known && (mark.condition.empty() || environment) && !intent_.explains_switching_off();
      finding.message = what + " is expected to fail: \"" + short_text(mark.text) + "\".";
      break;
    case OffKind::retried:
      finding.kind = "retried";
      finding.escalates = known && !intent_.explains_switching_off();
      finding.message = what + " is run until it passes: \"" + short_text(mark.text) + "\".";
      break;
    case OffKind::unreachable:
      if (!mark.condition.empty()) return;
      finding.kind = "run_cut_short";
      finding.escalates = known || (base != nullptr) || head.unit->name.empty();
      finding.message = "\"" + short_text(mark.text) + "\" ends the run, or hides a failure, whatever the tests say.";
      break;
  }
  if (!finding.message.empty()) finding.message[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(finding.message[0])));
  finding.hunk = hunk({}, 0, 0, files_[head.file].head_text, mark.line, mark.line);
  finish(std::move(finding));
}

void Comparison::compare_replacements() {
  for (std::size_t i = 0; i < files_.size(); ++i) {
    const TestFilePair& file = files_[i];
    if (file.base.units.empty()) continue;
    std::set<std::string> before;
    for (const TestUnit& unit : file.base.units) {
      for (const Replacement& one : unit.replaces) before.insert(one.target);
    }
    for (const Entry& entry : head_.entries) {
      if (entry.file != i) continue;
      for (const Replacement& one : entry.unit->replaces) {
        if (before.count(one.target)) continue;
        if (replaces_subject(entry, one)) put_replacement(entry, one);
      }
    }
  }
}

bool Comparison::replaces_subject(const Entry& entry, const Replacement& one) const {
  const TestFile& file = files_[entry.file].head;
  std::set<std::string> names{one.target};
  if (one.module) {
    names.clear();
    for (const auto& [name, module] : file.imports) {
      if (module == one.target) names.insert(name);
    }
  }
  for (const Entry& other : head_.entries) {
    if (other.file != entry.file || (entry.test && &other != &entry) || !other.pair) continue;
    for (const Check& check : other.checks) {
      if (check.kind == CheckKind::called || check.kind == CheckKind::row) continue;
      for (const std::string& name : names) {
        if (asks(check.subject, name, one.owner) || asks(check.text, name, one.owner)) return true;
      }
    }
  }
  return false;
}

// `tax(…)` or `calc.tax(…)` where calc is what was replaced in; `client.get(…)` is another's.
bool Comparison::asks(const std::string& code, const std::string& name, const std::string& owner) {
  for (std::size_t at = code.find(name + "("); at != std::string::npos; at = code.find(name + "(", at + 1)) {
    if (at == 0) return true;
    const char before = code[at - 1];
    if (std::isalnum(static_cast<unsigned char>(before)) || before == '_') continue;
    if (before != '.' && before != ':') return true;
    std::size_t begin = at - 1;
    while (begin > 0 && (code[begin - 1] == ':' || code[begin - 1] == '.')) --begin;
    const std::size_t end = begin;
    while (begin > 0 && (std::isalnum(static_cast<unsigned char>(code[begin - 1])) || code[begin - 1] == '_')) --begin;
    if (lower(code.substr(begin, end - begin)) == lower(owner) && !owner.empty()) return true;
  }
  return false;
}

void Comparison::put_replacement(const Entry& entry, const Replacement& one) {
  AuditFinding finding;
  finding.path = files_[entry.file].head.path;
  finding.line = one.line;
  finding.kind = "subject_mocked";
  finding.escalates = true;
  finding.message = "\"" + short_text(one.target) + "\" is replaced by the test that checks it: \"" + short_text(one.text) + "\".";
  finding.hunk = hunk({}, 0, 0, files_[entry.file].head_text, one.line, one.line);
  finish(std::move(finding));
}

}  // namespace baton::audit
