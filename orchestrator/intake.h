// From what a user wrote to a task: a title, and the completion criteria that stand in the text. Criteria are found, never
// invented: the items of a list, sentences that say what must hold, what stands under a heading such as "Acceptance criteria".
// Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/result.h"

namespace baton {

struct Criterion {
  std::string id;    // "c1", in the order of the text
  std::string text;
};

struct TaskText {
  std::string title;
  std::string body;  // all of it, the title included
  std::vector<Criterion> criteria;
};

TaskText take_in(std::string_view text);
// The task of a `TODO(baton): …` comment; absent where the line holds none. Closing marks of comments do not belong to it.
std::optional<std::string> todo_task(std::string_view line);

}  // namespace baton
