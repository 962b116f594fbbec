// The socket that an editor and a session meet at: connected to where someone listens already, else listened on until one
// client comes. Local only. Blocks; before the session begins.
#pragma once

#include <string>

#include "support/result.h"

namespace baton {

Result<int> open_socket(const std::string& path);  // a connected descriptor, close-on-exec
Result<int> open_port(int port);                   // on the loopback address

}  // namespace baton
