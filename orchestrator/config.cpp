#include "orchestrator/config.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "orchestrator/agents/acp_profile.h"
#include "orchestrator/config_settings.h"
#include "orchestrator/enum_text.h"
#include "support/files.h"

namespace baton {
namespace {

using nlohmann::json;

std::vector<std::string> texts(const json& object, const char* key) {
  return object.contains(key) ? object[key].get<std::vector<std::string>>() : std::vector<std::string>();
}

std::vector<std::string> command_of(const json& value) {
  if (value.is_string()) return {"sh", "-c", value.get<std::string>()};
  return value.get<std::vector<std::string>>();
}

std::optional<GateKind> kind_of(const json& object) {
  if (!object.contains("kind")) return std::nullopt;
  const std::string name = object["kind"];
  for (const GateKind kind : {GateKind::setup, GateKind::build, GateKind::test, GateKind::typecheck, GateKind::lint}) {
    if (to_string(kind) == name) return kind;
  }
  return std::nullopt;
}

// Inside the checkout, whoever wrote it.
bool stays_inside(const std::string& path) {
  const std::filesystem::path given(path);
  return !given.is_absolute() && std::none_of(given.begin(), given.end(), [](const auto& part) { return part == ".."; });
}

class Loader {
 public:
  Loader(std::string source, bool of_user) : source_(std::move(source)), of_user_(of_user) {}

  Config load(std::string_view text) {
    ConfigEntries entries;
    const json root = checked_config(text, source_, config_.problems, &entries);
    const auto each = [&](const char* list, auto&& add) {
      if (!root.contains(list)) return;
      for (std::size_t i = 0; i < root[list].size(); ++i) {
        at_ = entries[list][i];
        add(root[list][i]);
      }
      at_ = {};
    };
    each("gates", [&](const json& gate) { add_gate(gate); });
    if (root.contains("setup")) {
      for (const json& command : root["setup"]) config_.setup.push_back(command_of(command));
    }
    if (root.contains("worktree")) {
      for (const char* name : {"copy", "mount", "sparse"}) {  // the others are read by work_tree_settings.h
        for (std::string& path : texts(root["worktree"], name)) {
          if (!stays_inside(path)) complain("`worktree." + std::string(name) + "` names " + path + ", which lies outside the workspace; it is ignored.");
          else if (name == std::string_view("copy")) config_.worktree_copy.push_back(std::move(path));
        }
      }
    }
    each("agents", [&](const json& agent) { add_agent(agent); });
    if (root.contains("limits") && root["limits"].contains("disk")) config_.disk_gigabytes = root["limits"]["disk"].get<double>();
    if (root.contains("sandbox")) {
      const std::string sandbox = root["sandbox"];
      if (sandbox == "none" && !of_user_) {
        complain("Only your own configuration may turn the sandbox off; `sandbox` is ignored.");
      } else {
        config_.sandbox = sandbox;
      }
    }
    if (root.contains("limits") && root["limits"].contains("slots")) {
      config_.slots = static_cast<int>(std::clamp(root["limits"]["slots"].get<double>(), 1.0, 64.0));
    }
    if (root.contains("budgets")) {
      config_.budget = budget_of(root["budgets"]);
      if (root["budgets"].contains("mutants")) config_.mutant_seconds = static_cast<int>(std::min(root["budgets"]["mutants"].get<double>(), 3600.0));
      if (root["budgets"].contains("day")) config_.day_budget = budget_of(root["budgets"]["day"]);
    }
    if (root.contains("criteria") && root["criteria"].contains("tests")) config_.criterion_tests = root["criteria"]["tests"].get<bool>();
    if (root.contains("autonomy")) take_autonomy(root["autonomy"]);
    if (root.contains("forge")) take_forge(root["forge"]);
    return std::move(config_);
  }

 private:
  static BudgetSetting budget_of(const json& budget) {
    BudgetSetting setting;
    if (budget.contains("tokens")) setting.tokens = static_cast<std::int64_t>(budget["tokens"].get<double>());
    if (budget.contains("money")) setting.money = budget["money"].get<double>();
    if (budget.contains("minutes")) setting.minutes = budget["minutes"].get<double>();
    return setting;
  }

