// What is known of a report's failures: accepting one with a reason, and showing what was there before. Io thread; engine calls on
// the repository's worker.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "lsp/lanes.h"
#include "lsp/pending_reply.h"
#include "lsp/protocol.h"
#include "lsp/reply.h"

namespace baton {

class Known {
 public:
  Known(Desk& desk, Lanes& lanes) : desk_(desk), lanes_(lanes) {}

  // Without a reason the user is asked for one, where that does not stop the editor.
  void accept(AcceptArguments arguments, std::string progress_token, Reply reply);
  void show(ShowKnownArguments arguments, std::string progress_token, Reply reply);

 private:
  void ask_why(Lane& lane, const AcceptArguments& arguments, const Pending& answer);
  void accept_in(Lane& lane, const AcceptArguments& arguments, const Pending& answer);
  std::function<void()> told_anew(Lane& lane, std::vector<Lane::Told> told, std::vector<VerifyReport> reports, bool known) const;

  Desk& desk_;
  Lanes& lanes_;
};

}  // namespace baton
