#include "analyzers/audit/comparison.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

#include "analyzers/audit/code_text.h"

namespace baton::audit {

void Comparison::take(Entry& base, std::size_t i, Entry& head, std::size_t k) {
  base.used[i] = head.used[k] = true;
  base.held_by.insert(static_cast<std::size_t>(&head - head_.entries.data()));
  const Check &was = base.checks[i], &is = head.checks[k];
  if (is.swallowed && !was.swallowed) {
    report("exception_swallowed", true, head, is, &base, &was, "The failure of \"" + short_text(is.text) + "\" is caught and goes nowhere.");
  } else if (was.condition.empty() && !is.condition.empty() && is.condition != was.condition) {
    judge_condition(base, was, head, is);
  }
  static const RE2 kDebug("^debug_assert");
  if (matches(is.text, kDebug) && !matches(was.text, kDebug)) report("assertion_weakened", true, head, is, &base, &was, "\"" + short_text(is.text) + "\" holds in debug builds alone.");
  static const RE2 kPromise("\\.(resolves|rejects)\\b|^assert\\.(rejects|doesNotReject)");
  if (was.awaited && !is.awaited && matches(was.text, kPromise)) report("assertion_not_awaited", true, head, is, &base, &was, "Nobody waits for \"" + short_text(is.text) + "\" any longer, so it cannot fail the test.");
}

namespace {

// `if (process.env.SLOW)`: it is not held unless somebody sets that.
bool waits_for_a_variable(std::string_view condition) {
  static const RE2 kReads("\\bprocess\\.env\\b|\\bimport\\.meta\\.env\\b|\\bos\\.(environ|getenv|Getenv|LookupEnv)\\b|\\bgetenv\\(|\\bSystem\\.getenv\\(|\\benv::var|\\boption_env!"), kUnset("!=|\\bnot in\\b|\\bis None\\b|===? *(undefined|null|\"\"|'')|is_err\\(\\)"), kSet("!==? *(\"\"|''|nil\\b|null\\b|undefined\\b)");
  bool negated = false;
  const std::string_view asked = without_negation(condition, negated);
  return matches(asked, kReads) && negated == (matches(asked, kUnset) && !matches(asked, kSet));
}

}  // namespace

void Comparison::judge_condition(const Entry& base, const Check& was, const Entry& head, const Check& is) {
  // What a row of a table says decides what is asked of that row.
  std::string condition = is.condition, row;
  static const RE2 kField("^\\(*!?\\(*([A-Za-z_]\\w*)\\.");
  if (RE2::PartialMatch(condition, kField, &row) && goes_through_rows(head, row)) RE2::GlobalReplace(&condition, "\\b" + RE2::QuoteMeta(row) + "\\.\\w+", "");
  const std::set<std::string> asked = identifiers(condition), looked_at = identifiers(is.subject + " " + is.text);
  const bool about_itself = std::any_of(asked.begin(), asked.end(), [&](const std::string& name) { return looked_at.count(name) > 0 && name != "self" && name != "this"; });
  const bool environment = asks_the_environment(is.condition) || waits_for_a_variable(is.condition);
  if ((environment || about_itself) && !base.unit->calls.empty() && was.line > 0)
    report("assertion_conditional", environment || (about_itself && !around_.program_changed), head, is, &base, &was, "\"" + short_text(is.text) + "\" is held only where " + short_text(is.condition) + ".");
}

void Comparison::find_again() {
  for (Entry& base : base_.entries) {
    if (base.pair) exact(base, head_.entries[*base.pair]);
  }
  std::map<std::string, std::vector<std::pair<std::size_t, std::size_t>>> by_subject;
  for (std::size_t k = 0; k < head_.entries.size(); ++k) {
    for (std::size_t c = 0; c < head_.entries[k].checks.size(); ++c) {
      if (!head_.entries[k].used[c]) by_subject[head_.entries[k].checks[c].subject].push_back({k, c});
    }
  }
  for (Entry& base : base_.entries) {
    for (std::size_t i = 0; i < base.checks.size(); ++i) {
      if (base.used[i]) continue;
      for (const std::string& subject : {base.checks[i].subject, base.checks[i].expected}) {
        const auto at = by_subject.find(subject);
        if (at == by_subject.end() || base.used[i]) continue;
        for (const auto& [k, c] : at->second) {
          Entry& head = head_.entries[k];
          if (head.used[c] || !same_check(base.checks[i], head.checks[c])) continue;
          take(base, i, head, c);
          break;
        }
      }
    }
  }
}

void Comparison::exact(Entry& base, Entry& head) {
  for (std::size_t i = 0; i < base.checks.size(); ++i) {
    if (base.used[i]) continue;
    for (std::size_t k = 0; k < head.checks.size(); ++k) {
      if (head.used[k] || !same_check(base.checks[i], head.checks[k])) continue;
      take(base, i, head, k);
      break;
    }
  }
}

void Comparison::judge(std::size_t index) {
  Entry& base = base_.entries[index];
  Entry* head = base.pair ? &head_.entries[*base.pair] : nullptr;
  std::vector<std::size_t> left;
  const auto rest = [&] {
    left.clear();
    for (std::size_t i = 0; i < base.checks.size(); ++i) {
      if (!base.used[i] && base.checks[i].strength > 0) left.push_back(i);
    }
  };
  rest();
  if (left.empty() && (head || holds(base) || !base.test)) return;
  if (base.checks.empty() && base.unit->calls.empty()) return;  // it did nothing
  row_by_row(base, left);
  rest();
  if (head) {
    stands_elsewhere(base, left, *head);
    rest();
    answers_in_a_list(base, left, *head);
    rest();
    for (const std::size_t i : left) {
      said_once(base, i, *head);
      arms_become_one(base, i, *head);
    }
    rest();
    for (const std::size_t i : left) says_more(base, i, *head);
    rest();
    for (const std::size_t i : left) takes_more(base, i, *head);
    rest();
    for (const std::size_t i : left) part_by_part(base, i, *head);
    rest();
    for (const std::size_t i : left) element_by_element(base, i, *head);
    rest();
    for (const std::size_t i : left) by_subject(base, i, *head);
  }
  rest();
  if (!head) {
    for (const std::size_t i : left) elsewhere(base, i);
  }
  rest();
  for (const std::size_t i : left) {
    auto by = thrown_by_a_test(base.checks[i]);
    if (!by && base.test) by = in_another_body(base, i);
    if (!by) continue;
    base.used[i] = true;
    base.held_by.insert(*by);
  }
  rest();
  for (const std::size_t i : left) {
    const auto by = in_a_table(base, base.checks[i], head);
    if (!by) continue;
    base.used[i] = true;
    base.held_by.insert(*by);
    const Check& was = base.checks[i];
    if (was.kind != CheckKind::row && !insists_as(was, called_names(was.subject), head_.entries[*by])) base.loosely = true;
  }
  rest();
  if (head) {
    for (const std::size_t i : left) answered_by_a_helper(base, i, *head);
    rest();
    for (const std::size_t i : left) by_likeness(base, i, *head);
    rest();
    other_values_in_a_table(base, left, *head);
    rest();
    rows_written_out(base, left, *head);
    rest();
  }
  gave_way(base, left);
  rest();
  if (!head && base.test) {
    vanished(base, left);
    return;
  }
  if (!head && !base.unit->is_group && !base.unit->name.empty()) {  // who called it is looked at for itself
    given_away(base);
    return;
  }
  if (left.empty()) return;
  missing(base, left, head);
}

// What is insisted on by a helper or by how an error is awaited; one of them may stand for several checks, and for nothing else then.
void Comparison::stands_elsewhere(Entry& base, const std::vector<std::size_t>& left, Entry& head) {
  std::set<std::size_t> stand;
  for (const std::size_t i : left) {
    auto by = in_called_helper(base.checks[i], head);
    if (!by) by = asked_of_a_throw(base.checks[i], head);
    if (!by) by = runs_unguarded(base.checks[i], head);
    if (!by) by = unwrapped(base, base.checks[i], head);
    if (!by) by = in_a_whole(base, i, head);
    if (!by) by = in_a_longer_text(base.checks[i], head);
    if (!by) by = in_a_loop(base, i, head);
    if (!by) by = in_the_body(base, i, head);
    if (!by) by = insisted_on_by_its_giver(base.checks[i], head);
    if (!by) continue;
    base.used[i] = true;
    stand.insert(*by);
  }
  for (const std::size_t k : stand) {
    if (k < head.used.size()) head.used[k] = true;
  }
}

// It went into a helper that the test calls now. Gives the call among the checks; past them where it is none of them.
std::optional<std::size_t> Comparison::in_called_helper(const Check& was, const Entry& head) const {
  // What it looks at is a parameter there, or what a parameter gives.
  static const RE2 kParameter("^[A-Za-z_]\\w*(\\.\\w+(\\(\\))?)?$");
  const auto stands = [&](const Check& is) {
    const bool same_thing = was.subject == is.subject || matches(is.subject, kParameter);
    const bool same = same_check(was, is) || (same_thing && was.kind == is.kind && was.negated == is.negated && is.strength >= was.strength && was.expected == is.expected);
    return same && !is.swallowed && (is.condition.empty() || is.condition == was.condition);
  };
  const std::set<std::string> asked = called_names(was.subject), looked_at = identifiers(was.subject + " " + was.text);
  const bool still_asks = std::any_of(head.unit->calls.begin(), head.unit->calls.end(), [&](const CallSite& call) { return asked.count(call.name) > 0; });
  // It is handed what the test looks at, and no value that holds by itself.
  const auto is_given_it = [&](const CallSite& call) {
    static const std::set<std::string> kNoSubject = {"t", "tb", "b", "self", "cls", "this", "assert", "expect", "require", "nil", "null", "None", "nullptr", "undefined", "true", "false", "True", "False"};
    std::set<std::string> given = identifiers(call.text);
    std::erase_if(given, [&](const std::string& name) { return name == call.name || kNoSubject.count(name) > 0; });
    if (still_asks) return !given.empty();
    return std::any_of(given.begin(), given.end(), [&](const std::string& name) { return looked_at.count(name) > 0; });
  };
  for (const CallSite& call : head.unit->calls) {
    if (call.swallowed || helpers_.count(call.name) == 0 || (!call.condition.empty() && call.condition != was.condition) || !is_given_it(call)) continue;
    for (const Entry& helper : head_.entries) {
      if (helper.test || helper.unit->is_group || helper.unit->name != call.name || helper.unit == head.unit) continue;
      if (std::none_of(helper.unit->checks.begin(), helper.unit->checks.end(), stands)) continue;
      const auto row = std::find_if(head.checks.begin(), head.checks.end(), [&](const Check& check) { return check.kind == CheckKind::row && check.line == call.line && check.text == call.text; });
      return static_cast<std::size_t>(row - head.checks.begin());
    }
  }
  return std::nullopt;
}

// `EXPECT_NO_THROW(run());` as `run();`: what throws there ends the test all the same.
std::optional<std::size_t> Comparison::runs_unguarded(const Check& was, const Entry& head) {
  static const RE2 kNoThrow("(?i)^([\\w.]*\\.)?(\\w+_)?(no_?throw|assertDoesNotThrow|does_?not_?throw)\\w*\\(");
  if (!matches(was.text, kNoThrow) || was.subject.empty()) return std::nullopt;
  const bool still = std::any_of(head.unit->calls.begin(), head.unit->calls.end(), [&](const CallSite& call) { return !call.swallowed && call.condition == was.condition && normalised(call.text) == was.subject; });
  return still ? std::optional(head.checks.size()) : std::nullopt;
}

// `assert!(x.is_err())` as `x.unwrap_err();`, `assert!(x.is_ok())` as `x?;`: the other outcome ends the test all the same.
std::optional<std::size_t> Comparison::unwrapped(const Entry& base, const Check& was, const Entry& head) const {
  static const RE2 kOutcome("^(.+)\\.is_(ok|err|some)\\(\\)$");
  std::string result, outcome;
  if (files_[head.file].head.language != Language::rust || was.kind != CheckKind::truthy || was.negated || !RE2::FullMatch(was.subject, kOutcome, &result, &outcome)) return std::nullopt;
  const auto given = base.unit->given.find(result);
  const std::string body = normalised(head.unit->text);
  // Not in a closure, nor behind `||` or `&&`, where it may never run.
  const auto runs = [&](const std::string& code) {
    for (auto at = body.find(code); at != body.npos; at = body.find(code, at + 1)) {
      static const RE2 kMayNot("(\\||&&|\\|(->[\\w<>:]+)?(move)?\\{)$"), kLonger("[\\w.]$");
      const re2::StringPiece before(body.data(), at);
      if (!RE2::PartialMatch(before, kMayNot) && !RE2::PartialMatch(before, kLonger)) return true;
    }
    return false;
  };
  const auto ends_there = [&](const std::string& text, const std::string& of) {
    const std::vector<std::string> ways = outcome == "err" ? std::vector<std::string>{".unwrap_err()", ".expect_err("} : std::vector<std::string>{".unwrap()", ".expect("};
    return std::any_of(ways.begin(), ways.end(), [&](const std::string& way) { return text.find(of + way) != std::string::npos && runs(of + way); });
  };
  const auto ends = [&](const std::string& text) { return ends_there(text, result) || (given != base.unit->given.end() && ends_there(text, given->second)); };
  const bool calls = std::any_of(head.unit->calls.begin(), head.unit->calls.end(), [&](const CallSite& call) { return call.condition == was.condition && ends(normalised(call.text)); });
  const bool checks = std::any_of(head.checks.begin(), head.checks.end(), [&](const Check& is) { return is.condition == was.condition && ends(is.subject + " " + normalised(is.text)); });
  const bool hands_on = outcome != "err" && was.condition.empty() && runs(result + "?");  // that is no call
  return calls || checks || hands_on ? std::optional(head.checks.size()) : std::nullopt;
}

// What was looked for in an error that was caught, its type or its words, is asked of what the error is awaited with.
std::optional<std::size_t> Comparison::asked_of_a_throw(const Check& was, const Entry& head) {
  if (was.kind == CheckKind::throws && was.strength <= 2 && !was.negated) {  // any error, where one of some words is awaited now
    for (std::size_t k = 0; k < head.checks.size(); ++k) {
      const Check& is = head.checks[k];
      if (is.kind == CheckKind::throws && is.subject == was.subject && is.strength > was.strength && !is.swallowed && !is.negated && (is.condition.empty() || is.condition == was.condition)) return k;
    }
  }
  static const RE2 kError("(?i)(exception|error|warning|\\berr\\b|exc_?info|message)");
  if ((was.kind != CheckKind::contains && was.kind != CheckKind::equal) || was.negated || !matches(was.text, kError)) return std::nullopt;
  const std::vector<std::string> said = literals(is_held_by_hand(was) ? was.expected : was.text);
  for (std::size_t k = 0; k < head.checks.size(); ++k) {
    const Check& is = head.checks[k];
    const bool of_the_rule = is.kind == CheckKind::contains && is.subject == "message" && is.text.find("expectMessage") != std::string::npos;
    if ((is.kind != CheckKind::throws && !of_the_rule) || is.swallowed) continue;
    if (!said.empty() ? holds_all(literals(is_held_by_hand(is) ? is.expected : is.text), said) : !was.expected.empty() && identifiers(is.text).count(was.expected) > 0) return k;
  }
  return std::nullopt;
}

// The same error is asked of a whole test: `@Test(expected = ParseError.class)` above the call that throws it.
std::optional<std::size_t> Comparison::thrown_by_a_test(const Check& was) {
  if (was.kind != CheckKind::throws || was.subject.size() < 6) return std::nullopt;
  for (Entry& head : head_.entries) {
    if (!head.test || !head.unit->off.empty()) continue;
    for (std::size_t k = 0; k < head.checks.size(); ++k) {
      const Check& is = head.checks[k];
      if (is.kind != CheckKind::throws || is.subject != kWholeTest || is.strength < was.strength || (!was.expected.empty() && is.expected != was.expected)) continue;
      if (normalised(head.unit->text).find(was.subject) == std::string::npos) continue;
      head.used[k] = true;
      return static_cast<std::size_t>(&head - head_.entries.data());
    }
  }
  return std::nullopt;
}

// The same thing is looked at, in another way.
void Comparison::by_subject(Entry& base, std::size_t i, Entry& head) {
  const Check& was = base.checks[i];
  std::optional<std::size_t> best;
  for (std::size_t k = 0; k < head.checks.size(); ++k) {
    const Check& is = head.checks[k];
    if (head.used[k] || !same_subject(was, is)) continue;
    if (!best || better(was, is, head.checks[*best])) best = k;
  }
  if (!best) return;
  const Check is = head.checks[*best];
  take(base, i, head, *best);
  changed(base, was, head, is);
}

// The text that this is, with the quotes and apostrophes that stand in it, as in `"we're 'in'"`; empty where it is more than a text.
std::string Comparison::text_inside(const std::string& code) {
  static const RE2 kText("^'((?:[^']|'[\\w ,.:;)?!])*'?)'$"), kJoined("'(if|for|in|or|and|not|else) |\\b(if|else|in|or|and)'|','");
  std::string text;
  return RE2::FullMatch(code, kText, &text) && !matches(text, kJoined) ? text : std::string();
}

// Two texts that differ by what stands in quotes within them.
bool Comparison::are_other_texts(const std::string& was, const std::string& is) {
  const auto plain = [](std::string text) {
    std::erase_if(text, [](char c) { return c == '\'' || c == '"' || c == '`' || c == '\\'; });
    return text;
  };
  const std::string before = text_inside(was), now = text_inside(is);
  return !before.empty() && !now.empty() && plain(before) != plain(now);
}

// What is put in changed, and what comes out is called as it is now: the old text is nowhere in the file or the test any more.
bool Comparison::follows_the_data(const Entry& base, const Check& was, const Entry& head, const Check& is) const {
  const auto times = [](std::string_view text, std::string_view part) {
    int count = 0;
    for (auto at = text.find(part); at != text.npos && count < 2; at = text.find(part, at + part.size())) ++count;
    return count;
  };
  const auto inside = [](const std::string& code) {
    if (std::string text = text_inside(code); !text.empty()) return text;
    const std::vector<std::string> found = literals(code);
    return found.size() == 1 && found[0].size() > 2 && found[0][0] == '\'' ? found[0].substr(1, found[0].size() - 2) : std::string();
  };
  if (was.subject != is.subject) return false;
  const std::string old_text = inside(was.expected), new_text = inside(is.expected);
  if (old_text.size() < 3 || new_text.size() < 3) return false;
  const auto went_through = [&](std::string_view before, std::string_view now) { return times(before, old_text) > 1 && times(now, old_text) == 0 && times(before, new_text) == 0 && times(now, new_text) > 1; };
  const TestFilePair& file = files_[base.file];
  return base.file == head.file && (went_through(file.base_text, file.head_text) || went_through(base.unit->text, head.unit->text));
}

bool Comparison::same_subject(const Check& was, const Check& is) {
  if (was.kind == CheckKind::row || is.kind == CheckKind::row) return was.kind == is.kind && was.subject == is.subject && (was.label == is.label || was.label.empty() || is.label.empty());
  if (was.kind == CheckKind::fails || is.kind == CheckKind::fails) return was.kind == is.kind && was.subject == is.subject;
  if (was.kind == CheckKind::throws && is.kind != CheckKind::throws && is.strength > 0) return false;
  if (was.subject == is.subject && !was.subject.empty()) return true;
  if (is.kind == CheckKind::throws && was.subject == is.subject + ".Error()") return true;  // its text, and which one it is
  // `x == x`, `f() or True`: what it was about is still in it.
  if (is.kind == CheckKind::constant && !was.subject.empty() && (is.subject.find(was.subject) != std::string::npos || normalised(is.text).find(was.subject) != std::string::npos)) return true;
  return (was.kind == CheckKind::equal || was.kind == CheckKind::near) && (is.kind == was.kind) && was.subject == is.expected && !is.expected.empty();
}

bool Comparison::better(const Check& was, const Check& a, const Check& b) {
  if ((a.kind == was.kind) != (b.kind == was.kind)) return a.kind == was.kind;
  return a.strength > b.strength;
}

void Comparison::changed(const Entry& base, const Check& was, const Entry& head, const Check& is) {
  if (is.kind == CheckKind::constant && is_literal(was.subject) && was.subject == is.subject && plain_literals(was.expected) == plain_literals(is.expected)) return;  // `int n = 0; run(); EXPECT_EQ(n, 0u)`
  if (is.strength == 0 || is.kind == CheckKind::constant) {
    report("assertion_weakened", true, head, is, &base, &was, "\"" + short_text(is.text) + "\" holds whatever the code does.");
    return;
  }
  if (was.is_true && is.kind == CheckKind::truthy && !is.negated && is.op == "present") {
    report("assertion_weakened", true, head, is, &base, &was, "\"" + short_text(was.text) + "\" became \"" + short_text(is.text) + "\", which false is, too.");
    return;
  }
  if (was.kind == CheckKind::near && is.kind == CheckKind::near && was.expected == is.expected) {
    if (wider(was, is)) {
      report("tolerance_widened", !intent_.explains_change(about(head) + " tolerance precision", is.text, was.text), head, is, &base, &was,
             "The tolerance of \"" + short_text(was.subject) + "\" grew" + (was.tolerance && is.tolerance ? " from " + number(*was.tolerance) + " to " + number(*is.tolerance) : std::string()) + ".");
    }
    return;
  }
  if (was.kind == CheckKind::equal && is.kind == CheckKind::near && was.expected == is.expected) {
    const double expected = std::abs(number_of(was.expected).value_or(1));
    const bool small = !is.tolerance || *is.tolerance <= 1e-3 * std::max(1.0, expected);
    report("tolerance_widened", !small, head, is, &base, &was, "\"" + short_text(was.subject) + "\" has to be near " + short_text(is.expected) + " only.");
    return;
  }
  if (was.kind == CheckKind::equal && is.kind == CheckKind::throws && is.strength == 3 && !is.negated) {  // `err != ErrBlank`, `!errors.Is(err, ErrBlank)`
    const bool asks = intent_.given() ? !intent_.explains_change(about(head) + " " + was.subject, is.expected, was.expected) : !around_.program_changed;
    if (was.expected != is.expected) report("expectation_changed", asks, head, is, &base, &was, "\"" + short_text(was.expected) + "\" was expected, and now an error that is \"" + short_text(is.expected) + "\".");
    return;
  }
  if (is.strength < was.strength) {
    if (was.kind == CheckKind::throws && is.kind == CheckKind::throws && mentions_type(was, is)) {
      report("assertion_weakened", false, head, is, &base, &was, "Another error is expected: \"" + short_text(is.text) + "\".");
      return;
    }
    static const RE2 kStructure("^(&?[\\w.:<>\\[\\]]*!?)?[\\[{]|^([\\w.]+\\.)?(dict|set|tuple|list|frozenset|of|asList)\\(|^\\(");  // a part of one is less, where a part of a text says the same
    const bool part = matches(was.expected, kStructure) && !holds_all(literals(is.expected), literals(was.expected));
    const bool says_the_same = around_.program_changed && !part && is.kind == CheckKind::contains && likeness(tokens_inside(was.expected), tokens_inside(is.expected)) >= 0.5;
    report("assertion_weakened", weakens(was, is) && !says_the_same, head, is, &base, &was, "\"" + short_text(was.text) + "\" became \"" + short_text(is.text) + "\", which holds for more.");
    return;
  }
  if (was.kind == CheckKind::compare && is.kind == CheckKind::compare) {
    judge_bound(base, was, head, is);
    return;
  }
  if (was.kind == CheckKind::near && is.kind == CheckKind::near && wider(was, is))
    report("tolerance_widened", !intent_.explains_change(about(head) + " tolerance precision", is.text, was.text), head, is, &base, &was, "The tolerance of \"" + short_text(was.subject) + "\" grew.");
  if (was.expected != is.expected || was.negated != is.negated || was.kind != is.kind) expectation(base, was, head, is);
}

// Words of a text or a pattern: an exact text that became a pattern of it has them still.
std::vector<std::string> Comparison::tokens_inside(const std::string& code) {
  const std::set<std::string> found = words(code);
  return {found.begin(), found.end()};
}

// A step down that takes little is a matter of taste: null to "not there".
bool Comparison::weakens(const Check& was, const Check& is) const {
  if (is.kind == CheckKind::throws && is.negated && !was.negated) return true;
  if (was.kind == CheckKind::equal && is.kind == CheckKind::truthy && !is.value.empty() && !is_literal(was.expected) && was.subject == is.subject) return false;  // `many is wanted`, `many is True`
  if (was.strength >= 3 && is.strength <= 2) {
    if (was.kind == CheckKind::called || was.kind == CheckKind::snapshot) return is.strength <= 1;
    return true;
  }
  if (was.kind == CheckKind::throws) return true;
  return was.strength == 2 && is.strength == 1 && was.kind != CheckKind::fails && was.kind != CheckKind::not_equal && !is.negated;
}

void Comparison::judge_bound(const Entry& base, const Check& was, const Entry& head, const Check& is) {
  const auto before = number_of(was.expected), after = number_of(is.expected);
  const bool up = is.op.starts_with('<') && before && after && *after > *before, down = is.op.starts_with('>') && before && after && *after < *before;
  if ((up || down) && was.op[0] == is.op[0]) {
    report("bound_loosened", !intent_.explains_change(about(head), is.expected, was.expected), head, is, &base, &was, "\"" + short_text(was.text) + "\" became \"" + short_text(is.text) + "\", which holds for more.");
  } else if (before && after && *before != *after && was.op[0] == is.op[0]) {
    return;  // tightened
  } else if (was.expected != is.expected || was.op[0] != is.op[0]) {
    expectation(base, was, head, is);
  }
}

bool Comparison::wider(const Check& was, const Check& is) {
  if (is.tolerance && was.tolerance) return *is.tolerance > *was.tolerance * 1.0001;
  return is.tolerance && !was.tolerance && *is.tolerance > 1e-3;
}

std::string Comparison::number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

bool Comparison::concerns_gone(const std::string& code) const {
  static const RE2 kFile("([\\w-]+\\.[A-Za-z]{1,4})['\"`]");
  re2::StringPiece left(code);
  for (std::string file; RE2::FindAndConsume(&left, kFile, &file);) {
    if (around_.gone_files.count(file) > 0) return true;
  }
  static const RE2 kMember("[.>]([A-Za-z_]\\w*)");
  re2::StringPiece members(code);
  for (std::string member; RE2::FindAndConsume(&members, kMember, &member);) {
    if (around_.gone_members.count(member) > 0) return true;
  }
  const std::set<std::string> names = identifiers(code);
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) { return around_.gone.count(name) > 0; });
}

