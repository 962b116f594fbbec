// One gate, base against head: every test and every finding compared, and counted into what judge_gate needs.
// Pure but for the readers handed in; any thread.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "orchestrator/criteria.h"
#include "orchestrator/finding_match.h"
#include "orchestrator/gate.h"
#include "orchestrator/tries.h"
#include "orchestrator/verdict.h"
#include "orchestrator/verify_report.h"

namespace baton {

struct ComparisonInput {
  std::string gate;
  GateKind kind = GateKind::test;
  const Tries* base = nullptr;  // absent: not run on that side
  const Tries* head = nullptr;
  bool base_blocked = false;    // not run on the base because a gate it needs did not pass there
  bool head_blocked = false;    // the same on the head: its tests are `not_run`
  std::map<std::string, std::string> renamed_files;  // old path -> new path
  TextReader base_text, head_text;
  // What the audit has of the base's tests; asked where one is gone. Absent: nothing is known.
  std::function<const std::vector<AuditedTest>*()> audited = {};
};

struct Comparison {
  std::vector<TestVerdict> tests;        // by id
  std::vector<FindingVerdict> findings;  // of the head, in its order
  std::vector<FindingFate> fates;        // of the base's findings, in its order; none where a side was not looked at to its end
  GateInput gate;
};

Comparison compare(const ComparisonInput& input);

}  // namespace baton
