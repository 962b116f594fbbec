// What an error of an agent means for who started it: its words differ from agent to agent and from service to service, the causes
// do not. Pure; any thread.
#pragma once

#include <string_view>

#include "orchestrator/agents/acp_messages.h"

namespace baton {

enum class AcpTrouble { too_long, login, key, model, spent, busy, unreachable, other };
AcpTrouble trouble_of(const AcpFailure& failure);

}  // namespace baton
