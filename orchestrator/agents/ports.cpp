#include "orchestrator/agents/ports.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <string>

#include "support/descriptor.h"

namespace baton {
namespace {

constexpr int kLowest = 21'000, kHighest = 31'000;

// Nobody listens there now.
bool is_free(int port) {
  const Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return !socket.ok() || ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

}  // namespace

Result<PortLease> PortLease::take(const std::filesystem::path& folder) {
  if (auto made = make_folder(folder, 0700); !made) return made.error();
  for (int first = kLowest; first + kCount <= kHighest; first += kCount) {
    auto lock = FileLock::try_acquire(folder / std::to_string(first));
    if (!lock) continue;
    bool all = true;
    for (int port = first; all && port < first + kCount; ++port) all = is_free(port);
    if (all) return PortLease(first, std::move(*lock));
  }
  return Error{ErrorKind::precondition, "No ten free ports in a row are left between 21000 and 31000; end what listens there."};
}

}  // namespace baton
