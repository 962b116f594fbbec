// Gates of Cargo, Go and Maven projects: found from files in memory, and judged for real where the toolchain is there.
#include <gtest/gtest.h>

#include <algorithm>

#include "orchestrator/gate_run.h"
#include "tests/orchestrator/memory_source.h"
#include "tests/orchestrator/workshop.h"

namespace baton {
namespace {

using Files = std::map<std::string, std::string>;

const Programs& native_programs() {
  static const Programs kPrograms{"cargo", "rustc", "go", "mvn", "java", "javac", "cc", "make"};
  return kPrograms;
}

GatePlan native_plan(Files files) { return plan_for(std::move(files), {}, native_programs()); }

TEST(DiscoverNative, Cargo) {
  const auto check = [](Files files, const std::string& expected) { EXPECT_EQ(gate_lines(native_plan(std::move(files))), expected); };
  check({{"Cargo.toml", "[package]\nname = \"a\"\n"}, {"src/lib.rs", ""}},
        "setup cargo fetch | cargo fetch\n"
        "build cargo build | cargo build --offline --message-format=json\n"
        "test cargo test | cargo test --offline --message-format=json --no-fail-fast\n");
  check({{"Cargo.toml", "[workspace]\nmembers = [\"a\"]\n"}, {"Cargo.lock", ""}, {"a/Cargo.toml", "[package]\nname = \"a\"\n"}},
        "setup cargo fetch | cargo fetch --locked\n"
        "build cargo build | cargo build --workspace --offline --message-format=json\n"
        "test cargo test | cargo test --workspace --offline --message-format=json --no-fail-fast\n");
  check({{"core/Cargo.toml", "[package]\nname = \"a\"\n"}, {"vendor/b/Cargo.toml", "[package]\n"}},
        "setup cargo fetch (core) | cargo fetch\n"
        "build cargo build (core) | cargo build --offline --message-format=json\n"
        "test cargo test (core) | cargo test --offline --message-format=json --no-fail-fast\n");
  const GatePlan plan = native_plan({{"Cargo.toml", "[workspace]\n"}, {"a/Cargo.toml", ""}, {"rust-toolchain.toml", ""}});
  EXPECT_EQ(words(find_gate(plan, "cargo fetch")->installation.inputs), "Cargo.toml a/Cargo.toml rust-toolchain.toml");
  EXPECT_TRUE(find_gate(plan, "cargo fetch")->network);
  EXPECT_FALSE(find_gate(plan, "cargo test")->network);
}

TEST(DiscoverNative, Go) {
  const Files module = {{"go.mod", "module a\n"}, {"a.go", ""}, {"a_test.go", ""}};
  EXPECT_EQ(check_lines(native_plan(module)), "build go build | go build -o /dev/null ./...\ntest go test | go test -json ./...\n");
  EXPECT_TRUE(find_gate(native_plan(module), "go modules")->network);
  Files vendored = module;
  vendored["vendor/modules.txt"] = "";
  EXPECT_FALSE(find_gate(native_plan(vendored), "go modules")->network);
  EXPECT_EQ(check_lines(native_plan({{"go.work", "go 1.22\nuse (\n\t./a // first\n\t\"./b/\"\n)\n"}, {"a/go.mod", ""}, {"b/go.mod", ""}, {"b/b_test.go", ""}})),
            "build go build | go build -o /dev/null ./a/... ./b/...\ntest go test | go test -json ./a/... ./b/...\n");
  const GatePlan untested = native_plan({{"go.mod", "module a\n"}, {"a.go", ""}});
  EXPECT_EQ(find_gate(untested, "go test"), nullptr);
  EXPECT_TRUE(advises(untested, "go.mod", false));
}

// A manifest may name no version of the language, and its library is made ready all the same, once for both sides.
TEST(DiscoverNative, GoIsWarmedUpWhateverTheManifestSays) {
  const auto folder = TemporaryFolder::make("/tmp", "baton-go-");
  ASSERT_TRUE(folder.ok());
  const auto& path = folder->path();
  ASSERT_TRUE(make_folder(path / "bin", 0700).ok());
  ASSERT_TRUE(write_file(path / "bin/go", "#!/bin/sh\necho \"$1\" >> '" + (path / "called").string() + "'\n[ \"$1\" != list ] || echo fmt\n", 0755).ok());
  for (const std::string manifest : {"module a\n", "module a\n\ngo 1.22\n"}) {
    const GatePlan plan = native_plan({{"go.mod", manifest}, {"a.go", ""}, {"a_test.go", ""}});
    ASSERT_TRUE(write_file(path / "called", "").ok() && write_file(path / "go.mod", manifest).ok());
    ProcessSpec spec;
    spec.argv = find_gate(plan, "go modules")->argv;
    spec.cwd = path;
    spec.env = {{"PATH", (path / "bin").string() + ":/usr/bin:/bin"}, {"TMPDIR", path.string()}};
    const auto done = run(spec);
    ASSERT_TRUE(done.ok() && done->success());
    EXPECT_EQ(*read_file(path / "called"), "mod\nlist\ntest\n") << manifest;
  }
}

TEST(DiscoverNative, Maven) {
  const std::string test = "class T { @Test void t() {} }";
  const GatePlan plan = native_plan({{"pom.xml", "<project/>"}, {"a/pom.xml", ""}, {"a/src/test/java/x/LongTest.java", test + " // longer"},
                                     {"a/src/test/java/x/ATest.java", test}, {"a/src/test/java/x/BaseTest.java", "abstract class BaseTest {}"}});
  EXPECT_EQ(check_lines(plan),
            "build mvn test-compile | mvn -B -ntp -Dmaven.repo.local={home}/.m2/repository -o test-compile\n"
            "test mvn test | mvn -B -ntp -Dmaven.repo.local={home}/.m2/repository -o -Dmaven.test.failure.ignore=true test\n");
  EXPECT_EQ(words(find_gate(plan, "mvn test")->reports), "a/target/surefire-reports/TEST-*.xml");
  const std::string& script = find_gate(plan, "maven repository")->argv[2];
  EXPECT_NE(script.find("-Dtest=ATest test && rm -rf ./a/target ./target"), script.npos) << script;
}

TEST(DiscoverNative, SaysWhichToolIsMissing) {
  for (const auto& [file, tool] : {std::pair{"Cargo.toml", "cargo"}, {"go.mod", "go"}, {"pom.xml", "mvn"}}) {
    EXPECT_TRUE(advises(plan_for({{file, ""}}, {}, Programs{"make"}), tool, true)) << file;
  }
}

TEST(DiscoverNative, ChosenTestsAreNamedAsTheRunnerKnowsThem) {
  const auto check = [](const Files& files, const char* gate, std::vector<std::string> ids, const std::string& expected) {
    const std::string all = words(select_command(*find_gate(native_plan(files), gate), ids));
    EXPECT_TRUE(all.ends_with(expected)) << all;
  };
  check({{"Cargo.toml", ""}}, "cargo test", {"tests::a", "tests/it.rs::b::c", "core src/lib.rs::tests::d"}, " -- --exact tests::a b::c tests::d");
  check({{"Cargo.toml", ""}}, "cargo test", {"tests::a", "src/lib.rs - b::c"}, " --no-fail-fast");  // an example's name has a line in it, so that all are run
  check({{"go.mod", ""}, {"a_test.go", ""}}, "go test", {"example.com/a.v2/b.TestX", "b.TestX/case_1.5", "b.ExampleY"}, " -count=1 -run ^(TestX|ExampleY)$ ./...");
  check({{"pom.xml", ""}, {"src/test/java/ATest.java", "@Test"}}, "mvn test", {"a.b.CTest.works", "a.b.CTest.each(int)[1]", "a.b.CTest.each(int)[2]"},
        " -Dtest=a.b.CTest#works,a.b.CTest#each test");
}

// A project of each kind: an honest change, then a broken function, then code that does not compile.
class NativeProjects : public Workshop {
 protected:
  void SetUp() override {
    for (const char* name : {"GOPROXY", "GOSUMDB", "GONOSUMDB", "GOROOT", "GOTOOLCHAIN", "RUSTUP_HOME", "JAVA_HOME"}) {
      if (const auto value = get(current_environment(), name)) set(env_, name, *value);
    }
    // The toolchain manager of the user that runs the tests, which HOME of the workshop does not have.
    const std::filesystem::path rustup = std::filesystem::path(get(current_environment(), "HOME").value_or("/nonexistent")) / ".rustup";
    std::error_code failed;
    const std::filesystem::path home(*get(env_, "HOME"));
    if (!get(env_, "RUSTUP_HOME") && std::filesystem::exists(rustup, failed)) std::filesystem::create_directory_symlink(rustup, home / ".rustup", failed);
  }

