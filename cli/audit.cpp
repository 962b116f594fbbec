// `baton audit`: what a change does to the checks that hold the code. Runs nothing of the repository.
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/criteria.h"
#include "cli/interrupt.h"
#include "cli/print.h"
#include "cli/verb.h"
#include "cli/verbs.h"
#include "orchestrator/audit_trees.h"
#include "orchestrator/terminal_text.h"
#include "orchestrator/verify_report.h"
#include "support/json.h"

namespace baton {
namespace {

using nlohmann::json;

struct Options {
  std::string workspace = ".", range, base, head, before, after, task;
  bool as_json = false, embedded = false;
};

void print(const std::vector<AuditFinding>& findings) {
  std::string text;
  for (const AuditFinding& finding : findings) {
    text += std::string(finding.escalates ? "escalates" : "note") + "  " + printable_text(finding.path) + (finding.line > 0 ? ":" + std::to_string(finding.line) : "") + (finding.on_base ? " (base)" : "") + "  " + finding.kind +
            "\n    " + printable_text(finding.message) + "\n";
    std::string_view hunk = finding.hunk;
    while (!hunk.empty()) {
      const auto end = std::min(hunk.find('\n'), hunk.size());
      text += "      " + printable_text(std::string(hunk.substr(0, end))) + "\n";
      hunk.remove_prefix(std::min(end + 1, hunk.size()));
    }
  }
  const auto bad = std::count_if(findings.begin(), findings.end(), [](const AuditFinding& finding) { return finding.escalates; });
  if (findings.empty()) text = "No check is weaker than before.\n";
  else text += "\n" + std::to_string(bad) + " of " + std::to_string(findings.size()) + (bad == 1 ? " removes" : " remove") + " protection.\n";
  write_result(text);
}

Result<std::vector<AuditedFile>> changed(const Options& options, std::stop_token stop) {
  if (!options.before.empty()) return changed_between_folders(options.before, options.after);
  std::string base = options.base, head = options.head;
  if (!options.range.empty()) {
    const auto dots = options.range.find("..");
    if (dots == options.range.npos) return Error{ErrorKind::usage, "Give two revisions as BASE..HEAD, or --base and --head."};
    base = options.range.substr(0, dots);
    head = options.range.substr(options.range.find_first_not_of('.', dots) == options.range.npos ? options.range.size() : options.range.find_first_not_of('.', dots));
    if (head.empty()) head = "HEAD";
  }
  return changed_in_repository(options.workspace, base, head, stop);
}

int run_audit(const Options& options) {
  if (options.before.empty() != options.after.empty()) return complain({ErrorKind::usage, "--before and --after belong together: two folders, the same files before and after."});
  if (!options.before.empty() && !(options.range + options.base + options.head).empty()) return complain({ErrorKind::usage, "Give two folders or two revisions, and not both."});
  if (!options.range.empty() && !(options.base + options.head).empty()) return complain({ErrorKind::usage, "Give BASE..HEAD or --base and --head, and not both."});
  const auto task = read_task(options.task);
  if (!task) return complain(task.error());
  const Interrupt interrupt;
  const auto files = changed(options, interrupt.token());
  if (!files) return complain(files.error());
  const std::vector<AuditFinding> findings = audit_change(*files, task->empty() ? std::nullopt : std::optional(*task), interrupt.token());
  if (options.as_json) {
    json list = json::array();
    for (const AuditFinding& finding : findings) list.push_back(to_json(finding));
    write_result(dump_json({{"tampered", escalates(findings)}, {"findings", list}}) + "\n");
  } else {
    print(findings);
  }
  return escalates(findings) ? kExitNotAchieved : kExitDone;
}

}  // namespace

void add_audit(CLI::App& app, Action& action) {
  const auto options = std::make_shared<Options>();
  Verb verb(app, "audit", "Show where a change weakens tests and checks; runs nothing");
  verb.footer(
      "Without options the working tree as it is now is held against HEAD.\n"
      "For example:  baton audit main..HEAD --task \"The tax rate is 18 %\"\n"
      "Ends with 1 when something removes protection, with 0 when nothing does.");
  verb.option("RANGE", options->range, "Two revisions: BASE..HEAD").type_name("BASE..HEAD");
  verb.option("--base", options->base, "What it was before (default: HEAD)").type_name("REV");
  verb.option("--head", options->head, "What is looked at (default: the working tree)").type_name("REV");
  verb.option("--before", options->before, "With --after: a folder as it was").type_name("DIR");
  verb.option("--after", options->after, "With --before: the folder as it is").type_name("DIR");
  verb.option("--task", options->task, "What was asked for, as text or in a file: it explains changed expectations").type_name("TEXT|FILE");
  verb.flag("--json", options->as_json, "The findings as JSON");
  verb.flag("--embedded", options->embedded, "Look inside this process, as it always does");
  verb.option("--workspace", options->workspace, "The repository (default: the current folder)").type_name("DIR");
  verb.acts([options, &action] { action = [options] { return run_audit(*options); }; });
}

}  // namespace baton
