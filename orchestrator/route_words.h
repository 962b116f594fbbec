// The words by which a task is routed, as `route_words.json` and the configuration give them. The file is data: domains with
// their words and file patterns, workflows, and cues (what is only mentioned, what is vague). Pure; any thread.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/router.h"
#include "orchestrator/task_words.h"

namespace baton {

std::string_view route_words_json();  // the embedded file

enum class Cue { mention, directive, making, vague, undecided };
inline constexpr std::array kCues = {Cue::mention, Cue::directive, Cue::making, Cue::vague, Cue::undecided};

struct FilePattern {
  std::string pattern;
  int domain;
  double weight;
};

struct RouteWords {
  std::vector<std::string> domains;  // an index is a group of `words`; `general` and the neutral phrases are two of them
  int general = -1, neutral = -1, backend = -1, testing = -1, documentation = -1;
  Lexicon words;
  std::vector<FilePattern> files;    // the first that a path obeys counts
  Lexicon workflows;                 // groups are Workflow
  std::array<Lexicon, kCues.size()> cues;

  bool is_layer(int domain) const { return domain != general && domain != neutral; }
  bool has(Cue cue, const std::vector<TaskWord>& text) const { return !cues[static_cast<std::size_t>(cue)].hits(text).empty(); }
};

RouteWords read_route_words(std::string_view json, const std::vector<DomainSetting>& users);

}  // namespace baton
