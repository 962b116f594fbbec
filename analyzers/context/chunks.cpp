#include "analyzers/context/chunks.h"

#include <algorithm>

namespace baton {
namespace {

constexpr int kSmall = 10;        // pieces below it are joined with what follows
constexpr int kSignature = 3;     // lines of a signature that are shown
constexpr std::size_t kAround = 3;

class Cutter {
 public:
  Cutter(std::string_view text, const std::vector<Symbol>& outline) : text_(text), starts_(line_starts(text)), outline_(outline) {
    for (const Symbol& symbol : outline) {
      const LineRange lines{with_comment(symbol.line), std::min(symbol.end_line, count())};
      if (lines.first >= 1 && lines.first <= lines.last) symbols_.push_back(lines);
    }
  }

  std::vector<Chunk> run() {
    if (count() == 0) return {};
    divide({1, count()});
    join();
    for (Chunk& chunk : chunks_) chunk.around = signatures(chunk.lines);
    return std::move(chunks_);
  }

 private:
  int count() const { return static_cast<int>(starts_.size()) - 1; }

  std::string_view line(int number) const {
    const std::size_t begin = starts_[static_cast<std::size_t>(number) - 1], end = starts_[static_cast<std::size_t>(number)];
    return text_.substr(begin, end - begin);
  }

  static std::size_t indent(std::string_view line) { return std::min(line.find_first_not_of(" \t\r\n"), line.size()); }
  static bool is_blank(std::string_view line) { return line.find_first_not_of(" \t\r\n") == line.npos; }

  // A comment right above belongs to its definition.
  int with_comment(int first) const {
    while (first > 1 && first <= count()) {
      const std::string_view above = line(first - 1);
      const std::string_view text = above.substr(indent(above));
      if (!text.starts_with("//") && !text.starts_with('#') && !text.starts_with('*') && !text.starts_with("/*") && !text.starts_with("--") && !text.starts_with('@')) break;
      --first;
    }
    return first;
  }

  void divide(LineRange range) {
    if (range.last - range.first < kChunkLines) {
      chunks_.push_back({range, {}});
      return;
    }
    int at = range.first;
    for (const LineRange& symbol : symbols_) {
      if (symbol.first < at || symbol.last > range.last || symbol == range) continue;
      if (symbol.first > at) plain({at, symbol.first - 1});
      divide(symbol);
      at = symbol.last + 1;
    }
    if (at == range.first) return plain(range);
    if (at <= range.last) plain({at, range.last});
  }

  // Without definitions: at the best of the lines that are not too near.
  void plain(LineRange range) {
    while (range.last - range.first >= kChunkLines) {
      int best = range.first + kChunkLines - 1;
      double least = 1e9;
      for (int next = range.first + kChunkLines / 2; next <= range.first + kChunkLines && next <= range.last; ++next) {
        const double cost = is_blank(line(next - 1)) ? -4 + static_cast<double>(indent(line(next))) : static_cast<double>(indent(line(next))) + (is_blank(line(next)) ? 100 : 0);
        if (cost <= least) {
          least = cost;
          best = next - 1;
        }
      }
      chunks_.push_back({{range.first, best}, {}});
      range.first = best + 1;
    }
    if (range.first <= range.last) chunks_.push_back({range, {}});
  }

  void join() {
    std::vector<Chunk> joined;
    for (const Chunk& chunk : chunks_) {
      const int lines = chunk.lines.last - chunk.lines.first + 1;
      if (!joined.empty()) {
        LineRange& before = joined.back().lines;
        const int together = before.last - before.first + 1 + lines;
        if (together <= kChunkLines && (lines < kSmall || before.last - before.first + 1 < kSmall)) {
          before.last = chunk.lines.last;
          continue;
        }
      }
      joined.push_back(chunk);
    }
    chunks_ = std::move(joined);
  }

  // The lines from the definition's first to where its body opens.
  LineRange signature(const Symbol& symbol) const {
    int first = symbol.line, last = std::max(symbol.name_line, symbol.line);
    if (last - first >= kSignature) first = last;  // after many decorators
    while (last - first + 1 < kSignature && last < std::min(symbol.end_line, count())) {
      const std::string_view text = line(last);
      const std::size_t end = text.find_last_not_of(" \t\r\n");
      if (end == text.npos || text[end] == '{' || text[end] == ':' || text[end] == ';') break;
      if (text[end] != ',' && text[end] != '(' && text[end] != '>' && text[end] != '&' && text[end] != '*') break;
      ++last;
    }
    return {first, last};
  }

  std::vector<LineRange> signatures(const LineRange& lines) const {
    std::vector<LineRange> around;
    for (const Symbol& symbol : outline_) {
      if (symbol.line >= lines.first || symbol.end_line < lines.first || symbol.kind == SymbolKind::namespace_) continue;
      LineRange shown = signature(symbol);
      shown.last = std::min(shown.last, lines.first - 1);
      // The piece itself may hold the line of the name: it began among decorators or a return type.
      if (shown.last < shown.first || (!around.empty() && shown.first <= around.back().last)) continue;
      around.push_back(shown);
    }
    if (around.size() > kAround) around.erase(around.begin() + 1, around.end() - (kAround - 1));
    return around;
  }

  std::string_view text_;
  std::vector<std::size_t> starts_;
  const std::vector<Symbol>& outline_;
  std::vector<LineRange> symbols_;
  std::vector<Chunk> chunks_;
};

}  // namespace

std::vector<std::size_t> line_starts(std::string_view text) {
  std::vector<std::size_t> starts;
  for (std::size_t begin = 0; begin < text.size();) {
    starts.push_back(begin);
    begin = std::min(text.find('\n', begin), text.size() - 1) + 1;
  }
  starts.push_back(text.size());
  return starts;
}

std::vector<Chunk> chunks(std::string_view text, const std::vector<Symbol>& outline) { return Cutter(text, outline).run(); }

}  // namespace baton
