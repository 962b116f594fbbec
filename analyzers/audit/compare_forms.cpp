// Other forms of the same check: what people do when they set a test out anew.
#include <algorithm>
#include <map>

#include "analyzers/audit/check_parts.h"
#include "analyzers/audit/code_text.h"
#include "analyzers/audit/comparison.h"

namespace baton::audit {
namespace {

// It runs wherever the branches lead that are around the other.
bool runs_where(const Check& is, const std::vector<Arm>& arms) {
  return std::all_of(is.arms.begin(), is.arms.end(), [&](const Arm& needed) {
    return std::any_of(arms.begin(), arms.end(), [&](const Arm& arm) {
      if (arm.otherwise != needed.otherwise) return false;
      if (arm.condition == needed.condition) return true;
      return !needed.otherwise && is_one_of(arm.condition, needed.condition);
    });
  });
}

// Never both in one run.
bool exclude_each_other(const Check& a, const Check& b) {
  return std::any_of(a.arms.begin(), a.arms.end(), [&](const Arm& one) {
    return std::any_of(b.arms.begin(), b.arms.end(), [&](const Arm& other) { return one.branch == other.branch && one.otherwise != other.otherwise; });
  });
}

std::vector<std::string> words_and_signs(const std::string& text) {
  static const RE2 kPart("([A-Za-z_]\\w*|[0-9][\\w.]*|[^\\s\\w])");
  std::vector<std::string> found;
  re2::StringPiece left(text);
  for (std::string part; RE2::FindAndConsume(&left, kPart, &part);) found.push_back(part);
  return found;
}

// All of it in its order, and something between.
bool adds_to(const std::string& was, const std::string& is) {
  const std::vector<std::string> before = words_and_signs(was), now = words_and_signs(is);
  std::size_t at = 0;
  for (const std::string& part : now) at += at < before.size() && part == before[at];
  return at == before.size() && now.size() > before.size();
}

}  // namespace

// What is said once where it stood twice: in two arms of a branch, or twice without anything done between.
void Comparison::said_once(Entry& base, std::size_t i, const Entry& head) {
  const Check& was = base.checks[i];
  if (base.used[i]) return;
  const auto nothing_between = [&](const Check& other) {
    for (int line = std::min(was.end_line, other.end_line) + 1; line < std::max(was.line, other.line); ++line) {
      if (std::none_of(base.checks.begin(), base.checks.end(), [&](const Check& check) { return check.line <= line && line <= check.end_line; })) return false;
    }
    return was.line != other.line;
  };
  for (std::size_t other = 0; other < base.checks.size(); ++other) {
    const Check& twin = base.checks[other];
    if (other == i || !same_check(was, twin) || normalised(was.text) != normalised(twin.text)) continue;
    if (base.used[other] && was.arms.size() == twin.arms.size() && nothing_between(twin)) {
      base.used[i] = true;
      return;
    }
    if (!exclude_each_other(was, twin)) continue;
    const bool still = std::any_of(head.checks.begin(), head.checks.end(), [&](const Check& is) { return same_check(was, is) && !is.swallowed && runs_where(is, was.arms) && runs_where(is, twin.arms); });
    if (still) base.used[i] = true;
    return;
  }
}

// `text.startsWith("a bc")` holds what `text.includes("bc")` did.
std::optional<std::size_t> Comparison::in_a_longer_text(const Check& was, const Entry& head) {
  if (was.kind != CheckKind::contains || was.negated) return std::nullopt;
  const std::vector<std::string> part = literals(was.expected);
  if (part.size() != 1 || part[0].size() < 5 || part[0][0] != '\'') return std::nullopt;
  const auto looked_at = [](const Check& check) {
    std::set<std::string> names = identifiers(check.subject);
    for (const std::string& called : called_names(check.subject)) names.erase(called);
    return names;
  };
  const std::set<std::string> names = looked_at(was);
  for (std::size_t k = 0; k < head.checks.size(); ++k) {
    const Check& is = head.checks[k];
    if (is.negated || is.swallowed || is.strength < was.strength || (is.kind != CheckKind::contains && is.kind != CheckKind::equal) || !runs_where(is, was.arms)) continue;
    const std::vector<std::string> whole = literals(is.expected);
    if (whole.size() == 1 && whole[0].size() > part[0].size() && !names.empty() && looked_at(is) == names && whole[0].find(part[0].substr(1, part[0].size() - 2)) != std::string::npos) return k;
  }
  return std::nullopt;
}

// `r[0] == 1`, `r.a == 1` or `len(r) == 2` where `r == [1, 2]` or `r == Point(a=1, b=2)` is asked on the other side: which element it is,
// or how many there are.
std::optional<std::size_t> Comparison::element_of(const Entry& entry, const Check& one, const Check& whole, Language language) {
  if (one.kind != CheckKind::equal || one.negated || one.swallowed || whole.kind != CheckKind::equal || whole.negated || whole.swallowed || whole.part) return std::nullopt;
  const auto part = part_looked_at(one.subject);
  const auto elements = part ? elements_of(whole.value.empty() ? whole.expected : whole.value, language, true) : std::nullopt;
  if (!elements) return std::nullopt;
  const auto given = entry.unit->given.find(part->whole);
  if (whole.subject != part->whole && (given == entry.unit->given.end() || whole.subject != given->second)) return std::nullopt;
  if (!part->place && part->key.empty()) return number_of(one.expected) == static_cast<double>(elements->size()) ? std::optional(elements->size()) : std::nullopt;
  const std::vector<std::string> wanted = plain_literals(one.expected);
  for (std::size_t at = 0; at < elements->size(); ++at) {
    const Element& element = (*elements)[at];
    const bool meant = part->place ? *part->place == at && element.key.empty() : element.key.empty() || element.key == part->key;
    if (meant && (wanted.empty() ? element.value == one.expected : plain_literals(element.value) == wanted)) return at;
  }
  return std::nullopt;
}

// `r == [1, 2]` as `r[0] == 1` and `r[1] == 2`; where one of its elements is looked at nowhere, only a part of it is left.
void Comparison::element_by_element(Entry& base, std::size_t i, Entry& head) {
  const Check was = base.checks[i];
  const Language language = files_[base.file].base.language;
  const auto elements = was.kind == CheckKind::equal && !was.part ? elements_of(was.value.empty() ? was.expected : was.value, language, true) : std::nullopt;
  if (!elements || elements->size() < 2) return;
  std::set<std::size_t> found, parts;
  for (std::size_t k = 0; k < head.checks.size(); ++k) {
    const auto element = head.used[k] || !runs_where(head.checks[k], was.arms) ? std::nullopt : element_of(head, head.checks[k], was, language);
    if (!element) continue;
    parts.insert(k);
    if (*element < elements->size()) found.insert(*element);
  }
  if (parts.empty()) return;
  base.used[i] = true;
  for (const std::size_t k : parts) head.used[k] = true;
  const bool all = found.size() == elements->size();
  const Check is = head.checks[*parts.begin()];
  report("assertion_weakened", !all && !intent_.explains_removal(about(base) + " " + was.text) && !concerns_gone(was.text), head, is, &base, &was,
         all ? "\"" + short_text(was.text) + "\" is looked at part by part: \"" + short_text(is.text) + "\"." : "Of \"" + short_text(was.text) + "\" only a part is looked at: \"" + short_text(is.text) + "\".");
}

// The whole is made of the very calls whose answers were looked at: their functions, with their values and no others.
bool Comparison::is_made_of(const Entry& head, const Check& whole, const Entry& base, const std::vector<std::size_t>& answers) const {
  const std::string made = with_names_told(with_values(whole, head, false), head.unit->given);
  const std::set<std::string> named = identifiers(made);
  std::vector<std::string> asked;
  for (const std::size_t i : answers) {
    const std::string answer = with_names_told(with_values(base.checks[i], base, true), base.unit->given);
    const std::set<std::string> called = called_names(answer);
    if (called.empty() || !std::includes(named.begin(), named.end(), called.begin(), called.end())) return false;
    for (std::string& one : plain_literals(answer)) asked.push_back(std::move(one));
  }
  return plain_literals(made) == asked;
}

// Answers that were looked at one by one, and are one list now: in the same order, and the same is called for them.
void Comparison::answers_in_a_list(Entry& base, const std::vector<std::size_t>& left, Entry& head) {
  std::vector<std::size_t> one_by_one;
  for (const std::size_t i : left) {
    const Check& was = base.checks[i];
    if (was.kind == CheckKind::equal && !was.negated && !was.part && was.arms.empty() && is_literal(was.expected) && !literals(was.expected).empty()) one_by_one.push_back(i);
  }
  if (one_by_one.size() < 2) return;
  for (std::size_t k = 0; k < head.checks.size(); ++k) {
    const Check& is = head.checks[k];
    if (head.used[k] || is.kind != CheckKind::equal || is.negated || is.swallowed || is.part || !is.arms.empty() || is.strength < 4) continue;
    const auto elements = elements_of(is.expected, files_[head.file].head.language);
    if (!elements) continue;
    std::size_t found = 0;
    for (const Element& element : *elements) found += found < one_by_one.size() && element.key.empty() && plain_literals(element.value) == plain_literals(base.checks[one_by_one[found]].expected);
    if (found < one_by_one.size() || !is_made_of(head, is, base, one_by_one)) continue;
    for (const std::size_t i : one_by_one) base.used[i] = true;
    head.used[k] = true;
    return;
  }
}

// A part that is looked at within the whole now: `assert headers == {"type": "text", "length": 3}` in place of its type alone.
std::optional<std::size_t> Comparison::in_a_whole(const Entry& base, std::size_t i, const Entry& head) const {
  const Check& was = base.checks[i];
  if (was.kind != CheckKind::equal || was.negated || was.subject.empty()) return std::nullopt;
  const std::vector<std::string> wanted = literals(was.expected);
  // `headers["length"] == 3`, and `headers == {…, "length": 3}`.
  const std::string whole = was.subject.substr(0, was.subject.find_first_of("[."));
  for (std::size_t k = 0; k < head.checks.size() && whole.size() < was.subject.size(); ++k) {
    const Check& is = head.checks[k];
    if (is.kind != CheckKind::equal || is.negated || is.swallowed || head.spelled[k].names.count(whole) == 0 || is.expected.find('{') == std::string::npos || !is.condition.empty()) continue;
    if (is.expected.find(was.expected) != std::string::npos && holds_all(literals(is.expected), literals(was.subject + " " + was.expected))) return k;
  }
  for (std::size_t k = 0; k < head.checks.size(); ++k) {
    if (head.checks[k].strength >= was.strength && runs_where(head.checks[k], was.arms) && element_of(base, was, head.checks[k], files_[head.file].head.language)) return k;
  }
  if (std::none_of(wanted.begin(), wanted.end(), [](const std::string& one) { return one[0] == '\'' && one.size() > 5; })) return std::nullopt;
  const std::set<std::string> named = words(was.subject);
  for (std::size_t k = 0; k < head.checks.size(); ++k) {
    const Check& is = head.checks[k];
    if (head.used[k] || is.kind != CheckKind::equal || is.negated || is.swallowed || is.strength < was.strength || (!is.condition.empty() && is.condition != was.condition)) continue;
    if (is.expected.find_first_of("{[") == std::string::npos && is.text.find_first_of("{[") == std::string::npos) continue;
    const std::vector<std::string>& said = head.spelled[k].said;
    if (said.size() <= wanted.size() || !holds_all(said, wanted)) continue;
    const std::set<std::string> now = words(is.text);
    if (std::any_of(named.begin(), named.end(), [&](const std::string& word) { return word.size() > 2 && now.count(word) > 0; })) return k;
  }
  return std::nullopt;
}

// Of two arms of a branch one runs: a check that stands outside of it now, with what one of them expects, stands for both.
void Comparison::arms_become_one(Entry& base, std::size_t i, Entry& head) {
  const Check& was = base.checks[i];
  if (was.condition.empty() || base.used[i]) return;
  const auto same_thing = [](const Check& a, const Check& b) { return a.kind == b.kind && a.negated == b.negated && identifiers(a.subject) == identifiers(b.subject); };
  const auto values = [](const Check& check) { return literals(check.subject + " " + check.expected); };
  for (std::size_t other = 0; other < base.checks.size(); ++other) {
    const Check& arm = base.checks[other];
    if (base.used[other] || arm.condition != was.condition || arm.otherwise == was.otherwise || !same_thing(arm, was)) continue;
    for (std::size_t k = 0; k < head.checks.size(); ++k) {
      const Check& is = head.checks[k];
      const std::set<std::string> now = identifiers(is.subject), before = identifiers(was.subject);
      if (head.used[k] || !is.condition.empty() || is.swallowed || is.kind != was.kind || is.negated != was.negated || is.strength < was.strength) continue;
      if (before.empty() || !std::includes(now.begin(), now.end(), before.begin(), before.end()) || (values(is) != values(was) && values(is) != values(arm))) continue;
      base.used[i] = base.used[other] = head.used[k] = true;
      return;
    }
  }
}

// `assertThat(n, allOf(greaterThan(a), lessThan(b)))` as one check of each.
bool Comparison::both_bounds(Entry& base, std::size_t i, Entry& head) {
  const Check& was = base.checks[i];
  static const RE2 kBoth("\\b(allOf|both|is_?between|InRange|within)\\(");
  if (base.used[i] || was.negated || !matches(was.text, kBoth)) return false;
  std::set<std::string> wanted = identifiers(was.expected), said;
  for (const std::string& called : called_names(was.expected)) wanted.erase(called);
  std::vector<std::string> values = literals(was.expected), told;
  std::vector<std::size_t> parts;
  for (std::size_t k = 0; k < head.checks.size() && parts.size() < 2; ++k) {
    const Check& is = head.checks[k];
    if (head.used[k] || is.negated || is.swallowed || is.strength < 2 || is.subject != was.subject || !runs_where(is, was.arms)) continue;
    parts.push_back(k);
    said.merge(identifiers(is.expected + " " + is.text));
    for (std::string& one : literals(is.expected)) told.push_back(std::move(one));
  }
  if (parts.size() != 2 || !std::includes(said.begin(), said.end(), wanted.begin(), wanted.end()) || !holds_all(told, values)) return false;
  base.used[i] = true;
  for (const std::size_t k : parts) head.used[k] = true;
  return true;
}

// A whole that is looked at part by part now, as where its order is nobody's business: the parts have all its values together.
void Comparison::part_by_part(Entry& base, std::size_t i, Entry& head) {
  const Check was = base.checks[i];
  if (both_bounds(base, i, head)) return;
  if (was.kind != CheckKind::equal || was.negated || (was.subject + was.expected).find_first_of("{[") == std::string::npos) return;
  const std::vector<std::string>& wanted = base.spelled[i].values;
  if (wanted.size() < 2) return;
  const std::set<std::string> values(wanted.begin(), wanted.end());
  const std::set<std::string>& looked_at = base.spelled[i].looked_at;
  const auto has_part = [&](std::size_t k) {
    const Spelling& is = head.spelled[k];
    return std::any_of(is.values.begin(), is.values.end(), [&](const std::string& value) { return values.count(value) > 0; }) &&
           std::any_of(is.looked_at.begin(), is.looked_at.end(), [&](const std::string& name) { return looked_at.count(name) > 0; });
  };
  std::vector<std::size_t> parts;
  std::vector<std::string> said;
  for (std::size_t k = 0; k < head.checks.size(); ++k) {
    const Check& is = head.checks[k];
    if (head.used[k] || is.negated || is.swallowed || is.strength < 2 || (is.kind != CheckKind::equal && is.kind != CheckKind::contains)) continue;
    if ((!is.condition.empty() && is.condition != was.condition) || !has_part(k)) continue;
    parts.push_back(k);
    said.insert(said.end(), head.spelled[k].values.begin(), head.spelled[k].values.end());
  }
  if (parts.size() < 2 || !holds_all(said, wanted)) return;
  if (std::any_of(parts.begin(), parts.end(), [&](std::size_t k) { return holds_all(head.spelled[k].values, wanted); })) return;  // that one is the whole, and the rest are others
  base.used[i] = true;
  for (const std::size_t k : parts) head.used[k] = true;
  report("assertion_weakened", false, head, head.checks[parts[0]], &base, &was, "\"" + short_text(was.text) + "\" is looked at part by part: \"" + short_text(head.checks[parts[0]].text) + "\".");
}

// The same words and values, in whatever order, and some besides.
void Comparison::says_more(Entry& base, std::size_t i, Entry& head) {
  const Check& was = base.checks[i];
  const std::vector<std::string>& wanted = base.spelled[i].said;
  const std::set<std::string>& named = base.spelled[i].names;
  if (was.kind != CheckKind::equal || wanted.empty()) return;
  for (std::size_t k = 0; k < head.checks.size(); ++k) {
    const Check& is = head.checks[k];
    if (head.used[k] || is.kind != was.kind || is.negated != was.negated || is.swallowed || is.strength < was.strength || (!is.condition.empty() && is.condition != was.condition)) continue;
    const std::set<std::string>& now = head.spelled[k].names;
    if (is.expected != was.expected && normalised(is.text) == normalised(was.text)) continue;  // what its names stand for is another value
    if (!std::includes(now.begin(), now.end(), named.begin(), named.end()) || !holds_all(head.spelled[k].said, wanted) || head.spelled[k].asked != base.spelled[i].asked) continue;
    base.used[i] = head.used[k] = true;
    return;
  }
}

// All that was expected, in its order, and something between: what a task that adds to the program asks for.
bool Comparison::only_adds(const Check& was, const Check& is) const {
  if (!intent_.given() || intent_.keeps_behaviour() || !around_.program_changed || was.kind != is.kind || was.negated != is.negated || is.strength < was.strength) return false;
  const auto whole = [](const Check& check) { return check.kind == CheckKind::row ? check.subject + "," + check.expected : check.expected; };
  return words_and_signs(whole(was)).size() >= 6 && adds_to(whole(was), whole(is));
}

// More goes in, and all that came out comes out, with more: while the program is what it was, the old answer is in the new one.
bool Comparison::asks_for_more(const Entry& base, const Check& was, const Entry& head, const Check& is) const {
  if (around_.program_changed || was.kind != is.kind || was.negated != is.negated || is.strength < was.strength || !adds_to(was.expected, is.expected)) return false;
  const std::set<std::string> asked = identifiers(was.subject);
  return std::any_of(asked.begin(), asked.end(), [&](const std::string& name) {
    const auto before = base.unit->given.find(name), now = head.unit->given.find(name);
    return before != base.unit->given.end() && now != head.unit->given.end() && is_literal(before->second) && is_literal(now->second) && adds_to(before->second, now->second);
  });
}

// `results("a", [](Run run) { CHECK(run.ok); })` as `results("a", &check_a)`: what the function holds is looked at for itself.
bool Comparison::became_a_helper(const Check& was, const Check& is) const {
  static const RE2 kFunction("=>|\\[[&=]?\\]\\(|\\bfunc\\(|\\bfunction\\b|\\blambda\\b|->\\{");
  const std::string name = is.expected.substr(is.expected.starts_with('&') ? 1 : 0);
  return matches(was.expected, kFunction) && std::any_of(files_.begin(), files_.end(), [&](const TestFilePair& file) {
    return std::any_of(file.head.units.begin(), file.head.units.end(), [&](const TestUnit& unit) { return !unit.is_test && unit.name == name && !unit.checks.empty(); });
  });
}

// `assert.Equal(t, "a b", f())` as `assert.Equal(t, row.want, f())`, where a row of the test says "a b".
bool Comparison::is_in_a_row(const Check& was, const Entry& head, const Check& is) const {
  const std::vector<std::string> wanted = plain_literals(was.expected);
  std::string row;
  static const RE2 kField("^([A-Za-z_]\\w*)[.\\[]");
  if (wanted.empty() || is.strength < was.strength || !literals(is.expected).empty() || !RE2::PartialMatch(is.expected, kField, &row) || !goes_through_rows(head, row)) return false;
  return std::any_of(head.checks.begin(), head.checks.end(), [&](const Check& check) { return check.kind == CheckKind::row && holds_all(plain_literals(check.text), wanted); });
}

// `for _, row := range cases`, `for (const row of cases)`, `for row in cases`.
bool Comparison::goes_through_rows(const Entry& entry, const std::string& row) {
  const RE2 loop("\\bfor\\b[^\\n{]*\\b" + RE2::QuoteMeta(row) + "\\s*(:?=\\s*range|of|in|:)\\s|\\(\\{?\\s*" + RE2::QuoteMeta(row) + "\\s*\\}?\\)?\\s*=>");
  return matches(entry.unit->text, loop);
}

// `"axb"` as `"a" + delimiter + "b"`: its parts in order, and plain names between them.
bool Comparison::spelled_with_names(const std::string& was, const std::string& is) {
  static const RE2 kJoined("^[\\w.]*('[^']*'|[A-Za-z_]\\w*)(\\+('[^']*'|[A-Za-z_]\\w*))+");
  const std::vector<std::string> before = literals(was), now = literals(is);
  if (before.size() != 1 || before[0][0] != '\'' || now.empty() || !matches(is, kJoined) || called_names(is) != called_names(was)) return false;
  std::size_t at = 0;
  for (const std::string& part : now) {
    if (part[0] != '\'' || part.size() < 3) return false;
    const std::string inside = part.substr(1, part.size() - 2);
    at = before[0].find(inside, at);
    if (at == std::string::npos) return false;
    at += inside.size();
  }
  return true;
}

// A value became a name that another file gives: `["a", "a"]` as `[LETTER, LETTER]`. Nobody here knows whether it is the same one.
bool Comparison::is_told_by_others(const Check& was, const Entry& head, const Check& is) const {
  const std::vector<std::string> before = literals(was.expected), now = literals(is.expected);
  if (was.kind != is.kind || was.negated != is.negated || now.size() >= before.size() || !holds_all(before, now) || called_names(is.expected) != called_names(was.expected)) return false;
  const std::set<std::string> known = identifiers(was.expected), looked_at = identifiers(is.subject);
  const std::map<std::string, std::string>& imports = files_[head.file].head.imports;
  const std::set<std::string> named = identifiers(is.expected);
  const bool any = std::any_of(named.begin(), named.end(), [&](const std::string& name) { return known.count(name) == 0; });
  return any && std::all_of(named.begin(), named.end(), [&](const std::string& name) { return known.count(name) > 0 || (imports.count(name) > 0 && looked_at.count(name) == 0); });
}

// What a body holds of its parameters is what was asked: the same is called, nothing is reckoned besides, and what is expected is no part of
// what is looked at.
bool Comparison::asks_by_parameters(const Check& was, const std::set<std::string>& called, const Check& is, const TestUnit& body, const CallSite& call) {
  const std::string subject = with_names_told(is.subject, body.given), expected = with_names_told(is.expected, body.given);
  const std::set<std::string> now = called_names(subject + " " + expected), handed = identifiers(call.text.substr(std::min(call.name.size(), call.text.size())));
  const bool same_things = std::ranges::all_of(called, [&](const std::string& name) { return now.count(name) > 0 || (!now.empty() && handed.count(name) > 0); });
  const auto reckoned = [](const std::string& code) {
    static const RE2 kText("'[^']*'"), kSign("[\\w)\\]]\\s*([-+*/%^])\\s*[$\\w(]");
    std::string plain = code, sign;
    RE2::GlobalReplace(&plain, kText, "''");
    std::set<std::string> signs;
    for (re2::StringPiece left(plain); RE2::FindAndConsume(&left, kSign, &sign);) signs.insert(sign);
    return signs;
  };
  const std::set<std::string> before = reckoned(was.subject + " , " + was.expected), after = reckoned(subject + " , " + expected);
  const std::set<std::string> looked_at = identifiers(subject), wanted = identifiers(expected);
  const bool expects_itself = !wanted.empty() && std::includes(looked_at.begin(), looked_at.end(), wanted.begin(), wanted.end()) && !holds_all(plain_literals(was.subject), plain_literals(was.expected));
  return same_things && !expects_itself && std::includes(before.begin(), before.end(), after.begin(), after.end());
}

// Tests of one form became a function that is handed their values, one that makes them, or a macro: it insists on as much, of the same
// things, and the values are there.
std::optional<std::size_t> Comparison::in_the_body(const Entry& base, std::size_t i, const Entry& head) const {
  const Check& was = base.checks[i];
  for (const CallSite& call : head.unit->calls) {
    if (call.swallowed || (!call.condition.empty() && call.condition != was.condition)) continue;
    for (const Entry& body : head_.entries) {
      if (body.test || body.unit->name != call.name || body.file != head.file || !(call.is_body || body.unit->is_macro)) continue;
      const bool insists = std::any_of(body.checks.begin(), body.checks.end(), [&](const Check& is) {
        return is.kind == was.kind && is.negated == was.negated && is.strength >= was.strength && !is.swallowed && is.condition.empty() && asks_by_parameters(was, base.spelled[i].called, is, *body.unit, call);
      });
      std::vector<std::string> said = literals(call.text);
      for (std::string& one : literals(body.unit->text)) said.push_back(std::move(one));
      if (!insists || !std::ranges::all_of(base.spelled[i].said, [&](const std::string& one) { return std::find(said.begin(), said.end(), one) != said.end(); })) continue;
      const auto row = std::find_if(head.checks.begin(), head.checks.end(), [&](const Check& check) { return check.kind == CheckKind::row && check.text == call.text; });
      return static_cast<std::size_t>(row - head.checks.begin());
    }
  }
  return std::nullopt;
}

// The same of a test that is gone: a test that calls that body, or the call of a macro that makes tests.
std::optional<std::size_t> Comparison::in_another_body(const Entry& base, std::size_t i) {
  for (Entry& head : head_.entries) {
    const auto makes_tests = [&](const CallSite& call) { return std::any_of(head_.entries.begin(), head_.entries.end(), [&](const Entry& one) { return one.unit->makes_tests && one.unit->name == call.name && one.file == head.file; }); };
    if (!head.test && std::none_of(head.unit->calls.begin(), head.unit->calls.end(), makes_tests)) continue;
    const auto by = in_the_body(base, i, head);
    if (!by) continue;
    if (*by < head.used.size()) head.used[*by] = true;
    // What its checks hold is known by the values that they are handed.
    for (Entry& body : head_.entries) {
      const bool runs = !body.test && body.file == head.file && std::ranges::any_of(head.unit->calls, [&](const CallSite& call) { return call.name == body.unit->name && (call.is_body || body.unit->is_macro); });
      if (runs) std::fill(body.used.begin(), body.used.end(), true);
    }
    return static_cast<std::size_t>(&head - head_.entries.data());
  }
  return std::nullopt;
}

// A table of Go whose rows became tests, or checks one by one: for each row each check of the loop stands there with the row's values.
void Comparison::row_by_row(Entry& base, const std::vector<std::size_t>& left) {
  static const RE2 kFields("\\[\\]struct\\s*\\{([^{}]*)\\}"), kRow("for\\s+_,\\s*(\\w+)\\s*:=\\s*range\\b"), kNames("([A-Za-z_]\\w*(?:\\s*,\\s*[A-Za-z_]\\w*)*)[ \\t]+[^\\n;]+");
  std::string declared, row, names;
  if (files_[base.file].base.language != Language::go || !RE2::PartialMatch(base.unit->text, kFields, &declared) || !RE2::PartialMatch(base.unit->text, kRow, &row)) return;
  std::vector<std::string> fields;
  for (re2::StringPiece rest(declared); RE2::FindAndConsume(&rest, kNames, &names);) {
    for (const std::string_view name : split_arguments(names)) fields.emplace_back(name);
  }
  const auto stands = [&](const Check& was) {
    for (Entry& head : head_.entries) {
      for (std::size_t k = 0; head.test && head.unit->off.empty() && k < head.checks.size(); ++k) {
        const Check& is = head.checks[k];
        if (!same_check(was, is) || is.swallowed || !is.condition.empty()) continue;
        head.used[k] = true;
        return true;
      }
    }
    return false;
  };
  const auto all_stand = [&](const Check& one) {
    std::map<std::string, std::string> values;
    const auto parts = split_arguments(std::string_view(one.text).substr(1, one.text.size() - 2));
    for (std::size_t at = 0; at < parts.size(); ++at) {
      const auto colon = parts[at].find(':');
      const bool keyed = colon != parts[at].npos && std::ranges::count(fields, std::string(trimmed(parts[at].substr(0, colon)))) > 0;
      if (!keyed && parts.size() != fields.size()) return false;
      values[keyed ? std::string(trimmed(parts[at].substr(0, colon))) : fields[at]] = normalised(keyed ? parts[at].substr(colon + 1) : parts[at]);
    }
    const auto with_values = [&](std::string code) {
      for (const auto& [field, value] : values) {
        std::string plain;
        for (const char c : value) plain += c == '\\' ? "\\\\" : std::string(1, c);
        RE2::GlobalReplace(&code, "\\b" + row + "\\." + field + "\\b", plain);
      }
      return code;
    };
    bool any = false;
    for (Check check : base.checks) {
      if (check.kind == CheckKind::row) continue;
      any = true;
      check.subject = with_values(check.subject), check.expected = with_values(check.expected), check.value.clear(), check.plain.clear();
      if (!stands(check)) return false;
    }
    return any;
  };
  bool all = true;
  for (const std::size_t i : left) {
    if (base.checks[i].kind == CheckKind::row && base.checks[i].text.starts_with('{')) base.used[i] = all_stand(base.checks[i]);
    all = all && (base.used[i] || base.checks[i].kind != CheckKind::row);
  }
  const bool had_rows = std::ranges::any_of(left, [&](std::size_t i) { return base.checks[i].kind == CheckKind::row; });
  for (const std::size_t i : left) base.used[i] = base.used[i] || (all && had_rows);
}

// Six checks of six words, and a loop over the words with one check.
std::optional<std::size_t> Comparison::in_a_loop(const Entry& base, std::size_t i, const Entry& head) {
  const Check& was = base.checks[i];
  if (std::none_of(head.unit->iterations.begin(), head.unit->iterations.end(), [](const Iteration& one) { return !one.elements.empty(); })) return std::nullopt;
  std::vector<std::string> wanted;
  for (const std::string& one : base.spelled[i].said) {
    if (one[0] == '\'' && (one.size() > 3 || one == was.expected)) wanted.push_back(one.substr(1, one.size() - 2));
  }
  const std::set<std::string>& looked_at = base.spelled[i].names;
  if (wanted.empty() || looked_at.empty()) return std::nullopt;
  const auto held = [&](const std::string& word) {
    return std::any_of(head.unit->iterations.begin(), head.unit->iterations.end(), [&](const Iteration& one) {
      return std::any_of(one.elements.begin(), one.elements.end(), [&](const std::string& element) { return word.find(element) != std::string::npos; });
    });
  };
  if (!std::all_of(wanted.begin(), wanted.end(), held)) return std::nullopt;
  const auto is_element = [&](const std::string& value) {
    return std::any_of(head.unit->iterations.begin(), head.unit->iterations.end(), [&](const Iteration& one) { return std::any_of(one.elements.begin(), one.elements.end(), [&](const std::string& element) { return value == "'" + element + "'"; }); });
  };
  for (std::size_t k = 0; k < head.checks.size(); ++k) {
    const Check& is = head.checks[k];
    const std::set<std::string>& now = head.spelled[k].names;
    static const std::set<std::string> kOfChecks = {"assert", "expect", "require", "t", "self", "is", "in", "not", "check", "should"};
    const bool same_thing = std::any_of(looked_at.begin(), looked_at.end(), [&](const std::string& name) { return now.count(name) > 0 && kOfChecks.count(name) == 0; });
    if (is.kind != was.kind || is.negated != was.negated || is.strength < was.strength || is.swallowed || !is.in_loop) continue;
    if (same_thing || (was.kind == CheckKind::equal && is_element(was.expected) && literals(is.text).empty())) return k;
  }
  return std::nullopt;
}

}  // namespace baton::audit
