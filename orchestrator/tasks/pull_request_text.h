// The text of a pull request: a task's description put into the repository's template, under the forge's limit, in blocks that a second
// publication finds again. Nothing in it that a person, a log or a model wrote mentions, links or closes anything. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "analyzers/public_api.h"
#include "git/store.h"
#include "orchestrator/agents/meter.h"
#include "orchestrator/file_source.h"

namespace baton {

// The template of a repository's own, where the forges look for it; empty when there is none.
std::string pull_request_template(const FileSource& files);

struct PullRequestText {
  std::string task;          // id
  std::string in_template;   // text of the template; may be empty
  std::string description;   // Markdown with sections of "## "
  std::size_t limit = 0;     // bytes
};
// A description whose commands for checking begin with `fetch`, for a clone that does not have the branch.
std::string with_fetch(std::string description, const std::string& fetch);
std::string pull_request_body(const PullRequestText& text);
// A description as the text of a check run, which has no template and no second publication to be found by.
std::string check_run_text(const std::string& description, std::size_t limit);
// Markdown in which nothing outside of code mentions, links or closes anything.
std::string defused(std::string_view text);
// A body that is there, with our blocks as they are now; what people wrote around and in them stays. As it is where they took the
// blocks out.
std::string renewed_body(const std::string& there, const PullRequestText& text);

// A body that another made and that is ours to fill from now on: where it has none of our blocks, they follow what is there.
std::string adopted_body(const std::string& there, const PullRequestText& text);

std::string pull_request_title(std::string_view words);

struct ApiLoss {
  std::string path;
  ApiChange change;
};
// What others may build on and do not find as it was, by syntax; and files by what a mistake in them costs, by name: dependencies,
// migrations, security, described interfaces. Empty when there are none.
std::string risk_section(const std::vector<FileChange>& changes, const std::vector<ApiLoss>& losses);
std::string cost_section(const Spending& spent, double minutes);

}  // namespace baton
