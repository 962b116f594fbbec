#include "orchestrator/agents/fix_wish.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "orchestrator/task_words.h"

namespace baton {
namespace {

struct ToolName {
  std::string_view pattern;  // in lower case
  std::string_view tool;
  bool formats;
};

// The longer names first: `ruff format` is not ruff's linter.
constexpr std::array<ToolName, 10> kTools = {{
    {R"(clang[- ]tidy)", "clang-tidy", false},
    {R"(eslint)", "eslint", false},
    {R"(ruff[- ]format(ter|ting)?)", "ruff format", true},
    {R"(ruff)", "ruff", false},
    {R"((?:cargo[- ])?clippy)", "clippy", false},
    {R"(biome)", "biome", true},
    {R"(prettier)", "prettier", true},
    {R"(clang[- ]format)", "clang-format", true},
    {R"(gofmt|go fmt)", "gofmt", true},
    {R"(cargo fmt|rustfmt)", "rustfmt", true},
}};

constexpr const char* kVerb =
    R"(\b(?:fix|fixes|apply|resolve|address|clean(?:\s+up)?|mend|correct|repair|get rid of|remove|run|use|let|execute|take care of|autofix|auto-fix)\b)";
constexpr const char* kNoun =
    R"(\b(?:findings?|warnings?|errors?|issues?|problems?|complaints?|violations?|fix|fixes|fixable|auto-?fix(?:es)?|suggestions?|diagnostics?|lints?|hints?|checks?|offen[cs]es?|everything)\b|--fix\b|-fix\b)";
// What is asked for is the tool itself, or something else about it.
constexpr const char* kAboutTheTool =
    R"(\b(?:config|configs|configuration|configure|install|installation|installed|upgrade|upgrades|migrate|migration|plugin|plugins|integration|integrate|crash|crashes|crashing|bug|version|set up|setup|dependency|dependencies)\b)";
constexpr const char* kFormatAll =
    R"(\b(?:re)?format\b\s+(?:(?:all|the|whole|entire|our|this|of|source|c|c\+\+|cpp|go|rust|python|javascript|typescript|js|ts)\s+)*(?:code|codebase|code base|project|repository|repo|workspace|sources?|files?|everything|tree)\b)";
constexpr const char* kFormatWith = R"(\b(?:re)?format(?:ted|s|ting)?\b|\bprettify\b)";
constexpr const char* kLintAll =
    R"(\b(?:fix|resolve|clean up|apply)\b\s+(?:(?:all|the|every|any|our|automatic|automatically|auto|fixable)\s+)*(?:lint|linter|linting)(?:'s|s')?\s*(?:errors?|findings?|warnings?|issues?|problems?|violations?|fix(?:es)?)\b)";
// A clause that begins so asks for work of another kind.
constexpr const char* kOtherWork =
    R"(^(?:please\s+)?(?:add|implement|create|write|make|build|refactor|rename|support|introduce|update|upgrade|change|move|delete|replace|rewrite|extract|document|investigate|deploy|port|convert|extend|improve)\b)";

constexpr const char* kClangTidyCheck =
    R"(-?(?:abseil|altera|android|boost|bugprone|cert|clang-analyzer|concurrency|cppcoreguidelines|darwin|fuchsia|google|hicpp|linuxkernel|llvm|llvmlibc|misc|modernize|mpi|objc|openmp|performance|portability|readability|zircon)-[A-Za-z0-9.*-]*)";
constexpr const char* kClangTidyGroup =
    R"((?:abseil|bugprone|cert|clang-analyzer|concurrency|cppcoreguidelines|google|hicpp|llvm|misc|modernize|performance|portability|readability))";
constexpr const char* kRuffCode =
    R"((?:F|E|W|I|N|D|B|A|C4|C90|UP|SIM|RUF|PL|PLC|PLE|PLR|PLW|PT|PTH|PIE|Q|RET|RSE|S|SLF|T20|TCH|TID|TRY|YTT|ANN|ARG|ASYNC|BLE|COM|DTZ|EM|ERA|EXE|FA|FBT|FLY|FURB|G|ICN|INP|INT|ISC|LOG|NPY|PD|PERF|PGH|PYI|DJ|DOC|CPY|FAST|AIR)\d{1,4}|UP|SIM|RUF|PTH|PIE|RET|PERF|FURB|ISC|TCH|ANN|ARG|COM|C4)";
constexpr const char* kEslintRule = R"(-?@?[a-z][a-z0-9]*(?:-[a-z0-9]+)+|-?@?[a-z][\w-]*/[a-z@][\w/-]*|semi|quotes|indent|curly|eqeqeq|strict|radix|yoda)";
constexpr const char* kClippyLint = R"((?:clippy::)?[a-z]+(?:_[a-z0-9]+)+)";

std::string lowered(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

bool holds(std::string_view text, const char* pattern) { return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), pattern); }

// Sentences and list items: a stop inside a name ("a.cpp", "v1.2") ends none.
std::vector<std::string> sentences(std::string_view text) {
  std::vector<std::string> parts(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool stop = std::string_view(".!?;").find(text[i]) != std::string_view::npos && (i + 1 == text.size() || std::isspace(static_cast<unsigned char>(text[i + 1])));
    if (stop || text[i] == '\n') parts.emplace_back();
    else parts.back() += text[i];
  }
  for (std::string& part : parts) {
    const auto begin = part.find_first_not_of(" \t\r#*-");
    part = begin == part.npos ? "" : part.substr(begin);
  }
  std::erase(parts, "");
  return parts;
}

struct Word {
  std::string text;    // without quotes and what ends a clause
  bool after_not = false;  // stands behind "except", "but not", "excluding"
  bool after_in = false;   // stands behind "in", "under", ...
};

std::vector<Word> words_of(std::string_view sentence) {
  static constexpr std::array<std::string_view, 9> kNot = {"except", "excluding", "without", "not", "never", "ignore", "skip", "leave", "apart"};
  static constexpr std::array<std::string_view, 14> kIn = {"in", "under", "below", "inside", "within", "for", "of", "from", "over", "on", "to", "format", "reformat", "lint"};
  std::vector<Word> words;
  bool excluding = false;
  std::string last;
  for (std::size_t i = 0; i < sentence.size();) {
    if (std::string_view(" \t,()[]{}`\"'\u201c\u201d").find(sentence[i]) != std::string_view::npos) {
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < sentence.size() && std::string_view(" \t,()[]{}`\"'").find(sentence[end]) == std::string_view::npos) ++end;
    std::string text(sentence.substr(i, end - i));
    i = end;
    while (!text.empty() && std::string_view(":.!?").find(text.back()) != std::string_view::npos) text.pop_back();
    if (text.empty()) continue;
    const std::string low = lowered(text);
    if (std::find(kNot.begin(), kNot.end(), low) != kNot.end()) excluding = true;
    const bool in = std::find(kIn.begin(), kIn.end(), last) != kIn.end() || last == "and" || last == "or" || last == "folder" || last == "the";
    words.push_back({std::move(text), excluding, in});
    last = low;
  }
  return words;
}

std::string as_path(std::string word) {
  if (word.starts_with("./")) word.erase(0, 2);
  while (word.ends_with('/')) word.pop_back();
  return word;
}

void add(std::vector<std::string>& list, std::string item) {
  if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(std::move(item));
}

bool wants(const FixWish& wish, std::string_view tool) { return std::find(wish.tools.begin(), wish.tools.end(), tool) != wish.tools.end(); }

bool is_tool_name(std::string_view word) {
  const std::string low = lowered(word);
  return std::any_of(kTools.begin(), kTools.end(), [&](const ToolName& tool) { return RE2::FullMatch(low, std::string(tool.pattern)); });
}

// Words of the language that look like rules.
bool is_plain_word(std::string_view word) {
  static constexpr std::array<std::string_view, 8> kPlain = {"auto-fix", "auto-fixes", "auto-fixable", "auto-fixed", "non-fixable", "built-in", "follow-up", "up-to-date"};
  return std::find(kPlain.begin(), kPlain.end(), word) != kPlain.end();
}

void read_words(std::string_view sentence, const FileSource& files, FixWish& wish) {
  const auto words = words_of(sentence);
  for (std::size_t i = 0; i < words.size(); ++i) {
    const Word& word = words[i];
    const std::string& text = word.text;
    const std::string left_out = word.after_not ? "-" : "";
    if (wants(wish, "clang-tidy") && RE2::FullMatch(text, kClangTidyCheck) && !RE2::FullMatch(text, "llvm-project|google-test")) {
      add(wish.checks, text.starts_with('-') ? text : left_out + (text.ends_with('-') ? text + "*" : text));
      continue;
    }
    if (wants(wish, "clang-tidy") && RE2::FullMatch(lowered(text), kClangTidyGroup) && !files.exists(text)) {
      add(wish.checks, left_out + lowered(text) + "-*");
      continue;
    }
    const std::string path = as_path(text);
    const bool like_path = path.find('/') != path.npos || path.find('.') != path.npos || word.after_in;
    if (like_path && path != "." && files.exists(path)) {
      add(word.after_not ? wish.not_in : wish.paths, path);
      continue;
    }
    if (wants(wish, "ruff") && RE2::FullMatch(text, kRuffCode)) add(wish.checks, left_out + text);
    if (wants(wish, "clippy") && RE2::FullMatch(text, kClippyLint)) add(wish.checks, left_out + (text.starts_with("clippy::") ? text : "clippy::" + text));
    if (wants(wish, "eslint") && RE2::FullMatch(text, kEslintRule) && !is_tool_name(text) && !is_plain_word(text)) add(wish.checks, left_out + text);
  }
}

bool below(std::string_view path, const std::vector<std::string>& folders) {
  return std::any_of(folders.begin(), folders.end(), [&](const std::string& folder) {
    return path == folder || (path.starts_with(folder) && path.size() > folder.size() && path[folder.size()] == '/');
  });
}

// `*` is any part of a name; ruff's codes are prefixes of one another.
bool names_check(std::string_view pattern, const Fix& fix) {
  if (fix.tool == "ruff") return fix.check.starts_with(pattern);
  if (pattern.find('*') == pattern.npos) return pattern == fix.check;
  std::string expression;
  for (std::size_t at = 0; at <= pattern.size();) {
    const std::size_t star = std::min(pattern.find('*', at), pattern.size());
    expression += RE2::QuoteMeta(std::string(pattern.substr(at, star - at)));
    if (star < pattern.size()) expression += ".*";
    at = star + 1;
  }
  return RE2::FullMatch(fix.check, expression);
}

}  // namespace

