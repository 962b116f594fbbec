// Conversations as text files, played against a session in a process of its own.
//
//   # a comment
//   file PATH            a file of the workspace; its text is the lines up to `end`
//   --> JSON             sent, framed; "jsonrpc" is added
//   --> * N JSON         sent N times, "$N" counting from 0
//   raw TEXT             sent as it is; \r \n \\ \xHH are escapes
//   <-- JSON             the next message must hold this: objects may have more, "..." is anything. Log messages are passed over
//   <== JSON             some later message must; what comes before is passed over
//   asked JSON           what the engine was asked last is this
//   close                our end of its input is closed
//   signal N             sent to the session
//   exit N               it must end with this code within two seconds
//
// $ROOT stands for the workspace's path in both directions, $PID for a process of ours that lives, $DEAD for one that does not.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace baton {

struct Played {
  std::string failure;                 // empty: all as written
  std::vector<std::string> recording;  // {"dir","msg"} a line
};

Played play(std::string_view transcript);

// What the protocol's own model says against a recording; "skipped" where it is not at hand.
std::string validate(const std::vector<std::string>& recording, bool both_sides);
bool can_validate();

}  // namespace baton
