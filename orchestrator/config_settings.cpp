#include "orchestrator/config_settings.h"

#include <re2/re2.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "orchestrator/config.h"
#include "orchestrator/json_places.h"
#include "support/json.h"
#include "support/redact.h"

namespace baton {
namespace {

using nlohmann::json;
using Type = SettingType;

std::string last_name(std::string_view path) {
  const auto dot = path.rfind('.');
  return std::string(dot == path.npos ? path : path.substr(dot + 1));
}

// Settings one level below `parent`: "gates[]" -> gates[].name, gates[].kind, ...
std::vector<const Setting*> members_of(std::string_view parent) {
  std::vector<const Setting*> members;
  for (const Setting& setting : config_settings()) {
    const auto dot = setting.path.rfind('.');
    const std::string_view owner = dot == setting.path.npos ? std::string_view() : setting.path.substr(0, dot);
    if (owner == parent) members.push_back(&setting);
  }
  return members;
}

std::vector<std::string> split_values(std::string_view values) {
  std::vector<std::string> parts;
  while (!values.empty()) {
    const auto bar = values.find('|');
    parts.emplace_back(values.substr(0, bar));
    values = bar == values.npos ? std::string_view() : values.substr(bar + 1);
  }
  return parts;
}

std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

std::string_view expectation(Type type) {
  switch (type) {
    case Type::object: return "an object";
    case Type::list: return "a list of objects";
    case Type::text: return "text";
    case Type::texts: return "a list of text";
    case Type::command: return "a command: text, or a list of words";
    case Type::commands: return "a list of commands, each text or a list of words";
    case Type::flag: return "true or false";
    case Type::seconds: return "a number of seconds above 0";
    case Type::number: return "a number that is not negative";
    case Type::any: return "anything";
  }
  return "";
}

bool is_texts(const json& value) {
  return value.is_array() && std::all_of(value.begin(), value.end(), [](const json& item) { return item.is_string(); });
}

bool is_command(const json& value) {
  if (value.is_string()) return !value.get_ref<const std::string&>().empty();
  return is_texts(value) && !value.empty() && !value[0].get_ref<const std::string&>().empty();
}

bool fits(const json& value, Type type) {
  switch (type) {
    case Type::object: return value.is_object();
    case Type::list: return value.is_array();
    case Type::text: return value.is_string();
    case Type::texts: return is_texts(value);
    case Type::command: return is_command(value);
    case Type::commands: return value.is_array() && std::all_of(value.begin(), value.end(), is_command);
    case Type::flag: return value.is_boolean();
    case Type::seconds: return value.is_number() && value.get<double>() > 0 && value.get<double>() <= 86'400;
    case Type::number: return value.is_number() && value.get<double>() >= 0;
    case Type::any: return true;
  }
  return false;
}

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

// "; did you mean `x`?" for the nearest of the words, or nothing.
std::string suggestion(std::string_view wrong, const std::vector<std::string>& words) {
  if (wrong.size() > 40) return "";
  std::string best;
  std::size_t least = std::max<std::size_t>(2, wrong.size() / 3) + 1;
  for (const std::string& word : words) {
    const std::size_t far = distance(wrong, word);
    if (far < least) {
      least = far;
      best = word;
    }
  }
  return best.empty() ? "" : "; did you mean `" + best + "`?";
}

class Checker {
 public:
  Checker(std::string_view text, const std::string& path, std::vector<Finding>& problems)
      : places_(find_json_places(text)), path_(path), problems_(problems) {}