  // What an agent's calls of its model go to. A key itself stands nowhere: it would be read by whoever reads the file.
  void take_endpoint(const json& endpoint, AgentSetting& setting) {
    if (!of_user_) return complain("Only your own configuration may say where the agent " + setting.name + " finds its model and the key of it; `endpoint` is ignored.");
    setting.endpoint.url = endpoint.value("url", "");
    setting.endpoint.key_variable = endpoint.value("key_env", "");
    if (endpoint.contains("key_command")) setting.endpoint.key_command = command_of(endpoint["key_command"]);
    setting.endpoint.model = endpoint.value("model", "");
    if (endpoint.contains("context")) setting.endpoint.context = static_cast<std::int64_t>(endpoint["context"].get<double>());
    const bool http = setting.endpoint.url.starts_with("https://") || setting.endpoint.url.starts_with("http://");
    if (http) return;
    complain("The `url` of the endpoint of agent " + setting.name + " begins with neither https:// nor http://; the endpoint is ignored.");
    setting.endpoint = {};
  }

  void take_network(const std::string& said, AgentSetting& setting) {
    const bool served = !setting.endpoint.url.empty();
    setting.network = enum_named(said, {NetworkPolicy::none, NetworkPolicy::endpoint_only, NetworkPolicy::full}).value_or(served ? NetworkPolicy::endpoint_only : NetworkPolicy::full);
    if (served && setting.network == NetworkPolicy::none) setting.network = NetworkPolicy::endpoint_only;  // that is what its endpoint is for
    if (served || setting.network != NetworkPolicy::endpoint_only) return;
    complain("The agent " + setting.name + " is to reach its endpoint only and has no `endpoint`; it gets no network.");
    setting.network = NetworkPolicy::none;
  }

  // The built-in agent has nothing but its model. True: it can be used.
  bool is_whole_chat(AgentSetting& setting) {
    if (setting.endpoint.model.empty()) setting.endpoint.model = setting.model;
    if (!setting.endpoint.url.empty() && !setting.endpoint.model.empty()) return true;
    const std::string missing = setting.endpoint.url.empty() ? "`endpoint.url`" : "`endpoint.model`";
    complain("The agent " + setting.name + " of the backend `chat` has no " + missing + (of_user_ ? "" : ", which your own configuration alone may say") + "; it is ignored.");
    return false;
  }

  void take_autonomy(const json& levels) {
    if (!of_user_) return complain("What may happen unasked is said by your own configuration alone; `autonomy` is ignored.");
    for (const auto& [workflow, level] : levels.items()) config_.autonomy[workflow] = level;
  }

  void take_forge(const json& forge) {
    ForgeSetting& setting = config_.forge;
    setting.base = forge.value("base", "");
    setting.labels = texts(forge, "labels");
    setting.reviewers = texts(forge, "reviewers");
    const bool own = std::any_of(forge.items().begin(), forge.items().end(), [](const auto& one) { return one.key() != "base" && one.key() != "labels" && one.key() != "reviewers"; });
    if (own && !of_user_) return complain("Only your own configuration may say where the forge is and how its token is found; of `forge` only `base`, `labels` and `reviewers` are read.");
    setting.kind = forge.value("kind", "");
    if (setting.kind == "forgejo") setting.kind = "gitea";
    setting.url = forge.value("url", "");
    setting.remote = forge.value("remote", "");
    setting.escalations = forge.value("escalations", true);
    setting.token_variable = forge.value("token_env", "");
    if (forge.contains("token_command")) setting.token_command = command_of(forge["token_command"]);
    if (setting.url.empty() || setting.url.starts_with("https://") || setting.url.starts_with("http://")) return;
    complain("`forge.url` begins with neither https:// nor http://; it is ignored.");
    setting.url.clear();
  }

