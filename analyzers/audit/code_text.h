// Pieces of source text taken apart without a grammar: the same few shapes in every language that the audit reads. Strings and
// brackets are respected; what does not fit comes back whole. Pure; any thread.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace baton::audit {

std::string_view trimmed(std::string_view text);
std::string lower(std::string_view text);

// Without blanks and comments, one kind of quote, no `await`, no namespace of the standard library: what two ways to write the
// same expression have in common.
std::string normalised(std::string_view code);

// The same, with what is put into a text as what is added to it: `run-${x}` and `'run-' + x` are one text.
std::string spelled_out(std::string_view code);

// "a, f(b, c), {d}" at the top level; the last element may be empty.
std::vector<std::string_view> split_arguments(std::string_view text);

// "expect(a).not.toBe(b)": names with the arguments of those that are called.
struct ChainLink {
  std::string_view name;
  bool called = false;
  std::vector<std::string_view> arguments;
};
std::vector<ChainLink> chain_of(std::string_view text);  // empty: it is no chain

// "a == b" at the top level, by the operator that binds least. `and`, `&&`, `or`, `||` come before comparisons.
struct Binary {
  std::string_view left, op, right;
};
std::optional<Binary> binary_of(std::string_view text);

// `!x`, `not x`, `(x)` peeled off; tells whether an odd number of negations went.
std::string_view without_negation(std::string_view text, bool& negated);

// `a` of `a || b || c`; both normalised.
bool is_one_of(std::string_view condition, std::string_view any);

// With what its names stand for in their place, and what the names of that stand for.
std::string with_names_told(std::string code, const std::map<std::string, std::string>& names);

bool is_literal(std::string_view text);
std::vector<std::string> tokens(std::string_view code);          // identifiers, numbers, strings; in order, no punctuation
std::vector<std::string> literals(std::string_view code);        // numbers and strings alone, with their sign, normalised
std::set<std::string> identifiers(std::string_view code);
std::set<std::string> called_names(std::string_view code);       // the last name before each parenthesis
std::set<std::string> words(std::string_view text);              // lower-case stems of camelCase, snake_case and prose

std::set<std::string> plain_words(std::string_view text);        // as they stand there, in lower case

// How much two bags of tokens share, 0 to 1.
double likeness(const std::vector<std::string>& a, const std::vector<std::string>& b);

std::optional<double> number_of(std::string_view text);
int line_at(std::string_view text, std::size_t byte);  // 1-based
std::vector<std::string_view> lines_of(std::string_view text);

}  // namespace baton::audit
