#include "orchestrator/finding_match.h"

#include <cctype>
#include <cstdlib>
#include <set>
#include <string_view>
#include <tuple>

#include "git/line_map.h"

namespace baton {
namespace {

// A finding on a rewritten line is still the same one when it stays this near to where the rewritten lines stood.
constexpr int kRewrittenReach = 20;

using Key = std::tuple<std::string, std::string, std::string>;

// One file on both sides, read when first asked for.
struct FilePair {
  std::string base, head;
  LineMap map;
};

class Lines {
 public:
  explicit Lines(const FindingMatchInput& input) : input_(input) {}

  const FilePair* of(const std::string& head_path, const std::string& base_path) {
    const auto [place, fresh] = files_.try_emplace(head_path);
    if (fresh && input_.base_text && input_.head_text) {
      auto base = input_.base_text(base_path), head = input_.head_text(head_path);
      if (base && head) {
        LineMap map(*base, *head);
        place->second = FilePair{std::move(*base), std::move(*head), std::move(map)};
      }
    }
    return place->second ? &*place->second : nullptr;
  }

 private:
  const FindingMatchInput& input_;
  std::map<std::string, std::optional<FilePair>> files_;
};

std::string_view line_at(std::string_view text, int line) {
  while (--line > 0) {
    const auto end = text.find('\n');
    if (end == text.npos) return {};
    text.remove_prefix(end + 1);
  }
  text = text.substr(0, text.find('\n'));
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front()))) text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.remove_suffix(1);
  return text;
}

// Numbers in messages ("line 12 of", "took 3 ms") move with the text: they do not tell findings apart.
std::string without_numbers(std::string_view message) {
  std::string out;
  for (const char c : message.substr(0, message.find('\n'))) {
    if (!std::isdigit(static_cast<unsigned char>(c))) out += c;
    else if (out.empty() || out.back() != '#') out += '#';
  }
  return out;
}

bool same_line(const FilePair* file, const Finding& old, const Finding& now) {
  if (old.line == 0 || now.line == 0) return old.line == now.line;
  if (!file) return old.line == now.line;
  return file->map.exact(old.line) == now.line;
}

bool same_text(const FilePair* file, const Finding& old, const Finding& now) {
  if (!file || old.line == 0 || now.line == 0) return false;
  const std::string_view was = line_at(file->base, old.line);
  return !was.empty() && was == line_at(file->head, now.line);
}

bool rewritten_nearby(const FilePair* file, const Finding& old, const Finding& now) {
  if (!file || old.line == 0 || now.line == 0 || file->map.exact(old.line)) return false;
  return file->map.changed_in_to(now.line) && std::abs(file->map.nearest(old.line) - now.line) <= kRewrittenReach;
}

// Where a line would stand if the rewritten ones were rewritten one by one: as far below the last untouched line as it was.
int expected_line(const FilePair* file, int line) {
  if (!file) return line;
  for (int above = line; above > 0 && line - above <= kRewrittenReach; --above) {
    if (const auto at = file->map.exact(above)) return *at + line - above;
  }
  return file->map.nearest(line);
}

}  // namespace

FindingMatch match_findings(const FindingMatchInput& input) {
  FindingMatch match{std::vector<bool>(input.head ? input.head->size() : 0, true), std::vector<bool>(input.base ? input.base->size() : 0, true)};
  if (!input.base || !input.head) return match;

  const auto path_in_head = [&](const std::string& path) {
    const auto found = input.renamed_files.find(path);
    return found == input.renamed_files.end() ? path : found->second;
  };
  std::map<Key, std::vector<std::size_t>> left;
  std::map<std::string, std::string> base_path;
  for (std::size_t i = 0; i < input.base->size(); ++i) {
    const Finding& finding = (*input.base)[i];
    const std::string path = path_in_head(finding.path);
    base_path[path] = finding.path;
    left[{path, finding.code, without_numbers(finding.message)}].push_back(i);
  }

  // The surest ground first, so that a weaker one never takes another finding's partner.
  Lines lines(input);
  using Same = bool (*)(const FilePair*, const Finding&, const Finding&);
  for (const Same same : {Same(same_line), Same(same_text), Same(rewritten_nearby)}) {
    for (std::size_t i = 0; i < input.head->size(); ++i) {
      if (!match.is_new[i]) continue;
      const Finding& finding = (*input.head)[i];
      const auto found = left.find({finding.path, finding.code, without_numbers(finding.message)});
      if (found == left.end()) continue;
      const FilePair* file = finding.path.empty() ? nullptr : lines.of(finding.path, base_path[finding.path]);
      // Of several the one that would stand nearest: among rewritten lines a finding that stays must not be taken for its neighbour.
      const auto distance = [&](std::size_t one) { return std::abs(expected_line(file, (*input.base)[one].line) - finding.line); };
      auto partner = found->second.end();
      for (auto candidate = found->second.begin(); candidate != found->second.end(); ++candidate) {
        if (!same(file, (*input.base)[*candidate], finding)) continue;
        if (partner == found->second.end() || distance(*candidate) < distance(*partner)) partner = candidate;
      }
      if (partner == found->second.end()) continue;
      match.is_new[i] = false;
      match.gone[*partner] = false;
      found->second.erase(partner);
    }
  }
  return match;
}

std::vector<bool> new_findings(const FindingMatchInput& input) { return match_findings(input).is_new; }

}  // namespace baton
