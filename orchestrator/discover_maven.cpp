// Java with Maven. Plugins resolve what they need only as they run (Surefire its provider, once it has found a test), so the
// set-up runs the lifecycle up to one test class a module with network, into a local repository in the private HOME, and takes
// away what it built. Everything after that runs offline.
#include <re2/re2.h>

#include <algorithm>
#include <map>
#include <set>

#include "orchestrator/discover_parts.h"
#include "orchestrator/script.h"

namespace baton {
namespace {

constexpr std::size_t kMaxModulesTried = 40;

struct MavenProject {
  std::vector<std::string> poms;
  std::vector<std::string> modules;       // folders with a pom of their own, the root among them
  std::vector<std::string> test_modules;  // those with tests
  std::set<std::string> samples;          // one test class of each
};

MavenProject read_project(const FileSource& files, const std::string& folder) {
  MavenProject project;
  const std::string prefix = folder.empty() ? "" : folder + "/";
  std::map<std::string, std::string> tests;  // module to its smallest test class
  std::map<std::string, std::size_t> sizes;
  static const RE2 kTest(R"((?:(.*)/)?src/test/java/(?:.*/)?((?:Test\w*|\w+(?:Test|Tests|TestCase)))\.java)");
  for (const std::string& path : files.files()) {
    if (!path.starts_with(prefix)) continue;
    if (path.ends_with(".mvn/maven.config") || path.ends_with(".mvn/extensions.xml") || path.ends_with(".mvn/jvm.config")) project.poms.push_back(path);
    if (name_of(path) == "pom.xml" && path.find("/src/") == path.npos) {
      project.poms.push_back(path);
      project.modules.push_back(folder_of(path));
    }
    std::string module, name;
    if (!RE2::FullMatch(path, kTest, &module, &name)) continue;
    const std::string text = files.read(path).value_or("");
    if (RE2::PartialMatch(text, R"(\babstract\s+class\b)") || !RE2::PartialMatch(text, R"(@Test\b|extends\s+\w*TestCase\b|@ParameterizedTest)")) continue;
    if (const auto known = sizes.find(module); known != sizes.end() && known->second <= text.size()) continue;
    sizes[module] = text.size();
    tests[module] = name;
  }
  for (const auto& [module, name] : tests) {
    project.test_modules.push_back(module);
    if (project.samples.size() < kMaxModulesTried) project.samples.insert(name);
  }
  return project;
}

Gate setup_gate(const std::string& folder, const MavenProject& project, const std::vector<std::string>& common) {
  std::string samples;
  for (const std::string& name : project.samples) samples += (samples.empty() ? "" : ",") + name;
  std::string script;
  for (const std::string& word : common) script += (script.empty() ? "" : " ") + (word.find('{') == word.npos ? shell_quoted(word) : "\"" + word + "\"");
  script += samples.empty() ? " -DskipTests test" : " -Dmaven.test.failure.ignore=true -DfailIfNoTests=false -Dsurefire.failIfNoSpecifiedTests=false " + shell_quoted("-Dtest=" + samples) + " test";
  script += " && rm -rf";
  const std::size_t prefix = folder.empty() ? 0 : folder.size() + 1;
  for (const std::string& module : project.modules) {
    script += " " + shell_quoted("./" + join(module.size() > prefix ? module.substr(prefix) : "", "target"));
  }
  Gate gate;
  gate.name = named("maven repository", folder);
  gate.kind = GateKind::setup;
  gate.argv = {"sh", "-c", script};
  gate.cwd = folder;
  gate.timeout = std::chrono::minutes(30);
  gate.network = true;
  gate.parser = "maven";
  gate.source = join(folder, "pom.xml");
  gate.installation.inputs = project.poms;
  gate.installation.outputs = {".m2/repository"};  // below the private HOME
  return gate;
}

void discover_maven_project(Scene& scene, const std::string& folder) {
  const std::string manifest = join(folder, "pom.xml");
  if (!scene.tool("mvn")) {
    scene.advise("mvn", "The workspace has " + manifest + ", and mvn is not on the PATH.", "apt install maven default-jdk-headless", true);
  }
  for (const char* tool : {"java", "javac"}) scene.tool(tool);
  const MavenProject project = read_project(scene.files(), folder);
  const std::vector<std::string> common = {"mvn", "-B", "-ntp", "-Dmaven.repo.local={home}/.m2/repository"};

  Gate setup = setup_gate(folder, project, common);
  // Java takes a user's folder from the system, not from HOME.
  setup.env = {{"MAVEN_OPTS", "-Duser.home={home}"}};
  scene.add(setup);

  Gate build;
  build.name = named("mvn test-compile", folder);
  build.kind = GateKind::build;
  build.argv = common;
  build.argv.insert(build.argv.end(), {"-o", "test-compile"});
  build.cwd = folder;
  build.env = setup.env;
  build.timeout = std::chrono::minutes(20);
  build.needs = {setup.name};
  build.parser = "maven";
  build.source = manifest;
  for (const std::string& pom : project.poms) build.scripts.push_back(pom);
  scene.add(build);
  if (project.test_modules.empty()) {
    scene.advise(manifest, "The Maven project has no tests that Surefire would find.", "src/test/java/**/*Test.java");
    return;
  }

  Gate test = build;
  test.name = named("mvn test", folder);
  test.kind = GateKind::test;
  test.needs = {setup.name, build.name};
  // A module with a failed test must not keep those after it from running; the reports tell what failed.
  test.argv = common;
  test.argv.insert(test.argv.end(), {"-o", "-Dmaven.test.failure.ignore=true", "test"});
  test.select_argv = common;
  test.select_argv.insert(test.select_argv.end(), {"-o", "-Dmaven.test.failure.ignore=true", "-DfailIfNoTests=false",
                                                   "-Dsurefire.failIfNoSpecifiedTests=false", "-Dtest={tests}", "test"});
  test.select_join = ",";
  test.select_pattern = R"(([\w.$]+)\.([\w$]+).*)";  // a parametrised case runs with its method
  test.select_rewrite = R"(\1#\2)";
  test.timeout = std::chrono::minutes(30);
  for (const std::string& module : project.test_modules) test.reports.push_back(join(module, "target/surefire-reports/TEST-*.xml"));
  scene.add(std::move(test));
}

}  // namespace

void discover_maven(Scene& scene) {
  auto folders = project_folders(scene.files(), "pom.xml", 1);
  if (folders.size() > 4) folders.resize(4);
  for (const std::string& folder : folders) discover_maven_project(scene, folder);
}

}  // namespace baton
