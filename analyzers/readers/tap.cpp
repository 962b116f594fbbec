// TAP 13 and 14, above all node --test's: nested subtests by indent, a YAML block with the error and its stack, directives.
#include <algorithm>
#include <unordered_map>

#include "analyzers/readers/readers.h"
#include "analyzers/readers/stack.h"
#include "analyzers/readers/test_ids.h"

namespace baton {
namespace {

std::string unquote(std::string_view text) {
  text = trim(text);
  if (text.size() >= 2 && (text[0] == '\'' || text[0] == '"') && text.back() == text[0]) {
    std::string out;
    const char quote = text[0];
    for (size_t i = 1; i + 1 < text.size(); ++i) {
      if (quote == '\'' && text[i] == '\'' && i + 2 < text.size() && text[i + 1] == '\'') ++i;
      if (quote == '"' && text[i] == '\\' && i + 2 < text.size()) {
        ++i;
        out += text[i] == 'n' ? '\n' : text[i];
        continue;
      }
      out += text[i];
    }
    return out;
  }
  return std::string(text);
}

// A test line's name: "\#" is a hash, and the directive after " # " is apart.
struct Line {
  bool ok = false;
  std::string name;
  bool skip = false, todo = false;
  bool opens = false;  // "{": its subtests follow, up to "}"
  std::string reason;
};

bool parse_line(std::string_view text, Line& out) {
  out = {};
  if (take_prefix(text, "not ok")) {
    out.ok = false;
  } else if (take_prefix(text, "ok")) {
    out.ok = true;
  } else {
    return false;
  }
  if (!text.empty() && text[0] != ' ') return false;
  text = trim_left(text);
  std::string_view number = text;
  if (take_int(number) >= 0 && (number.empty() || number[0] == ' ')) text = trim_left(number);
  else if (text.empty()) return true;
  if (take_prefix(text, "- ")) text = trim_left(text);
  else if (text == "-") text = {};
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '#' || text[i + 1] == '\\')) {
      out.name += text[++i];
      continue;
    }
    if (text[i] == '#' && (i == 0 || text[i - 1] == ' ')) {
      const std::string_view directive = trim(text.substr(i + 1));
      const std::string word = lower(directive.substr(0, 4));
      if (word == "skip") out.skip = true;
      if (word == "todo") out.todo = true;
      if (out.skip || out.todo) {
        out.reason = trim(directive.substr(4));
        break;
      }
      if (word == "time") break;
    }
    out.name += text[i];
  }
  out.opens = trim_right(text).size() > 1 && trim_right(text).back() == '{';
  while (!out.name.empty() && (out.name.back() == ' ' || (out.opens && out.name.back() == '{'))) out.name.pop_back();
  return true;
}

// vitest nests the error: "name: ..." and "message: ...".
std::string nested_message(const std::string& error) {
  if (trim(error).substr(0, 5) != "name:") return error;
  std::string name, message;
  for (std::string_view rest = error; !rest.empty();) {
    std::string_view line = trim(first_line(rest));
    rest.remove_prefix(std::min(rest.size(), first_line(rest).size() + 1));
    if (take_prefix(line, "name:")) name = unquote(line);
    else if (take_prefix(line, "message:")) message = unquote(line);
  }
  return name.empty() ? message : name + ": " + message;
}

struct Yaml {
  std::string error, details, stack, location, failure_type, expected, actual, op, at, name;
  double duration_ms = 0;
  bool suite = false;
};

class Tap {
 public:
  Tap(Reading& reading, size_t first) : reading_(reading), text_(reading.text), first_(first) {}

