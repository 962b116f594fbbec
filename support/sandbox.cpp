#include "support/sandbox.h"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <sstream>

#include "support/files.h"
#include "support/log.h"
#include "support/path_order.h"
#include "support/seccomp_filter.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSystemFolders[] = {"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"};
// Stores of whole systems beside /usr; nothing in them is secret.
constexpr const char* kStores[] = {"/nix/store", "/gnu/store"};
// What programs read below /etc to run at all. Nothing that holds passwords, keys or a site's own set-up.
constexpr const char* kEtcFiles[] = {"ld.so.cache", "ld.so.conf", "nsswitch.conf", "hosts",          "host.conf",
                                     "hostname",    "localtime",  "timezone",      "os-release",     "mime.types",
                                     "protocols",   "services",   "locale.conf",   "ssl/openssl.cnf"};
constexpr const char* kEtcFolders[] = {"ld.so.conf.d", "alternatives",  "fonts",        "xml",      "maven",
                                       "ssl/certs",    "pki/tls/certs", "pki/ca-trust", "pki/java", "crypto-policies"};
constexpr const char* kEtcPrefixes[] = {"java", "python", "php", "perl", "ruby", "ImageMagick", "dotnet"};
constexpr const char* kEtcForNetwork[] = {"resolv.conf", "gai.conf"};
constexpr const char* kDevices[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/dev/ptmx", "/dev/pts", "/dev/shm"};
constexpr std::uint64_t kMaxCopied = 1u << 20;
constexpr const char* kShimInside = "/run/baton/baton-shim";

constexpr int kSeccompFd = 3;
constexpr int kArgumentsFd = 4;
constexpr int kFirstDataFd = 5;

// One mount of the box. Parents come before children, so that the more specific wins.
struct Mount {
  fs::path target;
  std::vector<std::string> arguments;
  bool mask = false;
};

class Box {
 public:
  explicit Box(const SandboxPolicy& policy) : policy_(policy) {}

  Status fill(const fs::path& shim) {
    add_system();
    add_etc();
    add({"/tmp", policy_.tmp.empty() ? Args{"--tmpfs", "/tmp"} : Args{"--bind", policy_.tmp.string(), "/tmp"}});
    add({policy_.home, {"--bind", home_source().string(), policy_.home.string()}});
    for (const BindMount& bind : policy_.binds) {
      std::error_code error;
      if (!bind.target.is_absolute() || !bind.source.is_absolute())
        return Error{ErrorKind::internal, "A bind mount needs absolute paths: " + bind.source.string()};
      if (!fs::exists(bind.source, error))
        return Error{ErrorKind::precondition, bind.source.string() + " is to be seen in the sandbox but is not there."};
      const fs::path target = normal(bind.target);
      add({target, {bind.writable ? "--bind" : "--ro-bind", bind.source.string(), target.string()}});
    }
    add({kShimInside, {"--ro-bind", shim.string(), kShimInside}});
    add_masks();
    return done();
  }

  // Arguments of the mounts in order, then the lock on what must stay empty.
  void append_to(std::vector<std::string>& args) {
    std::stable_sort(mounts_.begin(), mounts_.end(), [](const Mount& a, const Mount& b) {
      if (a.target != b.target)
        return std::lexicographical_compare(a.target.begin(), a.target.end(), b.target.begin(), b.target.end());
      return a.mask < b.mask;
    });
    for (const Mount& mount : mounts_) args.insert(args.end(), mount.arguments.begin(), mount.arguments.end());
    for (const fs::path& path : locked_) args.insert(args.end(), {"--remount-ro", path.string()});
    args.insert(args.end(), {"--remount-ro", "/"});
  }

  std::vector<std::string> take_data() { return std::move(data_); }

 private:
  using Args = std::vector<std::string>;

  const fs::path& home_source() const { return policy_.home_source.empty() ? policy_.home : policy_.home_source; }

  void add(Mount mount) { mounts_.push_back(std::move(mount)); }

  void add_read_only(const fs::path& path) {
    std::error_code error;
    if (fs::exists(path, error)) add({path, {"--ro-bind", path.string(), path.string()}});
  }

  // A mount costs a millisecond, a copy next to nothing.
  void add_copy(const fs::path& target, std::string text) {
    const std::string fd = std::to_string(kFirstDataFd + static_cast<int>(data_.size()));
    add({target, {"--perms", "0444", "--file", fd, target.string()}});
    data_.push_back(std::move(text));
  }

  void add_copy_of(const fs::path& path) {
    if (auto text = read_file(path, kMaxCopied)) add_copy(path, *std::move(text));
  }

  void add_system() {
    for (const char* folder : kSystemFolders) {
      std::error_code error;
      if (fs::is_symlink(folder, error)) {
        add({folder, {"--symlink", fs::read_symlink(folder, error).string(), folder}});
      } else {
        add_read_only(folder);
      }
    }
    for (const char* store : kStores) add_read_only(store);
    add({"/proc", {"--proc", "/proc"}});
    add({"/dev", {"--dev", "/dev"}});
    add({"/run", {"--tmpfs", "/run"}});
    add({"/var/tmp", {"--symlink", "../tmp", "/var/tmp"}});
    add({"/var/run", {"--symlink", "../run", "/var/run"}});
    // How many processors and how much memory there are: runtimes size themselves by it.
    add_read_only("/sys/devices/system/cpu");
    add_read_only("/sys/fs/cgroup");
  }

  void add_etc() {
    for (const BindMount& bind : policy_.binds)
      if (below("/etc", normal(bind.target))) return;
    const fs::path etc = "/etc";
    for (const char* name : kEtcFiles) add_copy_of(etc / name);
    for (const char* name : kEtcFolders) add_read_only(etc / name);
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(etc, error)) {
      const std::string name = entry.path().filename().string();
      for (const char* prefix : kEtcPrefixes)
        if (name.starts_with(prefix) && entry.is_directory(error)) add_read_only(entry.path());
    }
    if (policy_.network)
      for (const char* name : kEtcForNetwork) add_copy_of(etc / name);
    add_copy("/etc/passwd", passwd());
    add_copy("/etc/group", group());
    add({"/etc/mtab", {"--symlink", "/proc/self/mounts", "/etc/mtab"}});
  }

  // The system's own accounts, and this user with the private home. Nobody else's name.
  std::string passwd() const {
    std::ostringstream text;
    const uid_t self = ::geteuid();
    for_each_line("/etc/passwd", [&](const std::string& line, unsigned id) {
      if (id < kFirstPerson && id != self) text << line << '\n';
    });
    if (self != 65534) text << "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n";
    text << user_name() << ":x:" << self << ':' << ::getegid() << "::" << policy_.home.string() << ":/bin/sh\n";
    return text.str();
  }

  std::string group() const {
    std::ostringstream text;
    for_each_line("/etc/group", [&](const std::string& line, unsigned id) {
      if (id < kFirstPerson && id != ::getegid()) text << line.substr(0, line.rfind(':')) << ":\n";
    });
    text << user_name() << ":x:" << ::getegid() << ":\n";
    return text.str();
  }

  static std::string user_name() {
    if (::geteuid() == 0) return "root";
    std::vector<char> buffer(16384);
    struct passwd entry {};
    struct passwd* found = nullptr;
    if (::getpwuid_r(::geteuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found && found->pw_name)
      return found->pw_name;
    return "user";
  }

  template <class Visit>
  static void for_each_line(const char* path, Visit visit) {
    const auto text = read_file(path, 1u << 20);
    if (!text) return;
    std::istringstream lines(*text);
    for (std::string line; std::getline(lines, line);) {
      const auto name_end = line.find(':');
      const auto id_begin = name_end == line.npos ? line.npos : line.find(':', name_end + 1);
      if (id_begin == line.npos || line[0] == '#' || line[0] == '+') continue;
      visit(line, static_cast<unsigned>(std::strtoul(line.c_str() + id_begin + 1, nullptr, 10)));
    }
  }

  // Wherever a bind would show what is to be hidden.
  void add_masks() {
    for (const fs::path& masked : policy_.masked) {
      std::error_code error;
      const fs::path host = normal(masked);
      const fs::path real = fs::weakly_canonical(host, error);
      hide_if_covered(host, host, home_source(), policy_.home);
      for (const char* folder : kSystemFolders) hide_if_covered(host, host, folder, folder);
      for (const BindMount& bind : policy_.binds) {
        hide_if_covered(host, host, bind.source, bind.target);
        hide_if_covered(real, host, fs::weakly_canonical(bind.source, error), bind.target);
      }
    }
  }

  void hide_if_covered(const fs::path& path, const fs::path& host, const fs::path& source, const fs::path& target) {
    const fs::path from = normal(source);
    std::error_code error;
    if (!below(path, from) || !fs::exists(host, error)) return;
    const fs::path inside = path == from ? normal(target) : normal(target) / path.lexically_relative(from);
    for (const Mount& mount : mounts_)
      if (mount.mask && mount.target == inside) return;
    if (fs::is_directory(host, error)) {
      add({inside, {"--perms", "0555", "--tmpfs", inside.string()}, true});
      locked_.push_back(inside);
    } else {
      add({inside, {"--ro-bind", "/dev/null", inside.string()}, true});
    }
  }

  static constexpr unsigned kFirstPerson = 1000;
  const SandboxPolicy& policy_;
  std::vector<Mount> mounts_;
  std::vector<fs::path> locked_;
  std::vector<std::string> data_;
};

// The same policy as rules for files. No mounts: the host's own files at their own places, as far as they are named.
std::string landlock_rules(const SandboxPolicy& policy) {
  std::string rules;
  const auto add = [&rules](char kind, const fs::path& path) {
    rules += kind;
    rules += path.string();
    rules += '\0';
  };
  for (const char* folder : kSystemFolders) add('r', folder);
  for (const char* store : kStores) add('r', store);
  for (const char* path : {"/proc", "/sys/devices/system/cpu", "/sys/fs/cgroup"}) add('r', path);
  for (const char* device : kDevices) add('w', device);
  const fs::path etc = "/etc";
  for (const char* name : kEtcFiles) add('r', etc / name);
  for (const char* name : kEtcFolders) add('r', etc / name);
  for (const char* name : kEtcForNetwork) add('r', etc / name);
  for (const char* name : {"passwd", "group", "mtab"}) add('r', etc / name);
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(etc, error)) {
    const std::string name = entry.path().filename().string();
    for (const char* prefix : kEtcPrefixes)
      if (name.starts_with(prefix) && entry.is_directory(error)) add('r', entry.path());
  }
  add('w', policy.home);
  if (!policy.tmp.empty()) add('w', policy.tmp);
  for (const BindMount& bind : policy.binds) add(bind.writable ? 'w' : 'r', bind.source);
  return rules;
}

