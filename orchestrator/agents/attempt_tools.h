// The tools of one attempt, served over a socket that only its box reaches: who connects says the attempt's token first. They speak of
// that attempt alone, and none of them decides: `verify` is advice, `ask_human` and `report_blocked` are questions that the attempt ends
// with. Gone with the value.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "orchestrator/agents/primers.h"
#include "orchestrator/agents/tool_protocol.h"

namespace baton {

inline constexpr const char* kToolSocketVariable = "BATON_TOOL_SOCKET";
inline constexpr const char* kToolTokenVariable = "BATON_TOOL_TOKEN";

struct AttemptToolFacts {
  std::filesystem::path root;            // the work tree
  std::filesystem::path question_file;   // where a question to the human is written
  std::vector<std::string> criteria;
  std::vector<Skill> skills;
  std::vector<Tool> more;                // `verify`, `more_context`: what only the caller can do
};
std::vector<Tool> attempt_tools(AttemptToolFacts facts);

class ToolSocket {
 public:
  // `path`: of the socket, at most 100 bytes.
  static Result<std::unique_ptr<ToolSocket>> listen(const std::filesystem::path& path, std::vector<Tool> tools);
  virtual ~ToolSocket() = default;
  virtual const std::string& token() const = 0;  // random, of this attempt
  virtual int calls() const = 0;                 // of tools, so far
};

}  // namespace baton
