// Places where a test may have this process killed as by `kill -9`, to see that nothing is lost or done twice. Inert without the
// variables: $BATON_FAULT="name" or "name#3" (the third time it is reached) kills; $BATON_FAULT_LOG=file notes each place that is
// reached, one a line. Any thread.
#pragma once

#include <string_view>

namespace baton {

void fault_point(std::string_view name);

}  // namespace baton
