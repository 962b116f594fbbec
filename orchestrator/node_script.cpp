#include "orchestrator/node_script.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <set>

namespace baton {
namespace {

constexpr int kMaxDepth = 8;
constexpr std::size_t kMaxCommands = 40;

using Words = std::vector<ShellWord>;

bool is_manager(std::string_view word) { return word == "npm" || word == "pnpm" || word == "yarn" || word == "bun"; }

bool matches_glob(std::string_view pattern, std::string_view name) {
  std::string expression;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern.substr(i, 2) == "**") {
      expression += ".*";
      ++i;
    } else if (pattern[i] == '*') {
      expression += "[^:]*";
    } else {
      expression += RE2::QuoteMeta(std::string(1, pattern[i]));
    }
  }
  return RE2::FullMatch(std::string(name), expression);
}

// Scripts that a pattern of npm-run-all or a regular expression of pnpm (`/^test:/`) names, in the order of the file's keys.
std::vector<std::string> scripts_like(const NodePackage& package, std::string_view pattern) {
  std::vector<std::string> names;
  if (pattern.size() > 2 && pattern.starts_with('/') && pattern.ends_with('/')) {
    const RE2 expression(std::string(pattern.substr(1, pattern.size() - 2)), RE2::Quiet);
    for (const auto& [name, text] : package.scripts) {
      if (expression.ok() && RE2::PartialMatch(name, expression)) names.push_back(name);
    }
    return names;
  }
  for (const auto& [name, text] : package.scripts) {
    if (pattern.find('*') == pattern.npos ? name == pattern : matches_glob(pattern, name)) names.push_back(name);
  }
  return names;
}

class Expander {
 public:
  explicit Expander(const NodePackage& package) : package_(package) {}

  void script(const std::string& name, int depth) {
    // npm itself runs the hooks of every script; a circle ends at the depth.
    if (depth > kMaxDepth || active_.contains(name)) return;
    for (const std::string& part : {"pre" + name, name, "post" + name}) {
      const auto found = package_.scripts.find(part);
      if (found == package_.scripts.end()) continue;
      active_.insert(name);
      text(found->second, part, depth);
      active_.erase(name);
    }
  }

  std::vector<NodeCommand> take() { return std::move(result_); }

 private:
  void text(const std::string& text, const std::string& script_name, int depth) {
    if (is_placeholder(text)) return;
    auto commands = split_script(text);
    if (!commands) {
      NodeCommand opaque;
      opaque.script = script_name;
      opaque.opaque = true;
      push(std::move(opaque));
      return;
    }
    for (SimpleCommand& command : *commands) {
      NodeCommand leaf;
      leaf.command = std::move(command);
      leaf.script = script_name;
      this->command(std::move(leaf), depth);
    }
  }

  void command(NodeCommand leaf, int depth) {
    strip(leaf);
    if (leaf.command.words.empty()) return;
    if (runs_others(leaf, depth)) return;
    push(std::move(leaf));
  }

