// Failures that somebody has said are known: which, why, who. Kept beside the verdicts (kept_acceptances.h), and laid over a report
// when it is handed out, so that what was judged stays as it was judged. One holds for the same test or finding failing in the same way
// against whatever base; failing otherwise it is a new failure. The verdict's word never changes by it. Any thread.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "orchestrator/verify_report.h"
#include "support/caller.h"

namespace baton {

// A failure as it is named: a test by its id or an end of it, or a finding by its place.
struct AcceptRequest {
  std::string verification;  // the report that shows it; empty: the last one
  std::string gate;          // empty: whichever has it
  std::string test;
  std::string path;          // of a finding
  int line = 0;              // 0: the only one of the file
  std::string message;       // empty: whatever it says
  std::string reason;
  bool withdraw = false;     // it is accepted no longer
};
nlohmann::json to_json(const AcceptRequest& request);
Result<AcceptRequest> accept_request_from_json(const nlohmann::json& json);

struct Acceptance {
  std::string gate;
  std::string test, status;  // of a test
  std::string path, code;    // of a finding
  std::string shape;         // what it said, less what differs from run to run
  std::string reason;
  Caller caller;
  std::int64_t unix_ms = 0;

  bool same_failure(const Acceptance& other) const;
};

nlohmann::json to_json(const Acceptance& acceptance);
Result<Acceptance> acceptance_from_json(const nlohmann::json& json);

// What the request is about, of what the report shows. It is an error when that is nothing, or more than one.
Result<Acceptance> acceptance_of(const VerifyReport& report, const AcceptRequest& request, const Caller& caller);

// Notes on each failure that was accepted, and the clause in the cause that says so.
void show_accepted(VerifyReport& report, const std::vector<Acceptance>& accepted);

}  // namespace baton
