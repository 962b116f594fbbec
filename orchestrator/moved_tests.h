// Which vanished test lives on under another id: its file was renamed, it moved to another file or suite under its own name,
// or it was renamed with its body unchanged. Pure, any thread.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baton {

struct MovedTestsInput {
  std::vector<std::string> vanished, added;                 // ids, sorted
  std::map<std::string, std::string> renamed_files;         // old path -> new path
  // A fingerprint of a test's body without its name; absent when it cannot be told.
  std::function<std::optional<std::string>(const std::string& id)> base_body, head_body;
};

// Old id -> new id. Only pairs that no other candidate disputes.
std::map<std::string, std::string> moved_tests(const MovedTestsInput& input);

// The last part of a test id: "adds" of "tests/math.test.js > sum > adds", "test_a[1]" of "tests/test_x.py::test_a[1]".
std::string_view test_name(std::string_view id);

// The text of a definition without its name and white space, hashed.
std::string body_fingerprint(std::string_view definition, std::string_view name);

}  // namespace baton
