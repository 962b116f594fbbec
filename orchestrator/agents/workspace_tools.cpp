#include "orchestrator/agents/workspace_tools.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

#include "analyzers/syntax.h"

namespace baton {
namespace {

using nlohmann::json;

constexpr std::size_t kBytesPerToken = 4;
constexpr std::size_t kLongestLine = 200;  // of a signature or a mention
constexpr int kLargestBudget = 20000;

// Whole pieces until the budget is used up; the rest is counted.
class Answer {
 public:
  explicit Answer(int budget) : left_(static_cast<std::size_t>(std::clamp(budget, 50, kLargestBudget)) * kBytesPerToken) {}

  void add(const std::string& piece) {
    if (left_out_ > 0 || piece.size() > left_) {
      ++left_out_;
      return;
    }
    left_ -= piece.size();
    text_ += piece;
  }
  std::string text(const std::string& pieces) const {
    if (left_out_ == 0) return text_;
    return text_ + "… " + std::to_string(left_out_) + " more " + pieces + "; ask with a larger budget, or for one path.\n";
  }
  bool full() const { return left_out_ > 0; }
  bool empty() const { return text_.empty() && left_out_ == 0; }

 private:
  std::size_t left_;
  std::size_t left_out_ = 0;
  std::string text_;
};

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

std::string shortened(std::string_view line) {
  const auto begin = line.find_first_not_of(" \t");
  if (begin == line.npos) return {};
  line.remove_prefix(begin);
  if (line.size() <= kLongestLine) return std::string(line);
  std::size_t end = kLongestLine;
  while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xc0) == 0x80) --end;
  return std::string(line.substr(0, end)) + "…";
}

std::string_view line_at(const std::vector<std::string_view>& lines, int number) {
  return number >= 1 && number <= static_cast<int>(lines.size()) ? lines[static_cast<std::size_t>(number) - 1] : std::string_view();
}

int depth_of(const std::vector<Symbol>& symbols, const Symbol& symbol) {
  int depth = 0;
  for (int parent = symbol.parent; parent >= 0 && depth < 20; parent = symbols[static_cast<std::size_t>(parent)].parent) ++depth;
  return depth;
}

std::string signature_line(const std::vector<Symbol>& symbols, const Symbol& symbol, const std::vector<std::string_view>& lines) {
  const std::string indent(static_cast<std::size_t>(depth_of(symbols, symbol)) * 2, ' ');
  return indent + std::to_string(symbol.line) + ": " + shortened(line_at(lines, symbol.name_line)) + "\n";
}

Error no_file(const std::string& path) {
  return Error{ErrorKind::usage, "There is no file " + path + " in the workspace; paths are relative to its root."};
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$'; }

bool mentions(std::string_view line, const std::string& name) {
  for (std::size_t at = line.find(name); at != line.npos; at = line.find(name, at + 1)) {
    const bool begins = at == 0 || !is_word(line[at - 1]);
    const bool ends = at + name.size() >= line.size() || !is_word(line[at + name.size()]);
    if (begins && ends) return true;
  }
  return false;
}

std::string text_of(const json& arguments, const char* name) { return arguments.value(name, std::string()); }
int budget_of(const json& arguments) { return arguments.value("budget", kDefaultToolBudget); }

}  // namespace