// The same but for blanks, where the program was changed to set it out otherwise.
bool Comparison::other_blanks(const Check& was, const Check& is) const {
  if (!around_.program_changed || intent_.keeps_behaviour() || was.kind != is.kind || was.negated != is.negated) return false;
  const auto plain = [](std::string text) {
    std::erase_if(text, [](char c) { return c == ' ' || c == '\\' || c == 'n' || c == 't'; });  // with their escapes
    return text;
  };
  return was.expected.find('\'') != std::string::npos && plain(was.expected) == plain(is.expected);
}

// The program's own texts changed by the same words, as where an error is told in others.
bool Comparison::said_by_the_program(const Check& was, const Check& is) const {
  if (intent_.keeps_behaviour() || is.strength < was.strength) return false;
  const auto difference = [](const Check& of, const Check& from) {
    std::set<std::string> words = plain_words(of.expected);
    for (const std::string& word : plain_words(from.expected)) words.erase(word);
    return words;
  };
  const std::set<std::string> lost = difference(was, is), fresh = difference(is, was);
  const auto any_letter = [](const std::string& word) { return std::any_of(word.begin(), word.end(), [](unsigned char c) { return std::isalpha(c); }); };
  if (lost.empty() || fresh.empty() || !std::any_of(fresh.begin(), fresh.end(), any_letter)) return false;
  return std::includes(around_.unsaid.begin(), around_.unsaid.end(), lost.begin(), lost.end()) && std::includes(around_.said.begin(), around_.said.end(), fresh.begin(), fresh.end());
}

