#include "orchestrator/gate.h"

namespace baton {

std::string_view to_string(GateKind kind) {
  switch (kind) {
    case GateKind::setup: return "setup";
    case GateKind::build: return "build";
    case GateKind::test: return "test";
    case GateKind::typecheck: return "typecheck";
    case GateKind::lint: return "lint";
  }
  return "test";
}

}  // namespace baton
