#include "orchestrator/gate_run.h"

#include <re2/re2.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "orchestrator/attestation.h"
#include "orchestrator/change_parts.h"
#include "orchestrator/reports.h"
#include "orchestrator/source_lines.h"
#include "support/files.h"
#include "support/hash.h"
#include "support/ids.h"
#include "support/json.h"
#include "support/redact.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxText = 8u << 20;     // of the output that is read: its first and its last half
constexpr std::uint64_t kMaxLogFile = 16u << 20;  // of the output that is kept
constexpr std::size_t kMaxRewritten = 50;           // files that are named
constexpr auto kTick = std::chrono::milliseconds(500);
constexpr std::string_view kInnerReports = "/home/baton/reports";

constexpr std::string_view kOurReports = "{reports}/";

std::string path_in_tree(const std::string& pattern) { return pattern.starts_with("{root}/") ? pattern.substr(7) : pattern; }

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

// A log as it is kept: all of it, or its beginning and its end with what is missing between them named.
std::string log_text(const ProcessResult& process, const fs::path& file) {
  if (process.output_bytes <= kMaxText || !fs::exists(file)) return process.out;
  auto begin = read_file(file, kMaxLogFile + 1);
  if (!begin) return process.out;
  if (begin->size() >= process.output_bytes) return *begin;
  const std::string end = process.out.substr(process.out.size() / 2);
  const std::uint64_t missing = process.output_bytes - std::min<std::uint64_t>(process.output_bytes, begin->size());
  return *begin + "\n[output beyond " + std::to_string(begin->size()) +
         " bytes was not kept: " + std::to_string(missing) + " bytes, of which the end follows]\n" + end;
}

}  // namespace

std::vector<std::string> select_command(const Gate& gate, const std::vector<std::string>& chosen) {
  // "src/lib.rs - double": rustdoc's own name has a line in it, which no id has, so that all of them are run.
  static const RE2 kExample("^\\S+\\.rs -( |$)");
  if (std::any_of(chosen.begin(), chosen.end(), [](const std::string& id) { return RE2::PartialMatch(id, kExample); })) return gate.argv;
  std::vector<std::string> names;
  for (const std::string& id : chosen) {
    std::string name = id;
    if (!gate.select_pattern.empty()) RE2::Replace(&name, "^(?:" + gate.select_pattern + ")$", gate.select_rewrite);
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
  }
  std::vector<std::string> argv;
  for (const std::string& part : gate.select_argv) {
    if (part.find("{tests}") == part.npos) {
      argv.push_back(part);
    } else if (gate.select_join.empty()) {
      argv.insert(argv.end(), names.begin(), names.end());
    } else {
      const bool pattern = gate.select_join == "|";
      std::string joined;
      for (const std::string& name : names) joined += (joined.empty() ? "" : gate.select_join) + (pattern ? RE2::QuoteMeta(name) : name);
      std::string filled = part;
      replace_all(filled, "{tests}", pattern ? "^(" + joined + ")$" : joined);
      argv.push_back(std::move(filled));
    }
  }
  return argv;
}

fs::path GateRunner::inner_reports(const Checkout& checkout) const {
  return context_.rung == SandboxRung::bubblewrap ? fs::path(kInnerReports) : checkout.reports();
}

std::string GateRunner::fill_in(std::string text, const Checkout& checkout) const {
  replace_all(text, "{root}", checkout.inner_root().string());
  replace_all(text, "{reports}", inner_reports(checkout).string());
  replace_all(text, "{home}", checkout.inner_home().string());
  replace_all(text, "{jobs}", std::to_string(context_.jobs));
  return text;
}

Environment GateRunner::environment_of(const Gate& gate) const {
  Environment env = gate.network ? context_.environment.setup : context_.environment.gate;
  for (const auto& [name, value] : gate.env) set(env, name, value);
  return env;
}