// Another kind of quote inside a text is the same text to a reader.
std::vector<std::string> Comparison::plain_literals(const std::string& code) {
  std::vector<std::string> found = literals(code);
  for (std::string& one : found) {
    static const RE2 kHex("^0[xX][0_]*([0-9a-fA-F_]+)[uUlL]*$");
    const auto number = number_of(one);  // `2` and `2u`, `0xffL` and `0x00_ff`
    if (std::string digits; RE2::FullMatch(one, kHex, &digits)) std::erase(digits, '_'), one = "0x" + lower(digits);
    else if (number) one = std::to_string(*number);
    else std::erase_if(one, [](char c) { return c == '\'' || c == '"' || c == '`' || c == '\\'; });
  }
  return found;
}

// `want = 12` of a test, at which nothing but its checks looks, and none as what it asks with: another value is another expectation.
bool Comparison::expects_another_value(const Entry& base, const Check& was, const Entry& head) {
  const std::vector<std::string> all = tokens(base.unit->text), own = tokens(was.text);
  for (const auto& [name, value] : base.unit->given) {
    const auto now = head.unit->given.find(name);
    if (now == head.unit->given.end() || now->second == value || !is_literal(value) || std::find(own.begin(), own.end(), name) == own.end()) continue;
    auto uses = std::count(all.begin(), all.end(), name);
    bool asked = false;
    std::set<std::pair<int, std::string>> seen;
    for (const Check& one : base.unit->checks) {
      const std::vector<std::string> in_it = tokens(one.text);
      if (seen.insert({one.line, one.text}).second) uses -= std::count(in_it.begin(), in_it.end(), name);
      asked = asked || identifiers(one.subject).count(name) > 0;
    }
    if (uses == 1 && !asked) return true;
  }
  return false;
}

