#include "orchestrator/context/context.h"

#include <algorithm>
#include <cmath>

#include "analyzers/syntax.h"
#include "git/history.h"
#include "orchestrator/task_words.h"
#include "support/in_parallel.h"

namespace baton {
namespace {

constexpr std::size_t kHistory = 5000;        // commits
constexpr std::size_t kWideCommit = 30;       // files: a commit with more says nothing about any of them
constexpr std::size_t kMaxMessage = 2000;     // bytes
constexpr std::size_t kPackedFiles = 25;
constexpr double kNear = 0.7, kExpected = 2;  // what a pattern adds to a score

// The part of a message that says what was done.
std::string_view told(std::string_view message) {
  for (const std::string_view trailer : {"\nCo-authored-by:", "\nSigned-off-by:", "\nCo-Authored-By:"}) message = message.substr(0, message.find(trailer));
  return message.substr(0, kMaxMessage);
}

PastCommit past_commit(const HistoryCommit& commit, IndexData& data) {
  PastCommit past;
  past.time = commit.time;
  for (const std::string& file : commit.files) past.files.push_back(data.paths.add(file));
  past.words = terms_of(told(commit.message), data.terms);
  return past;
}

std::string lines_of(std::string_view text, const std::vector<LineRange>& ranges) {
  const auto starts = line_starts(text);
  std::string content;
  for (const LineRange& range : ranges) {
    const std::size_t begin = starts[static_cast<std::size_t>(range.first) - 1], end = starts[static_cast<std::size_t>(range.last)];
    content += text.substr(begin, end - begin);
  }
  return content;
}

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t\r\n") == line.npos; }

// A file of which all is taken, but for blank lines, is one piece where its first one stood: headings of parts cost, and tell nothing then.
void join_whole_files(std::vector<PackedPiece>& pieces, const std::vector<std::string>& texts) {
  for (std::size_t file = 0; file < texts.size(); ++file) {
    const auto starts = line_starts(texts[file]);
    std::vector<bool> left(starts.size(), true);  // by number of the line
    std::size_t tokens = 0;
    for (const PackedPiece& piece : pieces) {
      if (piece.file != file) continue;
      tokens += piece.tokens;
      for (const LineRange& range : piece.lines) std::fill(left.begin() + range.first, left.begin() + range.last + 1, false);
    }
    const std::size_t whole = tokens_of(texts[file].size());
    if (tokens <= whole) continue;
    for (std::size_t line = 1; line < starts.size(); ++line) left[line] = left[line] && !is_blank(std::string_view(texts[file]).substr(starts[line - 1], starts[line] - starts[line - 1]));
    if (std::find(left.begin() + 1, left.end(), true) != left.end()) continue;
    const auto of_file = [&](const PackedPiece& piece) { return piece.file == file; };
    const auto first = std::find_if(pieces.begin(), pieces.end(), of_file);
    *first = {file, {{1, static_cast<int>(starts.size()) - 1}}, whole};
    pieces.erase(std::remove_if(first + 1, pieces.end(), of_file), pieces.end());
  }
}

void cut_file(const std::string& path, std::string_view text, IndexedFile& indexed) {
  const auto symbols = outline(text, language_of(path));
  indexed.symbols = static_cast<std::uint32_t>(symbols.size());
  indexed.chunks = chunks(text, symbols);
  indexed.is_cut = true;
}

// Parsing is the slow part of a first look: the files that are new share the processors. Whether there were any.
bool cut_new(IndexData& data, const WorkspaceView& view, const std::vector<const ViewFile*>& files, const std::vector<std::string>& texts) {
  std::vector<std::size_t> fresh;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (!data.files[files[i]->blob].is_cut && view.holds(*files[i], texts[i])) fresh.push_back(i);
  }
  std::vector<IndexedFile> cuts(fresh.size());
  in_parallel(fresh.size(), [&](std::size_t at) { cut_file(files[fresh[at]]->path, texts[fresh[at]], cuts[at]); });
  for (std::size_t i = 0; i < fresh.size(); ++i) {
    IndexedFile& indexed = data.files[files[fresh[i]]->blob];
    indexed.symbols = cuts[i].symbols;
    indexed.chunks = std::move(cuts[i].chunks);
    indexed.is_cut = true;
  }
  return !fresh.empty();
}

bool matches_any(const std::vector<std::string>& patterns, const std::string& path) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) { return covers(pattern, path); });
}

}  // namespace

std::filesystem::path index_path(const std::filesystem::path& state) { return state / "index" / "context"; }

ContextIndex::ContextIndex(std::filesystem::path file) : file_(std::move(file)) {
  if (!file_.empty()) data_ = read_index(file_);
  ++data_.run;
}

Status ContextIndex::refresh(const WorkspaceView& view, bool syntax, std::stop_token stop) {
  for (const ViewFile& file : view.files()) {
    if (stop.stop_requested()) return Error{ErrorKind::cancelled, "Indexing was cancelled."};
    const auto [at, is_new] = data_.files.try_emplace(file.blob);
    IndexedFile& indexed = at->second;
    indexed.used = data_.run;
    const bool needs_cut = syntax && !indexed.is_cut && (is_new || indexed.terms.usable);
    if (!is_new && !needs_cut) continue;
    const auto text = view.read(file);
    if (!text) continue;  // gone since, or not at hand: an entry without words
    if (is_new) indexed.terms = file_terms(*text, data_.terms);
    if (syntax && indexed.terms.usable) cut(file, *text);
    changed_ = true;
  }
  return refresh_history(view, stop);
}

