// Bytes carried between descriptors: a pipe of two ends, and a TCP port of this machine that leads to a path socket (the way out of a
// network namespace that has nothing but loopback). Block.
#pragma once

#include <functional>
#include <stop_token>
#include <string>

#include "support/result.h"

namespace baton {

// From `input` to `peer` and from `peer` to `output`, until either side ends or `stop`. Closes none of them.
void relay(int input, int output, int peer, std::stop_token stop = {});

// Listens on 127.0.0.1 (port 0: any), gives the port to `ready`, and carries every connection to the path socket and back.
Status forward_port(int port, const std::string& socket_path, const std::function<void(int port)>& ready, std::stop_token stop);

}  // namespace baton
