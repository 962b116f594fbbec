// One verification as a worker does it: unsaved text found, the engine asked, the verdict made ready to be shown. Worker thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "lsp/board.h"
#include "lsp/lane.h"
#include "lsp/protocol.h"

namespace baton {

struct Judging {
  VerifyRequest request;           // without the unsaved text
  bool known = false;              // what was there before is shown, too
  std::vector<LiveText> live;      // open documents of the repository
};

struct JudgedResult {
  Lane::Told told;
  Marking marking;
  std::string page;                // path of evidence.md; empty when it could not be written
  std::vector<std::string> notes;  // for the user, each a sentence
  std::size_t left_out = 0;        // marks
};

// The unsaved text among `live`: what differs from the disk. `notes` says what could not be taken.
Overlay unsaved_text(const std::string& root, const std::vector<LiveText>& live, std::vector<std::string>& notes);

// A report with its page and its marks; with `known` also those of what was there before. `whole`: it was asked about all gates.
JudgedResult presented(Engine& engine, VerifyReport report, bool whole, const Environment& env, bool known = false);

Result<JudgedResult> judge(Engine& engine, const std::string& root, Judging judging, const ProgressSink& progress,
                           std::stop_token stop);

// Writes the page of a verification beside the repository's own files, or in the user's cache where those may not be written; gives
// its path. The oldest pages go when there are more than kMaxPages.
inline constexpr std::size_t kMaxPages = 200;
Result<std::string> write_page(const Engine& engine, const std::string& verification, const std::string& text, const Environment& env);
// The page of an earlier verification, where it is still there.
std::optional<std::string> find_page(const Engine& engine, const std::string& verification, const Environment& env);

}  // namespace baton
