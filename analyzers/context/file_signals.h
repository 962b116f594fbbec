// How much each file has to do with a task, by many cheap signals: words, names, paths, and what the history of the repository
// says. Pure, any thread.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "analyzers/context/file_terms.h"
#include "analyzers/context/source_kind.h"
#include "analyzers/context/task_query.h"

namespace baton {

struct ContextFile {
  std::string path;
  const FileTerms* terms = nullptr;
  SourceKind kind = SourceKind::code;
};

struct PastCommit {
  std::int64_t time = 0;             // seconds
  std::vector<std::uint32_t> files;  // numbers of paths, in a table of paths
  std::vector<TermCount> words;      // of its message
};

struct PastChanges {
  const TermTable* paths = nullptr;
  const std::vector<PastCommit>* commits = nullptr;  // newest first
};

enum class Signal {
  bm25, bm25_path, path, base, cover, verbatim, defined, bm25_defined, recency, churn, together, together_share, similar, count_
};
inline constexpr std::size_t kSignals = static_cast<std::size_t>(Signal::count_);
std::string_view to_string(Signal signal);  // for people: "words", "history"

using SignalRow = std::array<double, kSignals>;  // not negative; 0: says nothing

// A row a file.
std::vector<SignalRow> file_signals(const TaskQuery& query, const std::vector<ContextFile>& files, const PastChanges& past, TermTable& table);

}  // namespace baton
