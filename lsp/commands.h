// The commands that show: doctor, the evidence, memory. Io thread; engine calls on the repository's worker.
#pragma once

#include <string>

#include "lsp/lanes.h"
#include "lsp/protocol.h"
#include "lsp/reply.h"

namespace baton {

class Commands {
 public:
  Commands(Desk& desk, Lanes& lanes) : desk_(desk), lanes_(lanes) {}

  void doctor(PlaceArguments arguments, std::string progress_token, Reply reply);
  void remark(Lane& lane);  // what is wrong with its primers, onto its board
  void open_evidence(EvidenceArguments arguments, std::string progress_token, Reply reply);
  void memory_usage(NoParams arguments, std::string progress_token, Reply reply);

 private:
  Desk& desk_;
  Lanes& lanes_;
};

}  // namespace baton
