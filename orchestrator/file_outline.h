// What a file defines, and which of it a change touches: for what an editor shows above functions. Values; any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "support/result.h"

namespace baton {

class Store;

struct OutlineRequest {
  std::string path;  // relative to the root
  std::string text;  // as the user sees it
  std::string base;  // a revision; empty: HEAD
};
nlohmann::json to_json(const OutlineRequest& request);
Result<OutlineRequest> outline_request_from_json(const nlohmann::json& json);

struct OutlinedFunction {
  std::string name, qualified;
  int line = 0, end_line = 0;  // 1-based, of the whole definition
  bool test = false;
  bool changed = false;        // its text differs from the base's
};

struct FileOutline {
  std::string base;            // what it was compared with: "HEAD", or as it was asked for
  bool changed = false;        // anything of the file, also outside of functions
  std::vector<OutlinedFunction> functions;  // functions, methods and tests in source order, the innermost only; at most kMaxOutlined
};
inline constexpr std::size_t kMaxOutlined = 500;
nlohmann::json to_json(const FileOutline& outline);
Result<FileOutline> file_outline_from_json(const nlohmann::json& json);

// From git's objects and the text alone: nothing of the repository runs.
Result<FileOutline> outline_of_file(const Store& store, const OutlineRequest& request);
// `base` is the file before; empty text where it is new.
FileOutline outline_of_text(std::string_view path, std::string_view base, std::string_view text);

}  // namespace baton
