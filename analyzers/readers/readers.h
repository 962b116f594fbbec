// Declarations of every reader, for the tables in tables.cpp; and the few pieces that two readers share.
#pragma once

#include "analyzers/readers/reader.h"

namespace baton {

using Hits = std::vector<size_t>;

// JSON values.
bool read_sarif(Reading& reading, const Json& value, size_t line);
bool read_eslint_json(Reading& reading, const Json& value, size_t line);
bool read_stylelint_json(Reading& reading, const Json& value, size_t line);
bool read_pylint_json(Reading& reading, const Json& value, size_t line);
bool read_pyright_json(Reading& reading, const Json& value, size_t line);
bool read_shellcheck_json(Reading& reading, const Json& value, size_t line);
bool read_rubocop_json(Reading& reading, const Json& value, size_t line);
bool read_gcc_json(Reading& reading, const Json& value, size_t line);
bool read_golangci_json(Reading& reading, const Json& value, size_t line);
bool read_ruff_json(Reading& reading, const Json& value, size_t line);
bool read_flat_json(Reading& reading, const Json& value, size_t line);
bool read_php_json(Reading& reading, const Json& value, size_t line);
bool read_terraform_json(Reading& reading, const Json& value, size_t line);
bool read_jest_json(Reading& reading, const Json& value, size_t line);
bool read_mocha_json(Reading& reading, const Json& value, size_t line);
bool read_gtest_json(Reading& reading, const Json& value, size_t line);
bool read_cargo_json(Reading& reading, const Json& value, size_t line);
bool read_gotest_json(Reading& reading, const Json& value, size_t line);
bool read_govet_json(Reading& reading, const Json& value, size_t line);

// XML documents.
bool read_junit(Reading& reading, const pugi::xml_document& document, size_t line);
bool read_checkstyle(Reading& reading, const pugi::xml_document& document, size_t line);
bool read_cppcheck_xml(Reading& reading, const pugi::xml_document& document, size_t line);

// Text.
void read_folders(Reading& reading, const Hits& hits);
void read_workflow_commands(Reading& reading, const Hits& hits);
void read_tap(Reading& reading, const Hits& hits);
void read_pytest(Reading& reading, const Hits& hits);
void read_unittest(Reading& reading, const Hits& hits);
void read_ctest(Reading& reading, const Hits& hits);
void read_gtest(Reading& reading, const Hits& hits);
void read_catch2(Reading& reading, const Hits& hits);
void read_doctest(Reading& reading, const Hits& hits);
void read_boost_test(Reading& reading, const Hits& hits);
void read_case_lines(Reading& reading, const Hits& hits);
void read_libtest(Reading& reading, const Hits& hits);
void read_gotest(Reading& reading, const Hits& hits);
void read_vitest(Reading& reading, const Hits& hits);
void read_jest(Reading& reading, const Hits& hits);
void read_mocha(Reading& reading, const Hits& hits);
void read_node_spec(Reading& reading, const Hits& hits);
void read_ava(Reading& reading, const Hits& hits);
void read_cmake(Reading& reading, const Hits& hits);
void read_make(Reading& reading, const Hits& hits);
void read_sanitizers(Reading& reading, const Hits& hits);
void read_python_traceback(Reading& reading, const Hits& hits);
void read_node_stack(Reading& reading, const Hits& hits);
void read_java_stack(Reading& reading, const Hits& hits);
void read_go_panic(Reading& reading, const Hits& hits);
void read_rust_panic(Reading& reading, const Hits& hits);
void read_nextest(Reading& reading, const Hits& hits);
void read_phpunit(Reading& reading, const Hits& hits);
void read_rspec(Reading& reading, const Hits& hits);
void read_dotnet_test(Reading& reading, const Hits& hits);
void read_valgrind(Reading& reading, const Hits& hits);
void read_python_syntax(Reading& reading, const Hits& hits);
void read_prettier(Reading& reading, const Hits& hits);
void read_linker(Reading& reading, const Hits& hits);

// Woken by a word anywhere in a line, not by its start: called once per output.
void read_gcc(Reading& reading);

void report_gtest_failure(Reading& reading, TestCase& test, std::string_view message, size_t line);
std::string gtest_headline(std::string_view body);

}  // namespace baton
