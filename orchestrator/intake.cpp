#include "orchestrator/intake.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "orchestrator/task_words.h"

namespace baton {
namespace {

constexpr std::size_t kLongestTitle = 100;
constexpr std::size_t kMostCriteria = 50;

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  return begin == text.npos ? std::string_view() : text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

// The item of a list, without its mark; empty when the line is none. A step of a reproduction is an item too.
std::string_view list_item(std::string_view line) {
  for (const std::string_view mark : {"- [ ] ", "- [x] ", "* [ ] ", "- ", "* ", "+ ", "\u2022 "}) {
    if (line.starts_with(mark)) return trimmed(line.substr(mark.size()));
  }
  std::size_t digits = 0;
  while (digits < line.size() && std::isdigit(static_cast<unsigned char>(line[digits]))) ++digits;
  const bool numbered = digits > 0 && digits + 1 < line.size() && (line[digits] == '.' || line[digits] == ')') && line[digits + 1] == ' ';
  return numbered ? trimmed(line.substr(digits + 2)) : std::string_view();
}

// "## Acceptance criteria", "**Expected**", "Done when:" without their marks, in lower case; empty when the line is no heading.
std::string heading(std::string_view line) {
  const bool marked = line.starts_with('#') || (line.starts_with("**") && line.substr(2).find("**") != line.npos);
  if (!marked && !(line.ends_with(':') && line.size() < 40)) return {};
  if (line.starts_with("**")) line = line.substr(0, line.find("**", 2));
  std::string words;
  for (const TaskWord& word : task_words(line)) words += (words.empty() ? "" : " ") + word.text;
  return words;
}

enum class Part { prose, criteria, other };  // other: lists there are no criteria: steps, environment, logs

Part part_of(const std::string& heading) {
  static constexpr std::array<std::string_view, 9> kCriteria = {"acceptance", "criteria", "expected", "done when", "definition of done", "requirements", "must", "should", "goal"};
  static constexpr std::array<std::string_view, 12> kOther = {"steps", "reproduce", "environment", "desktop", "version", "describe", "actual", "context", "log", "out of scope", "background", "not part"};
  const auto holds = [&](std::string_view word) { return heading.find(word) != std::string::npos; };
  if (std::any_of(kOther.begin(), kOther.end(), holds)) return Part::other;
  return std::any_of(kCriteria.begin(), kCriteria.end(), holds) ? Part::criteria : Part::prose;
}

// A sentence that says what has to hold.
bool demands(std::string_view sentence) {
  static constexpr std::array<std::string_view, 6> kWords = {"must", "should", "shall", "mustnt", "shouldnt", "may not"};
  const auto words = task_words(sentence);
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (std::find(kWords.begin(), kWords.end(), words[i].text) != kWords.end()) return true;
    const bool have_to = i + 1 < words.size() && (words[i].text == "has" || words[i].text == "have") && words[i + 1].text == "to";
    if (have_to) return true;
  }
  return false;
}

std::vector<std::string_view> sentences(std::string_view line) {
  std::vector<std::string_view> parts;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const bool ends = std::string_view(".!?;").find(line[i]) != std::string_view::npos && (i + 1 == line.size() || line[i + 1] == ' ');
    if (!ends) continue;
    parts.push_back(trimmed(line.substr(begin, i + 1 - begin)));
    begin = i + 1;
  }
  if (const auto rest = trimmed(line.substr(std::min(begin, line.size()))); !rest.empty()) parts.push_back(rest);
  return parts;
}

std::string shortened(std::string_view text) {
  if (text.size() <= kLongestTitle) return std::string(text);
  const auto space = text.rfind(' ', kLongestTitle);
  return std::string(text.substr(0, space == text.npos || space < kLongestTitle / 2 ? kLongestTitle : space)) + "\u2026";
}

}  // namespace

TaskText take_in(std::string_view text) {
  TaskText task;
  task.body = trimmed(text);
  const auto add = [&](std::string_view criterion) {
    while (criterion.ends_with(';') || criterion.ends_with(',')) criterion.remove_suffix(1);
    const bool known = std::any_of(task.criteria.begin(), task.criteria.end(), [&](const Criterion& c) { return c.text == criterion; });
    if (criterion.empty() || known || task.criteria.size() >= kMostCriteria) return;
    task.criteria.push_back({"c" + std::to_string(task.criteria.size() + 1), std::string(criterion)});
  };
  Part part = Part::prose;
  bool fenced = false;
  for (std::size_t begin = 0; begin < task.body.size();) {
    const std::size_t end = std::min(task.body.find('\n', begin), task.body.size());
    const std::string_view line = trimmed(std::string_view(task.body).substr(begin, end - begin));
    begin = end + 1;
    if (line.starts_with("```")) fenced = !fenced;
    if (line.empty() || fenced || line.starts_with("```")) continue;
    const std::string head = heading(line);
    if (task.title.empty()) task.title = shortened(trimmed(line.substr(std::min(line.find_first_not_of("#* "), line.size()))));
    if (!head.empty()) part = part_of(head);
    if (!head.empty() && line.starts_with('#')) continue;
    if (const std::string_view item = list_item(line); !item.empty()) {
      if (part != Part::other) add(item);
      continue;
    }
    if (!head.empty()) {
      // "**Expected** tiles are there" has its text on its own line.
      const auto close = line.starts_with("**") ? line.find("**", 2) : line.npos;
      if (part == Part::criteria && close != line.npos) add(trimmed(line.substr(line.find_first_not_of("*: ", close) == line.npos ? line.size() : line.find_first_not_of("*: ", close))));
      continue;
    }
    for (const std::string_view sentence : sentences(line)) {
      if (part == Part::criteria || (part == Part::prose && demands(sentence))) add(sentence);
    }
  }
  return task;
}

std::optional<std::string> todo_task(std::string_view line) {
  constexpr std::string_view kMark = "TODO(baton)";
  const auto at = line.find(kMark);
  if (at == line.npos) return std::nullopt;
  std::string_view rest = trimmed(line.substr(at + kMark.size()));
  if (rest.starts_with(':')) rest = trimmed(rest.substr(1));
  for (const std::string_view closing : {"*/", "-->", "#}", "--}}", "%>", "*)"}) {
    if (rest.ends_with(closing)) rest = trimmed(rest.substr(0, rest.size() - closing.size()));
  }
  return rest.empty() ? std::nullopt : std::optional(std::string(rest));
}

}  // namespace baton
