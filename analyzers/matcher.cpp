#include "analyzers/matcher.h"

#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>

#include "analyzers/readers/json_fields.h"
#include "analyzers/readers/readers.h"
#include "analyzers/readers/severity.h"
#include "support/json.h"

namespace baton {
namespace {

constexpr size_t kMaxLine = 4096;
constexpr size_t kMaxDetails = 20;
constexpr int kMaxCaretDistance = 6;

enum Group { kPath, kLine, kCol, kEndLine, kEndCol, kSeverity, kCode, kMessage, kGroups };
constexpr std::array<std::string_view, kGroups> kNames = {"path", "line", "col", "end_line", "end_col", "severity", "code", "message"};

using Found = std::array<std::string_view, kGroups>;

// A regular expression and which of its groups is which.
class Pattern {
 public:
  Pattern() = default;
  explicit Pattern(const std::string& text) : regex_(std::make_unique<re2::RE2>(text, options())) {
    if (!regex_->ok()) return;
    for (const auto& [name, index] : regex_->NamedCapturingGroups()) {
      const auto found = std::find(kNames.begin(), kNames.end(), std::string_view(name));
      if (found != kNames.end()) groups_.push_back({static_cast<size_t>(found - kNames.begin()), static_cast<size_t>(index)});
    }
  }
  static re2::RE2::Options options() {
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(int64_t{16} << 20);
    return options;
  }

  explicit operator bool() const { return regex_ != nullptr; }
  bool ok() const { return !regex_ || regex_->ok(); }
  std::string error() const { return regex_ ? regex_->error() : ""; }

  // Fills the groups that are in this pattern; leaves the others.
  bool match(std::string_view line, Found& out) const {
    std::array<re2::StringPiece, 24> parts;
    const int count = std::min(regex_->NumberOfCapturingGroups() + 1, static_cast<int>(parts.size()));
    if (!regex_->Match(re2::StringPiece(line.data(), line.size()), 0, line.size(), re2::RE2::ANCHOR_START, parts.data(), count)) return false;
    for (const auto& [group, index] : groups_)
      if (index < static_cast<size_t>(count) && parts[index].data() != nullptr && !parts[index].empty()) out[group] = std::string_view(parts[index].data(), parts[index].size());
    return true;
  }

  // How much of the line's front this pattern takes.
  size_t length(std::string_view line) const {
    re2::StringPiece whole;
    return regex_->Match(re2::StringPiece(line.data(), line.size()), 0, line.size(), re2::RE2::ANCHOR_START, &whole, 1) ? whole.size() : 0;
  }

 private:
  std::unique_ptr<re2::RE2> regex_;
  std::vector<std::pair<size_t, size_t>> groups_;
};

struct Row {
  std::string name, tool;
  std::string line_text;
  Pattern line, head, next, detail;
  Pattern caret_prefix;
  int next_within = 1;
  std::vector<std::string> wake;
  std::map<std::string, Severity> code_severity;
  bool head_gap = false, caret = false, advisory = false, generic = false, zero_based = false;
  std::map<std::string, Severity> severity;
  Severity fallback = Severity::warning;
  std::vector<std::string> files;
};

}  // namespace

struct MatcherTable::Rows {
  std::vector<Row> rows;
  std::unique_ptr<re2::RE2::Set> set;
};

namespace {

Result<Row> parse_row(const Json& value) {
  Row row;
  row.name = text_field(value, "name");
  row.tool = value.contains("tool") ? text_field(value, "tool") : row.name;
  row.line_text = text_field(value, "line");
  if (row.name.empty() || row.line_text.empty()) return Error{ErrorKind::usage, "A matcher needs a name and a line pattern."};
  row.line = Pattern(row.line_text);
  const auto optional = [&](const char* key, Pattern& out) {
    const std::string text = text_field(value, key);
    if (!text.empty()) out = Pattern(text);
  };
  optional("head", row.head);
  optional("next", row.next);
  optional("detail", row.detail);
  optional("caret_prefix", row.caret_prefix);
  for (const Pattern* pattern : {&row.line, &row.head, &row.next, &row.detail, &row.caret_prefix})
    if (!pattern->ok()) return Error{ErrorKind::usage, "The matcher " + row.name + " has a bad pattern: " + pattern->error() + "."};
  row.next_within = std::clamp(int_field(value, "next_within", 1), 1, 20);
  for (const Json& word : items(value, "wake"))
    if (!text_of(word).empty()) row.wake.push_back(text_of(word));
  if (field(value, "code_severity").is_object())
    for (const auto& [word, name] : field(value, "code_severity").items()) row.code_severity[word] = severity_of(text_of(name), Severity::warning);
  row.head_gap = flag(value, "head_gap");
  row.caret = flag(value, "caret");
  row.advisory = flag(value, "advisory");
  row.generic = flag(value, "generic");
  row.zero_based = flag(value, "zero_based");
  row.fallback = severity_of(text_field(value, "default"), Severity::warning);
  if (field(value, "severity").is_object())
    for (const auto& [word, name] : field(value, "severity").items()) row.severity[lower(word)] = severity_of(text_of(name), Severity::warning);
  for (const Json& ending : items(value, "files")) row.files.push_back(text_of(ending));
  return row;
}

// What could begin a finding: a digit after ':' '(' or ',' or blank. Cheaper than any automaton, and most lines of a log end here.
bool worth_a_look(std::string_view line) {
  if (line.size() < 4 || line.size() > kMaxLine) return false;
  for (size_t i = 1; i < line.size(); ++i)
    if (line[i] >= '0' && line[i] <= '9' && (line[i - 1] == ':' || line[i - 1] == '(' || line[i - 1] == ' ' || line[i - 1] == '[' || line[i - 1] == '@' || line[i - 1] == '-' || line[i - 1] == '\t' || line[i - 1] == ','))
      return true;
  return false;
}

bool has_ending(std::string_view path, const std::vector<std::string>& endings) {
  if (endings.empty()) return true;
  for (const std::string& ending : endings)
    if (path.size() >= ending.size() && path.compare(path.size() - ending.size(), ending.size(), ending) == 0) return true;
  return false;
}

// Reads one output with one table.
class Run {
 public:
  Run(Reading& reading, const std::vector<Row>& rows, const re2::RE2::Set& set) : reading_(reading), rows_(rows), set_(set), heads_(rows.size()) {
    for (const Row& row : rows)
      for (const std::string& word : row.wake) wakers_[static_cast<unsigned char>(word[0])].push_back(word);
  }

