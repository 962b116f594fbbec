// What the trees and the change say to a criterion beyond gates and tests: which files are there, which symbols the change touched,
// which tests it made or altered and what they call. Built when a criterion asks. Pure; any thread.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/change_parts.h"

namespace baton {

struct ChangedTest {
  NamedTest test;
  std::string text;
  std::set<std::string> calls;  // last names of what it calls
  bool insists = false;         // whatever comes, on more than that something is there
};

struct CriteriaFacts {
  std::function<bool(const std::string& path)> in_result = [](const std::string&) { return false; };
  TextOf base_text = [](const std::string&) { return std::optional<std::string>(); }, head_text = base_text;
  std::vector<std::string> changed_files;  // of the result
  std::vector<ChangedTest> tests;          // that the change made or altered
  std::set<std::string> touched, fresh;    // symbols of the program that it altered; of those, the ones that the base lacks
};

// "tests/test_cart.py::test_total": a test of the tree, whatever its runner calls it.
std::string name_of(const NamedTest& test);

CriteriaFacts criteria_facts(const std::vector<FileChange>& changes, const TextOf& base, const TextOf& head);

// How a test covers what a sentence says: by its name, by the symbols that both speak of, and by the change's own code that it calls.
bool covers(const ChangedTest& test, std::string_view sentence, const CriteriaFacts& facts);

}  // namespace baton
