#include <algorithm>
#include <functional>

#include "analyzers/audit/code_text.h"
#include "analyzers/audit/comparison.h"

namespace baton::audit {
namespace {

constexpr double kAlikeCheck = 0.5;  // of two checks of which one became the other

// The same call with other values: what is no name in it aside.
bool same_form(const Check& a, const Spelling& spelled, const Check& b, const Spelling& other) { return a.kind == b.kind && a.kind != CheckKind::row && !spelled.called.empty() && spelled.form == other.form; }

// What any program has an answer for.
bool says_nothing(std::string_view value) {
  static const RE2 kNothing("^(b?u?''|-?0(\\.0*)?|\\[\\]|\\{\\}|\\(\\)|None|null|nil|nullptr|undefined|false|False|(set|dict|list|tuple|String|Vec|str)(::new)?\\(\\)|vec!\\[\\]|&\\[\\]|''\\.(to_string|to_owned|into)\\(\\)|List\\.of\\(\\)|\\[\\]\\w+\\{\\})$");
  return matches(value, kNothing);
}

// What is asked: the arguments of the call, or what a row holds. Names are no answer to how hard it is.
std::vector<std::string> asked_with(const Check& check) {
  std::vector<std::string> given;
  const auto chain = chain_of(check.subject);
  if (check.kind == CheckKind::row && (chain.empty() || !chain.back().called)) {
    for (const auto part : split_arguments(check.subject)) given.push_back(normalised(part));
  } else if (!chain.empty() && chain.back().called) {
    for (const auto part : chain.back().arguments) given.push_back(normalised(part));
  }
  return given;
}

bool holds_each(std::vector<std::string> all, const std::vector<std::string>& some) {
  return std::all_of(some.begin(), some.end(), [&](const std::string& one) {
    const auto found = std::find(all.begin(), all.end(), one);
    if (found == all.end()) return false;
    all.erase(found);
    return true;
  });
}

// `rate=2` is asked as `2` is, and as `tax=2` was.
std::string without_keyword(std::string argument) {
  static const RE2 kKeyword("^[A-Za-z_]\\w*=([^=>])");
  RE2::Replace(&argument, kKeyword, "\\1");
  return argument;
}

// The same call with an argument more or less, or in another order: `total(xs)`, `total(xs, rate)`; also within an argument, or in a call
// before it (`Cart(xs).total()`).
bool same_but_for_arguments(std::string_view was, std::string_view is) {
  const auto before = chain_of(was), now = chain_of(is);
  if (before.empty() || before.size() != now.size()) return false;
  bool other = false;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (before[i].name != now[i].name || before[i].called != now[i].called) return false;
    std::vector<std::string> had, has;
    for (const auto part : before[i].arguments) had.push_back(without_keyword(normalised(part)));
    for (const auto part : now[i].arguments) has.push_back(without_keyword(normalised(part)));
    if (had == has) continue;
    const auto [left, right] = std::mismatch(had.begin(), had.end(), has.begin(), has.end());
    const bool inside = had.size() == has.size() && std::equal(left + 1, had.end(), right + 1) && same_but_for_arguments(*left, *right);
    if (!inside && !holds_each(had, has) && !holds_each(has, had)) return false;
    other = true;
  }
  return other;
}

// `1` and `1l` are one number.
std::vector<std::string> values_in(const std::string& code) {
  std::vector<std::string> found = literals(code);
  for (std::string& one : found) {
    const auto number = number_of(one);
    if (number) one = std::to_string(*number);
    else std::erase_if(one, [](char c) { return c == '\'' || c == '"' || c == '`' || c == '\\'; });
  }
  return found;
}

}  // namespace

bool is_held_by_hand(const Check& check) {
  static const RE2 kFailing("^(\\w+\\.)?(Fatalf?|Errorf?|Fail(Now)?|fail|panic!?|FAIL|ADD_FAILURE|raise|throw|return)\\b");
  return check.kind != CheckKind::fails && matches(check.text, kFailing);
}

Spelling spelling_of(const Check& check) {
  Spelling spelled;
  const std::string holds = is_held_by_hand(check) || check.part ? check.subject + " " + check.expected : check.text;
  for (const std::string& word : tokens(holds)) spelled.words.push_back(std::hash<std::string>()(word));
  std::sort(spelled.words.begin(), spelled.words.end());
  spelled.form = tokens(check.subject);
  std::erase_if(spelled.form, [](const std::string& token) { return token[0] == '\'' || token[0] == '-' || (token[0] >= '0' && token[0] <= '9'); });
  spelled.said = literals(holds);
  spelled.asked = literals(check.label + " " + check.subject);
  spelled.names = identifiers(holds);
  spelled.called = called_names(check.subject);
  spelled.values = literals(check.subject + " " + check.expected);
  static const std::set<std::string> kOfChecks = {"assert", "expect", "require", "t", "self", "is", "check", "should"};
  const std::set<std::string> called = called_names(check.part ? holds : check.text);
  for (const std::string& name : spelled.names) {
    if (kOfChecks.count(name) == 0 && called.count(name) == 0) spelled.looked_at.insert(name);
  }
  return spelled;
}

