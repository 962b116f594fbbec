#include "git/pack.h"

#include <algorithm>
#include <unordered_set>

#include "git/calls.h"
#include "git/head.h"
#include "git/objects.h"
#include "git/tree.h"
#include "support/files.h"

namespace baton {
namespace fs = std::filesystem;
namespace {

// Everything below `tree` that is not in the store, one id a line. What `known` (a tree that is completely in the
// store) holds at the same place is passed over.
class Missing {
 public:
  explicit Missing(Objects& objects) : objects_(objects) {}

  void add(const std::string& id) {
    if (seen_.insert(id).second && !objects_.exists_here(id)) ids_ += id + "\n";
  }

  Status add_tree(const std::string& tree, const std::string& known) {
    if (tree == known || seen_.contains(tree)) return done();
    add(tree);
    auto nodes = read_tree_nodes(objects_, tree);
    if (!nodes) return nodes.error();
    std::vector<TreeNode> before;
    if (!known.empty()) {
      if (auto read = read_tree_nodes(objects_, known)) before = std::move(*read);
    }
    for (const TreeNode& node : *nodes) {
      if (node.mode == kSubmoduleMode) continue;
      const auto old =
          std::find_if(before.begin(), before.end(), [&](const TreeNode& n) { return n.name == node.name; });
      const bool same_kind = old != before.end() && (old->mode == kTreeMode) == (node.mode == kTreeMode);
      const std::string old_id = same_kind ? old->id : "";
      if (node.id == old_id) continue;
      if (node.mode != kTreeMode) {
        add(node.id);
      } else if (auto added = add_tree(node.id, old_id); !added) {
        return added;
      }
    }
    return done();
  }

  const std::string& ids() const { return ids_; }

 private:
  Objects& objects_;
  std::unordered_set<std::string> seen_;
  std::string ids_;
};

Result<std::string> missing_objects(Store& store, const std::string& commit, const std::string& tree,
                                    const std::string& known) {
  if (store.objects().native()) {
    Missing missing(store.objects());
    missing.add(commit);
    if (auto added = missing.add_tree(tree, known); !added) return added.error();
    return missing.ids();
  }
  std::vector<std::string> args = {"rev-list", "--objects", "--no-object-names", "--no-walk", commit};
  if (!known.empty()) args.push_back("^" + known);
  return git_output(in_git_dir(store.path(), args));
}

}  // namespace

Status pack_commit(Store& store, std::string_view commit) {
  // The last tree that was packed completely: its successors differ from it in little.
  const fs::path mark = store.path() / "packed-tree";
  auto tree = store.tree_of(commit);
  if (!tree) return tree.error();
  std::string known;
  if (auto text = read_file(mark); text && is_object_id(*text) && store.objects().exists(*text)) known = *text;
  auto ids = missing_objects(store, std::string(commit), *tree, known);
  if (!ids) return ids.error();
  if (!ids->empty()) {
    GitCall pack =
        in_git_dir(store.path(), {"pack-objects", "--quiet", "--threads=1", "--window=0", "objects/pack/pack"});
    pack.stdin_text = std::move(*ids);
    if (auto packed = git_output(pack); !packed) return packed.error();
  }
  return write_file(mark, *tree);
}

}  // namespace baton
