#include "orchestrator/context/index_file.h"

#include <algorithm>
#include <cstring>

#include "support/files.h"
#include "support/log.h"

namespace baton {
namespace {

constexpr std::string_view kMagic = "baton context index\n";

// Finds damage, not malice: the file is our own.
std::uint64_t checksum(std::string_view bytes) {
  std::uint64_t sum = 0x9E3779B97F4A7C15ull ^ bytes.size();
  while (!bytes.empty()) {
    std::uint64_t word = 0;
    const std::size_t count = std::min<std::size_t>(8, bytes.size());
    std::memcpy(&word, bytes.data(), count);
    sum = (sum ^ word) * 0xFF51AFD7ED558CCDull;
    sum ^= sum >> 32;
    bytes.remove_prefix(count);
  }
  return sum;
}

class Writer {
 public:
  void number(std::uint64_t value) {
    while (value >= 0x80) {
      bytes_ += static_cast<char>(value | 0x80);
      value >>= 7;
    }
    bytes_ += static_cast<char>(value);
  }
  void signed_number(std::int64_t value) { number(value < 0 ? (static_cast<std::uint64_t>(-(value + 1)) << 1 | 1) : static_cast<std::uint64_t>(value) << 1); }
  void text(std::string_view value) {
    number(value.size());
    bytes_ += value;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

// Every read of what is not there gives nothing and is remembered.
class IndexReader {
 public:
  explicit IndexReader(std::string_view bytes) : rest_(bytes) {}
  std::uint64_t number() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) break;
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
    bad_ = true;
    return 0;
  }
  std::int64_t signed_number() {
    const std::uint64_t value = number();
    return value & 1 ? -static_cast<std::int64_t>(value >> 1) - 1 : static_cast<std::int64_t>(value >> 1);
  }
  std::string_view text() {
    const std::uint64_t size = number();
    if (size > rest_.size()) {
      bad_ = true;
      return {};
    }
    const std::string_view value = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return value;
  }
  // Of a list whose elements take a byte at least.
  std::size_t count() {
    const std::uint64_t value = number();
    if (value > rest_.size()) bad_ = true;
    return bad_ ? 0 : static_cast<std::size_t>(value);
  }
  template <class T>
  T number_below(std::uint64_t limit) {
    const std::uint64_t value = number();
    if (value >= limit) bad_ = true;
    return bad_ ? T{} : static_cast<T>(value);
  }
  bool bad() const { return bad_; }

 private:
  std::string_view rest_;
  bool bad_ = false;
};

// ---------------------------------------------------------------- terms

// Terms are written only where something uses them, and in their old order, so that sorted lists stay sorted.
class Renumbering {
 public:
  explicit Renumbering(std::size_t terms) : used_(terms, false), number_(terms, 0) {}
  void use(const std::vector<TermCount>& terms) {
    for (const TermCount& term : terms) used_[term.term] = true;
  }
  void finish(const TermTable& table, Writer& writer) {
    Term next = 0;
    for (std::size_t i = 0; i < used_.size(); ++i) {
      if (used_[i]) number_[i] = next++;
    }
    writer.number(next);
    for (std::size_t i = 0; i < used_.size(); ++i) {
      if (used_[i]) writer.text(table.text(static_cast<Term>(i)));
    }
  }
  void write(const std::vector<TermCount>& terms, Writer& writer) const {
    writer.number(terms.size());
    Term before = 0;
    for (const TermCount& term : terms) {
      writer.number(number_[term.term] - before);
      writer.number(term.count);
      before = number_[term.term];
    }
  }

