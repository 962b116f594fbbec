// The corpus of real outputs that lies beside the source when it is there: recall, precision and verdicts over all of it.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "analyzers/diagnose.h"

namespace baton {
namespace {

using Json = nlohmann::json;

const std::filesystem::path kCorpus = std::filesystem::path(BATON_SOURCE_DIR) / "../shared/data/verify";
constexpr double kRecall = 0.98, kPrecision = 0.98;

std::string slurp(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream out;
  out << file.rdbuf();
  return out.str();
}

std::string text(const Json& value, const char* key) { return value.contains(key) && value[key].is_string() ? value[key].get<std::string>() : ""; }
int number(const Json& value, const char* key) { return value.contains(key) && value[key].is_number() ? value[key].get<int>() : 0; }

std::string fold(const std::string& from) {
  std::istringstream words(from);
  std::string out, word;
  while (words >> word) out += (out.empty() ? "" : " ") + word;
  return out;
}

std::string relative(std::string path, const std::string& cwd) {
  std::replace(path.begin(), path.end(), '\\', '/');
  if (path.substr(0, 2) == "./") path = path.substr(2);
  if (!cwd.empty() && path.substr(0, 1) == "/") path = std::filesystem::path(path).lexically_relative(cwd).string();
  return path;
}

bool same(const Json& want, const Finding& got, const std::string& cwd) {
  if (relative(text(want, "path"), cwd) != relative(got.path, cwd) || number(want, "line") != got.line) return false;
  if (number(want, "col") > 0 && number(want, "col") != got.column) return false;
  if (!text(want, "severity").empty() && text(want, "severity") != to_string(got.severity)) return false;
  if (!text(want, "code").empty() && text(want, "code") != got.code) return false;
  const std::string a = fold(text(want, "message")), b = fold(got.message);
  return a.empty() || (!b.empty() && (a.find(b) != std::string::npos || b.find(a) != std::string::npos));
}

TEST(Corpus, RecallPrecisionAndVerdicts) {
  if (!std::filesystem::exists(kCorpus / "manifest.json")) GTEST_SKIP() << "no corpus at " << kCorpus.string();
  int found = 0, needed = 0, reported = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kCorpus)) {
    if (!std::filesystem::exists(entry.path() / "expected.json")) continue;
    const Json want = Json::parse(slurp(entry.path() / "expected.json"));
    const std::string cwd = text(Json::parse(slurp(entry.path() / "tool")), "cwd");
    const std::string output = slurp(entry.path() / "output.txt");
    RunOutput run;
    run.text = output;
    run.cwd = cwd.empty() ? "/" : cwd;
    if (want["exit_code"].is_number()) run.exit_code = want["exit_code"].get<int>();
    const Diagnosis got = diagnose(run);
    if (want["verdict"].is_string()) {
      EXPECT_EQ(to_string(got.verdict), want["verdict"].get<std::string>()) << entry.path().filename();
    }
    std::vector<Finding> left;
    for (const Finding& one : got.findings)
      if (one.severity != Severity::note) left.push_back(one);
    reported += static_cast<int>(left.size());
    for (const bool notes : {false, true}) {
      for (const Json& one : want["diagnostics"]) {
        if ((text(one, "severity") == "note") != notes) continue;
        Json wanted = one;
        if (notes) wanted.erase("severity");
        const auto match = std::find_if(left.begin(), left.end(), [&](const Finding& finding) { return same(wanted, finding, cwd); });
        needed += !notes;
        if (match == left.end()) continue;
        found += !notes;
        reported -= notes;
        left.erase(match);
      }
    }
  }
  EXPECT_GE(found, kRecall * needed) << found << " of " << needed;
  EXPECT_GE(found, kPrecision * reported) << found << " of " << reported;
}

}  // namespace
}  // namespace baton
