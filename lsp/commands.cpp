#include "lsp/commands.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "lsp/evidence_page.h"
#include "lsp/lines.h"
#include "lsp/pending_reply.h"
#include "lsp/uri.h"
#include "lsp/verification.h"
#include "orchestrator/doctor_report.h"
#include "orchestrator/doctor_text.h"
#include "support/files.h"

namespace baton {
namespace {

using nlohmann::json;

constexpr std::uint64_t kMaxLog = 256u << 20;
constexpr int kPageWidth = 100;  // columns of what is answered in words

struct Place {
  std::string path;
  int line = 1;
  EditorLines lines = {};  // a log may hold what was written over in a terminal
};

const RunSummary* run_of(const GateReport& gate, const std::string& side) {
  const auto& run = side == "base" ? gate.base : gate.head ? gate.head : gate.base;
  return run ? &*run : nullptr;
}

std::string message_of(const VerifyReport& report, const std::string& test) {
  for (const TestVerdict& verdict : report.tests) {
    if (verdict.id == test) return verdict.message;
  }
  return {};
}

// The report that is asked about; the last one when no id is given.
Result<VerifyReport> report_of(Engine& engine, const Lane::Told& known, const std::string& id) {
  if (known && (id.empty() || known->report.id == id)) return known->report;
  const auto latest = engine.latest_report();
  if (!latest) return latest.error();
  if (*latest && (id.empty() || (*latest)->id == id)) return **latest;
  return Error{ErrorKind::usage, id.empty() ? std::string("Nothing has been verified here yet: run baton.verify first.")
                                            : "There is no verification " + id + " here any more: run baton.verify."};
}

// A diagnostic's message says more than the tool did: what the tool said is in the report.
FindingPlace finding_of(const VerifyReport& report, const EvidenceArguments& wanted) {
  for (const FindingVerdict& one : report.findings) {
    const Finding& finding = one.finding;
    if (finding.path == wanted.path && finding.line == wanted.line && wanted.message.find(finding.message) != std::string::npos) return {finding.path, finding.message, finding.line};
  }
  return {wanted.path, wanted.message, wanted.line};
}

int line_of(std::string_view text, const VerifyReport& report, const EvidenceArguments& wanted) {
  if (wanted.test.empty() && !wanted.path.empty()) return line_about(text, finding_of(report, wanted));
  return line_about(text, needles_of(wanted.test, message_of(report, wanted.test)));
}

Status check(const VerifyReport& report, const EvidenceArguments& wanted) {
  if (!wanted.side.empty() && wanted.side != "base" && wanted.side != "head") return Error{ErrorKind::usage, "A side is `base` or `head`, and not \"" + wanted.side + "\"."};
  std::string names;
  for (const GateReport& gate : report.gates) {
    if (gate.name == wanted.gate) return done();
    names += (names.empty() ? "" : ", ") + gate.name;
  }
  if (wanted.gate.empty()) return done();
  return Error{ErrorKind::usage, "The verification " + report.id + " has no gate " + wanted.gate + "; " + (names.empty() ? "it ran none." : "there are: " + names + ".")};
}

Result<Place> evidence_place(Engine& engine, const Lane::Told& known, const EvidenceArguments& wanted,
                             const Environment& env) {
  const auto report = report_of(engine, known, wanted.task);
  if (!report) {
    if (const auto page = find_page(engine, wanted.task, env)) return Place{*page, 1};
    return report.error();
  }
  if (const Status fine = check(*report, wanted); !fine) return fine.error();
  for (const GateReport& gate : report->gates) {
    if (wanted.gate.empty() || gate.name != wanted.gate) continue;
    const RunSummary* run = run_of(gate, wanted.side);
    if (!run || run->log.empty()) break;
    const auto log = read_file(run->log, kMaxLog);
    if (!log) return log.error();
    return Place{run->log, line_of(*log, *report, wanted), EditorLines(*log)};
  }
  const std::string text = evidence_page(*report);
  const auto page = write_page(engine, report->id, text, env);
  if (!page) return page.error();
  return Place{*page, line_of(text, *report, wanted)};
}

std::size_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t total = 0, resident = 0;
  statm >> total >> resident;
  return resident * 4096;
}

}  // namespace

void Commands::doctor(PlaceArguments arguments, std::string token, Reply reply) {
  const auto answer = std::make_shared<PendingReply>(desk_.client, std::move(token), "Baton: doctor", std::move(reply));
  lanes_.with(arguments.uri, [this, answer](Result<Lane*> found) {
    if (!found) return answer->error(found.error());
    Lane* lane = *found;
    lane->look.submit([this, lane, answer] {
      if (answer->cancelled()) return;
      const auto report = std::make_shared<Result<DoctorReport>>(lane->engine->doctor(desk_.env));
      desk_.loop.post([answer, report, lane] {
        if (!*report) return answer->error(report->error());
        lane->board.remark((*report)->config_problems);
        json result = to_json(**report);
        result["text"] = doctor_text(**report, {.width = kPageWidth});
        answer->result(result);
      });
    });
  });
}

void Commands::remark(Lane& lane) {
  lane.look.submit([this, &lane] {
    auto report = std::make_shared<Result<DoctorReport>>(lane.engine->doctor(desk_.env));
    desk_.loop.post([&lane, report] {
      if (*report) lane.board.remark((*report)->config_problems);
    });
  });
}

void Commands::open_evidence(EvidenceArguments arguments, std::string token, Reply reply) {
  const auto answer = std::make_shared<PendingReply>(desk_.client, std::move(token), "Baton: evidence", std::move(reply));
  lanes_.with(arguments.uri, [this, arguments, answer](Result<Lane*> found) {
    if (!found) return answer->error(found.error());
    Lane* lane = *found;
    lane->look.submit([this, lane, arguments, answer, known = lane->last] {
      if (answer->cancelled()) return;
      const auto place = std::make_shared<Result<Place>>(evidence_place(*lane->engine, known, arguments, desk_.env));
      desk_.loop.post([this, answer, place] {
        if (answer->over()) return;  // nothing is opened for who has given it up
        if (!*place) return answer->error(place->error());
        const Place& at = **place;
        const auto line = static_cast<std::uint32_t>(at.lines.first(at.line) - 1);
        const std::string uri = uri_of_path(at.path);
        const bool shown = desk_.client.profile().show_document;
        if (shown) {
          desk_.client.request("window/showDocument",
                               {{"uri", uri}, {"takeFocus", true}, {"selection", to_json(Range{{line, 0}, {line, 0}})}},
                               [](const Response&) {});
        } else {
          desk_.client.show_message(MessageType::info, "The evidence is in " + at.path + ":" + std::to_string(at.line));
        }
        answer->result({{"path", at.path}, {"uri", uri}, {"line", at.line}, {"shown", shown}});
      });
    });
  });
}

void Commands::memory_usage(NoParams, std::string, Reply reply) {
  json repositories = json::array();
  for (const auto& lane : lanes_.all()) repositories.push_back({{"root", lane->root}, {"diagnostics", lane->board.bytes()}});
  reply.result({{"resident", resident_bytes()},
                {"documents", {{"count", desk_.documents.all().size()}, {"bytes", desk_.documents.bytes()}}},
                {"repositories", repositories},
                {"io_thread", {{"longest_ms", static_cast<double>(desk_.loop.longest().count()) / 1000}}}});
}

}  // namespace baton
