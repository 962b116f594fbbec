#include "orchestrator/agents/foreign_setup.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <sstream>
#include <string_view>

#include "orchestrator/toml.h"

namespace baton {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxSteps = 50;
constexpr auto kStepLimit = std::chrono::minutes(20);
constexpr std::string_view kRoots[] = {"$ROOT_WORKTREE_PATH", "${ROOT_WORKTREE_PATH}", "$CONDUCTOR_ROOT_PATH", "${CONDUCTOR_ROOT_PATH}"};

std::string trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == text.npos) return "";
  return std::string(text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1));
}

std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words;
  std::istringstream stream(line);
  for (std::string word; stream >> word;) {
    std::erase(word, '"');
    std::erase(word, '\'');
    words.push_back(std::move(word));
  }
  return words;
}

// "$ROOT_WORKTREE_PATH/.env" -> ".env"
std::optional<std::string> below_root(const std::string& word) {
  for (const std::string_view root : kRoots) {
    if (word.starts_with(root) && word.size() > root.size() + 1 && word[root.size()] == '/') return word.substr(root.size() + 1);
  }
  return std::nullopt;
}

bool names_root(const std::string& line) {
  return std::any_of(std::begin(kRoots), std::end(kRoots), [&](std::string_view root) { return line.find(root) != line.npos; });
}

// A line that only brings one file of the user's tree to the same place.
std::optional<std::string> copied_file(const std::string& line) {
  if (line.find_first_of("|&;<>`*?") != line.npos) return std::nullopt;
  std::vector<std::string> words = words_of(line);
  if (words.size() < 3 || (words[0] != "cp" && words[0] != "ln")) return std::nullopt;
  std::erase_if(words, [](const std::string& word) { return word.starts_with('-'); });
  if (words.size() != 3) return std::nullopt;
  const auto from = below_root(words[1]);
  if (!from) return std::nullopt;
  std::string to = words[2];
  while (to.starts_with("./")) to.erase(0, 2);
  const std::string name = from->substr(from->rfind('/') + 1);
  if (to == "." || to.empty()) to = name;
  else if (to.ends_with('/')) to += name;
  return to == *from ? from : std::nullopt;
}

// "npm install" where `npm ci` has run: the same installer.
bool is_done_already(const std::string& line, const GatePlan& known) {
  if (line.find_first_of("|&;<>$`") != line.npos) return false;
  const auto words = words_of(line);
  static const std::set<std::string> kInstalls = {"install", "ci", "i", "sync", "fetch"};
  const bool installs = words.size() == 2 ? kInstalls.contains(words[1]) : words.size() == 1 && (words[0] == "yarn" || words[0] == "bun");
  if (!installs) return false;
  return std::any_of(known.gates.begin(), known.gates.end(), [&](const Gate& gate) {
    return gate.kind == GateKind::setup && gate.cwd.empty() && !gate.argv.empty() && gate.argv[0].substr(gate.argv[0].rfind('/') + 1) == words[0];
  });
}

struct Line {
  std::string text;                // of a shell
  std::vector<std::string> argv;   // else
};

void add_line(std::vector<Line>& lines, const std::string& text) {
  if (std::string line = trimmed(text); !line.empty()) lines.push_back({std::move(line), {}});
}

// A text that is one command line each; a text of several lines that is a script as a whole stays one.
void add_text_or_texts(std::vector<Line>& lines, const json& value) {
  if (value.is_string()) return add_line(lines, value.get<std::string>());
  if (!value.is_array()) return;
  for (const json& item : value) {
    if (item.is_string()) add_line(lines, item.get<std::string>());
  }
}

json parsed(const std::optional<std::string>& text) {
  if (!text) return json::object();
  json object = json::parse(*text, nullptr, false, true);  // with comments
  return object.is_object() ? object : json::object();
}

std::vector<Line> of_cursor(const FileSource& files) {
  const json object = parsed(files.read(".cursor/worktrees.json"));
  std::vector<Line> lines;
  for (const char* name : {"setup-worktree-unix", "setup-worktree"}) {
    const auto found = object.find(name);
    if (found == object.end() || !lines.empty()) continue;
    // A text is the name of a script, relative to the file.
    if (found->is_string() && files.exists(".cursor/" + found->get<std::string>())) add_line(lines, "sh .cursor/" + found->get<std::string>());
    else add_text_or_texts(lines, *found);
  }
  return lines;
}