  // The object without what does not hold.
  json object(const json& value, const std::string& pattern, const std::string& pointer) {
    const auto members = members_of(pattern);
    json kept = json::object();
    for (const auto& [key, member] : value.items()) {
      const std::string inside = pointer + "/" + key;
      const auto setting = std::find_if(members.begin(), members.end(),
                                        [&](const Setting* candidate) { return last_name(candidate->path) == key; });
      if (setting == members.end()) {
        std::vector<std::string> names;
        for (const Setting* candidate : members) names.push_back(last_name(candidate->path));
        const std::string hint = suggestion(key, names);
        report(inside, Severity::warning, "unknown-key",
               "There is no setting `" + key + "` here" + (hint.empty() ? "; it is ignored." : hint));
        continue;
      }
      json good = check(member, **setting, inside);
      if (!good.is_discarded()) kept[key] = std::move(good);
    }
    for (const Setting* setting : members) {
      const std::string name = last_name(setting->path);
      if (!setting->required || kept.contains(name)) continue;
      if (!value.contains(name)) report(pointer, Severity::error, "missing-key", "`" + name + "` is missing, so this entry is ignored.");
      return json(json::value_t::discarded);
    }
    return kept;
  }

  // What holds a key itself is not read: who reads the file has it, and so has every log that shows the setting. A list with one goes whole.
  void literal_keys(const json& value, const std::string& name, const std::string& pointer, const std::string& member) {
    if (value.is_string()) {
      if (!holds_key(name, value.get_ref<const std::string&>())) return;
      report(pointer, Severity::error, kLiteralKey,
             "`" + name + "` holds what looks like a key, and is ignored: say the name of the variable that holds it or the command that prints it, and have this key replaced where it was issued.");
      refused_.insert(member);
      return;
    }
    if (value.is_object()) {
      for (const auto& [key, inner] : value.items()) literal_keys(inner, key, pointer + "/" + key, pointer + "/" + key);
    } else if (value.is_array()) {
      for (std::size_t i = 0; i < value.size(); ++i) literal_keys(value[i], name, pointer + "/" + std::to_string(i), member);
    }
  }

  ConfigEntries take_entries() { return std::move(entries_); }

  void repeated_keys() {
    for (const std::string& pointer : places_.repeated) {
      report(pointer, Severity::warning, "repeated-key", "The key is given more than once; the last one counts.");
    }
  }

 private:
  json check(const json& value, const Setting& setting, const std::string& pointer) {
    const json discarded(json::value_t::discarded);
    if (refused_.contains(pointer)) return discarded;
    if (!fits(value, setting.type)) {
      report(pointer, Severity::error, "wrong-type",
             "`" + last_name(setting.path) + "` must be " + std::string(expectation(setting.type)) + "; it is ignored.");
      return discarded;
    }
    if (setting.type == Type::object && !members_of(setting.path).empty()) {
      return object(value, std::string(setting.path), pointer);
    }
    if (setting.type == Type::list) {
      json kept = json::array();
      for (std::size_t i = 0; i < value.size(); ++i) {
        const std::string element = pointer + "/" + std::to_string(i);
        if (!value[i].is_object()) {
          report(element, Severity::error, "wrong-type", "Each entry of `" + last_name(setting.path) + "` must be an object; this one is ignored.");
          continue;
        }
        json good = object(value[i], std::string(setting.path) + "[]", element);
        if (good.is_discarded()) continue;
        kept.push_back(std::move(good));
        entries_[std::string(setting.path)].push_back(place_of(element));
      }
      return kept;
    }
    if (setting.type == Type::text && !setting.values.empty()) {
      const auto allowed = split_values(setting.values);
      const std::string given = value;
      if (std::find(allowed.begin(), allowed.end(), given) == allowed.end()) {
        report(pointer, Severity::error, "unknown-value",
               "`" + last_name(setting.path) + "` must be " + listed(allowed) + suggestion(given, allowed));
        return discarded;
      }
    }
    return value;
  }

  JsonPlace place_of(const std::string& pointer) const {
    const auto place = places_.values.find(pointer);
    return place == places_.values.end() ? JsonPlace{} : place->second;
  }

