#include "support/caller.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "support/files.h"

namespace baton {
namespace {

constexpr std::array<std::string_view, 16> kAgents = {"claude", "codex", "gemini", "aider", "cursor-agent", "opencode", "goose", "amp",
                                                      "copilot", "qwen", "crush", "droid", "auggie", "kiro-cli", "cline", "openhands"};
constexpr int kMaxAncestors = 64;

std::string_view base_name(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == path.npos ? path : path.substr(slash + 1);
}

bool is_agent(std::string_view name) { return std::find(kAgents.begin(), kAgents.end(), base_name(name)) != kAgents.end(); }

// The program's name, and where it is an interpreter its script's.
std::optional<std::string> agent_at(const std::string& process) {
  if (const auto name = read_file(process + "/comm", 4096)) {
    const std::string word = name->substr(0, name->find('\n'));
    if (is_agent(word)) return word;
  }
  const auto line = read_file(process + "/cmdline", 1u << 20);
  if (!line) return std::nullopt;
  std::size_t begin = 0;
  for (int word = 0; word < 2 && begin < line->size(); ++word) {
    const std::size_t end = std::min(line->find('\0', begin), line->size());
    const std::string_view text = std::string_view(*line).substr(begin, end - begin);
    if (is_agent(text)) return std::string(base_name(text));
    begin = end + 1;
  }
  return std::nullopt;
}

pid_t parent_of(const std::string& process) {
  const auto stat = read_file(process + "/stat", 4096);
  const auto close = stat ? stat->rfind(") ") : std::string::npos;
  if (close == std::string::npos || close + 4 > stat->size()) return 0;
  return std::atoi(stat->c_str() + close + 4);
}

}  // namespace

std::string by_whom(const Caller& caller) {
  if (caller.human) return "a human";
  return caller.agent.empty() ? "a process" : "a process below " + caller.agent;
}

std::optional<std::string> agent_above(pid_t process) {
  for (int i = 0; i < kMaxAncestors && process > 1; ++i) {
    const std::string folder = "/proc/" + std::to_string(process);
    if (auto agent = agent_at(folder)) return agent;
    process = parent_of(folder);
  }
  return std::nullopt;
}

}  // namespace baton
