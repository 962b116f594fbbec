#include "orchestrator/runner_settings.h"

#include <re2/re2.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "analyzers/audit/code_text.h"
#include "analyzers/audit/given_values.h"
#include "support/json.h"

namespace baton {
namespace {

using Json = nlohmann::ordered_json;

std::string_view last_of(std::string_view path) { return path.substr(path.rfind('/') == path.npos ? 0 : path.rfind('/') + 1); }
bool is_like(std::string_view text, const RE2& pattern) { return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), pattern); }

struct Sections {
  std::string of_runner, others;
};

// "[tool.pytest.ini_options]", "[tool:pytest]", "[pytest]", each up to the next head.
Sections sections_of(std::string_view text) {
  static const RE2 kHead("^\\[(tool[.:])?pytest(\\.[\\w.]+)?\\]\\s*$");
  Sections sections;
  bool inside = false;
  for (const std::string_view line : audit::lines_of(text)) {
    if (line.starts_with('[')) inside = is_like(line, kHead);
    (inside ? sections.of_runner : sections.others) += std::string(line) + "\n";
  }
  return sections;
}

bool is_of_runner(const std::string& field) {
  static const RE2 kFields("^(jest|mocha|vitest|ava|tap|imports)$");
  return RE2::FullMatch(field, kFields);
}

bool runs_tests(const std::string& script) {
  static const RE2 kScripts("^(pre|post)?test([:_-].*)?$");
  return RE2::FullMatch(script, kScripts);
}

bool is_makefile(std::string_view path) {
  static const RE2 kMakefile("^(GNUmakefile|[Mm]akefile)$");
  return is_like(last_of(path), kMakefile);
}

struct Rule {
  std::string head, recipe;  // "test: build", its lines
};

// The rules for tests alone, by their targets; everything else stands under "" as it is.
template <class Put>
void each_rule(std::string_view text, Put put) {
  static const RE2 kTests("^(tests?|check|run[-_]tests?|unit[-_]?tests?|test[-_]\\w+)\\s*:[^=]*$");
  std::string target;
  for (const std::string_view line : audit::lines_of(text)) {
    const bool recipe = line.starts_with('\t');
    if (!recipe && !line.empty()) {
      target.clear();
      RE2::PartialMatch(re2::StringPiece(line.data(), line.size()), kTests, &target);
    }
    put(target, line, recipe);
  }
}

std::map<std::string, Rule> rules_of_tests(std::string_view text) {
  std::map<std::string, Rule> rules;
  each_rule(text, [&](const std::string& target, std::string_view line, bool recipe) {
    if (!target.empty() && !line.empty()) (recipe ? rules[target].recipe : rules[target].head) += std::string(line) + "\n";
  });
  return rules;
}

// What a rule needs is the result's, since it names what the result builds.
std::string with_recipes_of(std::string_view base, std::string_view head) {
  const auto was = rules_of_tests(base), now = rules_of_tests(head);
  const auto other = [&](const std::string& target) { return was.contains(target) && now.contains(target) && !was.at(target).recipe.empty() && was.at(target).recipe != now.at(target).recipe; };
  if (std::none_of(was.begin(), was.end(), [&](const auto& rule) { return other(rule.first); })) return std::string(head);
  std::string text;
  each_rule(head, [&](const std::string& target, std::string_view line, bool recipe) {
    const bool replaced = !target.empty() && other(target);
    if (!replaced || !recipe) text += std::string(line) + "\n";
    if (replaced && !recipe && !line.empty()) text += was.at(target).recipe;
  });
  return text;
}

template <class Is>
void take_over(Json& head, const Json& base, Is is) {
  for (auto field = head.begin(); field != head.end();) field = is(field.key()) && !base.contains(field.key()) ? head.erase(field) : std::next(field);
  for (const auto& [name, value] : base.items()) {
    if (is(name)) head[name] = value;
  }
}

std::string with_fields_of(std::string_view base, std::string_view head) {
  if (!parse_json(base) || !parse_json(head)) return std::string(head);  // which bounds its depth
  const Json was = Json::parse(base, nullptr, false);
  Json now = Json::parse(head, nullptr, false);
  if (!was.is_object() || !now.is_object()) return std::string(head);
  const Json unchanged = now;
  take_over(now, was, is_of_runner);
  if (was.contains("scripts") && was["scripts"].is_object() && now.contains("scripts") && now["scripts"].is_object()) take_over(now["scripts"], was["scripts"], runs_tests);
  return now == unchanged ? std::string(head) : now.dump(2) + "\n";
}

