// An engine that answers from a file: `fake.json` in the workspace says what its next verification does. It lets the session's
// own behaviour be tested without git, builders and runners; the real engine has its own tests and the editor tests.
//
//   {"report": {as verify --json}, "trees": {TREE: {PATH: TEXT}}, "outlines": {PATH: {an outline}}, "hang": bool, "asks": bool, "progress": [TEXT],
//    "quick_first": {a report, told as provisional on the way}, "missed": {a report that nobody waited for}, "waits_for": FILE that the answer waits for}
//
// What it was asked is written to `asked.json`. A folder without fake.json is no repository.
#pragma once

#include "lsp/desk.h"

namespace baton {

OpenEngine fake_engines();

}  // namespace baton
