// Apart from the readers of tool output: a session names verdicts and reads none.
#include "analyzers/diagnose.h"

namespace baton {

std::string_view to_string(RunVerdict verdict) {
  switch (verdict) {
    case RunVerdict::pass: return "pass";
    case RunVerdict::fail: return "fail";
    case RunVerdict::vacuous: return "vacuous";
    case RunVerdict::env_fault: return "env_fault";
    case RunVerdict::timeout: return "timeout";
    case RunVerdict::crash: return "crash";
  }
  return "fail";
}

}  // namespace baton
