#include "orchestrator/agents/acp_trouble.h"

#include <re2/re2.h>

namespace baton {

AcpTrouble trouble_of(const AcpFailure& failure) {
  if (failure.code == kAcpAuthRequired) return AcpTrouble::login;
  static const struct {
    AcpTrouble trouble;
    RE2 words;
  } kTable[] = {
      {AcpTrouble::too_long, RE2(R"((?i)context[_ ](?:length|window)|context of its model|prompt is too long|maximum context)")},
      {AcpTrouble::spent, RE2(R"((?i)\b402\b|payment required|insufficient[_ ](?:quota|funds|credit)|budget .*(?:spent|exceeded|exhausted))")},
      {AcpTrouble::busy, RE2(R"((?i)\b429\b|rate.?limit|too many requests|overloaded|\b529\b|quota (?:exceeded|reached))")},
      {AcpTrouble::key, RE2(R"((?i)\b401\b|\b403\b|unauthori[sz]ed|invalid[_ ](?:x-)?api[_ -]?key|incorrect api key|authentication (?:failed|error)|invalid (?:token|credentials)|token (?:is )?expired|missing environment variable)")},
      {AcpTrouble::model, RE2(R"((?i)model.{0,80}(?:not found|does not exist|not (?:supported|available)|unknown|invalid)|does not support (?:tools|function)|(?:unknown|invalid|unsupported|no such) model|ModelNotFound|\b404\b)")},
      {AcpTrouble::unreachable,
       RE2(R"((?i)ECONNREFUSED|ENOTFOUND|ETIMEDOUT|ECONNRESET|EAI_AGAIN|connection (?:refused|reset|error|failed)|(?:unable|cannot|could ?n.t|failed) to connect|fetch failed|network|error sending request|stream disconnected|timed? ?out|\b50[0234]\b|internal server error|service unavailable|bad gateway)")},
  };
  for (const auto& row : kTable) {
    if (RE2::PartialMatch(failure.message, row.words)) return row.trouble;
  }
  return AcpTrouble::other;
}

}  // namespace baton