  void read() {
    Tally& tally = reading_.tally("tap");
    size_t i = first_;
    size_t last = first_;
    for (; i < text_.size(); ++i) {
      if (reading_.claimed(i)) continue;
      const std::string_view line = text_.line(i);
      const size_t indent = indent_of(line);
      std::string_view rest = line.substr(indent);
      if (take_prefix(rest, "# Subtest: ")) {
        enter(indent, std::string(rest));
        last = i;
        continue;
      }
      if (rest == "}") {
        while (!open_.empty() && open_.back().indent >= indent) open_.pop_back();
        last = i;
        continue;
      }
      if (rest.size() > 2 && rest[0] == '#' && rest[1] == ' ') {
        summary(rest.substr(2));
        if (indent == 0) comment(rest.substr(2));
        last = i;
        continue;
      }
      Line one;
      if (rest.substr(0, 2) == "ok" || rest.substr(0, 6) == "not ok") {
        if (!parse_line(rest, one)) continue;
        Yaml yaml;
        const size_t at = i;
        if (trim(text_.line(i + 1)) == "---") i = read_yaml(i + 1, yaml);
        else if (!one.ok && !one.opens) i = read_plain(i, indent, yaml);
        reading_.claim(at, i + 1);
        finish(tally, indent, one, yaml, at);
        last = i;
        continue;
      }
      if (rest.size() > 2 && rest.substr(0, 3) == "1..") {
        std::string_view number = rest.substr(3);
        if (take_int(number) == 0 && indent == 0) planned_none_ = true;
        last = i;
      } else if (rest.substr(0, 9) == "Bail out!") {
        reading_.failure = "the runner bailed out: " + std::string(trim(rest.substr(9)));
        bailed_ = true;
        last = i;
      } else if (rest.substr(0, 12) == "TAP version ") {
        last = i;
      }
    }
    reading_.claim(first_, last + 1);
    tally.report.total = tally.report.passed = tally.report.failed = tally.report.skipped = std::nullopt;
    tally.count_cases();
    if (tally.report.cases.empty() && !bailed_) reading_.nothing_ran = true;
  }

 private:
  // Names of the open subtests by indent.
  void enter(size_t indent, std::string name) {
    while (!open_.empty() && open_.back().indent >= indent) open_.pop_back();
    open_.push_back({indent, std::move(name), false, false});
    subtests_ = true;
  }

  struct Open {
    size_t indent;
    std::string name;
    bool has_children;
    bool child_failed;
  };

  size_t read_yaml(size_t at, Yaml& out) const {
    const size_t edge = indent_of(text_.line(at));
    const size_t indent = std::max(edge, indent_of(text_.line(at + 1)));  // some indent the keys, some do not
    size_t i = at + 1;
    std::string* block = nullptr;
    size_t block_indent = 0;
    for (; i < text_.size(); ++i) {
      const std::string_view line = text_.line(i);
      if (trim(line) == "...") break;
      const size_t depth = indent_of(line);
      if (depth < edge && !trim(line).empty()) return i - 1;  // cut off
      if (block && (depth > indent || trim(line).empty())) {
        if (block_indent == 0) block_indent = depth;
        if (block->size() < 32 * 1024) {
          if (!block->empty()) *block += '\n';
          *block += line.substr(std::min(line.size(), block_indent));
        }
        continue;
      }
      block = nullptr;
      const std::string_view text = trim(line);
      const size_t colon = text.find(':');
      if (depth != indent || colon == std::string_view::npos) continue;
      const std::string_view key = text.substr(0, colon);
      const std::string_view value = trim(text.substr(colon + 1));
      std::string* target = nullptr;
      if (key == "error" || (key == "message" && !unquote(value).empty())) target = &out.error;
      else if (key == "details") target = &out.details;
      else if (key == "stack") target = &out.stack;
      else if (key == "location") target = &out.location;
      else if (key == "failureType") target = &out.failure_type;
      else if (key == "expected") target = &out.expected;
      else if (key == "actual") target = &out.actual;
      else if (key == "operator") target = &out.op;
      else if (key == "at") target = &out.at;
      else if (key == "name") target = &out.name;
      else if (key == "duration_ms") out.duration_ms = to_double(value);
      else if (key == "type") out.suite = unquote(value) == "suite";
      if (!target) continue;
      if (value == "|-" || value == "|" || value == ">-" || value == ">" || value == "|+") {
        block = target;
        block_indent = 0;
      } else if (value.empty()) {
        block = target;  // a nested value
        block_indent = 0;
      } else {
        *target = unquote(value);
      }
    }
    return std::min(i, text_.size() - 1);
  }

