#include <unistd.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/consent.h"
#include "cli/criteria.h"
#include "cli/interrupt.h"
#include "cli/open_engine.h"
#include "cli/print.h"
#include "cli/progress_line.h"
#include "cli/verb.h"
#include "cli/verbs.h"
#include "orchestrator/criteria.h"
#include "orchestrator/engine.h"
#include "orchestrator/report_text.h"
#include "support/json.h"

namespace baton {
namespace {

struct Options {
  std::string workspace = ".";
  std::string criteria, task;
  bool red_green = false;
  bool dirty = false, json = false, verbose = false, embedded = false, progress = false, quiet = false;
  VerifyRequest request;
};

ProgressStyle progress_style(const Options& options) {
  if (options.quiet || (options.json && !options.progress)) return ProgressStyle::none;
  return is_terminal(STDERR_FILENO) ? ProgressStyle::live : ProgressStyle::plain;
}

// Paths in output are relative to the workspace; a log lies outside of it where the work tree is a linked one.
nlohmann::json with_near_paths(nlohmann::json report, const std::filesystem::path& root) {
  for (auto& gate : report["gates"]) {
    for (const char* side : {"base", "head"}) {
      if (!gate[side].is_object() || !gate[side].contains("log")) continue;
      const std::filesystem::path log(gate[side]["log"].get<std::string>());
      const auto near = log.lexically_relative(root);
      if (!near.empty() && *near.begin() != "..") gate[side]["log"] = near.string();
    }
  }
  return report;
}

Error needs_consent() {
  return Error{ErrorKind::trust,
               "This repository's tools have not been approved: run `baton verify` in a terminal to see what would run and "
               "approve it, or `baton verify --yes` to approve it for one run."};
}

Result<VerifyReport> judge(Engine& engine, const Options& options, std::stop_token stop) {
  ProgressLine line(progress_style(options));
  const ProgressSink sink = [&line](const Progress& progress) { line.show(progress); };
  auto report = engine.verify(options.request, sink, stop);
  if (report || report.error().kind != ErrorKind::trust) return report;
  line.clear();
  if (!can_ask()) return needs_consent();
  const auto consent = ask_consent(engine, options.request, stop);
  if (!consent) return consent.error();
  if (!*consent) return Error{ErrorKind::trust, "Nothing was run: `baton verify` asks again."};
  return engine.verify(options.request, sink, stop);
}

int run_verify(Options options) {
  const Interrupt interrupt;
  if (!options.criteria.empty()) {
    auto criteria = read_criteria(options.criteria);
    if (!criteria) return complain(criteria.error());
    options.request.criteria = std::move(*criteria);
  }
  auto task = read_task(options.task);
  if (!task) return complain(task.error());
  options.request.task = std::move(*task);
  if (options.red_green) options.request.criteria.emplace_back(kRedGreenCriterion);
  options.request.client_env = current_environment();
  options.request.actor = "cli:" + std::to_string(::getpid());
  options.request.process = ::getpid();
  options.request.agent = this_caller().agent;
  const auto engine = open_engine(options.workspace, options.embedded, options.request.client_env);
  if (!engine) return complain(engine.error());
  const auto report = judge(**engine, options, interrupt.token());
  if (!report) {
    if (interrupt.raised()) return complain(Error{ErrorKind::cancelled, "Cancelled; nothing of yours was changed."});
    return complain(report.error());
  }
  if (options.json) {
    write_result(dump_json(with_near_paths(to_json(*report), (*engine)->repository().root)) + "\n");
  } else {
    std::error_code unknown;
    const TextStyle style{wants_colour(STDOUT_FILENO), terminal_width(STDOUT_FILENO), options.verbose,
                          std::filesystem::current_path(unknown).string()};
    write_result(report_text(*report, style));
  }
  return exit_code(*report);
}

}  // namespace

void add_verify(CLI::App& app, Action& action) {
  const auto options = std::make_shared<Options>();
  VerifyRequest& request = options->request;
  Verb verb(app, "verify", "Judge a change: the working tree against the last commit, or any two commits");
  verb.footer(
      "Without options the working tree as it is now, uncommitted changes included, is judged against HEAD.\n"
      "Ends with 0 when nothing is worse than before (verified, no_regression), with 1 when it is rejected or\n"
      "inconclusive (with 0 where a human has accepted as known all that it is rejected for), with 3 when this\n"
      "repository's tools have not been approved yet.");
  // An unset variable of a script must not quietly mean the default.
  const std::string advice = "name a revision or leave the option out";
  verb.option("--base", request.base, "What it was before (default: HEAD)").not_empty(advice).type_name("REV");
  Option head = verb.option("--head", request.head, "What is judged (default: the working tree)").not_empty(advice).type_name("REV");
  verb.flag("--dirty", options->dirty, "Judge the working tree (the default)").excludes(head);
  verb.option("--gate", request.gates, "Only this gate; may be given again").type_name("NAME").given_again();
  verb.option("--criteria", options->criteria, "Completion criteria, one a line").type_name("FILE");
  verb.option("--task", options->task, "What was asked for, as text or in a file: it explains changed expectations of tests").type_name("TEXT|FILE");
  verb.flag("--red-green", options->red_green, "A bug fix: its tests must fail before, pass with it, and fail again without it");
  verb.option("--mutants", request.mutants, "Also show what no test notices: small changes of the changed lines, for so long").between(1, 3600).type_name("SECONDS");
  verb.flag("--quick", request.quick, "A provisional verdict, sooner");
  verb.flag("--fresh", request.fresh, "Run again even when nothing changed since an earlier verdict");
  verb.flag("--yes", request.trust_this_run, "Approve the repository's commands for this run");
  verb.flag("-v,--verbose", options->verbose, "List what is counted otherwise: failures that were there before, new tests");
  verb.flag("--json", options->json, "The report as JSON");
  verb.flag("--progress", options->progress, "Show progress with --json as well");
  verb.flag("--quiet", options->quiet, "Only the result, no progress");
  verb.flag("--embedded", options->embedded, "Judge inside this process, without a lasting engine");
  verb.option("--workspace", options->workspace, "The repository (default: the current folder)").type_name("DIR");
  verb.acts([options, &action] { action = [options] { return run_verify(*options); }; });
}

}  // namespace baton
