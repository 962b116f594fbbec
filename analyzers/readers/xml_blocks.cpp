// Finds XML reports in an output, whole or in the middle of a log. pugixml expands no entity of the document's own, so an entity bomb
// is inert text.
#include <pugixml.hpp>

#include <algorithm>

#include "analyzers/readers/readers.h"

namespace baton {
namespace {

constexpr size_t kMaxDocument = size_t{64} << 20;
constexpr size_t kMaxDeclaration = 200;

struct Found {
  const XmlReader* reader = nullptr;
  size_t begin = std::string_view::npos;
};

// The next root element of a known kind.
Found next_root(const Text& text, size_t from, std::vector<size_t>& memory) {
  Found best;
  const std::vector<XmlReader>& readers = xml_readers();
  memory.resize(readers.size(), 0);
  for (size_t i = 0; i < readers.size(); ++i) {
    if (memory[i] != std::string_view::npos && memory[i] < from + 1) {
      const std::string open = "<" + std::string(readers[i].root);
      size_t at = from;
      for (;; ++at) {
        at = text.all().find(open, at);
        if (at == std::string_view::npos) break;
        const size_t after = at + open.size();
        if (after < text.all().size() && (text.all()[after] == ' ' || text.all()[after] == '>' || text.all()[after] == '\n' || text.all()[after] == '/')) break;
      }
      memory[i] = at == std::string_view::npos ? at : at + 1;
    }
    if (memory[i] == std::string_view::npos) continue;
    if (memory[i] - 1 < best.begin) best = {&readers[i], memory[i] - 1};
  }
  return best;
}

// Where the element that begins at `begin` ends, by counting its own tags; npos when it is cut off.
size_t element_end(const Text& text, size_t begin, std::string_view name) {
  const std::string close = "</" + std::string(name) + ">";
  const size_t tag_end = text.find(">", begin);
  if (tag_end == std::string_view::npos) return tag_end;
  if (text.all()[tag_end - 1] == '/') return tag_end + 1;
  size_t at = tag_end;
  int depth = 1;
  const std::string open = "<" + std::string(name);
  size_t next_open = text.all().find(open, at);
  while (depth > 0) {
    const size_t next_close = text.all().find(close, at);
    if (next_close == std::string_view::npos) return next_close;
    while (next_open != std::string_view::npos && next_open < next_close) {
      const char after = next_open + open.size() < text.all().size() ? text.all()[next_open + open.size()] : '\0';
      if (after == ' ' || after == '>' || after == '\n') ++depth;
      next_open = text.all().find(open, next_open + 1);
    }
    --depth;
    at = next_close + close.size();
  }
  return at;
}

}  // namespace

void read_xml_blocks(Reading& reading) {
  const Text& text = reading.text;
  if (text.all().find('<') == std::string_view::npos) return;
  std::vector<size_t> memory;
  size_t budget = text.all().size() * 8 + 4096;  // for elements that never close or are no XML; keeps the whole linear
  for (size_t from = 0;;) {
    const Found found = next_root(text, from, memory);
    if (!found.reader) return;
    const size_t end = element_end(text, found.begin, found.reader->root);
    // What is looked at in vain may begin again within it.
    const size_t spent = std::min(end, text.all().size()) - found.begin;
    if (end == std::string_view::npos) {
      reading.truncated = true;
      if (spent > budget) return;
      budget -= spent;
      from = found.begin + 1;
      continue;
    }
    const size_t line = text.line_at(found.begin);
    pugi::xml_document document;
    const bool parsed = end - found.begin <= kMaxDocument &&
                        document.load_buffer(text.all().data() + found.begin, end - found.begin, pugi::parse_default | pugi::parse_trim_pcdata, pugi::encoding_utf8);
    if (parsed && found.reader->read(reading, document, line)) {
      reading.recognised(found.reader->name);
      reading.claim(line, text.line_at(end - 1) + 1);
      if (line > 0 && text.line(line - 1).substr(0, kMaxDeclaration).find("<?xml") != std::string_view::npos) reading.claim(line - 1, line);
      from = end;
    } else {
      if (spent > budget) return;
      budget -= spent;
      from = found.begin + 1;
    }
  }
}

}  // namespace baton
