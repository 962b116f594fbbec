#include "orchestrator/base_tests_face.h"

#include <gtest/gtest.h>

namespace baton {
namespace {

const std::string kLists = "from calc import evens\n\n\ndef test_evens():\n    assert evens(5)[1] == 2\n    assert len(evens(5)) == 3\n";

bool meets(const std::string& base, const std::string& head, const std::string& words, const std::set<std::string>& gone = {}) {
  const std::vector<FileChange> changes = {{ChangeKind::modified, "tests/test_a.py", "tests/test_a.py"}};
  const auto text = [](const std::string& of) { return [of](const std::string& path) { return path == "tests/test_a.py" ? std::optional(of) : std::nullopt; }; };
  return meets_another_face({"tests/test_a.py::test_evens", "pytest", "tests/test_a.py", 5, words}, {changes, text(base), text(head), gone});
}

std::string with(std::string text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != text.npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
  return text;
}

TEST(BaseTestsFace, AListBecameAGenerator) {
  const std::string lists = with(kLists, "evens(5)", "list(evens(5))"), first = "TypeError: 'generator' object is not subscriptable", length = "TypeError: object of type 'map' has no len()";
  EXPECT_TRUE(meets(kLists, lists, first));
  EXPECT_TRUE(meets(kLists, lists, length));
  EXPECT_TRUE(meets(kLists, lists + "    assert list(evens(0)) == []\n", first));
  EXPECT_TRUE(meets("def test_evens():\n    assert evens(3) == [0, 2]\n", "def test_evens():\n    assert tuple(evens(3)) == [0, 2]\n", "assert <generator object evens at 0x7f> == [0, 2]"));
  // Another value is expected, a check is gone, or the value is broken: it fails.
  EXPECT_FALSE(meets(kLists, with(lists, "== 2", "== 4"), first));
  EXPECT_FALSE(meets(kLists, with(lists, "    assert len(list(evens(5))) == 3\n", ""), first));
  EXPECT_FALSE(meets(kLists, kLists, first));
  EXPECT_FALSE(meets(kLists, lists, "assert 4 == 2"));
  EXPECT_FALSE(meets(kLists, lists, "TypeError: 'NoneType' object is not subscriptable"));
  EXPECT_FALSE(meets(kLists, lists, "TypeError: object of type 'int' has no len()"));
  EXPECT_FALSE(meets(kLists, with(lists, "    assert list(evens(5))[1]", "    return\n    assert list(evens(5))[1]"), first));
}

TEST(BaseTestsFace, AFileOfTheProgramStandsElsewhere) {
  const std::string runs = "import subprocess\n\nTOOL = ROOT / \"tool.py\"\n\n\ndef run():\n    return subprocess.run([TOOL]).stdout\n\n\ndef test_evens():\n    assert run() == \"2\"\n";
  EXPECT_TRUE(meets(runs, runs, "assert '' == '2'", {"tool.py"}));
  EXPECT_FALSE(meets(runs, runs, "assert '' == '2'", {"ool.py"}));
  EXPECT_FALSE(meets(runs, runs, "assert '' == '2'"));
  EXPECT_FALSE(meets(with(runs, "assert run() == \"2\"", "assert evens(5) == 2"), runs, "assert '' == '2'", {"tool.py"})) << "it has nothing to do with it";
}

}  // namespace
}  // namespace baton
