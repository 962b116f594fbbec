// Go: the modules of the workspace. Modules are downloaded once, with network, into the private HOME, and the packages of the
// standard library that they use are compiled in the same step, so that no checkout compiles them again.
#include <re2/re2.h>

#include <algorithm>

#include "orchestrator/discover_parts.h"

namespace baton {
namespace {

constexpr std::size_t kMaxModules = 4;

// The patterns of a workspace's modules: "./..." from the root of a work file reaches the module there alone.
std::vector<std::string> patterns(const FileSource& files, const std::string& folder) {
  const auto work = files.read(join(folder, "go.work"));
  if (!work) return {"./..."};
  std::vector<std::string> found;
  static const RE2 kUse(R"((?m)^\s*(?:use\s+)?("?\.[^\s"()]*"?)\s*(?://.*)?$)");
  re2::StringPiece rest(*work);
  std::string module;
  while (RE2::FindAndConsume(&rest, kUse, &module)) {
    std::erase(module, '"');
    while (module.ends_with('/')) module.pop_back();
    found.push_back(module + "/...");
  }
  if (found.empty()) found.emplace_back("./...");
  return found;
}

std::vector<std::string> go_manifests(const FileSource& files, const std::string& folder) {
  const std::string prefix = folder.empty() ? "" : folder + "/";
  std::vector<std::string> found;
  for (const std::string& path : files.files()) {
    if (!path.starts_with(prefix) || path.find("/testdata/") != path.npos) continue;
    const std::string name = name_of(path);
    if (name == "go.mod" || name == "go.sum" || name == "go.work" || name == "go.work.sum") found.push_back(path);
  }
  return found;
}

bool has_go_tests(const FileSource& files, const std::string& folder) {
  const std::string prefix = folder.empty() ? "" : folder + "/";
  return std::any_of(files.files().begin(), files.files().end(), [&](const std::string& path) {
    return path.starts_with(prefix) && path.ends_with("_test.go") && path.find("vendor/") == path.npos;
  });
}

// What the standard library's part of a `go test` is made of, compiled and vetted as `go test` does it: a test that imports what
// the packages import of it, of the same language and toolchain, where the manifest names them. A package that does not load is a matter of the gates.
std::string warm_up(const std::vector<std::string>& packages, const std::string& manifest) {
  std::string all;
  for (const std::string& one : packages) all += " " + one;
  return "warm=$(mktemp -d) && { echo 'module warm'; grep -E '^(go|toolchain) ' " + manifest + " || true; } > $warm/go.mod && "
         "{ printf 'package warm\n\nimport (\n'; go list -e -deps -test -f '{{if .Standard}}{{.ImportPath}}{{end}}'" + all +
         R"( | grep -Ev '^(unsafe|C|vendor/.*|(.*/)?internal(/.*)?)$' | sed 's/.*/\t_ "&"/'; echo ')'; } > $warm/warm_test.go && )"
         "(cd $warm && go test .) > /dev/null && rm -r $warm";
}

void discover_module(Scene& scene, const std::string& folder) {
  const bool work = scene.files().exists(join(folder, "go.work"));
  const std::string manifest = join(folder, work ? "go.work" : "go.mod");
  if (!scene.tool("go")) {
    scene.advise("go", "The workspace has " + manifest + ", and go is not on the PATH.", "apt install golang-go", true);
  }
  scene.tool("cc");
  const std::vector<std::string> packages = patterns(scene.files(), folder);
  const bool vendored = scene.files().exists(join(folder, "vendor/modules.txt"));

  Gate modules;
  modules.name = named("go modules", folder);
  modules.kind = GateKind::setup;
  modules.argv = {"sh", "-c", std::string(vendored ? "" : "go mod download && ") + "{ " + warm_up(packages, work ? "go.work" : "go.mod") + "; } || true"};
  modules.cwd = folder;
  modules.env = {{"GOFLAGS", "-modcacherw -buildvcs=false"}};  // a cache that can be removed, and no git of a borrowed checkout
  modules.timeout = std::chrono::minutes(20);
  modules.network = !vendored;
  modules.source = manifest;
  modules.installation.inputs = go_manifests(scene.files(), folder);
  modules.installation.outputs = {"go/pkg/mod"};  // below the private HOME
  scene.add(modules);

  Gate build;
  build.name = named("go build", folder);
  build.kind = GateKind::build;
  build.argv = {"go", "build", "-o", "/dev/null"};
  build.argv.insert(build.argv.end(), packages.begin(), packages.end());
  build.cwd = folder;
  build.env = modules.env;
  build.env.emplace_back("GOPROXY", "off");
  build.timeout = std::chrono::minutes(20);
  build.needs = {modules.name};
  build.parser = "go";
  build.source = manifest;
  build.scripts = files_of(scene.files(), {join(folder, "go.mod"), join(folder, "go.work")});
  scene.add(build);
  if (!has_go_tests(scene.files(), folder)) {
    scene.advise(manifest, "The Go module has no tests.", "a file *_test.go");
    return;
  }

  Gate test = build;
  test.name = named("go test", folder);
  test.kind = GateKind::test;
  test.needs = {modules.name, build.name};
  test.argv = {"go", "test", "-json"};
  test.select_argv = {"go", "test", "-json", "-count=1", "-run", "{tests}"};  // what is tried again is run again: Go remembers what passed
  for (auto* argv : {&test.argv, &test.select_argv}) argv->insert(argv->end(), packages.begin(), packages.end());
  test.parser = "go-test";
  test.builds_itself = true;
  test.select_join = "|";
  test.select_pattern = R"(.*?\.((?:Test|Example|Fuzz)[^/]*)(?:/.*)?)";  // a subtest runs with the test that it is part of
  test.select_rewrite = R"(\1)";
  scene.add(std::move(test));
}

}  // namespace

void discover_go(Scene& scene) {
  auto folders = project_folders(scene.files(), "go.work", 0);
  if (folders.empty()) folders = project_folders(scene.files(), "go.mod", 1);
  if (folders.size() > kMaxModules) {
    scene.advise("go.mod", "More than four Go modules lie in subfolders; only the first four are looked at.",
                 R"(.baton/config.json: {"gates": [...]} names the others)");
    folders.resize(kMaxModules);
  }
  for (const std::string& folder : folders) discover_module(scene, folder);
}

}  // namespace baton
