#include <memory>

#include "cli/print.h"
#include "cli/verb.h"
#include "cli/verbs.h"
#include "lsp/serve.h"
#include "orchestrator/attached_engine.h"

namespace baton {

void add_lsp(CLI::App& app, Action& action, OpenEngine in_process) {
  const auto address = std::make_shared<ServeAddress>();
  const auto stdio = std::make_shared<bool>(false), embedded = std::make_shared<bool>(false);
  Verb verb(app, "lsp", "The language server that an editor starts");
  Option pipe = verb.flag("--stdio", *stdio, "Speak on standard input and output (the default)");
  Option socket = verb.option("--socket", address->socket, "Speak on a local socket").type_name("PATH");
  Option port = verb.option("--port", address->port, "Speak on a port of this machine").type_name("N")
                   .between(1, 65535);
  socket.excludes(pipe).excludes(port);
  port.excludes(pipe);
  verb.option("--clientProcessId", address->editor, "End when this process does").type_name("N");
  verb.flag(kEmbeddedFlag, *embedded, "Judge inside this process, without an engine that outlives it");
  verb.acts([address, stdio, embedded, in_process, &action] {  // flags are written while parsing: they live as long as the verb
    action = [address, open = *embedded && in_process ? in_process : OpenEngine(attach_engine)] {
      const auto code = serve(*address, open);
      return code ? *code : complain(code.error());
    };
  });
}

}  // namespace baton
