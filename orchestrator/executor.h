// Where work runs. A job is data: a stable id, what to run, its limits; progress and one result come back. Asynchronous, and
// idempotent by job id: a second submit of an id that is running or done gives the same result. LocalExecutor runs it here,
// in the sandbox; other executors run it elsewhere behind the same face. Thread-safe; callbacks come on worker threads.
#pragma once

#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "support/process.h"
#include "support/sandbox.h"

namespace baton {

struct Job {
  std::string id;
  std::string label;        // for people: "base: ctest"
  ProcessSpec process;      // limits included
  SandboxPolicy sandbox;
  std::optional<SandboxRung> rung;   // absent: the best that works where it runs
  std::vector<std::string> secrets;  // names of environment variables that may be passed; values never leave the host's keeper
};

struct JobResult {
  ProcessResult process;
  SandboxRung rung = SandboxRung::plain;
};

class Executor {
 public:
  virtual ~Executor() = default;
  virtual std::shared_future<Result<JobResult>> submit(Job job, std::stop_token stop) = 0;
};

std::unique_ptr<Executor> local_executor(int slots);

}  // namespace baton
