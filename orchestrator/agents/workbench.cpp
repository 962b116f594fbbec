#include "orchestrator/agents/workbench.h"

#include <re2/re2.h>

#include <algorithm>
#include <cctype>
#include <thread>

#include "git/checkout.h"
#include "orchestrator/reports.h"
#include "orchestrator/toolchain.h"
#include "support/files.h"
#include "support/ids.h"

namespace baton {
namespace fs = std::filesystem;

Result<std::unique_ptr<Workbench>> Workbench::make(const AttemptParts& parts, const std::string& commit, const fs::path& folder, const Environment& client_env,
                                                   std::string label, ProgressTicker& progress, std::stop_token stop) {
  auto store = Store::open(parts.store.repository());
  if (!store) return store.error();
  auto tree = store->tree_of(commit);
  if (!tree) return tree.error();
  const SandboxRung rung = parts.config.sandbox == "none" ? SandboxRung::plain : probe_sandbox();
  auto area = WorkArea::make_apart(folder, store->repository(), rung);
  if (!area) return area.error();
  auto bench = std::unique_ptr<Workbench>(new Workbench(std::move(*store), commit, *tree, std::move(*area), Installs(parts.cache_home / "installs", JournalSeal(parts.config_home)), parts.evidence));
  bench->stop_ = stop;
  auto files = tree_source(bench->store_, *tree);
  if (!files) return files.error();
  bench->files_ = std::move(*files);
  bench->plan_ = discover_gates(*bench->files_, parts.config, client_env);

  RunContext context;
  context.verification = "bench-" + new_id();
  context.base_tree = context.head_tree = *tree;
  context.logs = folder / "logs";
  context.environment = ci_environment(client_env, bench->store_.repository().root);
  context.tools = toolchain_binds(client_env);
  for (const fs::path& objects : borrowed_objects(bench->store_)) context.borrowed.push_back({objects, objects, false});
  context.masked = {parts.config_home, parts.runtime_home};
  context.toolchain_digest = toolchain_digest(bench->plan_.tools);
  context.rung = rung;
  context.jobs = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  if (auto made = make_folder(context.logs, 0700); !made) return made.error();
  bench->runner_ = std::make_unique<GateRunner>(parts.executor, parts.evidence, std::move(context));

  SideRunner::Parts of_side{bench->store_, parts.journal, parts.evidence, *bench->runner_, bench->installs_, JournalSeal(parts.config_home), {}, stop};
  of_side.progress = [&progress, label](const Gate& gate, const std::string& doing, double, const fs::path& log) {
    Progress step;
    step.stage = doing == "checkout" ? "checkout" : gate.kind == GateKind::setup ? "setup" : "agent";
    step.gate = gate.name;
    step.log = log.string();
    step.message = label + ": " + (doing == "checkout" ? "checking out" : gate.name);
    if (!doing.empty() && doing != "checkout") step.message += " (" + doing + ")";
    progress.show(std::move(step));
  };
  bench->side_ = std::make_unique<SideRunner>(std::move(of_side), bench->area_, kSideInUse, commit, *tree, bench->plan_.gates);
  return bench;
}

Workbench::~Workbench() = default;

Status Workbench::check_out() { return checkout().ensure(stop_); }

Result<GateRun> Workbench::run(const Gate& gate) {
  auto runs = side_->runs(gate, false);
  if (!runs) return runs.error();
  return (*runs)->front();
}

// The first line that speaks of a failure, else the first with words.
static std::string telling_line(std::string_view text) {
  static const RE2 kFailure(R"((?i)\b(error|failed|cannot|can't|could not|couldn't|not found|no such|unable|invalid|unknown)\b)");
  constexpr std::size_t kLongest = 200;
  std::string first;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string line(text.substr(0, std::min(end, kLongest)));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (RE2::PartialMatch(line, kFailure)) return line;
    if (first.empty() && std::any_of(line.begin(), line.end(), [](unsigned char c) { return std::isalpha(c); })) first = line;
  }
  return first;
}

std::string Workbench::complaint_of(const GateRun& run) const {
  const std::string& cause = run.evidence.diagnosis.cause;
  std::string text = (cause.empty() ? "it wrote no report" : cause) + ".";
  const auto log = evidence_.get(run.evidence.log);
  if (const std::string said = log ? telling_line(*log) : ""; !said.empty()) text += " It said: \"" + said + "\".";
  return log ? text + " Its output is in " + evidence_.path_of(run.evidence.log).string() + "." : text;
}

Result<std::vector<std::string>> Workbench::set_up() {
  if (auto made = check_out(); !made) return made.error();
  std::vector<std::string> problems;
  for (const Gate& gate : plan_.gates) {
    if (gate.kind != GateKind::setup || side_->blocked_by(gate)) continue;
    auto done = run(gate);
    if (!done) return done.error();
    const Diagnosis& said = done->evidence.diagnosis;
    if (said.verdict == RunVerdict::pass) continue;
    problems.push_back("`" + gate.name + "` does not pass: " + said.cause + ".");
    if (said.verdict == RunVerdict::env_fault && gate.required) {
      return Error{ErrorKind::io, "The work tree cannot be made ready: " + gate.name + ": " + said.cause + "."};
    }
  }
  return problems;
}

void Workbench::give_back() { side_->give_back_installs(); }

std::string Workbench::path_variable() const { return get(context().environment.gate, "PATH").value_or(""); }

std::optional<std::string> Workbench::text_of(const std::string& path) const {
  auto entry = store_.find(tree_id_, path);
  if (!entry || !*entry || ((*entry)->mode & 0170000) != 0100000) return std::nullopt;
  auto text = store_.read_blob((*entry)->blob);
  return text ? std::optional(std::move(*text)) : std::nullopt;
}

std::vector<std::string> Workbench::reports(std::string_view pattern) {
  std::vector<std::string> texts;
  for (ReportFile& report : read_reports(checkout().reports(), pattern)) texts.push_back(std::move(report.content));
  return texts;
}

}  // namespace baton