  void add_gate(const json& gate) {
    GateSetting setting;
    setting.name = gate["name"];
    setting.kind = kind_of(gate);
    if (gate.contains("required")) setting.required = gate["required"].get<bool>();
    setting.disabled = gate.value("disabled", false);
    if (gate.contains("command")) setting.command = command_of(gate["command"]);
    setting.cwd = gate.value("cwd", "");
    if (gate.contains("timeout")) setting.timeout = std::chrono::seconds(std::lround(std::ceil(gate["timeout"].get<double>())));
    if (gate.contains("network")) setting.network = gate["network"].get<bool>();
    setting.parser = gate.value("parser", "");
    setting.needs = texts(gate, "needs");
    setting.reports = texts(gate, "reports");
    setting.source = source_;
    if (!stays_inside(setting.cwd)) {
      complain("`cwd` of gate " + setting.name + " lies outside the workspace; it is ignored.");
      setting.cwd.clear();
    }
    config_.gates.push_back(std::move(setting));
  }

  void add_agent(const json& agent) {
    AgentSetting setting;
    setting.name = agent["name"];
    setting.source = source_;
    setting.backend = agent.value("backend", agent.contains("profile") ? "acp" : "command");
    setting.profile = agent.value("profile", "");
    if (setting.profile.empty() && setting.backend == "acp" && find_acp_profile(setting.name)) setting.profile = setting.name;
    if (!setting.profile.empty() && !find_acp_profile(setting.profile)) {
      return complain("The agent " + setting.name + " has the `profile` `" + setting.profile + "`, which is not known, so it is ignored; known are " + acp_profile_names() + ".");
    }
    const bool chat = setting.backend == "chat";
    const bool has_command = agent.contains("command") || chat || (setting.backend == "acp" && !setting.profile.empty());
    if (!has_command) return complain("The agent " + setting.name + " has no `command`; it is ignored.");
    if (agent.contains("command") && chat) complain("The agent " + setting.name + " of the backend `chat` is built in and has no `command`; that is ignored.");
    else if (agent.contains("command")) setting.command = command_of(agent["command"]);
    if (!of_user_ && agent.contains("command") && !setting.profile.empty()) {
      complain("Only your own configuration may lend the login of " + setting.profile + " to another command; the agent " + setting.name + " gets none.");
      setting.profile.clear();
    }
    setting.mode = agent.value("mode", "");
    setting.model = agent.value("model", "");
    setting.allow = texts(agent, "allow");
    setting.types = texts(agent, "types");
    setting.environment = texts(agent, "environment");
    setting.login = texts(agent, "login");
    if (agent.contains("budget")) setting.budget = budget_of(agent["budget"]);
    if (agent.contains("endpoint")) take_endpoint(agent["endpoint"], setting);
    if (chat && !is_whole_chat(setting)) return;
    take_network(agent.value("network", ""), setting);
    if (agent.contains("limits")) {
      const auto limit = [&](const char* name) {
        const json& limits = agent["limits"];
        return limits.contains(name) ? std::optional(std::chrono::seconds(std::lround(std::ceil(limits[name].get<double>())))) : std::nullopt;
      };
      setting.start_limit = limit("start");
      setting.silence_limit = limit("silence");
      setting.limit = limit("total");
    }
    if (!of_user_ && !(setting.allow.empty() && setting.mode.empty())) {
      complain("Only your own configuration may say what the agent " + setting.name + " may do unasked; `allow` and `mode` are ignored.");
      setting.allow.clear();
      setting.mode.clear();
    }
    if (!of_user_ && !(setting.environment.empty() && setting.login.empty())) {
      complain("Only your own configuration may hand your environment or your login to an agent; both are ignored for " + setting.name + ".");
      setting.environment.clear();
      setting.login.clear();
    }
    std::erase_if(setting.login, [&](const std::string& path) {
      if (stays_inside(path)) return false;
      complain("`login` of agent " + setting.name + " names " + path + ", which does not lie below your HOME; it is ignored.");
      return true;
    });
    config_.agents.push_back(std::move(setting));
  }

  void complain(std::string message) {
    Finding finding;
    finding.path = source_;
    finding.line = at_.line;
    finding.column = at_.column;
    finding.severity = Severity::error;
    finding.code = "not-allowed";
    finding.message = std::move(message);
    finding.tool = "baton";
    config_.problems.push_back(std::move(finding));
  }

