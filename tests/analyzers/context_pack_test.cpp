#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "analyzers/context/file_rank.h"
#include "analyzers/context/pack.h"
#include "analyzers/syntax.h"

namespace baton {
namespace {

std::string shown(const std::vector<Chunk>& chunks) {
  std::string text;
  for (const Chunk& chunk : chunks) {
    text += (text.empty() ? "" : " ") + std::to_string(chunk.lines.first) + "-" + std::to_string(chunk.lines.last);
    for (const LineRange& range : chunk.around) text += "<" + std::to_string(range.first) + "-" + std::to_string(range.last);
  }
  return text;
}

std::string repeated(std::string_view line, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += line;
  return text;
}

std::string python_function(const std::string& name, int lines, const std::string& indent = "") {
  return indent + "def " + name + "(self):\n" + repeated(indent + "    work()\n", lines - 1);
}

// What holds for the pieces of any text: all lines, in order, each once, none too long, signatures before.
void expect_whole(std::string_view text, const std::vector<Chunk>& cut) {
  int next = 1;
  for (const Chunk& chunk : cut) {
    EXPECT_EQ(chunk.lines.first, next);
    EXPECT_LE(chunk.lines.first, chunk.lines.last);
    EXPECT_LE(chunk.lines.last - chunk.lines.first + 1, kChunkLines);
    int before = 0;
    for (const LineRange& range : chunk.around) {
      EXPECT_GT(range.first, before);
      EXPECT_LE(range.first, range.last);
      EXPECT_LT(range.last, chunk.lines.first);
      before = range.last;
    }
    next = chunk.lines.last + 1;
  }
  EXPECT_EQ(next, static_cast<int>(line_starts(text).size()));
}

TEST(Chunks, FollowTheSyntax) {
  const struct {
    std::string_view what;
    std::string text;
    std::string_view expected;
  } cases[] = {
      {"nothing", "", ""},
      {"a short file is one piece", python_function("a", 20), "1-20"},
      {"functions stay whole", python_function("a", 30) + python_function("b", 30), "1-30 31-60"},
      {"small ones are joined", repeated("X = 1\n", 2) + python_function("a", 30) + python_function("b", 30), "1-32 33-62"},
      {"methods know their class", "class A:\n" + python_function("a", 30, "  ") + python_function("b", 30, "  "), "1-31 32-61<1-1"},
      {"a long function is cut, and its pieces know it", python_function("a", 70), "1-40 41-70<1-1"},
  };
  for (const auto& [what, text, expected] : cases) {
    const auto cut = chunks(text, outline(text, Language::python));
    EXPECT_EQ(shown(cut), expected) << what;
    expect_whole(text, cut);
  }
}

TEST(Chunks, HoldForAnyText) {
  const std::string texts[] = {
      "\n", "no line end", repeated("\n", 500), repeated("x\r\n", 100), std::string(300'000, 'x'), repeated("{\n", 300), std::string(100, '\0') + "\n",
      repeated("\xff\xfe\n", 100), repeated("@mark\n", 60) + python_function("f", 60), "class A:\n" + repeated("  class B:\n", 200), python_function("f", 200) + "}}}\n",
  };
  for (const std::string& text : texts) {
    for (const Language language : {Language::none, Language::python, Language::cpp, Language::javascript}) expect_whole(text, chunks(text, outline(text, language)));
  }
}

struct Repo {
  std::vector<std::pair<std::string, std::string>> sources;
  TermTable table, paths;
  std::vector<FileTerms> terms;
  std::vector<ContextFile> files;
  std::vector<PastCommit> commits;

  explicit Repo(std::vector<std::pair<std::string, std::string>> given) : sources(std::move(given)) {
    for (const auto& [path, text] : sources) terms.push_back(file_terms(text, table));
    for (std::size_t i = 0; i < sources.size(); ++i) files.push_back({sources[i].first, &terms[i], source_kind(sources[i].first)});
  }
  void past(std::int64_t day, std::string_view message, const std::vector<std::string>& changed) {
    PastCommit commit{day * 86'400, {}, terms_of(message, table)};
    for (const std::string& path : changed) commit.files.push_back(paths.add(path));
    commits.insert(commits.begin(), std::move(commit));
  }
  std::vector<RankedFile> rank(std::string_view task, const std::vector<double>& favour = {}) {
    const TaskQuery query = task_query(task, table);
    return rank_files(files, file_signals(query, files, {&paths, &commits}, table), favour);
  }
  std::string first(std::string_view task, const std::vector<double>& favour = {}) {
    const auto ranked = rank(task, favour);
    return ranked.empty() ? "" : files[ranked[0].file].path;
  }
};

const std::vector<std::pair<std::string, std::string>> kShop = {
    {"shop/cart.py", "class Cart:\n    def add_item(self, item):\n        self.items.append(item)\n    def total_price(self):\n        return sum(self.items)\n"},
    {"shop/discount.py", "def apply_discount(price, percent):\n    return price - price * percent\n"},
    {"shop/mail.py", "def send_receipt(cart, address):\n    smtp.send(address, render(cart))\n"},
    {"tests/test_cart.py", "def test_total_price():\n    assert Cart().total_price() == 0\n"},
    {"shop/render.py", "def render(cart):\n    return template.format(cart)\n"},
    {"other/names.py", "def other():\n    pass\n"},
};

TEST(FileRank, FindsWhatATaskIsAbout) {
  Repo repo(kShop);
  const struct {
    std::string_view task, file;
  } cases[] = {
      {"The total price of a cart is wrong", "shop/cart.py"},
      {"percent discounts are applied twice", "shop/discount.py"},
      {"send_receipt raises when the address is empty", "shop/mail.py"},
      {"Traceback: File \"/home/x/site-packages/shop/render.py\", line 2", "shop/render.py"},
      {"shop.discount fails to import", "shop/discount.py"},
      {"sending receipts by smtp", "shop/mail.py"},
  };
  for (const auto& [task, file] : cases) EXPECT_EQ(repo.first(task), file) << task;
}

TEST(FileRank, LearnsFromThePast) {
  Repo repo(kShop);
  const std::string before = repo.first("vouchers expire at midnight in the wrong time zone");
  repo.past(1, "Vouchers expire with their campaign", {"other/names.py"});
  repo.past(2, "Tidy the mail", {"shop/mail.py"});
  EXPECT_EQ(repo.first("vouchers expire at midnight in the wrong time zone"), "other/names.py") << "before: " << before;
}

TEST(FileRank, GivesSharesReasonsAndObeysAPrior) {
  Repo repo(kShop);
  const auto ranked = repo.rank("The total price of a cart is wrong");
  ASSERT_EQ(ranked.size(), kShop.size());
  const double sum = std::accumulate(ranked.begin(), ranked.end(), 0.0, [](double before, const RankedFile& file) { return before + file.share; });
  EXPECT_NEAR(sum, 1, 1e-9);
  EXPECT_FALSE(ranked[0].reason.empty());
  for (std::size_t i = 1; i < ranked.size(); ++i) EXPECT_GE(ranked[i - 1].score, ranked[i].score);
  EXPECT_EQ(repo.first("The total price of a cart is wrong", {0, 0, 0, 0, 50, 0}), "shop/render.py");
  Repo nothing({});
  EXPECT_TRUE(nothing.rank("anything").empty());
}

// Files as the packer takes them: the first is the likeliest.
std::vector<PackFile> pack_files(const std::vector<std::pair<std::string, std::string>>& sources) {
  std::vector<PackFile> files;
  double share = 0.6;
  for (const auto& [path, text] : sources) {
    files.push_back({share, text, chunks(text, outline(text, language_of(path)))});
    share /= 2;
  }
  return files;
}

TEST(Pack, NeverExceedsTheBudgetAndEveryPrefixIsASlice) {
  std::vector<std::pair<std::string, std::string>> sources = kShop;
  std::string big = "class Big:\n";
  for (int i = 0; i < 60; ++i) big += python_function("part_" + std::to_string(i), 15, "    ");
  sources.push_back({"big.py", big});
  sources.push_back({"line.py", std::string(50'000, 'x') + "\n"});
  sources.push_back({"empty.py", ""});
  const auto files = pack_files(sources);
  TermTable table;
  const TaskQuery query = task_query("the total price of part_7 and part_30", table);
  std::vector<PackedPiece> before;
  for (const std::size_t budget : {0u, 1u, 8u, 9u, 20u, 100u, 500u, 2'000u, 8'000u, 100'000u}) {
    const auto packed = pack(query, files, budget, table);
    std::size_t tokens = 0, counted = 0;
    std::map<std::size_t, std::vector<bool>> have;
    for (const PackedPiece& piece : packed) {
      // As an outside check counts: bytes of lines that came for the first time, by four, and eight for the entry.
      const auto starts = line_starts(files[piece.file].text);
      auto& taken = have.try_emplace(piece.file, starts.size(), false).first->second;
      std::size_t bytes = 0;
      for (const LineRange& range : piece.lines) {
        for (auto line = static_cast<std::size_t>(range.first); line <= static_cast<std::size_t>(range.last); ++line) {
          ASSERT_LT(line, starts.size());
          if (!taken[line]) bytes += starts[line] - starts[line - 1];
          taken[line] = true;
        }
      }
      counted += (bytes + 3) / 4 + 8;
      tokens += piece.tokens;
    }
    EXPECT_EQ(tokens, counted) << budget;
    EXPECT_LE(tokens, budget);
    // A larger budget begins with the same pieces, as long as they fit.
    if (!packed.empty() && !before.empty()) EXPECT_EQ(packed[0].lines, before[0].lines);
    if (budget >= 500) before = packed;
  }
}

TEST(Pack, TakesWhatTheTaskNamesWithItsClass) {
  std::string big = "class Big:\n";
  for (int i = 0; i < 60; ++i) big += python_function("part_" + std::string(1 + i / 26, static_cast<char>('b' + i % 26)) + "x", 15, "    ");
  const std::vector<std::pair<std::string, std::string>> sources = {{"big.py", big}};
  const auto files = pack_files(sources);
  TermTable table;
  const auto packed = pack(task_query("part_qqx works twice", table), files, 300, table);
  ASSERT_FALSE(packed.empty());
  EXPECT_EQ(packed[0].lines.front(), (LineRange{1, 1})) << "the class";
  const int wanted = 2 + 41 * 15;
  EXPECT_TRUE(std::any_of(packed[0].lines.begin(), packed[0].lines.end(), [&](const LineRange& range) { return range.first <= wanted && wanted <= range.last; }));
}

}  // namespace
}  // namespace baton
