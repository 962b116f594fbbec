#include "lsp/text_store.h"

#include <algorithm>
#include <cstring>

#include "lsp/lines.h"

namespace baton {
namespace {

constexpr std::size_t kBlock = 2048;
constexpr std::size_t kMaxBlock = 2 * kBlock;
constexpr std::size_t kMinBlock = kBlock / 4;

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }
bool is_astral(char c) { return static_cast<unsigned char>(c) >= 0xf0; }

// Where a block of about `wanted` bytes may end: not inside a character, not between \r and \n.
std::size_t cut(std::string_view text, std::size_t wanted) {
  if (wanted >= text.size()) return text.size();
  std::size_t at = wanted;
  while (at > 0 && continues(text[at])) --at;
  if (at > 0 && text[at] == '\n' && text[at - 1] == '\r') --at;
  return at > 0 ? at : wanted;
}

std::size_t character_length(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  return byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

std::uint32_t units_of_character(char lead, PositionEncoding encoding) {
  if (encoding == PositionEncoding::utf8) return static_cast<std::uint32_t>(character_length(lead));
  return encoding == PositionEncoding::utf16 && is_astral(lead) ? 2 : 1;
}

// Counts over eight bytes at a time: every edit counts its block anew. `marks` has the top bit of the bytes that count.
constexpr std::uint64_t kTops = 0x8080808080808080u;
constexpr std::uint64_t kOnes = 0x0101010101010101u;

std::uint32_t marked_bytes(std::uint64_t marks) { return static_cast<std::uint32_t>(((marks >> 7) * kOnes) >> 56); }

std::uint64_t equal_bytes(std::uint64_t word, char c) {
  const std::uint64_t other = word ^ (kOnes * static_cast<unsigned char>(c));
  return ~(((other & ~kTops) + ~kTops) | other | ~kTops);
}

}  // namespace

std::uint32_t units_of(std::string_view text, PositionEncoding encoding) {
  std::uint32_t units = 0;
  for (const char c : text) {
    if (encoding == PositionEncoding::utf8) ++units;
    else if (!continues(c)) units += encoding == PositionEncoding::utf16 && is_astral(c) ? 2 : 1;
  }
  return units;
}

void TextStore::Block::count() {
  std::uint32_t continuations = 0, carriage_returns = 0;
  line_ends = astral = 0;
  std::size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + i, sizeof word);
    continuations += marked_bytes(word & ~(word << 1) & kTops);
    astral += marked_bytes(word & (word << 1) & (word << 2) & (word << 3) & kTops);
    line_ends += marked_bytes(equal_bytes(word, '\n'));
    carriage_returns += marked_bytes(equal_bytes(word, '\r'));
  }
  for (; i < text.size(); ++i) {
    continuations += continues(text[i]);
    astral += is_astral(text[i]);
    line_ends += text[i] == '\n';
    carriage_returns += text[i] == '\r';
  }
  points = static_cast<std::uint32_t>(text.size()) - continuations;
  if (carriage_returns == 0) return;
  line_ends += carriage_returns;
  for (std::size_t at = 0; (at = text.find("\r\n", at)) != text.npos; at += 2) --line_ends;
}

std::uint32_t TextStore::Block::units(PositionEncoding encoding) const {
  if (encoding == PositionEncoding::utf8) return static_cast<std::uint32_t>(text.size());
  return encoding == PositionEncoding::utf16 ? points + astral : points;
}

TextStore::TextStore(std::string_view text) : blocks_(1), bytes_(text.size()) {
  blocks_[0].text = text;
  split(0);
}

int TextStore::line_count() const {
  std::uint32_t ends = 0;
  for (const Block& block : blocks_) ends += block.line_ends;
  return static_cast<int>(ends) + 1;
}

std::string TextStore::text() const {
  std::string all;
  all.reserve(bytes_);
  for (const Block& block : blocks_) all += block.text;
  return all;
}

std::string TextStore::line(int number) const {
  std::string found;
  if (number < 0 || number >= line_count()) return found;
  Place place = line_start(static_cast<std::uint32_t>(number));
  for (; place.block < blocks_.size(); ++place.block, place.offset = 0) {
    const std::string& text = blocks_[place.block].text;
    const std::size_t end = find_line_end(text, place.offset);
    found.append(text, place.offset, end == text.npos ? text.npos : end - place.offset);
    if (end != text.npos) break;
  }
  return found;
}

