#include "lsp/reader.h"

#include <limits>
#include <nlohmann/json.hpp>

namespace baton {

using nlohmann::json;

Reader::Reader(const json& value, std::string path, std::string& error)
    : value_(value.is_null() ? nullptr : &value), path_(std::move(path)), error_(&error) {}

void Reader::complain(std::string_view wanted) const {
  if (error_->empty()) *error_ = path_ + ": " + std::string(wanted) + " is needed";
}

Reader Reader::required(std::string_view key) const {
  Reader member = optional(key);
  if (!member.present()) {
    member.complain("a value");
  }
  return member;
}

Reader Reader::optional(std::string_view key) const {
  const json* found = nullptr;
  if (value_ && !value_->is_object()) complain("an object");
  if (value_ && value_->is_object()) {
    const auto at = value_->find(key);
    if (at != value_->end() && !at->is_null()) found = &*at;
  }
  std::string path;
  path.reserve(path_.size() + 1 + key.size());
  path.append(path_).append(1, '.').append(key);
  return Reader(found, std::move(path), error_);
}

std::string Reader::string() const {
  if (!value_) return {};
  if (const auto* text = value_->get_ptr<const json::string_t*>()) return *text;
  complain("a string");
  return {};
}

std::int64_t Reader::integer(std::int64_t fallback) const {
  if (!value_) return fallback;
  if (value_->is_number_unsigned() && value_->get<std::uint64_t>() > std::numeric_limits<std::int64_t>::max()) {
    complain("an integer");
    return fallback;
  }
  if (value_->is_number_integer()) return value_->get<std::int64_t>();
  // Some clients write 3.0.
  if (value_->is_number_float()) {
    const double number = value_->get<double>();
    if (number >= -9e15 && number <= 9e15 && static_cast<double>(static_cast<std::int64_t>(number)) == number) {
      return static_cast<std::int64_t>(number);
    }
  }
  complain("an integer");
  return fallback;
}

std::uint32_t Reader::uinteger() const {
  const std::int64_t number = integer();
  if (number >= 0 && number <= std::numeric_limits<std::uint32_t>::max()) return static_cast<std::uint32_t>(number);
  complain("a number from 0 to 4294967295");
  return 0;
}

bool Reader::boolean(bool fallback) const {
  if (!value_) return fallback;
  if (value_->is_boolean()) return value_->get<bool>();
  complain("true or false");
  return fallback;
}

void Reader::each(const std::function<void(const Reader&)>& visit) const {
  if (!value_) return;
  if (!value_->is_array()) return complain("an array");
  std::size_t index = 0;
  for (const json& element : *value_) {
    Reader reader(&element, path_ + "[" + std::to_string(index++) + "]", error_);
    visit(reader);
  }
}

std::vector<std::string> Reader::strings() const {
  std::vector<std::string> all;
  each([&](const Reader& element) { all.push_back(element.string()); });
  return all;
}

void Reader::must_be_object() const {
  if (!value_ || !value_->is_object()) complain("an object");
}

}  // namespace baton