// What it holds, in words for people.
std::string Comparison::told(const Check& check) { return is_held_by_hand(check) && check.kind == CheckKind::equal ? check.subject + " == " + check.expected : check.text; }

void Comparison::expectation(const Entry& base, const Check& was, const Entry& head, const Check& is) {
  // A case that says more, as where each got a second value, is the same case still.
  if (was.kind == CheckKind::row && is.kind == CheckKind::row && was.expected.empty() && holds_all(literals(is.text), literals(was.text))) return;
  // What is not a value says the same thing in other words, often enough.
  const bool values = plain_literals(was.expected) != plain_literals(is.expected) || are_other_texts(was.expected, is.expected) || was.negated != is.negated || (was.kind != is.kind && is.strength >= was.strength);
  if (!values || spelled_with_names(was.expected, is.expected) || (!was.expected.empty() && was.negated == is.negated && spelled_out(was.expected) == spelled_out(is.expected))) return;
  if (became_a_helper(was, is) || is_in_a_row(was, head, is)) return;
  const bool same_text = normalised(was.text) == normalised(is.text), other_answer = same_text && (is_literal(is.expected) || !text_inside(is.expected).empty()) && expects_another_value(base, was, head);
  if (was.kind == is.kind && !is_held_by_hand(was) && was.named.empty() && is.named.empty() && same_text && !other_answer) return;  // what stands behind its names is looked at for itself
  if (only_adds(was, is) || asks_for_more(base, was, head, is)) {
    report("expectation_changed", false, head, is, &base, &was, "\"" + short_text(was.text) + "\" became \"" + short_text(is.text) + "\", which says more.");
    return;
  }
  if (was.kind != is.kind && was.negated == is.negated && was.expected == is.expected) return;
  if (is.strength > was.strength && was.negated == is.negated && (was.strength <= 1 || was.kind == CheckKind::contains)) return;  // tightened
  const std::string by_hand = was.kind == CheckKind::fails ? was.text + " " + is.text : std::string();  // what it says is all that it has
  // The same question to a function of another name: that explains the name, and no other answer.
  const std::vector<std::string> asked_with = literals(was.subject);
  const bool renamed = !asked_with.empty() && asked_with == literals(is.subject) && called_names(was.subject) != called_names(is.subject);
  const bool explained = intent_.explains_change(renamed ? std::string() : about(head) + " " + was.subject, is.expected + by_hand, was.expected) || intent_.names_both(was.expected, is.expected) || intent_.explains_wording(was.expected, is.expected) || intent_.asks_for_other_tests() || (concerns_gone(was.text) && !renamed) || said_by_the_program(was, is) || other_blanks(was, is) || (around_.program_changed && follows_the_data(base, was, head, is));
  const bool asks = !is_told_by_others(was, head, is) && (intent_.given() ? !explained : !around_.program_changed);
  report("expectation_changed", asks, head, is, &base, &was,
         (other_answer ? "\"" + short_text(was.text) + "\" expected " + short_text(was.expected) + ", and expects " + short_text(is.expected) : "\"" + short_text(told(was)) + "\" became \"" + short_text(told(is)) + "\"") + (asks ? ", and nothing that was asked for says why." : "."));
}

