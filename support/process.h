// One child process from start to the last of its descendants.
//
// Every child runs under `baton-shim` (support/shim): a child subreaper that holds a lifeline pipe to us, so that the whole
// tree dies when the time limit ends, when the caller cancels, when the command itself ends and leaves children behind, and
// when we are killed with SIGKILL. We never wait on a pipe that a descendant inherited: the shim says when the tree is gone.
//
// `run` blocks; call it on a pool or worker thread, never on the io thread. Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/result.h"

namespace baton {

using Environment = std::vector<std::pair<std::string, std::string>>;  // complete: nothing is inherited

struct ProcessSpec {
  std::vector<std::string> argv;       // argv[0] is looked up in PATH of `env`
  std::filesystem::path cwd;
  Environment env;
  std::string stdin_text;              // empty: /dev/null
  std::chrono::milliseconds timeout{std::chrono::minutes(10)};
  std::uint64_t max_output = 8u << 20;   // bytes of each stream kept in memory: the first and the last half of it
  std::filesystem::path output_file;     // when set: stdout and stderr, merged in order, are written here up to ...
  std::uint64_t max_output_file = 256u << 20;  // ... this many bytes; the process is never blocked, the rest is dropped and counted
  bool merge_stderr = false;             // stderr goes into `out` in the order it came
  std::uint64_t max_memory = 0;          // bytes of address space (RLIMIT_AS); 0 = no limit. Sanitizers need 0
  std::uint64_t max_file_size = 0;       // RLIMIT_FSIZE; 0 = no limit
  std::vector<std::string> inputs;       // small texts that the process can read from descriptors 3, 4, ... (at most 40)
  bool inner_shim = false;               // argv enters a sandbox and ends in a second shim there (set by sandbox.h)
  std::function<void(std::string_view)> on_output;  // called on run()'s thread with each chunk, either stream; must be quick
};

struct ProcessResult {
  std::optional<int> exit_code;     // absent when a signal ended it
  std::optional<int> signal;
  bool timed_out = false;
  bool cancelled = false;
  std::string start_error;          // not empty: it could not be started (errno text and argv[0]); exit_code is then 127 or 126
  std::string out, err;
  std::uint64_t output_bytes = 0;   // as printed
  bool truncated = false;           // something was dropped from `out`/`err` or the file
  int descendants_killed = 0;       // processes that the command left behind
  double seconds = 0;               // wall
  double cpu_seconds = 0;           // user + system of the whole tree

  bool success() const { return exit_code == 0 && !timed_out && !cancelled; }
};

// An Error only when our own machinery failed (no shim, no pipe); whatever the command did is in the result.
Result<ProcessResult> run(const ProcessSpec& spec, std::stop_token stop = {});

// The path of a program of this package that users do not call: in $BATON_LIBEXEC, else in libexec/ beside our executable, beside
// it (when it is one itself), or in ../libexec/baton/.
Result<std::filesystem::path> libexec_program(const std::string& name);
Result<std::filesystem::path> shim_path();  // `baton-shim`

// First match of `name` in a PATH string; `name` with a slash is checked as it is.
std::optional<std::filesystem::path> find_program(std::string_view name, std::string_view path);

// Our own environment as data; and one value of an Environment.
Environment current_environment();
std::optional<std::string> get(const Environment& env, std::string_view name);
void set(Environment& env, std::string name, std::string value);

}  // namespace baton
