// A pattern somewhere in a text, without a copy of the text. Pure, any thread.
#pragma once

#include <re2/re2.h>

#include <string_view>

namespace baton::audit {

inline bool matches(std::string_view text, const RE2& pattern) { return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), pattern); }

}  // namespace baton::audit
