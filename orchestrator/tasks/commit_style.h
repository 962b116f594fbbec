// How a repository words its commits, read from its history, and a subject in that manner. Pure; any thread.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace baton {

enum class SubjectForm { plain, conventional, prefixed, bracketed };  // "Fix x", "fix(ui): x", "ui: x", "[ui] x"
std::string_view to_string(SubjectForm form);

struct CommitStyle {
  SubjectForm form = SubjectForm::plain;
  bool capital = true;               // the first letter of what is said
  bool period = false;               // at the end
  bool scoped = false;               // conventional: most name a scope
  std::map<std::string, int> types;  // conventional: how often each was used
  std::map<std::string, int> areas;  // scopes, prefixes or brackets
};

CommitStyle commit_style(const std::vector<std::string>& subjects);

struct SubjectWish {
  std::string text;                // what was done
  std::vector<std::string> types;  // conventional ones that say it, the best first
  std::vector<std::string> areas;  // names of what it is about, the best first
};
// At most 72 bytes, cut between words.
std::string commit_subject(const CommitStyle& style, const SubjectWish& wish);

}  // namespace baton
