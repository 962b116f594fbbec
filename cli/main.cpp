// `baton`, what users and editors start: the session of an editor itself, since it has to answer at once; every other verb is the
// engine's program, which it becomes.
#include <unistd.h>

#include <string>
#include <string_view>
#include <vector>

#include "cli/print.h"
#include "cli/session_line.h"
#include "cli/verbs.h"
#include "support/process.h"

namespace {

bool is_session(int argc, char** argv) {
  if (argc < 2 || std::string_view(argv[1]) != "lsp") return false;
  for (int i = 2; i < argc; ++i) {
    if (std::string_view(argv[i]) == baton::kEmbeddedFlag) return false;
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (is_session(argc, argv)) return baton::session_line(argc, argv);
  const auto engine = baton::libexec_program("baton-engine");
  if (!engine) return baton::complain(engine.error());
  ::execv(engine->c_str(), argv);
  return baton::complain({baton::ErrorKind::io, engine->string() + " cannot be started; install Baton again."});
}
