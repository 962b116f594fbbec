#include "tests/house/rules.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>

namespace baton::house {
namespace {

const std::map<std::string_view, int, std::less<>> kFloor = {
    {"support", 0}, {"git", 1}, {"analyzers", 1}, {"orchestrator", 2}, {"lsp", 3}, {"cli", 4},
};

// Hosts of package registries and their mirrors, in part or whole.
constexpr std::array<std::string_view, 13> kRegistries = {
    "npmjs.org", "npmjs.com",        "yarnpkg.com", "npmmirror.com", "pypi.org",        "pythonhosted.org", "crates.io",
    "golang.org", "rubygems.org", "debian.org",  "ubuntu.com",    "maven.apache.org", "ghcr.io"};

std::string_view top_folder(std::string_view path) { return path.substr(0, path.find('/')); }
bool is_header(std::string_view path) { return path.ends_with(".h"); }
bool in_product(std::string_view path) { return path.find('/') != path.npos && kFloor.contains(top_folder(path)); }

std::string at(std::string_view path, size_t line, std::string_view what) {
  return std::string(path) + ":" + std::to_string(line) + ": " + std::string(what);
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front()))) text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.remove_suffix(1);
  return text;
}

template <class Visit>
void each_line(std::string_view text, const Visit& visit) {
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    visit(number, text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

struct Include {
  size_t line;
  std::string_view name;
  bool quoted;
};

std::vector<Include> includes_of(std::string_view text) {
  std::vector<Include> found;
  each_line(text, [&](size_t number, std::string_view line) {
    line = trimmed(line);
    if (!line.starts_with('#')) return;
    line = trimmed(line.substr(1));
    if (!line.starts_with("include")) return;
    line = trimmed(line.substr(7));
    if (line.empty() || (line[0] != '"' && line[0] != '<')) return;
    const size_t end = line.find(line[0] == '"' ? '"' : '>', 1);
    if (end == line.npos) return;
    found.push_back({number, line.substr(1, end - 1), line[0] == '"'});
  });
  return found;
}

bool opens_lambda(std::string_view code, size_t bracket) {
  size_t before = bracket;
  while (before > 0 && std::isspace(static_cast<unsigned char>(code[before - 1]))) --before;
  // An index follows a name, a call or another index; an attribute doubles the bracket.
  if (before > 0) {
    const char previous = code[before - 1];
    if (std::isalnum(static_cast<unsigned char>(previous)) || previous == '_' || previous == ')' || previous == ']') {
      return false;
    }
  }
  return bracket + 1 < code.size() && code[bracket + 1] != '[' && code[bracket + 1] != ']';
}

// Past the end of a string, character or raw string literal that starts at `start`.
size_t end_of_literal(std::string_view text, size_t start) {
  const char quote = text[start];
  if (quote == '"' && start > 0 && text[start - 1] == 'R') {
    const size_t open = text.find('(', start);
    if (open == text.npos) return text.size();
    const std::string close = ")" + std::string(text.substr(start + 1, open - start - 1)) + "\"";
    const size_t end = text.find(close, open);
    return end == text.npos ? text.size() : end + close.size();
  }
  size_t i = start + 1;
  while (i < text.size() && text[i] != quote && text[i] != '\n') i += text[i] == '\\' ? 2 : 1;
  return std::min(i + 1, text.size());
}

}  // namespace

std::string code_only(std::string_view text) {
  std::string code(text);
  const auto blank = [&](size_t from, size_t to) {
    for (size_t i = from; i < to && i < code.size(); ++i) {
      if (code[i] != '\n') code[i] = ' ';
    }
  };
  for (size_t i = 0; i < text.size();) {
    if (text.substr(i, 2) == "//") {
      const size_t end = std::min(text.find('\n', i), text.size());
      blank(i, end);
      i = end;
    } else if (text.substr(i, 2) == "/*") {
      const size_t close = text.find("*/", i + 2);
      const size_t end = close == text.npos ? text.size() : close + 2;
      blank(i, end);
      i = end;
    } else if (text[i] == '"' || (text[i] == '\'' && (i == 0 || !std::isalnum(static_cast<unsigned char>(text[i - 1]))))) {
      const size_t end = end_of_literal(text, i);
      blank(i + 1, end == 0 ? 0 : end - 1);
      i = end;
    } else {
      ++i;
    }
  }
  return code;
}

Complaints include_arrows(std::string_view path, std::string_view text) {
  Complaints complaints;
  if (!in_product(path)) return complaints;
  const std::string_view from = top_folder(path);
  for (const Include& include : includes_of(text)) {
    const std::string_view to = top_folder(include.name);
    const auto floor = kFloor.find(to);
    if (floor == kFloor.end() || include.name.find('/') == include.name.npos) {
      if (include.quoted) {
        complaints.push_back(at(path, include.line, "\"" + std::string(include.name) + "\" is not written from the root"));
      }
    } else if (include.quoted && to != from && floor->second >= kFloor.find(from)->second) {
      complaints.push_back(at(path, include.line, std::string(from) + " must not know " + std::string(to)));
    }
  }
  return complaints;
}

Complaints heavy_headers(std::string_view path, std::string_view text) {
  Complaints complaints;
  if (!in_product(path)) return complaints;
  const std::string_view folder = top_folder(path);
  for (const Include& include : includes_of(text)) {
    const auto complain = [&](std::string_view what) { complaints.push_back(at(path, include.line, what)); };
    const std::string_view library = top_folder(include.name);
    if (include.name == "nlohmann/json.hpp" && is_header(path)) {
      complain("a header includes nlohmann/json_fwd.hpp at most");
    } else if ((library == "asio" || library == "asio.hpp") && (is_header(path) || (folder != "support" && folder != "lsp"))) {
      complain("asio belongs in sources of support and lsp");
    } else if (library == "spdlog" && path != "support/log.cpp") {
      complain("spdlog belongs in support/log.cpp alone");
    }
  }
  return complaints;
}

Complaints awaited_lambdas(std::string_view path, std::string_view text) {
  Complaints complaints;
  const std::string code = code_only(text);
  for (size_t i = code.find("co_await"); i != code.npos; i = code.find("co_await", i + 1)) {
    const size_t end = std::min(code.find(';', i), code.size());
    for (size_t bracket = code.find('[', i); bracket < end; bracket = code.find('[', bracket + 1)) {
      if (!opens_lambda(code, bracket)) continue;
      const auto line = 1 + std::count(code.begin(), code.begin() + static_cast<std::ptrdiff_t>(bracket), '\n');
      complaints.push_back(at(path, static_cast<size_t>(line), "a capturing lambda inside co_await; name it first"));
      break;
    }
  }
  return complaints;
}

Complaints registry_hosts(std::string_view path, std::string_view text) {
  Complaints complaints;
  const bool lock = path.ends_with("package-lock.json");
  const bool settings = path.ends_with(".npmrc") || path.ends_with(".cmake") || path.ends_with("CMakeLists.txt");
  each_line(text, [&](size_t number, std::string_view line) {
    for (const std::string_view host : kRegistries) {
      if (line.find(host) != line.npos) complaints.push_back(at(path, number, "names the registry " + std::string(host)));
    }
    if (lock && line.find("\"resolved\"") != line.npos) complaints.push_back(at(path, number, "a lock file names an address"));
    if (settings && line.find("://") != line.npos) complaints.push_back(at(path, number, "a build file names an address"));
  });
  return complaints;
}

std::vector<std::string> shared_types(std::string_view text) {
  std::vector<std::string> names;
  std::vector<std::string> spaces;  // the open namespaces; the format puts each, and each type in one, at the first column
  each_line(text, [&](size_t, std::string_view line) {
    if (line.starts_with("namespace ") && line.ends_with('{')) spaces.emplace_back(trimmed(line.substr(10, line.find('{', 10) - 10)));
    if (line.starts_with("}  // namespace") && !spaces.empty()) spaces.pop_back();
    if (std::find(spaces.begin(), spaces.end(), "") != spaces.end()) return;
    for (const std::string_view word : {"struct ", "class ", "enum class ", "enum "}) {
      if (!line.starts_with(word) || line.starts_with("enum class ") != (word == "enum class ")) continue;
      line = trimmed(line.substr(word.size()));
      while (line.starts_with("[[")) line = trimmed(line.substr(line.find("]]") + 2));
      const size_t end = line.find_first_of(" :{;<");
      // `Store::State` belongs to its class; `struct X;` only declares.
      const bool defines = line.find('{') != line.npos && line.substr(0, std::min(end + 2, line.size())).find("::") == line.npos;
      std::string name;  // `event::Landed` is another type than `Landed`
      for (const std::string& space : spaces) name += space == "baton" ? "" : space + "::";
      if (defines && end != line.npos && end > 0) names.push_back(name + std::string(line.substr(0, end)));
      return;
    }
  });
  return names;
}

}  // namespace baton::house
