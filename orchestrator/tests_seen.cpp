#include "orchestrator/tests_seen.h"

#include <re2/re2.h>

#include <fstream>

namespace baton {
namespace {

constexpr std::size_t kMostAtOnce = 1u << 20;  // bytes of a log that are read in one look; the next one goes on
constexpr std::size_t kLongestKept = 64u << 10;

}  // namespace

int tests_in_line(std::string_view line) {
  static const RE2 kOne(
      R"(^\s*(?:not )?ok\b)"                                                        // TAP
      R"(|^\s*\d+/\d+ +Test +#\d+: )"                                               // ctest
      R"(|^test .* \.\.\. (?:ok|FAILED|ignored)|^\w.* \.\.\. (?:ok|FAIL|ERROR|skipped .*|expected failure)$)"  // libtest, unittest
      R"(|^\[ *(?:OK|FAILED|SKIPPED) *\] .*\(\d+ ms\))"                             // GoogleTest
      R"go(|^\s*--- (?:PASS|FAIL|SKIP): |"Action":"(?:pass|fail|skip)".*"Test":)go"
      R"(|^\s*(?:✓|✔|√|✗|✘|✖|×) | (?:PASSED|FAILED|SKIPPED|XFAIL|XPASS|ERROR) +\[ *\d+%\])");  // mocha, node, ava; pytest -v
  static const RE2 kSeveral(R"((?:^\s*(?:✓|❯|×) .*\(|Tests run: )(\d+)(?: tests?\b|,.* in ))");  // vitest, surefire: a file each
  static const RE2 kMarks(R"(^(?:\S+\.py )?([.FEsxX]+)(?: +\[ *\d+%\])?\s*$)");           // pytest, unittest: a mark each
  const re2::StringPiece text(line.data(), line.size());
  int counted = 0;
  if (RE2::PartialMatch(text, kSeveral, &counted)) return counted;
  re2::StringPiece marks;
  if (RE2::PartialMatch(text, kMarks, &marks)) return static_cast<int>(marks.size());
  return RE2::PartialMatch(text, kOne);
}

int TestsSeen::in(const std::filesystem::path& log) {
  if (log != log_) *this = TestsSeen(), log_ = log;
  std::ifstream file(log_, std::ios::binary);
  std::string fresh(kMostAtOnce, '\0');
  file.seekg(static_cast<std::streamoff>(read_));
  file.read(fresh.data(), static_cast<std::streamsize>(fresh.size()));
  fresh.resize(static_cast<std::size_t>(std::max<std::streamsize>(0, file.gcount())));
  read_ += fresh.size();
  last_line_ += fresh;
  std::size_t begin = 0;
  for (std::size_t end; (end = last_line_.find('\n', begin)) != last_line_.npos; begin = end + 1) {
    whole_lines_ += tests_in_line(std::string_view(last_line_).substr(begin, end - begin));
  }
  last_line_.erase(0, begin);
  if (last_line_.size() > kLongestKept) last_line_.clear();
  return whole_lines_ + tests_in_line(last_line_);
}

}  // namespace baton
