// bench_log_reading [MEGABYTES [FOLDER [KIND]]]: how fast a verdict's reader (`diagnose`) takes logs of each kind that it knows, at least
// 50 MB/s, in time that grows with the log alone (twice the log, less than 2.5 times the time). A kind is an output of
// tests/analyzers/data repeated, a case of FOLDER (cases with an output.txt) repeated, or a report of many different tests made here.
// The peers of the same run find the same lines by memchr, and make a tree of the same JSON. Times are of this thread's processor, in
// powers of ten.
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "analyzers/diagnose.h"
#include "support/files.h"

namespace {

namespace fs = std::filesystem;
constexpr double kBar = 50, kGrowth = 2.5;
constexpr int kTries = 3;

struct Kind {
  std::string name, once;
  std::function<std::string(int)> numbered;  // of reports made here: the n-th part of one; `before` and `after` close it
  std::string before, after;

  std::string text(std::size_t size) const {
    std::string out = before;
    for (int n = 0; out.size() < size; ++n) out += numbered ? numbered(n) : once;
    return out + after;
  }
};

double processor_seconds(const std::function<void()>& work) {
  const auto now = [] {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
  };
  const double start = now();
  work();
  return now() - start;
}

std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream out;
  out << file.rdbuf();
  return out.str();
}

// What a run of tests/analyzers/data printed and wrote, without what must come out of it.
std::string output_of(const std::string& run) {
  std::string out;
  bool begun = false;
  std::istringstream lines(run);
  for (std::string line; std::getline(lines, line) && line != "---- expect";) {
    const bool cut = line.starts_with("---- output") || line.starts_with("---- report ");
    if (begun && !cut) out += line + "\n";
    begun |= cut;
  }
  return out;
}

std::vector<Kind> repeated_kinds(const fs::path& folder) {
  std::vector<Kind> kinds;
  for (const auto& entry : fs::directory_iterator(BATON_SOURCE_DIR "/tests/analyzers/data/output"))
    kinds.push_back({entry.path().stem().string(), output_of(content(entry.path())), {}, {}, {}});
  if (!folder.empty()) {
    for (const auto& entry : fs::directory_iterator(folder))
      if (fs::exists(entry.path() / "output.txt")) kinds.push_back({"case " + entry.path().filename().string(), content(entry.path() / "output.txt"), {}, {}, {}});
  }
  std::erase_if(kinds, [](const Kind& kind) { return kind.once.empty(); });
  std::sort(kinds.begin(), kinds.end(), [](const Kind& a, const Kind& b) { return a.name < b.name; });
  return kinds;
}

