// What the finders of discover_*.cpp share. Private to discovery.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/discover.h"
#include "orchestrator/tool_calls.h"

namespace baton {

// Folders that the finders write to, inside the checkout, where no project's own files can be.
inline constexpr std::string_view kBuildFolder = ".baton-build";
inline constexpr std::string_view kVenvFolder = ".baton-venv";
inline constexpr std::string_view kLintFolder = ".baton-lint";  // an environment of linters alone

// The workspace as seen while its gates are looked for.
class Scene {
 public:
  Scene(const FileSource& files, const Environment& env, GatePlan& plan);

  const FileSource& files() const { return files_; }
  const std::string& path_variable() const { return path_; }  // PATH of the client

  // Absolute path of a program in the client's PATH, which then counts as part of the toolchain.
  std::optional<std::string> tool(std::string_view name);
  bool has_tool(std::string_view name) const;  // looks without counting it

  void add(Gate gate);  // the name is made unique
  void advise(std::string about, std::string message, std::string mend = "", bool blocking = false);
  bool has_test_gate() const;
  const std::vector<ToolCall>& calls();  // how the workspace itself calls its tools
  const std::vector<Gate>& gates() const;

 private:
  const FileSource& files_;
  GatePlan& plan_;
  std::string path_;
  std::optional<std::vector<ToolCall>> calls_;
};

// Each adds the gates of its ecosystem. Order matters: `make` comes last since a Makefile often only wraps the others.
void discover_cmake(Scene& scene);
void discover_node(Scene& scene);
void discover_python(Scene& scene);
// After the build gate of a CMake project whose build folder is `build`. `build_runs_it`: its CMake text speaks of the tool.
void add_clang_tidy(Scene& scene, const std::string& folder, const std::string& build, const std::string& compile, bool build_runs_it);
void discover_lint(Scene& scene);    // ruff, shellcheck: linters that belong to no build
void discover_cargo(Scene& scene);
void discover_go(Scene& scene);
void discover_maven(Scene& scene);
void discover_make(Scene& scene);
void discover_others(Scene& scene);  // build systems that are only recognised, with advice

// Paths.
std::string join(std::string_view folder, std::string_view name);  // "" is the root
std::string folder_of(std::string_view path);
std::string name_of(std::string_view path);
std::string in_root(std::string_view path);                    // "{root}/path"
std::string named(std::string_view name, std::string_view folder);  // "pytest (tools/x)"; the bare name at the root
// Vendored code, examples, fixtures: their projects are not the workspace's own.
bool is_foreign(std::string_view path);
// Folders that hold a file of that name, shallowest first, not foreign, none below another one that is listed.
std::vector<std::string> project_folders(const FileSource& files, std::string_view file_name, int max_depth);
std::vector<std::string> files_of(const FileSource& files, const std::vector<std::string>& candidates);  // those that exist

}  // namespace baton
