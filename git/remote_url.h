// Where a remote is, from its address as git takes it. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace baton {

struct RemoteUrl {
  std::string scheme;  // "https", "http", "ssh", "git"; "file" for a folder
  std::string user, host;
  int port = 0;        // 0: the scheme's own
  std::string path;    // "owner/name": without slashes at its ends and without ".git"; of a folder as it stands
};

// https://host/owner/name.git, ssh://git@host:22/owner/name, git@host:owner/name, C and POSIX paths, file://. A password in it is not kept.
std::optional<RemoteUrl> parse_remote_url(std::string_view url);

}  // namespace baton
