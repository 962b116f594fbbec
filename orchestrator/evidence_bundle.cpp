#include "orchestrator/evidence_bundle.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "orchestrator/dsse.h"
#include "orchestrator/json_fields.h"
#include "support/base64.h"
#include "support/hash.h"
#include "support/json.h"

namespace baton {
namespace {

using nlohmann::json;

constexpr const char* kMediaType = "application/vnd.baton.evidence-bundle.v2+json";
constexpr const char* kVerdictType = "urn:baton:verdict:v1";
constexpr const char* kAcceptedType = "urn:baton:accepted:v1";

Error altered(const std::string& what) { return {ErrorKind::precondition, "This bundle was altered: " + what}; }

// Paths of the machine say nothing elsewhere: a log is named by its hash, which is its file's name.
VerifyReport portable(VerifyReport report) {
  for (GateReport& gate : report.gates) {
    for (auto* run : {&gate.base, &gate.head}) {
      if (*run) (*run)->log = std::filesystem::path((*run)->log).filename().string();
    }
  }
  return report;
}

Result<std::string> log_bytes(const EvidenceStore& evidence, const std::string& digest) {
  auto bytes = evidence.get(digest);
  if (bytes) return to_base64(*bytes);
  return Error{bytes.error().kind, "A log that the verdict rests on is gone; `baton verify --fresh` reaches it again. " + bytes.error().message};
}

// Reads the parts of a bundle, each against what was signed.
class Opening {
 public:
  explicit Opening(const json& bundle, PublicKey key) : bundle_(bundle), key_(std::move(key)) {}

  Result<CheckedBundle> run() {
    if (auto read = verdict(); !read) return read.error();
    for (const json& envelope : fields_.list(bundle_, "runs")) {
      if (auto read = run_of(envelope); !read) return read.error();
    }
    if (auto read = logs(); !read) return read.error();
    if (!named_.empty()) return altered("the run " + *named_.begin() + " is missing.");
    for (const GateReport& gate : checked_.report.gates) {
      for (const auto* told : {&gate.base, &gate.head}) {
        if (*told) {
          if (auto same = compare(gate, **told); !same) return same.error();
        }
      }
    }
    if (auto same = compare_base_tests(); !same) return same.error();
    if (auto read = accepted(); !read) return read.error();
    if (!fields_.ok()) return altered(fields_.error().message);
    checked_.key_id = key_.id();
    return std::move(checked_);
  }

 private:
  Status verdict() {
    const json* envelope = fields_.object(bundle_, "verdict");
    if (!envelope) return altered("it has no verdict.");
    const auto payload = opened(*envelope, key_, "The verdict");
    if (!payload) return altered(payload.error().message);
    const auto statement = parse_json(*payload);
    if (!statement) return altered("the verdict is no JSON.");
    if (fields_.text(*statement, "_type") != kStatementType || fields_.text(*statement, "predicateType") != kVerdictType)
      return altered("its verdict is a statement of another kind.");
    const json* predicate = fields_.object(*statement, "predicate");
    const json* told = predicate ? fields_.object(*predicate, "report") : nullptr;
    if (!told) return altered("its verdict has no report.");
    auto report = verify_report_from_json(*told);
    if (!report) return altered(report.error().message);
    const json& subjects = fields_.list(*statement, "subject");
    const json* digest = subjects.size() == 1 ? fields_.object(subjects[0], "digest") : nullptr;
    if (!digest || fields_.text(*digest, "gitTree") != report->head.tree) return altered("its subject is not the tree that was judged.");
    for (std::string& run : fields_.texts(*predicate, "runs")) named_.insert(std::move(run));
    checked_.report = std::move(*report);
    checked_.isolated = checked_.report.sandbox != to_string(SandboxRung::plain) && checked_.report.sandbox != to_string(SandboxRung::landlock);
    return done();
  }

