#include "git/tree.h"

#include <algorithm>
#include <map>
#include <span>

namespace baton {
namespace {

constexpr int kMaxSymlinks = 10;
constexpr int kMaxDepth = 1000;

char hex_digit(unsigned value) {
  return "0123456789abcdef"[value & 15];
}

std::string to_hex(std::string_view bytes) {
  std::string hex;
  hex.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    hex.push_back(hex_digit(static_cast<unsigned char>(c) >> 4));
    hex.push_back(hex_digit(static_cast<unsigned char>(c)));
  }
  return hex;
}

unsigned value_of(char digit) {
  return static_cast<unsigned>(digit <= '9' ? digit - '0' : digit - 'a' + 10) & 15;
}

std::string from_hex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes.push_back(static_cast<char>(value_of(hex[i]) << 4 | value_of(hex[i + 1])));
  return bytes;
}

Error damaged(std::string_view tree) {
  return Error{ErrorKind::io, "Tree " + std::string(tree) + " is damaged; run `git fsck`."};
}

std::string octal(unsigned mode) {
  std::string text;
  for (; mode; mode >>= 3) text.insert(text.begin(), static_cast<char>('0' + (mode & 7)));
  return text;
}

using Nodes = std::map<std::string, TreeNode, std::less<>>;

// git sorts a folder as if its name ended in a slash.
std::string tree_bytes(const Nodes& nodes) {
  std::map<std::string, const TreeNode*> sorted;
  for (const auto& [name, node] : nodes) sorted[node.mode == kTreeMode ? name + "/" : name] = &node;
  std::string bytes;
  for (const auto& [key, node] : sorted) {
    bytes += octal(node->mode);
    bytes += ' ';
    bytes += node->name;
    bytes += '\0';
    bytes += from_hex(node->id);
  }
  return bytes;
}

bool usable_name(std::string_view name) {
  if (name.empty() || name == "." || name == ".." || name.find('\0') != name.npos) return false;
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return lower != ".git";
}

// One folder's updates, `skip` bytes of each path being its own path.
class TreeUpdate {
 public:
  explicit TreeUpdate(Objects& objects) : objects_(objects) {}

  // Absent when nothing is left in the folder.
  Result<std::optional<std::string>> apply(std::string_view base, std::span<const TreeEntry> updates, std::size_t skip,
                                           int depth) {
    Nodes nodes;
    if (!base.empty()) {
      auto read = read_tree_nodes(objects_, base);
      if (!read) return read.error();
      for (auto& node : *read) nodes.emplace(node.name, std::move(node));
    }
    while (!updates.empty()) {
      const std::string_view rest = std::string_view(updates.front().path).substr(skip);
      const std::string name(rest.substr(0, rest.find('/')));
      if (!usable_name(name) || depth > kMaxDepth)
        return Error{ErrorKind::usage, "\"" + updates.front().path + "\" cannot be a path in a git tree."};
      const auto same_name = [&](const TreeEntry& entry) {
        const std::string_view other = std::string_view(entry.path).substr(skip);
        return other.substr(0, other.find('/')) == name;
      };
      const auto end = std::find_if_not(updates.begin(), updates.end(), same_name);
      const auto group = updates.first(static_cast<std::size_t>(end - updates.begin()));
      if (auto changed = apply_group(nodes, name, group, skip, depth); !changed) return changed.error();
      updates = updates.subspan(group.size());
    }
    if (nodes.empty()) return std::optional<std::string>();
    auto id = objects_.put(ObjectType::tree, tree_bytes(nodes));
    if (!id) return id.error();
    return std::optional<std::string>(std::move(*id));
  }

 private:
  Status apply_group(Nodes& nodes, const std::string& name, std::span<const TreeEntry> group, std::size_t skip,
                     int depth) {
    const auto leaves = std::find_if(group.begin(), group.end(),
                                     [&](const TreeEntry& entry) { return entry.path.size() > skip + name.size(); });
    for (auto leaf = group.begin(); leaf != leaves; ++leaf) {
      const auto old = nodes.find(name);
      const bool was_folder = old != nodes.end() && old->second.mode == kTreeMode;
      if (!leaf->blob.empty()) {
        nodes[name] = {leaf->mode, name, leaf->blob};
      } else if (old != nodes.end() && !was_folder) {
        nodes.erase(old);
      }
    }
    const auto nested = group.subspan(static_cast<std::size_t>(leaves - group.begin()));
    if (nested.empty()) return done();
    const auto old = nodes.find(name);
    const bool was_folder = old != nodes.end() && old->second.mode == kTreeMode;
    auto child = apply(was_folder ? std::string_view(old->second.id) : std::string_view(), nested,
                       skip + name.size() + 1, depth + 1);
    if (!child) return child.error();
    if (*child) {
      nodes[name] = {kTreeMode, name, **child};
    } else if (was_folder) {
      nodes.erase(old);
    }
    return done();
  }

  Objects& objects_;
};

