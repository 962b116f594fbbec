// How alike a text is to others, by the terms of code and tasks (task_query.h) and BM25. Pure, any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace baton {

struct SimilarText {
  std::size_t index;  // in `texts`
  double likeness;    // of what the query would score against itself; 0: nothing in common
};
// Best first, without those that have nothing in common.
std::vector<SimilarText> similar_texts(std::string_view query, const std::vector<std::string>& texts);

}  // namespace baton
