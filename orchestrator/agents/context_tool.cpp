#include "orchestrator/agents/context_tool.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "orchestrator/agents/workspace_tools.h"
#include "orchestrator/context/slice_text.h"
#include "support/log.h"

namespace baton {
namespace {

using nlohmann::json;

constexpr int kLeastBudget = 50, kLargestBudget = 20'000;  // tokens

Result<ContextSlice> look_in_folder(const std::filesystem::path& root, const std::filesystem::path& file, const ContextRequest& request, std::stop_token stop) {
  ContextIndex index(file);
  const auto view = folder_view(root, index.data(), stop);
  if (!view) return view.error();
  if (auto refreshed = index.refresh(**view, false, stop); !refreshed) return refreshed.error();
  auto slice = index.slice(**view, request, stop);
  if (auto saved = index.save(); !saved) log(LogLevel::warning, saved.error().message);
  return slice;
}

}  // namespace

Tool context_tool(ContextLook look) {
  return {"more_context", "The pieces of the workspace that have most to do with a question or with words of the code, as numbered lines.",
          R"({"properties": {"query": {"type": "string"}, "budget": {"type": "integer", "description": "tokens of the answer"}}, "required": ["query"]})",
          [look = std::move(look)](const json& arguments, std::stop_token stop) -> Result<std::string> {
            ContextRequest request;
            request.text = arguments["query"];
            request.budget = static_cast<std::size_t>(std::clamp(arguments.value("budget", kDefaultToolBudget), kLeastBudget, kLargestBudget));
            const auto slice = look(request, stop);
            if (!slice) return slice.error();
            if (slice->pieces.empty()) return Error{ErrorKind::usage, "No piece of the workspace has to do with this, or none fits the budget; ask with words that the code itself uses."};
            return slice_text(*slice, 2) + "\n" + slice_summary(*slice) + " Ask with a larger budget for more.\n";
          }};
}

Tool folder_context_tool(std::filesystem::path root, std::filesystem::path index) {
  return context_tool([root = std::move(root), index = std::move(index)](const ContextRequest& request, std::stop_token stop) { return look_in_folder(root, index, request, stop); });
}

}  // namespace baton
