// Reads typed values out of JSON. A value of the wrong shape is recorded once, with its path ("params.textDocument.uri: a
// string is needed"), and reads on with defaults; whoever began looks at the error at the end. Io thread.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace baton {

class Reader {
 public:
  // `error` stays empty while all is well. Both outlive the reader and what is read from it.
  Reader(const nlohmann::json& value, std::string path, std::string& error);

  Reader required(std::string_view key) const;
  Reader optional(std::string_view key) const;  // absent and null are one
  bool present() const { return value_ != nullptr; }
  const nlohmann::json* raw() const { return value_; }  // null when absent

  // Each gives its default when the value is absent and was optional.
  std::string string() const;
  std::int64_t integer(std::int64_t fallback = 0) const;
  std::uint32_t uinteger() const;
  bool boolean(bool fallback = false) const;
  void each(const std::function<void(const Reader&)>& visit) const;  // elements of an array
  std::vector<std::string> strings() const;
  void must_be_object() const;

 private:
  Reader(const nlohmann::json* value, std::string path, std::string* error)
      : value_(value), path_(std::move(path)), error_(error) {}
  void complain(std::string_view wanted) const;

  const nlohmann::json* value_;
  std::string path_;
  std::string* error_;
};

}  // namespace baton
