// Plain checks and tables of cases, each written as the other: `assert add(1, 2) == 3` and the row `(1, 2, 3)`.
#include <algorithm>

#include "analyzers/audit/code_text.h"
#include "analyzers/audit/comparison.h"

namespace baton::audit {
namespace {

std::size_t shared_values(std::vector<std::string> all, const std::vector<std::string>& some) {
  std::size_t count = 0;
  for (const std::string& one : some) {
    const auto at = std::find(all.begin(), all.end(), one);
    if (at == all.end()) continue;
    all.erase(at);
    ++count;
  }
  return count;
}

// Whether it has to be true, or false, where that is what is said.
std::optional<bool> truth_of(const Check& check) {
  const std::string said = check.kind == CheckKind::row ? check.expected : check.kind == CheckKind::equal ? check.value : std::string();
  if (lower(said) == "true" || lower(said) == "false") return (lower(said) == "true") != check.negated;
  return check.kind == CheckKind::truthy && check.op != "present" && (check.claim.empty() || !check.value.empty()) ? std::optional(!check.negated) : std::nullopt;
}

bool is_plain(const Check& check) { return check.kind != CheckKind::row && check.kind != CheckKind::fails && check.kind != CheckKind::constant; }

}  // namespace

bool other_truth(const Check& was, const Check& is) {
  if ((was.kind == CheckKind::row) == (is.kind == CheckKind::row)) return false;
  const auto before = truth_of(was), now = truth_of(is);
  return before && now && *before != *now;
}

// `assert add(a, b) == c` beside a table: what it holds is told by the rows.
bool holds_for_rows(const Entry& entry, std::size_t k) {
  return is_plain(entry.checks[k]) && entry.spelled[k].values.empty() && std::any_of(entry.checks.begin(), entry.checks.end(), [](const Check& check) { return check.kind == CheckKind::row; });
}

// `"one": (1, 2, 3)` is all of `add(1, 2) == 3`, where that says nothing else which could be the key.
bool Comparison::is_said_without_its_name(const Check& was, std::vector<std::string> said) {
  if (was.label.empty()) return false;
  std::vector<std::string> wanted = literals(was.subject + " " + was.expected);
  std::sort(wanted.begin(), wanted.end());
  std::sort(said.begin(), said.end());
  return wanted == said;
}

// What held for each row is written out for each of them now.
void Comparison::rows_written_out(Entry& base, const std::vector<std::size_t>& left, const Entry& head) {
  for (std::size_t i = 0; i < base.checks.size(); ++i) {
    if (base.checks[i].kind == CheckKind::row && !base.used[i]) return;
  }
  for (const std::size_t i : left) {
    if (!holds_for_rows(base, i)) continue;
    const Check& was = base.checks[i];
    base.used[i] = std::ranges::any_of(head.checks, [&](const Check& is) {
      const bool as_strong = is.kind == was.kind ? is.negated == was.negated && is.strength >= was.strength : was.kind == CheckKind::equal && !was.negated && truth_of(is);
      return as_strong && !is.swallowed && called_names(is.subject) == base.spelled[i].called;
    });
  }
}

// A row and a plain check that nothing stands for, or two rows in other forms: the same question and another answer, or another question.
void Comparison::other_values_in_a_table(Entry& base, const std::vector<std::size_t>& left, Entry& head) {
  for (const std::size_t i : left) {
    const bool row = base.checks[i].kind == CheckKind::row;
    if (base.used[i] || holds_for_rows(base, i) || (!row && (!is_plain(base.checks[i]) || base.spelled[i].values.empty()))) continue;
    std::optional<std::size_t> best;
    std::size_t most = 0;
    for (std::size_t k = 0; k < head.checks.size(); ++k) {
      const bool now_row = head.checks[k].kind == CheckKind::row;
      if (head.used[k] || (!row && !now_row) || head.checks[k].strength < 2 || (!now_row && (!is_plain(head.checks[k]) || head.spelled[k].values.empty()))) continue;
      const std::size_t shared = shared_values(row ? base.spelled[i].said : base.spelled[i].values, now_row ? head.spelled[k].said : head.spelled[k].values);
      if (row && now_row && shared * 2 < base.spelled[i].said.size()) continue;
      if (!best || shared > most) best = k, most = shared;
    }
    if (best) put_other_values(base, i, head, *best);
  }
}

void Comparison::put_other_values(Entry& base, std::size_t i, Entry& head, std::size_t k) {
  Check was = base.checks[i], is = head.checks[k];
  take(base, i, head, k);
  base.loosely = true;
  const bool row = was.kind == CheckKind::row;
  const bool same_question = holds_all(head.spelled[k].asked, base.spelled[i].asked) || (row && holds_all(base.spelled[i].asked, head.spelled[k].asked));
  if (!same_question) {
    other_question(base, was, head, is);
    return;
  }
  Check &cases = row ? was : is, &plain = row ? is : was;
  const bool other = other_truth(cases, plain);
  cases.kind = plain.kind, cases.strength = plain.strength, cases.negated = plain.negated != other, cases.subject = plain.subject;
  if (other) cases.expected = plain.expected;
  expectation(base, was, head, is);
}

}  // namespace baton::audit
