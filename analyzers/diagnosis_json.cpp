#include "analyzers/diagnosis_json.h"

#include <nlohmann/json.hpp>

#include "support/json.h"

namespace baton {
namespace {

using Json = nlohmann::ordered_json;

Json text_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }
Json positive_or_null(int number) { return number > 0 ? Json(number) : Json(nullptr); }
Json count_or_null(const std::optional<int>& count) { return count ? Json(*count) : Json(nullptr); }

Json finding_json(const Finding& finding) {
  Json out = {{"path", text_or_null(finding.path)},
              {"line", positive_or_null(finding.line)},
              {"col", positive_or_null(finding.column)},
              {"severity", to_string(finding.severity)},
              {"message", finding.message},
              {"code", text_or_null(finding.code)}};
  if (!finding.tool.empty()) out["tool"] = finding.tool;
  if (finding.end_line > 0) out["end_line"] = finding.end_line;
  if (finding.end_column > 0) out["end_col"] = finding.end_column;
  if (finding.low_confidence) out["low_confidence"] = true;
  if (finding.suppressed) out["suppressed"] = true;
  for (const RelatedPlace& place : finding.related)
    out["related"].push_back({{"path", text_or_null(place.path)}, {"line", positive_or_null(place.line)}, {"col", positive_or_null(place.column)}, {"message", place.message}});
  return out;
}

Json tests_json(const TestReport& report) {
  Json names = Json::array();
  for (const TestCase& one : report.cases)
    if (one.status == CaseStatus::failed) names.push_back(one.id);
  return {{"total", count_or_null(report.total)},
          {"passed", count_or_null(report.passed)},
          {"failed", count_or_null(report.failed)},
          {"skipped", count_or_null(report.skipped)},
          {"failed_names", std::move(names)}};
}

}  // namespace

std::string diagnosis_to_json(const Diagnosis& diagnosis) {
  Json out = {{"verdict", diagnosis.unknown ? Json(nullptr) : Json(to_string(diagnosis.verdict))}, {"cause", text_or_null(diagnosis.cause)}, {"format", text_or_null(diagnosis.format)}};
  out["diagnostics"] = Json::array();
  for (const Finding& finding : diagnosis.findings) out["diagnostics"].push_back(finding_json(finding));
  out["tests"] = diagnosis.tests ? tests_json(*diagnosis.tests) : Json(nullptr);
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace baton
