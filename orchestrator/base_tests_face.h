// Changes of the program's face that a run's words do not tell: the base's test looks for a file of the program where it is no more, or takes
// for a list what is handed out one by one now, and the result's test asks the very same of it. Pure but for the readers handed in; any thread.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "orchestrator/base_tests.h"

namespace baton {

struct FaceGround {
  const std::vector<FileChange>& changes;
  TextOf base, head;
  const std::set<std::string>& gone_names;  // as BaseTestsInput has them
};
bool meets_another_face(const FailingBaseTest& test, const FaceGround& ground);

}  // namespace baton
