// What the CI of a workspace runs, as its files say it: GitHub Actions and GitLab CI. Read only, to learn which of the known
// tools a project uses and with which options; a line of a CI file is never run. Any thread.
#pragma once

#include <string>
#include <vector>

#include "orchestrator/file_source.h"

namespace baton {

// The script of one step. Expressions of the CI itself stand in it as they were written.
struct CiStep {
  std::string script;
  std::string cwd;     // relative to the root
  std::string source;  // ".github/workflows/ci.yml"
  std::string job;
};

// Of what judges a push or a pull request: not releases and schedules, not what may fail, not other systems' shells. A step
// that uses a known linter's action reads as that linter's command.
std::vector<CiStep> ci_steps(const FileSource& files);

}  // namespace baton
