#include "analyzers/matcher.h"

#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>
#include <array>
#include <functional>
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

  // Fills the groups that are in this pattern; leaves the others. Asked without groups first, which takes one pass over a line that does not match.
  bool match(std::string_view line, Found& out) const {
    return regex_->Match(re2::StringPiece(line.data(), line.size()), 0, line.size(), re2::RE2::ANCHOR_START, nullptr, 0) && fill(line, out);
  }

  // The same of a line that is known to match.
  bool fill(std::string_view line, Found& out) const {
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
  Pattern line, head, next, previous, detail;
  Pattern caret_prefix;
  int next_within = 1, previous_within = 1;
  std::vector<std::string> wake;
  std::map<std::string, Severity> code_severity;
  bool head_gap = false, indent_column = false, caret = false, advisory = false, generic = false, zero_based = false;
  std::map<std::string, Severity> severity;
  Severity fallback = Severity::warning;
  std::vector<std::string> files;
};

}  // namespace

namespace {

enum Count { kPassed, kFailed, kErrors, kSkipped, kTotal, kCounts };
constexpr std::array<const char*, kCounts> kCountNames = {"passed", "failed", "errors", "skipped", "total"};

// The last words of a test runner.
struct Summary {
  std::string runner;
  std::unique_ptr<re2::RE2> line;
  std::array<int, kCounts> groups{};  // 0 = not in the pattern
};

}  // namespace

struct MatcherTable::Rows {
  std::vector<Row> rows;
  std::unique_ptr<re2::RE2::Set> set;
  std::vector<Summary> summaries;
  std::unique_ptr<re2::RE2::Set> summary_set;
};

namespace {

void each_member(const Json& object, const std::function<void(std::string_view, const Json&)>& take) {
  if (!object.is_object()) return;
  for (size_t i = 0; i < object.size(); ++i) take(object.name(i), object.value(i));
}

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
  optional("previous", row.previous);
  optional("detail", row.detail);
  optional("caret_prefix", row.caret_prefix);
  for (const Pattern* pattern : {&row.line, &row.head, &row.next, &row.previous, &row.detail, &row.caret_prefix})
    if (!pattern->ok()) return Error{ErrorKind::usage, "The matcher " + row.name + " has a bad pattern: " + pattern->error() + "."};
  row.next_within = std::clamp(int_field(value, "next_within", 1), 1, 20);
  row.previous_within = std::clamp(int_field(value, "previous_within", 1), 1, 20);
  row.indent_column = flag(value, "indent_column");
  for (const Json& word : items(value, "wake"))
    if (!text_of(word).empty()) row.wake.push_back(text_of(word));
  each_member(field(value, "code_severity"), [&](std::string_view word, const Json& name) { row.code_severity[std::string(word)] = severity_of(text_of(name), Severity::warning); });
  row.head_gap = flag(value, "head_gap");
  row.caret = flag(value, "caret");
  row.advisory = flag(value, "advisory");
  row.generic = flag(value, "generic");
  row.zero_based = flag(value, "zero_based");
  row.fallback = severity_of(text_field(value, "default"), Severity::warning);
  each_member(field(value, "severity"), [&](std::string_view word, const Json& name) { row.severity[lower(word)] = severity_of(text_of(name), Severity::warning); });
  for (const Json& ending : items(value, "files")) row.files.push_back(text_of(ending));
  return row;
}

Result<Summary> parse_summary(const Json& value) {
  Summary out;
  out.runner = text_field(value, "runner");
  out.line = std::make_unique<re2::RE2>(text_field(value, "line"), Pattern::options());
  if (out.runner.empty() || !out.line->ok()) return Error{ErrorKind::usage, "The summary of " + out.runner + " has a bad pattern: " + out.line->error() + "."};
  for (const auto& [name, index] : out.line->NamedCapturingGroups())
    for (size_t i = 0; i < kCounts; ++i)
      if (name == kCountNames[i]) out.groups[i] = index;
  return out;
}