bool is_vite(std::string_view path) {
  static const RE2 kVite("^vite\\.config\\.\\w+$");
  return is_like(last_of(path), kVite);
}

// `test: { … },` of what configures vite, with the comma behind it.
std::string_view test_section_of(std::string_view text) {
  static const RE2 kSection("[{,]\\s*([\"']?test[\"']?\\s*:\\s*\\{)");
  re2::StringPiece head;
  if (!RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), kSection, &head)) return {};
  const auto begin = static_cast<std::size_t>(head.data() - text.data());
  int depth = 0;
  char quote = 0;
  std::size_t end = begin + head.size() - 1;
  for (; end < text.size(); ++end) {
    const char c = text[end];
    if (quote) quote = c == quote && text[end - 1] != '\\' ? 0 : quote;
    else if (c == '"' || c == '\'' || c == '`') quote = c;
    else if (c == '{') ++depth;
    else if (c == '}' && --depth == 0) break;
  }
  if (end >= text.size()) return {};
  const std::size_t comma = text.find_first_not_of(" \t", end + 1);
  if (comma < text.size() && text[comma] == ',') end = comma;
  return text.substr(begin, end + 1 - begin);
}

std::string with_test_section_of(std::string_view base, std::string_view head) {
  const std::string_view was = test_section_of(base), now = test_section_of(head);
  std::string section(was), text(head);
  if (now == was) return text;
  if (!section.empty() && !section.ends_with(',')) section += ',';
  if (!now.empty()) return text.replace(static_cast<std::size_t>(now.data() - head.data()), now.size(), section);
  static const RE2 kWhole("(\\bdefineConfig\\s*\\(\\s*(?:(?:async\\s*)?\\([^)]*\\)\\s*=>\\s*\\(\\s*)?\\{|\\bexport\\s+default\\s*\\{|\\bmodule\\.exports\\s*=\\s*\\{)");
  re2::StringPiece opening;
  if (RE2::PartialMatch(text, kWhole, &opening)) text.insert(static_cast<std::size_t>(opening.data() - text.data()) + opening.size(), "\n" + section);
  return text;
}

// What tests see of the environment is the base's; what is new may be what the new code asks for.
std::string with_values_of(std::string_view base, std::string_view head) {
  static const RE2 kSet("^\\s*(?:export\\s+)?([A-Za-z_]\\w*)\\s*=");
  std::map<std::string, std::string> was;
  const auto name_of_line = [](std::string_view line) {
    std::string name;
    RE2::PartialMatch(re2::StringPiece(line.data(), line.size()), kSet, &name);
    return name;
  };
  for (const std::string_view line : audit::lines_of(base)) {
    if (const std::string name = name_of_line(line); !name.empty()) was[name] = line;
  }
  std::string text;
  for (const std::string_view line : audit::lines_of(head)) {
    const auto known = was.find(name_of_line(line));
    text += (known == was.end() ? std::string(line) : known->second) + "\n";
    if (known != was.end()) was.erase(known);
  }
  for (const auto& [name, line] : was) text += line + "\n";
  return text == std::string(head) + "\n" ? std::string(head) : text;
}

}  // namespace

bool is_runner_settings(std::string_view path) {
  static const RE2 kWhole("^(\\.?pytest\\.ini|jest\\.config\\.\\w+|vitest\\.(config|workspace)\\.\\w+|\\.mocharc\\.\\w+|karma\\.conf\\.\\w+|ava\\.config\\.\\w+|jasmine\\.json|\\.taprc|nextest\\.toml)$");
  return is_like(last_of(path), kWhole);
}

bool names_runner_settings(std::string_view path) {
  static const RE2 kPart("^(pyproject\\.toml|setup\\.cfg|tox\\.ini|package\\.json)$");
  return is_runner_settings(path) || is_like(last_of(path), kPart) || is_makefile(path) || is_vite(path) || audit::is_environment_of_tests(path);
}

std::string with_runner_settings_of(std::string_view path, std::string_view base, std::string_view head) {
  if (last_of(path) == "package.json") return with_fields_of(base, head);
  if (is_makefile(path)) return with_recipes_of(base, head);
  if (is_vite(path)) return with_test_section_of(base, head);
  if (audit::is_environment_of_tests(path)) return with_values_of(base, head);
  const Sections was = sections_of(base), now = sections_of(head);
  if (audit::trimmed(was.of_runner) == audit::trimmed(now.of_runner)) return std::string(head);
  return now.others + (now.others.ends_with("\n\n") || was.of_runner.empty() ? "" : "\n") + was.of_runner;
}

}  // namespace baton
