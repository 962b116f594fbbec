#include "orchestrator/agents/slice.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace baton {
namespace {

std::vector<TreeEntry> repository(std::size_t folders) {
  std::vector<TreeEntry> files;
  for (std::size_t i = 0; i < folders * 100; ++i) files.push_back({"src/d" + std::to_string(i / 100) + "/f" + std::to_string(i) + ".txt", "", 0100644, 0});
  files.push_back({"README.md", "", 0100644, 0});
  std::sort(files.begin(), files.end(), [](const TreeEntry& a, const TreeEntry& b) { return a.path < b.path; });
  return files;
}

std::string text(const SparseCone& cone) {
  std::string all;
  for (const std::string& folder : cone.folders()) all += (all.empty() ? "" : " ") + folder;
  return cone.whole() ? "whole" : all;
}

TEST(SliceTest, WholeUnlessAllIsKnown) {
  const auto large = repository(120), small = repository(20);
  const struct {
    SliceFacts facts;
    bool is_large;
    const char* slice;
  } cases[] = {
      {{{}, {"src/d1/f100.txt"}, 1, false}, true, "src/d1"},
      {{{}, {"src/d1/f100.txt", "README.md"}, 1, false}, true, "src/d1"},
      {{{}, {"src/d1", "src/d2/", "src/d3/**/*.txt"}, 1, false}, true, "src/d1 src/d2 src/d3"},
      {{{}, {"src/d1/new.txt"}, 1, false}, true, "src/d1"},
      {{{}, {"src/d1/f100.txt"}, 1, false}, false, "whole"},  // a small repository
      {{{}, {"src/d1/f100.txt"}, 2, false}, true, "whole"},   // it has failed once
      {{{}, {"src/d1/f100.txt"}, 1, true}, true, "whole"},    // something is installed first
      {{{}, {}, 1, false}, true, "whole"},
      {{{}, {"README.md"}, 1, false}, true, "whole"},
      {{{}, {"src/d1/f100.txt", "**/*.txt"}, 1, false}, true, "whole"},
      {{{}, {"src/d*/f.txt"}, 1, false}, true, "whole"},      // all of it, nearly
      {{{"src/d7"}, {"src/d1/f100.txt"}, 3, false}, false, "src/d1 src/d7"},
      {{{"src/d7"}, {}, 1, false}, false, "src/d7"},
      {{{"src/d7"}, {"README.md"}, 1, false}, false, "src/d7"},
      {{{"src/d7"}, {"*.txt"}, 1, false}, false, "whole"},
      {{{"src/d7"}, {}, 1, true}, false, "whole"},
      {{{"."}, {"src/d1/f100.txt"}, 1, false}, true, "whole"},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(text(slice_of(one.facts, one.is_large ? large : small)), one.slice) << testing::PrintToString(one.facts.write_set) << one.facts.attempt;
  }
}

}  // namespace
}  // namespace baton
