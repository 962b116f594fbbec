// What a verification is asked for: the two trees, the gates as resolved, the criteria, and where it runs. Plain data, any thread.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "orchestrator/ci_environment.h"
#include "orchestrator/executor.h"
#include "orchestrator/lent_files.h"
#include "orchestrator/verification_plan.h"
#include "orchestrator/verify_report.h"

namespace baton {

// All that decides a verdict.
struct VerificationOrder {
  std::string id, actor;
  std::string asked_by;  // where a coding agent asks: "a process below claude"
  Judged base, head;  // the base without a commit: there is none, everything is new
  VerificationPlan plan;
  std::vector<std::string> criteria;
  std::optional<std::vector<std::string>> prove;  // tests for the criteria, red → green (engine.h)
  std::string task;  // what was asked for, for the audit; empty: not known
  bool task_by_agent = false;  // a coding agent says so: it may explain, and takes no test away
  bool audit = true;
  bool whole = true;  // no gates were named
  std::chrono::seconds mutants{0};  // how long mutants of the change are tried; 0: none
  std::vector<std::string> notes;
  LentFiles lent;
  bool quick = false, fresh = false, trusted_this_run = false;
  bool partial = false;  // the head lacks changes of the user's own
  std::map<std::string, std::vector<std::string>> suspects;  // quick: by gate, tests that the last verdict blamed
  Environment client_env;
  CiEnvironment environment;
  SandboxRung rung = SandboxRung::plain;
  std::string toolchain_digest;
};

// sha256 over base tree, head tree, gates as resolved, toolchain, environment, sandbox rung, lent files and what was asked for.
std::string verification_key(const VerificationOrder& verification);

// What a quick verdict looks at: the test gates and what they need, on the build that was kept from the last head. Without a
// test gate everything.
VerificationOrder quick_order(VerificationOrder verification);
// For what tools and environment a kept build is.
std::string kept_build_key(const VerificationOrder& verification);

}  // namespace baton
