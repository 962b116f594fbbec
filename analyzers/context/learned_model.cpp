#include "analyzers/context/file_rank.h"

namespace baton {

const RankModel& learned_model() {
  static constexpr RankModel kModel = {
      0.5,  1.0,   // bm25
      1.0,  2.0,   // bm25_path
      1.0,  1.5,   // path
      0.5,  0.5,   // base
      0.5,  0.5,   // cover
      1.0,  1.0,   // verbatim
      0.5,  0.5,   // defined
      0.5,  0.5,   // bm25_defined
      0.5,  0.5,   // recency
      0.0,  0.0,   // churn
      0.5,  0.5,   // together
      0.5,  0.5,   // together_share
      0.5,  0.5,   // similar
      -3.5, -2.0, -2.0, -1.0, 0.0, 0.0, 0.0,
  };
  return kModel;
}

}  // namespace baton
