// What an agent is told before its task. A primer is Markdown with YAML front matter (`type`, `agent_type`, `inherits_from`, `priority`,
// `loads_with`, `version`), found by its name: `{TYPE}_AGENT_PRIMER.md`, first in the user's folder, then in the repository's
// `.baton/primers`, then built in. What it inherits from comes before it, what it loads with after it. Beside primers: the
// instructions that a workspace has for any agent (AGENTS.md, CLAUDE.md) and its skills (SKILL.md), which are named and read on
// demand. Reads files; any thread.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "analyzers/finding.h"
#include "orchestrator/file_source.h"

namespace baton {

struct Primer {
  std::string text;                    // all bodies in the order in which they are to be read
  std::vector<std::string> sources;    // "built-in BASE_PRIMER.md", ".baton/primers/…"
  std::vector<std::string> problems;   // one sentence each; what could be used is used
};
// `agent_type`: "frontend". One that has no primer gets that of `general`. `user_folder`: `$XDG_CONFIG_HOME/baton/primers`.
Primer primer_of(std::string_view agent_type, const std::filesystem::path& user_folder, const FileSource& workspace);

// What is wrong with the primers of the workspace and of the user, each on its line; what `primer_of` would say of them.
std::vector<Finding> primer_problems(const std::filesystem::path& user_folder, const FileSource& workspace);
inline constexpr const char* kPrimerFolder = ".baton/primers/";

struct Instruction {
  std::string path, text;  // relative to the workspace
};
// AGENTS.md or CLAUDE.md of the root, and of each folder above one of `paths`; together at most 64 KiB, with what was cut named.
std::vector<Instruction> instructions_of(const FileSource& workspace, const std::vector<std::string>& paths);

struct Skill {
  std::string name, description, path, text;
};
std::vector<Skill> skills_of(const FileSource& workspace);  // at most 100, by name

std::string_view built_in_primer(std::string_view file);  // empty: there is none

}  // namespace baton
