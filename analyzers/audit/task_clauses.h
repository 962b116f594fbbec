// A task, clause by clause: which of them ask for other behaviour, and which keep it, tidy or only speak of tests. By fixed words, as
// titles of commits and orders to an agent are written; a clause that none of them fits says nothing of the kind. Pure; any thread.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace baton::audit {

enum class Means {
  asks,   // for other behaviour
  keeps,  // what is there, by its words
  tidies,  // no behaviour: a move, a type, a document, speed
  tests,  // of tests alone
  states,  // none of these
};

struct TaskClause {
  std::string text;  // in lower case, without numbers that count something else: of an issue, of a version, of milliseconds
  std::set<std::string> words;  // stems, with those that its sentence has before it
  Means means = Means::states;
};

std::vector<TaskClause> clauses_of(std::string_view task);

}  // namespace baton::audit
