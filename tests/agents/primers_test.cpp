// Primers as others write them, what they inherit, and what a workspace tells any agent.
#include <gtest/gtest.h>

#include <filesystem>

#include "orchestrator/agents/primers.h"
#include "orchestrator/front_matter.h"
#include "support/files.h"
#include "tests/orchestrator/memory_source.h"

namespace baton {
namespace {

class Primers : public testing::Test {
 protected:
  void own(const std::string& file, const std::string& text) { ASSERT_TRUE(write_file(user_.path() / file, text)); }
  Primer of(const std::string& type, const std::map<std::string, std::string>& files = {}) { return primer_of(type, user_.path(), MemorySource(files)); }

  TemporaryFolder user_ = std::move(*TemporaryFolder::make(std::filesystem::temp_directory_path(), "baton-primers"));
};

TEST_F(Primers, OfTheNineTypesAreBuiltInAndInheritTheBase) {
  for (const char* type : {"orchestrator", "frontend", "backend", "database", "devops", "testing", "documentation", "review", "general"}) {
    const Primer primer = of(type);
    EXPECT_TRUE(primer.problems.empty()) << type << ": " << primer.problems.front();
    ASSERT_EQ(primer.sources.size(), 2u) << type;
    EXPECT_EQ(primer.sources[0], "built-in BASE_PRIMER.md") << type;
    EXPECT_EQ(primer.text.find("inherits_from"), std::string::npos) << type;
    EXPECT_LT(primer.text.size(), 4000u) << type << ": short and good";
  }
  EXPECT_EQ(of("astrology").sources[1], "built-in GENERAL_AGENT_PRIMER.md");
}

TEST_F(Primers, OfTheUserCountBeforeTheRepositorysAndThoseBeforeOurs) {
  const std::map<std::string, std::string> files = {{".baton/primers/BACKEND_AGENT_PRIMER.md", "---\ninherits_from: BASE_PRIMER\n---\nThe repository's."},
                                                    {".baton/primers/BASE_PRIMER.md", "The repository's base."}};
  EXPECT_EQ(of("backend", files).text, "The repository's base.\n\nThe repository's.");
  own("BACKEND_AGENT_PRIMER.md", "---\nagent_type: backend\ninherits_from: base\n---\n\nMine.\n");
  EXPECT_EQ(of("backend", files).text, "The repository's base.\n\nMine.");
}

// Written by someone else, in the form of requirement A1, with what other tools add.
TEST_F(Primers, LoadUnchangedWhatOthersWrote) {
  const std::string foreign =
      "---\r\ntype: primer\r\nagent_type: frontend\r\ninherits_from: BASE_PRIMER.md\r\npriority: high\r\nloads_with:\r\n  - ACCESSIBILITY.md\r\n  - testing\r\nversion: 2.1\r\n"
      "authors: [a, b]\r\nmetadata:\r\n  reviewed: 2026-01-01\r\n---\r\n# Frontend\r\n\r\nUse tokens.\r\n";
  const Primer primer = of("frontend", {{".baton/primers/FRONTEND_AGENT_PRIMER.md", foreign}, {".baton/primers/ACCESSIBILITY.md", "Labels for all."}});
  EXPECT_TRUE(primer.problems.empty()) << primer.problems.front();
  EXPECT_EQ(primer.sources, (std::vector<std::string>{"built-in BASE_PRIMER.md", ".baton/primers/FRONTEND_AGENT_PRIMER.md", ".baton/primers/ACCESSIBILITY.md",
                                                      "built-in TESTING_AGENT_PRIMER.md"}));
  EXPECT_NE(primer.text.find("Use tokens."), std::string::npos);
}

TEST_F(Primers, OfBadInputSayItInASentenceAndLoseNothing) {
  struct Case {
    const char *name, *text, *says;
  };
  const Case cases[] = {
      {"a loop", "---\ninherits_from: DEVOPS_AGENT_PRIMER.md\n---\nbody", "comes back to itself"},
      {"one that is not there", "---\ninherits_from: ABSENT.md\n---\nbody", "names the primer ABSENT.md"},
      {"a path", "---\nloads_with: ../../etc/passwd.md\n---\nbody", "named by its file alone"},
      {"no end", "---\ninherits_from: BASE_PRIMER.md\nbody", "has no end"},
      {"no YAML", "---\n: [\n---\nbody", "is no YAML"},
      {"no names", "---\n- a\n---\nbody", "is no YAML of names"},
  };
  for (const Case& c : cases) {
    const Primer primer = of("devops", {{".baton/primers/DEVOPS_AGENT_PRIMER.md", c.text}});
    ASSERT_EQ(primer.problems.size(), 1u) << c.name;
    EXPECT_NE(primer.problems[0].find(c.says), std::string::npos) << c.name << ": " << primer.problems[0];
    EXPECT_NE(primer.text.find("body"), std::string::npos) << c.name;
  }
  const Primer round = of("devops", {{".baton/primers/DEVOPS_AGENT_PRIMER.md", "---\ninherits_from: X.md\n---\none"}, {".baton/primers/X.md", "---\ninherits_from: DEVOPS_AGENT_PRIMER.md\n---\ntwo"}});
  EXPECT_EQ(round.text, "two\n\none");
  EXPECT_EQ(round.problems.size(), 1u);
}

TEST_F(Primers, ProblemsStandOnTheirLine) {
  own("REVIEW_AGENT_PRIMER.md", "---\ntype: primer\nloads_with: [ABSENT.md]\n---\nMine\n");
  const MemorySource files({{".baton/primers/A.md", "---\ninherits_from: B.md\n---\na"}, {".baton/primers/B.md", "---\ntype: x\ninherits_from:\n  - A.md\n---\nb"}, {".baton/primers/C.md", "---\n: [\n---\nc"},
                            {"docs/D.md", "---\ninherits_from: NOWHERE.md\n---\nd"}});
  std::string told;
  for (const Finding& problem : primer_problems(user_.path(), files)) told += std::filesystem::path(problem.path).filename().string() + ":" + std::to_string(problem.line) + " " + problem.code + "\n";
  EXPECT_EQ(told, "B.md:4 primer\nA.md:2 primer\nC.md:1 primer\nREVIEW_AGENT_PRIMER.md:3 primer\n");
  EXPECT_TRUE(primer_problems(user_.path() / "absent", MemorySource(std::map<std::string, std::string>{})).empty());
}

TEST(Instructions, AreThoseOfTheRootAndAboveTheWriteSet) {
  const MemorySource files({{"AGENTS.md", "root"}, {"CLAUDE.md", "root"}, {"web/AGENTS.md", "web"}, {"web/ui/CLAUDE.md", "ui"}, {"api/AGENTS.md", "api"}, {"docs/AGENTS.md", " \n"}});
  std::vector<std::string> paths;
  for (const Instruction& one : instructions_of(files, {"web/ui/*.ts", "docs/a.md"})) paths.push_back(one.path);
  EXPECT_EQ(paths, (std::vector<std::string>{"AGENTS.md", "web/AGENTS.md", "web/ui/CLAUDE.md"}));
  const MemorySource large(std::map<std::string, std::string>{{"AGENTS.md", std::string(100000, 'x')}});
  EXPECT_NE(instructions_of(large, {})[0].text.find("read it before you begin"), std::string::npos);
}

TEST(Skills, AreNamedAndDescribed) {
  const MemorySource files({{".claude/skills/release/SKILL.md", "---\nname: release\ndescription: How a release is made.\n---\nTag first."}, {"skills/bare/SKILL.md", "Just text."}, {"SKILL.txt", "no"}});
  const auto skills = skills_of(files);
  ASSERT_EQ(skills.size(), 2u);
  EXPECT_EQ(skills[0].name, "bare");
  EXPECT_EQ(skills[1].description, "How a release is made.");
  EXPECT_NE(skills[1].text.find("Tag first."), std::string::npos);
}

}  // namespace
}  // namespace baton