  // mocha: the error and its stack without a YAML block, only indented.
  size_t read_plain(size_t at, size_t indent, Yaml& out) const {
    size_t i = at;
    while (i + 1 < text_.size()) {
      const std::string_view line = text_.line(i + 1);
      const std::string_view rest = trim_left(line);
      if (indent_of(line) == indent && rest.starts_with('#') && !is_count(trim(rest.substr(1)))) {  // Test::More, Bats: why it failed
        if (out.error.size() < 2000) out.error += (out.error.empty() ? "" : "\n") + std::string(trim(rest.substr(1)));
        ++i;
        continue;
      }
      if (indent_of(line) <= indent || rest.substr(0, 3) == "ok " || rest.substr(0, 7) == "not ok " || rest.substr(0, 2) == "# " || rest.substr(0, 3) == "1..") break;
      if (out.stack.size() < 32 * 1024) out.stack += std::string(line) + "\n";
      ++i;
    }
    // The last line before the first frame is the error with its class.
    for (std::string_view rest = out.stack; !rest.empty();) {
      const std::string_view line = trim(first_line(rest));
      rest.remove_prefix(std::min(rest.size(), first_line(rest).size() + 1));
      Place place;
      if (js_frame_line(line, place)) break;
      if (out.error.empty() || line.find(out.error) != std::string_view::npos) out.error = line;
    }
    return i;
  }

  // What is told at the end: "# tests 7".
  static bool is_count(std::string_view text) {
    const auto words = {"tests ", "pass ", "fail ", "suites ", "skip", "todo", "cancelled ", "duration_ms ", "ok", "not ok", "time="};
    return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return text.starts_with(word); });
  }

  // tape names a test by a comment; its assertions follow.
  void comment(std::string_view text) {
    text = trim(text);
    if (!is_count(text)) heading_ = text;
  }

  int turn_of(const Tally& tally, const std::string& id) {
    const auto known = turns_.find(id);
    if (known != turns_.end()) return ++known->second;
    if (!tally.find(id)) return 1;
    turns_.emplace(id, 2);
    return 2;
  }

  void finish(Tally& tally, size_t indent, const Line& one, const Yaml& yaml, size_t line) {
    bool parent = false;
    while (!open_.empty() && open_.back().indent > indent) open_.pop_back();
    if (!open_.empty() && open_.back().indent == indent) {
      parent = open_.back().has_children;
      open_.pop_back();
    }
    // TAP 14 writes a subtest's lines before its own without a "# Subtest" head: tape and tap do.
    for (Open& up : open_) up.has_children = true;
    if (one.opens) {
      open_.push_back({indent, one.name, true, false});
      return;
    }
    TestCase test;
    std::string id = open_.empty() && !heading_.empty() && !subtests_ ? heading_ + " > " : "";
    for (const Open& up : open_) id += up.name + " > ";
    test.id = reading_.id(id + (one.name.empty() ? "test " + std::to_string(tally.report.cases.size() + 1) : one.name));
    // Assertions of one test often share their words ("should be equal"): each is counted, and told apart by its turn.
    if (const int turn = turn_of(tally, test.id); turn > 1) test.id += " (" + std::to_string(turn) + ")";
    test.seconds = yaml.duration_ms / 1000;
    const bool only_children_failed = yaml.failure_type == "subtestsFailed" || (parent && yaml.error.find("subtest") != std::string::npos);
    if (one.skip || (one.todo && !one.ok)) test.status = CaseStatus::skipped;
    else if (one.todo) test.status = CaseStatus::skipped;
    else test.status = one.ok ? CaseStatus::passed : CaseStatus::failed;
    if (test.status == CaseStatus::skipped) test.message = one.reason;
    // A parent is no test of its own, as node's JUnit and its counts of leaves have it; a failure of its own is told.
    if (parent && (test.status != CaseStatus::failed || only_children_failed)) {
      turns_.try_emplace(std::move(test.id), 1);
      return;
    }
    Place place;
    if (!yaml.location.empty() && parse_place(yaml.location, place)) {
      test.path = reading_.map(place.path, line);
      test.line = place.line;
    }
    if (test.status == CaseStatus::failed) fail(test, yaml, line);
    tally.add(std::move(test));
  }

  void fail(TestCase& test, const Yaml& yaml, size_t line) {
    Finding out;
    out.tool = "node";
    out.code = test.id;
    out.path = test.path;
    out.line = test.line;
    std::optional<Frame> frame = js_frame(yaml.stack, reading_, line);
    if (!frame && !yaml.at.empty()) frame = js_frame("at " + yaml.at, reading_, line);
    if (!frame && !yaml.stack.empty()) frame = any_frame(yaml.stack, reading_, line);
    if (frame) {
      test.path = out.path = frame->path;
      test.line = out.line = frame->line;
      out.column = frame->column;
    }
    std::string message = nested_message(yaml.error);
    if (trim(message).empty() && !yaml.details.empty()) message = unquote(trim(first_line(yaml.details)).substr(0, trim(first_line(yaml.details)).rfind(':')));
    if (trim(message).empty() && !yaml.stack.empty()) message = yaml.stack;
    if (trim(message).empty() && !yaml.op.empty())
      message = yaml.op + ": expected " + std::string(first_line(trim(yaml.expected))) + ", actual " + std::string(first_line(trim(yaml.actual)));
    test.message = excerpt(message);
    // A file that exits with a failure and no test of its own: it did not load.
    if (yaml.failure_type == "testCodeFailure" && yaml.error.find("test failed") == 0 && looks_like_file(test.id)) {
      test.load_failure = true;
      reading_.load_failure = true;
    }
    out.message = headline(message);
    if (out.message.empty()) out.message = "failed";
    if (trim(yaml.error).empty() && yaml.stack.empty() && yaml.op.empty() && out.path.empty()) return;  // the test's name says it all
    if (out.message.size() > 0 && out.message.back() == ':') out.message = excerpt(message, 6);
    reading_.report_mapped(line, std::move(out));
  }

  void summary(std::string_view text) {
    // node: "# tests 7", "# suites 0"; kept only to know that nothing ran.
    if (take_prefix(text, "tests ") && take_int(text) == 0) planned_none_ = true;
  }

  Reading& reading_;
  const Text& text_;
  size_t first_;
  std::vector<Open> open_;
  std::unordered_map<std::string, int> turns_;  // how often an id came, of those that came again
  std::string heading_;     // tape's last comment
  bool subtests_ = false;   // names come from "# Subtest" lines: comments are only comments
  bool planned_none_ = false;
  bool bailed_ = false;
};

