#include "analyzers/audit/check.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include "analyzers/audit/code_text.h"
#include "analyzers/audit/pattern.h"

namespace baton::audit {
namespace {

bool is_bool(std::string_view text) {
  const std::string word = lower(trimmed(text));
  return word == "true" || word == "false";
}
bool is_nothing(std::string_view text) {
  const std::string_view word = trimmed(text);
  return word == "None" || word == "null" || word == "nil" || word == "nullptr" || word == "undefined" || word == "NULL";
}

int strength_of(CheckKind kind) {
  switch (kind) {
    case CheckKind::constant: return 0;
    case CheckKind::truthy: return 1;
    case CheckKind::contains:
    case CheckKind::compare:
    case CheckKind::not_equal:
    case CheckKind::fails: return 2;
    case CheckKind::called:
    case CheckKind::near: return 3;
    case CheckKind::snapshot:
    case CheckKind::throws:
    case CheckKind::equal:
    case CheckKind::row: return 4;
  }
  return 1;
}

Check made(CheckKind kind, std::string_view subject, std::string_view expected = {}) {
  Check check;
  check.kind = kind;
  check.strength = strength_of(kind);
  check.subject = normalised(subject);
  check.expected = normalised(expected);
  return check;
}

std::string_view value_of_keyword(std::string_view argument) {
  static const RE2 kKeyword("^\\w+\\s*=[^=]");
  if (matches(argument, kKeyword)) argument.remove_prefix(argument.find('=') + 1);
  return trimmed(argument);
}

// How far off it may be: a number, or a name that stands for one.
void allow(Check& check, std::string_view argument) {
  static const RE2 kName("^[A-Za-z_][\\w.:]*$"), kDigits("(?i)^(places|decimals?|digits|significant)\\s*="), kDistance("^([\\w.]+\\.)?(within|offset|byLessThan)\\((.*)\\)$");
  std::string_view value = value_of_keyword(argument);
  if (re2::StringPiece inside; RE2::FullMatch(re2::StringPiece(value.data(), value.size()), kDistance, nullptr, nullptr, &inside)) value = trimmed({inside.data(), inside.size()});  // AssertJ's within(0.01)
  if (const auto number = number_of(value)) {
    check.tolerance = std::max(check.tolerance.value_or(0), *number);
  } else if (check.tolerance_name.empty() && matches(value, kName) && !is_nothing(value) && !is_bool(value)) {
    check.tolerance_name = std::string(value);
    check.in_digits = matches(argument, kDigits);
  }
}

// "pytest.approx(2.0, abs=1e-6)", "Approx(2).margin(0.1)": the value, and how far off it may be.
bool take_tolerance(Check& check, std::string_view expected) {
  static const RE2 kNear("(?i)(^|[.:])(approx|within\\w*|closeto|withinabs|withinrel)$");
  const auto chain = chain_of(expected);
  const auto link = std::find_if(chain.begin(), chain.end(), [](const ChainLink& one) { return one.called && matches(one.name, kNear); });
  if (link == chain.end() || link->arguments.empty()) return false;
  check.kind = CheckKind::near;
  check.strength = 3;
  check.expected = normalised(link->arguments.front());
  for (std::size_t i = 1; i < link->arguments.size(); ++i) allow(check, link->arguments[i]);
  for (auto next = link + 1; next != chain.end(); ++next) {
    if (next->called && next->arguments.size() == 1) allow(check, next->arguments[0]);
  }
  return true;
}

bool holds_anyway(std::string_view subject, std::string_view expected) {
  if (normalised(subject) == normalised(expected)) return true;
  return is_literal(subject) && is_literal(expected) && identifiers(subject).empty();
}

Check equality(std::string_view a, std::string_view b, bool first_is_expected) {
  const bool swap = is_literal(a) != is_literal(b) ? is_literal(a) : first_is_expected && !(is_literal(b) && !is_literal(a));
  const std::string_view subject = swap ? b : a, expected = swap ? a : b;
  if (holds_anyway(subject, expected)) return made(CheckKind::constant, subject, expected);
  if (is_bool(expected)) {
    Check check = made(CheckKind::truthy, subject);
    check.negated = lower(trimmed(expected)) == "false";
    check.value = lower(trimmed(expected));
    check.is_true = !check.negated;
    return check;
  }
  Check check = made(CheckKind::equal, subject, expected);
  static const RE2 kAnything("^(expect\\.any(thing)?\\(|(unittest\\.)?(mock\\.)?ANY$|_$|(testing::)?_$|any(thing)?\\(|(is)?(Not)?A(nything)?\\()");
  if (RE2::PartialMatch(check.expected, kAnything)) check.strength = 1;
  if (!take_tolerance(check, expected) && take_tolerance(check, subject)) check.subject = normalised(expected);
  return check;
}

std::string flipped(std::string_view op) {
  if (op == "<") return ">";
  if (op == ">") return "<";
  if (op == "<=") return ">=";
  if (op == ">=") return "<=";
  return std::string(op);
}

std::string opposite(std::string_view op) {
  if (op == "<") return ">=";
  if (op == ">") return "<=";
  if (op == "<=") return ">";
  if (op == ">=") return "<";
  return std::string(op);
}

Check comparison(std::string_view left, std::string op, std::string_view right) {
  // abs(a - b) < e is nearness.
  static const RE2 kDistance("^(?:std::)?(?:[Mm]ath\\.)?f?[aA]bs\\((.+)-(.+)\\)$");
  std::string a, b;
  const std::string text = normalised(left);
  if (op.starts_with('<') && RE2::FullMatch(text, kDistance, &a, &b)) {
    Check check = made(CheckKind::near, a, b);
    allow(check, right);
    return check;
  }
  if (is_literal(left) && !is_literal(right)) {
    std::swap(left, right);
    op = flipped(op);
  }
  Check check = made(is_literal(left) && is_literal(right) ? CheckKind::constant : CheckKind::compare, left, right);
  check.op = op;
  return check;
}

// `std::vector<int>{1}` compares nothing.
bool is_template(std::string_view text) {
  static const RE2 kArguments("\\w\\s*<[\\w:,*& <>]*>\\s*[({]");
  return matches(text, kArguments);
}

Check thrown(std::string_view subject, std::string_view type, std::string_view message);

// One conjunct that has to be true, or false where `negated`.
Check condition_check(std::string_view text, bool negated) {
  text = without_negation(text, negated);
  if (const std::string word = lower(text); word == "true" || word == "1" || word == "false" || word == "0" || is_literal(text)) {
    Check check = made(word == "false" || word == "0" ? CheckKind::fails : CheckKind::constant, text);
    return check;
  }
  if (auto matching = check_of_matching(text)) return negated ? negation_of(std::move(*matching)) : std::move(*matching);
  const auto binary = binary_of(text);
  if (binary && (binary->op == "or" || binary->op == "||")) {
    bool dummy = false;
    for (const auto side : {binary->left, binary->right}) {
      const std::string word = lower(without_negation(side, dummy));
      if (!negated && (word == "true" || word == "1")) return made(CheckKind::constant, text);
    }
  }
  // A chain of comparisons, "0 <= x < 1": as it stands.
  const bool chained = binary && !is_template(binary->right) && binary_of(binary->right) && binary->op != "and" && binary->op != "&&" && binary->op != "or" && binary->op != "||";
  if (binary && !chained) {
    const std::string_view op = binary->op;
    const bool equal = op == "==" || op == "===" || (op == "is" && !negated) || op == "is";
    const bool unequal = op == "!=" || op == "!==" || op == "is not";
    if (equal || unequal) {
      if ((equal && !negated) || (unequal && negated)) return equality(binary->left, binary->right, false);
      const bool left_literal = is_literal(binary->left) && !is_literal(binary->right);
      const auto subject = left_literal ? binary->right : binary->left, expected = left_literal ? binary->left : binary->right;
      if (is_nothing(expected)) {
        Check check = made(CheckKind::truthy, subject);
        check.op = "present";
        return check;
      }
      if (is_bool(expected)) {
        Check check = made(CheckKind::truthy, subject);
        check.negated = lower(trimmed(expected)) == "true";
        return check;
      }
      return made(CheckKind::not_equal, subject, expected);
    }
    if (op == "in" || op == "not in" || op == "instanceof") {
      Check check = made(CheckKind::contains, op == "instanceof" ? binary->left : binary->right, op == "instanceof" ? binary->right : binary->left);
      check.negated = negated != (op == "not in");
      return check;
    }
    if (op == "<" || op == ">" || op == "<=" || op == ">=") return comparison(binary->left, negated ? opposite(op) : std::string(op), binary->right);
  }
  // isinstance(x, T), reflect.DeepEqual(a, b), errors.Is(err, X), a.equals(b), strcmp
  const auto chain = chain_of(text);
  if (!chain.empty() && chain.back().called) {
    const ChainLink& last = chain.back();
    const std::string name = lower(last.name);
    if (chain.size() == 2 && chain[0].name == "errors" && name == "is" && last.arguments.size() == 2) {  // Go's errors.Is(err, X)
      Check check = thrown(last.arguments[0], last.arguments[1], {});
      check.negated = negated;
      return check;
    }
    if (name.find("equal") != name.npos && !negated) {
      const bool of_two = last.arguments.size() == 2 && normalised(last.arguments[0]) != normalised(last.arguments[1]);  // `soundsEqual("a", "a")` asks something of the program
      if (of_two) return equality(last.arguments[0], last.arguments[1], false);
      if (last.arguments.size() == 1 && last.name.data() > text.data()) {
        std::string_view object = text.substr(0, static_cast<std::size_t>(last.name.data() - text.data()));
        while (!object.empty() && (object.back() == '.' || object.back() == ' ')) object.remove_suffix(1);
        return equality(object, last.arguments[0], false);
      }
    }
    if ((name == "isinstance" || name == "is" || name == "contains" || name == "includes" || name == "startswith" || name == "endswith" || name == "hasprefix") &&
        !last.arguments.empty()) {
      Check check = made(CheckKind::contains, last.arguments.size() == 2 ? last.arguments[0] : text, last.arguments.back());
      check.negated = negated;
      return check;
    }
    if ((name == "isclose" || name == "allclose") && last.arguments.size() >= 2) {
      Check check = equality(last.arguments[0], last.arguments[1], false);
      check.kind = CheckKind::near;
      check.strength = 3;
      for (std::size_t i = 2; i < last.arguments.size(); ++i) allow(check, last.arguments[i]);
      return check;
    }
  }
  Check check = made(CheckKind::truthy, text);
  check.negated = negated;
  return check;
}

void add_conjuncts(std::string_view text, bool negated, std::vector<Check>& checks) {
  bool inner = negated;
  text = without_negation(text, inner);
  const auto binary = binary_of(text);
  // not (a or b) is (not a) and (not b).
  const bool splits = binary && (inner ? binary->op == "or" || binary->op == "||" : binary->op == "and" || binary->op == "&&");
  if (!splits) {
    checks.push_back(condition_check(text, inner));
    return;
  }
  add_conjuncts(binary->left, inner, checks);
  add_conjuncts(binary->right, inner, checks);
}

// What a matcher's name says, whatever library it is of. The first row that matches decides.
struct MatcherWord {
  const char* pattern;  // of the lower-case name
  CheckKind kind;
  bool negates;
};
constexpr std::array kMatchers = std::to_array<MatcherWord>({
    {"snapshot|golden|approv", CheckKind::snapshot, false},
    {"nothrow|not_?raise|does_?not_?throw|no_?err(or)?|no_?exception|doesnotreject", CheckKind::truthy, false},
    {"throw|raise|panic|reject|death|exception|warns|^error(is|as|contains|matches)?$|exit$", CheckKind::throws, false},
    {"not_?null|not_?none|not_?nil|is_?some|is_?defined|be_?defined|is_?present|not_?empty", CheckKind::truthy, false},
    {"called|invoked|awaited|^verify", CheckKind::called, false},
    {"near|close|almost|approx|in_?delta|in_?epsilon|within|offset", CheckKind::near, false},
    {"not_?(deep|strict|_)*_?(equal|same|eq)|(^|_)ne$|is_?not(_|$)|assertisnot$|^ne$", CheckKind::not_equal, false},
    {"greater|less|(^|_)(gt|ge|lt|le)$|above|below|at_?least|at_?most|between", CheckKind::compare, false},
    {"^(assert)?_?(is)?_?(null|none|nil)$|be_?null$|be_?undefined$|is_?none$|is_?nil$|is_?null$|be_?none$|^undefined$", CheckKind::equal, false},
    {"count_?equal|items_?equal|equal|_eq$|_streq$|same|^to_?be$|^is$|^be$|^eq$|^eql|eqls|has_?value|equivalent|^assert_?is$|isequalto|exactly|(json|yaml)_?eq|elements_?match|^value$|^should_?be$",
     CheckKind::equal, false},
    {"not_?(in|is_?instance|contain|match|include|regex)", CheckKind::contains, true},
    {"contain|include|in$|match|regex|starts?_?with|ends?_?with|substr|property|instance|type|kind|len|size|count|has|key|any|all|every|isa|that", CheckKind::contains, false},
    {"false|falsy|not_?ok", CheckKind::truthy, true},
    {"true|truthy|ok|success|empty|exist|nil|null|none|^assert$|^check$|^require$|^expect$|test$|fail", CheckKind::truthy, false},
});

const MatcherWord& matcher_word(std::string_view name) {
  static const auto patterns = [] {
    std::vector<std::unique_ptr<RE2>> all;
    for (const MatcherWord& word : kMatchers) all.push_back(std::make_unique<RE2>(word.pattern));
    return all;
  }();
  static constexpr MatcherWord kOther{"", CheckKind::contains, false};
  std::string plain = lower(name);
  static const RE2 kPrefix("^(boost_)?(expect|assert|check|require|test_assert|warn)_");
  RE2::Replace(&plain, kPrefix, "_");
  for (std::size_t i = 0; i < kMatchers.size(); ++i) {
    if (RE2::PartialMatch(plain, *patterns[i])) return kMatchers[i];
  }
  return kOther;
}

// toBeCloseTo(x, 2), assertAlmostEqual(a, b, places=2): digits; others say the distance itself.
void allow_by(Check& check, std::string_view matcher, std::string_view argument) {
  const std::string plain = lower(matcher);
  const bool digits = argument.find("places") != argument.npos || plain == "tobecloseto" || argument.find("decimal") != argument.npos ||
                      (plain.find("almost") != plain.npos && argument.find('=') == argument.npos && plain.find("delta") == plain.npos);
  const auto number = digits ? number_of(value_of_keyword(argument)) : std::nullopt;
  const bool named = check.tolerance_name.empty();
  if (number) check.tolerance = std::max(check.tolerance.value_or(0), std::pow(10.0, -*number));
  else allow(check, argument);
  if (named && !check.tolerance_name.empty()) check.in_digits = digits;
}

// `() -> parse("")` and `() => { parse(""); }`: what is done there.
std::string done_by(std::string_view function) {
  std::string text = normalised(function);
  static const RE2 kHead("^(async)?(\\(\\)(->|=>)|lambda:|\\[[&=]?\\]\\(\\)|func\\(\\)|function\\(\\)|\\|\\|)");
  if (!RE2::Replace(&text, kHead, "")) return text;
  if (text.starts_with('{') && text.ends_with('}')) text = text.substr(1, text.size() - 2);
  while (text.ends_with(';')) text.pop_back();
  return text;
}

Check thrown(std::string_view subject, std::string_view type, std::string_view message) {
  if (type.ends_with(".class")) type.remove_suffix(6);
  if (type.starts_with("const ")) type.remove_prefix(6);  // `const Error&` is caught where `Error` is
  while (type.size() > 1 && (type.back() == '&' || type.back() == ' ')) type.remove_suffix(1);
  Check check = made(CheckKind::throws, {}, type);
  check.subject = done_by(subject);
  static const RE2 kAny("(?i)^(|(java\\.lang\\.)?(exception|throwable|error|baseexception|runtimeexception)(\\.class)?|\\(?exception,?\\)?)$");
  check.strength = matches(check.expected, kAny) ? 2 : 3;
  if (!message.empty()) {
    check.strength = std::min(4, check.strength + 1);
    check.expected += "|" + normalised(message);
  }
  return check;
}

// JUnit 3 and 4 say first what they say when they fail: `assertEquals("Sum of " + a, 3, sum(a))`.
void drop_message(std::vector<std::string_view>& arguments, std::string_view name, CheckKind kind) {
  const auto is_text = [](std::string_view argument) { return argument.starts_with('"') || argument.starts_with("String.format(") || argument.ends_with('"'); };
  const bool of_two = (kind == CheckKind::equal && lower(name).find("null") == name.npos) || kind == CheckKind::near || kind == CheckKind::not_equal;
  const std::size_t needed = of_two ? 2 : 1;
  if (arguments.size() <= needed || kind == CheckKind::throws || !is_text(arguments[0]) || is_text(arguments.back())) return;
  arguments.erase(arguments.begin());
}

Check not_so(Check check);

Check of_words(const ChainLink& link, Language language, bool first_is_expected, std::string_view receiver) {
  std::vector<std::string_view> arguments = link.arguments;
  static const RE2 kHandle("^(t|tb|b|s\\.T\\(\\)|suite\\.T\\(\\)|c)$");
  if (language == Language::go && !arguments.empty() && matches(arguments[0], kHandle)) arguments.erase(arguments.begin());
  const MatcherWord& word = matcher_word(link.name);
  if (language == Language::java) drop_message(arguments, link.name, word.kind);
  const std::string_view a = arguments.empty() ? receiver : arguments[0], b = arguments.size() > 1 ? arguments[1] : std::string_view();
  switch (word.kind) {
    case CheckKind::equal:
      if (b.empty()) return made(CheckKind::equal, a, "null");
      // JUnit's assertEquals(1.0, x, 1e-9); a text that comes first is what it says when it fails.
      if (language == Language::java && arguments.size() == 3 && !a.starts_with('"')) {
        Check check = equality(a, b, first_is_expected);
        allow(check, arguments[2]);
        if (check.kind == CheckKind::equal && check.tolerance) check.kind = CheckKind::near, check.strength = 3;
        return check;
      }
      return equality(a, b, first_is_expected);
    case CheckKind::near: {
      Check check = equality(a, b, first_is_expected);
      if (check.kind == CheckKind::constant) return check;
      check.kind = CheckKind::near;
      check.strength = 3;
      for (std::size_t i = 2; i < arguments.size(); ++i) allow_by(check, link.name, arguments[i]);
      return check;
    }
    case CheckKind::not_equal: {
      Check check = made(CheckKind::not_equal, is_literal(a) ? b : a, is_literal(a) ? a : b);
      return is_nothing(check.expected) ? not_so(made(CheckKind::equal, check.subject, "null")) : check;
    }
    case CheckKind::compare: {
      const std::string name = lower(link.name);
      const bool more = name.find("greater") != name.npos || name.find("_g") != name.npos || name.ends_with("above") || name.find("atleast") != name.npos;
      return comparison(a, more ? ">" : "<", b);
    }
    case CheckKind::throws: {
      // The type first in pytest, JUnit; the statement first in GoogleTest, Catch2, node.
      const bool statement_first = language == Language::cpp || language == Language::c || language == Language::javascript ||
                                   language == Language::typescript || language == Language::tsx || language == Language::go;
      std::string_view message;
      for (const auto argument : arguments) {
        if (argument.starts_with("match")) message = argument;
      }
      if (language == Language::go) return thrown(a, link.name == "Error" || link.name == "Errorf" ? std::string_view() : b, {});
      return statement_first ? thrown(a, b, {}) : thrown(arguments.size() > 1 && b != message ? b : std::string_view(), a, message);
    }
    case CheckKind::truthy: {
      if (link.name == "fail" || link.name == "Fail" || link.name == "FAIL") return made(CheckKind::fails, "fail");
      std::vector<Check> checks = checks_of_condition(a, word.negates);
      Check check = checks.size() == 1 ? checks[0] : made(CheckKind::truthy, a);
      return check;
    }
    case CheckKind::contains: {
      Check check = made(CheckKind::contains, a, b);
      check.negated = word.negates;
      return check;
    }
    default: {
      Check check = made(word.kind, a, b);
      return check;
    }
  }
}

// A thing is true itself, or only there.
void by_word(Check& check, std::string_view matcher) {
  static const RE2 kTrue("(?i)(^|_|is|be|assert)true$"), kThere("(?i)not_?(null|none|nil)|defined$|^exists?$");
  if (check.kind != CheckKind::truthy || check.negated) return;
  if (matches(matcher, kTrue)) check.is_true = true;
  else if (check.op.empty() && matches(matcher, kThere)) check.op = "present";
}

Check of_function(const ChainLink& link, Language language, bool first_is_expected, std::string_view receiver) {
  Check check = of_words(link, language, first_is_expected, receiver);
  std::vector<std::string_view> rest = link.arguments;
  if (language == Language::go && !rest.empty() && rest[0] == "t") rest.erase(rest.begin());
  if (!rest.empty()) rest.erase(rest.begin());
  check.claim = claim_of_matcher(link.name, rest, language);
  by_word(check, link.name);
  return check;
}

// `ElementsAre(1, 2)`, `contains(1, 2)` of Hamcrest, `containsExactly(1, 2)`: the elements in their order, where each is a value.
std::string elements_matched(const ChainLink& link, bool as_argument) {
  static const RE2 kExact("^(ElementsAre|FieldsAre|containsExactly)$"), kMatcher("^(::)?((testing|Matchers|CoreMatchers)(::|\\.))?(_$|[A-Z]\\w*[<(]|(any|anything|not|is|isA|has\\w+|greater\\w+|less\\w+|starts\\w+|ends\\w+|contains\\w*|notNullValue)\\()");
  const bool exact = matches(link.name, kExact) || (as_argument && link.name == "contains" && link.arguments.size() > 1);
  std::string list;
  for (const std::string_view one : link.arguments) {
    if (!exact || matches(one, kMatcher)) return {};
    list += (list.empty() ? "" : ",") + normalised(one);
  }
  if (list.empty()) return list;
  return link.name == "FieldsAre" ? "FieldsAre(" + list + ")" : "[" + list + "]";
}

Check not_so(Check check) {
  check.claim.clear();
  if (check.kind == CheckKind::equal && !is_nothing(check.expected)) {
    check.kind = CheckKind::not_equal;
    check.strength = 2;
  } else if (check.kind == CheckKind::equal) {
    check = made(CheckKind::truthy, check.subject);
    check.op = "present";
  } else if (check.kind == CheckKind::truthy && check.op == "present") {
    check = made(CheckKind::equal, check.subject, "null");
  } else {
    check.negated = !check.negated;
    if (check.kind == CheckKind::throws) check.strength = 1;
  }
  return check;
}

// What follows `expect(x)` or `assertThat(x)`.
Check of_matchers(std::string_view subject, const std::vector<ChainLink>& chain, std::size_t from) {
  bool negated = false, any = false;
  Check best = made(CheckKind::truthy, subject);
  best.strength = 0;
  for (std::size_t i = from; i < chain.size(); ++i) {
    const ChainLink& link = chain[i];
    const std::string name = lower(link.name);
    if (name == "not" || name == "isnot") negated = !negated;
    const bool last = i + 1 == chain.size();
    static const RE2 kConnective("^(to|be|been|is|that|which|and|has|have|with|at|of|same|but|does|still|also|a|an|deep|not|resolves|rejects|as|describedAs|withMessage|extracting|get|soft)$");
    if (!link.called && (!last || name == "not")) continue;
    if (matches(link.name, kConnective) && !(link.called && (name == "be" || name == "is" || name == "a" || name == "an"))) continue;
    const MatcherWord& word = matcher_word(link.name);
    const std::string_view argument = link.arguments.empty() ? std::string_view() : link.arguments[0];
    Check check = made(word.kind, subject, argument);
    if (const std::string list = elements_matched(link, from == 0); !list.empty()) {
      best = made(CheckKind::equal, subject, list);
      any = true;
      continue;
    }
    if (word.kind == CheckKind::equal && argument.empty()) check.expected = link.called ? "null" : "";
    if (word.kind == CheckKind::equal || word.kind == CheckKind::near) {
      if (!argument.empty() && link.arguments.size() > 1) allow_by(check, link.name, link.arguments[1]);
      if (word.kind == CheckKind::equal && !argument.empty()) {
        // Hamcrest: assertThat(x, is(y)) comes through here too, its matcher already peeled.
        check = equality(subject, argument, false);
        if (holds_anyway(subject, argument)) check = made(CheckKind::constant, subject, argument);
      }
    }
    if (word.kind == CheckKind::throws) check = thrown(subject, argument, link.arguments.size() > 1 ? link.arguments[1] : std::string_view());
    if (name == "iswithin" && !last && chain[i + 1].name == "of" && !chain[i + 1].arguments.empty()) {  // Truth
      check = made(CheckKind::near, subject, chain[i + 1].arguments[0]);
      allow(check, argument);
    }
    check.claim = claim_of_matcher(link.name, link.arguments, Language::none);
    by_word(check, link.name);
    if (word.kind == CheckKind::called) {
      check.strength = argument.empty() ? 1 : 3;
      for (std::size_t k = 1; k < link.arguments.size(); ++k) check.expected += "," + normalised(link.arguments[k]);
    }
    if (word.kind == CheckKind::compare) check.op = name.find("greater") != name.npos || name.find("least") != name.npos || name == "above" ? ">" : "<";
    if (word.kind == CheckKind::contains && argument.empty()) check.expected = name;
    if (word.kind == CheckKind::truthy) {
      const bool constant = is_literal(subject);
      bool dummy = false;
      if (constant) check = made(CheckKind::constant, subject);
      else if (auto inner = checks_of_condition(without_negation(subject, dummy), word.negates != dummy); inner.size() == 1 && binary_of(subject)) check = inner[0];
      else check.negated = word.negates;
    }
    if (negated) check = not_so(std::move(check));
    if (!any || check.strength > best.strength) best = check;
    any = true;
  }
  if (!any) best.kind = CheckKind::constant;  // `expect(x)` alone insists on nothing
  return best;
}

// `EXPECT_THAT(x, Eq(2))`, `assertThat(x, is(not(2)))`: a matcher within another, or a plain value.
Check of_matcher_argument(std::string_view subject, std::string_view matcher) {
  while (matcher.starts_with(':')) matcher.remove_prefix(1);
  const auto chain = chain_of(matcher);
  static const RE2 kEqual("^(Eq|StrEq|DoubleEq|FloatEq|ContainerEq|ElementsAreArray|equalTo|Equals|is)$"), kNothing("^(nullValue|IsNull)$"), kSomething("^(notNullValue|NotNull)$"), kThrows("^(?:\\w+::)*Throws<([\\w:]+)>\\(\\)$"),
      kMatchers("^([A-Z]\\w*|is|not|equalTo|nullValue|notNullValue|empty|greater\\w+|less\\w+|has\\w+|contains\\w*|startsWith|endsWith|instanceOf|closeTo|any\\w*|all\\w*|every\\w*|isA|sameInstance)$");
  static const RE2 kAnything("^(testing::)?(_$|An?<.*>\\(\\)$)");
  if (matches(matcher, kAnything)) return made(CheckKind::constant, subject, matcher);
  if (std::string error; RE2::FullMatch(re2::StringPiece(matcher.data(), matcher.size()), kThrows, &error)) return thrown(subject, error, {});
  if (is_literal(matcher) || (!chain.empty() && !chain.back().called)) return equality(subject, matcher, false);
  if (chain.empty()) return made(CheckKind::contains, subject, matcher);  // `Contains("a") && Contains("b")`
  const ChainLink& last = chain.back();
  const bool of_one = last.arguments.size() == 1;
  const auto inner = of_one ? chain_of(last.arguments[0]) : std::vector<ChainLink>();
  const bool nested = !inner.empty() && inner.back().called && (inner.size() == 1 || inner[0].name == "testing" || inner[0].name == "Matchers") && matches(inner.back().name, kMatchers);
  if (of_one && (last.name == "Not" || last.name == "not")) return not_so(nested ? of_matcher_argument(subject, last.arguments[0]) : equality(subject, last.arguments[0], false));
  if (of_one && nested && (last.name == "is" || last.name == "describedAs")) return of_matcher_argument(subject, last.arguments[0]);
  if (matches(last.name, kNothing)) return made(CheckKind::equal, subject, "null");
  if (matches(last.name, kSomething)) return not_so(made(CheckKind::equal, subject, "null"));
  if (of_one && !nested && matches(last.name, kEqual)) return equality(subject, last.arguments[0], false);
  return of_matchers(subject, chain, 0);
}

// AssertJ: `assertThatThrownBy(f).isInstanceOf(T)`, `assertThatExceptionOfType(T).isThrownBy(f)`.
std::optional<Check> thrown_of_assertj(const std::vector<ChainLink>& chain) {
  static const RE2 kType("^(isInstanceOf|isExactlyInstanceOf)$"), kNamed("^assertThat(\\w+(Exception|Error))$"), kMessage("^(hasMessage\\w*|withMessage\\w*)$");
  std::string_view done, error, message;
  std::string named;
  bool any = false;
  for (const ChainLink& link : chain) {
    const std::string_view argument = link.arguments.empty() ? std::string_view() : link.arguments[0];
    const re2::StringPiece name(link.name.data(), link.name.size());
    if (link.name == "assertThatThrownBy" || link.name == "isThrownBy") done = argument, any = true;
    else if (link.name == "assertThatExceptionOfType" || matches(link.name, kType)) error = argument;
    else if (matches(link.name, kMessage)) message = argument;
    else RE2::FullMatch(name, kNamed, &named, nullptr);
  }
  return any ? std::optional(thrown(done, named.empty() ? error : std::string_view(named), message)) : std::nullopt;
}

bool is_javascript(Language language) { return language == Language::javascript || language == Language::typescript || language == Language::tsx; }

}  // namespace

bool is_failing_call(std::string_view text, Language language) {
  const auto chain = chain_of(text);
  if (chain.empty() || !chain.back().called) return false;
  const std::string_view name = chain.back().name;
  static const RE2 kGo("^(Error|Errorf|Fatal|Fatalf|Fail|FailNow)$"), kOfTests("^(T|Require|Assert)$"), kAsserts("^(assert|require)$"), kPython("^(fail)$"), kC("^(abort|_?exit|FAIL|ADD_FAILURE|ADD_FAILURE_AT|std::abort|quick_exit|terminate)$"),
      kOther("(?i)^(args?|err\\w*|log\\w*|ret|result|response|resp)$"), kJs("^(fail|exit)$"), kRust("^(panic|unreachable)$"), kJava("^(fail)$");
  switch (language) {
    case Language::go: return (matches(name, kGo) && !(chain.size() > 1 && chain[chain.size() - 2].called && !(matches(chain[chain.size() - 2].name, kOfTests) || (chain[chain.size() - 2].name == "New" && matches(chain[0].name, kAsserts)))) && !(chain.size() > 1 && matches(chain[0].name, kOther))) || name == "panic";
    case Language::python: return matches(name, kPython);
    case Language::c:
    case Language::cpp: return matches(name, kC);
    case Language::rust: return matches(name, kRust);
    case Language::java: return matches(name, kJava);
    default: return is_javascript(language) && matches(name, kJs) && (chain.size() < 2 || chain[0].name != "process" || name == "exit");
  }
}

std::optional<Check> check_of_call(std::string_view text, Language language) {
  if (text.size() > 20'000) return std::nullopt;
  const auto chain = chain_of(text);
  if (chain.empty()) return std::nullopt;
  const ChainLink& first = chain.front();
  const ChainLink& last = chain.back();
  const std::string_view receiver = first.name;
  static const RE2 kMacro("^(EXPECT|ASSERT|CHECK|REQUIRE|BOOST_CHECK|BOOST_REQUIRE|BOOST_TEST|TEST_ASSERT|STATIC_REQUIRE|WARN|TEST_CHECK|CPPUNIT_ASSERT|QVERIFY|QCOMPARE|cr_assert|ck_assert)(_\\w+)?$");
  static const RE2 kAssert("^(assert\\w*|debug_assert\\w*|expectThrows|expectTypeOf|assume_that|prop_assert\\w*)$"), kGoRoot("^(assert|require|is|qt|c|a|r|s|suite|must|ts|td)$"),
      kGoName("^(Equal\\w*|NotEqual\\w*|True|False|Nil|NotNil|NoError|NoErr|Error|ErrorIs|ErrorAs|ErrorContains|EqualError|Len|Contains|NotContains|Empty|NotEmpty|Greater\\w*|Less\\w*|InDelta|InEpsilon|Panics\\w*|JSONEq|YAMLEq|ElementsMatch|Exactly|Same|Zero|NotZero|Regexp|Implements|IsType|Subset|WithinDuration|Eventually|FileExists|DeepEqual|Assert|Check)f?$"),
      kThat("^(expect|assertThat|assert_that|expectThat|assertWithMessage|chai|should)$"), kJavaRoot("^(Assert|Assertions|MatcherAssert|Truth|Mockito|BDDAssertions|self|cls|np|numpy|testing|tm|torch|pd|pytest|unittest|mock|assert|console|t|tap|QUnit|sinon|chai|std|testing|super|this|case)$");
  switch (language) {
    case Language::c:
    case Language::cpp:
      if (chain.size() >= 1 && first.called && (matches(first.name, kMacro) || first.name == "assert" || first.name == "static_assert")) {
        if (first.name == "EXPECT_THAT" || first.name == "ASSERT_THAT" || first.name == "REQUIRE_THAT" || first.name == "CHECK_THAT") {
          if (first.arguments.size() < 2) return std::nullopt;
          return of_matcher_argument(first.arguments[0], first.arguments[1]);
        }
        return of_function(first, language, false, {});
      }
      return std::nullopt;
    case Language::rust:
      if (first.called && last.name.ends_with("assert_matches") && last.arguments.size() > 1) return check_of_pattern(last.arguments[0], last.arguments[1]);
      if (first.called && matches(last.name, kAssert)) return of_function(last, language, false, {});
      return std::nullopt;
    case Language::go:
      if (chain.size() >= 2 && last.called && matches(first.name, kGoRoot) && matches(last.name, kGoName)) return of_function(last, language, first.name != "is", {});
      return std::nullopt;
    default: break;
  }
  if (language == Language::java) {
    if (auto check = thrown_of_assertj(chain)) return check;
  }
  // expect(x)…, assertThat(x)…
  for (std::size_t i = 0; i < chain.size(); ++i) {
    if (!matches(chain[i].name, kThat) || !chain[i].called) continue;
    if (chain[i].name == "should" && i > 0) break;
    if (i > 0 && !matches(first.name, kJavaRoot)) break;
    if (chain[i].arguments.size() >= 2 && i + 1 == chain.size()) {  // Hamcrest
      const auto& arguments = chain[i].arguments;
      return of_matcher_argument(arguments[arguments.size() - 2], arguments.back());
    }
    const std::string_view subject = chain[i].arguments.empty() ? std::string_view() : chain[i].arguments[0];
    Check check = of_matchers(subject, chain, i + 1);
    return check;
  }
  // x.should.equal(y)
  for (std::size_t i = 1; i < chain.size(); ++i) {
    if (chain[i].name == "should" && is_javascript(language)) {
      const std::string_view subject = text.substr(0, static_cast<std::size_t>(chain[i].name.data() - text.data()));
      return of_matchers(subject.substr(0, subject.rfind('.')), chain, i + 1);
    }
  }
  if (!last.called) return std::nullopt;
  if (language == Language::python) {
    if ((last.name == "raises" || last.name == "warns" || last.name == "deprecated_call") && (chain.size() == 1 || first.name == "pytest")) return of_function(last, language, false, {});
    if (last.name == "fail" && chain.size() == 2) return made(CheckKind::fails, "fail");
    if (last.name.starts_with("assert_called") || last.name.starts_with("assert_awaited") || last.name.starts_with("assert_any") || last.name.starts_with("assert_not_") || last.name.starts_with("assert_has_")) {
      std::string_view object = text.substr(0, static_cast<std::size_t>(last.name.data() - text.data()));
      Check check = made(CheckKind::called, object.substr(0, object.empty() ? 0 : object.size() - 1), last.name);
      for (const auto argument : last.arguments) check.expected += "," + normalised(argument);
      check.strength = last.arguments.empty() ? (last.name.find("once") != last.name.npos ? 2 : 1) : 3;
      return check;
    }
  }
  // assert.equal(a, b); t.is(a, b)
  static const RE2 kJsName("(?i)^(is|not|deepEqual|notDeepEqual|equal\\w*|notEqual\\w*|strictEqual|notStrictEqual|deepStrictEqual|notDeepStrictEqual|throws\\w*|rejects|doesNotThrow|match|doesNotMatch|same|true|false|truthy|falsy|ok|notOk|like|regex|snapshot|fail|isTrue|isFalse|include\\w*|deep\\w*|eq|ok\\w*|is[A-Z]\\w*|lengthOf|property|instanceOf|typeOf|closeTo|approximately)$");
  const bool of_node = chain.size() == 3 && chain[1].name == "assert" && !chain[1].called;  // node:test's t.assert.equal(a, b)
  if (is_javascript(language) && (chain.size() == 2 || of_node) && (first.name == "assert" || first.name == "t" || first.name == "chai" || first.name == "tap" || first.name == "test" || first.name == "QUnit") && matches(last.name, kJsName))
    return of_function(last, language, false, {});
  if (is_javascript(language) && first.called && chain.size() == 1 && first.name == "assert") return of_function(first, language, false, {});
  if (matches(last.name, kAssert) && (chain.size() == 1 || matches(first.name, kJavaRoot))) return of_function(last, language, language == Language::java || last.name == "assertEquals", receiver);
  if (language == Language::java) {
    if (last.name == "fail" && chain.size() <= 2) return made(CheckKind::fails, "fail");
    // JUnit 4's rule: what follows in the test has to throw.
    static const RE2 kRule("(?i)^(this|thrown|exception|expected\\w*)$");
    if (chain.size() >= 2 && matches(chain[chain.size() - 2].name, kRule) && last.arguments.size() == 1) {
      if (last.name == "expect") return thrown(kWholeTest, last.arguments[0], {});
      if (last.name == "expectMessage") return made(CheckKind::contains, "message", last.arguments[0]);
    }
    for (std::size_t i = 0; i + 1 < chain.size(); ++i) {
      if (chain[i].name == "verify" && chain[i].called && !chain[i].arguments.empty()) {
        Check check = made(CheckKind::called, std::string(chain[i].arguments[0]) + "." + std::string(last.name), "");
        for (const auto argument : last.arguments) check.expected += "," + normalised(argument);
        for (std::size_t k = 1; k < chain[i].arguments.size(); ++k) check.expected += "|" + normalised(chain[i].arguments[k]);
        return check;
      }
    }
  }
  return std::nullopt;
}

Check check_of_equality(std::string_view subject, std::string_view expected) { return equality(subject, expected, false); }
Check check_of_throw(std::string_view done, std::string_view type) { return thrown(done, type, {}); }

std::vector<Check> checks_of_condition(std::string_view condition, bool fails) {
  std::vector<Check> checks;
  add_conjuncts(condition, fails, checks);
  return checks;
}

bool same_check(const Check& a, const Check& b) {
  if (!a.plain.empty() && a.plain == b.plain && a.negated == b.negated) return true;
  if (a.negated != b.negated || a.tolerance != b.tolerance || a.op != b.op || a.kind != b.kind) return false;
  if (a.label != b.label && !a.label.empty() && !b.label.empty()) return false;
  if (a.subject == b.subject && a.expected == b.expected) return true;
  // A name whose value only one of the versions tells.
  if (a.subject == b.subject && !(a.named + b.named).empty() && (a.named == b.expected || a.expected == b.named)) return true;
  if (a.kind != CheckKind::equal) return false;
  if (a.subject == b.expected && a.expected == b.subject) return true;
  return !a.value.empty() && !b.value.empty() && a.subject == b.value && a.value == b.subject;
}

}  // namespace baton::audit
