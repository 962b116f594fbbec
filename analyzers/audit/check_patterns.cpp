// Rust's patterns as checks: `matches!(x, P)`, `if let P = x {} else { panic!() }`, `match x { P => {}, _ => panic!() }` insist on one thing.
#include <re2/re2.h>

#include "analyzers/audit/check.h"
#include "analyzers/audit/code_text.h"
#include "analyzers/audit/pattern.h"

namespace baton::audit {
namespace {

// A name that is bound takes any value: `Err(e)` is `Err(_)`.
std::string without_bindings(std::string_view pattern) {
  static const RE2 kWord("([A-Za-z_]\\w*|'[^']*'|[^\\w'])");
  const std::string plain = normalised(pattern);
  std::string text, last;
  re2::StringPiece left(plain);
  for (std::string part; RE2::FindAndConsume(&left, kWord, &part); last = part) {
    const bool binds = !part.empty() && part[0] >= 'a' && part[0] <= 'z' && part != "true" && part != "false";
    const bool path_or_field = last == ":" ? text.ends_with("::") : left.starts_with("(") || left.starts_with(":") || left.starts_with("{") || left.starts_with("!");
    text += binds && !path_or_field ? "_" : part;
  }
  return text;
}

}  // namespace

Check check_of_pattern(std::string_view subject, std::string_view pattern) {
  static const RE2 kGuard("\\bif\\b"), kOpen("(^|[^\\w'])_($|[^\\w'])|\\.\\.|\\||@"), kAny("^(Ok|Err|Some)\\(_\\)$");
  Check check;
  check.subject = normalised(subject);
  check.expected = matches(pattern, kGuard) ? normalised(pattern) : without_bindings(pattern);
  std::string variant;
  if (check.expected == "_" || check.expected == "..") {
    check.kind = CheckKind::constant, check.strength = 0;
  } else if (RE2::PartialMatch(check.expected, kAny, &variant)) {
    check.kind = CheckKind::truthy, check.strength = 1;
    check.subject += variant == "Ok" ? ".is_ok()" : variant == "Err" ? ".is_err()" : ".is_some()";
    check.expected.clear();
  } else if (matches(pattern, kGuard) || matches(check.expected, kOpen)) {
    check.kind = CheckKind::contains, check.strength = 2;
  } else {
    check.kind = CheckKind::equal, check.strength = 4;
  }
  return check;
}

std::optional<Check> check_of_matching(std::string_view condition) {
  if (const auto equals = condition.find(" = "); condition.starts_with("let ") && equals != condition.npos && condition.find("&&") == condition.npos)
    return check_of_pattern(condition.substr(equals + 3), condition.substr(4, equals - 4));
  const auto chain = chain_of(condition);
  if (condition.find("matches!(") == condition.npos || chain.empty() || chain.back().name != "matches" || chain.back().arguments.size() < 2) return std::nullopt;
  return check_of_pattern(chain.back().arguments[0], chain.back().arguments[1]);
}

Check negation_of(Check check) {
  if (check.kind == CheckKind::equal) check.kind = CheckKind::not_equal, check.strength = 2;
  else check.negated = !check.negated;
  return check;
}

}  // namespace baton::audit