 private:
  std::vector<bool> used_;
  std::vector<Term> number_;
};

std::vector<TermCount> read_terms(IndexReader& reader, std::size_t terms) {
  std::vector<TermCount> list(reader.count());
  std::uint64_t term = 0;
  for (TermCount& entry : list) {
    term += reader.number();
    if (reader.bad() || term >= terms) {
      reader.number_below<int>(0);  // bad
      return {};
    }
    entry = {static_cast<Term>(term), static_cast<std::uint32_t>(reader.number())};
  }
  return list;
}

// ---------------------------------------------------------------- files

void write_range(const LineRange& range, Writer& writer) {
  writer.number(static_cast<std::uint64_t>(range.first));
  writer.number(static_cast<std::uint64_t>(range.last - range.first));
}

LineRange read_range(IndexReader& reader, std::uint32_t lines) {
  const int first = reader.number_below<int>(std::uint64_t{lines} + 1);
  const int more = reader.number_below<int>(std::uint64_t{lines} + 1);
  if (first < 1 || first + more > static_cast<int>(lines)) {
    reader.number_below<int>(0);  // bad
    return {1, 1};
  }
  return {first, first + more};
}

void write_file_entry(const std::string& blob, const IndexedFile& file, const Renumbering& terms, Writer& writer) {
  writer.text(blob);
  writer.number(file.used);
  writer.number(file.terms.usable);
  writer.number(file.terms.bytes);
  writer.number(file.terms.lines);
  writer.number(file.terms.length);
  terms.write(file.terms.terms, writer);
  writer.number(file.terms.defined_length);
  terms.write(file.terms.defined, writer);
  writer.number(file.is_cut);
  if (!file.is_cut) return;
  writer.number(file.symbols);
  writer.number(file.chunks.size());
  for (const Chunk& chunk : file.chunks) {
    write_range(chunk.lines, writer);
    writer.number(chunk.around.size());
    for (const LineRange& range : chunk.around) write_range(range, writer);
  }
}

void read_file_entry(IndexReader& reader, IndexData& data) {
  const std::string blob(reader.text());
  IndexedFile file;
  file.used = static_cast<std::uint32_t>(reader.number());
  file.terms.usable = reader.number() != 0;
  file.terms.bytes = static_cast<std::uint32_t>(reader.number());
  file.terms.lines = static_cast<std::uint32_t>(reader.number());
  file.terms.length = static_cast<std::uint32_t>(reader.number());
  file.terms.terms = read_terms(reader, data.terms.size());
  file.terms.defined_length = static_cast<std::uint32_t>(reader.number());
  file.terms.defined = read_terms(reader, data.terms.size());
  file.is_cut = reader.number() != 0;
  if (file.is_cut) {
    file.symbols = static_cast<std::uint32_t>(reader.number());
    file.chunks.resize(reader.count());
    for (Chunk& chunk : file.chunks) {
      chunk.lines = read_range(reader, file.terms.lines);
      chunk.around.resize(reader.count());
      for (LineRange& range : chunk.around) range = read_range(reader, file.terms.lines);
      if (reader.bad()) return;
    }
  }
  if (!reader.bad()) data.files.emplace(blob, std::move(file));
}

void write_commits(const IndexData& data, const Renumbering& terms, Writer& writer) {
  writer.text(data.history_of);
  writer.number(data.paths.size());
  for (std::size_t i = 0; i < data.paths.size(); ++i) writer.text(data.paths.text(static_cast<Term>(i)));
  writer.number(data.commits.size());
  for (const PastCommit& commit : data.commits) {
    writer.signed_number(commit.time);
    writer.number(commit.files.size());
    for (const std::uint32_t file : commit.files) writer.number(file);
    terms.write(commit.words, writer);
  }
}

void read_commits(IndexReader& reader, IndexData& data) {
  data.history_of = reader.text();
  const std::size_t paths = reader.count();
  for (std::size_t i = 0; i < paths && !reader.bad(); ++i) data.paths.add(reader.text());
  data.commits.resize(reader.count());
  for (PastCommit& commit : data.commits) {
    commit.time = reader.signed_number();
    commit.files.resize(reader.count());
    for (std::uint32_t& file : commit.files) file = reader.number_below<std::uint32_t>(data.paths.size());
    commit.words = read_terms(reader, data.terms.size());
    if (reader.bad()) return;
  }
}

void write_seen(const IndexData& data, Writer& writer) {
  writer.signed_number(data.seen_at);
  writer.number(data.seen.size());
  for (const auto& [path, seen] : data.seen) {
    writer.text(path);
    writer.number(seen.size);
    writer.signed_number(seen.modified);
    writer.text(seen.blob);
  }
}

void read_seen(IndexReader& reader, IndexData& data) {
  data.seen_at = reader.signed_number();
  const std::size_t count = reader.count();
  for (std::size_t i = 0; i < count && !reader.bad(); ++i) {
    std::string path(reader.text());
    SeenFile seen;
    seen.size = reader.number();
    seen.modified = reader.signed_number();
    seen.blob = reader.text();
    data.seen.emplace_hint(data.seen.end(), std::move(path), std::move(seen));
  }
}

std::optional<IndexData> parse(std::string_view payload) {
  IndexReader reader(payload);
  IndexData data;
  data.run = static_cast<std::uint32_t>(reader.number());
  const std::size_t terms = reader.count();
  for (std::size_t i = 0; i < terms && !reader.bad(); ++i) data.terms.add(reader.text());
  const std::size_t files = reader.count();
  data.files.reserve(files);
  for (std::size_t i = 0; i < files && !reader.bad(); ++i) read_file_entry(reader, data);
  if (!reader.bad()) read_seen(reader, data);
  if (!reader.bad()) read_commits(reader, data);
  if (reader.bad()) return std::nullopt;
  return data;
}

void drop_unused(IndexData& data) {
  if (data.files.size() <= kMaxIndexFiles) return;
  std::vector<std::pair<std::uint32_t, std::string>> order;
  for (const auto& [blob, file] : data.files) order.emplace_back(file.used, blob);
  std::sort(order.begin(), order.end());
  order.resize(data.files.size() - kMaxIndexFiles);
  for (const auto& [used, blob] : order) data.files.erase(blob);
}

}  // namespace

IndexData read_index(const std::filesystem::path& file) {
  const auto bytes = read_file(file, kMaxIndexBytes);
  constexpr std::size_t kHead = kMagic.size() + 4 + 8;
  if (!bytes) return {};
  const auto rejected = [&](const std::string& why) {
    log(LogLevel::warning, "The index " + file.string() + " " + why + "; it is made anew.");
    return IndexData();
  };
  if (bytes->size() < kHead || !bytes->starts_with(kMagic)) return rejected("is none");
  std::uint32_t version = 0;
  std::uint64_t sum = 0;
  std::memcpy(&version, bytes->data() + kMagic.size(), sizeof version);
  std::memcpy(&sum, bytes->data() + kMagic.size() + sizeof version, sizeof sum);
  const std::string_view payload = std::string_view(*bytes).substr(kHead);
  if (version != kIndexVersion) return rejected("is of format " + std::to_string(version) + " and not of " + std::to_string(kIndexVersion));
  if (sum != checksum(payload)) return rejected("is damaged");
  auto data = parse(payload);
  return data ? std::move(*data) : rejected("does not hold together");
}

Status write_index(const std::filesystem::path& file, IndexData& data) {
  drop_unused(data);
  Renumbering terms(data.terms.size());
  for (const auto& [blob, entry] : data.files) {
    terms.use(entry.terms.terms);
    terms.use(entry.terms.defined);
  }
  for (const PastCommit& commit : data.commits) terms.use(commit.words);
  Writer payload;
  payload.number(data.run);
  terms.finish(data.terms, payload);
  payload.number(data.files.size());
  for (const auto& [blob, entry] : data.files) write_file_entry(blob, entry, terms, payload);
  write_seen(data, payload);
  write_commits(data, terms, payload);
  const std::uint64_t sum = checksum(payload.bytes());
  std::string bytes(kMagic);
  bytes.append(reinterpret_cast<const char*>(&kIndexVersion), sizeof kIndexVersion);
  bytes.append(reinterpret_cast<const char*>(&sum), sizeof sum);
  bytes += payload.bytes();
  if (auto made = make_folder(file.parent_path()); !made) return made;
  return write_file(file, bytes);
}

}  // namespace baton
