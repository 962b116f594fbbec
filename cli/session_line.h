// `baton lsp ...`: the one verb of the session's own program. Gives the exit code. Main thread.
#pragma once

namespace baton {

int session_line(int argc, const char* const* argv);

}  // namespace baton
