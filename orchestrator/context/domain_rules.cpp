#include "orchestrator/context/domain_rules.h"

#include <algorithm>
#include <map>

#include "analyzers/context/source_kind.h"

namespace baton {
namespace {

constexpr double kMostly = 0.7;           // of a folder's files, for the folder to belong to a domain
constexpr std::size_t kFewest = 2;        // files, for a folder to show anything
constexpr std::size_t kMaxSingles = 20;   // files named one by one
constexpr std::size_t kMaxDocs = 20;

using Counts = std::map<std::string, std::size_t>;  // by domain; "" for none

// "a/b/c.py" -> "a", "a/b"
template <class Visit>
void each_folder(const std::string& path, Visit visit) {
  for (auto slash = path.find('/'); slash != path.npos; slash = path.find('/', slash + 1)) visit(path.substr(0, slash));
}

std::size_t total(const Counts& counts) {
  std::size_t sum = 0;
  for (const auto& [domain, count] : counts) sum += count;
  return sum;
}

bool mostly(const Counts& counts, const std::string& domain) {
  const auto own = counts.find(domain);
  return own != counts.end() && own->second >= kFewest && static_cast<double>(own->second) >= kMostly * static_cast<double>(total(counts));
}

class Workspace {
 public:
  Workspace(const std::vector<std::string>& paths, const Router& router) {
    WorkspaceFacts facts;
    facts.files = paths;
    for (const std::string& path : paths) {
      const SourceKind kind = source_kind(path);
      if (kind == SourceKind::none) continue;
      if (kind == SourceKind::document) documents_.push_back(path);
      std::string domain = router.domain_of_file(path, facts);
      each_folder(path, [&](std::string folder) { ++folders_[std::move(folder)][domain]; });
      if (!domain.empty()) files_[domain].push_back(path);
    }
  }

  const std::map<std::string, std::vector<std::string>>& files() const { return files_; }

  // The outermost folders that are the domain's, then its other files while they are few.
  std::vector<std::string> patterns(const std::string& domain) const {
    std::vector<std::string> patterns, singles;
    for (const std::string& path : files_.at(domain)) {
      std::string home;
      each_folder(path, [&](const std::string& folder) {
        if (home.empty() && mostly(folders_.at(folder), domain)) home = folder + "/**";
      });
      if (home.empty()) singles.push_back(path);
      else if (std::find(patterns.begin(), patterns.end(), home) == patterns.end()) patterns.push_back(std::move(home));
    }
    if (singles.size() <= kMaxSingles) patterns.insert(patterns.end(), singles.begin(), singles.end());
    return patterns;
  }

  // Documents in its folders, or with its name in their path.
  std::vector<std::string> documents(const std::string& domain, const std::vector<std::string>& patterns) const {
    std::vector<std::string> found;
    for (const std::string& path : documents_) {
      const bool inside = std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) { return matches_path(pattern, path); });
      if (found.size() < kMaxDocs && (inside || path.find(domain) != path.npos)) found.push_back(path);
    }
    return found;
  }

 private:
  std::map<std::string, Counts> folders_;
  std::map<std::string, std::vector<std::string>> files_;
  std::vector<std::string> documents_;
};

void append(std::vector<std::string>& list, const std::vector<std::string>& more) { list.insert(list.end(), more.begin(), more.end()); }

}  // namespace

std::vector<DomainRule> domain_rules(const std::vector<std::string>& paths, const std::vector<DomainSetting>& settings, const std::vector<DomainReading>& readings) {
  std::map<std::string, DomainRule> rules;
  for (const DomainSetting& setting : settings) {
    DomainRule& rule = rules[setting.name];
    append(rule.files, setting.files);
    rule.configured = rule.configured || !setting.files.empty();
  }
  for (const DomainReading& reading : readings) {
    append(rules[reading.name].docs, reading.docs);
    append(rules[reading.name].skills, reading.skills);
  }
  const Workspace workspace(paths, Router(settings));
  for (const auto& [domain, files] : workspace.files()) {
    DomainRule& rule = rules[domain];
    if (!rule.configured) rule.files = workspace.patterns(domain);
    if (rule.docs.empty()) rule.docs = workspace.documents(domain, rule.files);
  }
  std::vector<DomainRule> list;
  for (auto& [name, rule] : rules) {
    rule.name = name;
    if (!rule.files.empty()) list.push_back(std::move(rule));
  }
  return list;
}

const DomainRule* rule_of(const std::vector<DomainRule>& rules, std::string_view domain) {
  const auto found = std::find_if(rules.begin(), rules.end(), [&](const DomainRule& rule) { return rule.name == domain; });
  return found == rules.end() ? nullptr : &*found;
}

}  // namespace baton