Job GateRunner::make_job(const Gate& gate, const Checkout& checkout, const std::vector<std::string>& chosen,
                         const fs::path& log) const {
  Job job;
  job.label = checkout.side() + ": " + gate.name;
  job.rung = context_.rung;
  ProcessSpec& process = job.process;
  for (const std::string& part : chosen.empty() ? gate.argv : select_command(gate, chosen)) {
    process.argv.push_back(fill_in(part, checkout));
  }
  process.env = environment_of(gate);
  for (auto& [name, value] : process.env) value = fill_in(value, checkout);
  process.cwd = gate.cwd.empty() ? checkout.inner_root() : checkout.inner_root() / gate.cwd;
  process.timeout = gate.timeout;
  process.merge_stderr = true;
  process.max_output = kMaxText;
  process.output_file = log;
  process.max_output_file = kMaxLogFile;

  SandboxPolicy& box = job.sandbox;
  box.binds = context_.tools;
  box.binds.insert(box.binds.end(), context_.borrowed.begin(), context_.borrowed.end());
  if (gate.network) {
    const auto& registries = context_.environment.setup_binds;
    box.binds.insert(box.binds.end(), registries.begin(), registries.end());
  }
  const bool moved = context_.rung == SandboxRung::bubblewrap;  // elsewhere it stands at its place already
  box.binds.push_back({moved ? checkout.tree() : checkout.inner_root(), checkout.inner_root(), true});
  box.binds.push_back({moved ? checkout.reports() : inner_reports(checkout), inner_reports(checkout), true});
  box.masked = context_.masked;
  box.home = moved ? checkout.inner_home() : checkout.home();
  box.home_source = checkout.home();
  box.tmp = checkout.tmp();
  box.network = gate.network;
  return job;
}

std::vector<ReportFile> GateRunner::collect_reports(const Gate& gate, const Checkout& checkout) const {
  std::vector<ReportFile> reports;
  for (const std::string& pattern : gate.reports) {
    auto found = pattern.starts_with(kOurReports) ? read_reports(checkout.reports(), pattern.substr(kOurReports.size()))
                                                  : read_reports(checkout.tree(), path_in_tree(pattern));
    reports.insert(reports.end(), std::make_move_iterator(found.begin()), std::make_move_iterator(found.end()));
  }
  return reports;
}

// One that the tree brings along, or that an earlier run left, says nothing of this run. The folder of ours is empty already.
void GateRunner::remove_old_reports(const Gate& gate, const Checkout& checkout) const {
  for (const std::string& pattern : gate.reports) {
    if (!pattern.starts_with(kOurReports)) remove_reports(checkout.tree(), path_in_tree(pattern));
  }
}

// Lock files and the like are an installer's to bring up to date.
Result<std::vector<std::string>> GateRunner::rewritten(const Gate& gate, const Checkout& checkout, std::stop_token stop) const {
  if (gate.kind != GateKind::test) return std::vector<std::string>();
  auto changed = checkout.changed_files(stop);
  if (!changed) return changed;
  std::erase_if(*changed, [](const std::string& path) {
    const ChangePart part = part_of_change(path);
    return part == ChangePart::manifest || part == ChangePart::document;
  });
  if (changed->size() > kMaxRewritten) changed->resize(kMaxRewritten);
  return changed;
}

// No event of the journal names what only a quick verdict rests on.
static Lasting lasting_of(const RunEvidence& evidence) { return evidence.provisional ? Lasting::no : Lasting::yes; }

Status GateRunner::keep_log(const ProcessResult& process, const fs::path& file, RunEvidence& evidence) {
  std::string text = log_text(process, file);
  if (!process.start_error.empty()) text += process.start_error + "\n";
  text = redact(text, context_.environment.secrets);
  auto kept = evidence_.put(text, lasting_of(evidence));
  if (!kept) return kept.error();
  evidence.log = *kept;
  evidence.log_bytes = text.size();
  evidence.log_truncated = process.output_bytes > kMaxText && process.truncated;
  return done();
}

