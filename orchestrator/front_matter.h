// Markdown with YAML front matter: the block between two lines of `---` at the beginning, and the text after it. Pure; any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "support/result.h"

namespace baton {

struct FrontMatter {
  std::shared_ptr<const nlohmann::json> fields;  // an object; empty when there is no front matter
  std::string text;
};
// An Error where the front matter has no end or is no YAML of names and values.
Result<FrontMatter> read_front_matter(std::string_view markdown);

}  // namespace baton
