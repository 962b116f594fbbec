// Markdown from facts. What a tool or a test said stands in code, so that nothing in it is a heading, a link, a mention or a word
// that closes an issue. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace baton {

std::string code_span(std::string_view text);  // one line; the first of several
// A fence that is longer than any in the text.
std::string code_block(std::string_view text, std::string_view language = "");
// Words of a person as a paragraph: marks that would make them something else are escaped.
std::string plain_words(std::string_view text);

// The last lines of a text, whole ones, at most so many bytes.
std::string last_lines(std::string_view text, std::size_t max_lines, std::size_t max_bytes);

}  // namespace baton