  // Last, since it is laid over what was judged.
  Status accepted() {
    const json* envelope = fields_.object(bundle_, "accepted");
    if (!envelope) return altered("it does not say which failures were accepted.");
    const auto payload = opened(*envelope, key_, "What was accepted");
    if (!payload) return altered(payload.error().message);
    const auto statement = parse_json(*payload);
    if (!statement) return altered("what was accepted is no JSON.");
    const json* predicate = fields_.object(*statement, "predicate");
    if (fields_.text(*statement, "predicateType") != kAcceptedType || !predicate) return altered("what was accepted is a statement of another kind.");
    if (fields_.text(*predicate, "verification") != checked_.report.id) return altered("what was accepted is of another verdict.");
    std::vector<Acceptance> all;
    for (const json& one : fields_.list(*predicate, "failures")) {
      auto read = acceptance_from_json(one);
      if (!read) return altered(read.error().message);
      all.push_back(std::move(*read));
    }
    show_accepted(checked_.report, all);
    return done();
  }

  Status run_of(const json& envelope) {
    const auto payload = opened(envelope, key_, "A run");
    if (!payload) return altered(payload.error().message);
    const std::string digest = sha256(*payload);
    if (!named_.erase(digest)) return altered("it holds a run that its verdict does not rest on.");
    const auto statement = parse_json(*payload);
    if (!statement) return altered("a run is no JSON.");
    auto run = from_statement(*statement);
    if (!run) return altered(run.error().message);
    auto made = checked_.report.reproduction ? checked_.report.reproduction->trees : std::vector<std::string>();
    if (const auto& more = checked_.report.base_tests) made.insert(made.end(), more->trees.begin(), more->trees.end());
    const bool of_ours = std::find(made.begin(), made.end(), run->tree) != made.end();
    if (run->tree != checked_.report.base.tree && run->tree != checked_.report.head.tree && !of_ours)
      return altered("the run of " + run->gate + " is of another tree.");
    checked_.isolated = checked_.isolated && run->rung == SandboxRung::bubblewrap;
    wanted_logs_.insert(run->log);
    checked_.runs.emplace(digest, std::move(*run));
    return done();
  }

  Status logs() {
    const json* logs = fields_.object(bundle_, "logs");
    if (!logs) return altered("it has no logs.");
    for (const auto& [digest, text] : logs->items()) {
      const auto bytes = from_base64(text.is_string() ? text.get<std::string>() : "");
      if (!bytes || sha256(*bytes) != digest) return altered("a log is not what its hash says.");
      if (!wanted_logs_.erase(digest)) return altered("it holds a log that no run names.");
    }
    if (!wanted_logs_.empty()) return altered("a log is missing.");
    return done();
  }

  Status compare(const GateReport& gate, const RunSummary& told) const {
    const auto run = checked_.runs.find(told.evidence);
    if (run == checked_.runs.end()) return altered("the run of " + gate.name + " that its verdict names is missing.");
    const RunEvidence& was = run->second;
    if (was.exit_code != told.exit_code || was.signal != told.signal || was.diagnosis.verdict != told.verdict || was.log != told.log)
      return altered("its verdict says something else of " + gate.name + " than the run.");
    return done();
  }

  // What it says of the base's tests stands in runs that it has: each failed in one of those trees.
  Status compare_base_tests() const {
    if (!checked_.report.base_tests) return done();
    const BaseTests& told = *checked_.report.base_tests;
    for (const std::string& statement : told.evidence) {
      if (!checked_.runs.count(statement)) return altered("a run of the base's tests that its verdict names is missing.");
    }
    for (const std::string& id : told.failing) {
      const bool failed = std::any_of(told.evidence.begin(), told.evidence.end(), [&](const std::string& statement) {
        const RunEvidence& run = checked_.runs.at(statement);
        if (std::find(told.trees.begin(), told.trees.end(), run.tree) == told.trees.end()) return false;
        if (run.gate == id) return run.diagnosis.verdict != RunVerdict::pass;
        const auto& cases = run.diagnosis.tests ? run.diagnosis.tests->cases : std::vector<TestCase>();
        return std::any_of(cases.begin(), cases.end(), [&](const TestCase& test) { return test.id == id && test.status == CaseStatus::failed; });
      });
      if (!failed) return altered("its verdict says that " + id + " of the base fails, and no run does.");
    }
    return done();
  }

