// The rules of the house that a compiler does not check. Each takes a file as (path from the root, text) and answers with
// complaints, empty when it obeys. Pure functions, any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace baton::house {

using Complaints = std::vector<std::string>;

// Source with comments and the insides of literals blanked; line breaks stay.
std::string code_only(std::string_view text);

// An include names a file from the root, of the same folder or one below it: cli -> lsp -> orchestrator -> git, analyzers
// -> support. `git` and `analyzers` do not know each other.
Complaints include_arrows(std::string_view path, std::string_view text);

// Headers that cost seconds per file stay out of our headers, and asio and spdlog in the few sources that own them.
Complaints heavy_headers(std::string_view path, std::string_view text);

// g++ 12 destroys the captures of a lambda inside a co_await expression twice; state travels as parameters.
Complaints awaited_lambdas(std::string_view path, std::string_view text);

// Build files name no registry: where packages come from is the machine's setting.
Complaints registry_hosts(std::string_view path, std::string_view text);

// Names of the types that a file defines for all of `baton` (not in an unnamed namespace, not inside another type). Two
// definitions of one name in different files are one type to the linker: it keeps either's destructor.
std::vector<std::string> shared_types(std::string_view text);

}  // namespace baton::house
