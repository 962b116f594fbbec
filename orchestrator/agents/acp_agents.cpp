#include "orchestrator/agents/acp_agents.h"

#include <algorithm>

namespace baton {
namespace {

std::string path_of(const Environment& env) { return get(env, "PATH").value_or(""); }

// Two packages may bring a program of one name: the package tells which it is; the first profile takes what cannot be told.
bool is_of(const AcpProfile& profile, const FoundProgram& found) {
  if (!found.package.empty() && found.package == profile.package) return true;
  const bool of_another = std::any_of(acp_profiles().begin(), acp_profiles().end(), [&](const AcpProfile& other) { return !found.package.empty() && other.package == found.package; });
  const auto first = std::find_if(acp_profiles().begin(), acp_profiles().end(), [&](const AcpProfile& other) { return other.command.front() == profile.command.front(); });
  return !of_another && &*first == &profile;
}

std::string missing_program(const AcpProfile& profile, const Environment& env) {
  for (const std::string& program : profile.needs) {
    if (!find_program(program, path_of(env))) return profile.title + " needs `" + program + "`, which is not on the PATH; install it.";
  }
  return "";
}

void take_profile(const AcpProfile& profile, AgentSpec& agent) {
  agent.backend = AgentBackend::acp;
  agent.command = profile.command;
  agent.environment = profile.environment;
  agent.login = profile.login;
  agent.acp = profile.terms;
}

bool is_too_old(const AcpProfile& profile, const FoundProgram& found) {
  return !profile.minimum.empty() && !found.version.empty() && found.package == profile.package && is_older(found.version, profile.minimum);
}

std::string trouble_of(const AcpProfile& profile, const AgentSpec& agent, const Environment& env) {
  if (auto missing = missing_program(profile, env); !missing.empty()) return missing;
  // A command of the user's own is theirs to keep new.
  const auto found = agent.command == profile.command ? find_acp_program(profile, env) : std::nullopt;
  if (found && is_too_old(profile, *found)) {
    return agent.name + " " + found->version + " is older than " + profile.minimum + ", the oldest that can be worked with: run `" + profile.install + "` in a terminal.";
  }
  return is_logged_in(agent.acp, env) ? "" : not_logged_in(agent.acp, agent.name);
}

AgentNote note_of(const AcpProfile& profile, const FoundProgram& found, const Environment& env) {
  AgentNote note{profile.name, "acp", true, found.path + (found.version.empty() ? "" : ", version " + found.version), ""};
  if (auto missing = missing_program(profile, env); !missing.empty()) {
    note.usable = false;
    note.why += "; " + missing;
    return note;
  }
  if (is_too_old(profile, found)) {
    note.usable = false;
    note.why += ", which is older than " + profile.minimum;
    note.mend = profile.install;
  } else if (!is_logged_in(profile.terms, env)) {
    note.usable = false;
    note.why += "; not logged in: " + how_to_log_in(profile.terms);
    note.mend = profile.terms.login_command;
  }
  return note;
}

// The built-in agent is one of this protocol too; its program is ours, and its login is the key of its endpoint.
void take_chat(const EndpointSetting& endpoint, AgentSpec& agent) {
  agent.backend = AgentBackend::acp;
  const auto program = libexec_program("baton-engine");
  agent.command = {program ? program->string() : "baton-engine", "chat"};
  if (endpoint.context > 0) agent.command.insert(agent.command.end(), {"--context", std::to_string(endpoint.context)});
  if (!endpoint.key_variable.empty()) agent.acp.login_key = endpoint.key_variable;
  else if (!endpoint.key_command.empty()) agent.acp.login_key = "another key where the `key_command` of its `endpoint` finds it";
  else agent.acp.login_key = "`key_env` or `key_command` of its `endpoint`";
}

std::string chat_trouble(const AgentSpec& agent, const Environment& env) {
  const std::string& variable = agent.endpoint.key_variable;
  if (variable.empty() || !get(env, variable).value_or("").empty()) return "";
  return "The variable " + variable + ", which holds the key of " + agent.name + ", is not set; set it where Baton is started.";
}

}  // namespace

AgentSpec configured_agent(const AgentSetting& setting, const Environment& client_env) {
  AgentSpec agent;
  const AcpProfile* profile = setting.backend == "acp" && !setting.profile.empty() ? find_acp_profile(setting.profile) : nullptr;
  if (profile) take_profile(*profile, agent);
  agent.name = setting.name;
  if (setting.backend == "acp") agent.backend = AgentBackend::acp;
  const bool chat = setting.backend == "chat";
  if (chat) take_chat(setting.endpoint, agent);
  if (!setting.command.empty()) agent.command = setting.command;
  agent.types = setting.types;
  agent.environment.insert(agent.environment.end(), setting.environment.begin(), setting.environment.end());
  agent.login.insert(agent.login.end(), setting.login.begin(), setting.login.end());
  if (!setting.mode.empty()) agent.acp.mode = setting.mode;
  if (!chat) agent.acp.model = setting.model;
  agent.acp.allow = setting.allow;
  agent.network = setting.network;
  agent.budget = setting.budget;
  agent.endpoint = setting.endpoint;
  const bool served = !agent.endpoint.url.empty();
  if (served) {  // its login is ours to keep: it gets a key that is worth nothing elsewhere
    agent.environment = setting.environment;
    agent.login = setting.login;
    agent.acp.signs.clear();
    agent.acp.ways.clear();
    agent.acp.reads.clear();
  }
  if (setting.start_limit) agent.start_limit = *setting.start_limit;
  if (setting.silence_limit) agent.silence_limit = *setting.silence_limit;
  if (setting.limit) agent.limit = *setting.limit;
  agent.why = "it is configured in " + setting.source;
  if (chat) agent.trouble = chat_trouble(agent, client_env);
  // Who says itself where the login is knows better than the profile.
  if (profile && setting.login.empty() && setting.environment.empty()) agent.trouble = trouble_of(*profile, agent, client_env);
  return agent;
}

std::vector<AgentSpec> acp_agents_on_path(const Environment& client_env) {
  std::vector<AgentSpec> agents;
  for (const AcpProfile& profile : acp_profiles()) {
    const auto found = find_acp_program(profile, client_env);
    if (!found || !is_of(profile, *found)) continue;
    AgentSpec agent;
    agent.name = profile.name;
    take_profile(profile, agent);
    agent.why = profile.title + " is on the PATH";
    agent.trouble = trouble_of(profile, agent, client_env);
    agents.push_back(std::move(agent));
  }
  return agents;
}

std::vector<AgentNote> acp_notes(const Environment& client_env) {
  std::vector<AgentNote> notes;
  for (const AcpProfile& profile : acp_profiles()) {
    const auto found = find_acp_program(profile, client_env);
    if (found && is_of(profile, *found)) notes.push_back(note_of(profile, *found, client_env));
    else if (!found && !profile.tool.empty() && find_program(profile.tool, path_of(client_env))) {
      notes.push_back({profile.name, "acp", false, "`" + profile.tool + "` is here, and the adapter through which Baton speaks to it is not", profile.install});
    }
  }
  return notes;
}

std::vector<AgentNote> acp_offers() {
  std::vector<AgentNote> notes;
  for (const AcpProfile& profile : acp_profiles()) {
    notes.push_back({profile.name, "acp", false, profile.title + (profile.tool.empty() ? "" : ", by its adapter") + ": not on the PATH", profile.install});
  }
  return notes;
}

}  // namespace baton