Result<ProcessSpec> in_landlock(ProcessSpec spec, const SandboxPolicy& policy) {
  auto shim = shim_path();
  if (!shim) return shim.error();
  auto filter = seccomp_filter();
  if (!filter) return filter.error();
  if (!spec.inputs.empty()) return Error{ErrorKind::internal, "A sandboxed process cannot have inputs of its own."};
  if (spec.cwd.empty()) return Error{ErrorKind::internal, "A sandboxed process needs a folder to run in."};
  set(spec.env, "GIT_CONFIG_NOSYSTEM", "1");  // there and not to be read is a failure where not there is none
  spec.inputs = {*filter, landlock_rules(policy)};
  std::vector<std::string> argv{shim->string(), "held", spec.cwd.string()};
  argv.insert(argv.end(), spec.argv.begin(), spec.argv.end());
  spec.argv = std::move(argv);
  spec.inner_shim = true;
  return spec;
}

std::optional<fs::path> bubblewrap() {
  const char* const path = std::getenv("PATH");
  return find_program("bwrap", std::string(path ? path : "") + ":/usr/bin:/usr/local/bin:/bin");
}

// Each argument ends with a zero byte: read by `bwrap --args`, so that values of the environment show in no process
// list and act on nothing outside the box.
std::string zero_terminated(const std::vector<std::string>& args) {
  std::string text;
  for (const std::string& arg : args) {
    text += arg;
    text += '\0';
  }
  return text;
}

