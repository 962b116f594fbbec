// One of several will do: `x in (a, b)`, `p || q`, a pattern `A | B`. What takes more of them insists on less.
#include <algorithm>

#include "analyzers/audit/check_parts.h"
#include "analyzers/audit/code_text.h"
#include "analyzers/audit/comparison.h"

namespace baton::audit {
namespace {

struct Alternatives {
  std::string of;  // what has to be one of them
  std::set<std::string> any;
};

struct Way {
  std::string_view condition;
  bool negated = false;
};

// `a || b`, and `!(!a && !b)`, which is how a failure by hand has it.
std::vector<Way> ways_of(std::string_view condition, bool negated) {
  condition = without_negation(condition, negated);
  const auto binary = binary_of(condition);
  const bool splits = binary && (negated ? binary->op == "&&" || binary->op == "and" : binary->op == "||" || binary->op == "or");
  if (!splits) return {{condition, negated}};
  std::vector<Way> all = ways_of(binary->left, negated);
  for (const Way& one : ways_of(binary->right, negated)) all.push_back(one);
  return all;
}

std::optional<Alternatives> members_of(const std::string& list, const std::string& of, Language language) {
  const auto elements = is_literal(of) ? std::nullopt : elements_of(list, language);
  if (!elements || elements->empty() || literals(list).empty()) return std::nullopt;
  Alternatives found{of, {}};
  for (const Element& element : *elements) found.any.insert(element.key + element.value);
  return found;
}

std::set<std::string> patterns_of(const std::string& pattern) {
  std::set<std::string> all;
  int depth = 0;
  std::size_t from = 0;
  for (std::size_t at = 0; at <= pattern.size(); ++at) {
    const char c = at < pattern.size() ? pattern[at] : '|';
    depth += (c == '(' || c == '[' || c == '{') - (c == ')' || c == ']' || c == '}');
    if (c != '|' || depth > 0) continue;
    if (at > from) all.insert(std::string(trimmed(pattern.substr(from, at - from))));
    from = at + 1;
  }
  return all;
}

std::optional<Alternatives> alternatives_of(const Check& check, Language language) {
  static const RE2 kAsked("^(.*)\\.(?:contains|includes)\\(&?([^()]*(?:\\([^()]*\\))?[^()]*)\\)$"), kOneOf("(?i)(\\bassertIn|\\bis_?in|one_?of)\\(");
  std::string list, asked;
  if (check.kind == CheckKind::truthy) {
    if (!check.negated && RE2::FullMatch(check.subject, kAsked, &list, &asked)) return members_of(list, asked, language);
    Alternatives found;
    for (const Way& one : ways_of(check.subject, check.negated)) found.any.insert((one.negated ? "!" : "") + std::string(one.condition));
    return found;
  }
  if (check.negated) return std::nullopt;
  if (language == Language::rust && !check.expected.starts_with('\'') && (check.kind == CheckKind::equal || (check.kind == CheckKind::contains && check.subject.find(check.expected) == check.subject.npos))) return Alternatives{check.subject, patterns_of(check.expected)};
  if (check.kind != CheckKind::contains) return std::nullopt;
  if (RE2::FullMatch(check.subject, kAsked, &list, &asked)) return members_of(list, check.expected, language);
  return matches(check.text, kOneOf) ? members_of(check.expected, check.subject, language) : members_of(check.subject, check.expected, language);
}

bool is_denial(const std::string& of, const std::string& is) {
  static const RE2 kOutcome("^(.+)\\.is_(ok|err|some|none)\\(\\)$");
  std::string was, outcome, now, other;
  if (!RE2::FullMatch(of, kOutcome, &was, &outcome) || !RE2::FullMatch(is, kOutcome, &now, &other) || was != now) return false;
  return outcome != other;
}

}  // namespace

// The old condition is one of several of which any will do; or its opposite is, `x.is_err() || …` of `x.is_ok()`.
bool Comparison::is_one_way_of(const Check& was, const Entry& head, const Check& is) {
  if (is.kind != CheckKind::truthy) return false;
  const std::vector<Way> ways = ways_of(is.subject, is.negated);
  return ways.size() > 1 && std::ranges::any_of(ways, [&](const Way& way) {
    std::vector<Check> held = checks_of_condition(way.condition, way.negated);
    if (held.size() != 1 || same_check(was, held[0])) return held.size() == 1;
    if (was.kind == CheckKind::truthy && !was.negated && (way.negated ? was.subject == held[0].subject : is_denial(was.subject, held[0].subject))) return true;
    const auto given = head.unit->given.find(held[0].subject);
    if (given == head.unit->given.end()) return false;
    held[0].subject = given->second;
    return same_check(was, held[0]);
  });
}

void Comparison::takes_more(Entry& base, std::size_t i, Entry& head) {
  const Check was = base.checks[i];
  const Language language = files_[head.file].head.language;
  const auto before = alternatives_of(was, language);
  for (std::size_t k = 0; k < head.checks.size(); ++k) {
    if (head.used[k]) continue;
    const Check is = head.checks[k];
    const auto now = before ? alternatives_of(is, language) : std::nullopt;
    const bool more = now && now->of == before->of && now->any.size() > before->any.size() && std::includes(now->any.begin(), now->any.end(), before->any.begin(), before->any.end());
    if (!more && !is_one_way_of(was, head, is)) continue;
    take(base, i, head, k);
    const bool explained = intent_.explains_change(about(head) + " " + was.text, is.text, was.text) || concerns_gone(was.text);
    report("assertion_weakened", !explained, head, is, &base, &was, "\"" + short_text(told(was)) + "\" became \"" + short_text(told(is)) + "\", which takes more.");
    return;
  }
}

}  // namespace baton::audit