  const json& bundle_;
  const PublicKey key_;
  JsonFields fields_{"an evidence bundle"};
  CheckedBundle checked_;
  std::set<std::string> named_, wanted_logs_;
};

template <class E>
std::string word(E value) {
  return std::string(to_string(value));
}

// Of the failures that are known, those that this report shows.
json accepted_statement(const json& report, const json& subject, const std::vector<Acceptance>& accepted) {
  json failures = json::array();
  for (const Acceptance& one : accepted) {
    const auto shows = [&](const char* list, auto is_it) { return std::any_of(report.at(list).begin(), report.at(list).end(), is_it); };
    const bool here = one.test.empty() ? shows("findings", [&](const json& finding) { return finding.value("path", "") == one.path; })
                                       : shows("tests", [&](const json& test) { return test.value("id", "") == one.test; });
    if (here) failures.push_back(to_json(one));
  }
  return {{"_type", kStatementType}, {"subject", subject}, {"predicateType", kAcceptedType}, {"predicate", {{"verification", report.at("id")}, {"failures", std::move(failures)}}}};
}

bool wavers(TestStatus status) { return status == TestStatus::flaky || status == TestStatus::newly_unstable; }

void compare_gates(const VerifyReport& told, const VerifyReport& again, std::vector<std::string>& all) {
  for (const GateReport& gate : told.gates) {
    const auto now = std::find_if(again.gates.begin(), again.gates.end(), [&](const GateReport& one) { return one.name == gate.name; });
    if (now == again.gates.end()) {
      all.push_back(gate.name + " did not run.");
    } else if (now->verdict != gate.verdict) {
      all.push_back(gate.name + ": " + word(gate.verdict) + " was told, " + word(now->verdict) + " is what it says now" +
                    (now->cause.empty() ? "." : ": " + now->cause));
    }
  }
}

void compare_tests(const VerifyReport& told, const VerifyReport& again, std::vector<std::string>& all) {
  std::map<std::pair<std::string, std::string>, TestStatus> before;
  for (const TestVerdict& test : told.tests) before[{test.gate, test.id}] = test.status;
  for (const TestVerdict& test : again.tests) {
    const auto was = before.find({test.gate, test.id});
    const bool same = was != before.end() && (was->second == test.status || wavers(was->second) || wavers(test.status));
    if (was == before.end()) all.push_back(test.id + " was not told of; it is " + word(test.status) + ".");
    else if (!same) all.push_back(test.id + ": " + word(was->second) + " was told, " + word(test.status) + " is what it says now.");
    if (was != before.end()) before.erase(was);
  }
  for (const auto& [test, status] : before) all.push_back(test.second + " was told as " + word(status) + ", and did not run.");
}

// In any order: what a reader of the report sees of it is the same.
void compare_audits(const VerifyReport& told, const VerifyReport& again, std::vector<std::string>& all) {
  using Place = std::tuple<std::string, int, bool, std::string, bool>;
  const auto places = [](const VerifyReport& report) {
    std::multiset<Place> found;
    for (const AuditFinding& one : report.audit) found.emplace(one.path, one.line, one.on_base, one.kind, one.escalates);
    return found;
  };
  const auto say = [&](const std::multiset<Place>& some, const std::multiset<Place>& others, const std::string& words) {
    std::vector<Place> only;
    std::set_difference(some.begin(), some.end(), others.begin(), others.end(), std::back_inserter(only));
    for (const auto& [path, line, on_base, kind, escalates] : only)
      all.push_back(kind + " at " + path + ":" + std::to_string(line) + (on_base ? " of the base" : "") + (escalates ? ", which removes protection, " : " ") + words);
  };
  const auto before = places(told), now = places(again);
  say(before, now, "was told, and is not found now.");
  say(now, before, "was not told of.");
}

}  // namespace

Result<std::string> sign_verdict(const VerifyReport& report, const std::vector<std::string>& runs, EvidenceStore& evidence,
                                 const std::filesystem::path& config_home) {
  const auto key = SigningKey::of_file(config_home / kUserKeyFile);
  if (!key) return key.error();
  const json statement = {{"_type", kStatementType},
                          {"subject", json::array({{{"name", "head"}, {"digest", {{"gitTree", report.head.tree}}}}})},
                          {"predicateType", kVerdictType},
                          {"predicate", {{"report", to_json(portable(report))}, {"runs", runs}}}};
  return evidence.put(dump_json(envelope_of(dump_json(statement), *key)));
}

Result<std::string> make_bundle(const std::string& envelope, const std::vector<Acceptance>& accepted, const EvidenceStore& evidence, const SigningKey& key) {
  const auto text = evidence.get(envelope);
  if (!text) return text.error();
  const auto verdict = parse_json(*text);
  if (!verdict) return verdict.error();
  const auto payload = opened(*verdict, key.public_half(), "The verdict");
  if (!payload) return Error{ErrorKind::precondition, payload.error().message + " Another key signed it; `baton verify --fresh` reaches it again."};
  const auto statement = parse_json(*payload);
  if (!statement) return statement.error();
  json bundle = {{"mediaType", kMediaType}, {"publicKey", key.public_half().pem()}, {"verdict", *verdict}, {"runs", json::array()}, {"logs", json::object()},
                 {"accepted", envelope_of(dump_json(accepted_statement(statement->at("predicate").at("report"), statement->at("subject"), accepted)), key)}};
  for (const json& digest : statement->at("predicate").at("runs")) {
    const auto statement_text = evidence.get(digest.get<std::string>());
    if (!statement_text)
      return Error{statement_text.error().kind, "A run that the verdict rests on is gone; `baton verify --fresh` reaches it again. " + statement_text.error().message};
    const auto run = parse_json(*statement_text);
    if (!run) return run.error();
    const auto read = from_statement(*run);
    if (!read) return read.error();
    bundle["runs"].push_back(envelope_of(*statement_text, key));
    auto log = log_bytes(evidence, read->log);
    if (!log) return log.error();
    bundle["logs"][read->log] = std::move(*log);
  }
  return dump_json(bundle) + "\n";
}

Result<CheckedBundle> check_bundle(std::string_view text) {
  const auto bundle = parse_json(text);
  if (!bundle) {
    if (text.find(kMediaType) != text.npos) return altered("it is no JSON any more. " + bundle.error().message);
    return Error{ErrorKind::usage, "This is no evidence bundle: " + bundle.error().message};
  }
  if (!bundle->is_object() || bundle->value("mediaType", json()) != kMediaType || !bundle->value("publicKey", json()).is_string())
    return Error{ErrorKind::usage, "This is no evidence bundle that this Baton knows; `baton evidence export` writes one."};
  // Every byte counts, also those between what was signed.
  if (dump_json(*bundle) + "\n" != text) return altered("it is not written as it was.");
  auto key = PublicKey::from_pem(bundle->at("publicKey").get<std::string>());
  if (!key) return altered("its public key is none.");
  if (key->pem() != bundle->at("publicKey").get<std::string>()) return altered("its public key is not written as it was.");
  return Opening(*bundle, std::move(*key)).run();
}

std::vector<std::string> differences(const VerifyReport& told, const VerifyReport& again) {
  std::vector<std::string> all;
  if (told.verdict != again.verdict)
    all.push_back("The verdict: " + word(told.verdict) + " was told, " + word(again.verdict) + " is what it says now.");
  compare_gates(told, again, all);
  compare_tests(told, again, all);
  compare_audits(told, again, all);
  for (const CriterionVerdict& criterion : told.criteria) {
    for (const CriterionVerdict& now : again.criteria) {
      if (now.text == criterion.text && now.status != criterion.status)
        all.push_back("\"" + criterion.text + "\": " + word(criterion.status) + " was told, " + word(now.status) + " is what it says now.");
    }
  }
  return all;
}

}  // namespace baton
