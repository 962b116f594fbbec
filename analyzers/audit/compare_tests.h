// Tests of two versions held against each other: every check of the base must still be insisted on somewhere, as strongly, by a
// test that runs. Pure; any thread.
#pragma once

#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "analyzers/audit/audit.h"
#include "analyzers/audit/intent.h"
#include "analyzers/audit/test_file.h"

namespace baton::audit {

// One file in both versions; a side that is not there has no units.
struct TestFilePair {
  TestFile base, head;
  std::string_view base_text, head_text;
};

struct Surroundings {
  std::set<std::string> gone;    // identifiers that the program had and has no more
  std::set<std::string> removed; // of these, what it defined, and files of it by their names
  std::set<std::string> defined; // what the changed files of it define now
  std::set<std::string> unsaid, said;  // words of the program's texts and numbers: what it had and has no more, what it has since this change
  std::set<std::string> gone_members;  // what the program's things had, and no thing has any more
  std::set<std::string> gone_files;  // their names: deleted, moved or renamed
  bool program_changed = false;  // something besides tests and settings changed
};

struct ComparedTests {
  std::vector<AuditFinding> findings;
  std::vector<AuditedTest> tests;  // of the base; what other findings say of them is not in it
};

ComparedTests compare_tests(const std::vector<TestFilePair>& files, const Intent& intent, const Surroundings& around, std::stop_token stop);

}  // namespace baton::audit
