// The same claim in each library's words: how many there are, of what type it is, that there is no error, what it says.
#include <re2/re2.h>

#include "analyzers/audit/check.h"
#include "analyzers/audit/check_parts.h"
#include "analyzers/audit/code_text.h"
#include "analyzers/audit/pattern.h"

namespace baton::audit {
namespace {

std::string claim(std::string_view what, std::string_view value, std::string_view of) { return std::string(what) + std::string(value) + "(" + std::string(of) + ")"; }

std::string claim_of_size(const Check& check) {
  static const RE2 kSize("^len\\(|\\.(size|length|len|count)(\\(\\))?$"), kEmpty("^(.+)\\.(?:is_?)?[eE]mpty\\(\\)$");
  std::string whole;
  if (check.kind == CheckKind::truthy) return RE2::FullMatch(check.subject, kEmpty, &whole) ? claim("size==", "0", whole) : std::string();
  const auto part = matches(check.subject, kSize) ? part_looked_at(check.subject) : std::nullopt;
  const auto count = number_of(check.expected);
  if (!part || !part->key.empty() || part->place || !count) return {};
  if (check.kind == CheckKind::equal) return claim("size==", std::to_string(static_cast<long>(*count)), part->whole);
  const bool none = check.kind == CheckKind::compare && ((check.op == "<=" && *count == 0) || (check.op == "<" && *count == 1));
  return none ? claim("size==", "0", part->whole) : std::string();
}

std::string claim_in_go(const Check& check) {
  static constexpr std::string_view kText = ".Error()";
  if (check.kind == CheckKind::equal && (check.expected == "nil" || check.expected == "null")) return claim("nil", "", check.subject);
  if (check.kind == CheckKind::truthy && check.op == "present") return claim("not nil", "", check.subject);
  if (!check.subject.ends_with(kText) || (check.kind != CheckKind::equal && check.kind != CheckKind::contains)) return {};
  return claim(check.kind == CheckKind::equal ? "text==" : "text~", check.expected, check.subject.substr(0, check.subject.size() - kText.size()));
}

}  // namespace

// What a matcher's name says of its subject, where other words say the same; empty: nothing of that kind.
std::string claim_of_matcher(std::string_view matcher, const std::vector<std::string_view>& arguments, Language language) {
  static const RE2 kSize("(?i)^(to)?_?(have|has|is)?_?(length(of)?|size|len|sizeis|size_?is)$"), kEmpty("(?i)^(to)?_?(be)?_?(is)?_?empty$"), kType("^(a|an|typeOf|isTypeOf)$"), kNoError("^(NoError|NoErr)$");
  const std::string_view last = arguments.empty() ? std::string_view() : arguments.back();
  if (matches(matcher, kSize) && arguments.size() == 1) return number_of(last) ? "size==" + std::to_string(static_cast<long>(*number_of(last))) : std::string();
  if (matches(matcher, kEmpty) && arguments.empty()) return "size==0";
  if (matches(matcher, kType) && (last.starts_with('\'') || last.starts_with('"'))) return "typeof" + normalised(last);
  if (language != Language::go) return {};
  if (matches(matcher, kNoError)) return "nil";
  if (arguments.empty() && (matcher == "Error" || matcher == "NotNil")) return "not nil";
  if (matcher == "EqualError") return "text==" + normalised(last);
  return matcher == "ErrorContains" ? "text~" + normalised(last) : std::string();
}

std::string plain_claim(const Check& check, Language language) {
  if (check.kind == CheckKind::constant || check.kind == CheckKind::row) return {};
  if (!check.claim.empty()) return claim(check.claim, "", check.subject);
  if (const std::string size = claim_of_size(check); !size.empty()) return size;
  if (check.kind == CheckKind::equal && check.subject.starts_with("typeof ")) return claim("typeof", check.expected, check.subject.substr(7));
  if (language == Language::go) return claim_in_go(check);
  const auto elements = check.kind == CheckKind::equal ? elements_of(check.expected, language) : std::nullopt;
  if (!elements) return {};
  std::string list = "==[";
  for (const Element& one : *elements) list += (one.key.empty() ? "" : one.key + ":") + one.value + ",";
  return claim(list, "", check.subject);
}

}  // namespace baton::audit
