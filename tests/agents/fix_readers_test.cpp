// Readers over what the real tools wrote about the sample files of tests/agents/fixes: their places, and the same text as the
// tool's own `--fix` makes. Recorded with clang-tidy 14.0.6, eslint 9, ruff 0.17.6 and clippy of Rust 1.95 in /home/baton/work/sample.
#include "orchestrator/agents/fix_readers.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "orchestrator/agents/llvm_yaml.h"
#include "support/json.h"
#include "tests/orchestrator/workshop.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

const fs::path kSamples = fs::path(BATON_SOURCE_DIR) / "tests/agents/fixes";

std::string sample(const std::string& path) { return read_file(kSamples / path).ok() ? *read_file(kSamples / path) : ""; }

FixSource source_in(const std::string& folder) {
  FixSource source;
  source.root = source.cwd = "/home/baton/work/sample/" + folder;
  source.text = [folder](const std::string& path) -> std::optional<std::string> {
    auto text = read_file(kSamples / folder / path);
    return text ? std::optional(*text) : std::nullopt;
  };
  return source;
}

std::string shown(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '\n' ? std::string("\\n") : c == '\r' ? std::string("\\r") : std::string(1, c);
  return out;
}

// "check path:line [offset+length→text ...]" a line.
std::string told(const std::vector<Fix>& fixes) {
  std::string text;
  for (const Fix& fix : fixes) {
    text += fix.check + " " + fix.path + ":" + std::to_string(fix.line);
    for (const FixEdit& edit : fix.edits) {
      text += " [" + (edit.path == fix.path ? "" : edit.path + " ") + std::to_string(edit.offset) + "+" + std::to_string(edit.length) + "→" + shown(edit.text) + "]";
    }
    text += "\n";
  }
  return text;
}

class FixReadersTest : public Workshop {
 protected:
  // The files of a sample with the fixes of the given checks (all when empty).
  void expect_as_tool(const std::string& folder, const std::vector<Fix>& all, const std::set<std::string>& checks, const std::vector<std::string>& files) {
    std::map<std::string, std::string> texts;
    for (const std::string& file : files) texts[file] = sample(folder + "/" + file);
    git({"config", "core.autocrlf", "false"});
    commit(texts);
    auto store = Store::open(*open_repository(at("repo")));
    std::vector<Fix> fixes;
    for (const Fix& fix : all) {
      if (checks.empty() || checks.contains(fix.check)) fixes.push_back(fix);
    }
    const auto fixed = apply_fixes(*store, *store->resolve_commit("HEAD"), fixes);
    ASSERT_TRUE(fixed.ok()) << fixed.error().message;
    EXPECT_TRUE(fixed->overlapping.empty()) << testing::PrintToString(fixed->overlapping);
    for (const std::string& file : files) {
      if (fs::exists(kSamples / folder / (file + ".fixed"))) EXPECT_EQ(*store->read(fixed->tree, file), sample(folder + "/" + file + ".fixed")) << file;
    }
  }
};

TEST_F(FixReadersTest, ClangTidy) {
  auto fixes = read_clang_tidy_fixes({sample("cpp/a.yaml"), sample("cpp/b.yaml")}, source_in("cpp"));
  ASSERT_TRUE(fixes.ok()) << fixes.error().message;
  std::vector<Fix> with_edits;
  for (const Fix& fix : *fixes) {
    if (!fix.edits.empty()) with_edits.push_back(fix);
  }
  // Headers once, though both files include them; bytes behind "ä😀"; the include that one finding brings is every one's.
  EXPECT_EQ(told(with_edits),
            "modernize-use-nullptr a.cpp:5 [90+1→nullptr]\n"
            "readability-braces-around-statements a.cpp:7 [145+0→ {] [169+0→\\n}]\n"
            "readability-braces-around-statements a.cpp:8 [156+0→ {] [169+0→\\n}]\n"
            "modernize-use-nullptr a.cpp:9 [167+1→nullptr]\n"
            "readability-braces-around-statements a.cpp:10 [199+0→ {] [221+0→\\n}]\n"
            "readability-braces-around-statements a.cpp:10 [206+0→ {] [212+0→} ]\n"
            "readability-braces-around-statements a.cpp:10 [216+0→ {] [221+0→\\n}]\n"
            "modernize-make-unique a.cpp:17 [15+0→#include <memory>\\n] [318+15→std::make_unique] [337+7→]\n"
            "modernize-make-unique a.cpp:22 [701+15→std::make_unique] [723+10→] [15+0→#include <memory>\\n]\n"
            "modernize-make-unique a.cpp:22 [745+15→std::make_unique] [767+10→] [15+0→#include <memory>\\n]\n"
            "hicpp-use-override h.h:4 [122+8→] [134+0→ override]\n"
            "hicpp-use-override h.h:4 [136+8→] [152+0→ override]\n"
            "hicpp-use-override h.h:4 [167+0→ override]\n"
            "modernize-use-nullptr h.h:4 [178+1→nullptr]\n"
            "modernize-use-nullptr h.h:5 [210+1→nullptr]\n");
  EXPECT_GT(fixes->size(), with_edits.size()) << "what it cannot mend is a finding too";
  std::set<std::string> ids;
  for (const Fix& fix : *fixes) EXPECT_TRUE(ids.insert(fix.id).second) << fix.id;
  EXPECT_TRUE(ids.contains("clang-tidy:modernize-use-nullptr:h.h:4:79")) << testing::PrintToString(ids);
  expect_as_tool("cpp", *fixes, {}, {"a.cpp", "h.h"});
}

