// What the human types into a task's page, for editors that ask for no text: a section of lines such as `Hint:`, which the code
// actions take along. It is the page's first section, so that nothing that an agent said can stand in its place. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace baton {

enum class TypedWords { hint, reason, answer };
std::string_view label_of(TypedWords words);  // as it stands in the page, with its colon

std::string words_section(const std::vector<TypedWords>& wanted);  // empty for none
std::string typed_words(std::string_view page, TypedWords wanted);  // one line or several; empty when nothing is typed

}  // namespace baton
