#include "analyzers/audit/comparison.h"

#include <algorithm>
#include <map>

#include "analyzers/audit/code_text.h"

namespace baton::audit {
namespace {

constexpr double kTakesPlace = 0.65;  // of the words of two checks of which one stands where the other did

// `check_all(x, 1)`: the function; empty where a row is one of a table.
std::string helper_of(const Check& row) {
  static const RE2 kCall("^(?:[\\w.:>-]*[.:>])?([A-Za-z_]\\w*)!?\\(");
  std::string name;
  RE2::PartialMatch(row.subject, kCall, &name);
  return name;
}

// It is handed no answer of the program.
bool literals_alone(const std::string& call) {
  const auto chain = chain_of(call);
  return !chain.empty() && std::all_of(chain.back().arguments.begin(), chain.back().arguments.end(), [](std::string_view one) { return is_literal(one) || one == "t" || one == "self"; });
}

}  // namespace

void Comparison::vanished(Entry& base, const std::vector<std::size_t>& left) {
  const std::string code = base.unit->text;
  const bool had_checks = holds(base);
  if (had_checks && left.empty()) return;
  // Part of it is still held elsewhere, and what is left is little.
  const std::size_t all = static_cast<std::size_t>(std::count_if(base.checks.begin(), base.checks.end(), [](const Check& check) { return check.strength > 0; }));
  const bool mostly_there = had_checks && left.size() * 3 <= all;
  const bool was_off = !base.unit->off.empty();
  static const RE2 kMeasures("(?i)(^|[^a-z])bench(mark)?s?([^a-z]|$)|[a-z_]Bench(mark)?s?$");
  const bool measures = !had_checks && matches(base.unit->name, kMeasures);  // it held nothing, and never meant to
  const bool held_nothing = !had_checks && intent_.given() && !intent_.keeps_behaviour();  // something was asked for, and nothing was insisted on
  bool gone = concerns_gone(code);
  // It stands there as it did, in a file that the grammar does not understand; what could take it out of the run says so in a line of its own.
  const TestFilePair& file = files_[base.file];
  static const RE2 kTakesOut("(?m)^\\s*(#\\s*(if|ifdef|ifndef)\\b|/\\*|if False|if \\(?(0|false)\\b|\"\"\")");
  const auto times_out = [](std::string_view text) {
    int count = 0;
    for (re2::StringPiece left(text.data(), text.size()); RE2::FindAndConsume(&left, kTakesOut);) ++count;
    return count;
  };
  const bool unread = file.head.broken && !code.empty() && file.head_text.find(code) != file.head_text.npos && times_out(file.head_text) <= times_out(file.base_text);
  const bool explained = intent_.explains_removal(about(base) + " " + called_text(base)) || removed_by_task(base) || rewritten_file(base, left.size());
  AuditFinding finding;
  finding.path = files_[base.file].base.path;
  finding.line = base.unit->line;
  finding.on_base = true;
  finding.kind = "test_removed";
  finding.escalates = !gone && !explained && !was_off && !mostly_there && !measures && !unread && !held_nothing;
  finding.message = "The test \"" + short_text(base.unit->qualified) + "\" is no longer run" + std::string(left.empty() ? "." : ", and nothing else checks \"" + short_text(base.checks[left[0]].text) + "\".");
  finding.hunk = hunk(files_[base.file].base_text, base.unit->line, base.unit->end_line, {}, 0, 0);
  finish(std::move(finding));
}

std::string Comparison::called_text(const Entry& entry) const {
  std::string text;
  for (const CallSite& call : entry.unit->calls) {
    if (text.size() < 2000) text += call.name + " ";
  }
  return text;
}

// There under that name since this change.
bool Comparison::is_new(const Entry& head) const { return !head.pair || base_.entries[*head.pair].unit->name != head.unit->name; }

// What looks at the same thing as strongly: the same kind of check, in much the same words.
bool Comparison::takes_its_place(const Entry& base, std::size_t i, const Entry& head, std::size_t k) const {
  const Check &was = base.checks[i], &is = head.checks[k];
  if (head.used[k] || is.kind != was.kind || is.negated != was.negated || is.strength < was.strength || is.swallowed || (is_trivial(is) && !is_trivial(was))) return false;
  if (!is.condition.empty() && asks_the_environment(is.condition)) return false;
  const bool same_thing = was.kind == CheckKind::row ? helper_of(was) == helper_of(is) && !helper_of(was).empty() : base.spelled[i].called == head.spelled[k].called;
  return same_thing && likeness(base.spelled[i], head.spelled[k]) >= kTakesPlace;
}

// A checking helper is called with other values, and no more seldom than before.
bool Comparison::called_as_often(const std::string& helper) const {
  const auto count = [&](const Side& side) {
    std::size_t calls = 0;
    for (const Entry& entry : side.entries) {
      calls += static_cast<std::size_t>(std::count_if(entry.checks.begin(), entry.checks.end(), [&](const Check& check) { return check.kind == CheckKind::row && !check.swallowed && helper_of(check) == helper && !literals_alone(check.subject); }));
    }
    return calls;
  };
  return count(head_) >= count(base_);
}

// What was done before the check is still done there, so that nothing but the check is gone.
bool Comparison::keeps_its_ground(const Entry& base, const Check& was) const {
  if (!base.pair) return false;
  const auto lines = lines_of(files_[base.file].base_text);
  const std::string now = normalised(head_.entries[*base.pair].unit->text);
  static const RE2 kStatement("[\\w)\\]\"'`]{3}");
  for (int line = was.line - 1; line > base.unit->line; --line) {
    if (line > static_cast<int>(lines.size()) || std::any_of(base.checks.begin(), base.checks.end(), [&](const Check& check) { return check.line <= line && line <= check.end_line; })) continue;
    const std::string ground = normalised(lines[static_cast<std::size_t>(line) - 1]);
    if (matches(ground, kStatement)) return now.find(ground) != std::string::npos;
  }
  return true;
}

// A check went into a test that is new, or into a helper, and says much the same there of other values. Whether that may be so is asked
// as of any other question: not where behaviour is to stay.
void Comparison::gave_way(Entry& base, const std::vector<std::size_t>& left) {
  const bool may_differ = intent_.given() ? !intent_.keeps_behaviour() : around_.program_changed;
  if (!may_differ) return;
  for (const std::size_t i : left) {
    if (base.used[i] || base.checks[i].strength < 2 || keeps_its_ground(base, base.checks[i])) continue;
    if (base.checks[i].kind == CheckKind::row && base.pair && !helper_of(base.checks[i]).empty() && called_as_often(helper_of(base.checks[i]))) {
      base.used[i] = base.loosely = true;
      const Check was = base.checks[i];
      Check place;
      place.line = place.end_line = head_.entries[*base.pair].unit->line;
      report("question_changed", false, head_.entries[*base.pair], place, &base, &was, "\"" + short_text(was.text) + "\" is asked with other values now.");
      continue;
    }
    for (Entry& head : head_.entries) {
      if (base.used[i]) break;
      if (head.unit->is_group || head.unit->name.empty() || !is_new(head) || !(head.test || head.called)) continue;
      for (std::size_t k = 0; k < head.checks.size() && !base.used[i]; ++k) {
        if (!takes_its_place(base, i, head, k)) continue;
        const Check was = base.checks[i], is = head.checks[k];
        base.used[i] = head.used[k] = base.loosely = true;
        report("question_changed", false, head, is, &base, &was, "\"" + short_text(was.text) + "\" gave way to \"" + short_text(is.text) + "\" in \"" + short_text(head.unit->qualified) + "\".");
      }
    }
  }
}

// It looked for a text whose words the program says nowhere any more.
bool Comparison::is_unsaid(const Check& check) const {
  if (intent_.keeps_behaviour()) return false;
  return std::ranges::any_of(literals(check.expected), [&](const std::string& text) {
    const std::set<std::string> words = plain_words(text);
    return text[0] == '\'' && std::count_if(words.begin(), words.end(), [&](const std::string& word) { return word.size() > 2 && around_.unsaid.count(word) > 0; }) >= 2;
  });
}

// What it calls, by itself and by its helpers.
std::set<std::string> Comparison::asked_by(const Entry& base) const {
  std::set<std::string> asked;
  for (const CallSite& call : base.unit->calls) asked.insert(call.name);
  const std::set<std::string> helpers = asked;
  for (const Entry& helper : base_.entries) {
    if (helper.test || !helpers.count(helper.unit->name)) continue;
    for (const CallSite& call : helper.unit->calls) asked.insert(call.name);
  }
  return asked;
}

// As many new tests, as strong, of the same things, stand where the old ones went.
bool Comparison::rewritten_file(const Entry& base, std::size_t) const {
  int lost = 0, fresh = 0;
  std::set<std::string> asked, now;
  for (const Entry& entry : base_.entries) {
    if (entry.file != base.file || !entry.test || entry.pair) continue;
    for (std::size_t i = 0; i < entry.checks.size(); ++i) lost += !entry.used[i] && entry.checks[i].strength > 0;
  }
  asked = asked_by(base);
  bool shares = false;
  for (const Entry& entry : head_.entries) {
    if (!is_new(entry) || entry.unit->is_group || entry.unit->name.empty() || !(entry.test || entry.called)) continue;
    bool same_things = false;
    for (const CallSite& call : entry.unit->calls) same_things = same_things || (asked.count(call.name) > 0 && call.name.size() > 3 && !is_assertion_name(call.name));
    shares = shares || same_things;
    // What holds for each row of a table is told by the rows.
    const bool by_rows = entry.unit->text.find("@MethodSource") != std::string::npos || std::any_of(entry.checks.begin(), entry.checks.end(), [](const Check& check) { return check.kind == CheckKind::row; });
    for (std::size_t k = 0; k < entry.checks.size(); ++k) fresh += !entry.used[k] && !entry.checks[k].of_body && entry.checks[k].strength >= 2 && (!by_rows || entry.checks[k].kind == CheckKind::row || !entry.spelled[k].said.empty());
  }
  return shares && lost > 0 && (intent_.rewrites_tests() ? fresh * 2 >= lost : fresh >= lost);
}

bool Comparison::is_assertion_name(std::string_view name) {
  static const RE2 kName("(?i)^(assert|expect|to[A-Z]|equal|is|raises|require|check|verify|fail|not|be|len|str|int|print|list|dict|range|format)");
  return matches(name, kName);
}

// A helper is gone, and its name is something else's: where unchanged tests call it, nothing that fails tells of it.
void Comparison::given_away(const Entry& base) {
  const TestFilePair& file = files_[base.file];
  const std::string name = RE2::QuoteMeta(base.unit->name);
  const RE2 assigned("^\\s*(?:export\\s+)?(?:const |let |var |self\\.|this\\.|module\\.exports\\.|exports\\.)?" + name + "\\s*=[^=]"), imported("^\\s*(?:from .*)?import\\b.*\\b" + name + "\\b|\\bas " + name + "\\b");
  int line = 0;
  for (const std::string_view text : lines_of(file.head_text)) {
    ++line;
    const bool other = matches(text, assigned);
    if (!other && !matches(text, imported)) continue;
    AuditFinding finding;
    finding.path = file.head.path;
    finding.line = line;
    finding.kind = "assertion_removed";
    finding.escalates = other && holds(base) && !base.checks.empty();
    finding.message = "\"" + short_text(base.unit->qualified) + "\" is something else now: \"" + short_text(trimmed(text)) + "\". It held \"" + short_text(base.checks[0].text) + "\".";
    finding.hunk = hunk(file.base_text, base.unit->line, base.unit->end_line, file.head_text, line, line);
    finish(std::move(finding));
    return;
  }
}

// What only helped, and is gone with its whole file: who uses it still would not build or run, and who changed is looked at for itself.
bool Comparison::helped_only(const Entry& base) const {
  const TestFilePair& file = files_[base.file];
  static const RE2 kHelps("(?i)\\.(h|hh|hpp|hxx)$|(harness|utils?|helpers?|support|common|fixtures?)\\.\\w+$"), kRuns("(?i)^(main|run|tests?)$|^(run_?)?tests?_|_tests?$");
  if (!file.head.units.empty() || base.test) return false;
  const bool has_tests = std::any_of(file.base.units.begin(), file.base.units.end(), [](const TestUnit& unit) { return unit.is_test; });
  const bool function = !base.unit->name.empty() && !base.unit->is_group && !matches(base.unit->name, kRuns);
  return has_tests ? function : matches(file.base.path, kHelps);
}

// That the call went well; and the call is not made any more.
bool Comparison::asks_no_more(const Check& was, const Entry& head) {
  const std::set<std::string> called = called_names(was.subject);
  return !called.empty() && std::none_of(head.unit->calls.begin(), head.unit->calls.end(), [&](const CallSite& call) { return called.count(call.name) > 0; });
}

// What was looked at of an answer, where an error is expected in its place now: another expectation, that needs its reason as any does.
bool Comparison::is_refused_now(const Entry& base, const std::vector<std::size_t>& left, const Entry& head) const {
  if (intent_.given() ? intent_.keeps_behaviour() : !around_.program_changed) return false;
  std::set<std::string> refused;
  std::string values;
  for (std::size_t k = 0; k < head.checks.size(); ++k) {
    const Check& is = head.checks[k];
    if (head.used[k] || is.kind != CheckKind::throws || is.strength < 3 || is.swallowed) continue;
    refused.merge(identifiers(is.subject + " " + is.text));
    values += is.text + " ";
  }
  const bool all = !refused.empty() && std::ranges::all_of(left, [&](std::size_t i) {
    const Check& was = base.checks[i];
    const std::set<std::string> asked = called_names(was.subject + " " + was.value + " " + was.expected);
    return std::ranges::any_of(asked, [&](const std::string& name) { return refused.count(name) > 0 && !is_assertion_name(name); });
  });
  return all && (!intent_.given() || intent_.explains_change(about(head), values));
}

void Comparison::missing(Entry& base, const std::vector<std::size_t>& left, const Entry* head) {
  std::size_t fresh = 0, strong_fresh = 0, strong_left = 0;
  const bool asked_hard = std::any_of(left.begin(), left.end(), [&](std::size_t i) { return !is_trivial(base.checks[i]); });
  const auto has_rows = [](const Entry& entry) { return std::ranges::any_of(entry.checks, [](const Check& check) { return check.kind == CheckKind::row; }); };
  const bool into_rows = head && has_rows(*head) && !has_rows(base);
  if (head) {
    for (std::size_t k = 0; k < head->checks.size(); ++k) {
      if (head->used[k] || head->checks[k].strength == 0 || (into_rows && holds_for_rows(*head, k)) || (asked_hard && is_trivial(head->checks[k]))) continue;
      ++fresh;
      strong_fresh += head->checks[k].strength >= 3;
    }
  }
  std::size_t gone = 0, slight = 0, idle = 0;
  for (const std::size_t i : left) {
    const Check& check = base.checks[i];
    strong_left += check.strength >= 3;
    idle += check.strength <= 1 && head && asks_no_more(check, *head);
    gone += concerns_gone(check.text) || concerns_gone(check.subject) || is_unsaid(check);
    slight += check.strength <= 1 && check.kind != CheckKind::fails;
  }
  const bool rewritten = head && fresh > 0 && fresh + idle >= left.size() && strong_fresh >= strong_left;
  const std::size_t kept = head ? static_cast<std::size_t>(std::count_if(head->checks.begin(), head->checks.end(), [](const Check& check) { return check.strength >= 2; })) : 0;
  const bool little = slight == left.size() && kept >= left.size() && !into_rows;
  std::string code;
  for (const std::size_t i : left) code += base.checks[i].text + " " + (base.checks[i].kind == CheckKind::throws ? base.checks[i].subject + " " : "");
  // An error that was awaited, or a case whose answer is one.
  static const RE2 kRefuses("(?:Error|Invalid|Fails?|Failure|Rejects?|Rejected|Refuses)\\(|(?i)\\b(not valid|invalid|error|must( not)?|cannot|can't|not (allowed|supported|permitted)|refus\\w*|reject\\w*|fail\\w*)\\b");
  const bool all_refused = std::all_of(left.begin(), left.end(), [&](std::size_t i) { return base.checks[i].kind == CheckKind::throws || (base.checks[i].kind == CheckKind::row && matches(base.checks[i].text, kRefuses)); });
  const bool explained = intent_.explains_removal(about(base) + " " + code) || (all_refused && intent_.allows(code));
  const bool taken_away = around_.program_changed && intent_.given() && std::ranges::all_of(left, [&](std::size_t i) { return base.checks[i].kind == CheckKind::row && task_takes_away(base.checks[i]); });
  const bool refused = head && is_refused_now(base, left, *head);
  const bool rows = std::all_of(left.begin(), left.end(), [&](std::size_t i) { return base.checks[i].kind == CheckKind::row; });
  AuditFinding finding;
  const Check& first = base.checks[left[0]];
  finding.path = files_[base.file].base.path;
  finding.line = first.line;
  finding.on_base = true;
  finding.kind = rows ? "case_removed" : "assertion_removed";
  finding.escalates = !rewritten && gone < left.size() && !little && !explained && !taken_away && !refused;
  if (helped_only(base)) finding.escalates = false;
  if (rewritten && gone == 0 && left.size() == 1 && fresh == 1) finding.escalates = false;
  const std::string more = left.size() > 1 ? " and " + std::to_string(left.size() - 1) + " more" : "";
  finding.message = "\"" + short_text(first.text) + "\"" + more + (left.size() > 1 ? " are" : " is") + " no longer checked" + (base.unit->name.empty() ? "." : " by \"" + short_text(base.unit->qualified) + "\".");
  if (rewritten) finding.message = "\"" + short_text(base.unit->qualified) + "\" was rewritten: \"" + short_text(first.text) + "\"" + more + " gave way to other checks.";
  finding.hunk = head ? hunk(files_[base.file].base_text, first.line, base.checks[left.back()].end_line, files_[head->file].head_text, 0, 0)
                      : hunk(files_[base.file].base_text, first.line, first.end_line, {}, 0, 0);
  finish(std::move(finding));
}

}  // namespace baton::audit
