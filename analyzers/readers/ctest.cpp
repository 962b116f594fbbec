// ctest's text: its own lines count; what the tests printed between them is left to the other readers.
#include <algorithm>

#include "analyzers/readers/readers.h"
#include "analyzers/readers/test_ids.h"

namespace baton {
namespace {

// " 3/15 Test  #3: Vec.Throws .......***Failed    0.05 sec"
bool parse_result(const Reading& reading, std::string_view line, TestCase& out) {
  std::string_view text = trim_left(line);
  if (take_int(text) < 0 || !take_prefix(text, "/")) return false;
  if (take_int(text) < 0) return false;
  text = trim_left(text);
  if (!take_prefix(text, "Test ")) return false;
  text = trim_left(text);
  if (!take_prefix(text, "#") || take_int(text) < 0 || !take_prefix(text, ": ")) return false;
  // A name may hold blanks and dots: the status begins after the dots.
  size_t status_at = text.rfind(" sec");
  if (status_at == std::string_view::npos) return false;
  const std::string_view words = text.substr(0, status_at);
  const size_t seconds = words.find_last_not_of("0123456789.");
  if (seconds == std::string_view::npos) return false;
  out.seconds = to_double(words.substr(seconds + 1));
  std::string_view head = trim_right(words.substr(0, seconds + 1));
  size_t mark = head.rfind("***");
  std::string_view status;
  if (mark != std::string_view::npos) {
    status = head.substr(mark + 3);
    head = head.substr(0, mark);
  } else {
    for (const std::string_view word : {"Passed", "Failed", "Skipped"}) {
      if (head.size() > word.size() && head.substr(head.size() - word.size()) == word) {
        status = word;
        head = head.substr(0, head.size() - word.size());
        break;
      }
    }
    if (status.empty()) return false;
  }
  head = trim_right(head);
  while (!head.empty() && head.back() == '.') head.remove_suffix(1);
  out.id = reading.id(trim(head));
  status = trim(status);
  if (status == "Passed") {
    out.status = CaseStatus::passed;
  } else if (status == "Skipped" || status == "Not Run (Disabled)") {
    out.status = CaseStatus::skipped;
  } else {
    out.status = CaseStatus::failed;
    out.message = status;
  }
  return true;
}

}  // namespace

void read_ctest(Reading& reading, const Hits& hits) {
  const Text& text = reading.text;
  bool none = false, project = false;
  for (const size_t hit : hits) {
    const std::string_view line = trim_left(text.line(hit));
    project |= line.substr(0, 13) == "Test project ";
    none |= line.substr(0, 20) == "No tests were found!";
  }
  if (!project && !none) return;
  reading.recognised("ctest-text");
  Tally& tally = reading.tally("ctest");
  tally.outer = true;
  if (none) reading.nothing_ran = true;
  for (size_t i = 0; i < text.size(); ++i) {
    const std::string_view line = text.line(i);
    if (line.find("Test") == std::string_view::npos || line.size() > 1000) continue;
    TestCase test;
    if (parse_result(reading, line, test)) {
      const bool disabled = test.status == CaseStatus::skipped && line.find("(Disabled)") != std::string_view::npos;
      if (test.status == CaseStatus::failed && (test.message == "Not Run")) test.load_failure = true;
      (void)disabled;
      tally.add(std::move(test));
      reading.claim(i, i + 1);
    }
  }
  // What follows in the list of failures is a repetition.
  for (const size_t hit : hits)
    if (trim_left(text.line(hit)).substr(0, 27) == "The following tests FAILED:") {
      for (size_t i = hit; i < text.size() && !text.line(i).empty(); ++i) reading.claim(i, i + 1);
    }
  tally.count_cases();
}

}  // namespace baton