Result<std::string> outline_text(const FileSource& files, const std::string& path, int budget) {
  Answer answer(budget);
  if (!path.empty()) {
    const auto text = files.read(path);
    if (!text) return no_file(path);
    const auto symbols = outline(*text, language_of(path));
    if (symbols.empty()) return Error{ErrorKind::usage, path + " has no symbols that are known here; read it as it is."};
    const auto lines = lines_of(*text);
    for (const Symbol& symbol : symbols) answer.add(signature_line(symbols, symbol, lines));
    return answer.text("symbols");
  }
  std::vector<std::pair<std::size_t, std::string>> pieces;
  for (const std::string& file : files.files()) {
    const Language language = language_of(file);
    if (language == Language::none) continue;
    const auto text = files.read(file);
    if (!text) continue;
    std::string names;
    std::size_t count = 0;
    for (const Symbol& symbol : outline(*text, language)) {
      if (symbol.parent >= 0) continue;
      names += (names.empty() ? "" : ", ") + symbol.name;
      ++count;
    }
    if (count > 0) pieces.emplace_back(count, file + ": " + shortened(names) + "\n");
  }
  std::stable_sort(pieces.begin(), pieces.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  for (const auto& [count, piece] : pieces) answer.add(piece);
  if (answer.empty()) return Error{ErrorKind::usage, "No file of this workspace is in a language whose symbols are known here."};
  return answer.text("files");
}

Result<std::string> symbol_text(const FileSource& files, const std::string& name, const std::string& path, int budget) {
  if (name.empty()) return Error{ErrorKind::usage, "Say which symbol: its name, or its qualified name."};
  if (!path.empty() && !files.exists(path)) return no_file(path);
  const std::string last = name.substr(name.find_last_of(":.") == name.npos ? 0 : name.find_last_of(":.") + 1);
  Answer answer(budget);
  for (const std::string& file : files.files()) {
    const Language language = language_of(file);
    if (language == Language::none || (!path.empty() && file != path)) continue;
    const auto text = files.read(file);
    if (!text || text->find(last) == text->npos) continue;
    const auto lines = lines_of(*text);
    for (const Symbol& symbol : outline(*text, language)) {
      if (symbol.name != name && symbol.qualified != name) continue;
      std::string piece = file + ":" + std::to_string(symbol.line) + "\n";
      for (int line = symbol.line; line <= symbol.end_line; ++line) piece += std::string(line_at(lines, line)) + "\n";
      answer.add(piece + "\n");
    }
  }
  if (answer.empty()) return Error{ErrorKind::usage, "Nothing named " + name + " is defined here; `references` finds where it is mentioned."};
  return answer.text("definitions");
}

Result<std::string> references_text(const FileSource& files, const std::string& name, int budget) {
  if (name.empty()) return Error{ErrorKind::usage, "Say which name."};
  Answer answer(budget);
  for (const std::string& file : files.files()) {
    const auto text = files.read(file);
    if (!text || text->find('\0') != text->npos || text->find(name) == text->npos) continue;
    int number = 0;
    for (const std::string_view line : lines_of(*text)) {
      ++number;
      if (mentions(line, name)) answer.add(file + ":" + std::to_string(number) + ": " + shortened(line) + "\n");
    }
  }
  if (answer.empty()) return Error{ErrorKind::usage, "Nothing here mentions " + name + " as a whole word."};
  return answer.text("lines");
}

std::vector<Tool> workspace_tools(std::filesystem::path root) {
  const std::string budget = R"("budget": {"type": "integer", "description": "tokens of the answer"})";
  return {
      {"outline", "Symbols of a file, signatures only; without a path, the files of the workspace and what they define.",
       R"({"properties": {"path": {"type": "string"}, )" + budget + "}}",
       [root](const json& a, std::stop_token) { return outline_text(*folder_source(root), text_of(a, "path"), budget_of(a)); }},
      {"symbol", "The definition of a function, type or test, with its body.",
       R"({"properties": {"name": {"type": "string"}, "path": {"type": "string"}, )" + budget + R"(}, "required": ["name"]})",
       [root](const json& a, std::stop_token) { return symbol_text(*folder_source(root), text_of(a, "name"), text_of(a, "path"), budget_of(a)); }},
      {"references", "The lines that mention a name as a whole word.",
       R"({"properties": {"name": {"type": "string"}, )" + budget + R"(}, "required": ["name"]})",
       [root](const json& a, std::stop_token) { return references_text(*folder_source(root), text_of(a, "name"), budget_of(a)); }},
  };
}

}  // namespace baton
