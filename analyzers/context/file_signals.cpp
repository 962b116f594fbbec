#include "analyzers/context/file_signals.h"

#include <algorithm>
#include <cmath>

#include "analyzers/context/bm25.h"
#include "analyzers/context/code_tokens.h"

namespace baton {
namespace {

constexpr std::size_t kMaxTerms = 90;        // the rarest of the query's
constexpr std::uint32_t kPathTimes = 5;      // a term in the path counts as so many in the text
constexpr std::size_t kSeeds = 15, kSimilar = 60;
constexpr std::size_t kMostTogether = 20;    // files of a commit that says something about what changes together
constexpr double kDay = 86'400;

std::size_t signal_index(Signal signal) { return static_cast<std::size_t>(signal); }

std::string_view file_name(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == path.npos ? path : path.substr(slash + 1);
}

std::string_view file_stem(std::string_view path) {
  const std::string_view name = file_name(path);
  return name.substr(0, std::min(name.find('.', 1), name.size()));
}

std::string lowered(std::string_view text) {
  std::string low(text);
  for (char& c : low) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return low;
}

std::string without_extension(const std::string& path) {
  const auto dot = path.rfind('.');
  const auto slash = path.rfind('/');
  return dot == path.npos || (slash != path.npos && dot < slash) ? path : path.substr(0, dot);
}

bool ends_with_part(std::string_view path, std::string_view part) {
  return path.ends_with(part) && (path.size() == part.size() || path[path.size() - part.size() - 1] == '/');
}

// One computation over one task.
class Signals {
 public:
  Signals(const TaskQuery& query, const std::vector<ContextFile>& files, const PastChanges& past, TermTable& table)
      : query_(query), files_(files), past_(past), table_(table), rows_(files.size(), SignalRow{}) {}

  std::vector<SignalRow> run() {
    paths();
    words();
    definitions();
    verbatim();
    if (past_.commits && past_.paths && !past_.commits->empty()) history();
    return std::move(rows_);
  }

 private:
  double& at(std::size_t file, Signal signal) { return rows_[file][signal_index(signal)]; }

  void paths() {
    for (const ContextFile& file : files_) {
      path_terms_.push_back(terms_of(file.path, table_));
      base_terms_.push_back(terms_of(file_stem(file.path), table_));
    }
  }

  void words() {
    Bm25 plain(files_.size()), with_path(files_.size());
    std::vector<Bm25::Weighted> asked;
    for (const QueryTerm& term : query_.terms) {
      std::size_t have = 0;
      for (std::size_t i = 0; i < files_.size(); ++i) have += count_of(files_[i].terms->terms, term.term) > 0 || count_of(path_terms_[i], term.term) > 0;
      if (have > 0) asked.push_back({term.term, term.weight, Bm25::idf(files_.size(), have)});
    }
    std::stable_sort(asked.begin(), asked.end(), [](const auto& a, const auto& b) { return a.idf > b.idf; });
    if (asked.size() > kMaxTerms) asked.resize(kMaxTerms);
    double length = 0, path_length = 0;
    for (std::size_t i = 0; i < files_.size(); ++i) {
      length += files_[i].terms->length;
      for (const TermCount& term : path_terms_[i]) path_length += term.count;
    }
    plain.mean_length = length / static_cast<double>(std::max<std::size_t>(1, files_.size()));
    with_path.mean_length = (length + kPathTimes * path_length) / static_cast<double>(std::max<std::size_t>(1, files_.size()));
    for (std::size_t i = 0; i < files_.size(); ++i) {
      double path = 0, base = 0, cover = 0, path_count = 0;
      for (const TermCount& term : path_terms_[i]) path_count += term.count;
      for (const auto& term : asked) {
        const double inside = count_of(files_[i].terms->terms, term.term), in_path = count_of(path_terms_[i], term.term);
        at(i, Signal::bm25) += plain.score(term, inside, files_[i].terms->length);
        at(i, Signal::bm25_path) += with_path.score(term, inside + kPathTimes * in_path, files_[i].terms->length + kPathTimes * path_count);
        if (inside > 0) cover += term.weight * term.idf;
        if (in_path > 0) path += term.weight * term.idf;
        if (count_of(base_terms_[i], term.term) > 0) base += term.weight * term.idf;
      }
      at(i, Signal::cover) = cover;
      at(i, Signal::path) = path / std::sqrt(path_count + 1);
      at(i, Signal::base) = base / std::sqrt(static_cast<double>(base_terms_[i].size()) + 1);
    }
  }