Result<ProcessSpec> in_bubblewrap(ProcessSpec spec, const SandboxPolicy& policy) {
  const auto bwrap = bubblewrap();
  if (!bwrap) return Error{ErrorKind::missing_tool, "bwrap is not installed; install bubblewrap."};
  auto shim = shim_path();
  if (!shim) return shim.error();
  auto filter = seccomp_filter();
  if (!filter) return filter.error();
  if (!spec.inputs.empty()) return Error{ErrorKind::internal, "A sandboxed process cannot have inputs of its own."};
  if (spec.cwd.empty()) return Error{ErrorKind::internal, "A sandboxed process needs a folder to run in."};

  Box box(policy);
  if (auto filled = box.fill(*shim); !filled) return filled.error();
  std::vector<std::string> args{"--unshare-all", "--die-with-parent", "--new-session",           "--cap-drop",
                                "ALL",           "--seccomp",         std::to_string(kSeccompFd)};
  if (policy.network) args.push_back("--share-net");
  box.append_to(args);
  args.push_back("--clearenv");
  for (const auto& [name, value] : spec.env) args.insert(args.end(), {"--setenv", name, value});
  args.insert(args.end(), {"--chdir", "/"});

  spec.inputs = {*filter, zero_terminated(args)};
  for (std::string& text : box.take_data()) spec.inputs.push_back(std::move(text));
  std::vector<std::string> argv{bwrap->string(), "--args",         std::to_string(kArgumentsFd), "--", kShimInside,
                                "inside",        spec.cwd.string()};
  argv.insert(argv.end(), spec.argv.begin(), spec.argv.end());
  spec.argv = std::move(argv);
  spec.env = {{"PATH", "/usr/bin:/bin"}};
  spec.cwd = "/";
  spec.inner_shim = true;
  return spec;
}