  void read() {
    std::vector<int> candidates;
    for (size_t i = 0; i < reading_.text.size(); ++i) {
      const std::string_view line = reading_.text.line(i);
      if (reading_.claimed(i) || (!worth_a_look(line) && !wakes(line))) continue;
      candidates.clear();
      if (!set_.Match(re2::StringPiece(line.data(), line.size()), &candidates)) continue;
      std::sort(candidates.begin(), candidates.end());
      for (const int index : candidates)
        if (take(static_cast<size_t>(index), i)) break;
    }
  }

 private:
  bool wakes(std::string_view line) const {
    const size_t indent = indent_of(line);
    if (indent >= line.size() || line.size() > kMaxLine) return false;
    for (const std::string& word : wakers_[static_cast<unsigned char>(line[indent])])
      if (line.compare(indent, word.size(), word) == 0) return true;
    return false;
  }

  bool take(size_t index, size_t at) {
    const Row& row = rows_[index];
    Found found{};
    if (!row.line.match(reading_.text.line(at), found)) return false;
    size_t last = at;
    if (row.next) {
      last = find_next(row, at, found);
      if (last == at) return false;
    }
    std::string head;
    if (row.head) {
      if (!find_head(index, at, head)) return false;
      if (found[kPath].empty()) found[kPath] = head;
    }
    const bool placed = !found[kPath].empty();
    if (placed && !has_ending(found[kPath], row.files)) return false;
    if (placed && row.files.empty() && !plausible(row, found[kPath])) return false;
    report(row, found, at, last);
    return true;
  }

  static bool plausible(const Row& row, std::string_view path) {
    if (path.find("://") != std::string_view::npos) return false;
    if (row.generic || !row.head) return looks_like_file(path) || (!row.generic && path.find('/') != std::string_view::npos);
    return true;
  }

  // The line below that completes the match; `at` when there is none.
  size_t find_next(const Row& row, size_t at, Found& found) const {
    for (size_t i = at + 1; i < reading_.text.size() && i <= at + static_cast<size_t>(row.next_within); ++i) {
      const std::string_view line = reading_.text.line(i);
      if (reading_.claimed(i) || line.size() > kMaxLine) break;
      if (row.next.match(line, found)) return i;
      Found other{};
      if (row.line.match(line, other)) break;
    }
    return at;
  }

  // The nearest line above that heads the block. What the last search of this row found is remembered, so that no line is walked twice.
  bool find_head(size_t index, size_t at, std::string& head) {
    const Row& row = rows_[index];
    Head& known = heads_[index];
    const auto remember = [&](std::string path) {
      known = {true, at, std::move(path)};
      head = known.path;
      return !head.empty();
    };
    for (size_t i = at; i-- > 0;) {
      if (known.searched && i <= known.item) return remember(known.path);  // nothing since the last item ended its block
      const std::string_view line = reading_.text.line(i);
      if (trim(line).empty()) {
        if (!row.head_gap) break;
        continue;
      }
      Found found{}, item{};
      if (line.size() > kMaxLine || !row.head.match(line, found) || found[kPath].empty() || row.line.match(line, item)) continue;
      return remember(std::string(found[kPath]));
    }
    return remember("");
  }

