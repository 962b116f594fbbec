#include "orchestrator/agents/agent_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "support/files.h"
#include "support/os_error.h"
#include "support/redact.h"

namespace baton {
namespace {

constexpr std::size_t kMaxWaiting = 64u << 10;  // of a line without an end, or of a key's block

// How much of the text may be written: whole lines, and no part of a block whose end has not come.
std::size_t complete(std::string_view text) {
  const auto line = text.rfind('\n');
  if (line == text.npos) return text.size() > kMaxWaiting ? text.size() : 0;
  const auto begin = text.rfind("-----BEGIN", line);
  const bool open = begin != text.npos && text.find("-----END", begin) == text.npos;
  if (!open || text.size() > kMaxWaiting) return line + 1;
  const auto before = text.rfind('\n', begin);
  return before == text.npos ? 0 : before + 1;
}

}  // namespace

Result<AgentLog> AgentLog::open(const std::filesystem::path& file, std::vector<std::string> secrets) {
  if (auto made = make_folder(file.parent_path()); !made) return made.error();
  Descriptor descriptor(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!descriptor.ok()) return os_error("write", file, errno);
  return AgentLog(std::move(descriptor), std::move(secrets));
}

void AgentLog::add(std::string_view bytes) {
  waiting_ += bytes;
  const std::size_t size = complete(waiting_);
  if (size == 0) return;
  write(redact(std::string_view(waiting_).substr(0, size), secrets_));
  waiting_.erase(0, size);
}

void AgentLog::finish() {
  write(redact(waiting_, secrets_));
  waiting_.clear();
}

void AgentLog::write(std::string_view text) {
  end_ += text;
  if (end_.size() > 2 * kMaxEnd) end_.erase(0, end_.size() - kMaxEnd);
  std::string_view rest = text;
  const std::uint64_t room = kMaxFile - std::min(written_, kMaxFile);
  if (rest.size() > room) rest = rest.substr(0, static_cast<std::size_t>(room));
  const bool cut = rest.size() < text.size();
  while (!rest.empty()) {
    const ssize_t wrote = ::write(file_.get(), rest.data(), rest.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return;  // a full disk must not stop the agent
    written_ += static_cast<std::uint64_t>(wrote);
    rest.remove_prefix(static_cast<std::size_t>(wrote));
  }
  if (!cut || full_) return;
  full_ = true;
  constexpr std::string_view kFull = "\n[what it printed beyond this was not kept]\n";
  (void)!::write(file_.get(), kFull.data(), kFull.size());
}

}  // namespace baton
