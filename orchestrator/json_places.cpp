#include "orchestrator/json_places.h"

#include <cctype>

namespace baton {
namespace {

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {
    if (text_.starts_with("\xef\xbb\xbf")) advance(3);
    column_ = 1;
  }

  JsonPlaces run() {
    skip_space();
    places_.values[""] = here();
    value("");
    return std::move(places_);
  }

 private:
  JsonPlace here() const { return {line_, column_}; }
  bool at_end() const { return at_ >= text_.size(); }

  void advance(std::size_t count) {
    for (; count > 0 && !at_end(); --count, ++at_) {
      const auto c = static_cast<unsigned char>(text_[at_]);
      if (c == '\n') {
        ++line_;
        column_ = 1;
      } else if ((c & 0xc0) != 0x80) {
        column_ += c >= 0xf0 ? 2 : 1;
      }
    }
  }
  void skip_space() {
    while (!at_end() && std::isspace(static_cast<unsigned char>(text_[at_]))) advance(1);
  }

  // Past a string; its content as written, escapes left as they are but for `\"`, `\\` and `\/`.
  std::string string() {
    std::string content;
    advance(1);
    while (!at_end() && text_[at_] != '"') {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
        const char next = text_[at_ + 1];
        if (next != '"' && next != '\\' && next != '/') content += '\\';
        content += next;
        advance(2);
      } else {
        content += text_[at_];
        advance(1);
      }
    }
    advance(1);
    return content;
  }

  static std::string pointer_part(std::string_view key) {
    std::string part;
    for (const char c : key) part += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    return part;
  }

  void value(const std::string& pointer) {
    skip_space();
    if (at_end()) return;
    if (text_[at_] == '{') {
      object(pointer);
    } else if (text_[at_] == '[') {
      array(pointer);
    } else if (text_[at_] == '"') {
      string();
    } else {
      while (!at_end() && std::string_view(",]} \t\r\n").find(text_[at_]) == std::string_view::npos) advance(1);
    }
  }

  void object(const std::string& pointer) {
    advance(1);
    while (true) {
      skip_space();
      if (at_end() || text_[at_] != '"') break;
      const JsonPlace place = here();
      const std::string member = pointer + "/" + pointer_part(string());
      if (places_.values.contains(member)) places_.repeated.push_back(member);
      places_.values[member] = place;  // of the last one, which counts
      skip_space();
      advance(1);  // the colon
      value(member);
      skip_space();
      if (at_end() || text_[at_] != ',') break;
      advance(1);
    }
    advance(1);
  }

  void array(const std::string& pointer) {
    advance(1);
    for (std::size_t index = 0;; ++index) {
      skip_space();
      if (at_end() || text_[at_] == ']') break;
      const std::string element = pointer + "/" + std::to_string(index);
      places_.values[element] = here();
      value(element);
      skip_space();
      if (at_end() || text_[at_] != ',') break;
      advance(1);
    }
    advance(1);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1, column_ = 1;
  JsonPlaces places_;
};

}  // namespace

JsonPlaces find_json_places(std::string_view text) { return Scanner(text).run(); }

}  // namespace baton
