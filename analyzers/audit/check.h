// A check: one thing that a test insists on, read out of whatever form it was written in, so that two forms of the same check
// compare equal and a weaker one is known as weaker. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analyzers/syntax.h"

namespace baton::audit {

enum class CheckKind {
  constant,   // holds whatever the code does: `assert True`, `x == x`
  truthy,     // true, present, called at all
  contains,   // a part, a type, a size, a pattern
  compare,    // an order
  not_equal,
  called,     // a call was seen, with arguments
  near,       // equal within a tolerance
  snapshot,
  throws,
  equal,
  fails,      // a failure by hand: `t.Fatal`, `pytest.fail`
  row,        // a case of a table
};

// One of the two ways that a branch can go.
struct Arm {
  std::size_t branch = 0;
  std::string condition;
  bool otherwise = false;
};

struct Check {
  CheckKind kind = CheckKind::truthy;
  int strength = 1;      // 0 constant, 1 truthy, 2 partial, 3 within a tolerance, 4 exact
  bool negated = false;
  std::string subject;   // what is looked at, normalised
  std::string expected;  // what it is held against, normalised; may be empty
  std::string op;        // of a comparison, with the subject on the left
  std::string value = {};               // what is expected, names that the test gave it followed; of an equality alone, one with true or false too
  std::optional<double> tolerance = {};
  std::string tolerance_name = {};  // that stands in place of the number
  bool in_digits = false;           // what that name tells are decimal places
  std::string named = {};           // the name of which `expected` is the value: one that was given to it outside of the test
  int line = 0, end_line = 0;
  std::string text;      // as it stands there
  bool is_true = false;  // true itself, and nothing else that counts as true
  std::string claim = {};  // what a matcher says in its own words, where others say it otherwise: "size==3"
  std::string plain = {};  // that, and of what; one text for all ways to say it, or empty
  bool part = false;     // of a whole that is compared at once, so that its text says more than it

  std::string label = {};     // a row: the key that it has in a map of cases, which may be but its name
  bool of_body = false;       // a row: the call that makes all that its test does
  bool awaited = false;
  bool swallowed = false;     // its failure is caught and goes nowhere
  std::string condition;      // of the nearest branch around it, when that is no loop
  bool in_loop = false;       // over a list that is written out there
  bool otherwise = false;     // in the arm that runs where the condition does not hold
  std::vector<Arm> arms;      // of all branches around it, the outermost first
};

inline constexpr std::string_view kWholeTest = "method";  // the subject of an error that the whole test has to end with

// Calls, macros and chains (`expect(x).toBe(y)`); absent where it is no check.
std::optional<Check> check_of_call(std::string_view text, Language language);
// An error of that type, of what is done there; "Exception" and its like are any.
Check check_of_throw(std::string_view done, std::string_view type);
Check check_of_equality(std::string_view subject, std::string_view expected);
// Rust: the value has a pattern's form; `let P = x` and `matches!(x, P)` as conditions.
Check check_of_pattern(std::string_view subject, std::string_view pattern);
std::optional<Check> check_of_matching(std::string_view condition);
Check negation_of(Check check);
// What has to hold: `assert CONDITION`, or with `fails` the negation of an `if CONDITION { fail }`. One check a conjunct.
std::vector<Check> checks_of_condition(std::string_view condition, bool fails);
// A call that makes the test fail by itself.
bool is_failing_call(std::string_view text, Language language);

std::string claim_of_matcher(std::string_view matcher, const std::vector<std::string_view>& arguments, Language language);
std::string plain_claim(const Check& check, Language language);

// Equal in all that is insisted on.
bool same_check(const Check& a, const Check& b);

}  // namespace baton::audit