// The test is gone; another test may look at the same thing.
void Comparison::elsewhere(Entry& base, std::size_t i) {
  for (Entry& head : head_.entries) {
    for (std::size_t k = 0; k < head.checks.size(); ++k) {
      if (head.used[k] || head.checks[k].kind == CheckKind::row || head.checks[k].kind == CheckKind::fails || !same_subject(base.checks[i], head.checks[k]) || called_names(head.checks[k].subject).empty()) continue;
      const Check is = head.checks[k];
      const Check was = base.checks[i];
      take(base, i, head, k);
      changed(base, was, head, is);
      return;
    }
  }
}

// All values of the check stand in one row of a table, or in one call of a helper, of a test that asks the same function.
std::optional<std::size_t> Comparison::in_a_table(const Entry& base, const Check& was, const Entry* pair) {
  std::vector<std::string> wanted = literals(was.subject + " " + was.expected);
  if (was.kind == CheckKind::row) wanted = literals(was.text);
  if (wanted.empty()) return std::nullopt;
  const std::set<std::string> asked = was.kind == CheckKind::row ? std::set<std::string>() : called_names(was.subject);
  for (Entry& head : head_.entries) {
    const bool has_rows = std::any_of(head.checks.begin(), head.checks.end(), [](const Check& check) { return check.kind == CheckKind::row; });
    if (!has_rows && !(was.kind == CheckKind::row)) continue;
    const bool table = head.unit->name.empty() || head.unit->is_group;  // its rows are those of a test that goes through them
    if (!asked.empty() && !table && !asks_one_of(head, asked) && !provides_for(head, asked)) continue;
    for (std::size_t k = 0; k < head.checks.size(); ++k) {
      const Check& row = head.checks[k];
      if (row.kind != CheckKind::row && (was.kind != CheckKind::row || stand_for_rows_.count(&row) > 0)) continue;
      if (!asked.empty() && table && !asks_one_of(head, asked)) {
        const auto by = holds_all(literals(row.text), wanted) ? goes_through(head, row) : std::nullopt;
        if (by && asks_one_of(head_.entries[*by], asked)) return by;
        continue;
      }
      if (&head != pair && base.pair && was.kind == CheckKind::row && row.kind == CheckKind::row && files_[head.file].head.path != files_[base.file].head.path) continue;
      const auto& said = row.kind == CheckKind::row ? head.spelled[k].said : head.spelled[k].values;
      if (!holds_all(said, wanted) && !is_said_without_its_name(was, said)) continue;
      if (other_truth(was, row)) continue;
      if (row.kind == CheckKind::row || was.kind == CheckKind::row) head.used[k] = true;
      if (row.kind != CheckKind::row) stand_for_rows_.insert(&row);
      return static_cast<std::size_t>(&head - head_.entries.data());
    }
  }
  return std::nullopt;
}

