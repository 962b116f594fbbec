#include "orchestrator/acceptance.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <optional>

#include "orchestrator/accepted.h"
#include "orchestrator/json_fields.h"

namespace baton {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxShape = 400;
constexpr std::size_t kMaxNamed = 3;  // in an error

// Numbers differ from run to run: addresses, times, counts.
std::string shape_of(std::string_view message) {
  std::string shape;
  for (const char c : message.substr(0, message.find('\n'))) {
    if (shape.size() >= kMaxShape) break;
    if (!std::isdigit(static_cast<unsigned char>(c))) shape += c;
    else if (shape.empty() || shape.back() != '#') shape += '#';
  }
  return shape;
}

Acceptance named(const TestVerdict& test) {
  Acceptance one;
  one.gate = test.gate;
  one.test = test.id;
  one.status = to_string(test.status);
  one.shape = shape_of(test.message);
  return one;
}

Acceptance named(const FindingVerdict& verdict) {
  Acceptance one;
  one.gate = verdict.gate;
  one.path = verdict.finding.path;
  one.code = verdict.finding.code;
  one.shape = shape_of(verdict.finding.message);
  return one;
}

bool is_end_of(std::string_view id, std::string_view name) {
  return id == name || (id.ends_with(name) && id.size() > name.size() && std::string_view(":/>. ").find(id[id.size() - name.size() - 1]) != std::string_view::npos);
}

bool is_meant(const TestVerdict& test, const AcceptRequest& request) {
  return can_be_accepted(test) && !request.test.empty() && is_end_of(test.id, request.test) && (request.gate.empty() || test.gate == request.gate);
}

bool is_meant(const FindingVerdict& verdict, const AcceptRequest& request) {
  const Finding& finding = verdict.finding;
  return can_be_accepted(verdict) && request.test.empty() && finding.path == request.path && (request.line == 0 || finding.line == request.line) &&
         (request.gate.empty() || verdict.gate == request.gate) && (request.message.empty() || request.message.find(finding.message) != std::string::npos);
}

std::string name_of(const Acceptance& one) { return one.test.empty() ? one.path + ": " + one.shape : one.test; }

std::optional<AcceptedNote> note_on(const Acceptance& failure, const std::vector<Acceptance>& accepted) {
  for (const Acceptance& one : accepted) {
    if (one.same_failure(failure)) return AcceptedNote{one.reason, by_whom(one.caller), one.caller.human};
  }
  return std::nullopt;
}

std::string clause_of(const FailureWeight& weight) {
  std::string clause;
  if (weight.by_human == weight.failures) clause = "accepted as known by a human";
  else if (weight.by_human > 0) clause = std::to_string(weight.by_human) + " of " + std::to_string(weight.failures) + " failures accepted as known by a human";
  if (weight.by_process > 0) {
    clause += (clause.empty() ? "" : ", ") + std::to_string(weight.by_process) + " accepted by a process, which counts for nothing";
  }
  return clause;
}

}  // namespace

bool Acceptance::same_failure(const Acceptance& other) const {
  return gate == other.gate && test == other.test && status == other.status && path == other.path && code == other.code && shape == other.shape;
}

Result<Acceptance> acceptance_of(const VerifyReport& report, const AcceptRequest& request, const Caller& caller) {
  if (request.reason.empty() && !request.withdraw) return Error{ErrorKind::usage, "Say why the failure is accepted as known: a reason is kept with it."};
  if (request.test.empty() && request.path.empty()) return Error{ErrorKind::usage, "Name a test, or the file and line of a finding."};
  std::vector<Acceptance> meant;
  const auto add = [&](Acceptance one) {
    if (std::none_of(meant.begin(), meant.end(), [&](const Acceptance& other) { return other.same_failure(one); })) meant.push_back(std::move(one));
  };
  for (const TestVerdict& test : report.tests) {
    if (is_meant(test, request)) add(named(test));
  }
  for (const FindingVerdict& finding : report.findings) {
    if (is_meant(finding, request)) add(named(finding));
  }
  const std::string what = request.test.empty() ? request.path + (request.line > 0 ? ":" + std::to_string(request.line) : "") : request.test;
  if (meant.empty()) {
    return Error{ErrorKind::usage, "The last verification shows no failure \"" + what + "\" that could be accepted: `baton verify` lists those there are."};
  }
  if (meant.size() > 1) {
    std::string names;
    for (std::size_t i = 0; i < std::min(meant.size(), kMaxNamed); ++i) names += (i ? ", " : "") + name_of(meant[i]) + (meant[i].gate.empty() ? "" : " (" + meant[i].gate + ")");
    return Error{ErrorKind::usage, "\"" + what + "\" names " + std::to_string(meant.size()) + " failures: " + names + "; name one whole, or its gate."};
  }
  Acceptance one = std::move(meant.front());
  one.reason = request.reason;
  one.caller = caller;
  return one;
}

void show_accepted(VerifyReport& report, const std::vector<Acceptance>& accepted) {
  if (accepted.empty()) return;
  for (TestVerdict& test : report.tests) {
    if (can_be_accepted(test)) test.accepted = note_on(named(test), accepted);
  }
  for (FindingVerdict& finding : report.findings) {
    if (can_be_accepted(finding)) finding.accepted = note_on(named(finding), accepted);
  }
  if (report.verdict != Verdict::rejected) return;
  FailureWeight whole;
  bool all = true;
  for (const GateReport& gate : report.gates) {
    if (!gate.required || gate.verdict == GateVerdict::pass) continue;
    if (gate.verdict != GateVerdict::fail) {
      all = all && gate.kind == GateKind::lint;  // which leaves the whole as it is
      continue;
    }
    all = all && is_accepted(report, gate);
    whole.add(weight_of(report, gate));
  }
  report.accepted = all && whole.by_human > 0;
  if (const std::string clause = clause_of(whole); whole.failures > 0 && !clause.empty()) report.cause += " (" + clause + ")";
}

json to_json(const Acceptance& one) {
  return {{"gate", one.gate}, {"test", one.test}, {"status", one.status}, {"path", one.path}, {"code", one.code}, {"shape", one.shape},
          {"reason", one.reason}, {"human", one.caller.human}, {"agent", one.caller.agent}, {"unix_ms", one.unix_ms}, {"by", by_whom(one.caller)}};
}

Result<Acceptance> acceptance_from_json(const json& object) {
  JsonFields fields("an accepted failure");
  Acceptance one{fields.text(object, "gate"), fields.text(object, "test"), fields.text(object, "status"), fields.text(object, "path"),
                 fields.text(object, "code"), fields.text(object, "shape"), fields.text(object, "reason"),
                 {{}, fields.flag(object, "human"), fields.text(object, "agent")}, fields.big_integer(object, "unix_ms")};
  if (!fields.ok()) return fields.error();
  return one;
}

json to_json(const AcceptRequest& request) {
  return {{"verification", request.verification}, {"gate", request.gate}, {"test", request.test}, {"path", request.path}, {"line", request.line},
          {"message", request.message}, {"reason", request.reason}, {"withdraw", request.withdraw}};
}

Result<AcceptRequest> accept_request_from_json(const json& object) {
  JsonFields fields("a failure to accept");
  AcceptRequest request{fields.text(object, "verification"), fields.text(object, "gate"), fields.text(object, "test"), fields.text(object, "path"),
                        fields.integer(object, "line"), fields.text(object, "message"), fields.text(object, "reason"), fields.flag(object, "withdraw")};
  if (!fields.ok()) return fields.error();
  return request;
}

}  // namespace baton
