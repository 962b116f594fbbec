#include "git/config_file.h"

#include <algorithm>
#include <cctype>

#include "support/files.h"

namespace baton {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kMaxConfigBytes = 16u << 20;
constexpr int kMaxIncludes = 10;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

// git's grammar: sections, subsections in quotes, values with quotes, escapes, comments and continued lines.
class Parser {
 public:
  using Entries = std::vector<std::pair<std::string, std::string>>;
  explicit Parser(std::string_view text) : text_(text) {
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
  }

  Result<Entries> parse() {
    for (skip_space(); at_ < text_.size(); skip_space()) {
      const char c = text_[at_];
      const bool fine = c == '#' || c == ';' ? skip_line() : c == '[' ? section() : setting();
      if (!fine) {
        const auto line =
            1 +
            std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(std::min(at_, text_.size())), '\n');
        return Error{ErrorKind::precondition, "bad configuration in line " + std::to_string(line)};
      }
    }
    return std::move(entries_);
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\n'; }
  void skip_space() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
  }
  void skip_blanks() {
    while (peek() == ' ' || peek() == '\t') ++at_;
  }
  bool skip_line() {
    at_ = std::min(text_.find('\n', at_), text_.size());
    return true;
  }
  std::string name(std::string_view also) {
    std::string text;
    while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(peek())) || also.find(peek()) != also.npos))
      text += text_[at_++];
    return lower(std::move(text));
  }

  bool section() {
    ++at_;
    prefix_ = name("-.");
    if (prefix_.empty()) return false;
    skip_blanks();
    if (peek() == '"') {
      prefix_ += '.';
      for (++at_; peek() != '"'; ++at_) {
        if (peek() == '\\') ++at_;
        if (peek() == '\n') return false;
        prefix_ += peek();
      }
      ++at_;
    }
    if (peek() != ']') return false;
    prefix_ += '.';
    ++at_;
    return true;
  }

  bool setting() {
    const std::string key = name("-");
    if (key.empty() || prefix_.empty()) return false;
    skip_blanks();
    if (peek() == '\r') ++at_;
    if (peek() == '\n' || peek() == '#' || peek() == ';') {
      entries_.emplace_back(prefix_ + key, "true");
      return skip_line();
    }
    if (peek() != '=') return false;
    ++at_;
    skip_blanks();
    return value(prefix_ + key);
  }

  bool value(std::string full_name) {
    std::string text;
    std::size_t kept = 0;  // white space behind the last other character does not count
    bool quoted = false;
    for (;; ++at_) {
      char c = peek();
      if (c == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n') continue;
      if (c == '\n') break;
      if (!quoted && (c == '#' || c == ';')) {
        skip_line();
        break;
      }
      if (c == '"') {
        quoted = !quoted;
        kept = text.size();
        continue;
      }
      if (c == '\\') {
        ++at_;
        if (peek() == '\r' && at_ + 1 < text_.size()) ++at_;
        if (at_ >= text_.size()) return false;
        constexpr std::string_view kFrom = "nbt\"\\", kTo = "\n\b\t\"\\";
        if (text_[at_] == '\n') continue;
        const std::size_t escape = kFrom.find(text_[at_]);
        if (escape == kFrom.npos) return false;
        text += kTo[escape];
        kept = text.size();
        continue;
      }
      text += c;
      if (quoted || (c != ' ' && c != '\t')) kept = text.size();
    }
    if (quoted) return false;
    text.resize(kept);
    entries_.emplace_back(std::move(full_name), std::move(text));
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string prefix_;
  Entries entries_;
};

std::string expand_home(std::string path, const std::string& home) {
  return path.starts_with("~/") ? home + path.substr(1) : path;
}

}  // namespace

Result<ConfigFile> ConfigFile::parse(std::string_view text) {
  auto entries = Parser(text).parse();
  if (!entries) return entries.error();
  ConfigFile config;
  config.entries_ = std::move(*entries);
  return config;
}

Result<ConfigFile> ConfigFile::read(const fs::path& path) {
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return ConfigFile();
  const auto text = read_file(path, kMaxConfigBytes);
  if (!text) return text.error();
  auto config = parse(*text);
  if (config) return config;
  return Error{ErrorKind::precondition,
               "Cannot understand " + path.string() + ": " + config.error().message + "; correct it there."};
}

void ConfigFile::add_user_file(const fs::path& path, const std::string& home, int depth) {
  const auto config = read(path);
  if (!config || depth > kMaxIncludes) return;
  for (const auto& [name, value] : config->entries()) {
    entries_.emplace_back(name, value);
    if (name == "include.path" && !value.empty())
      add_user_file(path.parent_path() / expand_home(value, home), home, depth + 1);
  }
}

ConfigFile ConfigFile::of_user(const Environment& env) {
  ConfigFile config;
  const std::string home = baton::get(env, "HOME").value_or("");
  const std::string no_system = baton::get(env, "GIT_CONFIG_NOSYSTEM").value_or("");
  if (no_system.empty() || no_system == "0" || no_system == "false")
    config.add_user_file(baton::get(env, "GIT_CONFIG_SYSTEM").value_or("/etc/gitconfig"), home, 0);
  if (const auto global = baton::get(env, "GIT_CONFIG_GLOBAL")) {
    config.add_user_file(*global, home, 0);
    return config;
  }
  const std::string xdg = baton::get(env, "XDG_CONFIG_HOME").value_or("");
  config.add_user_file(fs::path(xdg.empty() ? home + "/.config" : xdg) / "git/config", home, 0);
  config.add_user_file(fs::path(home) / ".gitconfig", home, 0);
  return config;
}

std::optional<std::string> ConfigFile::get(std::string_view name) const {
  const auto found = std::find_if(entries_.rbegin(), entries_.rend(), [&](const auto& e) { return e.first == name; });
  if (found == entries_.rend()) return std::nullopt;
  return found->second;
}

bool ConfigFile::get_bool(std::string_view name) const {
  const std::string value = lower(get(name).value_or(""));
  const bool number =
      !value.empty() && std::all_of(value.begin(), value.end(), [](unsigned char c) { return std::isdigit(c); });
  return value == "true" || value == "yes" || value == "on" || (number && value.find_first_not_of('0') != value.npos);
}

}  // namespace baton
