#include "analyzers/audit/check_parts.h"

#include <re2/re2.h>

#include <algorithm>
#include <cctype>

#include "analyzers/audit/code_text.h"
#include "analyzers/audit/pattern.h"

namespace baton::audit {
namespace {

constexpr std::size_t kMaxWhole = 4000, kMaxElements = 60;

bool scripts_objects(Language language) { return language == Language::javascript || language == Language::typescript || language == Language::tsx; }

// The bracket that opens what ends with the text; npos where the last character closes nothing that reaches back to one.
std::size_t opening_of_last(std::string_view text) {
  std::vector<std::size_t> open;
  std::size_t last = text.npos;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\'') {
      for (++at; at < text.size() && text[at] != '\''; ++at) at += text[at] == '\\';
    } else if (c == '(' || c == '[' || c == '{') {
      open.push_back(at);
    } else if (c == ')' || c == ']' || c == '}') {
      if (open.empty()) return text.npos;
      last = open.back();
      open.pop_back();
      if (at + 1 == text.size() && open.empty()) return last;
    }
  }
  return text.npos;
}

// What stands before the bracket makes it a list of the language, and no call for an answer.
bool is_list_of(std::string_view before, char bracket, Language language) {
  static const RE2 kCpp("^(\\w+::)*(vector|array|list|deque|pair|tuple|initializer_list)(<.*>)?$|^(\\w+::)*make_(pair|tuple)$"), kJava("^(\\w+\\.)*(List|Arrays|ImmutableList|Stream|Pair)\\.(of|asList)$|^[\\w.<>]+\\[\\]$"),
      kGo("^\\[\\d*\\]\\*?[\\w.]+$|^map\\[[\\w.]+\\][\\w.]+$|^\\[\\.\\.\\.\\][\\w.]+$");
  if (before.empty()) return bracket != '{' || scripts_objects(language) || language == Language::python || language == Language::cpp || language == Language::c || language == Language::java;
  switch (language) {
    case Language::cpp: return bracket != '[' && matches(before, kCpp);
    case Language::java: return bracket != '[' && matches(before, kJava);
    case Language::go: return bracket == '{' && matches(before, kGo);
    case Language::rust: return before == "vec!" || before == "&" || before == "&vec!";
    default: return false;
  }
}

// "a:1", "a=1", and "a" alone, which is a name and its value where objects are scripted.
std::optional<Element> element(std::string_view text, bool keyed, bool by_name_alone) {
  static const RE2 kKeyed("^'?([\\w.$-]+)'?\\s*[:=]\\s*([^:=].*)$"), kName("^[A-Za-z_$][\\w$]*$"), kSpread("^\\.\\.|^\\*");
  std::string key, value;
  if (matches(text, kSpread)) return std::nullopt;
  if (!keyed) return Element{{}, std::string(text)};
  if (RE2::FullMatch(re2::StringPiece(text.data(), text.size()), kKeyed, &key, &value)) return Element{lower(key), value};
  if (by_name_alone && matches(text, kName)) return Element{lower(text), std::string(text)};
  return std::nullopt;
}

// `['a', 'b'].map(f)` and `[f(x) for x in ('a', 'b')]` as `[f('a'), f('b')]`; `Promise.all([f(1), f(2)])`, once awaited, as that list.
std::string applied(std::string whole) {
  static const RE2 kAwaited("^Promise\\.all\\((.*)\\)$");
  if (std::string all; RE2::FullMatch(whole, kAwaited, &all)) whole = std::move(all);
  static const RE2 kMapped("^(\\[.*\\])\\.map\\(([\\w.]+)\\)$"), kLambda("^(\\[.*\\])\\.map\\(\\(?(\\w+)\\)?=>([^{].*)\\)$"), kComprehended("^\\[(.+?)\\s?for (\\w+) in\\s?([\\[(][^\\[\\]()]*[\\])])\\]$");
  std::string list, name, body;
  if (RE2::FullMatch(whole, kMapped, &list, &body)) name = "it", body += "(it)";
  else if (!RE2::FullMatch(whole, kLambda, &list, &name, &body) && !RE2::FullMatch(whole, kComprehended, &body, &name, &list)) return whole;
  std::string text;
  const RE2 bound("\\b" + name + "\\b");
  for (const std::string_view one : split_arguments(std::string_view(list).substr(1, list.size() - 2))) {
    std::string call = body;
    std::string with;
    for (const char c : one) with += c == '\\' ? "\\\\" : std::string(1, c);
    RE2::GlobalReplace(&call, bound, with);
    text += (text.empty() ? "[" : ",") + call;
  }
  return text.empty() ? whole : text + "]";
}

}  // namespace