// `CASES = [(1, 2), …]` and a test that is run for each of them, `for (const [a, b] of [[1, 2], …]) test(…)`, `INSTANTIATE_TEST_SUITE_P(All, Adds, Values(…))` and `TEST_P(Adds, …)`.
std::optional<std::size_t> Comparison::goes_through(const Entry& table, const Check& row) const {
  std::string suite;
  for (const CallSite& call : table.unit->calls) {
    if (!call.name.starts_with("INSTANTIATE_") || call.line > row.line || call.text.find(row.text) == call.text.npos) continue;
    const auto chain = chain_of(call.text);
    if (!chain.empty() && chain.back().arguments.size() > 1) suite = std::string(chain.back().arguments[1]) + ".";
  }
  const auto& values = files_[table.file].head.values;
  const auto is_of_it = [&](const Iteration& one) {
    const auto value = values.find(one.name);
    return one.part.empty() && value != values.end() && row.line >= value->second.line && row.line <= value->second.end_line;
  };
  for (std::size_t k = 0; k < head_.entries.size(); ++k) {
    const Entry& test = head_.entries[k];
    if (!test.test || test.file != table.file) continue;
    if (test.unit->loop_line > 0 && row.line >= test.unit->loop_line && row.line <= test.unit->line) return k;
    if ((!suite.empty() && test.unit->name.starts_with(suite)) || std::any_of(test.unit->iterations.begin(), test.unit->iterations.end(), is_of_it)) return k;
  }
  return std::nullopt;
}

