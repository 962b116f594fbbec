// `baton-engine forward`: inside an agent's box, makes a port of this machine of a path socket, and runs the agent below it. Not for users.
#include <sys/wait.h>
#include <unistd.h>

#include <future>
#include <thread>

#include "cli/print.h"
#include "cli/verb.h"
#include "cli/verbs.h"
#include "support/relay.h"

namespace baton {
namespace {

constexpr int kNotStarted = 127;

struct Options {
  int port = 0;
  std::string socket;
  std::vector<std::string> command;
};

int run_below(const Options& options) {
  std::promise<Status> begun;
  std::jthread forwarding([&](std::stop_token stop) {
    bool told = false;
    auto ended = forward_port(options.port, options.socket, [&](int) { told = true, begun.set_value(done()); }, stop);
    if (!told) begun.set_value(std::move(ended));
  });
  if (const Status ready = begun.get_future().get(); !ready) return complain(ready.error());
  std::vector<char*> argv;  // made before the fork: nothing is allocated in a child of threads
  for (const std::string& word : options.command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const pid_t child = ::fork();
  if (child == 0) {
    ::execvp(argv[0], argv.data());
    ::_exit(kNotStarted);
  }
  int status = 0;
  while (child > 0 && ::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (child < 0) return complain(Error{ErrorKind::io, "No process can be started."});
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

void add_forward(CLI::App& app, Action& action) {
  const auto options = std::make_shared<Options>();
  Verb verb(app, "forward", "");
  verb.hide();
  verb.option("--port", options->port).required();
  verb.option("--socket", options->socket).required();
  verb.option("command", options->command).required();
  verb.acts([options, &action] { action = [options] { return run_below(*options); }; });
}

}  // namespace baton
