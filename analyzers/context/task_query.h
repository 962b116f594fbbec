// A task's text as a query: its terms with their weights, and the files and modules that it names as they are written. Pure, any
// thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "analyzers/context/term_table.h"

namespace baton {

struct QueryTerm {
  Term term = 0;
  double weight = 1;
  bool whole = false;  // a compound identifier: found in one form only
};

struct TaskQuery {
  std::vector<QueryTerm> terms;        // each once
  std::vector<std::string> paths;      // "src/app.py", "app.py", also of a Windows path; lower case
  std::vector<std::string> modules;    // "sympy.core.expr" as "sympy/core/expr"; lower case
};

TaskQuery task_query(std::string_view text, TermTable& table);

}  // namespace baton
