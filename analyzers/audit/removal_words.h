// Whether a task says of a name of code that it is to go. Verdicts rest on it, so that it asks more than that both words are there: the name
// is what is removed, and nothing that belongs to it ("the flag of parse()"), nothing that goes from it, and no part of "do not". Pure; any thread.
#pragma once

#include <string_view>

namespace baton::audit {

// `name`: an identifier, or a path.
bool takes_away(std::string_view task, std::string_view name);
// `kind`: the first word of what something is, in lower case: "roman" of "drop support of Roman numerals".
bool takes_away_kind(std::string_view task, std::string_view kind);

}  // namespace baton::audit
