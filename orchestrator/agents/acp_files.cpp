#include "orchestrator/agents/acp_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#ifdef __linux__
#include <linux/openat2.h>
#endif

#include "support/descriptor.h"
#include "support/os_error.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFileText = 4u << 20;

Result<Descriptor> open_below(const fs::path& tree, const fs::path& relative, int flags) {
#ifdef SYS_openat2
  const Descriptor root(::open(tree.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root.ok()) return os_error("read", tree, errno);
  struct open_how how {};
  how.flags = static_cast<unsigned>(flags | O_CLOEXEC | O_NONBLOCK);
  how.mode = flags & O_CREAT ? 0644 : 0;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  Descriptor file(static_cast<int>(::syscall(SYS_openat2, root.get(), relative.c_str(), &how, sizeof how)));
  if (!file.ok()) return os_error("open", relative, errno);
  struct stat info {};
  if (::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) return Error{ErrorKind::io, relative.string() + " is no regular file."};
  return file;
#else
  (void)tree, (void)flags;
  return Error{ErrorKind::precondition, relative.string() + " cannot be opened safely on this system."};
#endif
}

}  // namespace

Result<std::string> read_in_tree(const fs::path& tree, const fs::path& relative, std::optional<std::int64_t> line, std::optional<std::int64_t> limit) {
  auto file = open_below(tree, relative, O_RDONLY);
  if (!file) return file.error();
  std::string text;
  std::array<char, 64u << 10> block;
  while (text.size() < kMaxFileText) {
    const ssize_t got = ::read(file->get(), block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return os_error("read", relative, errno);
    if (got == 0) break;
    text.append(block.data(), static_cast<std::size_t>(got));
  }
  std::size_t from = 0;
  for (std::int64_t at = 1; line && at < *line && from < text.size(); ++at) from = std::min(text.find('\n', from), text.size() - 1) + 1;
  std::size_t to = from;
  for (std::int64_t count = 0; limit && count < *limit && to < text.size(); ++count) to = std::min(text.find('\n', to), text.size() - 1) + 1;
  return text.substr(from, limit ? to - from : text.npos);
}

Status write_in_tree(const fs::path& tree, const fs::path& relative, std::string_view text) {
  auto file = open_below(tree, relative, O_WRONLY | O_CREAT | O_TRUNC);
  if (!file) return file.error();
  while (!text.empty()) {
    const ssize_t wrote = ::write(file->get(), text.data(), text.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return os_error("write", relative, errno);
    text.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return done();
}

}  // namespace baton
