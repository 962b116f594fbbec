// What runners really printed: tests/orchestrator/red_green has a file a framework, whose sections are runs of one small project
// ("=== NAME exit N").
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "analyzers/diagnose.h"
#include "support/files.h"

namespace baton {

using Outputs = std::map<std::string, Diagnosis>;

struct Framework {
  const char* name;
  const char* target;
  const char* test_file;
};
inline constexpr Framework kFrameworks[] = {{"pytest", "tests/test_calc.py::test_adds", "tests/test_calc.py"},
                                     {"node", "adds", "test/calc.test.js"},
                                     {"gtest", "Calc.Adds", "tests/calc_test.cpp"},
                                     {"go", "example.com/calc.TestAdds", "calc_test.go"},
                                     {"cargo", "tests::adds", "src/lib.rs"}};

inline Outputs recorded(const Framework& framework) {
  Outputs outputs;
  const auto text = read_file(std::string(BATON_SOURCE_DIR) + "/tests/orchestrator/red_green/" + framework.name + ".txt");
  EXPECT_TRUE(text.ok()) << framework.name;
  if (!text) return outputs;
  for (std::size_t at = text->find("=== "); at != text->npos;) {
    const std::size_t end = text->find('\n', at), next = text->find("\n=== ", end);
    const std::string head = text->substr(at + 4, end - at - 4);
    const std::string body = text->substr(end + 1, next == text->npos ? text->npos : next + 1 - end - 1);
    RunOutput output;
    output.text = body;
    output.exit_code = std::stoi(head.substr(head.rfind(' ') + 1));
    output.cwd = output.root = "/w/project";
    output.tests_expected = true;
    output.file_exists = [&](const std::string& path) { return path == framework.test_file; };
    outputs[head.substr(0, head.find(' '))] = diagnose(output);
    at = next == text->npos ? next : next + 1;
  }
  return outputs;
}

}  // namespace baton
