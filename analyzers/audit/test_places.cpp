#include "analyzers/audit/test_places.h"

#include <algorithm>

#include "analyzers/audit/code_text.h"
#include "analyzers/syntax.h"

namespace baton::audit {
namespace {

std::string_view last_name(std::string_view path) { return path.substr(path.rfind('/') == path.npos ? 0 : path.rfind('/') + 1); }
std::string folder_of(std::string_view path) { return std::string(path.substr(0, path.size() - last_name(path).size())); }

// "**/checks/*.{js,ts}", "check_*.py", "**/?(*.)+(check).[jt]s"
std::string expression_of(std::string_view glob) {
  std::string text;
  int alternatives = 0;
  std::string extended;  // what stands behind each closing bracket
  for (std::size_t i = 0; i < glob.size(); ++i) {
    const char c = glob[i];
    const bool opens = i + 1 < glob.size() && glob[i + 1] == '(';
    if (glob.substr(i).starts_with("**/")) {
      text += "(?:.*/)?";
      i += 2;
    } else if (glob.substr(i).starts_with("**")) {
      text += ".*";
      ++i;
    } else if (opens && (c == '?' || c == '*' || c == '+' || c == '@')) {
      text += "(?:";
      extended += c == '@' ? ' ' : c;
      ++i;
    } else if (c == ')' && !extended.empty()) {
      text += ')';
      if (extended.back() != ' ') text += extended.back();
      extended.pop_back();
    } else if (c == '*') {
      text += "[^/]*";
    } else if (c == '?') {
      text += "[^/]";
    } else if (c == '{') {
      text += "(?:";
      ++alternatives;
    } else if (c == '}' && alternatives > 0) {
      text += ')';
      --alternatives;
    } else if (c == ',' && alternatives > 0) {
      text += '|';
    } else if (c == '[' || c == ']' || (c == '-' && !text.empty()) || (c == '|' && !extended.empty())) {
      text += c;
    } else {
      text += RE2::QuoteMeta(std::string(1, c));
    }
  }
  return text;
}

void add_expression(std::vector<std::shared_ptr<const RE2>>& all, const std::string& expression) {
  auto pattern = std::make_shared<RE2>(expression, RE2::Quiet);
  if (pattern->ok()) all.push_back(std::move(pattern));
}

bool one_of(std::string_view path, const std::vector<std::shared_ptr<const RE2>>& patterns) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const auto& pattern) { return RE2::FullMatch(re2::StringPiece(path.data(), path.size()), *pattern); });
}

// "[pytest]", "[tool:pytest]", "[tool.pytest.ini_options]", up to the next head.
std::string pytest_section(std::string_view text) {
  static const RE2 kHead("^\\[(tool[:.])?pytest(\\.ini_options)?\\]");
  std::string section;
  bool inside = false;
  for (const std::string_view line : lines_of(text)) {
    if (line.starts_with('[')) inside = matches(line, kHead);
    else if (inside) section += std::string(line) + "\n";
  }
  return section;
}

// What a setting lists: a line, or those that stand further in below it, or between brackets; without quotes.
std::vector<std::string> listed_in(const std::string& section, const char* key) {
  std::string value;
  const RE2 pattern(std::string("(?m)^") + key + "[ \\t]*=[ \\t]*(\\[[^\\]]*\\]|[^\\n]*(?:\\n[ \\t]+[^\\n]*)*)");
  std::vector<std::string> found;
  if (!RE2::PartialMatch(section, pattern, &value)) return found;
  static const RE2 kWord("([^\\s\"',\\[\\]]+)");
  re2::StringPiece left(value);
  for (std::string word; RE2::FindAndConsume(&left, kWord, &word);) found.push_back(word);
  return found;
}

// Runners are pointed at folders of the program as well, where tests lie beside it.
bool is_named_for_tests(std::string_view folder) {
  static const RE2 kNamed("(?i)(^|/)([\\w]+[_-])?(tests?|testing|specs?|checks?|qa|quality|verif(y|ication)|e2e|acceptance|integration|functional|regressions?|smoke|suites?|scenarios?|t)/$");
  return matches(folder, kNamed);
}

