#include "analyzers/readers/test_ids.h"

#include <re2/re2.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace baton {

std::string stable_id(std::string_view name) {
  struct Rule {
    std::string_view needs;  // what every match holds; cheaper to look for
    std::unique_ptr<re2::RE2> what;
    const char* with;
  };
  static const std::vector<Rule>* kRules = [] {
    auto* rules = new std::vector<Rule>;
    const auto add = [&](std::string_view needs, const char* what, const char* with) { rules->push_back({needs, std::make_unique<re2::RE2>(what), with}); };
    add("0x", R"(0x[0-9a-fA-F]{4,16}\b)", "0xADDR");
    add("-", R"(\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b)", "UUID");
    add("/var/folders/", R"((/private)?/var/folders/[^\s\]]+)", "TMP");
    add("/tmp/", R"((/private)?/(?:var/)?tmp/[^\s\])'",:]+)", "TMP");
    add("-", R"(\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)", "TIME");
    add("eed", R"(\b([sS]eed)([= :]+)\d+)", R"(\1\2N)");
    add("s)", R"(\s+\(\d+(\.\d+)?\s?m?s\)$)", "");
    return rules;
  }();
  std::string out(name);
  // Most names hold none of this.
  const bool digits = std::any_of(out.begin(), out.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!digits && out.find("/tmp/") == std::string::npos && out.find("/folders/") == std::string::npos)
    return out;
  for (const Rule& rule : *kRules) {
    if (out.find(rule.needs) != out.npos) re2::RE2::GlobalReplace(&out, *rule.what, rule.with);
  }
  return out;
}

}  // namespace baton