struct Probe {
  SandboxRung rung = SandboxRung::plain;
  std::string problem;
};

// Landlock does what it is for: its own folder can be written, the one beside it not.
bool landlock_holds() {
  auto folder = TemporaryFolder::make(fs::temp_directory_path(), "baton-probe-");
  if (!folder) return false;
  SandboxPolicy policy;
  policy.home = folder->path() / "home";
  if (!make_folder(policy.home)) return false;
  ProcessSpec spec;
  spec.argv = {"sh", "-c", "echo x > one && mv one two && ! (echo x > ../three) 2>/dev/null"};
  spec.cwd = policy.home;
  spec.env = {{"PATH", "/usr/bin:/bin"}};
  spec.timeout = std::chrono::seconds(20);
  const auto boxed = sandboxed(spec, policy, SandboxRung::landlock);
  const auto result = boxed ? run(*boxed) : Result<ProcessResult>(boxed.error());
  std::error_code error;
  return result && result->success() && !fs::exists(folder->path() / "three", error);
}

// Runs the real thing once: a namespace may be refused by the kernel, the distribution or the container around us.
Probe probe_bubblewrap() {
  auto folder = TemporaryFolder::make(fs::temp_directory_path(), "baton-probe-");
  if (!folder) return {SandboxRung::plain, folder.error().message};
  ProcessSpec spec;
  spec.argv = {"true"};
  spec.cwd = folder->path();
  spec.env = {{"PATH", "/usr/bin:/bin"}};
  spec.timeout = std::chrono::seconds(20);
  SandboxPolicy policy;
  policy.home = folder->path();
  auto boxed = sandboxed(spec, policy, SandboxRung::bubblewrap);
  if (!boxed) return {SandboxRung::plain, boxed.error().message};
  auto result = run(*boxed);
  if (!result) return {SandboxRung::plain, result.error().message};
  if (result->success()) return {SandboxRung::bubblewrap, ""};
  if (!result->start_error.empty()) return {SandboxRung::plain, result->start_error};
  return {SandboxRung::plain, "bwrap cannot make a sandbox here: " + result->err.substr(0, result->err.find('\n'))};
}

Probe probe() {
  const char* const variable = std::getenv("BATON_SANDBOX");
  const std::string_view wanted = variable ? variable : "";
  if (wanted == "plain") return {SandboxRung::plain, "BATON_SANDBOX=plain is set."};
  Probe found = wanted == "landlock" ? Probe{SandboxRung::plain, "BATON_SANDBOX=landlock is set."} : probe_bubblewrap();
  if (found.rung == SandboxRung::plain && landlock_holds()) found.rung = SandboxRung::landlock;
  return found;
}

const Probe& probed() {
  static const Probe only = [] {
    Probe found = probe();
    if (found.rung == SandboxRung::plain) log(LogLevel::info, "Commands run without isolation: " + found.problem);
    if (found.rung == SandboxRung::landlock) log(LogLevel::info, "Commands run under Landlock, which holds files alone: " + found.problem);
    return found;
  }();
  return only;
}

}  // namespace

std::string_view to_string(SandboxRung rung) {
  switch (rung) {
    case SandboxRung::bubblewrap: return "bubblewrap";
    case SandboxRung::landlock: return "landlock";
    case SandboxRung::plain: return "not isolated";
  }
  return "not isolated";
}

SandboxRung probe_sandbox() {
  return probed().rung;
}

std::string sandbox_problem() {
  return probed().problem;
}

Result<ProcessSpec> sandboxed(ProcessSpec spec, const SandboxPolicy& policy, SandboxRung rung) {
  if (spec.argv.empty()) return Error{ErrorKind::usage, "There is no command to run."};
  if (policy.home.empty()) return Error{ErrorKind::internal, "A sandbox needs a private home."};
  set(spec.env, "HOME", policy.home.string());
  if (rung != SandboxRung::bubblewrap) {
    if (!policy.tmp.empty()) set(spec.env, "TMPDIR", policy.tmp.string());
    return rung == SandboxRung::plain ? spec : in_landlock(std::move(spec), policy);
  }
  set(spec.env, "TMPDIR", "/tmp");
  return in_bubblewrap(std::move(spec), policy);
}

}  // namespace baton
