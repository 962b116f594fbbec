#include "orchestrator/agents/skill_tool.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace baton {
namespace {

constexpr std::size_t kMaxDescription = 8000;  // bytes of the list that every client reads at its start

std::string skills_in_words(const std::vector<Skill>& skills) {
  std::string text = "The full text of a skill of this repository:";
  for (const Skill& skill : skills) {
    const std::string line = "\n- " + skill.name + (skill.description.empty() ? "" : ": " + skill.description);
    if (text.size() + line.size() > kMaxDescription) return text + "\n- and more";
    text += line;
  }
  return text;
}

}  // namespace

std::vector<Tool> skill_tools(std::vector<Skill> skills) {
  if (skills.empty()) return {};
  const std::string about = skills_in_words(skills);
  return {{"load_skill", about, R"({"properties": {"name": {"type": "string"}}, "required": ["name"]})",
           [skills = std::move(skills)](const nlohmann::json& arguments, std::stop_token) -> Result<std::string> {
             const std::string name = arguments["name"];
             const auto found = std::find_if(skills.begin(), skills.end(), [&](const Skill& skill) { return skill.name == name; });
             if (found != skills.end()) return found->text;
             std::string names;
             for (const Skill& skill : skills) names += (names.empty() ? "" : ", ") + skill.name;
             return Error{ErrorKind::usage, "There is no such skill; there are: " + names + "."};
           }}};
}

}  // namespace baton
