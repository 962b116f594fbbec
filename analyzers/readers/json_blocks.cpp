// Finds JSON in an output: whole, after leading noise, in the middle of a log, or one object a line. A value begins at the first
// character of a line (or after a prefix such as "jest: "); what looks like one and is not is passed over in time linear in the text.
#include <algorithm>

#include "analyzers/readers/reader.h"

namespace baton {
namespace {

// Where in this line a value may begin; npos when nowhere.
size_t candidate(std::string_view line) {
  const size_t first = indent_of(line);
  if (first == line.size()) return std::string_view::npos;
  const char c = line[first];
  const auto opens = [&](size_t at) {
    const size_t next = line.find_first_not_of(" \t", at + 1);
    if (next == std::string_view::npos) return true;  // pretty printed
    return line[at] == '{' ? line[next] == '"' || line[next] == '}' : line[next] == '{' || line[next] == ']' || line[next] == '[';
  };
  if (c == '{' || c == '[') return opens(first) ? first : std::string_view::npos;
  // A short prefix: "dune: [{...", "stdout: {".
  size_t brace = line.substr(0, 64).find('{');
  if (brace == std::string_view::npos) return brace;
  brace = std::min(brace, line.substr(0, brace).find('['));
  if (brace == std::string_view::npos || brace == 0 || line[brace - 1] != ' ') return std::string_view::npos;
  return line.substr(brace, 2) == "{\"" || line.substr(brace, 3) == "[{\"" ? brace : std::string_view::npos;
}

bool offer(Reading& reading, const Json& value, size_t line) {
  for (const JsonReader& reader : json_readers()) {
    if (reader.read(reading, value, line)) {
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
  JsonDocument document;
  for (size_t line = 0; line < text.size(); ++line) {
    const size_t column = candidate(text.line(line));
    if (column == std::string_view::npos) continue;
    const size_t start = text.offset_of(line) + column;
    const Json* const value = document.read(text.all(), start);
    const size_t end = document.end();
    if (!value) {
      const size_t spent = end - start;
      if (spent > budget) return;
      budget -= spent;
      continue;
    }
    const size_t last = text.line_at(end - 1);
    if (offer(reading, *value, line)) {
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
