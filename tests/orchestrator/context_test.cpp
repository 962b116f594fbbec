// The index and the slices of real repositories.
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <thread>

#include "git/history.h"
#include "orchestrator/context/domain_rules.h"
#include "orchestrator/context/partition.h"
#include "orchestrator/context/slice_text.h"
#include "tests/orchestrator/workshop.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

const std::map<std::string, std::string> kShop = {
    {"shop/cart.py", "class Cart:\n    def add_item(self, item):\n        self.items.append(item)\n    def total_price(self):\n        return sum(self.items)\n"},
    {"shop/mail.py", "def send_receipt(cart, address):\n    smtp.send(address, render(cart))\n"},
    {"tests/test_cart.py", "def test_total_price():\n    assert Cart().total_price() == 0\n"},
    {"docs/mail.md", "# Mail\n\nReceipts are sent by smtp.\n"},
    {"docs/cart.md", "# Cart\n\nPrices are in cents.\n"},
    {".claude/skills/mail/SKILL.md", "---\nname: mail-check\ndescription: \"How receipts are checked\"\n---\n\nLong text.\n"},
};
constexpr const char* kTask = "The total price of a cart is wrong";

class ContextOf : public Workshop {
 protected:
  fs::path index_file() const { return at("cache/index"); }
  fs::path git_dir() const { return at("repo/.git"); }

  ContextSlice slice(ContextIndex& index, const WorkspaceView& view, const std::string& text = kTask, std::size_t budget = 1000) {
    EXPECT_TRUE(index.refresh(view, false).ok());
    ContextRequest request;
    request.text = text;
    request.budget = budget;
    auto slice = index.slice(view, request);
    EXPECT_TRUE(slice.ok()) << slice.error().message;
    return slice ? *slice : ContextSlice{};
  }

  ContextSlice slice_of_tree(const std::string& text = kTask, std::size_t budget = 1000) {
    ContextIndex index(index_file());
    const auto view = folder_view(at("repo"), index.data());
    EXPECT_TRUE(view.ok());
    ContextSlice found = slice(index, **view, text, budget);
    EXPECT_TRUE(index.save().ok());
    return found;
  }

  std::string head() {
    std::string id = git({"rev-parse", "HEAD"});
    id.pop_back();
    return id;
  }
};

std::string first_path(const ContextSlice& slice) { return slice.pieces.empty() ? "" : slice.pieces[0].path; }

std::string bytes_of(const fs::path& file) {
  const auto bytes = read_file(file);
  return bytes ? *bytes : "";
}

TEST_F(ContextOf, ACommitAndTheTreeAgree) {
  commit(kShop);
  const ContextSlice tree = slice_of_tree();
  EXPECT_EQ(first_path(tree), "shop/cart.py");
  EXPECT_GT(tree.tokens, 0u);
  EXPECT_LE(tree.tokens, tree.whole_tokens);
  EXPECT_LE(tree.whole_tokens, tree.workspace_tokens);
  ContextIndex index("");
  auto objects = Objects::open(git_dir(), false);
  ASSERT_TRUE(objects.ok());
  const auto view = commit_view(**objects, git_dir(), head());
  ASSERT_TRUE(view.ok());
  const ContextSlice at_commit = slice(index, **view);
  EXPECT_EQ(slice_text(at_commit), slice_text(tree));
  EXPECT_TRUE(slice_text(tree).starts_with("### shop/cart.py\n\n```\n1 class Cart:\n")) << slice_text(tree);
}

TEST_F(ContextOf, AFileThatIsTakenWholeIsOnePiece) {
  std::string cart;
  for (const char* name : {"add", "remove", "total", "empty"}) {
    cart += std::string("def ") + name + "_cart(cart, item):\n    \"\"\"The cart with its items, " + name + ".\"\"\"\n    return cart.items(item, " + name + ")\n\n\n";
  }
  commit({{"cart.py", cart}, {"other.py", "def other():\n    return 'nothing of that'\n"}});
  const ContextSlice all = slice_of_tree("every function of the cart");
  ASSERT_EQ(first_path(all), "cart.py");
  EXPECT_EQ(std::count_if(all.pieces.begin(), all.pieces.end(), [](const SlicePiece& piece) { return piece.path == "cart.py"; }), 1);
  EXPECT_EQ(all.pieces[0].content, cart);
  EXPECT_LE(all.tokens, all.whole_tokens);
}