Status ContextIndex::refresh_history(const WorkspaceView& view, std::stop_token stop) {
  if (view.commit() == data_.history_of) return done();
  changed_ = true;
  std::vector<PastCommit> older;
  std::string known;
  if (!view.commit().empty() && !data_.history_of.empty() && is_ancestor(view.git_dir(), data_.history_of, view.commit(), stop)) {
    known = data_.history_of;
    older = std::move(data_.commits);
  } else {
    data_.paths = TermTable();
  }
  data_.commits.clear();
  data_.history_of = view.commit();
  if (view.commit().empty()) return done();
  const auto commits = read_history(view.git_dir(), view.commit(), known, kHistory, stop);
  if (!commits) {
    data_.history_of.clear();
    return stop.stop_requested() ? Status(commits.error()) : done();  // history is a help, not a need
  }
  for (const HistoryCommit& commit : *commits) {
    if (!commit.files.empty() && commit.files.size() <= kWideCommit) data_.commits.push_back(past_commit(commit, data_));
  }
  std::move(older.begin(), older.end(), std::back_inserter(data_.commits));
  if (data_.commits.size() > kHistory) data_.commits.resize(kHistory);
  return done();
}

const std::vector<Chunk>& ContextIndex::cut(const ViewFile& file, std::string_view text) {
  IndexedFile& indexed = data_.files[file.blob];
  if (!indexed.is_cut) {
    cut_file(file.path, text, indexed);
    changed_ = true;
  }
  return indexed.chunks;
}

std::vector<ContextFile> ContextIndex::candidates(const WorkspaceView& view) const {
  std::vector<ContextFile> files;
  for (const ViewFile& file : view.files()) {
    const auto indexed = data_.files.find(file.blob);
    const SourceKind kind = source_kind(file.path);
    if (indexed == data_.files.end() || !indexed->second.terms.usable || kind == SourceKind::document) continue;
    files.push_back({file.path, &indexed->second.terms, kind});
  }
  return files;
}

IndexCounts ContextIndex::counts(const WorkspaceView& view) const {
  IndexCounts counts;
  for (const ViewFile& file : view.files()) {
    const auto indexed = data_.files.find(file.blob);
    if (indexed == data_.files.end() || !indexed->second.terms.usable) continue;
    ++counts.files;
    counts.symbols += indexed->second.symbols;
    counts.bytes += indexed->second.terms.bytes;
  }
  return counts;
}

Result<ContextSlice> ContextIndex::slice(const WorkspaceView& view, const ContextRequest& request, std::stop_token stop) {
  const TaskQuery query = task_query(request.text, data_.terms);
  if (query.terms.empty() && query.paths.empty()) {
    return Error{ErrorKind::usage, "The task has no word that could be looked for; say what it is about in a sentence."};
  }
  ContextSlice slice;
  slice.left_out = view.left_out();
  const auto files = candidates(view);
  for (const ContextFile& file : files) slice.workspace_tokens += tokens_of(file.terms->bytes);
  if (files.empty()) return slice;
  std::vector<double> favour(files.size(), 0);
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (matches_any(request.near, files[i].path)) favour[i] += kNear;
    if (matches_any(request.expected, files[i].path)) favour[i] += kExpected;
  }
  auto ranked = rank_files(files, file_signals(query, files, past(), data_.terms), favour, *model);
  if (ranked.size() > kPackedFiles) ranked.resize(kPackedFiles);

  std::vector<std::string> texts(ranked.size());
  std::vector<const ViewFile*> viewed(ranked.size());
  for (std::size_t i = 0; i < ranked.size(); ++i) {
    if (stop.stop_requested()) return Error{ErrorKind::cancelled, "The search for context was cancelled."};
    const std::string& path = files[ranked[i].file].path;
    viewed[i] = &*std::lower_bound(view.files().begin(), view.files().end(), path, [](const ViewFile& a, const std::string& b) { return a.path < b; });
    if (auto text = view.read(*viewed[i])) texts[i] = std::move(*text);
  }
  changed_ |= cut_new(data_, view, viewed, texts);
  std::vector<PackFile> packed_files;
  for (std::size_t i = 0; i < ranked.size(); ++i) {
    // What was written since it was indexed is cut as it is now.
    const bool same = view.holds(*viewed[i], texts[i]);
    const double share = temperature == 1 ? ranked[i].share : std::pow(ranked[i].share, 1 / temperature);
    packed_files.push_back({share, texts[i], same ? cut(*viewed[i], texts[i]) : chunks(texts[i], {})});
  }
  std::vector<bool> counted(ranked.size(), false);
  auto pieces = pack(query, packed_files, request.budget, data_.terms, choice);
  if (request.joined) join_whole_files(pieces, texts);
  for (PackedPiece& piece : pieces) {
    if (!counted[piece.file]) slice.whole_tokens += tokens_of(texts[piece.file].size());
    counted[piece.file] = true;
    slice.tokens += piece.tokens;
    std::string content = lines_of(texts[piece.file], piece.lines);
    slice.pieces.push_back({files[ranked[piece.file].file].path, std::move(piece.lines), piece.tokens, ranked[piece.file].reason, std::move(content)});
  }
  return slice;
}

Status ContextIndex::save() {
  if (!changed_ || file_.empty()) return done();
  changed_ = false;
  return write_index(file_, data_);
}

}  // namespace baton
