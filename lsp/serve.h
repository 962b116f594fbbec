// `baton lsp`: one session on standard input and output, or on a socket. Blocks until the session ends; gives its exit
// code. Call on the main thread, before any other thread is made.
#pragma once

#include <unistd.h>

#include <string>

#include "lsp/desk.h"
#include "support/result.h"

namespace baton {

// Neither: standard input and output. A socket or port where an editor listens already is connected to; else we listen
// there for the one client that comes.
struct ServeAddress {
  std::string socket;
  int port = 0;
  int editor = 0;  // the process that the session ends with, as `initialize` can name one, too; 0: nobody says
};
Result<int> serve(const ServeAddress& address, OpenEngine open_engine);

// The user, who acts by an editor that started this process.
inline Caller editor_caller() {
  return {"lsp:" + std::to_string(::getpid()), true, {}};
}

// The same on two descriptors, which stay open. When work does not end in time the process ends here, with the code.
int run_session(int in, int out, OpenEngine open_engine, Environment env, Caller caller = editor_caller(), int editor = 0);

}  // namespace baton