  void report(const Row& row, const Found& found, size_t at, size_t last) {
    Finding out;
    out.tool = row.tool;
    out.path = found[kPath];
    out.line = std::max(0, to_int(found[kLine]));
    const int column = to_int(found[kCol]);
    if (column >= 0) out.column = column + (row.zero_based ? 1 : 0);
    out.end_line = std::max(0, to_int(found[kEndLine]));
    out.end_column = std::max(0, to_int(found[kEndCol]));
    out.code = trim(found[kCode]);
    out.message = trim(found[kMessage]);
    out.severity = row.fallback;
    if (!found[kSeverity].empty()) {
      const auto mapped = row.severity.find(lower(trim(found[kSeverity])));
      out.severity = mapped != row.severity.end() ? mapped->second : severity_of(found[kSeverity], row.fallback);
    }
    size_t longest = 0;
    for (const auto& [prefix, severity] : row.code_severity) {
      if (prefix.size() <= longest || out.code.compare(0, prefix.size(), prefix) != 0) continue;
      longest = prefix.size();
      out.severity = severity;
    }
    if (out.message.empty()) out.message = out.code;
    if (row.generic) {
      out.low_confidence = true;
      if (out.severity == Severity::error) out.severity = Severity::warning;
    }
    last = details(row, last, out);
    if (row.caret && out.column == 0) last = caret(row, last, out);
    reading_.claim(at, last + 1);
    reading_.report(at, std::move(out), row.advisory || row.generic ? Weight::advisory : Weight::normal, ColumnUnit::code_points);
    reading_.recognised(row.name);
  }

  size_t details(const Row& row, size_t last, Finding& out) const {
    if (!row.detail) return last;
    for (size_t count = 0; count < kMaxDetails && last + 1 < reading_.text.size(); ++count) {
      const std::string_view line = reading_.text.line(last + 1);
      Found found{};
      if (line.size() > kMaxLine || reading_.claimed(last + 1) || !row.detail.match(line, found)) break;
      if (!out.message.empty()) out.message += '\n';
      out.message += trim(found[kMessage].empty() ? line : found[kMessage]);
      ++last;
    }
    return last;
  }

  size_t caret(const Row& row, size_t last, Finding& out) const {
    for (size_t i = last + 1; i < reading_.text.size() && i <= last + kMaxCaretDistance; ++i) {
      std::string_view line = reading_.text.line(i);
      Found found{};
      if (line.size() > kMaxLine || row.line.match(line, found)) break;
      if (row.caret_prefix) line.remove_prefix(row.caret_prefix.length(line));
      const std::string_view mark = trim(line);
      if (mark.empty() || mark.find_first_not_of("^~") != std::string_view::npos || mark[0] != '^') continue;
      out.column = static_cast<int>(line.find('^')) + 1;
      return i;
    }
    return last;
  }

  struct Head {
    bool searched = false;
    size_t item = 0;
    std::string path;  // empty: no head
  };

  Reading& reading_;
  const std::vector<Row>& rows_;
  const re2::RE2::Set& set_;
  std::vector<Head> heads_;
  std::array<std::vector<std::string>, 256> wakers_;
};

}  // namespace

MatcherTable::MatcherTable(std::unique_ptr<Rows> rows) : rows_(std::move(rows)) {}
MatcherTable::~MatcherTable() = default;

Result<std::shared_ptr<const MatcherTable>> MatcherTable::parse(std::string_view json) {
  Result<Json> value = parse_json(json);
  if (!value) return value.error();
  const Json& list = value->is_array() ? *value : field(*value, "matchers");
  if (!list.is_array()) return Error{ErrorKind::usage, "The matchers are no array; write {\"matchers\": [...]}."};
  auto rows = std::make_unique<Rows>();
  re2::RE2::Options options = Pattern::options();
  options.set_max_mem(int64_t{64} << 20);
  rows->set = std::make_unique<re2::RE2::Set>(options, re2::RE2::ANCHOR_START);
  for (const Json& one : list) {
    Result<Row> row = parse_row(one);
    if (!row) return row.error();
    std::string error;
    if (rows->set->Add(row->line_text, &error) < 0) return Error{ErrorKind::usage, "The matcher " + row->name + " has a bad pattern: " + error + "."};
    rows->rows.push_back(std::move(*row));
  }
  if (!rows->rows.empty() && !rows->set->Compile()) return Error{ErrorKind::internal, "The matchers need too much memory together; make their patterns simpler."};
  return std::make_shared<const MatcherTable>(std::move(rows));
}

const MatcherTable& MatcherTable::builtin() {
  static const std::shared_ptr<const MatcherTable> kTable = [] {
    Result<std::shared_ptr<const MatcherTable>> table = parse(matchers_json());
    if (!table) {
      fprintf(stderr, "matchers.json: %s\n", table.error().message.c_str());
      abort();
    }
    return *table;
  }();
  return *kTable;
}

void MatcherTable::read(Reading& reading) const {
  if (!rows_->rows.empty()) Run(reading, rows_->rows, *rows_->set).read();
}

void read_matchers(Reading& reading) { MatcherTable::builtin().read(reading); }

}  // namespace baton
