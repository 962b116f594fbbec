// Wholes that are compared at once, and their parts: `[f(1), g(2)] == [3, 4]` insists on what `f(1) == 3` and `g(2) == 4` do. On
// normalised text; pure, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "analyzers/syntax.h"

namespace baton::audit {

struct Element {
  std::string key;  // empty where its place tells which it is
  std::string value;
};

// Of a list, tuple or object that is written out. `of_a_type`: what is built by any type's name has its arguments as elements, too.
std::optional<std::vector<Element>> elements_of(std::string_view whole, Language language, bool of_a_type = false);

// What is looked at and what is expected, part by part; empty where the two are not written out alike.
std::vector<std::pair<std::string, std::string>> parts_of(std::string_view subject, std::string_view expected, Language language);

// `r[0]`, `r.get(0)`, `r['a']`, `r.a`, `len(r)`: a part of `r`.
struct PartName {
  std::string whole;
  std::string key;  // a name; empty: the place or the size counts
  std::optional<std::size_t> place;
};
std::optional<PartName> part_looked_at(std::string_view subject);

}  // namespace baton::audit
