// `baton`: the words a user types, to one engine. stdout carries results only, stderr everything else.
//
// Exit codes: 0 done, 1 not achieved, 2 usage or bad input, 3 waits for a human, 4 cancelled. Main thread.
#pragma once

namespace baton {

int command_line(int argc, const char* const* argv);

}  // namespace baton