std::vector<Kind> made_kinds() {
  const auto s = [](int n) { return std::to_string(n); };
  return {
      {"junit, many cases", "", [=](int n) {
         const std::string head = "<testcase classname=\"com.acme.sums.ParserOptionsTest" + s(n / 50) + "\" name=\"keepsTheLastValueOfCase" + s(n) + "\" time=\"0.01\"";
         return head + (n % 10 ? "/>\n" : "><failure message=\"expected " + s(n) + "\">at com.acme.Test.run(Test.java:" + s(n % 900 + 1) + ")</failure></testcase>\n");
       }, "<?xml version=\"1.0\"?>\n<testsuites><testsuite name=\"all\">\n", "</testsuite></testsuites>\n"},
      {"jest json, many cases", "", [=](int n) {
         return std::string(n ? "," : "") + "{\"ancestorTitles\":[\"sums\"],\"fullName\":\"sums case" + s(n) + "\",\"status\":\"" + (n % 10 ? "passed" : "failed") +
                "\",\"title\":\"case" + s(n) + "\",\"failureMessages\":[" + (n % 10 ? "" : "\"Error: no\\n    at Object.<anonymous> (/w/a.test.js:" + s(n % 900 + 1) + ":3)\"") + "]}";
       }, R"({"numTotalTests":9,"numPassedTests":8,"numFailedTests":1,"success":false,"testResults":[{"name":"/w/a.test.js","status":"failed","message":"","assertionResults":[)", "]}]}\n"},
      {"go test -json, many cases", "", [=](int n) {
         return "{\"Action\":\"run\",\"Package\":\"acme/sums\",\"Test\":\"TestCase" + s(n) + "\"}\n{\"Action\":\"output\",\"Package\":\"acme/sums\",\"Test\":\"TestCase" + s(n) +
                "\",\"Output\":\"    sums_test.go:" + s(n % 900 + 1) + ": got " + s(n) + "\\n\"}\n{\"Action\":\"" + (n % 10 ? "pass" : "fail") + "\",\"Package\":\"acme/sums\",\"Test\":\"TestCase" + s(n) + "\",\"Elapsed\":0.01}\n";
       }, {}, {}},
      {"eslint json, many findings", "", [=](int n) {
         return std::string(n ? "," : "") + "{\"filePath\":\"/w/src/f" + s(n) + ".js\",\"messages\":[{\"ruleId\":\"no-undef\",\"severity\":2,\"message\":\"'x" + s(n) + "' is not defined.\",\"line\":" + s(n % 900 + 1) + ",\"column\":3}]}";
       }, "[", "]\n"},
      {"sarif, many findings", "", [=](int n) {
         return std::string(n ? "," : "") + "{\"ruleId\":\"R1\",\"level\":\"error\",\"message\":{\"text\":\"no " + s(n) + "\"},\"locations\":[{\"physicalLocation\":{\"artifactLocation\":{\"uri\":\"src/f" + s(n % 999) + ".c\"},\"region\":{\"startLine\":" + s(n + 1) + "}}}]}";
       }, R"({"version":"2.1.0","runs":[{"tool":{"driver":{"name":"acme"}},"results":[)", "]}]}\n"},
      {"pytest, many failures", "", [=](int n) {
         return "____________________ test_case" + s(n) + " ____________________\n\n    def test_case" + s(n) + "():\n>       assert add(1, " + s(n) + ") == 3\nE       assert 4 == 3\n\ntests/test_sums.py:" + s(n % 900 + 1) + ": AssertionError\n";
       }, "============================= test session starts ==============================\ncollected 9 items\n\n=================================== FAILURES ===================================\n", "========================= 9 failed in 0.12s =========================\n"},
      {"gtest, many cases", "", [=](int n) {
         const std::string name = "Sums.Case" + s(n);
         return "[ RUN      ] " + name + "\n" + (n % 10 ? "[       OK ] " + name + " (0 ms)\n" : "/w/sums_test.cc:" + s(n % 900 + 1) + ": Failure\nExpected equality of these values:\n  1\n  2\n[  FAILED  ] " + name + " (0 ms)\n");
       }, "[==========] Running 9 tests from 1 test suite.\n", "[  PASSED  ] 8 tests.\n[  FAILED  ] 1 test, listed below:\n"},
      {"catch2, many failures", "", [=](int n) {
         const std::string rule(79, '-');
         return rule + "\ncase " + s(n) + "\n" + rule + "\n/w/tests/a.cpp:" + s(n + 1) + "\n" + std::string(79, '.') + "\n\n/w/tests/a.cpp:" + s(n + 2) + ": FAILED:\n  REQUIRE( add(1, 2) == 3 )\nwith expansion:\n  " + s(n) + " == 3\n\n";
       }, {}, std::string(79, '=') + "\ntest cases: 9 | 8 passed | 1 failed\n"},
      {"doctest, many failures", "", [=](int n) {
         return std::string(79, '=') + "\n/w/tests/a.cpp:" + s(n + 1) + ":\nTEST CASE:  case " + s(n) + "\n\n/w/tests/a.cpp:" + s(n + 2) + ": ERROR: CHECK( add(1, 2) == 3 ) is NOT correct!\n  values: CHECK( " + s(n) + " == 3 )\n\n";
       }, "[doctest] doctest version is \"2.4.11\"\n", "[doctest] test cases: 9 | 8 passed | 1 failed | 0 skipped\n"},
      {"cpplint, many findings", "", [=](int n) { return "src/f" + s(n % 999) + ".cc:" + s(n + 1) + ":  Missing space before {  [whitespace/braces] [5]\n"; }, {}, "Total errors found: 9\n"},
      {"gcc, many findings", "", [=](int n) {
         return "src/f" + s(n % 999) + ".c:" + s(n + 1) + ":5: warning: unused variable 'x" + s(n) + "' [-Wunused-variable]\n    5 |   int x;\n      |       ^\n";
       }, {}, {}},
      {"tap, many cases", "", [=](int n) { return std::string(n % 10 ? "ok " : "not ok ") + s(n + 1) + " - parse() keeps the last value of a repeated option, case " + s(n) + "\n"; }, "TAP version 13\n", {}},
      {"libtest, many cases", "", [=](int n) { return "test parser::options::tests::keeps_the_last_value_of_case_" + s(n) + " ... ok\n"; }, "running 9 tests\n", "test result: ok. 9 passed; 0 failed; 0 ignored\n"},
      {"plain log, no finding", "", [=](int n) { return "2026-11-29 12:00:01 INFO  worker-" + s(n % 7) + " handled request " + s(n) + " in 12 ms, queue is at 3 of 64\n"; }, {}, {}},
      {"build, one line a file", "", [=](int n) { return "[" + s(n) + "/99999] Building CXX object src/CMakeFiles/acme.dir/part/file" + s(n) + ".cpp.o\n"; }, {}, {}},
  };
}

