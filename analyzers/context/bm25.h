// BM25: how much a document has to do with a few terms. Values.
#pragma once

#include <cmath>
#include <cstddef>

#include "analyzers/context/term_table.h"

namespace baton {

struct Bm25 {
  explicit Bm25(std::size_t documents) : count(documents) {}

  struct Weighted {
    Term term;
    double weight, idf;
  };

  static double idf(std::size_t documents, std::size_t have) {
    const auto n = static_cast<double>(documents), df = static_cast<double>(have);
    return std::log(1 + (n - df + 0.5) / (df + 0.5));
  }

  double score(const Weighted& term, double times, double length) const {
    if (times <= 0) return 0;
    const double shorter = mean_length > 0 ? length / mean_length : 1;
    return term.weight * term.idf * times * (k1 + 1) / (times + k1 * (1 - b + b * shorter));
  }

  std::size_t count;
  double mean_length = 0;
  double k1 = 1.2, b = 0.75;
};

}  // namespace baton
