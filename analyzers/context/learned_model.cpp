#include "analyzers/context/file_rank.h"

namespace baton {

// Learned by tests/bench/context_bench.cpp on 154 past fixes of 16 repositories; a row a signal: its value, its rank.
const RankModel& learned_model() {
  static constexpr RankModel kModel = {
      1.99, 0.65,  // bm25
      1.67, 0.60,  // bm25_path
      0.56, 0.37,  // path
      0.69, 0.10,  // base
      -0.30, 0.11,  // cover
      1.20, 0.27,  // verbatim
      -0.23, 0.51,  // defined
      0.90, 0.10,  // bm25_defined
      2.03, -0.20,  // recency
      -0.48, -0.81,  // churn
      0.23, 0.94,  // together
      0.51, -0.84,  // together_share
      0.20, 1.75,  // similar
      -4.61, -2.14, -3.34, -1.00, 1.06, -0.65, -1.23,  // test, example, configuration, markup, size, and the two products
  };
  return kModel;
}

}  // namespace baton
