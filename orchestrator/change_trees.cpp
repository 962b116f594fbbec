#include "orchestrator/change_trees.h"

namespace baton {
namespace {

constexpr std::int64_t kWhenMade = 946'684'800;  // the commits are made by rule, and so is their date

// As the tree has it that the edit names; a text of its own keeps the mode that the result gave the file.
Result<TreeEntry> entry_of_edit(Store& store, const Judged& base, const Judged& head, const FileEdit& edit) {
  using From = FileEdit::From;
  TreeEntry entry;
  entry.path = edit.path;
  if (edit.from == From::gone) return entry;
  for (const std::string* tree : {edit.from == From::base ? &base.tree : &head.tree, &base.tree}) {
    auto known = store.find(*tree, edit.of.empty() ? edit.path : edit.of);
    if (!known) return known.error();
    if (!*known) continue;
    entry = **known;
    entry.path = edit.path;
    break;
  }
  if (edit.from != From::text) return entry;
  auto blob = store.write_blob(edit.text);
  if (!blob) return blob.error();
  entry.blob = *blob;
  return entry;
}

}  // namespace

Result<Judged> tree_with(Store& store, const Judged& base, const Judged& head, const std::string& onto, const std::vector<FileEdit>& edits, const std::string& name) {
  std::vector<TreeEntry> updates;
  for (const FileEdit& edit : edits) {
    auto entry = entry_of_edit(store, base, head, edit);
    if (!entry) return entry.error();
    updates.push_back(std::move(*entry));
  }
  auto made = updates.empty() ? Result<std::string>(onto) : store.write_tree(onto, updates);
  if (!made) return made.error();
  auto commit = store.write_commit(*made, {base.commit}, name, kWhenMade);
  if (!commit) return commit.error();
  return Judged{*commit, *made, name};
}

}  // namespace baton