  std::string source_;
  bool of_user_;
  JsonPlace at_;  // of the entry that is read; else of the whole
  Config config_;
};

// What the user's entry says counts; where it is silent, the repository's.
GateSetting merged(GateSetting over, const GateSetting& under) {
  if (!over.kind) over.kind = under.kind;
  if (!over.required) over.required = under.required;
  if (over.command.empty()) over.command = under.command;
  if (over.cwd.empty()) over.cwd = under.cwd;
  if (!over.timeout) over.timeout = under.timeout;
  if (!over.network) over.network = under.network;
  if (over.parser.empty()) over.parser = under.parser;
  if (over.needs.empty()) over.needs = under.needs;
  if (over.reports.empty()) over.reports = under.reports;
  return over;
}

// A repository may lower what may be spent on it, and not raise it.
template <class T>
std::optional<T> lower(const std::optional<T>& a, const std::optional<T>& b) {
  return a && b ? std::min(*a, *b) : a ? a : b;
}
BudgetSetting tighter(const BudgetSetting& user, const BudgetSetting& repository) {
  return {lower(user.tokens, repository.tokens), lower(user.money, repository.money), lower(user.minutes, repository.minutes)};
}

Config merged(Config user, Config repository) {
  std::vector<GateSetting> gates = std::move(repository.gates);
  for (GateSetting& mine : user.gates) {
    const auto same = std::find_if(gates.begin(), gates.end(), [&](const GateSetting& other) { return other.name == mine.name; });
    if (same == gates.end()) {
      gates.push_back(std::move(mine));
    } else {
      *same = merged(std::move(mine), *same);
    }
  }
  user.gates = std::move(gates);
  if (user.setup.empty()) user.setup = std::move(repository.setup);
  if (user.worktree_copy.empty()) user.worktree_copy = std::move(repository.worktree_copy);
  // Of one name the user's own is the one that counts.
  for (AgentSetting& theirs : repository.agents) {
    const bool known = std::any_of(user.agents.begin(), user.agents.end(), [&](const AgentSetting& mine) { return mine.name == theirs.name; });
    if (!known) user.agents.push_back(std::move(theirs));
  }
  if (!user.disk_gigabytes) user.disk_gigabytes = repository.disk_gigabytes;
  if (!user.sandbox) user.sandbox = std::move(repository.sandbox);
  if (user.mutant_seconds == 0) user.mutant_seconds = repository.mutant_seconds;
  if (!user.criterion_tests) user.criterion_tests = repository.criterion_tests;
  if (!user.slots) user.slots = repository.slots;
  if (user.forge.base.empty()) user.forge.base = std::move(repository.forge.base);
  if (user.forge.labels.empty()) user.forge.labels = std::move(repository.forge.labels);
  if (user.forge.reviewers.empty()) user.forge.reviewers = std::move(repository.forge.reviewers);
  user.budget = tighter(user.budget, repository.budget);
  user.day_budget = tighter(user.day_budget, repository.day_budget);
  user.problems.insert(user.problems.begin(), repository.problems.begin(), repository.problems.end());
  return user;
}

bool only_space(std::string_view text) { return text.find_first_not_of(" \t\r\n") == text.npos; }

}  // namespace

std::string_view to_string(NetworkPolicy policy) {
  switch (policy) {
    case NetworkPolicy::none: return "none";
    case NetworkPolicy::endpoint_only: return "endpoint-only";
    case NetworkPolicy::full: return "full";
  }
  return "full";
}

Config load_config(std::string_view repository_text, const std::filesystem::path& user_path) {
  Config repository, user;
  if (!only_space(repository_text)) repository = Loader(".baton/config.json", false).load(repository_text);
  std::error_code error;
  if (!user_path.empty() && std::filesystem::exists(user_path, error)) {
    Loader loader(user_path.string(), true);
    if (auto text = read_file(user_path, kMaxConfig)) {
      if (!only_space(*text)) user = loader.load(*text);
    } else {
      Finding finding;
      finding.path = user_path.string();
      finding.line = finding.column = 1;
      finding.message = text.error().message;
      finding.tool = "baton";
      user.problems.push_back(std::move(finding));
    }
  }
  return merged(std::move(user), std::move(repository));
}

}  // namespace baton
