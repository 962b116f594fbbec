// Copies what a commit needs (itself, its tree, its files; not its history) from borrowed places into a pack of the
// store. Blocks; pool threads.
#pragma once

#include <string_view>

#include "git/store.h"
#include "support/result.h"

namespace baton {

Status pack_commit(Store& store, std::string_view commit);

}  // namespace baton