  void report(const std::string& pointer, Severity severity, const char* code, std::string message) {
    Finding finding;
    finding.path = path_;
    const JsonPlace at = place_of(pointer);
    finding.line = at.line;
    finding.column = at.column;
    finding.severity = severity;
    finding.code = code;
    finding.message = std::move(message);
    finding.tool = "baton";
    problems_.push_back(std::move(finding));
  }

  JsonPlaces places_;
  std::set<std::string> refused_;  // pointers of members
  ConfigEntries entries_;
  const std::string& path_;
  std::vector<Finding>& problems_;
};

json schema_of(Type type, std::string_view values) {
  const json words = {{"type", "array"}, {"items", {{"type", "string"}}}, {"minItems", 1}};
  const json command = {{"anyOf", json::array({{{"type", "string"}, {"minLength", 1}}, words})}};
  switch (type) {
    case Type::object:
    case Type::list:
    case Type::any: return json::object();
    case Type::text: {
      json schema = {{"type", "string"}};
      if (!values.empty()) schema["enum"] = split_values(values);
      return schema;
    }
    case Type::texts: return {{"type", "array"}, {"items", {{"type", "string"}}}};
    case Type::command: return command;
    case Type::commands: return {{"type", "array"}, {"items", command}};
    case Type::flag: return {{"type", "boolean"}};
    case Type::seconds: return {{"type", "number"}, {"exclusiveMinimum", 0}, {"maximum", 86'400}};
    case Type::number: return {{"type", "number"}, {"minimum", 0}};
  }
  return json::object();
}

json object_schema(const std::string& pattern) {
  json schema = {{"type", "object"}, {"additionalProperties", false}, {"properties", json::object()}};
  for (const Setting* setting : members_of(pattern)) {
    json member = schema_of(setting->type, setting->values);
    if (setting->type == Type::object) {
      member = members_of(setting->path).empty() ? json{{"type", "object"}} : object_schema(std::string(setting->path));
    } else if (setting->type == Type::list) {
      member = {{"type", "array"}, {"items", object_schema(std::string(setting->path) + "[]")}};
    }
    member["description"] = setting->says;
    schema["properties"][last_name(setting->path)] = std::move(member);
    if (setting->required) schema["required"].push_back(last_name(setting->path));
  }
  return schema;
}

}  // namespace

const std::vector<Setting>& config_settings() {
  static const std::vector<Setting> kSettings = {
      {"$schema", Type::text, "", false, "Where the JSON Schema is, for editors. `baton config schema` prints it."},
      {"gates", Type::list, "", false, "Gates to add, and changes of those that are found by themselves (`baton doctor` lists them)."},
      {"gates[].name", Type::text, "", true, "The name. One that was found already: this entry changes it."},
      {"gates[].command", Type::command, "", false, "What to run. A new gate needs it. `{root}` is the checkout, `{reports}` an empty folder for reports, `{jobs}` the number of processors."},
      {"gates[].kind", Type::text, "setup|build|test|typecheck|lint", false, "What it says about a tree. A new gate is a `test`."},
      {"gates[].required", Type::flag, "", false, "Whether a change is rejected when it fails. Every gate is required unless this says otherwise; lint fails on new findings only."},
      {"gates[].disabled", Type::flag, "", false, "Leaves out a gate that was found."},
      {"gates[].cwd", Type::text, "", false, "Folder to run in, relative to the root."},
      {"gates[].timeout", Type::seconds, "", false, "Time limit in seconds."},
      {"gates[].network", Type::flag, "", false, "Whether it may use the network. Only set-up may by itself."},
      {"gates[].parser", Type::text, "", false, "The tool whose output it prints (`pytest`, `gcc`): a hint. A test gate with one has to tell of tests; without one its exit status speaks where it tells of none."},
      {"gates[].needs", Type::texts, "", false, "Gates that must have passed before. A new gate needs every set-up and build gate."},
      {"gates[].reports", Type::texts, "", false, "Report files that it writes (JUnit XML, SARIF, JSON): relative to the root, or below `{reports}`."},
      {"setup", Type::commands, "", false, "Commands that are run in a fresh checkout before any gate, with network."},
      {"worktree", Type::object, "", false, "How a checkout is made ready."},
      {"worktree.copy", Type::texts, "", false, "Files to copy from your own tree (`.env`). A verdict that rests on them is provisional."},
      {"worktree.mount", Type::texts, "", false, "Folders of your own tree that agents see at the same place, read-only; in the sandbox alone."},
      {"worktree.sparse", Type::texts, "", false, "Folders that work trees of agents hold, with those that the subtask changes. `.` is all. When not given, a subtask of a repository of 10,000 files and more that says which files it changes gets their folders. Work trees in which something is installed or configured first are whole."},
      {"sandbox", Type::text, "auto|none", false, "`none` runs gates without isolation and marks every result so. Only your own file may say it."},
      {"agents", Type::list, "", false, "Coding agents. Fixers, which are the workspace's own tools, are found by themselves."},
      {"agents[].name", Type::text, "", true, "The name."},
      {"agents[].backend", Type::text, "command|acp|chat", false, "How it is spoken to: `acp` is the Agent Client Protocol on its standard input and output; `chat` is Baton's own loop of tools with the model of its `endpoint`, without a program of another; `command`, which it is when nothing is said, runs it once."},
      {"agents[].profile", Type::text, "", false, "The known agent that it is one of (`opencode`): command, login and the rest are that one's where nothing else is said. `baton doctor` lists them."},
      {"agents[].mode", Type::text, "", false, "`acp`: the mode that its sessions are set to. Only your own file may say it."},
      {"agents[].model", Type::text, "", false, "`acp`: the model that its sessions are set to."},
      {"agents[].allow", Type::texts, "", false, "`acp`, `chat`: commands that it may run unasked besides the usual ones, by their first words (`npm publish`); `*` for all. Only your own file may say it."},
      {"agents[].command", Type::command, "", false, "What starts it. `{task}` is a file with the task, `{worktree}` its work tree, `{subtask}` the id of its part. It ends with exit code 0 when it is done, and with 3 when it asks."},
      {"agents[].types", Type::texts, "", false, "Kinds of work it is given (`backend`, `testing`, `general`, ...); all when empty."},
      {"agents[].network", Type::text, "none|endpoint-only|full", false, "What it may reach: nothing, its `endpoint` through Baton alone (when it has one and nothing is said), or everything (`full`, else). Held in the sandbox alone."},
      {"agents[].environment", Type::texts, "", false, "Names of variables of yours that it gets (`MY_API_KEY`). Only your own file may say it."},
      {"agents[].login", Type::texts, "", false, "Files and folders below your HOME where its login is kept; it may read and write them. Only your own file may say it."},
      {"agents[].limits", Type::object, "", false, "When it is stopped."},
      {"agents[].limits.start", Type::seconds, "", false, "Until it prints or changes something; 120 when not given."},
      {"agents[].limits.silence", Type::seconds, "", false, "Without a word or a change; 600 when not given."},
      {"agents[].limits.total", Type::seconds, "", false, "In all; 3600 when not given."},
      {"agents[].budget", Type::object, "", false, "Limits of one attempt of it."},
      {"agents[].budget.tokens", Type::number, "", false, "Tokens, of its input and output together. Held before each call for agents with an `endpoint`, and by what they report for others."},
      {"agents[].budget.money", Type::number, "", false, "US dollars. Held for agents with an `endpoint` whose model has a known price, and by what they report for others."},
      {"agents[].budget.minutes", Type::number, "", false, "Minutes."},
      {"agents[].endpoint", Type::object, "", false, "Where its model is. Baton stands in between: it counts, holds budgets before the call, and keeps the key to itself. Only your own file may say it."},
      {"agents[].endpoint.url", Type::text, "", true, "The provider's base URL (`https://api.openai.com/v1`); chat completions and responses."},
      {"agents[].endpoint.key_env", Type::text, "", false, "The variable that holds the key."},
      {"agents[].endpoint.key_command", Type::command, "", false, "Or what prints it."},
      {"agents[].endpoint.model", Type::text, "", false, "The model's name, where the agent has to be told it."},
      {"agents[].endpoint.context", Type::number, "", false, "`chat`: the tokens that the model takes, input and output together; 64000 when not given. What was before is shortened to stay below it."},
      {"domains", Type::list, "", false, "Parts of the workspace that tasks are routed by: more of a known one, or one of your own."},
      {"domains[].name", Type::text, "", true, "`frontend`, `backend`, `database`, `devops`, `testing`, `documentation`, or a name of your own."},
      {"domains[].keywords", Type::texts, "", false, "Words and phrases that tell it; their forms (plural, -ing, -ed) too."},
      {"domains[].files", Type::texts, "", false, "Its files, as patterns: `apps/web/**`, `*.tsx`."},
      {"domains[].docs", Type::texts, "", false, "Documents that its agents read."},
      {"domains[].skills", Type::texts, "", false, "Skills that its agents have."},
      {"budgets", Type::object, "", false, "Limits of a task."},
      {"budgets.tokens", Type::number, "", false, "Tokens: counted for agents with an `endpoint`, reported or estimated for others."},
      {"budgets.money", Type::number, "", false, "US dollars: counted for agents with an `endpoint`, reported for others."},
      {"budgets.minutes", Type::number, "", false, "Minutes that its agents work, together."},
      {"budgets.attempts", Type::number, "", false, "Attempts at a subtask. Not read yet: there are three."},
      {"budgets.day", Type::object, "", false, "Limits of all tasks of a repository in a day (UTC)."},
      {"budgets.day.tokens", Type::number, "", false, "Tokens."},
      {"budgets.day.money", Type::number, "", false, "US dollars."},
      {"budgets.day.minutes", Type::number, "", false, "Minutes that agents work, together."},
      {"budgets.context", Type::number, "", false, "Tokens of the workspace that an agent is given with its task, as pieces of files; 8000 when not given, none for 0."},
      {"budgets.mutants", Type::number, "", false, "Seconds in which the result of a task is tried for what no test notices: small changes of the changed lines. None when not given."},
      {"criteria", Type::object, "", false, "How completion criteria come to be shown."},
      {"criteria.tests", Type::flag, "", false, "Whether an agent is asked for a test where a task's result is green and no evidence shows one of its criteria; true when not given."},
      {"limits", Type::object, "", false, "Limits of the machine."},
      {"limits.disk", Type::number, "", false, "Gigabytes that work trees of agents may take together; 20 when not given. What can be made again goes first."},
      {"limits.slots", Type::number, "", false, "Agents that work at a time; 2 when not given."},
      {"autonomy", Type::object, "", false, "What may happen unasked, per workflow: `plan` (nothing else, the default), `run`, `apply` to your files, `branch`, `draft-pr`; the last three only for what is verified. Only your own file may say it."},
      {"autonomy.feature", Type::text, "plan|run|apply|branch|draft-pr", false, "For features."},
      {"autonomy.bugfix", Type::text, "plan|run|apply|branch|draft-pr", false, "For mended bugs."},
      {"autonomy.refactor", Type::text, "plan|run|apply|branch|draft-pr", false, "For refactorings."},
      {"forge", Type::object, "", false, "Where pull requests go. It is found from the remote; a repository may say `base`, `labels` and `reviewers`, only your own file the rest."},
      {"forge.kind", Type::text, "github|gitlab|gitea|forgejo", false, "What `url` is, where its name and its answers do not tell."},
      {"forge.url", Type::text, "", false, "The address of its web (`https://git.example.com`), where the remote's host is not it."},
      {"forge.remote", Type::text, "", false, "The remote that branches are pushed to; when not given, where git is configured to push, else `origin`."},
      {"forge.base", Type::text, "", false, "The branch that pull requests are for; when not given, the one that is checked out where the remote has it, else the remote's main one."},
      {"forge.token_env", Type::text, "", false, "The variable that holds the token of `url` (of github.com without one). Never the token itself, which is refused wherever it stands."},
      {"forge.token_command", Type::command, "", false, "Or what prints it."},
      {"forge.labels", Type::texts, "", false, "Labels of new pull requests."},
      {"forge.reviewers", Type::texts, "", false, "Who is asked to review new ones; `org/team` for a team."},
      {"forge.escalations", Type::flag, "", false, "Whether a task that waits for you while its pull request is open says so there, in a comment; true when not given."},
      {"onLastClose", Type::text, "continue|park", false, "What running tasks do when the last window closes: go on (when not given), or stop where they stand until a window opens again."},
  };
  return kSettings;
}

json checked_config(std::string_view text, const std::string& path, std::vector<Finding>& problems, ConfigEntries* entries) {
  const auto problem = [&](int line, std::string message) {
    Finding finding;
    finding.path = path;
    finding.line = line;
    finding.column = 1;
    finding.severity = Severity::error;
    finding.code = "not-json";
    finding.message = std::move(message);
    finding.tool = "baton";
    problems.push_back(std::move(finding));
    return json::object();
  };
  auto parsed = parse_json(text);
  if (!parsed) {
    int line = 1;
    RE2::PartialMatch(parsed.error().message, R"(line (\d+))", &line);
    return problem(line, "The configuration is ignored, since it does not parse: " + parsed.error().message);
  }
  if (!parsed->is_object()) return problem(1, "The configuration must be a JSON object; it is ignored.");
  Checker checker(text, path, problems);
  checker.repeated_keys();
  checker.literal_keys(*parsed, "", "", "");
  json kept = checker.object(*parsed, "", "");
  if (entries) *entries = checker.take_entries();
  std::stable_sort(problems.begin(), problems.end(), [](const Finding& a, const Finding& b) {
    return std::pair(a.line, a.column) < std::pair(b.line, b.column);
  });
  return kept.is_discarded() ? json::object() : kept;
}

std::string config_schema() {
  json schema = object_schema("");
  schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  schema["title"] = "Baton configuration";
  return dump_json_pretty(schema);
}

std::string config_documentation() {
  std::string text =
      "# Configuration\n\n"
      "Nothing is needed to begin: gates are found from the workspace (`baton doctor` shows them). What is found wrongly, or not\n"
      "at all, is said in `.baton/config.json` of the repository, or in your own `$XDG_CONFIG_HOME/baton/config.json`. Yours wins.\n"
      "A repository's file may tighten gates; where it weakens one, that is shown with every verdict. What is wrong in a file is\n"
      "a diagnostic on its line, and what is right beside it still counts. `baton config schema` prints the JSON Schema.\n\n"
      "```json\n"
      "{\n"
      "  \"gates\": [\n"
      "    {\"name\": \"test\", \"kind\": \"test\", \"command\": \"make test\"},\n"
      "    {\"name\": \"eslint\", \"required\": false}\n"
      "  ]\n"
      "}\n"
      "```\n\n"
      "A command that is text runs by `sh -c`; a list of words is run as it is.\n\n"
      "| Setting | Value | Meaning |\n|---|---|---|\n";
  for (const Setting& setting : config_settings()) {
    std::string value;
    if (setting.values.empty()) {
      value = expectation(setting.type);
    } else {
      for (const std::string& word : split_values(setting.values)) value += (value.empty() ? "`" : ", `") + word + "`";
    }
    text += "| `" + std::string(setting.path) + "` | " + value + " | " + std::string(setting.says) + " |\n";
  }
  return text;
}

}  // namespace baton
