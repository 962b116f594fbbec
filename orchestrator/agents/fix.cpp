#include "orchestrator/agents/fix.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <tuple>

#include "orchestrator/agents/text_places.h"
#include "orchestrator/json_fields.h"

namespace baton {
namespace {

using nlohmann::json;

// A line of its own that a language wants once (`#include <memory>`), however many fixes bring it along.
bool is_whole_line(std::string_view text) { return text.ends_with('\n'); }

// The edits of one file that were taken so far, by place.
class FileEdits {
 public:
  enum class Answer { free, there, taken };

  // `there`: the same edit was taken already, and once is enough. `taken`: the bytes are another edit's.
  Answer ask(const FixEdit& edit, const Fix& fix) const {
    return edit.length == 0 ? ask_insertion(edit, fix) : ask_replacement(edit);
  }

  void take(const FixEdit& edit, const Fix& fix) {
    if (edit.length == 0) insertions_.emplace(edit.offset, Insertion{&edit, &fix});
    else replacements_.emplace(edit.offset, &edit);
  }

  // Every edit in order of its place, what is inserted somewhere before what is replaced there.
  std::string applied_to(const std::string& text) const {
    std::string result;
    result.reserve(text.size() + text.size() / 8);
    std::size_t at = 0;
    auto insertion = insertions_.begin();
    const auto copy_to = [&](std::size_t end) {
      result.append(text, at, end - at);
      at = end;
    };
    const auto insert_up_to = [&](std::size_t end) {
      for (; insertion != insertions_.end() && insertion->first <= end; ++insertion) {
        copy_to(insertion->first);
        result += insertion->second.edit->text;
      }
    };
    for (const auto& [offset, edit] : replacements_) {
      insert_up_to(offset);
      copy_to(offset);
      result += edit->text;
      at = offset + edit->length;
    }
    insert_up_to(text.size());
    copy_to(text.size());
    return result;
  }

  bool empty() const { return replacements_.empty() && insertions_.empty(); }
  std::size_t end() const {
    std::size_t end = insertions_.empty() ? 0 : insertions_.rbegin()->first;
    for (const auto& [offset, edit] : replacements_) end = std::max(end, offset + edit->length);
    return end;
  }

 private:
  struct Insertion {
    const FixEdit* edit;
    const Fix* fix;
  };

  // Inserted at one place by one check more than once, equal text may be meant more than once: the closing braces of nested
  // statements. By different checks it is one finding under two names.
  Answer ask_insertion(const FixEdit& edit, const Fix& fix) const {
    const auto after = replacements_.upper_bound(edit.offset);
    if (after != replacements_.begin()) {
      const FixEdit& before = *std::prev(after)->second;
      if (before.offset < edit.offset && edit.offset < before.offset + before.length) return Answer::taken;
    }
    const auto [first, last] = insertions_.equal_range(edit.offset);
    for (auto at = first; at != last; ++at) {
      const bool same_check = at->second.fix->tool == fix.tool && at->second.fix->check == fix.check;
      const bool same_text = at->second.edit->text == edit.text;
      if (same_text && (is_whole_line(edit.text) || !same_check)) return Answer::there;
      if (!same_text && !same_check) return Answer::taken;
    }
    return Answer::free;
  }

  Answer ask_replacement(const FixEdit& edit) const {
    const std::size_t end = edit.offset + edit.length;
    if (const auto same = replacements_.find(edit.offset); same != replacements_.end() && *same->second == edit) return Answer::there;
    const auto after = replacements_.lower_bound(edit.offset);
    if (after != replacements_.end() && after->first < end) return Answer::taken;
    if (after != replacements_.begin() && std::prev(after)->first + std::prev(after)->second->length > edit.offset) return Answer::taken;
    const auto inside = insertions_.upper_bound(edit.offset);
    if (inside != insertions_.end() && inside->first < end) return Answer::taken;
    return Answer::free;
  }

  std::map<std::size_t, const FixEdit*> replacements_;  // none overlaps another
  std::multimap<std::size_t, Insertion> insertions_;    // in the order of the fixes where the place is the same
};

using Edits = std::map<std::string, FileEdits>;

// The edits of one fix, each once; absent where they contradict each other.
std::optional<std::vector<const FixEdit*>> edits_of(const Fix& fix) {
  std::vector<const FixEdit*> sorted;
  for (const FixEdit& edit : fix.edits) sorted.push_back(&edit);
  std::stable_sort(sorted.begin(), sorted.end(), [](const FixEdit* a, const FixEdit* b) {
    return std::tie(a->path, a->offset, a->length) < std::tie(b->path, b->offset, b->length);
  });
  std::vector<const FixEdit*> kept;
  for (const FixEdit* edit : sorted) {
    if (!kept.empty() && kept.back()->path == edit->path && kept.back()->offset + kept.back()->length > edit->offset) {
      if (*kept.back() == *edit) continue;
      return std::nullopt;
    }
    kept.push_back(edit);
  }
  return kept;
}

// All edits of a fix or none.
bool take(const Fix& fix, Edits& edits) {
  const auto own = edits_of(fix);
  if (!own) return false;
  std::vector<const FixEdit*> fresh;
  for (const FixEdit* edit : *own) {
    switch (edits[edit->path].ask(*edit, fix)) {
      case FileEdits::Answer::free: fresh.push_back(edit); break;
      case FileEdits::Answer::there: break;
      case FileEdits::Answer::taken: return false;
    }
  }
  for (const FixEdit* edit : fresh) edits[edit->path].take(*edit, fix);
  return true;
}

// JSON holds Unicode alone; a file may be in any encoding.
std::string to_hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const unsigned char c : bytes) (text += kDigits[c >> 4]) += kDigits[c & 15];
  return text;
}