std::vector<std::string> quoted_in(std::string_view text) {
  static const RE2 kQuoted("[\"'`]([^\"'`\\n]+)[\"'`]");
  std::vector<std::string> found;
  re2::StringPiece left(text.data(), text.size());
  for (std::string one; RE2::FindAndConsume(&left, kQuoted, &one);) found.push_back(one);
  return found;
}

}  // namespace

bool names_test_places(std::string_view path) {
  static const RE2 kNames("^(\\.?pytest\\.ini|pyproject\\.toml|setup\\.cfg|tox\\.ini|package\\.json|jest\\.config\\.\\w+|vite(st)?\\.config\\.\\w+|\\.mocharc\\.\\w+|Cargo\\.toml|pom\\.xml|CMakeLists\\.txt|[\\w.-]+\\.cmake)$");
  return matches(last_name(path), kNames);
}

void TestPlaces::read(std::string_view path, std::string_view text) {
  const std::string_view name = last_name(path);
  const std::string folder = folder_of(path);
  if (name == "Cargo.toml") {
    static const RE2 kTest("(?s)\\[\\[test\\]\\][^\\[]*?\\bpath\\s*=\\s*\"([^\"]+)\"");
    re2::StringPiece left(text.data(), text.size());
    for (std::string one; RE2::FindAndConsume(&left, kTest, &one);) add_glob(folder, one);
  } else if (name == "CMakeLists.txt" || name.ends_with(".cmake")) {
    built_.read(folder, text);
  } else if (name == "pom.xml") {
    std::string one;
    static const RE2 kFolder("<testSourceDirectory>\\s*(?:\\$\\{[\\w.]+\\}/)?([\\w./-]+?)/?\\s*<");
    if (RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), kFolder, &one)) {
      add_glob(folder, one + "/**");
      add_folder(folder, one);
    }
  } else if (name.ends_with(".ini") || name.ends_with(".cfg") || name.ends_with(".toml")) {
    read_pytest(folder, pytest_section(text));
  } else {
    read_javascript(folder, text);
  }
}

void TestPlaces::read_pytest(const std::string& folder, std::string_view text) {
  const std::string section(text);
  for (const std::string& name : listed_in(section, "python_files")) {
    if (name != "*.py" && name != "*") add_glob(folder, name.find('/') == name.npos ? "**/" + name : name);
  }
  for (const std::string& name : listed_in(section, "testpaths")) add_folder(folder, name);
  const std::vector<std::string> options = listed_in(section, "addopts");
  const auto has = [&](std::string_view option) { return std::find(options.begin(), options.end(), option) != options.end(); };
  if (has("--doctest-modules")) examples_.push_back(folder);
  std::vector<std::string> documents = listed_in(section, "doctest_glob");
  for (std::size_t i = 0; i < options.size(); ++i) {
    if (options[i].starts_with("--doctest-glob=")) documents.push_back(options[i].substr(15));
    else if (options[i] == "--doctest-glob" && i + 1 < options.size()) documents.push_back(options[i + 1]);
    // A folder that is given on the command line.
    else if (!options[i].starts_with('-') && options[i].ends_with('/')) add_folder(folder, options[i]);
  }
  for (const std::string& glob : documents) add_expression(documents_, RE2::QuoteMeta(folder) + "(?:.*/)?" + expression_of(glob));
}

