#include "analyzers/context/file_rank.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace baton {
namespace {

constexpr double kRankWidth = 5;

enum Extra { is_test = 2 * kSignals, is_example, is_config, is_markup, size, words_in_path, words_and_recent };

std::size_t index(Signal signal) { return static_cast<std::size_t>(signal); }

// The two signals that gave most to a score, in words.
std::string reason_of(const FeatureRow& features, const RankModel& model) {
  std::array<std::pair<double, std::size_t>, kSignals> parts;
  for (std::size_t s = 0; s < kSignals; ++s) parts[s] = {-(features[2 * s] * model[2 * s] + features[2 * s + 1] * model[2 * s + 1]), s};
  std::sort(parts.begin(), parts.end());
  std::vector<std::string_view> said;
  for (const auto& [negative, s] : parts) {
    const std::string_view text = to_string(static_cast<Signal>(s));
    if (negative >= 0 || said.size() == 2) break;
    if (std::find(said.begin(), said.end(), text) == said.end()) said.push_back(text);
  }
  std::string reason;
  for (const std::string_view text : said) reason += (reason.empty() ? "" : "; ") + std::string(text);
  return reason;
}

}  // namespace

std::vector<FeatureRow> rank_features(const std::vector<ContextFile>& files, const std::vector<SignalRow>& signals) {
  std::vector<FeatureRow> rows(files.size(), FeatureRow{});
  std::vector<std::size_t> order(files.size());
  for (std::size_t s = 0; s < kSignals; ++s) {
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return signals[a][s] > signals[b][s]; });
    const double most = order.empty() ? 0 : signals[order[0]][s];
    for (std::size_t rank = 0; rank < order.size(); ++rank) {
      const double value = signals[order[rank]][s];
      if (value <= 0) break;
      rows[order[rank]][2 * s] = value / most;
      rows[order[rank]][2 * s + 1] = kRankWidth / (kRankWidth + static_cast<double>(rank));
    }
  }
  for (std::size_t i = 0; i < files.size(); ++i) {
    FeatureRow& row = rows[i];
    row[is_test] = files[i].kind == SourceKind::test;
    row[is_example] = files[i].kind == SourceKind::example;
    row[is_config] = files[i].kind == SourceKind::config;
    row[is_markup] = files[i].kind == SourceKind::markup;
    row[size] = std::log1p(files[i].terms->bytes) / 10;
    const double words = row[2 * index(Signal::bm25_path)];
    row[words_in_path] = words * row[2 * index(Signal::path)];
    row[words_and_recent] = words * row[2 * index(Signal::recency)];
  }
  return rows;
}

std::vector<RankedFile> rank_files(const std::vector<ContextFile>& files, const std::vector<SignalRow>& signals, const std::vector<double>& favour, const RankModel& model) {
  const auto features = rank_features(files, signals);
  std::vector<RankedFile> ranked(files.size());
  for (std::size_t i = 0; i < files.size(); ++i) {
    ranked[i].file = i;
    ranked[i].score = std::inner_product(model.begin(), model.end(), features[i].begin(), favour.empty() ? 0.0 : favour[i]);
  }
  std::stable_sort(ranked.begin(), ranked.end(), [](const RankedFile& a, const RankedFile& b) { return a.score > b.score; });
  if (ranked.size() > kRankedFiles) ranked.resize(kRankedFiles);
  double sum = 0;
  for (RankedFile& file : ranked) sum += file.share = std::exp(file.score - ranked[0].score);
  for (RankedFile& file : ranked) {
    file.share /= sum;
    file.reason = reason_of(features[file.file], model);
  }
  return ranked;
}

}  // namespace baton
