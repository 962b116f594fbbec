// What baton-shim and its starter say to each other. Both are built from the same tree: plain structs over pipes.
//
// The starter calls `baton-shim run <inputs> <inner 0|1> <RLIMIT_AS> <RLIMIT_FSIZE> <cwd> <program> <argv...>` with
// stdin, stdout and stderr of the command at 0-2, the pipes below, and `inputs` descriptors from kFirstInputFd on,
// which the command sees from 3 on. Limits of 0 are none. Inside a sandbox, `baton-shim inside <cwd> <argv...>` is the
// last step before the command; it says over kInnerFd that the sandbox stands and why the command could not be started.
#pragma once

#include <cstdint>

namespace baton::shim {

constexpr int kControlFd = 3;  // read end: any byte or the end of the pipe is the order to kill everything
constexpr int kStatusFd = 4;   // write end: Reports
constexpr int kFirstInputFd = 5;
constexpr int kMaxInputs = 40;
constexpr int kInnerFd = 64;

enum class Kind : std::int32_t { started = 1, ended = 2 };
enum class Stage : std::int32_t { none, fork, cwd, limits, exec };

struct Report {
  Kind kind = Kind::started;
  std::int32_t main_pid = 0;
  Stage failed_stage = Stage::none;   // not none: the command did not start
  std::int32_t error = 0;             // errno of it
  std::int32_t wait_status = 0;       // of the command, as waitpid gives it
  std::int32_t ended_by_order = 0;    // the command was running when the order to kill came
  std::int32_t killed = 0;            // processes killed besides the command
  std::int32_t inner_reached = 0;     // the second shim ran: the sandbox stands
  std::int64_t cpu_microseconds = 0;  // of the whole tree
};

}  // namespace baton::shim