std::vector<Line> of_conductor(const FileSource& files) {
  const json object = parsed(files.read("conductor.json"));
  std::vector<Line> lines;
  const auto scripts = object.find("scripts");
  if (scripts == object.end() || !scripts->is_object() || !scripts->contains("setup")) return lines;
  const json& setup = (*scripts)["setup"];
  // `a && b` is two steps, so that a copy among them is seen.
  std::string text = setup.is_string() ? setup.get<std::string>() : "";
  for (auto at = text.find(" && "); at != text.npos; at = text.find(" && ")) {
    add_line(lines, text.substr(0, at));
    text.erase(0, at + 4);
  }
  add_line(lines, text);
  return lines;
}

std::vector<Line> of_codex(const FileSource& files) {
  std::vector<Line> lines;
  const auto object = parse_toml(files.read(".codex/environments/environment.toml").value_or(""));
  if (!object || !object->is_object()) return lines;
  const auto setup = object->find("setup");
  if (setup == object->end() || !setup->is_object()) return lines;
  if (const auto script = setup->find("script"); script != setup->end()) add_text_or_texts(lines, *script);
  return lines;
}

std::vector<Line> of_devcontainer(const FileSource& files) {
  json object = parsed(files.read(".devcontainer/devcontainer.json"));
  if (object.empty()) object = parsed(files.read(".devcontainer.json"));
  std::vector<Line> lines;
  const auto add = [&](const json& value) {
    if (value.is_string()) return add_line(lines, value.get<std::string>());
    if (!value.is_array()) return;
    Line line;
    for (const json& word : value) {
      if (word.is_string()) line.argv.push_back(word.get<std::string>());
    }
    if (!line.argv.empty()) lines.push_back(std::move(line));
  };
  for (const char* name : {"onCreateCommand", "updateContentCommand", "postCreateCommand"}) {
    const auto found = object.find(name);
    if (found == object.end()) continue;
    if (!found->is_object()) {
      add(*found);
      continue;
    }
    for (const auto& [key, value] : found->items()) add(value);
  }
  return lines;
}

void take(const Line& line, const std::string& source, const GatePlan& known, ForeignSetup& setup) {
  if (const auto file = copied_file(line.text)) {
    setup.copies.push_back(*file);
  } else if (names_root(line.text)) {
    setup.notes.push_back("`" + line.text + "` of " + source + " was not run: it needs more of the user's own tree than a file.");
  } else if (!line.text.empty() && is_done_already(line.text, known)) {
    return;
  } else if (setup.steps.size() < kMaxSteps) {
    Gate step;
    step.name = source + " " + std::to_string(setup.steps.size() + 1);
    step.kind = GateKind::setup;
    step.required = false;
    step.argv = line.argv.empty() ? std::vector<std::string>{"sh", "-c", line.text} : line.argv;
    step.network = true;
    step.timeout = kStepLimit;
    step.source = source;
    setup.steps.push_back(std::move(step));
  }
}

}  // namespace

ForeignSetup foreign_setup(const FileSource& files, const GatePlan& known) {
  const std::pair<const char*, std::vector<Line> (*)(const FileSource&)> kSources[] = {{".cursor/worktrees.json", of_cursor},
                                                                                       {"conductor.json", of_conductor},
                                                                                       {".codex/environments/environment.toml", of_codex},
                                                                                       {"devcontainer.json", of_devcontainer}};
  ForeignSetup setup;
  for (const auto& [source, read] : kSources) {
    const std::vector<Line> lines = read(files);
    if (lines.empty()) continue;
    for (const Line& line : lines) take(line, source, known, setup);
    break;
  }
  return setup;
}

std::vector<Gate> for_trust(const ForeignSetup& setup) {
  std::vector<Gate> all = setup.steps;
  for (const std::string& path : setup.copies) {
    Gate& copy = all.emplace_back();
    copy.name = "copy " + path;
    copy.kind = GateKind::setup;
    copy.argv = {"cp", "<your tree>/" + path, path};
  }
  return all;
}

}  // namespace baton
