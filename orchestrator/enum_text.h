// An enumerator from the text that `to_string` gives for it, so that names are written down once. Any thread.
#pragma once

#include <initializer_list>
#include <optional>
#include <string_view>

namespace baton {

template <class E>
std::optional<E> enum_named(std::string_view text, std::initializer_list<E> all) {
  for (E value : all) {
    if (to_string(value) == text) return value;
  }
  return std::nullopt;
}

}  // namespace baton
