// clang-tidy where a CMake project configures it: over the changed files alone, since over all of them it takes too long.
#include <algorithm>

#include "orchestrator/discover_parts.h"

namespace baton {
namespace {

// Changed files that the build knows, one after the other. What clang cannot compile (a flag or an extension of another
// compiler) is left out: the build has judged it. Headers are left to the files that include them, without findings of their own.
constexpr const char* kTidyScript =
    R"(db=$1; shift; status=0; for file do grep -qF "\"$PWD/$file\"" "$db/compile_commands.json" || continue; )"
    R"(code=0; said=$(clang-tidy -p "$db" --quiet --header-filter='^$' "$file" 2>/dev/null) || code=1; )"
    R"(case $said in *clang-diagnostic-error*) echo "$file: not looked at, since clang cannot compile it" ;; )"
    R"(*) printf '%s\n' "$said"; [ $code = 0 ] || status=1 ;; esac; done; exit $status)";

}  // namespace

void add_clang_tidy(Scene& scene, const std::string& folder, const std::string& build, const std::string& compile, bool build_runs_it) {
  std::string config = join(folder, ".clang-tidy");
  if (!scene.files().exists(config)) config = ".clang-tidy";
  if (!scene.files().exists(config)) return;
  const auto& calls = scene.calls();
  const bool called = std::any_of(calls.begin(), calls.end(), [](const ToolCall& call) { return call.program.find("clang-tidy") != std::string::npos; });
  if (!scene.tool("clang-tidy")) {
    scene.advise("clang-tidy", "The workspace configures clang-tidy, which is not on the PATH.", "apt install clang-tidy");
    return;
  }
  Gate gate;
  gate.name = named("clang-tidy", folder);
  gate.kind = GateKind::lint;
  // Many keep the file for their editor alone.
  gate.required = called || build_runs_it;
  gate.argv = {"sh", "-c", kTidyScript, "clang-tidy", build, "{changed:.c,.cc,.cpp,.cxx,.c++}"};
  gate.cwd = folder;
  gate.timeout = std::chrono::minutes(20);
  gate.parser = "clang-tidy";
  gate.needs = {compile};
  gate.source = config;
  gate.scripts = {config};
  scene.add(std::move(gate));
}

}  // namespace baton
