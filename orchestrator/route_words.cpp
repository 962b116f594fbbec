#include "orchestrator/route_words.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace baton {
namespace {

using nlohmann::json;

// "a, b c" is two phrases.
std::vector<std::string> phrases(const json& owner, const char* key) {
  std::vector<std::string> parts;
  const std::string text = owner.value(key, "");
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(", ", begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 2;
  }
  return parts;
}

int domain_index(RouteWords& words, const std::string& name) {
  const auto found = std::find(words.domains.begin(), words.domains.end(), name);
  if (found != words.domains.end()) return static_cast<int>(found - words.domains.begin());
  words.domains.push_back(name);
  return static_cast<int>(words.domains.size()) - 1;
}

// A path tells a test, a text or a pipeline before it tells a layer: `db/tests/x.sql` is a test.
constexpr std::array<std::string_view, 7> kFileOrder = {"testing", "documentation", "devops", "database", "frontend", "backend", "general"};

void read_domain(RouteWords& words, const std::string& name, const json& root, const json& domain) {
  const int index = domain_index(words, name);
  for (const char* tier : {"weak", "medium", "strong"}) {
    for (const std::string& phrase : phrases(domain, tier)) words.words.add(phrase, index, root.at(tier).get<double>());
  }
}

}  // namespace

RouteWords read_route_words(std::string_view text, const std::vector<DomainSetting>& users) {
  const json root = json::parse(text);
  RouteWords words;
  for (const char* name : {"frontend", "backend", "database", "devops", "testing", "documentation", "general", "neutral"}) {
    read_domain(words, name, root, root.at("domains").at(name));
  }
  words.general = domain_index(words, "general");
  words.neutral = domain_index(words, "neutral");
  words.backend = domain_index(words, "backend");
  words.testing = domain_index(words, "testing");
  words.documentation = domain_index(words, "documentation");
  const double strong = root.at("strong"), file = root.at("file");
  for (const DomainSetting& user : users) {
    const int index = domain_index(words, user.name);
    for (const std::string& word : user.keywords) words.words.add(word, index, strong);
    for (const std::string& pattern : user.files) words.files.push_back({pattern, index, file});
  }
  for (const char* kind : {"files", "languages"}) {
    const double weight = kind == std::string_view("files") ? file : root.at("language").get<double>();
    for (const std::string_view name : kFileOrder) {
      const json& domain = root.at("domains").at(std::string(name));
      for (std::string& pattern : phrases(domain, kind)) words.files.push_back({std::move(pattern), domain_index(words, std::string(name)), weight});
    }
  }
  for (const Workflow workflow : {Workflow::feature, Workflow::bugfix, Workflow::refactor}) {
    const json& entry = root.at("workflows").at(std::string(to_string(workflow)));
    for (const char* tier : {"medium", "strong"}) {
      for (const std::string& phrase : phrases(entry, tier)) {
        words.workflows.add(phrase, static_cast<int>(workflow), root.at(tier).get<double>() / strong);
      }
    }
  }
  constexpr std::array<const char*, kCues.size()> kCueNames = {"mention", "directive", "making", "vague", "undecided"};
  for (const Cue cue : kCues) {
    const auto i = static_cast<std::size_t>(cue);
    for (const std::string& phrase : phrases(root.at("cues"), kCueNames[i])) words.cues[i].add(phrase, 0, 1);
  }
  return words;
}

}  // namespace baton
