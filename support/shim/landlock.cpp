#include "support/shim/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef __linux__
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

namespace baton::shim {

#ifdef __linux__
namespace {

constexpr long kCreateRuleset = 444, kAddRule = 445, kRestrictSelf = 446;  // the same on every architecture
constexpr unsigned kAskVersion = 1, kPathBeneath = 1;
constexpr long kOldest = 3;  // before it a file could be cut whoever holds it

constexpr uint64_t kExecute = 1u << 0, kWriteFile = 1u << 1, kReadFile = 1u << 2, kReadFolder = 1u << 3;
constexpr uint64_t kAllOfThree = (1u << 15) - 1;
constexpr uint64_t kTruncate = 1u << 14, kDeviceControl = 1u << 15;  // the latter since 5
constexpr uint64_t kOfFiles = kExecute | kWriteFile | kReadFile | kTruncate | kDeviceControl;
constexpr uint64_t kScopes = 3;  // since 6: abstract sockets of others, signals to others

struct Ruleset {
  uint64_t files, network, scopes;
};
struct __attribute__((packed)) PathBeneath {
  uint64_t allowed;
  int32_t parent;
};

int allow(int ruleset, const char* path, uint64_t rights) {
  const int fd = ::open(path, O_PATH | O_CLOEXEC);
  if (fd < 0) return 0;
  struct stat status {};
  if (::fstat(fd, &status) == 0 && !S_ISDIR(status.st_mode)) rights &= kOfFiles;
  const PathBeneath rule{rights, fd};
  const int failed = ::syscall(kAddRule, ruleset, kPathBeneath, &rule, 0u) == 0 ? 0 : errno;
  ::close(fd);
  return failed;
}

// One record at a time, however they are cut by reading.
int allow_all(int ruleset, int rules, uint64_t all) {
  char record[4200];
  size_t length = 0;
  char block[4096];
  for (ssize_t got; (got = ::read(rules, block, sizeof block)) != 0;) {
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno;
    for (ssize_t i = 0; i < got; ++i) {
      if (length == sizeof record) return ENAMETOOLONG;
      record[length++] = block[i];
      if (block[i] != '\0') continue;
      const uint64_t rights = record[0] == 'w' ? all : kExecute | kReadFile | kReadFolder;
      if (const int failed = length > 2 ? allow(ruleset, record + 1, rights) : 0) return failed;
      length = 0;
    }
  }
  return 0;
}

// What root may beside files: with it the memory of every process can be read. Who is not root has none of it.
void drop_capabilities() {
  for (int capability = 0; ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0; ++capability) {
  }
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const __user_cap_data_struct none[2] = {};
  (void)::syscall(SYS_capset, &header, none);
}

}  // namespace

int hold_files(int rules) {
  const long version = ::syscall(kCreateRuleset, nullptr, 0ul, kAskVersion);
  if (version < kOldest) return ENOSYS;
  const uint64_t all = kAllOfThree | (version >= 5 ? kDeviceControl : 0);
  const Ruleset wanted{all, 0, version >= 6 ? kScopes : 0};
  const int ruleset = static_cast<int>(::syscall(kCreateRuleset, &wanted, sizeof wanted, 0u));
  if (ruleset < 0) return errno;
  int failed = allow_all(ruleset, rules, all);
  if (!failed && ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) failed = errno;
  if (!failed && ::syscall(kRestrictSelf, ruleset, 0u) != 0) failed = errno;
  ::close(ruleset);
  drop_capabilities();
  return failed;
}

int filter_calls(int program) {
  static sock_filter steps[4096];
  size_t size = 0;
  for (ssize_t got; (got = ::read(program, reinterpret_cast<char*>(steps) + size, sizeof steps - size)) != 0;) {
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno;
    size += static_cast<size_t>(got);
    if (size == sizeof steps) return E2BIG;
  }
  const sock_fprog filter{static_cast<unsigned short>(size / sizeof(sock_filter)), steps};
  return ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0 ? 0 : errno;
}

#else

int hold_files(int) { return ENOSYS; }
int filter_calls(int) { return ENOSYS; }

#endif

}  // namespace baton::shim
