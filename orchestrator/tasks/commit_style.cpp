#include "orchestrator/tasks/commit_style.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

namespace baton {
namespace {

constexpr std::size_t kMaxSubject = 72;
constexpr std::size_t kMinSubjects = 3;  // fewer say nothing
constexpr double kMost = 0.6;

constexpr std::array<std::string_view, 13> kTypes = {"feat", "fix", "docs", "style", "refactor", "perf", "test", "build", "ci", "chore", "revert", "deps", "tests"};

struct Subject {
  SubjectForm form = SubjectForm::plain;
  std::string type, area, text;
};

bool is_area(std::string_view text) {
  return !text.empty() && text.size() <= 40 && std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || std::string_view("._-/+*,{}@ ").find(c) != std::string_view::npos;
  });
}

Subject read(std::string_view subject) {
  if (subject.starts_with('[')) {
    const auto close = subject.find("] ");
    if (close != subject.npos && is_area(subject.substr(1, close - 1))) return {SubjectForm::bracketed, {}, std::string(subject.substr(1, close - 1)), std::string(subject.substr(close + 2))};
  }
  const auto colon = subject.find(": ");
  if (colon == subject.npos) return {SubjectForm::plain, {}, {}, std::string(subject)};
  std::string_view head = subject.substr(0, colon);
  const std::string text(subject.substr(colon + 2));
  if (head.ends_with('!')) head.remove_suffix(1);
  std::string_view scope;
  const auto open = head.find('(');
  if (open != head.npos && head.ends_with(')')) {
    scope = head.substr(open + 1, head.size() - open - 2);
    head = head.substr(0, open);
  }
  if (std::find(kTypes.begin(), kTypes.end(), head) != kTypes.end()) return {SubjectForm::conventional, std::string(head), std::string(scope), text};
  // "Note: this", "When x: y" are sentences; a prefix is a word or a list of them.
  const bool sentence = std::count(head.begin(), head.end(), ' ') > std::count(head.begin(), head.end(), ',');
  if (scope.empty() && is_area(head) && !sentence) return {SubjectForm::prefixed, {}, std::string(head), text};
  return {SubjectForm::plain, {}, {}, std::string(subject)};
}

bool lower(char c) { return std::islower(static_cast<unsigned char>(c)) != 0; }
bool upper(char c) { return std::isupper(static_cast<unsigned char>(c)) != 0; }

// "API" and "iOS" and "std::move" stay as they are.
bool is_plain_word(std::string_view text) {
  const auto word = text.substr(0, text.find(' '));
  return word.size() > 1 && std::all_of(word.begin() + 1, word.end(), lower);
}

std::string cut(std::string text, std::size_t limit) {
  if (text.size() <= limit) return text;
  const auto space = text.rfind(' ', limit);
  text.resize(space == std::string::npos || space < limit / 2 ? limit : space);
  while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0) == 0x80) text.pop_back();
  if (!text.empty() && static_cast<unsigned char>(text.back()) >= 0xC0) text.pop_back();
  while (!text.empty() && std::string_view(" ,;:.").find(text.back()) != std::string_view::npos) text.pop_back();
  return text;
}

std::string first_known(const std::vector<std::string>& wanted, const std::map<std::string, int>& known) {
  for (const std::string& one : wanted) {
    if (known.contains(one)) return one;
  }
  return "";
}

}  // namespace

std::string_view to_string(SubjectForm form) {
  switch (form) {
    case SubjectForm::plain: return "plain";
    case SubjectForm::conventional: return "conventional";
    case SubjectForm::prefixed: return "prefixed";
    case SubjectForm::bracketed: return "bracketed";
  }
  return "";
}

CommitStyle commit_style(const std::vector<std::string>& subjects) {
  CommitStyle style;
  std::vector<Subject> all;
  std::map<SubjectForm, std::size_t> forms;
  for (const std::string& subject : subjects) {
    if (subject.empty() || subject.starts_with("Merge ") || subject.starts_with("Revert \"")) continue;
    all.push_back(read(subject));
    ++forms[all.back().form];
  }
  if (all.size() < kMinSubjects) return style;
  for (const auto& [form, count] : forms) {
    if (static_cast<double>(count) >= kMost * static_cast<double>(all.size())) style.form = form;
  }
  int capital = 0, small = 0, period = 0, scoped = 0, counted = 0;
  for (const Subject& subject : all) {
    if (subject.form != style.form || subject.text.empty()) continue;
    ++counted;
    capital += upper(subject.text.front());
    small += lower(subject.text.front());
    period += subject.text.back() == '.';
    scoped += !subject.area.empty();
    if (!subject.type.empty()) ++style.types[subject.type];
    if (!subject.area.empty()) ++style.areas[subject.area];
  }
  style.capital = capital >= small;
  style.period = 2 * period > counted;
  style.scoped = 2 * scoped > counted;
  return style;
}

std::string commit_subject(const CommitStyle& style, const SubjectWish& wish) {
  std::string head;
  const std::string area = first_known(wish.areas, style.areas);
  if (style.form == SubjectForm::conventional) {
    std::string type = first_known(wish.types, style.types);
    if (type.empty()) type = wish.types.empty() ? "chore" : wish.types.front();
    head = type + (style.scoped && !area.empty() ? "(" + area + ")" : "") + ": ";
  } else if (style.form == SubjectForm::prefixed && !area.empty()) {
    head = area + ": ";
  } else if (style.form == SubjectForm::bracketed && !area.empty()) {
    head = "[" + area + "] ";
  }
  std::string text = wish.text.substr(0, wish.text.find('\n'));
  while (!text.empty() && std::string_view(" .").find(text.back()) != std::string_view::npos) text.pop_back();
  const bool capital = style.capital || (head.empty() && style.form != SubjectForm::plain);
  if (!text.empty() && is_plain_word(text)) {
    text[0] = static_cast<char>(capital ? std::toupper(static_cast<unsigned char>(text[0])) : std::tolower(static_cast<unsigned char>(text[0])));
  }
  std::string subject = cut(head + text, kMaxSubject - (style.period ? 1 : 0));
  if (style.period) subject += '.';
  return subject;
}

}  // namespace baton
