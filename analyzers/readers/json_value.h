// JSON of tools' reports, read where it stands: a value is sixteen bytes that point into the text, and a report of a hundred megabytes
// costs one pass over it. Reads all that is JSON, and what tools write in its place (control characters and unknown escapes in a
// string, numbers of any form); a newline within a string, a comma too many and the like make it none. A document owns its values, which
// point into the text as well: both outlive them. Any thread; one at a time for a document.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace baton {

class Json {
 public:
  Json() = default;  // null
  static const Json& no_items();

  bool is_null() const { return kind_ == Kind::null; }
  bool is_boolean() const { return kind_ == Kind::boolean; }
  bool is_number() const { return kind_ == Kind::integer || kind_ == Kind::fraction; }
  bool is_number_integer() const { return kind_ == Kind::integer; }
  bool is_string() const { return kind_ == Kind::string; }
  bool is_array() const { return kind_ == Kind::array; }
  bool is_object() const { return kind_ == Kind::object; }

  bool boolean() const { return is_boolean() && size_ != 0; }
  std::string_view text() const { return is_string() || is_number() ? std::string_view(text_, size_) : std::string_view(); }  // of a number as written
  size_t size() const { return is_array() || is_object() ? size_ : 0; }
  bool empty() const { return size() == 0; }

  // Of an array.
  const Json* begin() const { return is_array() ? values_ : nullptr; }
  const Json* end() const { return is_array() ? values_ + size_ : nullptr; }
  const Json& front() const { return *begin(); }
  const Json& operator[](size_t index) const { return values_[index]; }

  // Of an object. Of equal names the last counts.
  const Json* find(std::string_view name) const;
  bool contains(std::string_view name) const { return find(name) != nullptr; }
  std::string_view name(size_t member) const { return values_[2 * member].text(); }
  const Json& value(size_t member) const { return values_[2 * member + 1]; }

 private:
  friend class JsonDocument;
  enum class Kind : std::uint8_t { null, boolean, integer, fraction, string, array, object };
  static constexpr size_t kManyMembers = 16;  // objects with more have them sorted by name

  Json(Kind kind, std::string_view text) : text_(text.data()), size_(static_cast<std::uint32_t>(text.size())), kind_(kind) {}
  Json(Kind kind, const Json* values, size_t size) : values_(values), size_(static_cast<std::uint32_t>(size)), kind_(kind) {}

  union {
    const char* text_ = nullptr;
    const Json* values_;  // of an object: name, value, name, value, …
  };
  std::uint32_t size_ = 0;
  Kind kind_ = Kind::null;
};

// Room for values that is given out in pieces and taken back as a whole.
template <class T>
class Pieces {
 public:
  T* take(size_t count) {
    if (blocks_.empty() || count > blocks_.back().size - used_) add(count);
    T* piece = blocks_.back().room.get() + used_;
    used_ += count;
    return piece;
  }
  void give_back(size_t count) { used_ -= count; }  // the end of the last piece
  void clear() {
    if (blocks_.size() > 1) blocks_.erase(blocks_.begin(), blocks_.end() - 1);
    used_ = 0;
  }

 private:
  struct Block {
    std::unique_ptr<T[]> room;
    size_t size = 0;
  };
  void add(size_t count) {
    constexpr size_t kFirst = 1024, kMost = size_t{1} << 20;
    const size_t size = std::max(count, blocks_.empty() ? kFirst : std::min(kMost, blocks_.back().size * 2));
    blocks_.push_back({std::make_unique_for_overwrite<T[]>(size), size});
    used_ = 0;
  }
  std::vector<Block> blocks_;  // the last is in use
  size_t used_ = 0;
};

class JsonDocument {
 public:
  static constexpr size_t kMaxDepth = 256, kMaxValues = size_t{1} << 24;

  // The value that begins at text[at]; none when it is no JSON. What was read before is gone.
  const Json* read(std::string_view text, size_t at = 0);
  // Where the value ended, or how far it was looked.
  size_t end() const { return at_; }

 private:
  struct Open {
    char bracket;
    size_t first;  // of its values among read_
  };
  void skip_blank();
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool step();
  bool string();
  bool key();
  bool word();
  bool number();
  bool after_value();
  void close();
  std::string_view unescaped(std::string_view raw);

  std::string_view text_;
  size_t at_ = 0;
  std::vector<Open> open_;
  std::vector<Json> read_;  // of what is open
  size_t count_ = 0;        // of all values
  Pieces<Json> values_;
  Pieces<char> strings_;
  Json root_;
};

}  // namespace baton
