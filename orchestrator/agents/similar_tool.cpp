#include "orchestrator/agents/similar_tool.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace baton {
namespace {

constexpr int kLeastRecall = 100, kMostRecall = 8000, kUsualRecall = 1500;  // tokens

}  // namespace

Tool similar_tool(Recall recall, std::string own) {
  return {
      "find_similar",
      "Past tasks of this repository like a text: what they changed, how they ended, what was learned. `domain` and "
      "`category` leave out others.",
      R"({"properties": {"query": {"type": "string"}, "domain": {"type": "string", "description": "frontend, backend, database, devops, testing, documentation or general"},)"
      R"( "category": {"type": "string", "description": "feature, bugfix or refactor"}, "budget": {"type": "integer", "description": "tokens of the answer"}}, "required": ["query"]})",
      [recall = std::move(recall), own = std::move(own)](const nlohmann::json& arguments,
                                                         std::stop_token) -> Result<std::string> {
        SimilarQuery query;
        query.text = arguments["query"];
        query.domain = arguments.value("domain", "");
        query.category = arguments.value("category", "");
        query.leave_out = {own};
        query.budget =
            static_cast<std::size_t>(std::clamp(arguments.value("budget", kUsualRecall), kLeastRecall, kMostRecall));
        const auto found = recall(query);
        if (!found) return found.error();
        return found->text.empty() ? std::string("No past task of this repository is like this.\n") : found->text;
      }};
}

}  // namespace baton
