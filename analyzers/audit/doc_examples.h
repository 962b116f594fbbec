// Examples in documents that are run as tests: `>>> f(2)` and what it answers, in the docstrings of Python's modules and in texts; fences of
// code in Rust's comments. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "analyzers/audit/audit.h"
#include "analyzers/audit/compare_tests.h"
#include "analyzers/audit/intent.h"
#include "analyzers/audit/test_file.h"

namespace baton::audit {

struct DocExample {
  std::string source;    // what is run
  std::string expected;  // what it is to answer; empty: nothing
  bool off = false;      // `# doctest: +SKIP`
  int line = 0, end_line = 0;
};

// A docstring, the comments above an item of Rust, or a document as a whole.
struct DocText {
  std::string of;  // qualified name of what it describes; empty: the module, or the document
  std::size_t begin = 0, end = 0;  // bytes
  std::vector<DocExample> examples;
};
std::vector<DocText> doc_texts(std::string_view path, std::string_view text);

// The fences in the comments of a Rust file as its tests, by the names that rustdoc gives them less their lines: "src/lib.rs - f".
TestFile read_rust_examples(std::string_view path, std::string_view text);

// `head`, a module, with the docstrings of `base` that hold examples in place of its own.
std::string with_examples_of(std::string_view path, std::string_view base, std::string_view head);

std::vector<AuditFinding> audit_doc_examples(const AuditedFile& file, const Intent& intent, const Surroundings& around);

}  // namespace baton::audit
