// Reading our own JSON documents back: one reader that remembers the first field that is missing or of the wrong type, so
// that a document is read straight through and judged once. Absent and null are the same: the default. Any thread.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/enum_text.h"
#include "support/result.h"

namespace baton {

class JsonFields {
 public:
  // `what` names the document in messages: "a verification report".
  explicit JsonFields(std::string what) : what_(std::move(what)) {}

  bool ok() const { return problem_.empty(); }
  Error error() const;
  void fail(std::string_view name, std::string_view wanted);

  std::string text(const nlohmann::json& object, const char* name);
  bool flag(const nlohmann::json& object, const char* name, bool absent = false);
  double number(const nlohmann::json& object, const char* name);
  std::int64_t big_integer(const nlohmann::json& object, const char* name);
  int integer(const nlohmann::json& object, const char* name) { return maybe_integer(object, name).value_or(0); }
  std::optional<int> maybe_integer(const nlohmann::json& object, const char* name);
  std::vector<std::string> texts(const nlohmann::json& object, const char* name);
  const nlohmann::json& list(const nlohmann::json& object, const char* name);    // empty when absent
  const nlohmann::json* object(const nlohmann::json& parent, const char* name);  // null when absent

  template <class E>
  E word(const nlohmann::json& object, const char* name, std::initializer_list<E> all) {
    std::string given = text(object, name);
    std::optional<E> value = enum_named(given, all);
    if (!value) fail(name, "a word that is known here (\"" + given + "\")");
    return value.value_or(*all.begin());
  }

 private:
  const nlohmann::json* find(const nlohmann::json& object, const char* name);

  std::string what_;
  std::string problem_;
};

}  // namespace baton