// `equal(t, Total(100), 110)` in place of `Total(100) == 118`: the same question, and another answer.
void Comparison::answered_by_a_helper(Entry& base, std::size_t i, Entry& head) {
  const Check was = base.checks[i];
  const Spelling& asked = base.spelled[i];
  const std::vector<std::string> wanted = literals(was.expected);
  if (was.kind != CheckKind::equal || asked.called.empty() || wanted.empty()) return;
  for (std::size_t k = 0; k < head.checks.size(); ++k) {
    if (head.used[k] || head.checks[k].kind != CheckKind::row) continue;
    const auto chain = chain_of(head.checks[k].text);
    if (chain.empty() || helpers_.count(std::string(chain.back().name)) == 0) continue;
    const std::set<std::string> called = called_names(head.checks[k].text);
    if (!std::includes(called.begin(), called.end(), asked.called.begin(), asked.called.end()) || !holds_all(head.spelled[k].said, asked.asked)) continue;
    std::vector<std::string> answer = head.spelled[k].said;
    for (const std::string& one : asked.asked) answer.erase(std::find(answer.begin(), answer.end(), one));
    if (answer.size() != wanted.size() || answer == wanted) continue;
    Check is = head.checks[k];
    is.kind = was.kind, is.strength = was.strength, is.subject = was.subject, is.expected = answer.front();
    for (std::size_t more = 1; more < answer.size(); ++more) is.expected += "," + answer[more];
    take(base, i, head, k);
    expectation(base, was, head, is);
    return;
  }
}

