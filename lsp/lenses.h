// What an editor shows above functions: that one is changed and not judged yet, what the last verdict says of it, and on a file of
// tests how they went. The outline comes from the engine, asked on a thread of its own: an answer is what is known within a moment,
// older or nothing where the engine is slow, and the client asks again when more is known. Io thread.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "lsp/lanes.h"
#include "lsp/lines.h"
#include "lsp/protocol.h"
#include "lsp/reply.h"

namespace baton {

class Lenses {
 public:
  static constexpr std::size_t kMax = 100;  // of one document

  Lenses(Desk& desk, Lanes& lanes) : desk_(desk), lanes_(lanes) {}

  void lenses(CodeLensParams params, Reply reply);
  // The same for clients that show no lenses.
  std::vector<nlohmann::json> actions(Lane& lane, const Document& document, Range range);
  void refresh();     // what is shown is no longer so
  void base_moved();  // nor what the outlines were compared with
  bool finish(std::chrono::steady_clock::time_point deadline) { return worker_.finish(deadline); }

 private:
  struct Seen {
    std::shared_ptr<const FileOutline> outline;  // the last one that came
    EditorLines lines;                           // of its text
    std::uint64_t change = 0;                    // of the document, when it was asked for
    std::chrono::steady_clock::time_point when{};
    bool asked = false;                          // another is on its way
    bool late = false;                           // and somebody has been answered without it
    bool outdated = false;                       // and what it is compared with has moved since
    std::list<std::shared_ptr<Reply>> waiting;
  };

  bool is_fresh(const Seen& seen, const Document& document) const;
  void ask(Lane& lane, const Document& document, const std::string& path, Seen& seen);
  void came(const std::string& uri, std::uint64_t change, const std::string& path, Result<FileOutline> outline, EditorLines lines);
  void answer(const std::string& uri, Seen& seen);

  Desk& desk_;
  Lanes& lanes_;
  std::map<std::string, Seen> seen_;  // by URI
  std::size_t asked_ = 0;
  bool refreshing_ = false;
  Worker worker_;
};

}  // namespace baton
