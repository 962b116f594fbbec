#include "analyzers/context/source_kind.h"

#include <algorithm>
#include <array>
#include <string>

namespace baton {
namespace {

constexpr auto kCode = std::to_array<std::string_view>(
    {"astro", "bash", "c",   "cc",  "cjs", "clj", "cpp", "cs",  "cts", "cu",  "cuh", "cxx",   "d",   "dart", "el", "erl", "ex",  "exs",  "f90",   "fs",   "go",  "groovy", "h",
     "hh",    "hpp",  "hrl", "hs",  "hxx", "inl", "ipp", "java", "jl",  "jq",  "js",  "jsx",   "kt",  "kts",  "l",  "lua", "m",   "mjs",  "ml",    "mli",  "mm",  "mts",    "nim",
     "php",   "pl",   "pm",  "ps1", "py",  "pyi", "pyx", "r",    "rb",  "rs",  "sc",  "scala", "sh",  "svelte", "swift", "tpp", "ts", "tsx", "v", "vala", "vue", "y", "zig"});
constexpr auto kMarkup = std::to_array<std::string_view>({"avsc", "cmake", "css", "ejs", "erb", "graphql", "hbs", "htm", "html", "jinja", "jinja2", "less", "prisma", "proto", "sass", "scss",
                                                          "sql", "tf", "tmpl", "twig", "xsd"});
constexpr auto kDocument = std::to_array<std::string_view>({"adoc", "md", "mdx", "rst"});
constexpr auto kForeign = std::to_array<std::string_view>({".git", "__generated__", "__pycache__", "amalgamation", "bower_components", "dist", "extern", "external", "generated", "gen",
                                                           "node_modules", "single_include", "site-packages", "third-party", "third_party", "thirdparty", "vendor", "vendored", "venv"});
constexpr auto kTest = std::to_array<std::string_view>({"__mocks__", "__snapshots__", "__tests__", "cypress", "e2e", "fuzz", "fuzzing", "it", "mocks", "spec", "specs", "test",
                                                        "test-dts", "test_data", "testdata", "testing", "tests"});
constexpr auto kExample = std::to_array<std::string_view>({"bench", "benches", "benchmark", "benchmarks", "demo", "demos", "doc", "docs", "example", "examples", "playground",
                                                           "sample", "samples", "tutorial", "tutorials"});
constexpr auto kConfig = std::to_array<std::string_view>({"build.rs", "conf.py", "gruntfile.js", "gulpfile.js", "karma.conf.js", "noxfile.py", "setup.py", "tasks.py"});

template <class Words>
bool has(const Words& words, std::string_view word) { return std::find(words.begin(), words.end(), word) != words.end(); }

std::string lowered(std::string_view text) {
  std::string low(text);
  for (char& c : low) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return low;
}

bool ends_with_any(std::string_view text, std::initializer_list<std::string_view> ends) {
  return std::any_of(ends.begin(), ends.end(), [&](std::string_view end) { return text.ends_with(end); });
}

bool is_made_by_a_tool(std::string_view name) {
  return ends_with_any(name, {".min.js", ".min.css", ".bundle.js", "_pb2.py", "_pb2.pyi", "_pb2_grpc.py", ".pb.go", ".pb.gw.go", ".pb.h", ".pb.cc", "_pb.ts", "_pb.js", "_pb.d.ts",
                              ".g.dart", "_generated.go", ".generated.ts", ".designer.cs", "_string.go", ".connect.go", ".snap"});
}

bool is_test_name(std::string_view original, std::string_view name) {
  if (name.starts_with("test_") || name == "conftest.py" || name.starts_with("test-")) return true;
  const std::string_view stem = name.substr(0, name.rfind('.'));
  if (ends_with_any(stem, {"_test", "_tests", "-test", ".test", ".tests", ".spec", "_spec", ".test-d", ".bench"})) return true;
  const std::string_view cased = original.substr(0, original.rfind('.'));
  return cased.size() > 5 && ends_with_any(cased, {"Test", "Tests", "TestCase", "Spec"});
}

}  // namespace

SourceKind source_kind(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  const std::string_view original = slash == path.npos ? path : path.substr(slash + 1);
  const std::string name = lowered(original);
  const std::size_t dot = name.rfind('.');
  const std::string_view extension = dot == name.npos || dot == 0 ? std::string_view() : std::string_view(name).substr(dot + 1);
  SourceKind kind = has(kCode, extension) ? SourceKind::code : has(kMarkup, extension) ? SourceKind::markup : has(kDocument, extension) ? SourceKind::document : SourceKind::none;
  if (name == "makefile" || name == "dockerfile" || name == "cmakelists.txt") kind = SourceKind::config;
  if (kind == SourceKind::none || is_made_by_a_tool(name)) return SourceKind::none;
  bool test = false, example = false;
  for (std::size_t begin = 0; slash != path.npos && begin <= slash;) {
    const std::size_t end = path.find('/', begin);
    const std::string part = lowered(path.substr(begin, end - begin));
    if (has(kForeign, part)) return SourceKind::none;
    test = test || has(kTest, part) || part.ends_with("-tests") || part.ends_with("_tests");
    example = example || has(kExample, part);
    begin = end + 1;
  }
  if (kind == SourceKind::document) return kind;
  if (test || is_test_name(original, name)) return SourceKind::test;
  if (example) return SourceKind::example;
  if (has(kConfig, name) || name.find(".config.") != name.npos || extension == "cmake") return SourceKind::config;
  return kind;
}

}  // namespace baton
