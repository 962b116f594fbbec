// How a workspace itself calls its tools: in CI, tox, nox, make and pre-commit. Interpreters and runners in front of a tool
// (`python -m`, `uv run`, `npx`) are taken off, so that what remains is a program and its arguments. Nothing of this is run as
// it stands: finders look in it for the tools that they know, and for their parameters. Any thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/file_source.h"
#include "orchestrator/script.h"

namespace baton {

// Where a call stands; the earlier, the more it says of what a project insists on.
enum class CallOrigin { ci, tox, nox, make, pre_commit };

struct ToolCall {
  std::string program;               // "ruff"
  std::vector<ShellWord> arguments;  // without words that only the caller can fill in
  Environment env;
  std::string cwd;                   // relative to the root
  CallOrigin origin = CallOrigin::ci;
  std::string source;                // the file
  std::string scope;                 // the job or target that it belongs to
  bool files_from_outside = false;   // the files to look at are handed over by xargs, find, git or pre-commit
  std::vector<std::string> packages;  // requirements that pre-commit installs for it, the tool's own first
};

std::vector<ToolCall> tool_calls(const FileSource& files);

// The calls of one script; pure.
std::vector<ToolCall> calls_in(std::string_view script, std::string cwd = "");

// The accepted calls of a program in a folder, each once, of the origin that says most. Questions after its version are none.
std::vector<const ToolCall*> calls_of(const std::vector<ToolCall>& calls, std::string_view program, const std::string& folder,
                                      const std::function<bool(const ToolCall&)>& accepted = nullptr);

// Arguments taken apart by the options of a tool.
struct Arguments {
  std::vector<std::string> options;  // kept, each with its value
  std::vector<ShellWord> targets;    // what is no option
};
// `valued`: options whose value is the next word. `dropped`: options left out, with their values where they are valued.
Arguments take_apart(const std::vector<ShellWord>& words, const std::vector<std::string_view>& valued,
                     const std::vector<std::string_view>& dropped);
bool has_option(const std::vector<ShellWord>& words, std::string_view option);  // as `--x`, `--x=y`

}  // namespace baton
