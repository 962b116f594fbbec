#include "orchestrator/tests_of_tree.h"

#include <re2/re2.h>

#include <algorithm>
#include <iterator>
#include <memory>

#include "analyzers/audit/code_text.h"
#include "analyzers/audit/test_file.h"
#include "analyzers/syntax.h"

namespace baton {
namespace {

constexpr std::size_t kMaxRead = 16u << 20;  // bytes of the tree that are searched for who uses what
constexpr std::size_t kMaxSettings = 200;    // files that may tell where tests are

std::string name_in(const std::string& path) { return path.substr(path.rfind('/') == path.npos ? 0 : path.rfind('/') + 1); }
std::string folder_above(const std::string& path) {
  const std::string name = name_in(path);
  return path.size() > name.size() ? name_in(path.substr(0, path.size() - name.size() - 1)) : std::string();
}
std::string stem_in(const std::string& path) { return name_in(path).substr(0, name_in(path).find('.')); }

// What a framework finds by itself, and what people read.
bool is_no_support(const std::string& path) {
  static const RE2 kFound("(?i)(^|/)(templates?|static|assets|public|resources|views|partials|locales?|i18n|translations|migrations|conf(ig)?|schemas?|docs?)/|(^|/)(README|LICENSE|NOTICE|AUTHORS|CHANGE|CONTRIBUTING|HISTORY|NEWS)[^/]*$|\\.(md|lock|svg|png|jpe?g|gif)$");
  return RE2::PartialMatch(path, kFound) || part_of_change(path) == ChangePart::manifest;
}

// What stands for its folder where that is imported.
bool is_index(const std::string& path) { return stem_in(path) == "index" || stem_in(path) == "__init__"; }

// `testing.py`, `test_utils.go`, `expect.js`: what helps whoever writes tests.
bool is_named_for_helping(const std::string& path) {
  static const RE2 kName("(?i)(^|[_-])(testing|testutils?|testhelpers?|testlib|testkit|fixtures?|mocks?|fakes?|stubs?|conformance|expect(ations?)?|assert(s|ions?)?)([_-]|$)");
  const bool by_folder = is_index(path) || language_of(path) == Language::go;
  return audit::is_of_tests(path) || RE2::PartialMatch(stem_in(path), kName) || (by_folder && RE2::PartialMatch(folder_above(path), kName));
}

bool asks_a_framework(const std::string& text) {
  static const RE2 kAsks("(?m)^\\s*(import|from) (pytest|unittest|hypothesis)\\b|[\"'](vitest|@jest/globals|chai|node:assert(/strict)?|node:test)[\"']|^\\s*\"testing\"$|[<\"](?:gtest|gmock|catch2|doctest|boost/test|CppUTest)/|[<\"/](?:catch|doctest|cmocka|unity)\\.h|org\\.junit");
  return RE2::PartialMatch(text, kAsks);
}

// What is asked for an answer is a part of the program, whatever it refuses on the way.
bool gives_an_answer(const std::string& path, const std::string& text) {
  static const RE2 kAnswer("\\breturn\\b[ \\t]*[^;}\\s#/]|\\byield\\b|\\blambda\\b|=>\\s*[^{\\s]"), kNothing("\\breturn\\s+(None|undefined|null|nil)\\b"), kOfRust("\\bfn\\b[^{;]*->");
  std::string code = text;
  RE2::GlobalReplace(&code, kNothing, "return;");
  return RE2::PartialMatch(code, kAnswer) || (language_of(path) == Language::rust && RE2::PartialMatch(code, kOfRust));
}

// A check between each function's head and the next one's.
bool every_function_checks(const std::string& text, const std::vector<audit::TestUnit>& units) {
  static const RE2 kHead("\\b(?:function|def|func|fn)\\b|=>\\s*\\{");
  std::vector<int> heads;
  std::set<int> checks;
  for (const audit::TestUnit& unit : units) {
    if (&unit != &units.front() && !unit.is_group) heads.push_back(unit.line);
    for (const audit::Check& check : unit.checks) checks.insert(check.line);
  }
  int line = 0;
  for (const std::string_view one : audit::lines_of(text)) {
    ++line;
    if (RE2::PartialMatch(re2::StringPiece(one.data(), one.size()), kHead)) heads.push_back(line);
  }
  std::sort(heads.begin(), heads.end());
  heads.erase(std::unique(heads.begin(), heads.end()), heads.end());
  return std::all_of(heads.begin(), heads.end(), [&](const int& head) {
    const auto first = checks.lower_bound(head);
    return first != checks.end() && (&head == &heads.back() || *first < *(&head + 1));
  });
}

// All that it does is to hold one of its parameters against another and to fail where they differ: `if (got !== want) throw …`.
bool is_an_assertion(const std::string& path, const std::string& text) {
  static const RE2 kList("(?m)\\(([^()]*)\\)[^(){};=]*(?:\\{|=>|:\\s*$)"), kExtent("(?i)^(\\w+[.:]+)*(len|length|size|count|shape|typeof|type|sizeof)\\("), kArgument("^(?:[\\w.:]+\\()?&?(\\w+)\\)?$"), kOfTheProgram("\\b(throw|raise)\\b( new)? +[\\w.:]*[a-z](Error|Exception)\\b");
  std::set<std::string> parameters;
  re2::StringPiece left(text);
  for (std::string list; RE2::FindAndConsume(&left, kList, &list);) parameters.merge(audit::identifiers(list));
  const auto is_parameter = [&](const std::string& code) {
    std::string name;
    return !RE2::PartialMatch(code, kExtent) && RE2::FullMatch(code, kArgument, &name) && parameters.contains(name);
  };
  static const RE2 kAssertion("\\bAssert\\w*Error\\b");
  const auto units = audit::read_test_file(path, text, AuditedPart::tests).units;
  return every_function_checks(text, units) && !gives_an_answer(path, text) && std::any_of(units.begin(), units.end(), [&](const audit::TestUnit& unit) {
    return std::any_of(unit.checks.begin(), unit.checks.end(), [&](const audit::Check& check) {
      const bool equal = check.kind == audit::CheckKind::equal || check.kind == audit::CheckKind::near;
      return equal && (!RE2::PartialMatch(check.text, kOfTheProgram) || RE2::PartialMatch(check.text, kAssertion)) && check.subject != check.expected && is_parameter(check.subject) && is_parameter(check.expected);
    });
  });
}

// "test_a (checks.check_calc.T.test_a)" is a test of checks/check_calc.py.
bool names_module(const std::string& id, const std::string& path) {
  if (!path.ends_with(".py")) return false;
  std::string module = path.substr(0, path.size() - 3);
  std::replace(module.begin(), module.end(), '/', '.');
  const auto at = id.find(module + ".");
  return at != id.npos && (at == 0 || id[at - 1] == '(' || id[at - 1] == ' ');
}

// It gives names to values, and does nothing.
bool is_table(const std::string& text) {
  static const RE2 kDoes("\\b(def|class|function|func|fn|lambda|return|void)\\b|=>");
  return !RE2::PartialMatch(text, kDoes) && text.find('=') != text.npos;
}

}  // namespace

bool imports(const std::string& by, const std::string& text, const std::string& path) {
  const bool go = language_of(path) == Language::go;  // by its folder
  const std::string name = go ? folder_above(path) : stem_in(path), module = RE2::QuoteMeta(name);
  if (by == path || name.empty() || text.find(name) == text.npos) return false;
  if (go) return folder_above(by) != name && RE2::PartialMatch(text, "\"[^\"\\n]*\\b" + module + "\"");
  return RE2::PartialMatch(text, "(?m)^[ \\t]*(?:from|import|use|mod|pub mod)\\b[^\\n]*\\b" + module + "\\b|\\bimport[ \\t]*\\([^)]*\\b" + module + "\\b|[\"'<][^\"'<>\\n]*\\b" + module + "(?:\\.\\w+)?[\"'>]");
}

TestsOfTree::TestsOfTree(const Store& store, const std::string& tree) {
  const auto blobs = std::make_shared<std::map<std::string, std::string>>();
  list_ = [&store, tree, blobs] {
    std::vector<std::string> paths;
    const auto files = tree.empty() ? Result<std::vector<TreeEntry>>(std::vector<TreeEntry>()) : store.list(tree);
    for (const TreeEntry& file : files ? *files : std::vector<TreeEntry>()) {
      if (file.mode != 0100644 && file.mode != 0100755) continue;
      paths.push_back(file.path);
      blobs->emplace(file.path, file.blob);
    }
    return paths;
  };
  text_ = [&store, blobs](const std::string& path) -> std::optional<std::string> {
    const auto blob = blobs->find(path);
    auto text = blob == blobs->end() ? Result<std::string>(Error{ErrorKind::io, ""}) : store.read_blob(blob->second);
    return text ? std::optional(std::move(*text)) : std::nullopt;
  };
}

const std::vector<std::string>& TestsOfTree::paths() {
  if (!paths_) paths_ = list_();
  return *paths_;
}

const audit::TestPlaces& TestsOfTree::places() {
  if (places_) return *places_;
  places_.emplace();
  std::size_t of_runners = 0, of_cmake = 0;  // a project of many lists of CMake has its runners' settings read as well
  for (const std::string& path : paths()) {
    if (!audit::names_test_places(path) || path.find("node_modules/") != path.npos) continue;
    const bool cmake = path.ends_with("CMakeLists.txt") || path.ends_with(".cmake");
    if (++(cmake ? of_cmake : of_runners) > kMaxSettings) continue;
    auto text = text_(path);
    if (!text) continue;
    places_->read(path, *text);
    if (!cmake) settings_.push_back(std::move(*text));
  }
  return *places_;
}

void TestsOfTree::read() {
  if (read_) return;
  read_ = true;
  std::size_t bytes = 0;
  for (const std::string& path : paths()) {
    const ChangePart part = part_of_change(path);
    const bool of_tests = part == ChangePart::test || places().collects(path) || places().is_in_folder(path);
    const bool of_program = part == ChangePart::program || part == ChangePart::both;
    const bool tells_runners = audit::names_test_places(path);
    if ((!of_tests && !of_program && !tells_runners) || language_of(path) == Language::none || bytes > kMaxRead) continue;
    auto text = text_(path);
    if (!text) continue;
    bytes += text->size();
    // A Rust file holds both: what its tests name, its program may name as well.
    (of_tests || tells_runners || is_built_for_tests(path, *text) ? tests_ : program_).push_back({path, std::move(*text)});
  }
}

bool TestsOfTree::collects(const std::string& path) { return places().collects(path) || is_module_of_tests(path) || is_program_of_tests(path); }

// A source of what CTest runs. A program that is run to see that it starts is the program itself.
bool TestsOfTree::is_built_for_tests(const std::string& path, const std::string& text) { return places().builds_for_tests(path) && (places().names_for_tests(path) || asks_a_framework(text)); }

// One that insists on something.
bool TestsOfTree::is_program_of_tests(const std::string& path) {
  if (!places().builds_for_tests(path)) return false;
  const auto text = text_(path);
  const auto units = text && is_built_for_tests(path, *text) ? audit::read_test_file(path, *text, AuditedPart::tests).units : std::vector<audit::TestUnit>();
  return std::any_of(units.begin(), units.end(), [](const audit::TestUnit& unit) { return !unit.checks.empty(); });
}

// `#[cfg(test)] mod test_util;`: that file, and what lies in its folder.
bool TestsOfTree::is_module_of_tests(const std::string& path) {
  if (!path.ends_with(".rs") || audit::is_test_path(path)) return false;
  const auto [place, fresh] = modules_of_tests_.try_emplace(path);
  if (!fresh) return place->second;
  const std::string own = name_in(path) == "mod.rs" ? folder_above(path) : stem_in(path);
  std::string folder = path.substr(0, path.size() - name_in(path).size());
  if (name_in(path) == "mod.rs") folder.resize(folder.size() - std::min(folder.size(), own.size() + 1));
  const std::string above = folder.substr(0, folder.empty() ? 0 : folder.size() - 1);
  const RE2 declared("(?m)(?:(#\\[cfg\\((?:(?:all|any)\\(\\s*)?test\\b[^\\]]*\\]\\s*(?:#\\[[^\\]]*\\]\\s*)*)|^)[ \\t]*(?:pub(?:\\([^)]*\\))? )?mod " + RE2::QuoteMeta(own) + "\\s*;");
  for (const std::string& parent : {folder + "lib.rs", folder + "main.rs", folder + "mod.rs", above + ".rs"}) {
    const auto text = parent == path ? std::nullopt : text_(parent);
    std::string mark;
    if (text && RE2::PartialMatch(*text, declared, &mark)) return place->second = !mark.empty() || is_module_of_tests(parent);
  }
  return false;
}

bool TestsOfTree::runs_examples_of(const std::string& path) {
  if (places().runs_examples_of(path)) return true;
  if (language_of(path) == Language::rust) return is_of_a_rust_library(path);
  if (language_of(path) != Language::python) return false;
  const auto own = text_(path);
  if (!own || own->find(">>> ") == own->npos) return false;
  static const RE2 kRuns("\\bdoctest\\.(testmod|testfile|DocTestSuite|run_docstring_examples)\\s*\\(|\\bDocTestSuite\\s*\\(|\\btestmod\\s*\\(");
  if (RE2::PartialMatch(*own, kRuns)) return true;
  read();
  return std::any_of(tests_.begin(), tests_.end(), [&](const Source& test) { return RE2::PartialMatch(test.text, kRuns) && names_word(test.text, stem_in(path)); });
}

// cargo runs the examples of libraries alone.
bool TestsOfTree::is_of_a_rust_library(const std::string& path) {
  const auto at = path.rfind("src/");
  if (at == path.npos || (at > 0 && path[at - 1] != '/') || audit::is_test_path(path)) return false;
  const std::string crate = path.substr(0, at);
  static const RE2 kLibrary("(?m)^\\[lib\\]"), kNone("(?m)^doctest\\s*=\\s*false");
  const auto manifest = text_(crate + "Cargo.toml");
  return manifest && !RE2::PartialMatch(*manifest, kNone) && (text_(crate + "src/lib.rs") || RE2::PartialMatch(*manifest, kLibrary));
}

bool TestsOfTree::supports(const std::string& path) {
  const auto [place, fresh] = supports_.try_emplace(path);
  if (fresh) place->second = supports_now(path);
  return place->second;
}

bool TestsOfTree::supports_now(const std::string& path) {
  if (part_of_change(path) == ChangePart::test || part_of_change(path) == ChangePart::both || is_no_support(path)) return false;
  if (places().is_in_folder(path)) return true;
  return is_code(path) ? only_tests_import(path) : only_tests_read(path);
}

// By its name and that of its folder, or by its folder and a look into it.
bool TestsOfTree::only_tests_read(const std::string& path) {
  read();
  const std::string name = name_in(path), folder = folder_above(path);
  const RE2 quoted("[\"'`/.]" + RE2::QuoteMeta(folder) + "[\"'`/]"), looks("\\b(r?glob|listdir|iterdir|readdir(Sync)?|walk|ReadDir|read_dir|scandir)\\b");
  const auto names_folder = [&](const std::string& text) { return !folder.empty() && RE2::PartialMatch(text, quoted); };
  const bool by_tests = std::any_of(tests_.begin(), tests_.end(), [&](const Source& test) {
    if (audit::names_test_places(test.path)) return false;
    return names_word(test.text, name) ? folder.empty() || names_word(test.text, folder) : names_folder(test.text) && RE2::PartialMatch(test.text, looks);
  });
  return by_tests && std::none_of(program_.begin(), program_.end(), [&](const Source& one) { return names_word(one.text, name) || names_folder(one.text); });
}

// A module that only tests import may well be what they test, as every one of a library is: it has to be one that gives nothing but values, does
// nothing but assert, or helps with tests.
bool TestsOfTree::only_tests_import(const std::string& path) {
  const auto own = text_(path);
  if (!own) return false;
  const bool by_runner = is_set_up_of_a_runner(path);
  if (!by_runner && (is_named_by_its_package(path) || (!is_named_for_helping(path) && (is_index(path) || !is_for_tests_by_its_text(path, *own))))) return false;
  read();
  const auto imported_by = [&](const std::vector<Source>& all, bool of_tests) {
    return std::any_of(all.begin(), all.end(), [&](const Source& one) { return imports(one.path, one.text, path) && (of_tests || !supports(one.path)); });
  };
  return (by_runner || imported_by(tests_, true)) && !imported_by(program_, false);
}

bool TestsOfTree::is_for_tests_by_its_text(const std::string& path, const std::string& text) {
  return is_table(text) || asks_a_framework(text) || (language_of(path) == Language::go ? is_of_a_package_for_tests(path) : is_an_assertion(path, text));
}

// `"main": "./index.js"`, `"bin": {"a": "cli.js"}`, `"exports": {".": "./lib/a.js"}`: a value that is its path.
bool TestsOfTree::is_named_by_its_package(const std::string& path) {
  for (std::string folder = path; !folder.empty();) {
    folder.resize(folder.find_last_of('/') == folder.npos ? 0 : folder.find_last_of('/'));
    const auto manifest = text_(folder.empty() ? "package.json" : folder + "/package.json");
    if (!manifest) continue;
    const std::string inside = path.substr(folder.empty() ? 0 : folder.size() + 1), stem = inside.substr(0, inside.rfind('.'));
    return RE2::PartialMatch(*manifest, ":\\s*\"(?:\\./)?" + RE2::QuoteMeta(stem) + "(?:\\.\\w+)?\"");
  }
  return false;
}

// A package of Go, by all of its files: one of them asks for `testing`, or they do nothing but assert.
bool TestsOfTree::is_of_a_package_for_tests(const std::string& path) {
  read();
  const std::string folder = path.substr(0, path.size() - name_in(path).size());
  const auto beside = [&](const Source& one) { return one.path.ends_with(".go") && one.path.starts_with(folder) && one.path.find('/', folder.size()) == one.path.npos; };
  const auto only_asserts = [&](const Source& one) { return !beside(one) || is_table(one.text) || is_an_assertion(one.path, one.text); };
  return std::any_of(program_.begin(), program_.end(), [&](const Source& one) { return beside(one) && asks_a_framework(one.text); }) || std::all_of(program_.begin(), program_.end(), only_asserts);
}

// `setupFiles: ['./setup.js']`, `mocha --require ./setup`, `addopts = -p plugin`
bool TestsOfTree::is_set_up_of_a_runner(const std::string& path) {
  const RE2 named("\\b(?:setupFiles\\w*|globalSetup|globalTeardown|testEnvironment|snapshotSerializers|require|import|loader)[\"']?\\s*[:= ]\\s*(?:\\[[^\\]]*?|[\"'\\\\]*[\\w./<>-]*?)\\b" +
                  RE2::QuoteMeta(stem_in(path)) + "\\b|\\s-p[ =]?[\\w.]*\\b" + RE2::QuoteMeta(stem_in(path)) + "\\b");
  places();
  return std::any_of(settings_.begin(), settings_.end(), [&](const std::string& text) { return RE2::PartialMatch(text, named); });
}

bool TestsOfTree::shares(const std::string& path) {
  const auto [place, fresh] = shares_.try_emplace(path);
  if (!fresh) return place->second;
  const std::string name = name_in(path), folder = folder_above(path);
  if (folder.empty()) return false;
  read();
  const std::string quoted = RE2::QuoteMeta(folder), module = RE2::QuoteMeta(stem_in(path));
  const RE2 imports("\\b" + quoted + "[./]" + module + "\\b|\\b" + quoted + "\\s+import\\b[^\\n]*\\b" + module + "\\b");
  place->second = std::any_of(program_.begin(), program_.end(), [&](const Source& one) {
    return is_code(path) ? RE2::PartialMatch(one.text, imports) : one.text.find(name) != one.text.npos && names_word(one.text, folder);
  });
  return place->second;
}

NamedFiles files_named(const std::vector<const TestReport*>& reports, const std::set<std::string>& changed, const TextOf& text, TestsOfTree& tests) {
  std::set<std::string> paths;
  for (const TestReport* report : reports) {
    for (const TestCase& test : report->cases) {
      if (changed.contains(test.path)) paths.insert(test.path);
      if (!test.path.empty()) continue;
      std::copy_if(changed.begin(), changed.end(), std::inserter(paths, paths.end()), [&](const std::string& path) { return names_module(test.id, path); });
    }
  }
  NamedFiles named;
  for (const std::string& path : paths) {
    const auto own = text(path);
    if (!own || language_of(path) == Language::rust) continue;  // which holds both
    const bool document = language_of(path) == Language::none;
    const auto units = document ? std::vector<audit::TestUnit>() : audit::read_test_file(path, *own, AuditedPart::tests).units;
    const bool holds_tests = document || std::any_of(units.begin(), units.end(), [](const audit::TestUnit& unit) { return unit.is_test && !unit.is_group; });
    if (holds_tests && (part_of_change(path) != ChangePart::program || !tests.shares(path))) named.of_tests.insert(path);
    else if (own->find(">>> ") != own->npos) named.with_examples.insert(path);
  }
  return named;
}

void mark_tests(std::vector<AuditedFile>& files, TestsOfTree& base) {
  for (AuditedFile& file : files) {
    const std::string& path = file.old_path.empty() ? file.path : file.old_path;
    if (base.collects(path) || base.collects(file.path)) file.part = AuditedPart::tests;
    else if (file.before && base.supports(path)) file.part = AuditedPart::support;
    file.examples_run = base.runs_examples_of(path);
  }
}

}  // namespace baton
