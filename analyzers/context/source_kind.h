// What a path says about a file: source, test, example, configuration; or nothing that an agent would be given. Pure, any thread.
#pragma once

#include <string_view>

namespace baton {

enum class SourceKind {
  none,      // not source, vendored, or made by a tool
  code,
  markup,    // styles, pages, queries, schemas
  test,
  example,   // also documentation's code and benchmarks
  config,    // of build and tools, in code
  document,  // prose: never in the ranking of code
};

SourceKind source_kind(std::string_view path);

}  // namespace baton
