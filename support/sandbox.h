// The box a command of the repository runs in. Rung 1 is bubblewrap: own pid, ipc, uts, cgroup and (unless `network`) net
// namespace with loopback up, all capabilities dropped, system folders read-only, a private /tmp and HOME, seccomp filter.
// Rung 2, where namespaces are forbidden, is Landlock and the same filter: files outside the policy can be neither read nor written,
// but paths are the host's own, the network is open, and what is masked inside a bind shows. The plain rung is a child with a scrubbed
// environment, and is marked "not isolated" wherever its results show.
// Which rung works is probed by running it once per process, never by looking for the binary. Thread-safe.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "support/process.h"
#include "support/result.h"

namespace baton {

enum class SandboxRung { bubblewrap, landlock, plain };
std::string_view to_string(SandboxRung rung);  // "bubblewrap", "landlock", "not isolated"

struct BindMount {
  std::filesystem::path source;  // on the host
  std::filesystem::path target;  // inside; usually the same
  bool writable = false;
};

struct SandboxPolicy {
  std::vector<BindMount> binds;              // besides the system folders (/usr /bin /lib* /etc parts, read-only)
  std::vector<std::filesystem::path> masked; // hidden even when a bind covers them (runtime directory, keys)
  std::filesystem::path home;                // private HOME: an existing empty folder, bound writable
  std::filesystem::path home_source = {};    // the folder that is bound there in its place; empty: the same
  std::filesystem::path tmp;                 // private /tmp: an existing folder, bound writable at /tmp
  bool network = false;
};

// The best rung that works here. `BATON_SANDBOX` forces a lower one: `plain`, or `landlock` where that works.
SandboxRung probe_sandbox();
// Why it is not bubblewrap, in one sentence; empty when it is.
std::string sandbox_problem();

// Wraps argv so that it runs under the policy on that rung, in the spec's cwd and environment (HOME and TMPDIR set). Call it
// last: argv, cwd, env and inputs of what it returns belong to the wrapping. The more specific path wins where binds and masks
// meet, whatever their order. On the other rungs paths are the host's own (a bind's source counts), nothing is masked.
Result<ProcessSpec> sandboxed(ProcessSpec spec, const SandboxPolicy& policy, SandboxRung rung);

// Toolchain folders reached from the user's PATH (nvm, rustup, cargo, pyenv, ~/go, ~/.local/bin, /opt, ...), to be bound
// read-only so that the user's own tools run inside. Symlinks are followed; credential folders are never among them.
std::vector<BindMount> toolchain_binds(const Environment& user_env);

// Variables by which toolchain managers find those folders when HOME is another (RUSTUP_HOME, PYENV_ROOT, JAVA_HOME, ...): the
// user's own values, or where the default folder lies. To be added to the environment of what runs inside.
Environment toolchain_environment(const Environment& user_env);

}  // namespace baton
