#include <algorithm>
#include <cmath>
#include <map>

#include "analyzers/audit/code_text.h"
#include "analyzers/audit/comparison.h"

namespace baton::audit {
namespace {

std::string last_part(std::string_view name) {
  const auto dot = name.find_last_of(".:");
  return std::string(dot == name.npos ? name : name.substr(dot + 1));
}

bool is_name(std::string_view text) {
  static const RE2 kName("^[A-Za-z_][\\w.:]*$");
  return matches(text, kName);
}

std::vector<std::string> without(const std::vector<std::string>& all, const std::vector<std::string>& others) {
  std::map<std::string_view, int> left;
  for (const std::string& other : others) ++left[other];
  std::vector<std::string> rest;
  for (const std::string& one : all) {
    if (--left[one] < 0) rest.push_back(one);
  }
  return rest;
}

// By its name, where no use of it is to be seen.
bool speaks_of_a_tolerance(std::string_view name) {
  static const RE2 kTolerance("(?i)(^|_|k)(eps(ilon)?|(abs_?|rel_?|[ar])?tol(erance)?s?|delta|precision|accuracy|margin|slack|max_?(abs_?|rel_?)?(err(or)?|diff(erence)?|deviation|distance)|threshold|fuzz)($|_|[A-Z0-9])|(Eps(ilon)?|Tol(erance)?|Delta|Margin|MaxError|MaxDiff)$");
  return matches(name, kTolerance);
}
bool speaks_of_digits(std::string_view name) {
  static const RE2 kDigits("(?i)(^|_)(places|decimals?|decimal_places|digits|significant)($|_)");
  return matches(name, kDigits);
}
bool speaks_of_cases(std::string_view name) {
  static const RE2 kCases("(?i)(cases?|params?|parameters|inputs?|examples?|samples?|scenarios?|vectors?|tables?|rows?|values|valid|invalid|good|bad|expect\\w*|checks|specs|tests?)$|^[A-Z][A-Z0-9_]+$");
  return matches(name, kCases);
}
// The fewer of them, the more is asked.
bool speaks_of_an_allowance(std::string_view name) {
  static const RE2 kAllows("(?i)(allow|ignor|skip|exclu|exempt|known|except|permit|slow|flaky|disabled|broken|xfail|unsupported|whitelist|todo)");
  return matches(name, kAllows);
}
bool speaks_of_an_expectation(std::string_view name) {
  static const RE2 kExpected("(?i)(expect|wanted|(^|_)want|golden|correct|(^|_)answers?($|_))");
  return matches(name, kExpected);
}

}  // namespace

const NamedValue* Comparison::value_of(std::string_view name, std::size_t file, bool base) const {
  const std::string last = last_part(name);
  const auto in = [&](const TestFilePair& pair) -> const NamedValue* {
    const auto& values = (base ? pair.base : pair.head).values;
    const auto at = values.find(last);
    return at == values.end() ? nullptr : &at->second;
  };
  if (const NamedValue* own = in(files_[file])) return own;
  const NamedValue* found = nullptr;
  for (const TestFilePair& pair : files_) {
    const NamedValue* other = in(pair);
    if (other && found && other->value != found->value) return nullptr;  // whose it is cannot be told
    if (other) found = other;
  }
  return found;
}

// As the test has it: of what it made itself (`e = errors[0]`), `e.code` is no constant called `code`.
const NamedValue* Comparison::value_in(const Entry& entry, const std::string& name, bool base) const {
  const NamedValue* found = value_of(name, entry.file, base);
  const auto dot = name.find('.');
  if (!found || dot == name.npos) return found;
  const std::string owner = RE2::QuoteMeta(name.substr(0, dot));
  const RE2 made("(?m)^[ \\t]*([\\w.<>:&*]+[ \\t]+)?(\\w+[ \\t]*,[ \\t]*)*" + owner + "([ \\t]*,[ \\t]*\\w+)*[ \\t]*:?=[^=]|\\bfor\\b[^\\n]*\\b" + owner + "\\b[^\\n]*(\\bin\\b|\\bof\\b|\\brange\\b|:)|\\bas " + owner + "\\b");
  return matches(entry.unit->text, made) ? nullptr : found;
}

// A name that was given a value outside of the test stands for that value: an expectation, a bound, how far off a number may be.
void Comparison::name_values(Side& side, bool base) const {
  for (Entry& entry : side.entries) {
    for (Check& check : entry.checks) {
      if (check.kind == CheckKind::row) continue;
      if (!check.tolerance_name.empty() && !check.tolerance) {
        const NamedValue* value = value_in(entry, check.tolerance_name, base);
        const auto number = value ? number_of(value->value) : std::nullopt;
        if (number) check.tolerance = check.in_digits ? std::pow(10.0, -*number) : *number;
        if (number && check.kind == CheckKind::equal) check.kind = CheckKind::near, check.strength = 3;
        if (number) check.named = check.tolerance_name;
      }
      const bool equal = check.kind == CheckKind::equal || check.kind == CheckKind::near;
      if (equal && is_name(check.subject) && !is_name(check.expected) && !is_literal(check.expected) && value_in(entry, check.subject, base)) std::swap(check.subject, check.expected);
      if (!is_name(check.expected) || is_literal(check.expected)) continue;
      const NamedValue* value = value_in(entry, check.expected, base);
      if (!value || value->value.size() > 2000) continue;
      check.named = check.expected;
      check.expected = value->value;
    }
    entry.spelled.clear();
    for (const Check& check : entry.checks) entry.spelled.push_back(spelling_of(check));
  }
}

// Its subject, with names of the tests' files as what they stand for.
std::string Comparison::with_values(const Check& check, const Entry& entry, bool base) const {
  std::string text;
  const std::string& code = check.subject;
  for (std::size_t at = 0; at < code.size();) {
    std::size_t end = at;
    while (end < code.size() && (std::isalnum(static_cast<unsigned char>(code[end])) || code[end] == '_')) ++end;
    if (end == at) {
      text += code[at++];
      continue;
    }
    const std::string name = code.substr(at, end - at);
    const bool called = end < code.size() && (code[end] == '(' || code[end] == '!');
    const NamedValue* value = called || std::isdigit(static_cast<unsigned char>(name[0])) ? nullptr : value_of(name, entry.file, base);
    text += value && value->value.size() < 2000 ? value->value : name;
    at = end;
  }
  return text;
}

void Comparison::report_value(const char* kind, bool escalates, std::size_t file, const NamedValue& was, const NamedValue* is, std::string message) {
  AuditFinding finding;
  finding.path = is ? files_[file].head.path : files_[file].base.path;
  finding.line = is ? is->line : was.line;
  finding.on_base = !is;
  finding.kind = kind;
  finding.escalates = escalates;
  finding.message = std::move(message);
  finding.hunk = hunk(files_[file].base_text, was.line, was.end_line, files_[file].head_text, is ? is->line : 0, is ? is->end_line : 0);
  finish(std::move(finding));
}

// What the values of the tests' own names were and are, where no check that is to be seen told it already.
void Comparison::compare_values() {
  for (std::size_t i = 0; i < files_.size(); ++i) {
    const TestFilePair& pair = files_[i];
    if (pair.head.units.empty() || !pair.base.of_tests) continue;
    for (const auto& [name, was] : pair.base.values) {
      const auto at = pair.head.values.find(name);
      const NamedValue* is = at == pair.head.values.end() ? nullptr : &at->second;
      if (!is || is->value != was.value) compare_value(i, name, was, is);
    }
  }
}

void Comparison::compare_value(std::size_t file, const std::string& name, const NamedValue& was, const NamedValue* is) {
  if (was.list) shorter_list(file, name, was, is);
  else if (is && !told_.count(name)) other_value(file, name, was, *is);
}

void Comparison::other_value(std::size_t file, const std::string& name, const NamedValue& was, const NamedValue& is) {
  const auto before = number_of(was.value), after = number_of(is.value);
  const std::string about = name + " " + files_[file].head.path;
  if (before && after && ((speaks_of_a_tolerance(name) && std::abs(*after) > std::abs(*before) * 1.0001) || (speaks_of_digits(name) && *after < *before))) {
    report_value("tolerance_widened", !intent_.explains_change(about + " tolerance precision", is.value, was.value), file, was, &is, "\"" + name + "\" went from " + was.value + " to " + is.value + ", so more is let pass.");
    return;
  }
  if (!speaks_of_an_expectation(name) || plain_literals(was.value) == plain_literals(is.value)) return;
  const bool explained = intent_.explains_change(about, is.value, was.value) || intent_.asks_for_other_tests() || concerns_gone(was.value);
  const bool asks = intent_.given() ? !explained : !around_.program_changed;
  report_value("expectation_changed", asks, file, was, &is, "\"" + name + "\" was " + short_text(was.value) + " and is " + short_text(is.value) + (asks ? ", and nothing that was asked for says why." : "."));
}

// Another list of the tests has it, or a row of one does.
bool Comparison::told_elsewhere(const std::string& element, const std::string& name) const {
  for (const TestFilePair& pair : files_) {
    for (const auto& [other, value] : pair.head.values) {
      if (other != name && value.list && std::find(value.elements.begin(), value.elements.end(), element) != value.elements.end()) return true;
    }
  }
  const std::vector<std::string> said = literals(element);
  return std::any_of(head_.entries.begin(), head_.entries.end(), [&](const Entry& entry) {
    return std::any_of(entry.checks.begin(), entry.checks.end(), [&](const Check& check) {
      return normalised(check.text) == element || (check.kind == CheckKind::row && !said.empty() && holds_all(literals(check.text), said));
    });
  });
}

void Comparison::shorter_list(std::size_t file, const std::string& name, const NamedValue& was, const NamedValue* is) {
  if (was.rows || speaks_of_an_allowance(name)) return;  // rows: each of them is a check of the file
  const auto goes_through = [&](const TestUnit& unit) { return std::any_of(unit.iterations.begin(), unit.iterations.end(), [&](const Iteration& one) { return one.name == name; }); };
  const auto& units = files_[file].base.units;
  const bool gone_through = std::any_of(units.begin(), units.end(), goes_through);
  if (!gone_through && (!is || !speaks_of_cases(name))) return;
  std::vector<std::string> lost = without(was.elements, is ? is->elements : std::vector<std::string>());
  const std::vector<std::string> fresh = is ? without(is->elements, was.elements) : std::vector<std::string>();
  const std::string now = is ? std::string() : normalised(files_[file].head_text);
  std::erase_if(lost, [&](const std::string& one) { return told_elsewhere(one, name) || (!is && now.find(one) != now.npos); });
  if (lost.empty() || lost.size() < fresh.size()) return;
  std::string code = name;
  for (const std::string& one : lost) code += " " + one;
  const bool replaced = lost.size() == fresh.size();
  const bool explained = intent_.explains_removal(files_[file].base.path + " " + code) || concerns_gone(code);
  const std::string more = lost.size() > 1 ? " and " + std::to_string(lost.size() - 1) + " more" : "";
  report_value("case_removed", !replaced && !explained, file, was, is, "\"" + short_text(lost[0]) + "\"" + more + (lost.size() > 1 ? " are" : " is") + (replaced ? " another one now in \"" : " no longer in \"") + name + "\".");
}

// All cases were gone through, and only some of them are now.
void Comparison::compare_iterations() {
  for (const Entry& head : head_.entries) {
    if (!head.pair) continue;
    const Entry& base = base_.entries[*head.pair];
    for (const Iteration& one : head.unit->iterations) {
      if (one.part.empty()) continue;
      const auto whole = [&](const TestUnit& unit) {
        return std::count_if(unit.iterations.begin(), unit.iterations.end(), [&](const Iteration& other) { return other.name == one.name && other.part.empty(); });
      };
      const auto parts = [&](const TestUnit& unit) { return std::count_if(unit.iterations.begin(), unit.iterations.end(), [&](const Iteration& other) { return other.name == one.name && !other.part.empty(); }); };
      const bool outside = head.unit->name.empty() || head.unit->is_group;
      const bool all_before = outside ? files_[base.file].base.values.count(one.name) > 0 && parts(*head.unit) > parts(*base.unit) : whole(*base.unit) > whole(*head.unit) && parts(*head.unit) > parts(*base.unit);
      if (!all_before) continue;
      Check place;
      place.line = place.end_line = one.line;
      report("case_removed", !intent_.explains_removal(about(head) + " " + one.name), head, place, nullptr, nullptr, "Only a part of the cases is run now: \"" + short_text(one.part) + "\".");
      break;
    }
  }
}

// A helper that compared, and says the same thing now whatever it is given.
void Comparison::compare_answers() {
  for (const TestFilePair& pair : files_) {
    if (!pair.base.of_tests || !pair.head.of_tests) continue;
    for (const TestUnit& was : pair.base.units) {
      const auto namesakes = [&](const TestFile& file) { return std::count_if(file.units.begin(), file.units.end(), [&](const TestUnit& unit) { return unit.qualified == was.qualified; }); };
      if (namesakes(pair.base) != 1 || namesakes(pair.head) != 1) continue;  // members of classes that the names do not tell apart
      if (was.answers.empty() || std::none_of(was.answers.begin(), was.answers.end(), [](const std::string& answer) { return binary_of(answer).has_value(); })) continue;
      const auto is = std::find_if(pair.head.units.begin(), pair.head.units.end(), [&](const TestUnit& unit) { return unit.qualified == was.qualified && !unit.answers.empty(); });
      if (is == pair.head.units.end()) continue;
      const auto settled = [](const std::string& answer) { return lower(answer) == "true" || lower(answer) == "false"; };
      const std::set<std::string> answers(is->answers.begin(), is->answers.end());
      if (answers.size() != 1 || !settled(*answers.begin())) continue;
      AuditFinding finding;
      finding.path = pair.head.path;
      finding.line = is->line;
      finding.kind = "assertion_weakened";
      finding.escalates = true;
      finding.message = "\"" + short_text(is->qualified) + "\" answers " + *answers.begin() + " whatever it is given.";
      finding.hunk = hunk(pair.base_text, was.line, was.end_line, pair.head_text, is->line, is->end_line);
      finish(std::move(finding));
    }
  }
}

}  // namespace baton::audit
