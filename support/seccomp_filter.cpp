#include "support/seccomp_filter.h"

#ifdef __linux__

#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <initializer_list>
#include <memory>

#include "support/descriptor.h"
#include "support/os_error.h"

namespace baton {
namespace {

using Context = std::unique_ptr<void, decltype(&seccomp_release)>;

constexpr std::uint64_t kLow32 = 0xffffffffu;  // the kernel looks at an int; a caller may set the bits above

// New ways into namespaces and mounts, the kernel's own innards, keys, clocks, and files by handle.
constexpr const char* kDenied[] = {
    "unshare",
    "setns",
    "mount",
    "umount",
    "umount2",
    "pivot_root",
    "chroot",
    "move_mount",
    "open_tree",
    "fsopen",
    "fsconfig",
    "fsmount",
    "fspick",
    "mount_setattr",
    "bpf",
    "keyctl",
    "add_key",
    "request_key",
    "perf_event_open",
    "kexec_load",
    "kexec_file_load",
    "init_module",
    "finit_module",
    "delete_module",
    "reboot",
    "swapon",
    "swapoff",
    "acct",
    "quotactl",
    "quotactl_fd",
    "settimeofday",
    "clock_settime",
    "clock_adjtime",
    "adjtimex",
    "syslog",
    "userfaultfd",
    "open_by_handle_at",
    "name_to_handle_at",
    "lookup_dcookie",
    "nfsservctl",
    "vhangup",
    "iopl",
    "ioperm",
    "fanotify_init",
};

int deny(scmp_filter_ctx context, const char* name, int error) {
  const int call = seccomp_syscall_resolve_name(name);
  if (call == __NR_SCMP_ERROR) return 0;  // not known to this library, so older than the kernel that has it
  return seccomp_rule_add(context, SCMP_ACT_ERRNO(static_cast<unsigned>(error)), call, 0);
}

int deny_namespaces_by_clone(scmp_filter_ctx context) {
  for (const std::uint64_t flag :
       {CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWNET, CLONE_NEWIPC, CLONE_NEWUTS, CLONE_NEWCGROUP}) {
    const int failed = seccomp_rule_add(context, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
                                        SCMP_CMP(0, SCMP_CMP_MASKED_EQ, flag, flag));
    if (failed) return failed;
  }
  // Its flags lie in memory, where a filter cannot look. Without it C libraries fall back to clone.
  return deny(context, "clone3", ENOSYS);
}

// A network namespace holds only the families that know it. vsock, for one, reaches the host's hypervisor from inside.
int deny_socket_families(scmp_filter_ctx context) {
  constexpr int kKnownFamilies = 64;  // more than any kernel has
  for (int family = 0; family < kKnownFamilies; ++family) {
    if (family == AF_UNIX || family == AF_INET || family == AF_INET6 || family == AF_NETLINK) continue;
    for (const int call : {SCMP_SYS(socket), SCMP_SYS(socketpair)}) {
      const int failed = seccomp_rule_add(context, SCMP_ACT_ERRNO(EAFNOSUPPORT), call, 1,
                                          SCMP_CMP(0, SCMP_CMP_MASKED_EQ, kLow32, static_cast<scmp_datum_t>(family)));
      if (failed) return failed;
    }
  }
  return 0;
}

// Typing into the terminal of the one who started us.
int deny_terminal_injection(scmp_filter_ctx context) {
  constexpr scmp_datum_t kTioclinux = 0x541c;
  for (const scmp_datum_t request : {static_cast<scmp_datum_t>(TIOCSTI), kTioclinux}) {
    const int failed = seccomp_rule_add(context, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ioctl), 1,
                                        SCMP_CMP(1, SCMP_CMP_MASKED_EQ, kLow32, request));
    if (failed) return failed;
  }
  return 0;
}

Result<std::string> exported(scmp_filter_ctx context) {
  const Descriptor memory(::memfd_create("baton-seccomp", MFD_CLOEXEC));
  if (!memory.ok()) return os_error("hold the system call filter", {}, errno);
  if (const int failed = seccomp_export_bpf(context, memory.get()))
    return os_error("write the system call filter", {}, -failed);
  ::lseek(memory.get(), 0, SEEK_SET);
  std::string program;
  std::array<char, 4096> block;
  for (ssize_t got; (got = ::read(memory.get(), block.data(), block.size())) > 0;)
    program.append(block.data(), static_cast<std::size_t>(got));
  return program;
}

Result<std::string> build() {
  const Context context(seccomp_init(SCMP_ACT_ALLOW), seccomp_release);
  if (!context) return Error{ErrorKind::internal, "libseccomp cannot make a filter on this machine."};
  // Calls of another architecture (32-bit, x32) do not exist, rather than pass unseen.
  int failed = seccomp_attr_set(context.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS));
  for (const char* name : kDenied) failed = failed ? failed : deny(context.get(), name, EPERM);
  failed = failed ? failed : deny(context.get(), "io_uring_setup", ENOSYS);  // libraries fall back
  failed = failed ? failed : deny_namespaces_by_clone(context.get());
  failed = failed ? failed : deny_socket_families(context.get());
  failed = failed ? failed : deny_terminal_injection(context.get());
  if (failed) return os_error("build the system call filter", {}, -failed);
  return exported(context.get());
}

}  // namespace

Result<std::string> seccomp_filter() {
  static const Result<std::string> only = build();
  return only;
}

}  // namespace baton

#else

namespace baton {
Result<std::string> seccomp_filter() {
  return Error{ErrorKind::missing_tool, "System call filters exist on Linux only."};
}
}  // namespace baton

#endif
