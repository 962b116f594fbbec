#include "orchestrator/agents/fix_words.h"

namespace baton {

void add(FixCount& count, const Fix& fix) {
  ++count.fixes;
  for (const FixEdit& edit : fix.edits) count.files.insert(edit.path);
}

std::string fixes_in_words(const std::string& tool, const std::string& check, const FixCount& count) {
  const auto counted = [](std::size_t number, const char* one, const char* many) { return std::to_string(number) + (number == 1 ? one : many); };
  if (check == tool) return tool + ": " + counted(count.files.size(), " file", " files");
  return tool + ": " + check + ", " + counted(count.fixes, " fix", " fixes");
}

std::map<std::pair<std::string, std::string>, FixCount> by_check(const std::vector<Fix>& fixes) {
  std::map<std::pair<std::string, std::string>, FixCount> counts;
  for (const Fix& fix : fixes) add(counts[{fix.tool, fix.check}], fix);
  return counts;
}

}  // namespace baton
