// Where journal, evidence, locks and the engine's address of a repository lie: beside the repository's own files; where those may
// not be written, in the user's cache. Nothing is created. Any thread.
#pragma once

#include <filesystem>

#include "git/repository.h"

namespace baton {

std::filesystem::path state_folder(const Repository& repository, const std::filesystem::path& cache_home);

}  // namespace baton
