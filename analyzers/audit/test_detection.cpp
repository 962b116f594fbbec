#include "analyzers/audit/test_detection.h"

#include <re2/re2.h>

#include "analyzers/audit/code_text.h"
#include "analyzers/audit/pattern.h"

namespace baton::audit {
namespace {

bool asks_a_name(std::string_view line) {
  static const RE2 kAsks("==|!=|is_some_and|is_none_or|is_ok_and|contains|starts_with|ends_with|matches!|HasSuffix|HasPrefix|Contains|strstr|strcmp|\\.find\\(|includes|startsWith|endsWith|match|\\.test\\(");
  return matches(line, kAsks);
}

// `#[cfg(not(test))]` on what computes; `#[cfg(test)]` on a statement. A module of tests, an import and a helper for tests are what the mark is for.
Detects compiled_for_tests(const std::vector<std::string_view>& lines, std::size_t at) {
  static const RE2 kMark("^#\\[cfg\\(((not|all|any)\\()*test\\b"), kWithout("^#\\[cfg\\(.*not\\(test\\b"), kAttribute("^(#!?\\[|//)"), kOfTheSystem("panic_handler|global_allocator|no_main|entry\\b|no_mangle|alloc_error_handler");
  static const RE2 kHarmless("^(pub(\\([^)]*\\))? )?(mod|use|extern crate)\\b|^(pub )?(async )?fn main\\b"), kItem("^(pub(\\([^)]*\\))?|unsafe|async|default|mod|use|fn|const|static|struct|enum|union|impl|trait|type|extern|macro_rules!)(\\s|$)"),
      kStatement("^(let|return|if|match|for|while|loop|unsafe)\\b|^\\{|;\\s*$|^[\\w.:()+*/ -]+$");
  if (at > 0 && matches(trimmed(lines[at - 1]), kMark)) --at;  // the mark may stand elsewhere in the file, and is no new line then
  if (!matches(trimmed(lines[at]), kMark)) return Detects::nothing;
  std::size_t next = at + 1;
  for (; next < lines.size() && (trimmed(lines[next]).empty() || matches(trimmed(lines[next]), kAttribute)); ++next) {
    if (matches(lines[next], kOfTheSystem)) return Detects::nothing;
  }
  if (next >= lines.size()) return Detects::nothing;
  const std::string_view item = trimmed(lines[next]);
  if (matches(trimmed(lines[at]), kWithout)) return matches(item, kHarmless) ? Detects::nothing : Detects::tests;
  return !matches(item, kItem) && matches(item, kStatement) ? Detects::tests : Detects::nothing;
}

Detects rust(const std::vector<std::string_view>& lines, std::size_t at, std::string_view text) {
  static const RE2 kThread("thread::current\\(\\)\\s*\\.name\\(\\)"), kSelf("\\bcurrent_exe\\(\\)|env::vars(_os)?\\(\\).*CARGO|env::var(_os)?\\(\\s*\"CARGO_"), kDeps("\"[^\"]*(deps|test)[^\"]*\"");
  const std::string_view line = lines[at];
  const auto tests = text.find("#[cfg(test)]\nmod ");  // the file's own, at its end
  if (tests != text.npos && line.data() > text.data() + tests) return compiled_for_tests(lines, at);
  if (matches(line, kThread) && asks_a_name(line)) return Detects::tests;
  if (matches(line, kSelf)) return matches(line, kDeps) && asks_a_name(line) ? Detects::tests : Detects::start;
  return compiled_for_tests(lines, at);
}

Detects go(std::string_view line, std::string_view text) {
  static const RE2 kNames("\"[^\"]*(_test(\\.go)?|\\.test|\\btesting\\.|tRunner)[^\"]*\"|\"-?test\\."), kAsked("\\bruntime\\.(Callers?|FuncForPC|Stack)\\b|\\bdebug\\.(Stack|ReadBuildInfo)\\b|\\bos\\.(Args|Executable)\\b"), kStart("\\bos\\.Args\\b|\\bos\\.Executable\\("),
      kPath("\\.Path\\s*(==|!=)"), kMain("(?m)^package main\\b");
  if (matches(line, kNames) && matches(text, kAsked)) return Detects::tests;
  if (matches(text, kMain)) return Detects::nothing;
  return matches(line, kStart) || (matches(line, kPath) && text.find("debug.ReadBuildInfo") != text.npos) ? Detects::start : Detects::nothing;
}

Detects javascript(std::string_view line) {
  static const RE2 kScript("process\\.argv\\b.*[\"'/`][^\"'`]*\\b(test|spec)\\b|process\\.execArgv\\b.*[\"'`/]-*\\w*test|\\bMODE\\b[\"'\\])]*\\s*(===?|!==?)\\s*[\"'`]test\\b|[\"'`]test[\"'`]\\s*(===?|!==?)\\s*[\\w.?]*\\b(MODE|NODE_ENV)\\b"), kStart("\\bstd(out|in|err)\\??\\.isTTY\\b|\\.test\\(\\s*process\\.argv\\[");
  static const RE2 kPattern("/\\.test\\(");  // a pattern is tried
  if (matches(line, kStart) && matches(line, kPattern)) return Detects::start;
  return matches(line, kScript) ? Detects::tests : matches(line, kStart) ? Detects::start : Detects::nothing;
}

Detects native(std::string_view line) {
  static const RE2 kFramework("(?i)testing|gtest|catch2?|doctest|boost.?test|unity"), kWeak("\\b(weak|dlsym|GetProcAddress)\\b"), kDeclared("^namespace testing\\b|\\btesting::UnitTest\\b"),
      kStart("\\bprogram_invocation(_short)?_name\\b|\\b__progname\\b|\\bgetprogname\\(|/proc/self/(exe|cmdline|comm)|\\bisatty\\("), kTest("\"[^\"]*test[^\"]*\"");
  if (matches(line, kWeak) && matches(line, kFramework)) return Detects::tests;
  if (matches(line, kDeclared)) return Detects::start;
  return !matches(line, kStart) ? Detects::nothing : matches(line, kTest) && asks_a_name(line) ? Detects::tests : Detects::start;
}

}  // namespace

Detects detects_tests(Language language, const std::vector<std::string_view>& lines, std::size_t at, std::string_view text) {
  switch (language) {
    case Language::rust: return rust(lines, at, text);
    case Language::go: return go(lines[at], text);
    case Language::javascript:
    case Language::typescript:
    case Language::tsx: return javascript(lines[at]);
    case Language::c:
    case Language::cpp: return native(lines[at]);
    default: return Detects::nothing;
  }
}

}  // namespace baton::audit
