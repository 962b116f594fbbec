// The tools of the npm world that are known by name: what each is for, its structured reporter, how to run chosen tests.
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <set>

#include "orchestrator/node_script.h"

namespace baton {
namespace {

using Words = std::vector<ShellWord>;
using Dependencies = std::map<std::string, std::string>;

bool has(const Words& words, std::initializer_list<std::string_view> options) {
  return std::any_of(words.begin(), words.end(), [&](const ShellWord& word) {
    return std::any_of(options.begin(), options.end(), [&](std::string_view option) {
      return word.text == option || (word.text.starts_with(option) && word.text.size() > option.size() &&
                                     word.text[option.size()] == '=');
    });
  });
}

// Without an option, in both forms `--option value` and `--option=value`.
void remove_valued(Words& words, std::initializer_list<std::string_view> options) {
  for (std::size_t i = 0; i < words.size();) {
    const std::string& text = words[i].text;
    const bool exact = std::find(options.begin(), options.end(), text) != options.end();
    const bool joined = std::any_of(options.begin(), options.end(), [&](std::string_view option) {
      return text.starts_with(option) && text.size() > option.size() && text[option.size()] == '=';
    });
    if (!exact && !joined) {
      ++i;
      continue;
    }
    const auto at = words.begin() + static_cast<std::ptrdiff_t>(i);
    words.erase(at, at + (exact && i + 1 < words.size() ? 2 : 1));
  }
}

void remove_flags(Words& words, std::initializer_list<std::string_view> flags) {
  std::erase_if(words, [&](const ShellWord& word) { return std::find(flags.begin(), flags.end(), word.text) != flags.end(); });
}

void append(Words& words, std::initializer_list<std::string_view> texts) {
  for (const auto text : texts) words.push_back(plain_word(std::string(text)));
}

void insert_after(Words& words, std::size_t index, std::initializer_list<std::string_view> texts) {
  Words added;
  for (const auto text : texts) added.push_back(plain_word(std::string(text)));
  words.insert(words.begin() + static_cast<std::ptrdiff_t>(index + 1), added.begin(), added.end());
}

// Lowest major version that a range allows; absent when it does not say ("latest", "*", "workspace:*").
std::optional<int> major_of(const Dependencies& dependencies, const char* name) {
  const auto found = dependencies.find(name);
  int major = 0;
  if (found == dependencies.end() || !RE2::PartialMatch(found->second, R"(^[\^~>=v\s]*(\d+))", &major)) return std::nullopt;
  return major;
}

// Program name without folder, extension and interpreter: `node ./node_modules/.bin/mocha` -> mocha.
std::string program_of(Words& words) {
  static const RE2 kInModules(R"((?:^|/)node_modules/(?:\.bin/([\w.-]+)|(?:@[\w.-]+/)?([\w.-]+)/.*))");
  const auto name_in_modules = [&](const std::string& text) -> std::string {
    std::string bin, package;
    if (!RE2::PartialMatch(text, kInModules, &bin, &package)) return "";
    return bin.empty() ? package : bin;
  };
  std::string name = name_in_modules(words[0].text);
  if (!name.empty()) return name;
  if (words[0].text == "node") {
    for (std::size_t i = 1; i < words.size() && i < 8; ++i) {
      name = name_in_modules(words[i].text);
      if (!name.empty()) return name;
    }
  }
  return words[0].text;
}

NodeTool finish(NodeTool tool, const NodeCommand& command, Words words) {
  Words all = command.wrapper;
  all.insert(all.end(), words.begin(), words.end());
  tool.argv = argv_of(all);
  return tool;
}

// Adds how to run chosen tests by a pattern over their full names, without what measures coverage.
NodeTool selectable(NodeTool tool, Words words, std::initializer_list<std::string_view> options) {
  append(words, options);
  if (std::none_of(words.begin(), words.end(), [](const ShellWord& word) { return word.expands; })) {
    tool.select_argv = argv_of(words);
    tool.select_argv.emplace_back("{tests}");
    tool.select_join = "|";
  }
  return tool;
}

NodeTool jest(const NodeCommand& command, Words words, std::string name) {
  remove_flags(words, {"--watch", "--watchAll", "--verbose", "--silent", "-w"});
  remove_valued(words, {"--outputFile"});
  remove_flags(words, {"--json"});
  append(words, {"--json", "--outputFile={reports}/jest.json", "--testLocationInResults"});
  NodeTool tool{NodeRole::runner, std::move(name), "jest", {}, {"{reports}/jest.json"}, {}, {}};
  return selectable(finish(std::move(tool), command, words), words, {"--coverage=false", "-t"});
}

NodeTool vitest(const NodeCommand& command, Words words) {
  remove_flags(words, {"--watch", "-w", "watch", "dev", "--ui"});
  if (has(words, {"bench"})) return {};
  remove_valued(words, {"--reporter", "--outputFile"});
  const bool runs = has(words, {"run", "--run", "related", "list"});
  std::size_t at = 0;
  while (at < words.size() && words[at].text != "vitest" && !words[at].text.ends_with("/vitest") &&
         !words[at].text.ends_with("vitest.mjs")) {
    ++at;
  }
  if (!runs && at < words.size()) insert_after(words, at, {"run"});
  append(words, {"--reporter=default", "--reporter=json", "--outputFile.json={reports}/vitest.json"});
  NodeTool tool{NodeRole::runner, "vitest", "vitest", {}, {"{reports}/vitest.json"}, {}, {}};
  return selectable(finish(std::move(tool), command, words), words, {"--coverage.enabled=false", "-t"});
}

// @borderless/ts-scripts; `specs` hands what follows `--` on to vitest.
NodeTool ts_scripts(const NodeCommand& command, Words words) {
  if (words[1].text == "check") return finish({NodeRole::typecheck, "ts-scripts check", "tsc", {}, {}, {}, {}}, command, words);
  if (words[1].text != "specs") return finish({NodeRole::build, "ts-scripts " + words[1].text, "", {}, {}, {}, {}}, command, words);
  append(words, {"--", "--reporter=default", "--reporter=json", "--outputFile.json={reports}/vitest.json"});
  NodeTool tool{NodeRole::runner, "vitest", "vitest", {}, {"{reports}/vitest.json"}, {}, {}};
  return selectable(finish(std::move(tool), command, words), words, {"-t"});
}

NodeTool mocha(const NodeCommand& command, Words words, const Dependencies& dependencies) {
  remove_flags(words, {"--watch", "-w"});
  remove_valued(words, {"--reporter", "-R", "--reporter-option", "--reporter-options", "-O"});
  append(words, {"--reporter", "json"});
  NodeTool tool{NodeRole::runner, "mocha", "mocha", {}, {}, {}, {}};
  // The launcher of mocha 1 hands its output on in a way that Node.js forgot with version 8; what it launches prints.
  if (major_of(dependencies, "mocha").value_or(10) < 2) {
    for (ShellWord& word : words) {
      const auto name = word.text.rfind('/') + 1;
      if (word.text.substr(name) != "mocha") continue;
      word.raw.insert(word.raw.rfind("mocha"), "_");
      word.text.insert(name, "_");
      break;
    }
  }
  // Before 9.2 the reporter knows only stdout.
  if (major_of(dependencies, "mocha").value_or(10) >= 9) {
    append(words, {"--reporter-option", "output={reports}/mocha.json"});
    tool.reports = {"{reports}/mocha.json"};
  }
  return selectable(finish(std::move(tool), command, words), words, {"-g"});
}

NodeTool node_test(const NodeCommand& command, Words words, std::string name) {
  remove_valued(words, {"--test-reporter", "--test-reporter-destination"});
  remove_flags(words, {"--watch"});
  std::size_t at = 0;  // options must stand before the files
  while (at < words.size() && words[at].text != "--test") ++at;
  if (at == words.size()) at = 0;
  insert_after(words, at,
               {"--test-reporter=junit", "--test-reporter-destination={reports}/node.xml", "--test-reporter=spec",
                "--test-reporter-destination=stdout"});
  NodeTool tool{NodeRole::runner, std::move(name), "node", {}, {"{reports}/node.xml"}, {}, {}};
  return finish(std::move(tool), command, std::move(words));
}

bool looks_like_test(const Words& words) {
  return std::any_of(words.begin() + 1, words.end(), [](const ShellWord& word) {
    return RE2::PartialMatch(word.text, R"((?i)(^|[/._-])(tests?|specs?|__tests__)($|[/._-]))");
  });
}

NodeTool interpreter(const NodeCommand& command, Words words, const std::string& program) {
  if (has(words, {"--test"})) return node_test(command, std::move(words), program + " --test");
  const bool file = std::any_of(words.begin() + 1, words.end(), [](const ShellWord& word) { return !word.text.starts_with('-'); });
  NodeTool tool;
  if (file && looks_like_test(words)) {
    tool.role = NodeRole::maybe_runner;
    for (const ShellWord& word : words) tool.name += (tool.name.empty() ? "" : " ") + word.text;
  }
  return finish(std::move(tool), command, std::move(words));
}

NodeTool type_checker(const NodeCommand& command, Words words, const std::string& program) {
  remove_flags(words, {"--watch", "-w", "--pretty"});
  const bool checks_only = has(words, {"--noEmit"}) || program == "vue-tsc" || program == "svelte-check";
  if (program == "tsc" || program == "tsgo") append(words, {"--pretty", "false"});
  // Some builds look like this with `-b` alone; either way it checks types and its findings are the compiler's.
  NodeTool tool{checks_only ? NodeRole::typecheck : NodeRole::build, program, "tsc", {}, {}, {}, {}};
  return finish(std::move(tool), command, std::move(words));
}

NodeTool linter(const NodeCommand& command, Words words, const std::string& program) {
  remove_flags(words, {"--fix", "--write", "--fix-dangerously", "--cache"});
  NodeTool tool{NodeRole::lint, program, program, {}, {}, {}, {}};
  if (program == "eslint") {
    remove_valued(words, {"-f", "--format", "-o", "--output-file"});
    append(words, {"-f", "json", "-o", "{reports}/eslint.json"});
    tool.reports = {"{reports}/eslint.json"};
  } else if (program == "xo") {
    remove_valued(words, {"--reporter"});
    append(words, {"--reporter=json"});
  } else if (program == "stylelint") {
    remove_valued(words, {"-f", "--formatter", "--custom-formatter", "-o", "--output-file", "--cache-location", "--cache-strategy"});
    remove_flags(words, {"--color", "--no-color", "-q", "--quiet"});
    append(words, {"-f", "json", "-o", "{reports}/stylelint.json", "--allow-empty-input"});
    tool.reports = {"{reports}/stylelint.json"};
  } else if (program == "oxlint") {
    remove_valued(words, {"-f", "--format", "--formatter"});
    append(words, {"-f", "json"});
  }
  return finish(std::move(tool), command, std::move(words));
}

bool is_pretty_printer(const std::string& program) {
  static const std::set<std::string> kPrinters = {"faucet", "tee", "cat", "snazzy", "colortape", "pino-pretty", "tspec", "bunyan"};
  return program.starts_with("tap-") || program.ends_with("-tap") || kPrinters.contains(program);
}

}  // namespace

NodeTool with_node_reporter(const NodeCommand& command) {
  std::string name;
  for (const ShellWord& word : command.command.words) name += (name.empty() ? "" : " ") + word.text;
  return node_test(command, command.command.words, std::move(name));
}

NodeTool recognise(const NodeCommand& command, const Dependencies& dependencies) {
  static const std::set<std::string> kTap = {"tape", "qunit", "zora", "brittle", "tape-run", "airtap", "uvu", "jasmine", "lab",
                                             "jasmine-node", "japa", "borp", "twd", "poku", "beartest", "nodeunit", "vows", "bnt"};
  static const std::set<std::string> kInterpreters = {"node", "tsx", "ts-node", "ts-node-esm", "esmo", "esno", "babel-node",
                                                      "swc-node", "tsm", "jiti", "deno", "bun"};
  static const std::set<std::string> kTypes = {"tsc", "vue-tsc", "svelte-check", "ttsc", "tsgo", "tspc"};
  static const std::set<std::string> kTypeTests = {"tsd", "dtslint", "tsd-lite", "tstyche", "flow", "attw"};
  static const std::set<std::string> kLint = {"eslint", "xo", "standard", "semistandard", "ts-standard", "oxlint", "biome",
                                              "stylelint", "tslint", "prettier", "neostandard", "jshint", "rome", "dprint",
                                              "prettierx", "markdownlint", "markdownlint-cli2", "remark", "cspell", "publint",
                                              "size-limit", "knip", "depcheck", "installed-check", "sort-package-json",
                                              "commitlint", "lockfile-lint", "alex", "ls-lint", "secretlint", "oxfmt", "syncpack",
                                              "madge", "bundlesize", "c8", "nyc", "check-dts", "yaspeller", "editorconfig-checker",
                                              "eclint", "aegir", "manypkg", "arethetypeswrong", "check-engine", "bundlewatch",
                                              "snyk", "nsp", "audit-ci", "are-types-wrong", "hereby-lint", "coveralls", "codecov"};
  static const std::set<std::string> kBuilders = {"rollup", "tsup", "webpack", "vite", "esbuild", "microbundle", "babel", "swc",
                                                  "unbuild", "parcel", "tsdown", "pkgroll", "bunchee", "bili", "tsc-multi",
                                                  "ncc", "browserify", "gulp", "grunt", "lerna-build", "zshy", "tshy", "duel",
                                                  "bob", "father", "dumi", "rslib", "rspack", "rolldown", "obuild", "mkdist",
                                                  "terser", "uglifyjs", "pegjs", "peggy", "jison", "nearleyc", "ng-packagr",
                                                  "svelte-package", "preconstruct", "kcd-scripts", "tsd-build", "node-gyp",
                                                  "prebuildify", "napi", "wasm-pack", "asc", "buble", "coffee"};
  static const std::set<std::string> kHousekeeping = {"rm", "rimraf", "del", "del-cli", "mkdir", "mkdirp", "shx", "echo", "cp",
                                                      "cpy", "copyfiles", "true", "cd", "husky", "patch-package", "touch", "mv",
                                                      "is-ci", "sleep", "open", "opener", "open-cli", "exit", "nvm", "which", ":",
                                                      "rimraf2", "trash", "clear", "cpx", "ncp", "premove", "git", "npm", "pnpm",
                                                      "yarn", "codecov", "only-allow", "check-node-version", "ls-engines",
                                                      "simple-git-hooks", "npmignore", "safe-publish-latest", "not-in-publish",
                                                      "in-publish", "evalmd", "jsdoc", "typedoc", "documentation", "doctoc"};
  if (command.opaque || command.workspaces || command.command.words.empty()) return {};
  if (!std::all_of(command.command.piped_to.begin(), command.command.piped_to.end(), is_pretty_printer)) return {};
  Words words = command.command.words;
  std::string program = program_of(words);
  if (const auto version = program.find('@', 1); version != std::string::npos) program.resize(version);  // `npx npm@10`
  if (program == "jest" || program == "react-scripts" || program == "vue-cli-service" || program == "jest-cli") {
    if (program == "react-scripts" && !has(words, {"test"})) return finish({NodeRole::build, program, {}, {}, {}, {}, {}}, command, words);
    if (program == "vue-cli-service" && !has(words, {"test:unit"})) return finish({}, command, words);
    return jest(command, std::move(words), "jest");
  }
  static const std::set<std::string> kJestWrappers = {"tsdx", "dts", "kcd-scripts", "craco", "react-app-rewired", "razzle"};
  if (kJestWrappers.contains(program) && words.size() > 1 && words[1].text == "test") return jest(command, std::move(words), "jest");
  static const std::set<std::string> kTsScripts = {"build", "check", "specs"};
  if (program == "ts-scripts" && words.size() > 1 && kTsScripts.contains(words[1].text)) return ts_scripts(command, std::move(words));
  if (program == "vitest") return vitest(command, std::move(words));
  if (program == "mocha" || program == "_mocha" || program == "electron-mocha") return mocha(command, std::move(words), dependencies);
  if (program == "ava") {
    remove_flags(words, {"--verbose", "-v", "--watch", "-w", "--tap", "-t"});
    append(words, {"--tap"});
    return finish({NodeRole::runner, "ava", "tap", {}, {}, {}, {}}, command, std::move(words));
  }
  if (program == "tap") {
    remove_valued(words, {"--reporter", "-R"});
    append(words, {"--reporter=tap"});
    return finish({NodeRole::runner, "tap", "tap", {}, {}, {}, {}}, command, std::move(words));
  }
  if (kTap.contains(program)) return finish({NodeRole::runner, program, "", {}, {}, {}, {}}, command, std::move(words));
  if (kInterpreters.contains(program)) return interpreter(command, std::move(words), program);
  if (kTypes.contains(program)) return type_checker(command, std::move(words), program);
  if (kTypeTests.contains(program)) return finish({NodeRole::typecheck, program, "", {}, {}, {}, {}}, command, std::move(words));
  if (kLint.contains(program)) return linter(command, std::move(words), program);
  if (kBuilders.contains(program)) return finish({NodeRole::build, program, "", {}, {}, {}, {}}, command, std::move(words));
  if (kHousekeeping.contains(program)) return {NodeRole::housekeeping, program, "", {}, {}, {}, {}};
  // `some-scripts test`
  static const RE2 kAsksForTests(R"((?i)tests?|test[:-]\w+|unit|specs?)");
  if (words.size() > 1 && RE2::FullMatch(words[1].text, kAsksForTests)) {
    return finish({NodeRole::maybe_runner, program + " " + words[1].text, "", {}, {}, {}, {}}, command, words);
  }
  return finish({NodeRole::unknown, program, "", {}, {}, {}, {}}, command, std::move(words));
}

}  // namespace baton