// As of two bags of words; both are sorted, since each check is held against many.
double likeness(const Spelling& a, const Spelling& b) {
  if (a.words.empty() || b.words.empty()) return 0;
  std::size_t shared = 0;
  for (auto one = a.words.begin(), other = b.words.begin(); one != a.words.end() && other != b.words.end();) {
    if (*one < *other) ++one;
    else if (*other < *one) ++other;
    else ++shared, ++one, ++other;
  }
  return 2.0 * static_cast<double>(shared) / static_cast<double>(a.words.size() + b.words.size());
}

bool is_trivial(const Check& check) {
  const std::vector<std::string> given = asked_with(check);
  if (given.empty() || !std::all_of(given.begin(), given.end(), says_nothing)) return false;
  return check.expected.empty() || says_nothing(check.expected) || check.kind == CheckKind::throws;
}

// The same is asked with the same values, by whatever test and in whatever form.
bool Comparison::asked_elsewhere(const Check& was) const {
  const std::vector<std::string> wanted = literals(was.label + " " + was.subject);
  const std::set<std::string> asked = called_names(was.subject);
  if (wanted.empty()) return false;
  return std::any_of(head_.entries.begin(), head_.entries.end(), [&](const Entry& entry) {
    for (std::size_t k = 0; k < entry.checks.size(); ++k) {
      const Check& check = entry.checks[k];
      if (check.strength < was.strength || check.swallowed || !holds_all(entry.spelled[k].asked, wanted)) continue;
      if (asked.empty() ? check.kind == was.kind : entry.spelled[k].called == asked || check.kind == CheckKind::row) return true;
    }
    return false;
  });
}

// The call takes other arguments now, and gives another value: the old question cannot be asked any more, so that nobody sees whether
// its answer is another one.
bool Comparison::answers_otherwise(const Check& was, const Check& is) const {
  if (was.expected.empty() || plain_literals(was.expected) == plain_literals(is.expected) || !same_but_for_arguments(was.subject, is.subject)) return false;
  const std::set<std::string> asked = called_names(was.subject);
  const std::vector<std::string> wanted = literals(was.subject), said = plain_literals(was.expected);
  return std::none_of(head_.entries.begin(), head_.entries.end(), [&](const Entry& entry) {
    for (std::size_t k = 0; k < entry.checks.size(); ++k) {
      const Check& check = entry.checks[k];
      if (check.strength >= was.strength && !check.swallowed && entry.spelled[k].called == asked && holds_all(entry.spelled[k].asked, wanted) && plain_literals(check.expected) == said) return true;
    }
    return false;
  });
}

// `files["a"]` became `files["b"]`, and so did what the test itself puts there.
bool Comparison::follows_its_setting(const Entry& base, const Check& was, const Entry& head, const Check& is) {
  std::vector<std::string> old_values = values_in(was.subject), new_values = values_in(is.subject);
  if (old_values.size() != new_values.size()) return false;
  const auto times = [](const std::string& text, const std::string& part) {
    int count = 0;
    for (auto at = text.find(part); at != text.npos && count < 2; at = text.find(part, at + part.size())) ++count;
    return count;
  };
  bool any = false;
  for (std::size_t i = 0; i < old_values.size(); ++i) {
    if (old_values[i] == new_values[i]) continue;
    any = true;
    if (old_values[i].size() < 3 || new_values[i].size() < 3) return false;
    if (times(base.unit->text, old_values[i]) < 2 || times(head.unit->text, old_values[i]) > 0 || times(head.unit->text, new_values[i]) < 2) return false;
  }
  return any;
}

// `{"small", 1, 2, 3}` where its first is what a subtest is called by, and nothing that is asked: `t.Run(c.name, …)`. It may be gone.
bool Comparison::is_called_otherwise(const Entry& base, const Check& was, const Entry& head, const Check& is) {
  const std::vector<std::string> before = literals(was.text), now = literals(is.text);
  if (was.kind != CheckKind::row || before.size() < 2 || before[0][0] != '\'') return false;
  const bool unnamed = std::equal(before.begin() + 1, before.end(), now.begin(), now.end());
  const bool renamed = before.size() == now.size() && now[0][0] == '\'' && std::equal(before.begin() + 1, before.end(), now.begin() + 1);
  return (unnamed && first_is_title(base)) || (renamed && (is.label.empty() ? first_is_title(head) : key_is_title(head)));
}

// Of `for name, (a, b) in CASES.items()`, where nothing is asked of `name`.
bool Comparison::key_is_title(const Entry& table) {
  static const RE2 kKey("(?:\\bfor\\s+(?:\\((?:const|let|var)\\s*)?\\[?|parametrize\\(\\s*['\"])\\s*([A-Za-z_]\\w*)\\s*[,'\"]");
  std::string key;
  if (!RE2::PartialMatch(table.unit->text, kKey, &key)) return false;
  const RE2 looked_up("\\[" + key + "\\]");
  return std::none_of(table.checks.begin(), table.checks.end(), [&](const Check& check) {
    std::string code = check.subject + " " + check.expected;
    RE2::GlobalReplace(&code, looked_up, "");
    return check.kind != CheckKind::row && identifiers(code).count(key) > 0;
  });
}