std::size_t lines_of(const std::string& text) {
  std::size_t count = 0;
  const char* end = text.data() + text.size();
  for (const char* at = text.data(); at < end && (at = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)))); ++at) ++count;
  return count;
}

struct Figure {
  double once = 0, twice = 0, peer = 0, tree = 0;  // seconds; the tree is of JSON alone
  std::size_t bytes = 0;                 // of the longer one
  double speed() const { return static_cast<double>(bytes) / 1e6 / twice; }
  double peer_speed() const { return static_cast<double>(bytes) / 1e6 / peer; }
  double growth() const { return twice / once; }
  bool good() const { return speed() >= kBar && growth() < kGrowth; }
};

Figure measure(const std::string& once, const std::string& twice) {
  const auto read = [](const std::string& text) {
    baton::RunOutput run;
    run.text = text;
    run.cwd = "/w";
    run.exit_code = 1;
    return processor_seconds([&] { baton::diagnose(run); });
  };
  Figure figure;
  figure.bytes = twice.size();
  figure.once = read(once);
  figure.twice = read(twice);
  volatile std::size_t lines = 0;
  figure.peer = processor_seconds([&] { lines = lines_of(twice); });
  bool is_json = false;
  figure.tree = processor_seconds([&] { is_json = !nlohmann::json::parse(twice, nullptr, false).is_discarded(); });
  if (!is_json) figure.tree = 0;
  return figure;
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t size = static_cast<std::size_t>(std::max(argc > 1 ? std::atoi(argv[1]) : 30, 2)) * 1'000'000;
  std::vector<Kind> kinds = made_kinds();
  for (Kind& kind : repeated_kinds(argc > 2 ? argv[2] : "")) kinds.push_back(std::move(kind));
  if (argc > 3) std::erase_if(kinds, [&](const Kind& kind) { return kind.name.find(argv[3]) == std::string::npos; });
  if (kinds.empty()) return 2;
  measure(kinds[0].text(1'000'000), kinds[0].text(1'000'000));  // tables are made once
  int missed = 0;
  for (const Kind& kind : kinds) {
    const std::string once = kind.text(size / 2), twice = kind.text(size);
    Figure best = measure(once, twice);
    for (int i = 1; i < kTries && !best.good(); ++i) {
      const Figure again = measure(once, twice);
      best.once = std::min(best.once, again.once);
      best.twice = std::min(best.twice, again.twice);
    }
    missed += !best.good();
    const auto rounded = [](double value) { return static_cast<double>(static_cast<long>(value * 100 + 0.5)) / 100; };
    nlohmann::json told{{"figure", "log reading"}, {"kind", kind.name}, {"MB_per_second", rounded(best.speed())}, {"bar", kBar}, {"lines_by_memchr", rounded(best.peer_speed())}, {"twice_the_log", rounded(best.growth())}};
    if (best.tree > 0) told["json_tree"] = rounded(static_cast<double>(best.bytes) / 1e6 / best.tree);
    std::printf("%s\n", told.dump().c_str());
    std::fflush(stdout);
  }
  std::fprintf(stderr, "%zu kinds, %d of them too slow or super-linear\n", kinds.size(), missed);
  return missed > 0;
}