TEST_F(FixReadersTest, ClangTidyOfAFileThatClangCannotCompile) {
  const std::string broken = sample("cpp/b.yaml") + "  - DiagnosticName:  clang-diagnostic-error\n    DiagnosticMessage:\n      Message:         no such type\n      FilePath:        '" +
                             source_in("cpp").root + "/b.cpp'\n      FileOffset:      3\n      Replacements:    []\n    Level:           Error\n";
  std::string text = broken;
  text.erase(text.find("...\n"), 4);
  auto fixes = read_clang_tidy_fixes({text}, source_in("cpp"));
  ASSERT_TRUE(fixes.ok()) << fixes.error().message;
  EXPECT_EQ(told(*fixes), "");
}

TEST_F(FixReadersTest, Eslint) {
  auto fixes = read_eslint_fixes({sample("js/eslint.json")}, source_in("js"));
  ASSERT_TRUE(fixes.ok()) << fixes.error().message;
  // UTF-16 units behind a byte-order mark and an emoji; the mark itself at -1.
  EXPECT_NE(told(*fixes).find("unicode-bom bom.js:1 [0+3→]"), std::string::npos) << told(*fixes);
  EXPECT_NE(told(*fixes).find("eqeqeq bom.js:2\n"), std::string::npos) << told(*fixes);
  EXPECT_NE(told(*fixes).find("semi crlf.js:2 [53+0→;]"), std::string::npos) << told(*fixes);
  expect_as_tool("js", *fixes, {"no-var", "semi", "quotes", "unicode-bom"}, {"bom.js", "crlf.js"});
}

TEST_F(FixReadersTest, Ruff) {
  auto fixes = read_ruff_fixes({sample("py/ruff.json")}, source_in("py"));
  ASSERT_TRUE(fixes.ok()) << fixes.error().message;
  // Only what is safe; characters, not bytes.
  EXPECT_NE(told(*fixes).find("E711 bom.py:3\n"), std::string::npos) << told(*fixes);
  EXPECT_NE(told(*fixes).find("invalid-syntax bad.py:1\n"), std::string::npos) << told(*fixes);
  expect_as_tool("py", *fixes, {"F401", "F541"}, {"bom.py", "crlf.py"});
}

TEST_F(FixReadersTest, Clippy) {
  auto fixes = read_clippy_fixes({sample("rs/clippy.json")}, source_in("rs"));
  ASSERT_TRUE(fixes.ok()) << fixes.error().message;
  // Reported for the library and for its tests, and once here; what is not MachineApplicable has no edits; bytes with \r.
  EXPECT_EQ(told(*fixes),
            "clippy::needless_return src/crlf.rs:3 [48+21→x.unwrap_or(0)] [69+1→]\n"
            "unused_imports src/lib.rs:3 [27+31→]\n"
            "clippy::ptr_arg src/lib.rs:4\n"
            "clippy::len_zero src/lib.rs:6 [149+12→v.is_empty()]\n"
            "clippy::needless_range_loop src/lib.rs:7\n"
            "clippy::single_char_add_str src/lib.rs:8 [233+15→t.push('x')]\n"
            "clippy::needless_return src/lib.rs:10 [289+27→y == \"a\".to_string()] [316+1→]\n"
            "clippy::cmp_owned src/lib.rs:10 [301+15→\"a\"]\n"
            "unused_variables src/lib.rs:13 [366+1→_x]\n"
            "clippy::needless_return src/lib.rs:13 [406+7→] [413+2→]\n");
  expect_as_tool("rs", *fixes, {"clippy::needless_return"}, {"src/crlf.rs", "src/lib.rs"});
}

