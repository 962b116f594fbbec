#include "orchestrator/doctor_report.h"
#include "orchestrator/doctor_text.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace baton {
namespace {

DoctorReport sample() {
  DoctorReport report;
  report.root = "/home/ada/engine";
  report.branch = "main";
  report.head = "0123456789abcdef0123";
  report.git_version = "git version 2.39.5";
  report.sandbox = "bubblewrap";
  Gate build;
  build.name = "cmake build";
  build.kind = GateKind::build;
  build.argv = {"cmake", "--build", "{root}/.baton-build", "-j", "{jobs}"};
  build.source = "CMakeLists.txt";
  Gate lint;
  lint.name = "xo";
  lint.kind = GateKind::lint;
  lint.required = false;
  lint.argv = {"xo", "a b"};
  lint.cwd = "web";
  lint.source = "web/package.json: scripts.lint";
  report.plan.gates = {lint, build};
  report.plan.advice = {{"cmake", "cmake is not on the PATH.", "apt install cmake", true}, {"Makefile", "It is left alone.", "", false}};
  Finding problem;
  problem.path = ".baton/config.json";
  problem.line = 3;
  problem.column = 5;
  problem.message = "`kind` must be one of five words.";
  report.config_problems = {problem};
  return report;
}

TEST(DoctorText, ReadsCalmly) {
  EXPECT_EQ(doctor_text(sample(), {}),
            "/home/ada/engine on main 0123456789\n"
            "git 2.39.5 · sandbox: bubblewrap · not trusted yet: `baton verify` asks once\n"
            "\n"
            "Gates, in the order they run\n"
            "  lint       xo  from web/package.json: scripts.lint, new findings are shown\n"
            "             in web: xo 'a b'\n"
            "  build      cmake build  from CMakeLists.txt\n"
            "             cmake --build .baton-build -j $JOBS\n"
            "\n"
            "Configuration\n"
            "  ✗ .baton/config.json:3:5\n"
            "    `kind` must be one of five words.\n"
            "\n"
            "What is missing\n"
            "  ✗ cmake\n"
            "    cmake is not on the PATH.\n"
            "      apt install cmake\n"
            "\n"
            "Good to know\n"
            "  · Makefile\n"
            "    It is left alone.\n"
            "\n"
            "One thing is missing; a verdict without it would be inconclusive.\n");
}

TEST(DoctorText, ItsLastLineIsTrueOfThoseAbove) {
  DoctorReport report = sample();
  report.plan.advice.clear();
  const auto last = [&] {
    const std::string text = doctor_text(report, {});
    return text.substr(text.rfind('\n', text.size() - 2) + 1);
  };
  EXPECT_EQ(last(), "A verdict lacks nothing: `baton verify` judges the working tree. What is marked above is missing for the rest.\n");
  report.config_problems.clear();
  EXPECT_EQ(last(), "Nothing is missing. `baton verify` judges the working tree.\n");
  report.agents = {{"mine", "command", false, "mine is not on the PATH", "install it"}};
  EXPECT_EQ(last(), "A verdict lacks nothing: `baton verify` judges the working tree. What is marked above is missing for the rest.\n");
}

TEST(DoctorText, NothingFound) {
  DoctorReport report;
  report.root = "/x";
  const std::string text = doctor_text(report, {});
  EXPECT_NE(text.find("No gate was found."), std::string::npos);
  EXPECT_NE(text.find("git is missing"), std::string::npos);
}

TEST(DoctorText, ColourAndEvilNames) {
  DoctorReport report = sample();
  report.plan.gates[0].name = "evil\x1b[2J";
  const std::string text = doctor_text(report, {true, 80});
  EXPECT_NE(text.find("\x1b[1m"), std::string::npos);
  EXPECT_EQ(text.find("\x1b[2J"), std::string::npos);
}

TEST(DoctorText, Json) {
  const nlohmann::json json = to_json(sample());
  EXPECT_EQ(json["gates"][0]["command"], "xo 'a b'");
  EXPECT_EQ(json["gates"][0]["required"], false);
  EXPECT_EQ(json["advice"][0]["blocking"], true);
  EXPECT_EQ(json["config_problems"][0]["line"], 3);
  EXPECT_EQ(json["trust"], "never_asked");
}

}  // namespace
}  // namespace baton
