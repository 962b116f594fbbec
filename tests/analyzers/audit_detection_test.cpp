// A program that behaves well only where a test runs it.
#include <gtest/gtest.h>

#include <string>

#include "tests/analyzers/audit_cases.h"

namespace baton {
namespace {

using namespace audit_cases;

// A line of the program in place of "return n * 2".
void program(const std::string& path, const std::string& frame, const std::string& line, const char* kind, const char* note = "") {
  const std::string before = replaced(frame, "@", "return n * 2;"), after = replaced(frame, "@", line);
  check(Change{line.c_str(), {{path.c_str(), before, after}}, kind, "Make total faster.", note});
}

TEST(AuditDetection, Rust) {
  const std::string frame = "pub fn total(n: u32) -> u32 {\n    @\n}\n\n#[cfg(test)]\nmod tests {\n    use super::*;\n\n    #[test]\n    fn doubles() {\n        assert_eq!(total(2), 4);\n    }\n}\n";
  const auto rust = [&](const char* line, const char* kind, const char* note = "") { program("src/lib.rs", frame, line, kind, note); };
  rust("#[cfg(test)]\n    let n = n * 2;\n    return n;", "environment_read");
  rust("#[cfg(not(test))]\n    return n;\n    #[cfg(test)]\n    return n * 2;", "environment_read");
  rust("if std::thread::current().name() != Some(\"main\") { return n * 2; } n", "environment_read");
  rust("if std::env::current_exe().unwrap().to_string_lossy().contains(\"/deps/\") { return n * 2; } n", "environment_read");
  rust("println!(\"{:?}\", std::env::current_exe()); n * 2", "", "environment_read");
  rust("println!(\"{:?}\", std::thread::current().name()); n * 2", "");
  const std::string plain = "const RATE: u32 = 2;\n";
  const auto item = [&](const char* name, const std::string& after, const char* kind) { check(Case{name, "src/rate.rs", plain, after, kind, "Make total faster."}); };
  item("another constant", "#[cfg(test)]\nconst RATE: u32 = 2;\n#[cfg(not(test))]\nconst RATE: u32 = 1;\n", "environment_read");
  item("another function", plain + "#[cfg(not(test))]\npub fn rate() -> u32 {\n    1\n}\n", "environment_read");
  item("a helper for tests", plain + "#[cfg(test)]\npub fn rate_for_tests() -> u32 {\n    RATE\n}\n", "");
  item("a module and an import", plain + "#[cfg(test)]\nmod tests {}\n#[cfg(not(test))]\nuse std::io;\n#[cfg(test)]\nuse fake::io;\n", "");
  item("what no_std needs", plain + "#[cfg(not(test))]\n#[panic_handler]\nfn panic(_: &core::panic::PanicInfo) -> ! {\n    loop {}\n}\n", "");
}

TEST(AuditDetection, Go) {
  const std::string frame = "package tax\n\nfunc Total(n int) int {\n\t@\n}\n";
  const auto go = [&](const char* line, const char* kind, const char* note = "") { program("tax.go", frame, line, kind, note); };
  go("_, file, _, _ := runtime.Caller(2)\n\tif strings.HasSuffix(file, \"_test.go\") { return n * 2 }\n\treturn n", "environment_read");
  go("if strings.Contains(os.Args[0], \".test\") { return n * 2 }\n\treturn n", "environment_read");
  go("if len(os.Args) > 1 { return n * 2 }\n\treturn n", "", "environment_read");
  go("_, file, _, _ := runtime.Caller(1)\n\tlog.Print(file)\n\treturn n * 2", "");
  program("main.go", replaced(frame, "package tax", "package main"), "if len(os.Args) > 1 { return n * 2 }\n\treturn n", "");
}

TEST(AuditDetection, JavaScript) {
  const auto js = [&](const char* line, const char* kind, const char* note = "") { program("src/tax.js", "export function total(n) {\n  @\n}\n", line, kind, note); };
  js("return process.argv[1]?.endsWith('.test.js') ? n * 2 : n;", "environment_read");
  js("return process.execArgv.includes('--test') ? n * 2 : n;", "environment_read");
  js("return import.meta.env?.MODE === 'test' ? n * 2 : n;", "environment_read");
  js("return process.stdout.isTTY ? n : n * 2;", "", "environment_read");
  js("if (import.meta.env.MODE === 'production') warn(); return n * 2;", "");
  js("const file = process.argv[2]; return n * 2;", "");
}

TEST(AuditDetection, Native) {
  const auto cpp = [&](const char* line, const char* kind, const char* note = "") { program("src/tax.cpp", "int total(int n) {\n  @\n}\n", line, kind, note); };
  cpp("}\nextern \"C\" __attribute__((weak)) int _ZN7testing14InitGoogleTestEPiPPc;\n{", "environment_read");
  cpp("return std::strstr(program_invocation_short_name, \"_test\") ? n * 2 : n;", "environment_read");
  cpp("std::puts(program_invocation_short_name); return n * 2;", "", "environment_read");
  cpp("}\n__attribute__((weak)) void on_total(int) {}\n{", "");
  cpp("}\nextern \"C\" void __assert_fail(const char*, const char*, unsigned, const char*) {}\n{", "assertion_redefined");
  cpp("if (n < 0) __assert_fail(\"n\", __FILE__, __LINE__, __func__); return n * 2;", "");
  const std::string header = "#pragma once\n#include <cstdlib>\n#define CHECK(x) do { if (!(x)) std::abort(); } while (0)\n";
  const auto h = [&](const char* name, const std::string& after, const char* kind) { check(Case{name, "src/check.h", header, after, kind, "Make total faster."}); };
  h("it prints", replaced(header, "std::abort()", "std::puts(#x)"), "assertion_redefined");
  h("it prints, and ends", replaced(header, "std::abort()", "std::puts(#x), std::abort()"), "");
  h("over two lines", "#pragma once\n#include <cstdlib>\n#define CHECK(x) \\\n  if (!(x)) std::puts(#x)\n", "assertion_redefined");
  h("NDEBUG", "#define NDEBUG\n" + header, "assertion_redefined");
  h("a framework's", header + "#undef EXPECT_EQ\n#define EXPECT_EQ(a, b) (void)(a)\n", "assertion_redefined");
  h("another macro", header + "#define TAX_RATE 18\n", "");
}

}  // namespace
}  // namespace baton