std::optional<std::string> from_hex(std::string_view text) {
  std::string bytes;
  if (text.size() % 2 != 0) return std::nullopt;
  for (std::size_t at = 0; at < text.size(); at += 2) {
    unsigned value = 0;
    const auto [end, problem] = std::from_chars(text.data() + at, text.data() + at + 2, value, 16);
    if (problem != std::errc() || end != text.data() + at + 2) return std::nullopt;
    bytes += static_cast<char>(value);
  }
  return bytes;
}

json edit_to_json(const FixEdit& edit) {
  json object = {{"path", edit.path}, {"offset", edit.offset}, {"length", edit.length}};
  if (is_utf8(edit.text)) object["text"] = edit.text;
  else object["hex"] = to_hex(edit.text);
  return object;
}

FixEdit edit_from(JsonFields& fields, const json& object) {
  const auto offset = fields.big_integer(object, "offset"), length = fields.big_integer(object, "length");
  if (offset < 0 || length < 0) fields.fail("offset", "a place in a file");
  std::string text = fields.text(object, "text");
  if (const std::string hex = fields.text(object, "hex"); !hex.empty()) {
    auto bytes = from_hex(hex);
    if (!bytes) fields.fail("hex", "a row of bytes");
    text = std::move(bytes).value_or("");
  }
  return {fields.text(object, "path"), static_cast<std::size_t>(offset), static_cast<std::size_t>(length), std::move(text)};
}

Error does_not_fit(const std::string& path, std::string_view why) {
  return {ErrorKind::precondition, "The fixes of " + path + " do not fit the file, " + std::string(why) + "; plan the task anew."};
}

}  // namespace

Result<FixedTree> apply_fixes(Store& store, std::string_view commit, const std::vector<Fix>& fixes, std::stop_token stop) {
  auto tree = store.tree_of(commit);
  if (!tree) return tree.error();
  FixedTree fixed;
  Edits edits;
  for (const Fix& fix : fixes) {
    if (!take(fix, edits)) fixed.overlapping.push_back(fix.id);
  }
  std::vector<TreeEntry> updates;
  for (const auto& [path, of_file] : edits) {
    if (stop.stop_requested()) return Error{ErrorKind::cancelled, "Cancelled while fixes were applied."};
    if (of_file.empty()) continue;
    auto entry = store.find(*tree, path);
    if (!entry) return entry.error();
    if (!*entry || ((*entry)->mode & 0170000) != 0100000) return does_not_fit(path, "which is not there as a file");
    auto text = store.read_blob((*entry)->blob);
    if (!text) return text.error();
    if (of_file.end() > text->size()) return does_not_fit(path, "which has " + std::to_string(text->size()) + " bytes");
    auto blob = store.write_blob(of_file.applied_to(*text));
    if (!blob) return blob.error();
    if (*blob == (*entry)->blob) continue;
    (*entry)->blob = std::move(*blob);
    updates.push_back(std::move(**entry));
  }
  if (updates.empty()) {
    fixed.tree = std::move(*tree);
    return fixed;
  }
  auto written = store.write_tree(*tree, updates);
  if (!written) return written.error();
  fixed.tree = std::move(*written);
  return fixed;
}

json to_json(const Fix& fix) {
  json edits = json::array();
  for (const FixEdit& edit : fix.edits) edits.push_back(edit_to_json(edit));
  return {{"id", fix.id},     {"tool", fix.tool}, {"check", fix.check},     {"path", fix.path},
          {"line", fix.line}, {"message", fix.message}, {"edits", std::move(edits)}};
}

Result<Fix> fix_from_json(const json& object) {
  JsonFields fields("a fix");
  Fix fix;
  fix.id = fields.text(object, "id");
  fix.tool = fields.text(object, "tool");
  fix.check = fields.text(object, "check");
  fix.path = fields.text(object, "path");
  fix.line = fields.integer(object, "line");
  fix.message = fields.text(object, "message");
  for (const json& edit : fields.list(object, "edits")) fix.edits.push_back(edit_from(fields, edit));
  if (!fields.ok()) return fields.error();
  return fix;
}

}  // namespace baton