Status list_into(Objects& objects, std::string_view tree, const std::string& prefix, int depth,
                 std::vector<TreeEntry>& out) {
  auto nodes = read_tree_nodes(objects, tree);
  if (!nodes) return nodes.error();
  if (depth > kMaxDepth) return damaged(tree);
  for (auto& node : *nodes) {
    std::string path = prefix + node.name;
    if (node.mode != kTreeMode) {
      out.push_back({std::move(path), std::move(node.id), node.mode, 0});
    } else if (auto listed = list_into(objects, node.id, path + "/", depth + 1, out); !listed) {
      return listed;
    }
  }
  return done();
}

// Components of `path` put in front of `rest`, last one first.
void push_components(std::vector<std::string>& rest, std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    if (end > 0) parts.emplace_back(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  rest.insert(rest.end(), parts.rbegin(), parts.rend());
}

}  // namespace

Result<std::vector<TreeNode>> read_tree_nodes(Objects& objects, std::string_view tree) {
  auto object = need(objects, tree, ObjectType::tree);
  if (!object) return object.error();
  const std::size_t id_bytes = tree.size() / 2;
  std::vector<TreeNode> nodes;
  std::string_view bytes = object->bytes;
  while (!bytes.empty()) {
    const std::size_t space = bytes.find(' ');
    const std::size_t end = bytes.find('\0');
    if (space == bytes.npos || end == bytes.npos || space > end || end + 1 + id_bytes > bytes.size())
      return damaged(tree);
    TreeNode node{0, std::string(bytes.substr(space + 1, end - space - 1)), to_hex(bytes.substr(end + 1, id_bytes))};
    for (const char c : bytes.substr(0, space)) node.mode = node.mode << 3 | (static_cast<unsigned>(c - '0') & 7);
    // Old writers left group permissions in the mode; git reads them as plain files.
    if ((node.mode & 0170000) == 0100000) node.mode = node.mode & 0100 ? kExecutableMode : kFileMode;
    nodes.push_back(std::move(node));
    bytes.remove_prefix(end + 1 + id_bytes);
  }
  return nodes;
}

Result<std::optional<TreeNode>> find_in_tree(Objects& objects, std::string_view tree, std::string_view path) {
  std::string at(tree);
  while (!at.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view name = path.substr(0, slash);
    auto nodes = read_tree_nodes(objects, at);
    if (!nodes) return nodes.error();
    const auto node = std::find_if(nodes->begin(), nodes->end(), [&](const TreeNode& n) { return n.name == name; });
    if (node == nodes->end()) break;
    if (slash == path.npos) return std::optional<TreeNode>(std::move(*node));
    if (node->mode != kTreeMode) break;
    at = node->id;
    path.remove_prefix(slash + 1);
  }
  return std::optional<TreeNode>();
}

Result<std::optional<TreeNode>> follow_in_tree(Objects& objects, std::string_view tree, std::string_view path) {
  std::vector<std::string> rest;                                 // components still to walk, the next one last
  std::vector<TreeNode> at{{kTreeMode, "", std::string(tree)}};  // folders from the root to here
  int symlinks = 0;
  push_components(rest, path);
  while (!rest.empty()) {
    const std::string name = std::move(rest.back());
    rest.pop_back();
    if (name == ".") continue;
    if (at.back().mode != kTreeMode) return std::optional<TreeNode>();
    if (name == "..") {
      if (at.size() == 1) return std::optional<TreeNode>();
      at.pop_back();
      continue;
    }
    auto node = find_in_tree(objects, at.back().id, name);
    if (!node) return node.error();
    if (!*node) return std::optional<TreeNode>();
    if ((*node)->mode != kSymlinkMode) {
      at.push_back(std::move(**node));
      continue;
    }
    auto link = need(objects, (*node)->id, ObjectType::blob);
    if (!link) return link.error();
    if (++symlinks > kMaxSymlinks || link->bytes.starts_with('/')) return std::optional<TreeNode>();
    push_components(rest, link->bytes);
  }
  return std::optional<TreeNode>(std::move(at.back()));
}

Result<std::vector<TreeEntry>> list_tree(Objects& objects, std::string_view tree) {
  std::vector<TreeEntry> entries;
  if (auto listed = list_into(objects, tree, "", 0, entries); !listed) return listed.error();
  std::sort(entries.begin(), entries.end(), [](const TreeEntry& a, const TreeEntry& b) { return a.path < b.path; });
  return entries;
}

Result<std::string> update_tree(Objects& objects, std::string_view base, std::vector<TreeEntry> updates) {
  // A slash sorts before every other byte, so that all paths below one name are neighbours and the name itself comes
  // first.
  const auto key = [](char c) { return c == '/' ? 0 : static_cast<unsigned char>(c) + 1; };
  std::stable_sort(updates.begin(), updates.end(), [&](const TreeEntry& a, const TreeEntry& b) {
    return std::lexicographical_compare(a.path.begin(), a.path.end(), b.path.begin(), b.path.end(),
                                        [&](char x, char y) { return key(x) < key(y); });
  });
  auto id = TreeUpdate(objects).apply(base, updates, 0, 0);
  if (!id) return id.error();
  if (*id) return std::move(**id);
  return objects.put(ObjectType::tree, "");
}

}  // namespace baton
