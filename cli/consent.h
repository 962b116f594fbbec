// Whether this repository's tools may run, asked on a terminal: what would run is shown, and only a typed yes is a yes.
// Main thread; blocks until the user answers or interrupts.
#pragma once

#include <stop_token>

#include "orchestrator/engine.h"
#include "support/caller.h"

namespace baton {

Caller this_caller();  // human: at a terminal, with no known coding agent among our ancestors

bool can_ask();  // a person at a terminal: stdin and stderr are one

// True when the user approved and the approval is kept.
Result<bool> ask_consent(Engine& engine, const VerifyRequest& request, std::stop_token stop);

// A typed yes.
bool ask_yes(const char* question, std::stop_token stop);

}  // namespace baton