  // Takes off what only sets variables or finds the program: cross-env A=b, env, npx, pnpm exec.
  static void strip(NodeCommand& leaf) {
    Words& words = leaf.command.words;
    const auto drop = [&](std::size_t count) { words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(count)); };
    static const std::set<std::string> kCoverage = {"c8", "nyc", "istanbul"};
    while (!words.empty()) {
      const std::string first = words[0].text;
      const std::string second = words.size() > 1 ? words[1].text : "";
      if (first == "cross-env" || first == "cross-env-shell" || first == "env") {
        drop(1);
        while (!words.empty() && words[0].text.find('=') != std::string::npos && !words[0].text.starts_with('-')) {
          const auto equals = words[0].text.find('=');
          leaf.command.env.emplace_back(words[0].text.substr(0, equals), words[0].text.substr(equals + 1));
          drop(1);
        }
        // The rest of cross-env-shell may be one quoted command line.
        if (words.size() == 1 && words[0].text.find(' ') != std::string::npos) {
          if (auto inner = split_script(words[0].text); inner && inner->size() == 1) words = std::move((*inner)[0].words);
        }
      } else if (first == "npx" || (first == "pnpm" && second == "exec") || (first == "npm" && second == "exec") ||
                 (first == "yarn" && second == "exec") || (first == "pnpm" && second == "dlx") || first == "bunx") {
        drop(first == "npx" || first == "bunx" ? 1 : 2);
        while (!words.empty() && words[0].text.starts_with('-')) drop(1);
      } else if (first == "exit" && second == "0") {
        words.clear();
      } else if (kCoverage.contains(first)) {
        const std::size_t start = wrapped_at(words);
        if (start == 0) return;
        leaf.wrapper.assign(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(start));
        drop(start);
      } else {
        return;
      }
    }
  }

  // Where the wrapped command begins: the first word that is no option and no option's value. 0 = not found.
  static std::size_t wrapped_at(const Words& words) {
    static const std::set<std::string> kFlags = {"--all", "--check-coverage", "--silent", "-s", "--100", "--clean",
                                                 "--skip-full", "--exclude-after-remap", "--allow-external", "--instrument",
                                                 "--cache", "--source-map", "--es-modules", "--eager"};
    for (std::size_t i = 1; i < words.size(); ++i) {
      const std::string& word = words[i].text;
      if (!word.starts_with('-')) return i;
      const bool valueless = word.find('=') != std::string::npos || kFlags.contains(word) || word.starts_with("--no-");
      if (!valueless && i + 2 < words.size() && !words[i + 1].text.starts_with('-')) ++i;
    }
    return 0;
  }

  // `npm run x`, `npm test`, `yarn x`, `npm-run-all a b`, `run-s a:*`, `concurrently npm:a npm:b`, `node --run x`.
  bool runs_others(const NodeCommand& leaf, int depth) {
    const Words& words = leaf.command.words;
    const std::string& first = words[0].text;
    if (is_manager(first)) return manager(leaf, depth);
    if (first == "node" && words.size() > 2 && words[1].text == "--run") {
      script(words[2].text, depth + 1);
      return true;
    }
    // @borderless/ts-scripts: its `test` is these three, of which only the last takes options of the runner.
    if (first == "ts-scripts" && words.size() == 2 && words[1].text == "test") {
      std::vector<std::vector<std::string>> parts = {{"check"}, {"specs"}};
      if (!package_.scripts.contains("build")) parts.insert(parts.begin(), {"build", "--no-clean"});
      for (const auto& part : parts) {
        NodeCommand step = leaf;
        step.command.words.pop_back();
        for (const std::string& word : part) step.command.words.push_back(plain_word(word));
        push(std::move(step));
      }
      return true;
    }
    if (first == "lerna" || first == "turbo" || first == "nx" || first == "wsrun" || first == "ultra") {
      for (std::size_t i = 1; i < words.size(); ++i) {
        const std::string& word = words[i].text;
        if (word == "run" || word == "run-many" || word.starts_with('-')) continue;
        in_workspaces(word);
        return true;
      }
      return false;
    }
    if (first == "npm-run-all" || first == "npm-run-all2" || first == "run-s" || first == "run-p" || first == "concurrently") {
      for (std::size_t i = 1; i < words.size(); ++i) {
        std::string name = words[i].text;
        if (name.starts_with('-')) {
          static const std::set<std::string> kValued = {"-n", "--names", "-c", "--prefix-colors", "--max-parallel", "-m", "-s",
                                                        "--success", "--prefix", "-p"};
          if (first == "concurrently" && kValued.contains(name)) ++i;
          continue;
        }
        if (name.starts_with("npm:")) name = name.substr(4);
        if (name.find(' ') != std::string::npos) {
          if (first == "concurrently") text(name, leaf.script, depth + 1);
          else script(name.substr(0, name.find(' ')), depth + 1);
          continue;
        }
        for (const std::string& match : scripts_like(package_, name)) script(match, depth + 1);
      }
      return true;
    }
    return false;
  }

  bool manager(const NodeCommand& leaf, int depth) {
    const Words& words = leaf.command.words;
    const std::string& tool = words[0].text;
    bool everywhere = false;
    bool run = false;
    std::string name;
    std::vector<std::string> names;
    for (std::size_t i = 1; i < words.size(); ++i) {
      const std::string& word = words[i].text;
      if (word == "--") break;
      if (word == "-r" || word == "--recursive" || word == "-ws" || word == "--workspaces" || word == "workspaces" ||
          word == "foreach" || word == "-A" || word == "--all") {
        everywhere = true;
      } else if (word == "--filter" || word == "-F" || word == "-w" || word == "--workspace" || word == "-C" ||
                 word == "--prefix" || word == "--dir" || word == "--cwd") {
        everywhere = true;
        ++i;
      } else if (word.starts_with("--filter=") || word.starts_with("--workspace=")) {
        everywhere = true;
      } else if (word.starts_with('-')) {
        continue;
      } else if (name.empty() && (word == "run" || word == "run-script")) {
        run = true;
      } else if (name.empty()) {
        name = word;
      } else if (!run && !everywhere) {
        break;
      }
    }
    if (tool == "npm" && !run && name == "t") name = "test";
    if (name.empty()) return false;
    // npm knows `npm test` without `run`; yarn, pnpm and bun run any script, or a program when there is no such script.
    if (tool == "npm" && !run && name != "test" && name != "start") return false;
    if (everywhere) {
      in_workspaces(name);
      return true;
    }
    const auto matches = scripts_like(package_, name);
    if (!matches.empty()) {
      for (const std::string& match : matches) script(match, depth + 1);
      return true;
    }
    if (run || tool == "npm") return true;  // a script that is not there
    NodeCommand program = leaf;
    program.command.words.erase(program.command.words.begin());
    strip(program);
    if (!program.command.words.empty()) push(std::move(program));
    return true;
  }

  void in_workspaces(const std::string& name) {
    NodeCommand leaf;
    leaf.script = name;
    leaf.workspaces = true;
    push(std::move(leaf));
  }

  void push(NodeCommand command) {
    if (result_.size() < kMaxCommands) result_.push_back(std::move(command));
  }

  const NodePackage& package_;
  std::set<std::string> active_;
  std::vector<NodeCommand> result_;
};

}  // namespace

std::vector<NodeCommand> expand_script(const NodePackage& package, std::string_view script) {
  Expander expander(package);
  expander.script(std::string(script), 0);
  return expander.take();
}

bool is_placeholder(std::string_view text) {
  return text.find("no test specified") != text.npos || text.find("no tests yet") != text.npos;
}

}  // namespace baton
