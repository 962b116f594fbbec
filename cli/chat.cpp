// `baton-engine chat`: the built-in agent on stdin and stdout, as an attempt starts it. Not for users. Its key comes by
// the environment and is the attempt's own, worth nothing elsewhere; what it runs is given neither that nor the way to
// the attempt's tools.
#include <unistd.h>

#include <string_view>

#include "cli/print.h"
#include "cli/verb.h"
#include "cli/verbs.h"
#include "orchestrator/agents/attempt_tools.h"
#include "orchestrator/chat/chat_agent.h"

namespace baton {
namespace {

struct Options {
  int context = 0;
};

int run_chat(const Options& options) {
  ChatAgentSetting setting;
  setting.env = current_environment();
  setting.context = options.context;
  setting.endpoint = {get(setting.env, "OPENAI_BASE_URL").value_or(""), get(setting.env, "OPENAI_API_KEY").value_or(""),
                      get(setting.env, "OPENAI_MODEL").value_or("")};
  setting.tool_socket = get(setting.env, kToolSocketVariable).value_or("");
  setting.tool_token = get(setting.env, kToolTokenVariable).value_or("");
  if (setting.endpoint.url.empty())
    return complain(Error{ErrorKind::usage,
                          "This is for Baton itself to start: name a model under `agents` in your configuration, with "
                          "\"backend\": \"chat\"."});
  std::erase_if(setting.env, [](const auto& one) {
    return one.first.starts_with("OPENAI_") || one.first == kToolSocketVariable || one.first == kToolTokenVariable;
  });
  serve_chat_agent(setting, STDIN_FILENO, STDOUT_FILENO);
  return kExitDone;
}

}  // namespace

void add_chat(CLI::App& app, Action& action) {
  const auto options = std::make_shared<Options>();
  Verb verb(app, "chat", "");
  verb.hide();
  verb.option("--context", options->context, "");
  verb.acts([options, &action] { action = [options] { return run_chat(*options); }; });
}

}  // namespace baton
