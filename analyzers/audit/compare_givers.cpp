// A helper that gave an answer, and now insists on it.
#include <algorithm>
#include <cstdlib>

#include "analyzers/audit/code_text.h"
#include "analyzers/audit/comparison.h"

namespace baton::audit {
namespace {

// `run(args, code=0)` of `def run(args, code=0): …`.
std::string signature_of(const TestUnit& unit) {
  const auto begin = unit.text.find(unit.name + "(");
  int depth = 0;
  for (std::size_t at = begin; at < unit.text.size(); ++at) {
    if (unit.text[at] == '(') ++depth;
    else if (unit.text[at] == ')' && --depth == 0) return unit.text.substr(begin, at - begin + 1);
  }
  return {};
}

}  // namespace

// What a call hands a parameter: by its name, by its place, or by what it is where nothing is said. Empty: nobody knows.
std::string Comparison::handed(const CallSite& call, const TestUnit& to, const std::string& parameter) {
  const std::string head = signature_of(to);
  const auto signature = chain_of(head), given = chain_of(call.text);
  if (signature.empty() || given.empty()) return {};
  const std::string by_name = parameter + "=";
  std::vector<std::string> plain;
  for (const std::string_view one : given.back().arguments) {
    const std::string argument = normalised(one);
    if (argument.starts_with(by_name)) return argument.substr(by_name.size());
    static const RE2 kNamed("^\\w+=[^=]|^\\*");
    if (!matches(argument, kNamed)) plain.push_back(argument);
  }
  std::size_t place = 0;
  for (const std::string_view one : signature.back().arguments) {
    static const RE2 kParameter("^(\\w+)\\s*(?::[^=]*)?(?:=\\s*(.*))?$");
    std::string name, otherwise;
    if (!RE2::FullMatch(re2::StringPiece(one.data(), one.size()), kParameter, &name, &otherwise)) return {};
    if (name == "self" || name == "cls") continue;
    if (name == parameter) return place < plain.size() ? plain[place] : normalised(otherwise);
    ++place;
  }
  return {};
}

// `code, out = run(args)` and `code == 1` as `out = run(args, code=1)`: the helper that gave the answer insists on it itself.
std::optional<std::size_t> Comparison::insisted_on_by_its_giver(const Check& was, const Entry& head) const {
  static const RE2 kAnswer("^(.*\\))(?:#(\\d+))?$");
  std::string asked, place;
  if (was.kind != CheckKind::equal || was.negated || !RE2::FullMatch(was.subject, kAnswer, &asked, &place)) return std::nullopt;
  const auto chain = chain_of(asked);
  if (chain.empty()) return std::nullopt;
  const std::string giver(chain.back().name);
  std::string gave;  // as the base's helper made it
  for (const Entry& helper : base_.entries) {
    if (helper.test || helper.unit->name != giver || helper.unit->answers.size() != 1) continue;
    const auto answers = split_arguments(helper.unit->answers[0]);
    const std::size_t at = place.empty() ? 0 : static_cast<std::size_t>(std::atoi(place.c_str()));
    const auto value = at < answers.size() ? helper.unit->given.find(std::string(answers[at])) : helper.unit->given.end();
    if (value != helper.unit->given.end()) gave = value->second;
  }
  std::vector<std::string> wanted;
  for (const std::string_view one : chain.back().arguments) wanted.push_back(normalised(one));
  for (const CallSite& call : head.unit->calls) {
    const auto now = chain_of(call.text);
    std::vector<std::string> given;
    if (now.empty() || gave.empty() || call.name != giver || call.swallowed || (!call.condition.empty() && call.condition != was.condition)) continue;
    for (const std::string_view one : now.back().arguments) given.push_back(normalised(one));
    if (!holds_all(given, wanted)) continue;
    for (const Entry& helper : head_.entries) {
      if (helper.test || helper.unit->name != giver) continue;
      const bool insists = std::any_of(helper.checks.begin(), helper.checks.end(), [&](const Check& is) {
        return is.kind == CheckKind::equal && !is.negated && !is.swallowed && is.condition.empty() && is.strength >= was.strength && is.subject == gave && handed(call, *helper.unit, is.expected) == was.expected;
      });
      if (insists) return head.checks.size();
    }
  }
  return std::nullopt;
}

}  // namespace baton::audit