std::optional<FixWish> fix_wish(std::string_view text, const FileSource& files) {
  FixWish wish;
  bool wished = false;
  const auto parts = sentences(text);
  for (const std::string& part : parts) {
    std::string low = lowered(part);
    FixWish of_part;
    bool formats = false;
    for (const ToolName& tool : kTools) {
      const std::string pattern = R"(\b(?:)" + std::string(tool.pattern) + R"()\b)";
      if (!holds(low, pattern.c_str())) continue;
      of_part.tools.emplace_back(tool.tool);
      formats = formats || tool.formats;
      RE2::GlobalReplace(&low, pattern, " TOOL ");
    }
    static const RE2 kCheckAlone(std::string(R"((^|[\s`"',(]))") + kClangTidyCheck + R"(($|[\s`"',.):]))");
    if (of_part.tools.empty() && holds(low, kVerb) && RE2::PartialMatch(low, kCheckAlone)) of_part.tools = {"clang-tidy"};
    const bool about_tool = holds(low, kAboutTheTool);
    const bool fixes = !of_part.tools.empty() && holds(low, kVerb) && (holds(low, kNoun) || of_part.tools.front() == "clang-tidy");
    const bool formats_with = formats && (holds(low, kFormatWith) || holds(low, kVerb));
    const bool all = of_part.tools.empty() && (holds(low, kFormatAll) || holds(low, kLintAll));
    if (!about_tool && (fixes || formats_with || all)) {
      if (all) wish.formats = wish.formats || holds(low, kFormatAll);
      for (std::string& tool : of_part.tools) add(wish.tools, std::move(tool));
      wished = true;
    } else if (!of_part.tools.empty() && wished) {
      continue;  // a remark about the tool
    } else if (holds(low, kOtherWork)) {
      return std::nullopt;
    }
    // "… and add a test"
    static const RE2 kJoined(std::string(R"((?:\band(?: then)?|\bthen|,)\s+)") + (kOtherWork + 1));
    if (RE2::PartialMatch(low, kJoined)) return std::nullopt;
  }
  if (!wished) return std::nullopt;
  for (const std::string& part : parts) read_words(part, files, wish);
  return wish;
}

bool is_wished(const FixWish& wish, const Fix& fix) {
  if (!wish.paths.empty() && !below(fix.path, wish.paths)) return false;
  if (below(fix.path, wish.not_in)) return false;
  bool named = false, any = false;
  for (const std::string& check : wish.checks) {
    const bool left_out = check.starts_with('-');
    const bool same = names_check(left_out ? std::string_view(check).substr(1) : std::string_view(check), fix);
    if (left_out && same) return false;
    any = any || !left_out;
    named = named || (!left_out && same);
  }
  return named || !any;
}

}  // namespace baton