  void definitions() {
    Bm25 bm25(files_.size());
    double length = 0;
    for (const ContextFile& file : files_) length += file.terms->defined_length;
    bm25.mean_length = length / static_cast<double>(std::max<std::size_t>(1, files_.size()));
    for (const QueryTerm& term : query_.terms) {
      std::vector<std::size_t> definers;
      for (std::size_t i = 0; i < files_.size(); ++i) {
        if (count_of(files_[i].terms->defined, term.term) > 0) definers.push_back(i);
      }
      if (definers.empty()) continue;
      const Bm25::Weighted asked{term.term, term.weight, Bm25::idf(files_.size(), definers.size())};
      for (const std::size_t i : definers) {
        at(i, Signal::bm25_defined) += bm25.score(asked, count_of(files_[i].terms->defined, term.term), files_[i].terms->defined_length);
        at(i, Signal::defined) += asked.idf * (term.whole ? 3 : 1);
      }
    }
  }

  void verbatim() {
    if (query_.paths.empty() && query_.modules.empty()) return;
    std::vector<std::string> lower;
    std::unordered_map<std::string, int> same_name;
    for (const ContextFile& file : files_) {
      lower.push_back(lowered(file.path));
      ++same_name[std::string(file_name(lower.back()))];
    }
    for (std::size_t i = 0; i < files_.size(); ++i) {
      double best = 0;
      for (const std::string& path : query_.paths) {
        const bool full = path.find('/') != path.npos;
        // A traceback names files below the user's own folders: "site-packages/sympy/core/expr.py".
        if (full && (ends_with_part(lower[i], path) || (ends_with_part(path, lower[i]) && lower[i].find('/') != std::string::npos))) best = std::max(best, 2.0);
        if (!full && file_name(lower[i]) == path) best = std::max(best, 1.0 / same_name[path]);
      }
      const std::string module = without_extension(lower[i]);
      for (const std::string& name : query_.modules) {
        if (ends_with_part(module, name)) best = std::max(best, 1.2);
        // `sympy.core.expr.Expr`: the module and a name of it.
        const auto last = name.rfind('/');
        if (last != name.npos && name.find('/') != last && ends_with_part(module, std::string_view(name).substr(0, last))) best = std::max(best, 1.0);
      }
      at(i, Signal::verbatim) = best;
    }
  }

  void history() {
    std::vector<int> file_of(past_.paths->size(), -1);
    for (std::size_t i = 0; i < files_.size(); ++i) {
      if (const auto number = past_.paths->find(files_[i].path)) file_of[*number] = static_cast<int>(i);
    }
    const auto& commits = *past_.commits;
    newest_ = commits.front().time;
    for (const PastCommit& commit : commits) newest_ = std::max(newest_, commit.time);
    for (const PastCommit& commit : commits) {
      for (const std::uint32_t path : commit.files) {
        if (file_of[path] < 0) continue;
        const auto file = static_cast<std::size_t>(file_of[path]);
        at(file, Signal::recency) += std::exp(-age(commit) / 180);
        at(file, Signal::churn) += 1;
      }
    }
    for (std::size_t i = 0; i < files_.size(); ++i) {
      at(i, Signal::recency) = std::log1p(at(i, Signal::recency));
      at(i, Signal::churn) = std::log1p(at(i, Signal::churn));
    }
    changed_together(file_of);
    similar_commits(file_of);
  }

  double age(const PastCommit& commit) const { return static_cast<double>(newest_ - commit.time) / kDay; }

  std::vector<std::size_t> best_by_words() const {
    std::vector<std::pair<double, std::size_t>> order;
    double most_words = 1e-9, most_path = 1e-9;
    for (const SignalRow& row : rows_) {
      most_words = std::max(most_words, row[signal_index(Signal::bm25_path)]);
      most_path = std::max(most_path, row[signal_index(Signal::path)]);
    }
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      const double score = rows_[i][signal_index(Signal::bm25_path)] / most_words + rows_[i][signal_index(Signal::path)] / most_path;
      if (score > 0 && files_[i].kind != SourceKind::test) order.push_back({-score, i});
    }
    std::sort(order.begin(), order.end());
    std::vector<std::size_t> best;
    for (std::size_t i = 0; i < std::min(kSeeds, order.size()); ++i) best.push_back(order[i].second);
    return best;
  }

