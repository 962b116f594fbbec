#include "analyzers/audit/test_reader.h"

#include <algorithm>

namespace baton::audit {
namespace {

// `self.patch(Thing, "part", other)`, as trial has it.
bool is_name_in_quotes(std::string_view argument) {
  static const RE2 kQuoted("^['\"][A-Za-z_]\\w*['\"]$");
  return matches(argument, kQuoted);
}

}  // namespace

void TestReader::add_off(const Around& around, OffKind kind, std::string_view text, std::string_view condition, int line) {
  if (around.dead || never(condition)) return;
  unit(around).off.push_back({kind, std::string(text.substr(0, 200)), always(condition) ? std::string() : std::string(trimmed(condition)), line, around.missing});
}

void TestReader::off_by_call(TSNode node, std::string_view text, const Around& around) {
  static const RE2 kPython("^(pytest\\.(skip|xfail|exit)|self\\.skipTest|unittest\\.skip|raise unittest\\.SkipTest|nose\\.SkipTest)$"), kGo("^\\w+\\.(Skip|Skipf|SkipNow)$"),
      kCpp("^(GTEST_SKIP|GTEST_SKIP_|SKIP|QSKIP|TEST_IGNORE|TEST_IGNORE_MESSAGE)$"), kJs("^(this|t|test|ctx|context|it)\\.(skip|todo)$"),
      kJava("^(Assumptions\\.|Assume\\.)?(assumeTrue|assumeFalse|assumeThat|abort)$");
  const auto open = text.find_first_of("(!");
  if (open == text.npos || open > 60) return;
  const std::string_view callee = trimmed(text.substr(0, open));
  const bool js = is_js(language_) && matches(callee, kJs) && !is_title_call(text);
  if ((language_ == Language::python && matches(callee, kPython)) || (language_ == Language::go && matches(callee, kGo)) ||
      ((language_ == Language::cpp || language_ == Language::c) && matches(callee, kCpp)) || js) {
    add_off(around, callee.ends_with("xfail") ? OffKind::inverted : OffKind::skip, text, around.condition, line_of(node));
  }
  if (language_ == Language::java && matches(callee, kJava)) {
    const auto arguments = chain_of(text);
    std::string condition(arguments.empty() || arguments.back().arguments.empty() ? "" : arguments.back().arguments[0]);
    const bool truth = callee.ends_with("assumeTrue");
    if (truth ? never(condition) : callee.ends_with("assumeFalse") && always(condition)) condition.clear();
    add_off(around, OffKind::skip, text, condition, line_of(node));
  }
  static const RE2 kWithout("(^|\\.)(importorskip|find_spec)$");
  if (language_ == Language::python && matches(callee, kWithout)) {
    const auto chain = chain_of(text);
    const std::string module = chain.empty() || chain.back().arguments.empty() ? std::string() : title_of(chain.back().arguments[0]);
    file_.optional.insert(module);
    file_.optional.insert(module.substr(0, module.find('.')));
  }
  static const RE2 kRetry("(?i)(\\bjest\\.retryTimes|this\\.retries|\\bretryTimes)\\(");
  if (is_js(language_) && matches(text.substr(0, 40), kRetry)) add_off(around, OffKind::retried, text, "", line_of(node));
  static const RE2 kQuit("^(os\\._exit|sys\\.exit|exit|quit|process\\.exit|os\\.Exit|System\\.exit|std::process::exit|std::exit|_exit)$");
  // Files that are loaded with the tests end them just as well.
  static const RE2 kLoadedWithTests("(^|/)(__init__|conftest|[\\w.-]*setup[\\w.-]*)\\.(py|[cm]?[jt]sx?)$");
  const bool loaded = around.unit == 0 && matches(file_.path, kLoadedWithTests);
  if ((file_.collected || loaded) && matches(callee, kQuit)) {
    const auto chain = chain_of(text);
    if (!chain.empty() && (chain.back().arguments.empty() || normalised(chain.back().arguments[0]) == "0")) add_off(around, OffKind::unreachable, text, around.condition, line_of(node));
  }
}

bool TestReader::is_title_call(std::string_view text) {
  const auto chain = chain_of(text);
  return !chain.empty() && chain.back().arguments.size() >= 2;
}

// Decorators, attributes, annotations.
void TestReader::off_by_mark(std::string_view text, const Around& around, int line) {
  static const RE2 kSkip("(?i)(^|[.@\\[( ])(skip\\w*|ignore|disabled\\w*|expectedfailure|xfail|enabledif\\w*|flaky\\w*|retr\\w+|repeat\\w*|rerun\\w*)\\b");
  // A constant among the cases may be called anything.
  // `@skip_here`, where that name was given to a mark above.
  static const RE2 kName("^@[A-Za-z_]\\w*$");
  if (matches(text, kName)) {
    const std::string meant = resolved(std::string(text.substr(1)), 0);
    if (meant.find_first_of(".(") != meant.npos) return off_by_mark("@" + meant, around, line);
  }
  static const RE2 kOfCases("^@?(\\w+\\.)*(parametrize|fixture)\\("), kMark("\\bmark\\.(skip|xfail)|parametrize\\(\\s*skip");
  if (matches(text, kOfCases) && !matches(text, kMark)) return;
  std::string word;
  if (!RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), kSkip, nullptr, &word)) return;
  word = lower(word);
  const auto chain = chain_of(text.substr(std::min(text.find_first_not_of("@#[! "), text.size())));
  std::string condition;
  if (!chain.empty() && chain.back().called && (word == "skipif" || word == "skipunless" || word == "xfail" || word == "enabledif" || word == "disabledif")) {
    for (const auto argument : chain.back().arguments) {
      if (argument.starts_with("reason") || argument.starts_with("strict") || argument.starts_with("raises") || argument[0] == '"' || argument[0] == '\'') continue;
      condition = std::string(argument);
      break;
    }
    if (word == "skipunless" && (never(condition) || condition.empty())) condition = "";
    else if (word == "skipunless") condition = "not (" + condition + ")";
  } else if (word.starts_with("disabledon") || word.starts_with("enabledon") || word.starts_with("enabledif") || (word.starts_with("disabledif"))) {
    condition = std::string(text);
  }
  if (language_ == Language::rust && text.find("cfg_attr") != text.npos) {
    const auto open = text.find('(');
    const auto arguments = split_arguments(text.substr(open + 1, text.rfind(')') - open - 1));
    condition = arguments.empty() ? "" : std::string(arguments[0]);
    if (condition == "all()" || condition == "test") condition.clear();
  }
  const bool retried = word.starts_with("flaky") || word.starts_with("retr") || word.starts_with("rerun") || word.starts_with("repeat");
  if (retried && (word.starts_with("repeat") || (word == "flaky" && chain.empty()))) return;
  add_off(around, retried ? OffKind::retried : word == "xfail" || word == "expectedfailure" ? OffKind::inverted : OffKind::skip, text, condition, line);
}