TextStore::Place TextStore::place_of(std::size_t offset) const {
  std::size_t block = 0;
  while (block + 1 < blocks_.size() && offset > blocks_[block].text.size()) offset -= blocks_[block++].text.size();
  return {block, std::min(offset, blocks_[block].text.size())};
}

TextStore::Place TextStore::line_start(std::uint32_t line) const {
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    if (line > blocks_[i].line_ends) {
      line -= blocks_[i].line_ends;
      continue;
    }
    std::size_t at = 0;
    for (; line > 0; --line) at = after_line_end(blocks_[i].text, find_line_end(blocks_[i].text, at));
    return {i, at};
  }
  return {blocks_.size() - 1, blocks_.back().text.size()};
}

std::size_t TextStore::offset_at(Place place) const {
  std::size_t offset = place.offset;
  for (std::size_t i = 0; i < place.block; ++i) offset += blocks_[i].text.size();
  return offset;
}

std::size_t TextStore::offset_of(Position position, PositionEncoding encoding) const {
  Place place = line_start(position.line);
  if (position.line >= static_cast<std::uint32_t>(line_count())) return bytes_;
  std::uint32_t left = position.character;
  for (; place.block < blocks_.size(); ++place.block, place.offset = 0) {
    const Block& block = blocks_[place.block];
    if (place.offset == 0 && block.line_ends == 0 && block.units(encoding) <= left) {
      left -= block.units(encoding);
      continue;
    }
    while (place.offset < block.text.size()) {
      const char lead = block.text[place.offset];
      const std::uint32_t units = units_of_character(lead, encoding);
      if (left < units || lead == '\n' || lead == '\r') return offset_at(place);
      left -= units;
      place.offset += character_length(lead);
    }
  }
  return bytes_;
}

void TextStore::replace(std::size_t begin, std::size_t end, std::string_view text) {
  begin = std::min(begin, bytes_);
  end = std::clamp(end, begin, bytes_);
  const Place first = place_of(begin);
  const Place last = place_of(end);
  Block& into = blocks_[first.block];
  if (first.block == last.block) {
    into.text.replace(first.offset, last.offset - first.offset, text);
  } else {
    into.text.replace(first.offset, std::string::npos, text);
    into.text.append(blocks_[last.block].text, last.offset);
    blocks_.erase(blocks_.begin() + static_cast<std::ptrdiff_t>(first.block) + 1,
                  blocks_.begin() + static_cast<std::ptrdiff_t>(last.block) + 1);
  }
  bytes_ = bytes_ - (end - begin) + text.size();
  settle(first.block);
}

// Restores what holds between blocks around an edited one: sizes, and \r\n in one piece.
void TextStore::settle(std::size_t edited) {
  const auto join_next = [this](std::size_t block) {
    blocks_[block].text += blocks_[block + 1].text;
    blocks_.erase(blocks_.begin() + static_cast<std::ptrdiff_t>(block) + 1);
  };
  if (blocks_[edited].text.size() < kMinBlock) {
    if (edited > 0) join_next(--edited);
    else if (blocks_.size() > 1) join_next(edited);
  }
  if (edited > 0 && blocks_[edited - 1].text.ends_with('\r') && blocks_[edited].text.starts_with('\n')) join_next(--edited);
  if (edited + 1 < blocks_.size() && blocks_[edited].text.ends_with('\r') && blocks_[edited + 1].text.starts_with('\n')) {
    join_next(edited);
  }
  split(edited);
}

void TextStore::split(std::size_t block) {
  if (blocks_[block].text.size() <= kMaxBlock) {
    blocks_[block].count();
    return;
  }
  const std::string whole = std::move(blocks_[block].text);
  std::vector<Block> pieces;
  std::string_view rest = whole;
  while (!rest.empty()) {
    const std::size_t size = rest.size() <= kMaxBlock ? rest.size() : cut(rest, kBlock);
    pieces.emplace_back().text = rest.substr(0, size);
    pieces.back().count();
    rest.remove_prefix(size);
  }
  const auto at = blocks_.begin() + static_cast<std::ptrdiff_t>(block);
  *at = std::move(pieces.front());
  blocks_.insert(at + 1, std::make_move_iterator(pieces.begin() + 1), std::make_move_iterator(pieces.end()));
}

}  // namespace baton
