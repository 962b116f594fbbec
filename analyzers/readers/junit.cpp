// JUnit XML as pytest, jest-junit, vitest, node, GoogleTest, ctest, mocha, Surefire and Gradle write it. The dialects differ in where the
// file, the line and the name stand; the numbers of suites are not trusted over the cases.
#include <pugixml.hpp>

#include <algorithm>

#include "analyzers/readers/program_cases.h"
#include "analyzers/readers/readers.h"
#include "analyzers/readers/stack.h"
#include "analyzers/readers/test_ids.h"

namespace baton {
namespace {

std::string attribute(const pugi::xml_node& node, const char* name) { return node.attribute(name).value(); }

bool has_attribute(const pugi::xml_node& node, const char* name) { return !node.attribute(name).empty(); }

enum class Dialect { pytest, gtest, ctest, vitest, jest, node, java, other };

struct JunitCase {
  const pugi::xml_node node;
  std::string suite;       // the nearest suite's name
  std::string suite_file;  // and its file, when told
  Dialect dialect;
};

Dialect dialect_of(const pugi::xml_node& root) {
  const pugi::xml_node suite = std::string_view(root.name()) == "testsuite" ? root : root.child("testsuite");
  const pugi::xml_node first = suite.child("testcase");
  const std::string name = attribute(suite, "name");
  if (attribute(root, "name") == "vitest tests") return Dialect::vitest;
  if (attribute(root, "name") == "jest tests" || name == "Mocha Tests") return Dialect::jest;
  if (name == "pytest" || name.substr(0, 6) == "pytest") return Dialect::pytest;
  const pugi::xml_node loose = root.child("testcase");
  if (attribute(loose.empty() ? first : loose, "classname") == "test") return Dialect::node;
  if (has_attribute(first, "result") && has_attribute(first, "status")) return Dialect::gtest;
  if (has_attribute(first, "status") && attribute(first, "name") == attribute(first, "classname")) return Dialect::ctest;
  if (!suite.child("properties").empty() && has_attribute(suite, "hostname") && first.attribute("file").empty()) return Dialect::java;
  if (std::string_view(suite.attribute("xsi:noNamespaceSchemaLocation").value()).find("surefire") != std::string_view::npos) return Dialect::java;
  return Dialect::other;
}

// pytest: classname "pkg.test_a.TestX", file perhaps absent: the longest head that is a module is the file.
std::string pytest_id(const pugi::xml_node& test, const Reading& reading, std::string& file) {
  const std::string classname = attribute(test, "classname");
  const std::string name = attribute(test, "name");
  file = attribute(test, "file");
  if (classname.empty() && file.empty()) {
    // A module that failed to collect: its dotted name stands in `name`.
    std::string path = name;
    for (char& c : path)
      if (c == '.') c = '/';
    file = path + ".py";
    return file;
  }
  std::vector<std::string> parts;
  for (size_t at = 0; at <= classname.size();) {
    const size_t end = std::min(classname.find('.', at), classname.size());
    parts.push_back(classname.substr(at, end - at));
    at = end + 1;
  }
  size_t module_parts = parts.size();
  if (!file.empty()) {
    module_parts = 1;
    for (const char c : file) module_parts += c == '/';
    module_parts = std::min(module_parts, parts.size());
  } else {
    // Classes begin with a capital; so does hardly any module.
    while (module_parts > 1 && !parts[module_parts - 1].empty() && parts[module_parts - 1][0] >= 'A' && parts[module_parts - 1][0] <= 'Z') --module_parts;
    for (size_t i = 0; i < module_parts; ++i) file += (i > 0 ? "/" : "") + parts[i];
    file += ".py";
  }
  std::string id = reading.map(file, 0);
  for (size_t i = module_parts; i < parts.size(); ++i) id += "::" + parts[i];
  return id + "::" + name;
}

// Node escapes the quotes of a name, and then the ampersands of that.
std::string plain_quotes(std::string_view text) { return replaced(text, "&quot;", "\""); }

std::string case_id(const JunitCase& one, const Reading& reading, std::string& file) {
  const std::string classname = attribute(one.node, "classname");
  const std::string name = attribute(one.node, "name");
  file = attribute(one.node, "file");
  switch (one.dialect) {
    case Dialect::pytest: return pytest_id(one.node, reading, file);
    case Dialect::gtest: return (classname.empty() ? one.suite : classname) + "." + name;
    case Dialect::ctest: return name;
    case Dialect::vitest:
      if (file.empty()) file = classname;
      return name;
    case Dialect::node: {
      std::string id = plain_quotes(name);
      for (pugi::xml_node up = one.node.parent(); std::string_view(up.name()) == "testsuite"; up = up.parent())
        id = plain_quotes(attribute(up, "name")) + " > " + id;
      return id;
    }
    case Dialect::java: return classname.empty() ? name : classname + "." + name;
    case Dialect::jest:
    case Dialect::other: break;
  }
  if (file.empty()) file = one.suite_file;
  if (classname.empty() || classname == name) return name;
  if (name.substr(0, classname.size()) == classname) return name;  // the full name stands in both
  if (one.dialect == Dialect::jest) return classname + " " + name;
  if (name.size() > classname.size() && name.compare(name.size() - classname.size(), std::string::npos, classname) == 0) return name;
  if (classname.find(' ') != std::string::npos) return classname + " " + name;
  return classname + "." + name;
}

std::string failure_text(const pugi::xml_node& failure) {
  const std::string message = attribute(failure, "message");
  std::string body = failure.text().get();
  if (body.empty()) return message;
  if (message.empty() || body.find(message) != std::string::npos) return body;
  return message + "\n" + body;
}

// The line that pytest marks with "E": what happened, without its prefix.
std::string junit_headline(const pugi::xml_node& failure, const std::string& text, Dialect dialect) {
  const std::string message = attribute(failure, "message");
  if (dialect == Dialect::pytest && message.substr(0, 20) == "failed on setup with") {
    const size_t quote = message.find('"');
    if (quote != std::string::npos) return headline(std::string_view(message).substr(quote + 1, message.rfind('"') - quote - 1));
  }
  if (!message.empty()) {
    // Java and Node put the type apart.
    const std::string type = attribute(failure, "type");
    const std::string first = headline(message);
    if (dialect == Dialect::java && !type.empty() && first.find(type) == std::string::npos) return type + ": " + first;
    return first;
  }
  return headline(text);
}

// "path.py:9: AssertionError", the last of them in the checkout: where it was raised.
std::optional<Frame> pytest_frame(const std::string& text, const Reading& reading, size_t line) {
  std::optional<Frame> best;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view one = std::string_view(text).substr(at, end - at);
    at = end + 1;
    Place place;
    if (one.empty() || one[0] == ' ' || one[0] == 'E' || one[0] == '>' || !parse_place(one, place)) continue;
    const std::string path = reading.map(place.path, line);
    if (path.size() < 3 || path.compare(path.size() - 3, 3, ".py") != 0 || reading.foreign(path)) continue;
    best = Frame{path, place.line, 0};
  }
  if (best) return best;
  // A syntax error's place stands in the message, after "E".
  std::string plain = text;
  for (size_t at = 0; at < plain.size(); at = std::min(plain.find('\n', at), plain.size() - 1) + 1)
    if (plain.compare(at, 2, "E ") == 0) plain[at] = ' ';
  return python_frame(plain, reading, line);
}

// CTest calls a program passed by its exit code alone, and a test program whose filter matches nothing ends with 0.
bool program_ran_nothing(std::string_view output) {
  constexpr std::string_view kSaid[] = {"Running 0 tests from 0 test suites", "Running 0 tests from 0 test cases",  // GoogleTest
                                        "No tests ran", "test cases: 0 |",                                          // Catch2, doctest
                                        "Ran 0 tests in ", "collected 0 items", "no tests ran in "};                // unittest, pytest
  return std::any_of(std::begin(kSaid), std::end(kSaid), [&](std::string_view said) { return output.find(said) != output.npos; });
}

void read_case(Reading& reading, Tally& tally, const JunitCase& one, size_t line) {
  TestCase test;
  std::string file;
  test.id = reading.id(case_id(one, reading, file));
  test.path = reading.map(file, line);
  test.line = to_int(attribute(one.node, "line"));
  if (test.line < 0) test.line = 0;
  test.seconds = to_double(attribute(one.node, "time"));
  const std::string status = lower(attribute(one.node, "status"));
  const std::string result = lower(attribute(one.node, "result"));
  if (!one.node.child("skipped").empty() || status == "notrun" || status == "skipped" || status == "disabled" || result == "skipped" || result == "suppressed") {
    if (status == "notrun" && result == "suppressed") return;  // GoogleTest's DISABLED_ tests were never part of the run
    test.status = CaseStatus::skipped;
    test.message = excerpt(failure_text(one.node.child("skipped")), 2);
  }
  for (const pugi::xml_node& failure : one.node.children()) {
    const std::string_view name = failure.name();
    if (name != "failure" && name != "error") continue;
    std::string text = failure_text(failure);
    std::string cleaned;
    if (clean_text(text, cleaned)) text = cleaned;
    if (one.dialect == Dialect::gtest) {
      const std::string body = failure.text().get();
      report_gtest_failure(reading, test, body.empty() ? text : body, line);
      continue;
    }
    const bool first = test.status != CaseStatus::failed;
    test.status = CaseStatus::failed;
    Finding out;
    out.path = test.path;
    out.code = test.id;
    out.message = junit_headline(failure, text, one.dialect);
    out.tool = "junit";
    const std::optional<Frame> frame = one.dialect == Dialect::pytest ? pytest_frame(text, reading, line) : any_frame(text, reading, line);
    if (frame) {
      out.path = frame->path;
      out.line = frame->line;
      out.column = frame->column;
    } else {
      out.line = test.line;
    }
    if (first) {
      test.message = excerpt(text);
      if (frame && frame->line > 0) {
        test.path = frame->path;
        test.line = frame->line;
      }
    }
    const std::string message = attribute(failure, "message");
    if (message.find("collection failure") != std::string::npos) {
      test.load_failure = reading.load_failure = true;
      out.message = headline(failure.text().get());
      for (std::string_view rest = text; !rest.empty();) {
        const std::string_view at = first_line(rest);
        if (at.substr(0, 2) == "E ") out.message = trim(at.substr(1));
        rest.remove_prefix(std::min(rest.size(), at.size() + 1));
      }
    }
    // vitest and jest-junit name a file that did not load as a test of its own.
    if ((!file.empty() && test.id == file) || test.id.find("Test suite failed to run") != std::string::npos) test.load_failure = reading.load_failure = true;
    if (!out.message.empty()) reading.report_mapped(line, std::move(out));
  }
  if (test.status != CaseStatus::failed && (status == "fail" || status == "failed" || status == "error")) {
    test.status = CaseStatus::failed;
    test.message = excerpt(one.node.child("system-out").text().get());
  }
  if (one.dialect == Dialect::ctest && test.status == CaseStatus::passed &&
      program_ran_nothing(one.node.child("system-out").text().get())) {
    test.status = CaseStatus::skipped;
    test.message = "the program ran no test";
  }
  if (one.dialect == Dialect::ctest) {
    add_program(reading, tally, std::move(test), one.node.child("system-out").text().get(), line);
    return;
  }
  // Names that are equal in these are tests of their own; others tell one test twice (a failing teardown).
  if (one.dialect == Dialect::node || one.dialect == Dialect::vitest) tally.add_another(std::move(test));
  else tally.add(std::move(test));
}

void walk(Reading& reading, Tally& tally, const pugi::xml_node& node, const std::string& suite, const std::string& suite_file, Dialect dialect, size_t line,
          int depth) {
  if (depth > 64) return;
  for (const pugi::xml_node& child : node.children()) {
    const std::string_view name = child.name();
    if (name == "testcase") {
      read_case(reading, tally, {child, suite, suite_file, dialect}, line);
    } else if (name == "testsuite") {
      std::string file = attribute(child, "file");
      if (file.empty()) file = attribute(child, "filepath");
      walk(reading, tally, child, attribute(child, "name"), file.empty() ? suite_file : file, dialect, line, depth + 1);
    }
  }
}

}  // namespace

bool read_junit(Reading& reading, const pugi::xml_document& document, size_t line) {
  const pugi::xml_node root = document.document_element();
  const Dialect dialect = dialect_of(root);
  Tally& tally = reading.tally("junit", true);
  const size_t before = tally.report.cases.size();
  walk(reading, tally, root, attribute(root, "name"), attribute(root, "file"), dialect, line, 0);
  if (tally.report.cases.size() == before && to_int(attribute(root, "tests")) <= 0) reading.nothing_ran = true;
  // Counted once all documents are read; one without a case says that there was none.
  tally.report.total = tally.report.passed = tally.report.failed = tally.report.skipped = std::nullopt;
  if (tally.report.cases.empty()) tally.count_cases();
  return true;
}

}  // namespace baton
