// The order of the files of a repository for a task: a small linear model over the signals, learned on past fixes of many
// repositories (docs/context.md). Pure, any thread.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "analyzers/context/file_signals.h"

namespace baton {

// Each signal by its value and by its rank, then what the path says, the size, and two products that keep signals from counting twice.
inline constexpr std::size_t kFeatures = 2 * kSignals + 7;
using FeatureRow = std::array<double, kFeatures>;
using RankModel = std::array<double, kFeatures>;

const RankModel& learned_model();

std::vector<FeatureRow> rank_features(const std::vector<ContextFile>& files, const std::vector<SignalRow>& signals);

struct RankedFile {
  std::size_t file = 0;  // its place in `files`
  double score = 0;
  double share = 0;      // how likely it is the one, among those that are returned
  std::string reason;    // for people
};

inline constexpr std::size_t kRankedFiles = 50;

// The best first. `favour`: a prior to add, a number a file (empty: none); what the user or the workspace knows besides.
std::vector<RankedFile> rank_files(const std::vector<ContextFile>& files, const std::vector<SignalRow>& signals, const std::vector<double>& favour,
                                   const RankModel& model = learned_model());

}  // namespace baton