void TestPlaces::read_javascript(const std::string& folder, std::string_view text) {
  std::string rest(text);
  static const RE2 kCoverage("(?s)[\"']?(coverage|optimizeDeps|tsconfig\\w*)[\"']?\\s*:\\s*\\{[^{}]*\\}");
  RE2::GlobalReplace(&rest, kCoverage, "");
  static const RE2 kGlobs("[\"']?\\b(?:testMatch|include|spec|testFiles)[\"']?\\s*:\\s*(\\[(?:[^\\]\"'`]|\"[^\"\\n]*\"|'[^'\\n]*'|`[^`\\n]*`)*\\]|[\"'][^\"'\\n]*[\"'])");
  re2::StringPiece left(rest);
  for (std::string value; RE2::FindAndConsume(&left, kGlobs, &value);) {
    for (const std::string& glob : quoted_in(value)) add_glob(folder, glob);
  }
  static const RE2 kExpressions("[\"']?\\btestRegex[\"']?\\s*:\\s*(\\[(?:[^\\]\"'`]|\"[^\"\\n]*\"|'[^'\\n]*'|`[^`\\n]*`)*\\]|[\"'][^\"'\\n]*[\"'])");
  left = re2::StringPiece(rest);
  for (std::string value; RE2::FindAndConsume(&left, kExpressions, &value);) {
    for (std::string one : quoted_in(value)) {
      RE2::GlobalReplace(&one, "\\\\\\\\", "\\\\");
      add_expression(files_, RE2::QuoteMeta(folder) + ".*(?:" + one + ").*");
    }
  }
  static const RE2 kRuns("\\b(?:node --test|mocha|ava|tape|jasmine)((?: +[\\w./*{},'\\\\-]+)+)");
  left = re2::StringPiece(rest);
  for (std::string given; RE2::FindAndConsume(&left, kRuns, &given);) {
    static const RE2 kPlace(" +['\\\\]*([\\w.][\\w./*{},-]*)");
    re2::StringPiece words(given);
    for (std::string one; RE2::FindAndConsume(&words, kPlace, &one);) {
      if (one.find('*') != one.npos || one.find('.') != one.npos) add_glob(folder, one);
      else if (one.find('/') != one.npos) add_folder(folder, one);
    }
  }
}

// What names all files of a folder of the program names no tests.
void TestPlaces::add_glob(const std::string& folder, std::string_view glob) {
  for (const std::string_view root : {"<rootDir>/", "./", "/"}) {
    if (glob.starts_with(root)) glob.remove_prefix(root.size());
  }
  static const RE2 kCode("\\.([cm]?[jt]sx?|py|rs|java|\\[|\\{|\\?|\\*)|\\*\\*$"), kEverything("(^|/)\\*+(\\.[\\w?*{},|()\\[\\]-]+)?$"), kFolder("^(?:\\*\\*/)?((?:[\\w-]+/)*)");
  if (glob.starts_with('!') || !matches(glob, kCode)) return;
  std::string place;
  RE2::PartialMatch(re2::StringPiece(glob.data(), glob.size()), kFolder, &place);
  const bool named = is_named_for_tests(place);
  if (matches(glob, kEverything) && !named) return;
  add_expression(files_, RE2::QuoteMeta(folder) + expression_of(glob));
  if (named) add_folder(glob.starts_with("**/") ? "**/" : folder, place);
}

void TestPlaces::add_folder(const std::string& folder, std::string_view name) {
  while (name.starts_with("./")) name.remove_prefix(2);
  while (name.ends_with('/')) name.remove_suffix(1);
  static const RE2 kPlain("^[\\w./-]+$");
  if (!is_named_for_tests(std::string(name) + "/") || !matches(name, kPlain)) return;
  folders_.push_back(folder + std::string(name) + "/");
}

bool TestPlaces::collects(std::string_view path) const {
  return one_of(path, files_) || one_of(path, documents_);
}

bool TestPlaces::builds_for_tests(std::string_view path) const { return built_.builds_for_tests(path); }
bool TestPlaces::names_for_tests(std::string_view path) const { return built_.names_for_tests(path); }

bool TestPlaces::is_in_folder(std::string_view path) const {
  return std::any_of(folders_.begin(), folders_.end(), [&](std::string_view folder) {
    if (!folder.starts_with("**/")) return path.starts_with(folder);
    folder.remove_prefix(3);
    return path.starts_with(folder) || path.find("/" + std::string(folder)) != path.npos;
  });
}

bool TestPlaces::runs_examples_of(std::string_view path) const {
  if (one_of(path, documents_)) return true;
  return language_of(path) == Language::python && std::any_of(examples_.begin(), examples_.end(), [&](const std::string& folder) { return path.starts_with(folder); });
}

}  // namespace baton::audit
