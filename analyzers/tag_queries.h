// The tags query of a language: what its grammar's authors ship, then what analyzers/queries/<language>/tags.scm adds.
// Static text, any thread. Compiling one costs megabytes (the analysis walks the parse tables): do it on the first file of
// its language, never at start.
#pragma once

#include <string_view>

namespace baton {

// `language` as the grammar is named: "c", "cpp", "python", "javascript", "typescript", "tsx", "rust", "go", "java".
// Empty for a language without a query.
std::string_view tag_query(std::string_view language);

}  // namespace baton
