#include "analyzers/context/task_query.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "analyzers/context/code_tokens.h"

namespace baton {
namespace {

constexpr std::size_t kMaxText = 64u << 10;
constexpr std::size_t kMaxNames = 100;  // of paths and of modules: a long traceback has more
constexpr double kTitleWeight = 2;      // a word of the first line counts as so many

bool in_name(char c) { return context_detail::is_letter(c) || context_detail::is_digit(c) || c == '.' || c == '/' || c == '-' || c == '\\' || c == '@' || c == '+'; }

std::string lowered_path(std::string_view text) {
  std::string low(text);
  for (char& c : low) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c == '\\' ? '/' : c;
  return low;
}

// "src/app.py", "app.py:12": what has an extension of letters after its last dot.
bool is_path(std::string_view name) {
  const std::size_t dot = name.rfind('.'), slash = name.rfind('/');
  if (dot == name.npos || dot + 1 >= name.size() || name.size() - dot > 7 || (slash != name.npos && slash > dot)) return false;
  if (!context_detail::is_letter(name[dot + 1])) return false;  // a number: "1.5"
  return std::all_of(name.begin() + static_cast<std::ptrdiff_t>(dot) + 1, name.end(), [](char c) { return context_detail::is_letter(c) || context_detail::is_digit(c) || c == '+'; });
}

// "a.b.c", each part a name.
bool is_module(std::string_view name) {
  if (name.find('/') != name.npos || name.find('.') == name.npos || !context_detail::is_letter(name[0])) return false;
  for (auto dot = name.find('.'); dot != name.npos; dot = name.find('.', dot + 1)) {
    if (dot + 1 >= name.size() || !context_detail::is_letter(name[dot + 1])) return false;
  }
  return true;
}

void add_names(std::string_view text, TaskQuery& query) {
  std::set<std::string> seen;
  for (std::size_t at = 0; at < text.size();) {
    if (!in_name(text[at])) {
      ++at;
      continue;
    }
    const std::size_t begin = at;
    while (at < text.size() && in_name(text[at])) ++at;
    std::string name = lowered_path(text.substr(begin, at - begin));
    while (!name.empty() && std::string_view("./-@+").find(name.back()) != std::string_view::npos) name.pop_back();
    while (name.starts_with("./") || name.starts_with('/') || name.starts_with('.')) name.erase(0, 1);
    if (name.size() < 4 || name.size() > 200 || !seen.insert(name).second) continue;
    if (is_path(name) && query.paths.size() < kMaxNames) query.paths.push_back(name);
    if (is_module(name) && query.modules.size() < kMaxNames) {
      std::replace(name.begin(), name.end(), '.', '/');
      query.modules.push_back(std::move(name));
    } else if (name.find('/') != name.npos && !is_path(name) && query.modules.size() < kMaxNames) {
      query.modules.push_back(std::move(name));
    }
  }
}

}  // namespace

TaskQuery task_query(std::string_view text, TermTable& table) {
  text = text.substr(0, kMaxText);
  TaskQuery query;
  const std::size_t title = std::min(text.find('\n'), text.size());
  std::map<std::string, double> counts;
  each_identifier(text, [&](std::string_view identifier, std::size_t at) {
    for (std::string& term : identifier_terms(identifier)) counts[std::move(term)] += at < title ? kTitleWeight : 1;
  });
  for (const auto& [term, count] : counts) query.terms.push_back({table.add(term), std::sqrt(std::min(count, 4.0)), term.starts_with('=')});
  add_names(text, query);
  return query;
}

}  // namespace baton
