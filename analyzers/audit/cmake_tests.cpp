#include "analyzers/audit/cmake_tests.h"

#include <re2/re2.h>

#include <algorithm>

#include "analyzers/audit/code_text.h"
#include "analyzers/audit/pattern.h"

namespace baton::audit {
namespace {

std::string without_comments(std::string_view text) {
  std::string code(text);
  static const RE2 kComment("(?m)#[^\\n\"]*$");
  RE2::GlobalReplace(&code, kComment, "");
  return code;
}

std::vector<std::string> words_in(std::string_view arguments) {
  static const RE2 kWord("\"([^\"]*)\"|([^\\s\";]+)");
  std::vector<std::string> found;
  re2::StringPiece left(arguments.data(), arguments.size());
  for (std::string quoted, plain; RE2::FindAndConsume(&left, kWord, &quoted, &plain);) found.push_back(quoted.empty() ? plain : quoted);
  return found;
}

bool is_source_of_c(std::string_view word) {
  static const RE2 kSource("\\.(c|cc|cpp|cxx|c\\+\\+)$");
  return matches(word, kSource);
}

// `${CMAKE_CURRENT_SOURCE_DIR}/verify/main.cpp`, `../verify/main.cpp`
std::string path_in(const std::string& folder, std::string word) {
  static const RE2 kHere("^\\$\\{(CMAKE_CURRENT_SOURCE_DIR|CMAKE_CURRENT_LIST_DIR)\\}/"), kRoot("^\\$\\{(CMAKE_SOURCE_DIR|PROJECT_SOURCE_DIR)\\}/"), kUp("(^|/)(?:[^/.][^/]*/)\\.\\./"), kSame("(^|/)\\./");
  const bool at_root = RE2::Replace(&word, kRoot, "");
  if (RE2::Replace(&word, kHere, "") || !at_root) word = folder + word;
  while (RE2::Replace(&word, kSame, "\\1") || RE2::Replace(&word, kUp, "\\1")) {
  }
  return word;
}

// `$<TARGET_FILE:verify>`, `${CMAKE_BINARY_DIR}/verify`
std::string program_of(std::string command) {
  static const RE2 kTarget("^\\$<TARGET_FILE:([^>]+)>$");
  RE2::Replace(&command, kTarget, "\\1");
  return command.substr(command.rfind('/') == command.npos ? 0 : command.rfind('/') + 1);
}

}  // namespace

CMakeTests::Words CMakeTests::expanded(const Words& words) const {
  Words all;
  for (const std::string& word : words) {
    const bool variable = word.starts_with("${") && word.ends_with('}');
    const auto known = variable ? variables_.find(word.substr(2, word.size() - 3)) : variables_.end();
    if (known == variables_.end()) all.push_back(word);
    else all.insert(all.end(), known->second.begin(), known->second.end());
  }
  return all;
}

void CMakeTests::read(const std::string& folder, std::string_view text) {
  const std::string code = without_comments(text);
  static const RE2 kCommand("(?m)^[ \\t]*(\\w+)[ \\t]*\\(([^()]*)\\)");
  re2::StringPiece left(code);
  for (std::string command, arguments; RE2::FindAndConsume(&left, kCommand, &command, &arguments);) take(folder, lower(command), words_in(arguments));
}

void CMakeTests::take(const std::string& folder, const std::string& command, Words words) {
  if (words.empty()) return;
  const std::string first = words.front();
  words = expanded({words.begin() + 1, words.end()});
  static const RE2 kOwnCommand("^(?:add_)?(?:\\w+_)?(?:unit_?)?tests?$"), kDiscovers("^\\w+_(discover|add)_tests$");
  const bool makes_a_program = command == "add_executable", makes_a_test = command != "add_test" && matches(command, kOwnCommand);
  if (command == "set") {
    variables_[first] = words;
  } else if (command == "add_test") {
    // With arguments it is the program that is run, and what it prints may be looked at.
    const auto at = std::find(words.begin(), words.end(), "COMMAND");
    const bool named = at != words.end();
    const Words line = named ? Words(at + 1, words.end()) : words;
    if (line.empty()) return;
    const bool alone = line.size() == 1 || line[1] == "WORKING_DIRECTORY" || line[1] == "CONFIGURATIONS" || line[1] == "COMMAND_EXPAND_LISTS";
    (alone ? tested_ : kept_).insert(program_of(line.front()));
  } else if (matches(command, kDiscovers)) {
    tested_.insert(first);
    made_tests_.insert(first);
  } else if (makes_a_program || makes_a_test || command == "add_library" || command == "target_sources") {
    for (const std::string& word : words) {
      if (is_source_of_c(word)) sources_[first].insert(path_in(folder, word));
    }
    if (makes_a_program || makes_a_test) programs_.insert(first);
    if (makes_a_test) tested_.insert(first), made_tests_.insert(first);
  } else if (command == "install" && first == "TARGETS") {
    for (const std::string& word : words) kept_.insert(word);
  }
}

bool CMakeTests::builds_for_tests(std::string_view path) const {
  bool found = false;
  for (const auto& [target, sources] : sources_) {
    if (!sources.contains(std::string(path))) continue;
    if (!programs_.contains(target) || !tested_.contains(target) || kept_.contains(target)) return false;
    found = true;
  }
  return found;
}

bool CMakeTests::names_for_tests(std::string_view path) const {
  static const RE2 kName("(?i)(^|[/_.-])(t|(unit|self)?[_-]?tests?|(unit|self)?[_-]?testing|tester|checks?|checker|verify|verification|specs?|qa|smoke|regressions?)([/_.-]|$)|[a-z](Tests?|Check|Spec)([A-Z/_.-]|$)");
  return matches(path, kName) || std::any_of(sources_.begin(), sources_.end(), [&](const auto& target) {
    return target.second.contains(std::string(path)) && (made_tests_.contains(target.first) || matches(target.first, kName));
  });
}

}  // namespace baton::audit
