#include "orchestrator/moved_tests.h"

#include <re2/re2.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "support/hash.h"

namespace baton {
namespace {

class Pairing {
 public:
  explicit Pairing(const MovedTestsInput& input)
      : vanished_(input.vanished.begin(), input.vanished.end()), added_(input.added.begin(), input.added.end()) {}

  void pair(const std::string& from, const std::string& to) {
    if (!vanished_.count(from) || !added_.count(to)) return;
    pairs_.emplace(from, to);
    vanished_.erase(from);
    added_.erase(to);
  }

  // Pairs what one key names once on each side.
  template <class OldKey, class NewKey>
  void pair_unique(OldKey old_key, NewKey new_key) {
    std::map<std::string, std::vector<std::string>> old_ids, new_ids;
    for (const std::string& id : vanished_) {
      if (const auto key = old_key(id)) old_ids[*key].push_back(id);
    }
    for (const std::string& id : added_) {
      if (const auto key = new_key(id)) new_ids[*key].push_back(id);
    }
    for (const auto& [key, ids] : old_ids) {
      const auto found = new_ids.find(key);
      if (ids.size() == 1 && found != new_ids.end() && found->second.size() == 1) pair(ids[0], found->second[0]);
    }
  }

  bool finished() const { return vanished_.empty() || added_.empty(); }
  const std::set<std::string>& vanished() const { return vanished_; }
  std::map<std::string, std::string> take() { return std::move(pairs_); }

 private:
  std::set<std::string> vanished_, added_;
  std::map<std::string, std::string> pairs_;
};

bool dotted_name(std::string_view id) {
  return id.find('.') != id.npos && std::all_of(id.begin(), id.end(), [](unsigned char c) {
           return std::isalnum(c) || c == '_' || c == '.' || c == '/' || c == '<' || c == '>' || c == '$';
         });
}

// `[2] 1, 2` of JUnit, `add(int, int)[2] 1, 2`: where the row stands is no part of it. Absent where nothing else tells it.
std::optional<std::string> without_index(const std::string& id) {
  static const RE2 kIndex("^(|.*[.)>] ?)\\[\\d+\\] (\\S.*)$");
  std::string before, values;
  return RE2::FullMatch(id, kIndex, &before, &values) ? std::optional(before + "[] " + values) : std::nullopt;
}

std::string with_path(std::string id, const std::string& from, const std::string& to) {
  const auto at = id.find(from);
  return at == id.npos ? id : id.replace(at, from.size(), to);
}

}  // namespace

std::string_view test_name(std::string_view id) {
  const std::string_view head = id.substr(0, id.find('['));  // a parameter may hold any separator
  if (const auto at = head.rfind(" > "); at != head.npos) return id.substr(at + 3);
  if (const auto at = head.rfind("::"); at != head.npos) return id.substr(at + 2);
  if (dotted_name(id)) return id.substr(id.rfind('.') + 1);
  return id;
}

std::string body_fingerprint(std::string_view definition, std::string_view name) {
  std::string text(definition);
  if (!name.empty()) {
    if (const auto at = text.find(name); at != text.npos) text.erase(at, name.size());
  }
  std::erase_if(text, [](unsigned char c) { return std::isspace(c); });
  return sha256(text);
}

std::map<std::string, std::string> moved_tests(const MovedTestsInput& input) {
  Pairing pairing(input);
  for (const auto& [from, to] : input.renamed_files) {
    if (pairing.finished()) break;
    for (const std::string& id : input.vanished) pairing.pair(id, with_path(id, from, to));
  }
  if (!pairing.finished()) pairing.pair_unique(without_index, without_index);
  const auto name = [](const std::string& id) { return std::optional<std::string>(test_name(id)); };
  if (!pairing.finished()) pairing.pair_unique(name, name);
  if (!pairing.finished() && input.base_body && input.head_body) pairing.pair_unique(input.base_body, input.head_body);
  return pairing.take();
}

}  // namespace baton