std::optional<std::vector<Element>> elements_of(std::string_view whole, Language language, bool of_a_type) {
  if (whole.size() < 3 || whole.size() > kMaxWhole) return std::nullopt;
  const std::size_t open = opening_of_last(whole);
  if (open == whole.npos) return std::nullopt;
  std::string_view before = whole.substr(0, open);
  const auto parts = split_arguments(whole.substr(open + 1, whole.size() - open - 2));
  if (parts.empty() || parts.size() > kMaxElements) return std::nullopt;
  if (before.empty() && whole[open] == '(' && parts.size() == 1) return elements_of(parts[0], language, of_a_type);
  static const RE2 kType("^&?(\\w+(::|\\.))*[A-Z]\\w*(<.*>)?$");
  const bool list = is_list_of(before, whole[open], language), made = of_a_type && matches(before, kType);
  if (!list && !made) return std::nullopt;
  const bool object = list && before.empty() && whole[open] == '{' && language != Language::cpp && language != Language::c && language != Language::java;
  static const RE2 kHasKey("^'?[\\w.$-]+'?\\s*[:=]\\s*[^:=]");
  const bool keyed = object || ((made || before.starts_with("map[")) && matches(parts[0], kHasKey));
  std::vector<Element> elements;
  for (const std::string_view part : parts) {
    auto one = element(part, keyed, scripts_objects(language));
    if (!one || part.find(" for ") != part.npos || part.find(")for ") != part.npos) return std::nullopt;
    elements.push_back(std::move(*one));
  }
  return elements;
}

std::vector<std::pair<std::string, std::string>> parts_of(std::string_view subject, std::string_view expected, Language language) {
  const auto looked_at = elements_of(applied(std::string(subject)), language), wanted = elements_of(expected, language);
  std::vector<std::pair<std::string, std::string>> parts;
  if (!looked_at || !wanted || looked_at->size() != wanted->size()) return parts;
  for (std::size_t i = 0; i < wanted->size(); ++i) {
    const Element& one = (*wanted)[i];
    const auto same = one.key.empty() ? looked_at->begin() + static_cast<std::ptrdiff_t>(i) : std::find_if(looked_at->begin(), looked_at->end(), [&](const Element& other) { return other.key == one.key; });
    if (same == looked_at->end() || same->key != one.key) return {};
    parts.emplace_back(same->value, one.value);
  }
  return parts;
}

std::optional<PartName> part_looked_at(std::string_view subject) {
  static const RE2 kLength("^len\\((.+)\\)$"), kSize("^(.+)\\.(?:size|length|len|count)(?:\\(\\))?$"), kPlace("^(.+?)(?:\\[|\\.(?:get|at)\\(|\\.)(\\d+)[\\])]?$"), kKey("^(.+)(?:\\[|\\.get\\(|\\.at\\()'([\\w$-]+)'[\\])]$"),
      kField("^(.+)(?:\\.|->)(?:get|is)?_?([A-Za-z_]\\w*)(?:\\(\\))?$");
  const re2::StringPiece text(subject.data(), subject.size());
  PartName part;
  std::string number;
  if (RE2::FullMatch(text, kLength, &part.whole) || RE2::FullMatch(text, kSize, &part.whole)) return part;
  if (RE2::FullMatch(text, kPlace, &part.whole, &number)) {
    const auto place = number_of(number);
    if (place && *place < kMaxElements) part.place = static_cast<std::size_t>(*place);
    return part.place ? std::optional(part) : std::nullopt;
  }
  if (!RE2::FullMatch(text, kKey, &part.whole, &part.key) && !RE2::FullMatch(text, kField, &part.whole, &part.key)) return std::nullopt;
  part.key = lower(part.key);
  return part;
}

}  // namespace baton::audit