// Results that count from one without a gap: TAP whose plan and version were cut off or never written.
bool counts_from_one(const Text& text, const Hits& hits) {
  int next = 1;
  for (const size_t hit : hits) {
    std::string_view line = text.line(hit);
    if (!take_prefix(line, "not ok ") && !take_prefix(line, "ok ")) continue;
    if (take_int(line) != next || (!line.empty() && line[0] != ' ')) return false;
    ++next;
  }
  return next > 2;
}

}  // namespace

void read_tap(Reading& reading, const Hits& hits) {
  // A version line, a plan that results stand next to, or results in their order: a lone "ok" in a log is no TAP.
  const Text& text = reading.text;
  size_t plan = std::string::npos, result = std::string::npos;
  for (const size_t hit : hits) {
    const std::string_view line = text.line(hit);
    if (line.substr(0, 12) == "TAP version ") {
      plan = result = hit;
      break;
    }
    Line one;
    if (line.substr(0, 3) == "1.." && line.size() > 3 && line[3] >= '0' && line[3] <= '9') {
      if (plan == std::string::npos) plan = hit;
      std::string_view number = line.substr(3);
      if (take_int(number) == 0 && (number.empty() || number.substr(0, 2) == " #")) result = std::min(result, hit);
    } else if ((line.substr(0, 3) == "ok " || line.substr(0, 7) == "not ok ") && parse_line(line, one)) {
      result = std::min(result, hit);
    }
  }
  if (plan == std::string::npos && result != std::string::npos && counts_from_one(text, hits)) plan = result;
  if (plan == std::string::npos || result == std::string::npos) return;
  reading.recognised("tap");
  size_t first = std::min(plan, result);
  // Comments and subtests may come before.
  while (first > 0 && (trim_left(text.line(first - 1)).substr(0, 1) == "#")) --first;
  Tap(reading, first).read();
}

}  // namespace baton
