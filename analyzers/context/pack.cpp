#include "analyzers/context/pack.h"

#include <algorithm>
#include <cmath>
#include <queue>
#include <unordered_map>

#include "analyzers/context/bm25.h"
#include "analyzers/context/code_tokens.h"
#include "analyzers/context/defined_names.h"

namespace baton {
namespace {

struct Piece {
  std::size_t file = 0, chunk = 0;
  double score = 0, worth = 0;
  std::unordered_map<Term, double> counts;  // of the query's terms
  std::unordered_map<Term, bool> named;     // those that it defines
};

// Finds which of the query's terms a piece of text has. An identifier is split once, however often it comes.
class TermFinder {
 public:
  TermFinder(const TaskQuery& query, const TermTable& table) : table_(table) {
    for (const QueryTerm& term : query.terms) asked_[term.term] = true;
  }

  const std::vector<Term>& of(std::string_view identifier) {
    const auto [at, is_new] = known_.try_emplace(identifier);
    if (is_new) {
      for (const std::string& text : identifier_terms(identifier)) {
        const auto term = table_.find(text);
        if (term && asked_.contains(*term)) at->second.push_back(*term);
      }
    }
    return at->second;
  }

 private:
  const TermTable& table_;
  std::unordered_map<Term, bool> asked_;
  std::unordered_map<std::string_view, std::vector<Term>> known_;
};

std::vector<Piece> pieces_of(const TaskQuery& query, const std::vector<PackFile>& files, const TermTable& table) {
  TermFinder finder(query, table);
  std::vector<Piece> pieces;
  for (std::size_t f = 0; f < files.size(); ++f) {
    const auto starts = line_starts(files[f].text);
    for (std::size_t c = 0; c < files[f].chunks.size(); ++c) {
      Piece piece;
      piece.file = f;
      piece.chunk = c;
      const LineRange lines = files[f].chunks[c].lines;
      const std::size_t begin = starts[static_cast<std::size_t>(lines.first) - 1], end = starts[static_cast<std::size_t>(lines.last)];
      const std::string_view text = files[f].text.substr(begin, end - begin);
      each_identifier(text, [&](std::string_view identifier, std::size_t) {
        for (const Term term : finder.of(identifier)) piece.counts[term] += 1;
      });
      for (const std::string_view name : defined_names(text)) {
        for (const Term term : finder.of(name)) piece.named[term] = true;
      }
      pieces.push_back(std::move(piece));
    }
  }
  return pieces;
}

void score(std::vector<Piece>& pieces, const TaskQuery& query, const PackChoice& choice) {
  Bm25 bm25(pieces.size());
  for (const QueryTerm& term : query.terms) {
    std::size_t have = 0;
    for (const Piece& piece : pieces) have += piece.counts.contains(term.term);
    if (have == 0) continue;
    const Bm25::Weighted asked{term.term, term.weight, Bm25::idf(pieces.size(), have)};
    for (Piece& piece : pieces) {
      const auto at = piece.counts.find(term.term);
      if (at == piece.counts.end()) continue;
      piece.score += bm25.score(asked, at->second, 1);
      if (piece.named.contains(term.term)) piece.score += choice.name_bonus * asked.weight * asked.idf;
    }
  }
}

// A file's share spread over its pieces.
void spread(std::vector<Piece>& pieces, const std::vector<PackFile>& files, const PackChoice& choice) {
  std::vector<double> most(files.size(), 1e-9), sum(files.size(), 0);
  for (const Piece& piece : pieces) most[piece.file] = std::max(most[piece.file], piece.score);
  for (Piece& piece : pieces) sum[piece.file] += piece.worth = std::pow(piece.score / most[piece.file] + choice.floor, choice.gamma);
  for (Piece& piece : pieces) piece.worth *= files[piece.file].share / sum[piece.file];
}

// Which lines of a file are taken.
class Taken {
 public:
  explicit Taken(std::string_view text) : starts_(line_starts(text)), have_(starts_.size(), false) {}

  std::size_t new_bytes(const std::vector<LineRange>& ranges) const {
    std::size_t bytes = 0;
    for (const LineRange& range : ranges) {
      for (int line = range.first; line <= range.last; ++line) {
        const auto at = static_cast<std::size_t>(line);
        if (!have_[at]) bytes += starts_[at] - starts_[at - 1];
      }
    }
    return bytes;
  }
  void take(const std::vector<LineRange>& ranges) {
    for (const LineRange& range : ranges) {
      for (int line = range.first; line <= range.last; ++line) have_[static_cast<std::size_t>(line)] = true;
    }
  }

 private:
  std::vector<std::size_t> starts_;
  std::vector<bool> have_;
};

std::vector<LineRange> with_signatures(const Chunk& chunk) {
  std::vector<LineRange> lines = chunk.around;
  if (!lines.empty() && lines.back().last + 1 == chunk.lines.first) lines.back().last = chunk.lines.last;
  else lines.push_back(chunk.lines);
  return lines;
}

}  // namespace

std::size_t tokens_of(std::size_t bytes) { return (bytes + 3) / 4 + kEntryTokens; }

std::vector<PackedPiece> pack(const TaskQuery& query, const std::vector<PackFile>& files, std::size_t budget, TermTable& table, const PackChoice& choice) {
  std::vector<Piece> pieces = pieces_of(query, files, table);
  score(pieces, query, choice);
  spread(pieces, files, choice);
  std::vector<Taken> taken;
  for (const PackFile& file : files) taken.emplace_back(file.text);
  std::vector<std::pair<double, std::size_t>> order;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const auto bytes = taken[pieces[i].file].new_bytes({files[pieces[i].file].chunks[pieces[i].chunk].lines});
    order.push_back({-pieces[i].worth / std::pow(static_cast<double>(tokens_of(bytes)), choice.cost_power), i});
  }
  std::sort(order.begin(), order.end());
  std::vector<PackedPiece> packed;
  std::size_t left = budget;
  for (const auto& [negative, i] : order) {
    if (left <= kEntryTokens) break;
    const Piece& piece = pieces[i];
    auto lines = with_signatures(files[piece.file].chunks[piece.chunk]);
    const std::size_t tokens = tokens_of(taken[piece.file].new_bytes(lines));
    if (tokens > left) continue;
    left -= tokens;
    taken[piece.file].take(lines);
    packed.push_back({piece.file, std::move(lines), tokens});
  }
  return packed;
}

}  // namespace baton