  void changed_together(const std::vector<int>& file_of) {
    std::vector<bool> is_seed(files_.size(), false);
    for (const std::size_t seed : best_by_words()) is_seed[seed] = true;
    std::vector<double> degree(files_.size(), 0);
    for (const PastCommit& commit : *past_.commits) {
      if (commit.files.size() < 2 || commit.files.size() > kMostTogether) continue;
      double seeds = 0;
      for (const std::uint32_t path : commit.files) seeds += file_of[path] >= 0 && is_seed[static_cast<std::size_t>(file_of[path])];
      for (const std::uint32_t path : commit.files) {
        if (file_of[path] < 0) continue;
        const auto file = static_cast<std::size_t>(file_of[path]);
        degree[file] += 1;
        const double others = seeds - (is_seed[file] ? 1 : 0);
        at(file, Signal::together) += others * std::exp(-age(commit) / 365) / static_cast<double>(commit.files.size() - 1);
      }
    }
    for (std::size_t i = 0; i < files_.size(); ++i) at(i, Signal::together_share) = at(i, Signal::together) / std::sqrt(degree[i] + 1);
  }

  void similar_commits(const std::vector<int>& file_of) {
    const auto& commits = *past_.commits;
    std::vector<double> similar(commits.size(), 0), lengths(commits.size(), 0);
    double length = 0;
    for (std::size_t i = 0; i < commits.size(); ++i) {
      for (const TermCount& word : commits[i].words) lengths[i] += word.count;
      length += lengths[i];
    }
    Bm25 bm25(commits.size());
    bm25.mean_length = std::max(1.0, length / static_cast<double>(commits.size()));
    std::vector<std::size_t> have;
    for (const QueryTerm& term : query_.terms) {
      have.clear();
      for (std::size_t i = 0; i < commits.size(); ++i) {
        if (count_of(commits[i].words, term.term) > 0) have.push_back(i);
      }
      const Bm25::Weighted asked{term.term, term.weight, Bm25::idf(commits.size(), have.size())};
      for (const std::size_t i : have) similar[i] += bm25.score(asked, count_of(commits[i].words, term.term), lengths[i]);
    }
    std::vector<std::pair<double, std::size_t>> order;
    for (std::size_t i = 0; i < commits.size(); ++i) {
      if (similar[i] > 0) order.push_back({-similar[i], i});
    }
    const std::size_t kept = std::min(kSimilar, order.size());
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(kept), order.end());
    for (std::size_t rank = 0; rank < kept; ++rank) {
      const PastCommit& commit = commits[order[rank].second];
      const double share = std::pow(order[rank].first / order[0].first, 3) / std::sqrt(std::max<double>(1, static_cast<double>(commit.files.size()))) *
                           (0.5 + 0.5 * std::exp(-age(commit) / 730));
      for (const std::uint32_t path : commit.files) {
        if (file_of[path] >= 0) at(static_cast<std::size_t>(file_of[path]), Signal::similar) += share;
      }
    }
  }

  const TaskQuery& query_;
  const std::vector<ContextFile>& files_;
  const PastChanges& past_;
  TermTable& table_;
  std::vector<SignalRow> rows_;
  std::vector<std::vector<TermCount>> path_terms_, base_terms_;
  std::int64_t newest_ = 0;
};

}  // namespace

std::string_view to_string(Signal signal) {
  switch (signal) {
    case Signal::bm25:
    case Signal::bm25_path:
    case Signal::cover: return "words";
    case Signal::path:
    case Signal::base: return "words of its path";
    case Signal::verbatim: return "named in the task";
    case Signal::defined:
    case Signal::bm25_defined: return "names that it defines";
    case Signal::recency:
    case Signal::churn: return "recent changes";
    case Signal::together:
    case Signal::together_share: return "changes together with what the words find";
    case Signal::similar: return "past changes with a similar message";
    case Signal::count_: break;
  }
  return "";
}

std::vector<SignalRow> file_signals(const TaskQuery& query, const std::vector<ContextFile>& files, const PastChanges& past, TermTable& table) {
  if (files.empty()) return {};
  return Signals(query, files, past, table).run();
}

}  // namespace baton