// What a slice saved is said where it saved something.
TEST(SliceText, ClaimsNoSavingWhereThereIsNone) {
  ContextSlice slice;
  slice.pieces = {{"a", {{1, 2}}, 90, "", ""}, {"b", {{1, 2}}, 10, "", ""}};
  slice.tokens = 100;
  const std::tuple<std::size_t, std::size_t, const char*> kCases[] = {
      {1200, 5000, "2 pieces of 2 files: 100 tokens instead of 1,200 for the whole files, or 5,000 for all source."},
      {100, 5000, "2 pieces of 2 files: 100 tokens instead of 5,000 for all source."},
      {90, 90, "2 pieces of 2 files: 100 tokens; all source has no more."},
  };
  for (const auto& [whole, workspace, expected] : kCases) {
    slice.whole_tokens = whole;
    slice.workspace_tokens = workspace;
    EXPECT_EQ(slice_summary(slice), expected);
  }
}

TEST_F(ContextOf, TheTreeIsSeenAsItIsNow) {
  commit(kShop);
  slice_of_tree();
  write({{"shop/voucher.py", "def redeem_voucher(code):\n    return code\n"}});
  EXPECT_EQ(first_path(slice_of_tree("vouchers cannot be redeemed")), "shop/voucher.py") << "untracked";
  // In the same moment, of the same size.
  write({{"shop/voucher.py", "def unlock_account(name):\n    return names\n"}});
  EXPECT_EQ(first_path(slice_of_tree("accounts cannot be unlocked")), "shop/voucher.py");
  fs::remove(at("repo/shop/voucher.py"));
  for (const SlicePiece& piece : slice_of_tree("accounts cannot be unlocked by their cart").pieces) EXPECT_NE(piece.path, "shop/voucher.py");
  write({{".gitignore", "secret/\n"}, {"secret/total_price.py", "def total_price_of_a_cart(): pass\n"}});
  for (const SlicePiece& piece : slice_of_tree().pieces) EXPECT_NE(piece.path, "secret/total_price.py");
}

TEST_F(ContextOf, HistoryEndsAtTheCommit) {
  commit(kShop);
  const std::string before = head();
  write({{"shop/mail.py", "def send_receipt(cart, address):\n    return None\n"}});
  git({"commit", "-q", "-a", "-m", "Zeppelin landing gear"});
  const auto history = read_history(git_dir(), head(), "", 100);
  ASSERT_TRUE(history.ok());
  ASSERT_EQ(history->size(), 2u);
  EXPECT_EQ(history->front().message, "Zeppelin landing gear\n");
  EXPECT_EQ(history->front().files, std::vector<std::string>{"shop/mail.py"});
  EXPECT_EQ(history->back().files.size(), kShop.size());
  EXPECT_EQ(read_history(git_dir(), head(), before, 100)->size(), 1u);
  ContextIndex index("");
  auto objects = Objects::open(git_dir(), false);
  const std::string wanted = "Zeppelin landing gear";
  for (const auto& [commit, commits] : {std::pair(before, 1u), {head(), 2u}, {before, 1u}}) {
    const auto view = commit_view(**objects, git_dir(), commit);
    slice(index, **view, wanted);
    EXPECT_EQ(index.data().commits.size(), commits);
  }
}

TEST_F(ContextOf, WhatWasIndexedIsNotReadAgain) {
  commit(kShop);
  slice_of_tree();
  const auto written = bytes_of(index_file());
  ContextIndex index(index_file());
  EXPECT_EQ(index.data().files.size(), kShop.size());
  EXPECT_EQ(index.data().history_of, head());
  const auto first = index.data().files.begin()->second.terms;
  const auto view = folder_view(at("repo"), index.data());
  ASSERT_TRUE(index.refresh(**view, false).ok());
  EXPECT_EQ(index.data().files.begin()->second.terms, first);
  ASSERT_TRUE(index.save().ok());
  EXPECT_EQ(bytes_of(index_file()), written) << "nothing was new, so nothing was written";
}

TEST_F(ContextOf, ADamagedIndexIsNone) {
  commit(kShop);
  const std::string good_text = slice_text(slice_of_tree());
  const std::string good = bytes_of(index_file());
  ASSERT_GT(good.size(), 100u);
  std::vector<std::pair<std::string, std::string>> cases = {{"empty", ""}, {"cut", good.substr(0, good.size() / 2)}, {"longer", good + "x"}, {"text", "not an index"}};
  for (std::size_t at = 0; at < good.size(); at += good.size() / 40 + 1) {
    std::string changed = good;
    changed[at] = static_cast<char>(changed[at] ^ 0x41);
    cases.push_back({"byte " + std::to_string(at), changed});
  }
  for (const auto& [what, bytes] : cases) {
    ASSERT_TRUE(write_file(index_file(), bytes).ok());
    EXPECT_TRUE(read_index(index_file()).files.empty()) << what;
  }
  EXPECT_EQ(slice_text(slice_of_tree()), good_text);
  EXPECT_FALSE(read_index(index_file()).files.empty()) << "and is made again";
  EXPECT_TRUE(read_index(at("repo")).files.empty()) << "a folder";
}

