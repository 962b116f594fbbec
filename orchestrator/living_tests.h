// Which tests of the base that no longer run live on in tests of the result, or went with what they tested as the task asks: by what the
// audit read of each of them, and by what ran. A runner's id is matched with the test that the syntax has; an id that could be two tests' is
// nobody's, and a test of whose cases fewer run than before is not there. Pure; any thread.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "analyzers/audit/audit.h"

namespace baton {

// A test that a side named.
struct RanTest {
  std::string id;
  std::string path;     // its file, where the runner told
  bool passed = false;  // in every try
  bool alone = false;   // the other side does not know it
};

struct LivingTests {
  std::map<std::string, std::vector<std::string>> now;  // id of the base -> ids of the result that insist on what it did
  std::set<std::string> removed_by_task;                // ids of the base
};

LivingTests living_tests(const std::vector<RanTest>& base, const std::vector<RanTest>& head, const std::vector<AuditedTest>& audited);

// How well an id fits a test, and what of it is the test without its parameters; 0: not at all.
struct IdMatch {
  int weight = 0;
  std::string stem;
};
IdMatch match_id(std::string_view id, std::string_view path, const PlacedTest& test);

}  // namespace baton