// As strongly as it did, of what it asked, itself or by a helper that it calls.
bool Comparison::insists_as(const Check& was, const std::set<std::string>& asked, const Entry& head) const {
  const auto does = [&](const Check& is) {
    if (is.kind != was.kind || is.negated != was.negated || is.strength < was.strength || is.swallowed) return false;
    const std::set<std::string> now = called_names(is.subject + " " + is.text);
    return asked.empty() || std::any_of(asked.begin(), asked.end(), [&](const std::string& name) { return now.count(name) > 0; });
  };
  if (std::any_of(head.checks.begin(), head.checks.end(), does)) return true;
  return std::any_of(head.unit->calls.begin(), head.unit->calls.end(), [&](const CallSite& call) {
    return std::any_of(head_.entries.begin(), head_.entries.end(), [&](const Entry& helper) { return !helper.test && helper.unit->name == call.name && std::any_of(helper.checks.begin(), helper.checks.end(), does); });
  });
}

// A method of JUnit that gives the cases to a test beside it.
bool Comparison::provides_for(const Entry& head, const std::set<std::string>& asked) const {
  if (head.test || files_[head.file].head.language != Language::java) return false;
  return std::any_of(head_.entries.begin(), head_.entries.end(), [&](const Entry& test) {
    return test.test && test.file == head.file && test.unit->text.find("@MethodSource") != std::string::npos &&
           (test.unit->name == head.unit->name || test.unit->text.find("\"" + head.unit->name + "\"") != std::string::npos) && asks_one_of(test, asked);
  });
}

bool Comparison::holds_all(const std::vector<std::string>& row, const std::vector<std::string>& wanted) {
  if (wanted.size() > row.size()) return false;
  return std::all_of(wanted.begin(), wanted.end(), [&](const std::string& one) {
    const auto there = std::count(row.begin(), row.end(), one);
    return there > 0 && there >= std::count(wanted.begin(), wanted.end(), one);
  });
}

bool Comparison::asks_one_of(const Entry& head, const std::set<std::string>& asked) const {
  const auto asks = [&](const Entry& entry) {
    return std::any_of(entry.unit->calls.begin(), entry.unit->calls.end(), [&](const CallSite& call) { return asked.count(call.name) > 0; }) ||
           std::any_of(entry.checks.begin(), entry.checks.end(), [&](const Check& check) {
             for (const std::string& name : called_names(check.text)) {
               if (asked.count(name)) return true;
             }
             return false;
           });
  };
  if (asks(head)) return true;
  for (const CallSite& call : head.unit->calls) {
    for (const Entry& helper : head_.entries) {
      if (!helper.test && helper.unit->name == call.name && asks(helper)) return true;
    }
  }
  return false;
}

}  // namespace baton::audit