// Adds a summary's counts to its runner's.
void add_summary(Reading& reading, const Summary& summary, std::string_view line, size_t at) {
  std::array<re2::StringPiece, 16> parts;
  const int count = std::min(summary.line->NumberOfCapturingGroups() + 1, static_cast<int>(parts.size()));
  if (!summary.line->Match(re2::StringPiece(line.data(), line.size()), 0, line.size(), re2::RE2::ANCHOR_START, parts.data(), count)) return;
  std::array<int, kCounts> got{};
  got.fill(-1);
  for (size_t i = 0; i < kCounts; ++i) {
    const int group = summary.groups[i];
    if (group > 0 && group < count && parts[static_cast<size_t>(group)].data()) got[i] = to_int(std::string_view(parts[static_cast<size_t>(group)].data(), parts[static_cast<size_t>(group)].size()));
  }
  const auto known = [&](Count which) { return std::max(0, got[which]); };
  const int failed = known(kFailed) + known(kErrors);
  const int passed = got[kPassed] >= 0 ? got[kPassed] : got[kTotal] >= 0 ? std::max(0, got[kTotal] - failed - known(kSkipped)) : 0;
  TestReport& report = reading.tally(summary.runner).report;
  report.passed = report.passed.value_or(0) + passed;
  report.failed = report.failed.value_or(0) + failed;
  report.skipped = report.skipped.value_or(0) + known(kSkipped);
  report.total = *report.passed + *report.failed + *report.skipped;
  if (*report.total == 0) reading.nothing_ran = true;
  reading.claim(at, at + 1);
  reading.recognised(summary.runner + "-text");
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
    for (size_t i = 0; i < reading_.text.size() && !reading_.full(); ++i) {
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
    if (!may_name_a_file(row, reading_.text.line(at))) return false;
    // Taking a line apart costs more than all else: what completes it is looked for before.
    Found found{}, below{};
    size_t last = at;
    if (row.next) {
      last = find_next(row, at, below);
      if (last == at) return false;
    }
    if (!row.line.fill(reading_.text.line(at), found)) return false;
    for (size_t group = 0; group < kGroups; ++group)
      if (!below[group].empty()) found[group] = below[group];
    size_t first = at;
    if (row.previous) {
      first = find_previous(row, at, found);
      if (first == at) return false;
    }
    if (row.head) {
      const Head* head = find_head(index, at);
      if (!head) return false;
      if (found[kPath].empty()) found[kPath] = head->path;
      if (found[kLine].empty()) found[kLine] = head->line;
    }
    const bool placed = !found[kPath].empty();
    if (placed && !has_ending(found[kPath], row.files)) return false;
    if (placed && row.files.empty() && !plausible(row, found[kPath])) return false;
    report(row, found, first, at, last);
    return true;
  }

  // Of the rows that a line matches most are of other languages.
  static bool may_name_a_file(const Row& row, std::string_view line) {
    if (row.files.empty() || row.head || row.next || row.previous) return true;
    return std::any_of(row.files.begin(), row.files.end(), [&](const std::string& ending) { return line.find(ending) != std::string_view::npos; });
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

  // The line above that completes the match; `at` when there is none.
  size_t find_previous(const Row& row, size_t at, Found& found) const {
    for (size_t i = at, looked = 0; i-- > 0 && looked < static_cast<size_t>(row.previous_within);) {
      const std::string_view line = reading_.text.line(i);
      if (line.size() > kMaxLine) break;
      if (trim(line).empty() && at - i < 4) continue;
      ++looked;
      if (row.previous.match(line, found)) return i;
    }
    return at;
  }

  struct Head {
    bool searched = false;
    size_t item = 0;
    std::string path;  // empty: no head
    std::string line;
  };

  // The nearest line above that heads the block. What the last search of this row found is remembered, so that no line is walked twice.
  const Head* find_head(size_t index, size_t at) {
    const Row& row = rows_[index];
    Head& known = heads_[index];
    const auto remember = [&](std::string path, std::string line) {
      known = {true, at, std::move(path), std::move(line)};
      return known.path.empty() ? nullptr : &known;
    };
    for (size_t i = at; i-- > 0;) {
      if (known.searched && i <= known.item) return remember(known.path, known.line);  // nothing since the last item ended its block
      const std::string_view line = reading_.text.line(i);
      if (trim(line).empty()) {
        if (!row.head_gap) break;
        continue;
      }
      Found found{}, item{};
      if (line.size() > kMaxLine || !row.head.match(line, found) || found[kPath].empty() || row.line.match(line, item)) continue;
      return remember(std::string(found[kPath]), std::string(found[kLine]));
    }
    return remember("", "");
  }

  void report(const Row& row, const Found& found, size_t first, size_t at, size_t last) {
    Finding out;
    out.tool = row.tool;
    out.path = found[kPath];
    out.line = std::max(0, to_int(found[kLine]));
    const int column = to_int(found[kCol]);
    if (column >= 0) out.column = column + (row.zero_based ? 1 : 0);
    if (row.indent_column) out.column = static_cast<int>(indent_of(reading_.text.line(at))) + 1;
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
    if (row.generic) {
      out.low_confidence = true;
      if (out.severity == Severity::error) out.severity = Severity::warning;
    }
    last = details(row, last, out);
    if (out.message.empty()) out.message = out.code;
    if (row.caret && out.column == 0) last = caret(row, last, out);
    reading_.claim(first, last + 1);
    reading_.report(at, std::move(out), row.advisory || row.generic ? Weight::advisory : Weight::normal, ColumnUnit::code_points);
    reading_.recognised(row.name);
  }

  size_t details(const Row& row, size_t last, Finding& out) const {
    if (!row.detail) return last;
    for (size_t count = 0; count < kMaxDetails && last + 1 < reading_.text.size(); ++count) {
      const std::string_view line = reading_.text.line(last + 1);
      Found found{};
      if (line.size() > kMaxLine || reading_.claimed(last + 1) || !row.detail.match(line, found)) break;
      if (!found[kCode].empty()) out.code = found[kCode];
      const std::string_view more = trim(found[kMessage].empty() && found[kCode].empty() ? line : found[kMessage]);
      if (!out.message.empty() && !more.empty()) out.message += '\n';
      out.message += more;
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
  if (const auto valid = parse_json(json); !valid) return valid.error();
  JsonDocument document;
  const Json* const value = document.read(json);
  if (!value) return Error{ErrorKind::usage, "The matchers are no JSON that can be read."};
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
  rows->summary_set = std::make_unique<re2::RE2::Set>(options, re2::RE2::ANCHOR_START);
  for (const Json& one : value->is_array() ? Json::no_items() : items(*value, "summaries")) {
    Result<Summary> summary = parse_summary(one);
    if (!summary) return summary.error();
    rows->summary_set->Add(summary->line->pattern(), nullptr);
    rows->summaries.push_back(std::move(*summary));
  }
  if (!rows->summaries.empty() && !rows->summary_set->Compile()) return Error{ErrorKind::internal, "The summaries need too much memory together; make their patterns simpler."};
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
  // Summaries: short lines with a digit in their first words.
  std::vector<int> found;
  for (size_t i = 0; !rows_->summaries.empty() && i < reading.text.size(); ++i) {
    const std::string_view line = reading.text.line(i);
    if (line.size() < 4 || line.size() > 200 || reading.claimed(i)) continue;
    const std::string_view front = line.substr(0, 60);
    const bool counts = std::any_of(front.begin(), front.end(), [](char c) { return c >= '0' && c <= '9'; });  // find_first_of asks memchr about each
    if (!counts && line.substr(0, 11).find("No test") == std::string_view::npos) continue;
    found.clear();
    if (!rows_->summary_set->Match(re2::StringPiece(line.data(), line.size()), &found)) continue;
    add_summary(reading, rows_->summaries[static_cast<size_t>(*std::min_element(found.begin(), found.end()))], line, i);
  }
  if (!rows_->rows.empty()) Run(reading, rows_->rows, *rows_->set).read();
}

void read_matchers(Reading& reading) { MatcherTable::builtin().read(reading); }

}  // namespace baton
