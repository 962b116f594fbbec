#include "orchestrator/agents/find_agents.h"

#include <algorithm>

#include "orchestrator/agents/acp_agents.h"
#include "orchestrator/agents/attempt.h"
#include "orchestrator/agents/fix_tools.h"
#include "orchestrator/chat/chat_hint.h"
#include "orchestrator/script.h"
#include "support/places.h"

namespace baton {
namespace {

constexpr int kFailuresBeforeAnother = 2;

std::string names_of(const std::vector<AgentSpec>& agents) {
  std::string names;
  for (const AgentSpec& agent : agents) names += (names.empty() ? "" : ", ") + agent.name;
  return names.empty() ? "there is none" : "there are: " + names;
}

}  // namespace

bool takes(const AgentSpec& agent, const std::string& type) {
  return agent.types.empty() || std::find(agent.types.begin(), agent.types.end(), type) != agent.types.end();
}

std::vector<AgentSpec> find_agents(const Config& config, const FileSource& files, const Environment& client_env) {
  std::vector<AgentSpec> agents;
  for (const AgentSetting& setting : config.agents) agents.push_back(configured_agent(setting, client_env));
  for (AgentSpec& found : acp_agents_on_path(client_env)) {
    const bool known = std::any_of(agents.begin(), agents.end(), [&](const AgentSpec& agent) { return agent.name == found.name; });
    if (!known) agents.push_back(std::move(found));
  }
  const GatePlan plan = discover_gates(files, config, client_env);
  const FixerScene scene = fixer_scene(files, plan, client_env);
  for (const FixTool& tool : fix_tools()) {
    const FixerState state = tool.find(scene);
    if (!state.usable) continue;
    AgentSpec agent;
    agent.name = tool.name;
    agent.backend = AgentBackend::fixer;
    agent.network = NetworkPolicy::none;
    agent.why = state.why;
    agents.push_back(std::move(agent));
  }
  return agents;
}

std::vector<AgentNote> agent_notes(const Config& config, const FileSource& files, const GatePlan& plan, const Environment& client_env) {
  std::vector<AgentNote> notes;
  const std::string path = get(client_env, "PATH").value_or("");
  for (const AgentSetting& setting : config.agents) {
    const AgentSpec agent = configured_agent(setting, client_env);
    AgentNote note{setting.name, setting.backend, agent.trouble.empty(), "configured in " + setting.source, ""};
    if (!agent.trouble.empty()) note.why += "; " + agent.trouble;
    const std::string& program = agent.command.front();
    if (!find_program(program, path)) {
      note.usable = false;
      note.why = program + " is not on the PATH";
      note.mend = "install it, or correct `agents` in " + setting.source;
    }
    notes.push_back(std::move(note));
  }
  for (AgentNote& note : acp_notes(client_env)) {
    const bool known = std::any_of(notes.begin(), notes.end(), [&](const AgentNote& other) { return other.name == note.name; });
    if (!known) notes.push_back(std::move(note));
  }
  if (notes.empty()) notes = acp_offers();  // any one of them is enough
  const bool has_chat = std::any_of(config.agents.begin(), config.agents.end(), [](const AgentSetting& setting) { return setting.backend == "chat"; });
  if (auto hint = has_chat ? std::nullopt : chat_hint(client_env, config_home(client_env) / "config.json")) notes.push_back(std::move(*hint));
  const FixerScene scene = fixer_scene(files, plan, client_env);
  for (const FixTool& tool : fix_tools()) {
    FixerState state = tool.find(scene);
    if (!state.usable && !state.configured) continue;
    while (state.why.ends_with('.')) state.why.pop_back();
    notes.push_back({std::string(tool.name), "fixer", state.usable, std::move(state.why), std::move(state.mend)});
  }
  return notes;
}

Result<AgentSpec> choose_agent(const std::vector<AgentSpec>& agents, const PlannedSubtask& part, const std::string& wish,
                               const std::map<std::string, int>& failures) {
  const auto named = [&](const std::string& name) { return std::find_if(agents.begin(), agents.end(), [&](const AgentSpec& agent) { return agent.name == name; }); };
  // A plan names an agent where it means a fixer's tool, or where its user wrote one into it: the wish is for the other parts.
  const auto planned = part.agent.empty() ? agents.end() : named(part.agent);
  const bool fixer = planned != agents.end() && planned->backend == AgentBackend::fixer;
  const std::string& name = part.agent.empty() ? wish : part.agent;
  if (!name.empty()) {
    const auto found = named(name);
    if (found == agents.end()) {
      return Error{ErrorKind::missing_tool, "The agent \"" + name + "\" cannot be used here; " + names_of(agents) + ". `baton doctor` says what is missing."};
    }
    AgentSpec agent = *found;
    agent.why = (fixer ? "the plan gives it this check, and " : !part.agent.empty() ? "the plan names it, and " : "you asked for it, and ") + agent.why;
    return agent;
  }
  // Who can work now goes before who cannot, then who has not failed at it twice; else the first.
  const AgentSpec* best = nullptr;
  const auto rank = [&](const AgentSpec& agent) {
    const auto failed = failures.find(agent.name);
    const int often = failed == failures.end() ? 0 : failed->second / kFailuresBeforeAnother;
    return std::pair(!agent.trouble.empty(), often);
  };
  for (const AgentSpec& agent : agents) {
    if (agent.backend == AgentBackend::fixer || !takes(agent, part.agent_type)) continue;
    if (!best || rank(agent) < rank(*best)) best = &agent;
  }
  if (best) {
    AgentSpec chosen = *best;
    chosen.why = "it is the first that takes " + part.agent_type + " work, and " + best->why;
    return chosen;
  }
  return Error{ErrorKind::missing_tool, "No agent takes " + part.agent_type + " work; install one that Baton knows (`baton doctor` lists them), or name one under `agents` in .baton/config.json or in your own configuration: "
                                        R"({"agents": [{"name": "mine", "command": ["my-agent", "{task}"]}]}.)"};
}

std::vector<std::string> lines_of_tasks(const Config& config, const FileSource& files, const GatePlan& plan, const Environment& client_env) {
  std::vector<std::string> lines;
  for (const AgentSetting& setting : config.agents) {
    std::string line = setting.backend == "chat" ? "chat with " + setting.endpoint.model + " at " + setting.endpoint.url : "";
    for (const std::string& word : setting.command) line += (line.empty() ? "" : " ") + shell_quoted(word);
    lines.push_back(line + "   [agent " + setting.name + (setting.network == NetworkPolicy::none ? "]" : setting.network == NetworkPolicy::full ? ", network]" : ", network: its endpoint]"));
  }
  const FixerScene scene = fixer_scene(files, plan, client_env);
  for (const FixTool& tool : fix_tools()) {
    const FixerState state = tool.find(scene);
    if (state.usable && state.configured) lines.push_back(std::string(tool.command) + "   [fixer]");
  }
  return lines;
}

}  // namespace baton
