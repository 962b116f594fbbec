#include "lsp/commands.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "lsp/evidence_page.h"
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

Result<Place> evidence_place(Engine& engine, const Lane::Told& known, const EvidenceArguments& wanted,
                             const Environment& env) {
  const auto report = report_of(engine, known, wanted.task);
  if (!report) {
    if (const auto page = find_page(engine, wanted.task, env)) return Place{*page, 1};
    return report.error();
  }
  for (const GateReport& gate : report->gates) {
    if (wanted.gate.empty() || gate.name != wanted.gate) continue;
    const RunSummary* run = run_of(gate, wanted.side);
    if (!run || run->log.empty()) break;
    const auto log = read_file(run->log, kMaxLog);
    if (!log) return log.error();
    return Place{run->log, line_about(*log, needles_of(wanted.test, message_of(*report, wanted.test)))};
  }
  const std::string text = evidence_page(*report);
  const auto page = write_page(engine, report->id, text, env);
  if (!page) return page.error();
  return Place{*page, line_about(text, needles_of(wanted.test, {}))};
}

std::size_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t total = 0, resident = 0;
  statm >> total >> resident;
  return resident * 4096;
}

}  // namespace

void Commands::doctor(PlaceArguments arguments, std::string, Reply reply) {
  const auto answer = std::make_shared<Reply>(std::move(reply));
  lanes_.with(arguments.uri, [this, answer](Result<Lane*> found) {
    if (!found) return answer->error(found.error());
    Lane* lane = *found;
    lane->look.submit([this, lane, answer] {
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

void Commands::open_evidence(EvidenceArguments arguments, std::string, Reply reply) {
  const auto answer = std::make_shared<Reply>(std::move(reply));
  lanes_.with(arguments.uri, [this, arguments, answer](Result<Lane*> found) {
    if (!found) return answer->error(found.error());
    Lane* lane = *found;
    lane->look.submit([this, lane, arguments, answer, known = lane->last] {
      const auto place = std::make_shared<Result<Place>>(evidence_place(*lane->engine, known, arguments, desk_.env));
      desk_.loop.post([this, answer, place] {
        if (!*place) return answer->error(place->error());
        const Place& at = **place;
        const auto line = static_cast<std::uint32_t>(at.line - 1);
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
