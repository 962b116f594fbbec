// Marks: what a report says about places, ready to be carried to the text that the user sees. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lsp/position.h"
#include "orchestrator/verify_report.h"

namespace baton {

// From the judged tree, or for what vanished from the base.
enum class MarkSide { base, head };

struct Mark {
  std::string kind;      // "regression", "vanished", "added_failing", "newly_unstable", "finding", "compile_error", or an audit's kind
  Severity severity = Severity::error;
  std::string message;   // says it all by itself
  std::string gate, test;
  std::string path;      // relative to the root; empty or absolute: belongs to no file of the tree
  MarkSide side = MarkSide::head;
  int line = 0, column = 0, end_line = 0, end_column = 0;  // as in a Finding
  std::optional<AcceptedNote> accepted = {};
};

// A failure that a person may say is known.
bool can_be_accepted(const Mark& mark);

// Everything of a report that is worth a place, worst first, at most kMaxMarks. With `known` also what was there before.
inline constexpr std::size_t kMaxMarks = 2000;
struct Marks {
  std::vector<Mark> marks;
  std::size_t left_out = 0;  // marks beyond the bound
  std::size_t fresh = 0;     // findings that are new and say more than a failing test already does, those left out too
};
Marks marks_of(const VerifyReport& report, bool known = false);
std::size_t known_failures(const VerifyReport& report);

// Where each mark of one file is in `live`. `base`, `head`: that file in the two judged trees; empty text where absent.
struct PlacedMark {
  std::size_t index = 0;  // into the marks given
  Range range;
};
std::vector<PlacedMark> place_marks(const std::vector<Mark>& marks, std::string_view base, std::string_view head,
                                    std::string_view live, PositionEncoding encoding);

// One sentence: the verdict and what it rests on.
std::string verdict_sentence(const VerifyReport& report);

}  // namespace baton
