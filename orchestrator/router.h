// Which agent takes a task, and by which workflow: a pure function of the task's text, the words of `route_words.json` with
// those of the configuration, and what is known of the workspace. Any thread.
//
// A domain counts when there is evidence that its own files have to change. Words and word forms are evidence, files that the
// task names are stronger evidence, what is only mentioned ("the API already returns it") is weak. Two domains or more go to
// the coordinator, none to `general`. Between domains of equal evidence the one with more files in the workspace wins, then
// the one that the text names first, then the order of `route_words.json`.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/task_words.h"
#include "support/result.h"

namespace baton {

enum class Workflow { feature, bugfix, refactor };
std::string_view to_string(Workflow workflow);

inline constexpr std::string_view kGeneral = "general";
inline constexpr std::string_view kCoordinator = "coordinator";

// What the user says about a part of the workspace: more words and files of a known domain, or a domain of their own.
struct DomainSetting {
  std::string name;
  std::vector<std::string> keywords;
  std::vector<std::string> files;  // patterns
};

struct WorkspaceFacts {
  std::vector<std::string> files;  // paths, sorted
};

struct Route {
  std::string route;                 // a domain, `general` or `coordinator`
  std::vector<std::string> domains;  // in the order of their evidence
  Workflow workflow = Workflow::feature;
  bool ambiguous = false;            // no outcome could be checked: a careful engineer would ask first
  double confidence = 0;             // 0 to 1
  std::string why;                   // sentences for the user
};

struct RouteWords;  // the words in a form that is fast to look up

class Router {
 public:
  explicit Router(const std::vector<DomainSetting>& domains = {});
  Route route(std::string_view text, const WorkspaceFacts& facts = {}) const;
  std::string domain_of_file(const std::string& path, const WorkspaceFacts& facts = {}) const;  // empty: none of them

 private:
  std::shared_ptr<const RouteWords> words_;
};

}  // namespace baton