bool Comparison::first_is_title(const Entry& table) {
  static const RE2 kTitle("(?i)^(test_?)?(name|case(_?name)?|desc|descr|description|doc|summary|comment|caption|title|label|scenario|purpose)$");
  for (const CallSite& call : table.unit->calls) {
    const auto chain = chain_of(call.text);
    if (call.name != "Run" || chain.empty() || chain.back().arguments.empty()) continue;
    const auto title = chain_of(chain.back().arguments[0]);
    if (title.size() < 2 || !matches(title.back().name, kTitle)) continue;
    const std::string field = "." + std::string(title.back().name);
    return std::none_of(table.checks.begin(), table.checks.end(), [&](const Check& check) { return check.kind != CheckKind::row && (check.subject + " " + check.expected).find(field) != std::string::npos; });
  }
  return false;
}

// Something else is asked of the same thing, and nothing insists on what was asked before.
void Comparison::other_question(const Entry& base, const Check& was, const Entry& head, const Check& is) {
  const std::string before = was.label + " " + with_values(was, base, true), now = is.label + " " + with_values(is, head, false);
  if (values_in(before) == values_in(now) && values_in(was.expected) == values_in(is.expected)) return;
  if (holds_all(values_in(now), values_in(before)) && holds_all(values_in(is.expected), values_in(was.expected))) return;  // it says more
  if (asked_elsewhere(was) || is_called_otherwise(base, was, head, is)) return;
  Check resolved = is;
  resolved.subject = now;
  const bool easier = is_trivial(resolved) && !is_trivial(was);
  // What is asked is the value of a name now, and nobody here knows it.
  const bool by_name = values_in(now).size() < values_in(before).size() && std::ranges::any_of(identifiers(now), [&](const std::string& name) { return identifiers(before).count(name) == 0; });
  const bool gone = concerns_gone(was.text) || concerns_gone(was.subject) || intent_.asks_for_other_tests();
  const bool explained = gone || (!easier && (by_name || follows_its_setting(base, was, head, is) || intent_.explains_change(about(head) + " " + was.subject, is.text, was.text) || (around_.program_changed && was.kind != CheckKind::row && follows_the_data(base, was, head, is))));
  const bool asks = easier ? !explained : intent_.given() ? !explained && intent_.keeps_behaviour() : !around_.program_changed && !by_name;
  report("question_changed", asks, head, is, &base, &was,
         "\"" + short_text(was.text) + "\" became \"" + short_text(is.text) + "\", " + (easier ? "which is easier to answer: nothing asks the old question any more." : "and nothing asks the old question any more."));
}

void Comparison::by_likeness(Entry& base, std::size_t i, Entry& head) {
  const Check was = base.checks[i];
  std::optional<std::size_t> best;
  double score = kAlikeCheck;
  for (std::size_t k = 0; k < head.checks.size(); ++k) {
    if (head.used[k] || (was.kind == CheckKind::row) != (head.checks[k].kind == CheckKind::row) || (!base.spelled[i].values.empty() && was.kind != CheckKind::row && holds_for_rows(head, k))) continue;
    double now = likeness(base.spelled[i], head.spelled[k]);
    if (same_form(was, base.spelled[i], head.checks[k], head.spelled[k])) now = std::max(now, kAlikeCheck);
    if (now >= score) {
      score = now;
      best = k;
    }
  }
  if (!best) return;
  const Check is = head.checks[*best];
  // The same matcher with other values is no counterpart of a check when all that they share is its name.
  const std::set<std::string> asked = called_names(was.subject), now_asked = called_names(is.subject);
  if (was.kind != CheckKind::row && is.strength < was.strength && asked != now_asked) return;
  take(base, i, head, *best);
  const bool same_values = literals(was.subject + " " + was.expected) == literals(is.subject + " " + is.expected);
  const bool another = asked != now_asked ? !(same_values && concerns_gone(was.text)) : asked.empty() && was.kind != CheckKind::row && was.subject != is.subject && !same_values;
  base.loosely = base.loosely || another || (is.strength < was.strength && !same_values);
  const std::vector<std::string>& values_asked = base.spelled[i].asked;
  if (is.strength < was.strength) {
    if (is.strength == 0 || weakens(was, is)) changed(base, was, head, is);
    return;
  }
  if (was.kind == CheckKind::row && (was.subject != is.subject || was.label != is.label) && (values_asked.empty() || !holds_all(head.spelled[*best].asked, values_asked))) {  // another case
    if (asked == now_asked) other_question(base, was, head, is);
    return;
  }
  const bool same_question = was.kind == CheckKind::row || was.subject == is.subject || (literals(was.subject) == literals(is.subject) && (!literals(was.subject).empty() || (asked == now_asked && !asked.empty())));
  if (same_question && literals(was.expected) != literals(is.expected)) expectation(base, was, head, is);
  else if (same_question || asked != now_asked || asked.empty()) return;
  else if (answers_otherwise(was, is)) expectation(base, was, head, is);
  else other_question(base, was, head, is);
}

}  // namespace baton::audit