// Counts and lengths that lie, with a checksum that fits: what a bug of another version could write.
TEST_F(ContextOf, AnIndexThatLiesIsNone) {
  IndexData data;
  const Term term = data.terms.add("word");
  IndexedFile file;
  file.terms = {true, 10, 3, 1, {{term, 1}}, 0, {}};
  file.is_cut = true;
  file.chunks = {{{1, 3}, {}}};
  data.files.emplace("good", file);
  ASSERT_TRUE(write_index(index_file(), data).ok());
  EXPECT_EQ(read_index(index_file()).files.at("good").chunks, file.chunks);
  file.chunks = {{{2, 9}, {}}};
  data.files.emplace("bad", file);
  ASSERT_TRUE(write_index(index_file(), data).ok());
  EXPECT_TRUE(read_index(index_file()).files.empty()) << "lines beyond the file's end";
}

TEST_F(ContextOf, WritersAtOnceLeaveOneGoodIndex) {
  commit(kShop);
  std::vector<std::thread> writers;
  std::vector<std::string> texts(6);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    writers.emplace_back([&, i] {
      ContextIndex index(index_file());
      const auto view = folder_view(at("repo"), index.data());
      ContextRequest request;
      request.text = kTask;
      if (!view || !index.refresh(**view, true)) return;
      if (const auto slice = index.slice(**view, request)) texts[i] = slice_text(*slice);
      (void)index.save();
    });
  }
  for (std::thread& writer : writers) writer.join();
  for (const std::string& text : texts) EXPECT_EQ(text, texts[0]);
  EXPECT_FALSE(texts[0].empty());
  EXPECT_EQ(read_index(index_file()).files.size(), kShop.size());
}

TEST_F(ContextOf, AnIndexThatCannotBeWrittenCostsTimeAlone) {
  commit(kShop);
  ASSERT_TRUE(write_file(at("cache/index"), "").ok());
  ContextIndex index(at("cache/index/below/a/file"));
  const auto view = folder_view(at("repo"), index.data());
  EXPECT_EQ(first_path(slice(index, **view)), "shop/cart.py");
  EXPECT_FALSE(index.save().ok());
}

