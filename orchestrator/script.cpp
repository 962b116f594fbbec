#include "orchestrator/script.h"

#include <algorithm>
#include <cctype>

namespace baton {
namespace {

bool is_name(std::string_view text) {
  return !text.empty() && !std::isdigit(static_cast<unsigned char>(text[0])) &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c) || c == '_'; });
}

// Reads one word from `at`; false when it needs a shell.
bool read_word(std::string_view text, std::size_t& at, ShellWord& word) {
  const std::size_t start = at;
  while (at < text.size()) {
    const char c = text[at];
    if (std::isspace(static_cast<unsigned char>(c)) || c == '&' || c == '|') break;
    if (c == ';' || c == '<' || c == '>' || c == '(' || c == ')' || c == '`' || c == '$' || c == '#') {
      if (c != '#' || at == start) return false;
    }
    if (c == '\'' || c == '"') {
      const std::size_t close = text.find(c, at + 1);
      if (close == text.npos) return false;
      const std::string_view inside = text.substr(at + 1, close - at - 1);
      if (c == '"' && inside.find_first_of("$`\\") != inside.npos) return false;
      word.text += inside;
      at = close + 1;
      continue;
    }
    if (c == '\\') {
      if (at + 1 >= text.size()) return false;
      word.text += text[at + 1];
      at += 2;
      continue;
    }
    if (c == '*' || c == '?' || c == '[' || c == '{' || (c == '~' && at == start)) word.expands = true;
    word.text += c;
    ++at;
  }
  word.raw = std::string(text.substr(start, at - start));
  return true;
}

void skip_space(std::string_view text, std::size_t& at) {
  while (at < text.size() && std::isspace(static_cast<unsigned char>(text[at]))) ++at;
}

// Moves assignments in front of the command into its environment.
void take_assignments(SimpleCommand& command) {
  std::size_t count = 0;
  for (; count < command.words.size(); ++count) {
    const ShellWord& word = command.words[count];
    const auto equals = word.text.find('=');
    if (equals == std::string::npos || !is_name(std::string_view(word.text).substr(0, equals))) break;
    command.env.emplace_back(word.text.substr(0, equals), word.text.substr(equals + 1));
  }
  command.words.erase(command.words.begin(), command.words.begin() + static_cast<std::ptrdiff_t>(count));
}

}  // namespace

std::optional<std::vector<SimpleCommand>> split_script(std::string_view text) {
  std::vector<SimpleCommand> commands;
  SimpleCommand command;
  bool in_pipe = false;
  std::size_t at = 0;
  const auto finish = [&] {
    if (in_pipe) return !command.piped_to.empty() && !command.piped_to.back().empty();
    take_assignments(command);
    return !command.words.empty();
  };
  while (true) {
    skip_space(text, at);
    const bool end = at >= text.size();
    if (end || text.substr(at, 2) == "&&") {
      if (!finish()) return std::nullopt;
      commands.push_back(std::move(command));
      command = {};
      in_pipe = false;
      if (end) return commands;
      at += 2;
    } else if (text[at] == '|' && text.substr(at, 2) != "||") {
      if (!finish()) return std::nullopt;
      in_pipe = true;
      command.piped_to.emplace_back();
      ++at;
    } else if (text[at] == '&' || text[at] == '|') {
      return std::nullopt;
    } else {
      ShellWord word;
      if (!read_word(text, at, word)) return std::nullopt;
      if (!in_pipe) {
        command.words.push_back(std::move(word));
      } else if (command.piped_to.back().empty()) {
        command.piped_to.back() = word.text;
      }
    }
  }
}

ShellWord plain_word(std::string text) {
  std::string raw = shell_quoted(text);
  return {std::move(text), std::move(raw), false};
}

std::string shell_quoted(std::string_view text) {
  const bool plain = !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) || std::string_view("_@%+=:,./-{}").find(static_cast<char>(c)) != std::string_view::npos;
  });
  if (plain) return std::string(text);
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

std::vector<std::string> argv_of(const std::vector<ShellWord>& words) {
  const bool shell = std::any_of(words.begin(), words.end(), [](const ShellWord& word) { return word.expands; });
  std::vector<std::string> argv;
  if (shell) {
    std::string text = "exec";
    for (const ShellWord& word : words) text += " " + word.raw;
    return {"sh", "-c", std::move(text)};
  }
  for (const ShellWord& word : words) argv.push_back(word.text);
  return argv;
}

}  // namespace baton
