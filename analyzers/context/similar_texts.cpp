#include "analyzers/context/similar_texts.h"

#include <algorithm>
#include <unordered_map>

#include "analyzers/context/bm25.h"
#include "analyzers/context/code_tokens.h"
#include "analyzers/context/task_query.h"

namespace baton {
namespace {

using TermCounts = std::unordered_map<Term, double>;

struct CountedText {
  TermCounts counts;
  double length = 0;
};

CountedText counted(std::string_view text, TermTable& table) {
  CountedText found;
  each_identifier(text, [&](std::string_view identifier, std::size_t) {
    for (const std::string& term : identifier_terms(identifier)) ++found.counts[table.add(term)], ++found.length;
  });
  return found;
}

double times(const CountedText& text, Term term) {
  const auto found = text.counts.find(term);
  return found == text.counts.end() ? 0 : found->second;
}

}  // namespace

std::vector<SimilarText> similar_texts(std::string_view query, const std::vector<std::string>& texts) {
  TermTable table;
  const TaskQuery asked = task_query(query, table);
  const CountedText itself = counted(query, table);
  std::vector<CountedText> all;
  Bm25 bm25(texts.size());
  for (const std::string& text : texts) {
    all.push_back(counted(text, table));
    bm25.mean_length += all.back().length / static_cast<double>(texts.size());
  }
  std::vector<double> scores(texts.size(), 0.0);
  double best = 0;
  for (const QueryTerm& term : asked.terms) {
    const auto have = static_cast<std::size_t>(std::count_if(
        all.begin(), all.end(), [&](const CountedText& text) { return text.counts.contains(term.term); }));
    const Bm25::Weighted weighted{term.term, term.weight, Bm25::idf(texts.size(), have)};
    best += bm25.score(weighted, times(itself, term.term), bm25.mean_length);
    for (std::size_t i = 0; i < all.size(); ++i)
      scores[i] += bm25.score(weighted, times(all[i], term.term), all[i].length);
  }
  std::vector<SimilarText> found;
  for (std::size_t i = 0; i < scores.size() && best > 0; ++i) {
    if (scores[i] > 0) found.push_back({i, scores[i] / best});
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const SimilarText& a, const SimilarText& b) { return a.likeness > b.likeness; });
  return found;
}

}  // namespace baton