TEST_F(ContextOf, BadFilesAndBadQuestions) {
  commit(kShop);
  write({{"bin.py", std::string("\0\1\2 total price cart", 21)}, {"huge.js", "var totalPriceOfCart='" + std::string(900'000, 'x') + "';\n"}, {"bad.py", "total_price = '\xff\xfe'\n"}});
  fs::create_symlink("/etc/passwd", at("repo/link.py"));
  fs::create_symlink(at("repo"), at("repo/loop"));
  ASSERT_EQ(::mkfifo(at("repo/pipe.py").c_str(), 0600), 0);
  for (const SlicePiece& piece : slice_of_tree().pieces) {
    EXPECT_NE(piece.path, "bin.py");
    EXPECT_NE(piece.path, "huge.js");
    EXPECT_NE(piece.path, "link.py");
  }
  ContextIndex index("");
  const auto view = folder_view(at("repo"), index.data());
  ASSERT_TRUE(index.refresh(**view, false).ok());
  for (const char* text : {"", "   \n", "fix the bug", "!!!", "\xff\xfe\xff"}) {
    ContextRequest request;
    request.text = text;
    const auto slice = index.slice(**view, request);
    if (!slice) EXPECT_EQ(slice.error().kind, ErrorKind::usage) << text;
    else EXPECT_LE(slice->tokens, request.budget) << text;
  }
  std::stop_source stopped;
  stopped.request_stop();
  ContextIndex other("");
  EXPECT_EQ(other.refresh(**view, false, stopped.get_token()).error().kind, ErrorKind::cancelled);
}

TEST_F(ContextOf, AFolderNeedsNoRepository) {
  fs::create_directories(at("plain/shop"));
  for (const auto& [name, text] : kShop) {
    fs::create_directories(at("plain/" + name).parent_path());
    ASSERT_TRUE(write_file(at("plain/" + name), text).ok());
  }
  ContextIndex index("");
  const auto view = folder_view(at("plain"), index.data());
  ASSERT_TRUE(view.ok());
  EXPECT_EQ(first_path(slice(index, **view)), "shop/cart.py");
  fs::create_directories(at("nothing"));
  const auto empty = folder_view(at("nothing"), index.data());
  EXPECT_TRUE(slice(index, **empty).pieces.empty());
}

TEST_F(ContextOf, APartitionObeysItsDomain) {
  commit(kShop);
  ContextIndex index("");
  const auto view = folder_view(at("repo"), index.data());
  ASSERT_TRUE(index.refresh(**view, false).ok());
  PartitionRequest request;
  request.text = "Receipts are not sent when smtp is slow";
  request.budget = 500;
  auto partition = make_partition(index, **view, request);
  ASSERT_TRUE(partition.ok());
  EXPECT_EQ(first_path(partition->slice), "shop/mail.py");
  ASSERT_FALSE(partition->documents.empty());
  EXPECT_EQ(partition->documents[0], "docs/mail.md");
  EXPECT_NE(partition_text(*partition).find("- docs/mail.md\n"), std::string::npos) << partition_text(*partition);
  EXPECT_TRUE(partition->skills.empty());
  EXPECT_LE(partition->slice.tokens, request.budget);

  const auto place_of = [&](const std::string& path) {
    const auto& pieces = partition->slice.pieces;
    return std::find_if(pieces.begin(), pieces.end(), [&](const SlicePiece& piece) { return piece.path == path; }) - pieces.begin();
  };
  request.text = "The cart is empty, and its receipt too";
  partition = make_partition(index, **view, request);
  ASSERT_TRUE(partition.ok());
  const auto before = place_of("shop/cart.py");
  request.domain = "post";
  request.domains = {{"post", {}, {"shop/cart.py"}}};
  request.readings = {{"post", {"docs/cart.md"}, {"another-skill"}}};
  partition = make_partition(index, **view, request);
  ASSERT_TRUE(partition.ok());
  EXPECT_EQ(partition->domain, "post");
  EXPECT_LE(place_of("shop/cart.py"), before);
  EXPECT_LT(place_of("shop/mail.py"), std::ssize(partition->slice.pieces)) << "a domain is no fence";
  request.expected = {"shop/cart.py"};
  partition = make_partition(index, **view, request);
  EXPECT_EQ(first_path(partition->slice), "shop/cart.py") << "what a plan says will change";
  EXPECT_EQ(partition->documents[0], "docs/cart.md");
  EXPECT_EQ(partition->skills, std::vector<std::string>{"another-skill"});
}

TEST(DomainRules, AreFoundInTheFolders) {
  const std::vector<std::string> paths = {"README.md",
                                          "apps/backend/docs/api.md",
                                          "apps/backend/src/api/orders.py",
                                          "apps/backend/src/api/users.py",
                                          "apps/backend/src/services/mail.py",
                                          "apps/web/README.md",
                                          "apps/web/components/Button.tsx",
                                          "apps/web/components/Form.tsx",
                                          "apps/web/pages/index.tsx",
                                          "supabase/migrations/1.sql",
                                          "supabase/migrations/2.sql"};
  const auto rules = domain_rules(paths, {});
  const DomainRule* web = rule_of(rules, "frontend");
  ASSERT_TRUE(web);
  EXPECT_FALSE(web->configured);
  for (const char* path : {"apps/web/components/Button.tsx", "apps/web/pages/index.tsx"}) {
    EXPECT_TRUE(std::any_of(web->files.begin(), web->files.end(), [&](const std::string& pattern) { return matches_path(pattern, path); })) << path;
  }
  const DomainRule* database = rule_of(rules, "database");
  ASSERT_TRUE(database);
  EXPECT_EQ(database->files, std::vector<std::string>{"supabase/**"});
  EXPECT_EQ(rule_of(rules, "nothing"), nullptr);
  const auto said = domain_rules(paths, {{"frontend", {}, {"ui/**"}}}, {{"frontend", {"ui/README.md"}, {"forms"}}});
  EXPECT_EQ(rule_of(said, "frontend")->files, std::vector<std::string>{"ui/**"});
  EXPECT_EQ(rule_of(said, "frontend")->docs, std::vector<std::string>{"ui/README.md"});
  EXPECT_EQ(rule_of(said, "frontend")->skills, std::vector<std::string>{"forms"});
  EXPECT_TRUE(domain_rules({}, {}).empty());
}

}  // namespace
}  // namespace baton