  bool has(const char* tool) const { return find_program(tool, *get(env_, "PATH")).has_value(); }

  std::string regressions(const VerifyReport& report) const {
    std::string text;
    for (const TestVerdict& test : report.tests) {
      if (test.status == TestStatus::regression) text += (text.empty() ? "" : " ") + test.id;
    }
    return text;
  }

  void check(const Files& files, const std::string& file, const std::string& broken, const std::string& wanted, const std::string& uncompiled, int line) {
    commit(files);
    write({{file, files.at(file) + "\n"}});
    VerifyReport report = judged();
    EXPECT_EQ(to_string(report.verdict), "no_regression") << report.cause;
    write({{file, broken}});
    report = judged();
    EXPECT_EQ(to_string(report.verdict), "rejected") << report.cause;
    EXPECT_EQ(regressions(report), wanted);
    write({{file, uncompiled}});
    report = judged();
    EXPECT_EQ(to_string(report.verdict), "rejected") << report.cause;
    EXPECT_TRUE(std::any_of(report.findings.begin(), report.findings.end(), [&](const FindingVerdict& one) {
      return one.is_new && one.finding.severity == Severity::error && one.finding.path == file && one.finding.line == line;
    }));
  }
};

TEST_F(NativeProjects, Cargo) {
  if (!has("cargo") || !has("cc")) GTEST_SKIP() << "cargo or cc is not installed";
  const std::string tests = "\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn adds() { assert_eq!(crate::add(1, 2), 3); }\n    #[test]\n    fn stands() {}\n}\n";
  const std::string docs = "/// ```\n/// assert_eq!(one::add(2, 2), 4);\n/// ```\n";
  check({{".gitignore", "target\n"},
         {"Cargo.toml", "[workspace]\nmembers = [\"one\", \"two\"]\nresolver = \"2\"\n"},
         {"one/Cargo.toml", "[package]\nname = \"one\"\nversion = \"0.1.0\"\nedition = \"2021\"\n"},
         {"one/src/lib.rs", docs + "pub fn add(a: i32, b: i32) -> i32 { a + b }\n" + tests},
         {"one/tests/it.rs", "#[test]\nfn outside() { assert_eq!(one::add(1, 1), 2); }\n"},
         {"two/Cargo.toml", "[package]\nname = \"two\"\nversion = \"0.1.0\"\nedition = \"2021\"\n"},
         {"two/src/lib.rs", "#[cfg(test)]\nmod tests {\n    #[test]\n    fn adds() {}\n}\n"}},
        "one/src/lib.rs", docs + "pub fn add(a: i32, b: i32) -> i32 { a - b }\n" + tests,
        "one src/lib.rs::tests::adds one/src/lib.rs - add tests/it.rs::outside",
        docs + "pub fn add(a: i32, b: i32) -> i32 { a + missing }\n" + tests, 4);
}

TEST_F(NativeProjects, Go) {
  if (!has("go")) GTEST_SKIP() << "go is not installed";
  const std::string tests = "package a\n\nimport \"testing\"\n\nfunc TestAdd(t *testing.T) {\n\tt.Run(\"small\", func(t *testing.T) {\n\t\tif Add(1, 2) != 3 {\n\t\t\tt.Error(\"wrong\")\n\t\t}\n\t})\n}\n\nfunc TestStands(t *testing.T) {}\n";
  check({{"go.mod", "module example.com/a\n\ngo 1.18\n"}, {"a.go", "package a\n\nfunc Add(a, b int) int { return a + b }\n"}, {"a_test.go", tests}}, "a.go",
        "package a\n\nfunc Add(a, b int) int { return a - b }\n", "example.com/a.TestAdd example.com/a.TestAdd/small",
        "package a\n\nfunc Add(a, b int) int { return a + missing }\n", 3);
}

}  // namespace
}  // namespace baton
