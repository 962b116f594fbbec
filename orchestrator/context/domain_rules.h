// Which files and documents of a workspace belong to which domain, as data: what the configuration says, and for the rest what the
// folders show. A rule makes files likelier; it never shuts others out. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/router.h"

namespace baton {

// What the configuration says that agents of a domain read.
struct DomainReading {
  std::string name;
  std::vector<std::string> docs;    // patterns, or paths
  std::vector<std::string> skills;  // names; empty: all
};

struct DomainRule {
  std::string name;                 // "frontend"
  std::vector<std::string> files;   // patterns: "apps/web/**", "*.tsx"
  std::vector<std::string> docs;    // patterns, or paths
  std::vector<std::string> skills;  // names; empty: all
  bool configured = false;          // its files were said, not found
};

// In the order of their names; domains without a file are left out. `paths`: of the whole workspace.
std::vector<DomainRule> domain_rules(const std::vector<std::string>& paths, const std::vector<DomainSetting>& settings, const std::vector<DomainReading>& readings = {});

const DomainRule* rule_of(const std::vector<DomainRule>& rules, std::string_view domain);  // null: none

}  // namespace baton