Result<GateRun> GateRunner::run(const Gate& gate, Checkout& checkout, const std::string& tree,
                                const std::vector<std::string>& chosen, int attempt, const RunTick& tick,
                                std::stop_token stop) {
  if (auto entered = checkout.enter(); !entered) return entered.error();
  const struct Leave {
    Checkout& checkout;
    ~Leave() { checkout.leave(); }
  } leave{checkout};

  auto before = rewritten(gate, checkout, stop);
  if (!before) return before.error();
  // A file with secrets and a network never meet.
  const auto lending = Lending::begin(gate.network ? std::vector<LentFile>() : context_.lent.files, checkout.tree());
  if (!lending) return lending.error();

  remove_old_reports(gate, checkout);
  const fs::path log = context_.logs / (new_id() + ".log");
  Job job = make_job(gate, checkout, chosen, log);
  GateRun run;
  run.chosen = chosen;
  RunEvidence& evidence = run.evidence;
  evidence.verification = context_.verification;
  evidence.verifier = own_verifier().name();
  evidence.gate = gate.name;
  evidence.kind = gate.kind;
  evidence.argv = job.process.argv;
  evidence.cwd = job.process.cwd.string();
  evidence.side = checkout.side();
  evidence.lent = lending->digests();
  evidence.rewritten = std::move(*before);
  evidence.commit = checkout.commit();
  evidence.tree = tree;
  evidence.base_tree = context_.base_tree;
  evidence.head_tree = context_.head_tree;
  evidence.environment_digest = environment_digest(job.process.env);
  evidence.toolchain_digest = context_.toolchain_digest;
  evidence.network = gate.network;
  evidence.started = utc_timestamp();
  evidence.attempt = attempt;
  evidence.provisional = context_.provisional && checkout.builds_on();

  const auto began = std::chrono::steady_clock::now();
  const auto answer = executor_.submit(std::move(job), stop);
  while (answer.wait_for(kTick) != std::future_status::ready) {
    if (tick) tick(std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count(), log);
  }
  const Result<JobResult>& finished = answer.get();
  if (!finished) return finished.error();
  const ProcessResult& process = finished->process;
  if (process.cancelled) return Error{ErrorKind::cancelled, "Cancelled while " + gate.name + " ran."};

  if (context_.tool_versions.valid()) evidence.tool_versions = context_.tool_versions.get();
  evidence.rung = finished->rung;
  evidence.exit_code = process.exit_code;
  evidence.signal = process.signal;
  evidence.timed_out = process.timed_out;
  evidence.seconds = process.seconds;
  run.cpu_seconds = process.cpu_seconds;
  evidence.diagnosis = judge(gate, checkout, process, chosen);
  if (auto kept = keep_log(process, log, evidence); !kept) return kept.error();
  std::error_code ignored;
  fs::remove(log, ignored);

  auto statement = evidence_.put(dump_json(to_statement(evidence)), lasting_of(evidence));
  if (!statement) return statement.error();
  run.statement = *statement;
  return run;
}

Diagnosis GateRunner::judge(const Gate& gate, const Checkout& checkout, const ProcessResult& process,
                            const std::vector<std::string>& chosen) const {
  RunOutput output;
  const std::string text = process.start_error.empty() ? process.out : process.out + process.start_error + "\n";
  output.text = text;
  output.exit_code = process.exit_code;
  output.signal = process.signal;
  output.timed_out = process.timed_out;
  output.not_started = !process.start_error.empty();
  output.root = checkout.inner_root().string();
  output.cwd = (gate.cwd.empty() ? checkout.inner_root() : checkout.inner_root() / gate.cwd).string();
  output.tool = gate.parser;
  output.tests_expected = gate.kind == GateKind::test;
  output.own_script = gate.parser.empty();
  output.report_expected = !gate.reports.empty() && chosen.empty();
  output.reports = collect_reports(gate, checkout);
  SourceLines sources(checkout.tree());
  output.source_line = [&](const std::string& path, int line) { return sources.line(path, line); };
  output.file_exists = [&](const std::string& path) { return sources.exists(path); };
  Diagnosis diagnosis = diagnose(output);
  // Which program, and why: the sentence that the process face made.
  if (output.not_started) diagnosis.cause = process.start_error;
  return diagnosis;
}

RunSummary summary_of(const GateRun& run, const EvidenceStore& evidence) {
  const RunEvidence& from = run.evidence;
  RunSummary summary;
  summary.verdict = from.diagnosis.verdict;
  summary.cause = from.diagnosis.cause;
  summary.exit_code = from.exit_code;
  summary.signal = from.signal;
  summary.seconds = from.seconds;
  if (from.diagnosis.tests) {
    summary.total = from.diagnosis.tests->total;
    summary.passed = from.diagnosis.tests->passed;
    summary.failed = from.diagnosis.tests->failed;
    summary.skipped = from.diagnosis.tests->skipped;
  }
  summary.log = evidence.path_of(from.log).string();
  summary.evidence = run.statement;
  summary.cached = run.cached;
  return summary;
}

Result<GateRun> read_run(const EvidenceStore& evidence, const std::string& statement) {
  auto bytes = evidence.get(statement);
  if (!bytes) return bytes.error();
  auto json = parse_json(*bytes);
  if (!json) return json.error();
  auto read = from_statement(*json);
  if (!read) return read.error();
  GateRun run;
  run.evidence = std::move(*read);
  run.statement = statement;
  run.cached = true;
  return run;
}

}  // namespace baton