void TestReader::add_replacement(const Around& around, std::string_view target, bool module, TSNode node, std::string_view object) {
  std::string name(title_of(target)), owner(object);
  if (!module) {
    if (const auto dot = name.find_last_of(".:"); dot != name.npos) {
      owner = name.substr(0, dot);
      name = name.substr(dot + 1);
    }
    if (const auto dot = owner.find_last_of(".:"); dot != owner.npos) owner = owner.substr(dot + 1);
  }
  if (!name.empty()) unit(around).replaces.push_back({name, owner, module, line_of(node), std::string(text_of(node).substr(0, 200))});
}

void TestReader::replaced_by_call(TSNode node, std::string_view text, const Around& around) {
  const auto chain = chain_of(text);
  for (std::size_t i = 0; i < chain.size(); ++i) {
    const ChainLink& link = chain[i];
    if (!link.called || link.arguments.empty()) continue;
    const std::string name = lower(link.name);
    if (language_ == Language::python) {
      if (name == "setattr" && link.arguments.size() >= 3) add_replacement(around, link.arguments[1], false, node, link.arguments[0]);
      else if (name == "setattr" && link.arguments.size() == 2 && i > 0) add_replacement(around, link.arguments[0], false, node);
      else if (name == "setitem" && link.arguments.size() >= 3) add_replacement(around, link.arguments[1], false, node);
      else if (name == "patch" && i + 1 == chain.size() && link.arguments.size() >= 3 && is_name_in_quotes(link.arguments[1])) add_replacement(around, link.arguments[1], false, node, link.arguments[0]);
      else if (name == "patch" && i + 1 == chain.size()) add_replacement(around, link.arguments[0], false, node);
      else if (name == "object" && i > 0 && chain[i - 1].name == "patch" && link.arguments.size() >= 2) add_replacement(around, link.arguments[1], false, node, link.arguments[0]);
    } else if (is_js(language_)) {
      const std::string_view root = chain[0].name;
      if ((name == "mock" || name == "domock" || name == "unstable_mockmodule" || name == "module") && i == 1 && (root == "jest" || root == "vi" || root == "mock")) {
        // A mock that keeps the real module may still be the real thing.
        if (text.find("requireActual") == text.npos && text.find("importActual") == text.npos && text.find("importOriginal") == text.npos) add_replacement(around, link.arguments[0], true, node);
      } else if ((name == "spyon" || name == "replace" || name == "stub" || name == "method") && link.arguments.size() >= 2 && i + 1 < chain.size() + (name == "replace" || name == "method")) {
        static const RE2 kGives("(?i)^(mock(return|implement|resolved|rejected)|returns|resolves|callsfake)");
        const bool gives = name == "replace" || name == "method" ||
                           std::any_of(chain.begin() + static_cast<std::ptrdiff_t>(i), chain.end(), [](const ChainLink& one) { return matches(one.name, kGives); });
        if (gives) add_replacement(around, link.arguments[1], false, node, link.arguments[0]);
      }
    } else if (language_ == Language::java) {
      if (name == "when" && i + 1 < chain.size()) {
        const auto target = chain_of(link.arguments[0]);
        if (!target.empty()) add_replacement(around, target.back().name, false, node, target.size() > 1 ? target[target.size() - 2].name : std::string_view());
      } else if (name == "mock" || name == "mockstatic" || name == "spy") {
        if (name != "spy") add_replacement(around, link.arguments[0].substr(0, link.arguments[0].find('.')), false, node);
      }
    }
  }
}

}  // namespace baton::audit