TEST_F(FixReadersTest, WhatIsNoOutputOfTheToolSaysSo) {
  EXPECT_FALSE(read_eslint_fixes({"{}"}, source_in("js")).ok());
  EXPECT_FALSE(read_eslint_fixes({"not json"}, source_in("js")).ok());
  EXPECT_FALSE(read_ruff_fixes({"{}"}, source_in("py")).ok());
  EXPECT_FALSE(read_clang_tidy_fixes({"- 'open"}, source_in("cpp")).ok());
  EXPECT_EQ(read_clippy_fixes({"   Compiling x\n{\"reason\": \"build-finished\"}\n{broken\n"}, source_in("rs"))->size(), 0u);
  EXPECT_EQ(read_clang_tidy_fixes({""}, source_in("cpp"))->size(), 0u);
  // Files of nobody, ranges that do not fit, and ranges inside a character.
  for (const char* range : {"[0, 9999]", "[5, 2]", "[10, 12]", "[\"a\", 2]"}) {
    const std::string text = R"([{"filePath": "/home/baton/work/sample/js/crlf.js", "messages": [{"ruleId": "semi", "line": 1, "column": 1, "message": "m", "fix": {"range": )" +
                             std::string(range) + R"(, "text": "x"}}]}, {"filePath": "/etc/passwd", "messages": [{"ruleId": "semi", "line": 1, "column": 1, "message": "m"}]}])";
    auto fixes = read_eslint_fixes({text}, source_in("js"));
    ASSERT_TRUE(fixes.ok());
    EXPECT_EQ(told(*fixes), "semi crlf.js:1\n") << range;
  }
}

TEST(LlvmYaml, WhatItsWritersWrite) {
  const std::pair<const char*, const char*> kCases[] = {
      {"---\nA:  b\nC:\n  - D: e\n    F:    []\n  - D: ''\n...\n", R"({"A":"b","C":[{"D":"e","F":[]},{"D":""}]})"},
      {"A: 'it''s'\nB: \"x\\n\\\"y\\x41\\u00e4\"\n", R"({"A":"it's","B":"x\n\"yAä"})"},
      {"A: 'two\n\nlines'\n", R"({"A":"two\nlines"})"},
      {"A:\n- x\n- 'y'\n", R"({"A":["x","y"]})"},
      {"A: with: colon\n", R"({"A":"with: colon"})"},
      {"A: 1\r\nB: 2\r\n", R"({"A":"1","B":"2"})"},
      {"", "{}"},
  };
  for (const auto& [text, expected] : kCases) {
    const auto read = parse_llvm_yaml(text);
    ASSERT_TRUE(read.ok()) << text << read.error().message;
    EXPECT_EQ(dump_json(*read), expected) << text;
  }
  std::string deep;
  for (int i = 0; i < 1000; ++i) deep += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  EXPECT_FALSE(parse_llvm_yaml(deep).ok());
  for (const char* bad : {"A: 'open", "A: \"open", "just words\n", "A: \"\\xzz\"\n"}) EXPECT_FALSE(parse_llvm_yaml(bad).ok()) << bad;
}

TEST(FormattingFix, OneFixAFileAnEditARun) {
  const std::string before = "a\nb\nc\nd\ne", after = "a\nB\nc\nd\ne\n";
  const auto fix = formatting_fix("prettier", "x.js", before, after);
  ASSERT_TRUE(fix.has_value());
  EXPECT_EQ(told({*fix}), "prettier x.js:2 [2+2→B\\n] [8+1→e\\n]\n");
  EXPECT_FALSE(formatting_fix("prettier", "x.js", before, before).has_value());
  EXPECT_EQ(told({*formatting_fix("t", "x", "", "a\n")}), "t x:1 [0+0→a\\n]\n");
  EXPECT_EQ(told({*formatting_fix("t", "x", "a\r\nb\r\n", "a\nb\n")}), "t x:1 [0+6→a\\nb\\n]\n");
}

}  // namespace
}  // namespace baton
