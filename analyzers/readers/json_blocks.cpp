// Finds JSON in an output: whole, after leading noise, in the middle of a log, or one object a line. A value begins at the first
// character of a line (or after a prefix such as "jest: "); what looks like one and is not is passed over in time linear in the text.
#include <nlohmann/json.hpp>

#include "analyzers/readers/reader.h"
#include "support/json.h"

namespace baton {
namespace {

constexpr size_t kMaxDepth = 256;

// Walks one JSON value without building it. A machine just strict enough to stop early on text that only looks like JSON.
class Scanner {
 public:
  Scanner(std::string_view text, size_t at) : text_(text), at_(at) {}

  // End of the value, or npos; `reached` is how far it looked.
  size_t run() {
    do {
      if (!step()) return std::string_view::npos;
    } while (!stack_.empty());
    return at_;
  }
  size_t reached() const { return at_; }

 private:
  void skip_blank() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r')) ++at_;
  }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  bool string() {
    if (peek() != '"') return false;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\\') {
        ++at_;
      } else if (text_[at_] == '"') {
        ++at_;
        return true;
      } else if (text_[at_] == '\n') {
        return false;
      }
    }
    return false;
  }

  bool word() {
    const size_t start = at_;
    while (at_ < text_.size() && ((text_[at_] >= 'a' && text_[at_] <= 'z') || (text_[at_] >= '0' && text_[at_] <= '9') ||
                                  text_[at_] == '-' || text_[at_] == '+' || text_[at_] == '.' || text_[at_] == 'E'))
      ++at_;
    const std::string_view found = text_.substr(start, at_ - start);
    if (found.empty()) return false;
    if (found[0] == '-' || (found[0] >= '0' && found[0] <= '9')) return true;
    return found == "true" || found == "false" || found == "null";
  }

  // One value's beginning, then every close that follows it.
  bool step() {
    skip_blank();
    if (!stack_.empty() && stack_.back() == '{' && !key()) return false;
    const char c = peek();
    if (c == '{' || c == '[') {
      if (stack_.size() >= kMaxDepth) return false;
      ++at_;
      skip_blank();
      if (peek() != (c == '{' ? '}' : ']')) {
        stack_.push_back(c);
        return true;
      }
      ++at_;
    } else if (c == '"' ? !string() : !word()) {
      return false;
    }
    return after_value();
  }

  bool key() {
    if (!string()) return false;
    skip_blank();
    if (peek() != ':') return false;
    ++at_;
    skip_blank();
    return true;
  }

  bool after_value() {
    while (!stack_.empty()) {
      skip_blank();
      if (peek() == ',') {
        ++at_;
        return true;
      }
      if (peek() != (stack_.back() == '{' ? '}' : ']')) return false;
      ++at_;
      stack_.pop_back();
    }
    return true;
  }

  std::string_view text_;
  size_t at_;
  std::string stack_;
};

// Where in this line a value may begin; npos when nowhere.
size_t candidate(std::string_view line) {
  const size_t first = line.find_first_not_of(" \t");
  if (first == std::string_view::npos) return first;
  const char c = line[first];
  const auto opens = [&](size_t at) {
    const size_t next = line.find_first_not_of(" \t", at + 1);
    if (next == std::string_view::npos) return true;  // pretty printed
    return line[at] == '{' ? line[next] == '"' || line[next] == '}' : line[next] == '{' || line[next] == ']' || line[next] == '[';
  };
  if (c == '{' || c == '[') return opens(first) ? first : std::string_view::npos;
  // A short prefix: "dune: [{...", "stdout: {".
  const size_t brace = line.substr(0, 64).find_first_of("{[");
  if (brace == std::string_view::npos || brace == 0 || line[brace - 1] != ' ') return std::string_view::npos;
  return line.substr(brace, 2) == "{\"" || line.substr(brace, 3) == "[{\"" ? brace : std::string_view::npos;
}

bool offer(Reading& reading, std::string_view block, size_t line) {
  Result<nlohmann::json> value = parse_json(block);
  if (!value) return false;
  for (const JsonReader& reader : json_readers()) {
    if (reader.read(reading, *value, line)) {
      reading.recognised(reader.name);
      return true;
    }
  }
  return false;
}

}  // namespace

void read_json_blocks(Reading& reading) {
  const Text& text = reading.text;
  // Failed looks may overlap; together they get this much, which keeps the whole linear.
  size_t budget = text.all().size() * 8 + 4096;
  for (size_t line = 0; line < text.size(); ++line) {
    const size_t column = candidate(text.line(line));
    if (column == std::string_view::npos) continue;
    const size_t start = text.offset_of(line) + column;
    Scanner scanner(text.all(), start);
    const size_t end = scanner.run();
    if (end == std::string_view::npos) {
      const size_t spent = scanner.reached() - start;
      if (spent > budget) return;
      budget -= spent;
      continue;
    }
    const size_t last = text.line_at(end - 1);
    if (offer(reading, text.all().substr(start, end - start), line)) {
      reading.claim(line, last + 1);
      line = last;
    } else if (last > line + 2) {
      line = last;  // some other tool's JSON: nothing inside it is a finding's line
    }
  }
}

bool read_report(Reading& reading) {
  const size_t before = reading.formats.size();
  read_xml_blocks(reading);
  read_json_blocks(reading);
  read_text(reading);
  // A linter that found nothing writes an empty list.
  if (reading.formats.size() == before && trim(reading.text.all()) == "[]") reading.recognised("empty-json");
  return reading.formats.size() > before;
}

}  // namespace baton
