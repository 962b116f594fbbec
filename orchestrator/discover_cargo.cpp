// Rust: the packages of a Cargo workspace, built and tested together. Crates are fetched once, with network, into the private
// HOME; everything after that runs offline.
#include <re2/re2.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "orchestrator/discover_parts.h"
#include "orchestrator/toml.h"

namespace baton {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxWorkspaces = 4;

// Manifests decide what is fetched, and so do the settings of cargo and rustup that the repository carries.
std::vector<std::string> manifests(const FileSource& files, const std::string& folder) {
  const std::string prefix = folder.empty() ? "" : folder + "/";
  std::vector<std::string> found;
  for (const std::string& path : files.files()) {
    if (!path.starts_with(prefix)) continue;
    const std::string name = name_of(path);
    const bool manifest = name == "Cargo.toml" || name == "Cargo.lock" || name == "rust-toolchain" || name == "rust-toolchain.toml";
    if (manifest || path.ends_with(".cargo/config.toml") || path.ends_with(".cargo/config")) found.push_back(path);
  }
  return found;
}

void discover_workspace(Scene& scene, const std::string& folder) {
  const std::string manifest = join(folder, "Cargo.toml");
  const auto parsed = parse_toml(scene.files().read(manifest).value_or(""));
  if (!parsed) {
    scene.advise(manifest, parsed.error().message, "", true);
    return;
  }
  if (!scene.tool("cargo")) {
    scene.advise("cargo", "The workspace has " + manifest + ", and cargo is not on the PATH.", "apt install cargo", true);
  }
  scene.tool("rustc");
  scene.tool("cc");

  Gate fetch;
  fetch.name = named("cargo fetch", folder);
  fetch.kind = GateKind::setup;
  fetch.argv = {"cargo", "fetch"};
  const bool locked = scene.files().exists(join(folder, "Cargo.lock"));
  if (locked) fetch.argv.emplace_back("--locked");
  fetch.cwd = folder;
  fetch.timeout = std::chrono::minutes(20);
  fetch.network = true;
  fetch.source = manifest;
  fetch.installation.inputs = manifests(scene.files(), folder);
  fetch.installation.outputs = {join(folder, "Cargo.lock")};
  scene.add(fetch);

  const std::vector<std::string> offline = parsed->contains("workspace") ? std::vector<std::string>{"--workspace", "--offline"}
                                                                         : std::vector<std::string>{"--offline"};
  Gate build = fetch;
  build.name = named("cargo build", folder);
  build.kind = GateKind::build;
  build.network = false;
  build.installation = {};
  build.needs = {fetch.name};
  build.argv = {"cargo", "build"};
  build.argv.insert(build.argv.end(), offline.begin(), offline.end());
  build.argv.emplace_back("--message-format=json");
  build.timeout = std::chrono::minutes(30);
  build.parser = "cargo";
  for (const std::string& input : fetch.installation.inputs) {
    if (name_of(input) != "Cargo.lock") build.scripts.push_back(input);
  }
  scene.add(build);

  Gate test = build;
  test.name = named("cargo test", folder);
  test.kind = GateKind::test;
  test.needs = {fetch.name, build.name};
  test.builds_itself = true;
  test.argv[1] = "test";
  test.argv.emplace_back("--no-fail-fast");
  // An id names the file of its test binary first; the harness knows what follows.
  test.select_argv = test.argv;
  test.select_argv.insert(test.select_argv.end(), {"--", "--exact", "{tests}"});
  test.select_pattern = R"(.*\.rs::(.*))";
  test.select_rewrite = R"(\1)";
  scene.add(std::move(test));
}

}  // namespace

void discover_cargo(Scene& scene) {
  auto folders = project_folders(scene.files(), "Cargo.toml", 1);
  if (folders.size() > kMaxWorkspaces) {
    scene.advise("Cargo.toml", "More than four Cargo packages lie in subfolders; only the first four are looked at.",
                 R"(.baton/config.json: {"gates": [...]} names the others)");
    folders.resize(kMaxWorkspaces);
  }
  for (const std::string& folder : folders) discover_workspace(scene, folder);
}

}  // namespace baton
