#include "lsp/known.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

#include "lsp/actions.h"
#include "lsp/verification.h"
#include "orchestrator/acceptance.h"

namespace baton {

using nlohmann::json;

namespace {

const Error kNothingYet{ErrorKind::precondition, "Nothing has been verified here yet: run baton.verify first."};

using FailureName = std::tuple<std::string, std::string, std::string, std::string>;

FailureName failure_name(const TestVerdict& test) { return {test.gate, test.id, "", ""}; }
FailureName failure_name(const FindingVerdict& one) { return {one.gate, one.finding.path, one.finding.code, one.finding.message}; }

// A failure of an earlier verdict that `later` has, too, bears the same note.
VerifyReport with_notes(VerifyReport report, const VerifyReport& later) {
  std::map<FailureName, std::optional<AcceptedNote>> notes;
  for (const TestVerdict& test : later.tests) {
    if (test.status != TestStatus::unchanged) notes[failure_name(test)] = test.accepted;
  }
  for (const FindingVerdict& one : later.findings) notes[failure_name(one)] = one.accepted;
  const auto take_note = [&](auto& one) {
    if (const auto note = notes.find(failure_name(one)); note != notes.end()) one.accepted = note->second;
  };
  for (TestVerdict& test : report.tests) take_note(test);
  for (FindingVerdict& one : report.findings) take_note(one);
  return report;
}

AcceptRequest request_of(const AcceptArguments& arguments) {
  return {arguments.task, arguments.gate, arguments.test, arguments.path, arguments.line, arguments.message, arguments.reason, arguments.withdraw};
}

// The report that is meant, where this session has it.
Lane::Told told_of(const Lane& lane, const std::string& verification) {
  if (verification.empty()) return lane.last;
  const auto found = std::find_if(lane.told.begin(), lane.told.end(), [&](const Lane::Told& one) { return one->report.id == verification; });
  return found == lane.told.end() ? nullptr : *found;
}

// Nobody is asked for a reason for what cannot be accepted. Worker thread.
Status may_be_accepted(Engine& engine, const Lane::Told& known, const AcceptArguments& arguments, const Caller& caller) {
  const auto fits = [&](const VerifyReport& report) -> Status {
    AcceptRequest request = request_of(arguments);
    request.reason = kReasons[0];
    const auto one = acceptance_of(report, request, caller);
    return one ? done() : Status(one.error());
  };
  if (arguments.test.empty() && arguments.path.empty()) return fits({});  // which needs no report
  if (known) return fits(known->report);
  const auto latest = engine.latest_report();
  if (!latest) return latest.error();
  if (!*latest) return kNothingYet;
  const bool meant = arguments.task.empty() || (*latest)->id == arguments.task;
  return meant ? fits(**latest) : done();  // an earlier one, which the engine looks for
}

}  // namespace

void Known::accept(AcceptArguments arguments, std::string token, Reply reply) {
  const auto answer = std::make_shared<PendingReply>(desk_.client, std::move(token), "Baton: accept as known", std::move(reply));
  lanes_.with(arguments.uri, [this, arguments, answer](Result<Lane*> found) {
    if (!found) return answer->error(found.error());
    Lane* lane = *found;
    const bool asks = arguments.reason.empty() && !arguments.withdraw && !desk_.client.profile().message_request_blocks;
    if (!asks) return accept_in(*lane, arguments, answer);
    lane->look.submit([this, lane, arguments, answer, known = told_of(*lane, arguments.task)] {
      const Status there = answer->cancelled() ? done() : may_be_accepted(*lane->engine, known, arguments, desk_.caller);
      desk_.loop.post([this, lane, arguments, answer, there] {
        if (!there) return answer->error(there.error());
        if (!answer->over()) ask_why(*lane, arguments, answer);
      });
    });
  });
}

void Known::ask_why(Lane& lane, const AcceptArguments& arguments, const Pending& answer) {
  const std::string what = arguments.test.empty() ? arguments.path + ":" + std::to_string(arguments.line) : arguments.test;
  desk_.client.ask(MessageType::info, "Baton: why is the failure of " + what + " accepted as known? The reason is kept with it.",
                   {kReasons, kReasons + std::size(kReasons)}, [this, &lane, arguments, answer](int choice) {
                     if (answer->over()) return;
                     if (choice < 0) return answer->error(Error{ErrorKind::cancelled, "Nothing was accepted."});
                     AcceptArguments whole = arguments;
                     whole.reason = kReasons[choice];
                     accept_in(lane, whole, answer);
                   });
}

void Known::accept_in(Lane& lane, const AcceptArguments& arguments, const Pending& answer) {
  lane.look.submit([this, &lane, request = request_of(arguments), answer, told = lane.told, known = lane.show_known] {
    if (answer->cancelled()) return;
    const auto report = lane.engine->accept(request, desk_.caller);
    if (!report) return desk_.loop.post([answer, error = report.error()] { answer->error(error); });
    std::vector<VerifyReport> reports;
    for (const auto& one : told) reports.push_back(one->report.id == report->id ? *report : with_notes(one->report, *report));
    desk_.loop.post([answer, request, told_anew = told_anew(lane, told, std::move(reports), known), now = *report] {
      told_anew();
      answer->result({{"verification", now.id}, {"verdict", to_string(now.verdict)}, {"accepted", now.accepted}, {"cause", now.cause},
                      {"withdrawn", request.withdraw}});
    });
  });
}

// Worker thread; what it gives is for the io thread.
std::function<void()> Known::told_anew(Lane& lane, std::vector<Lane::Told> told, std::vector<VerifyReport> reports, bool known) const {
  const auto results = std::make_shared<std::vector<JudgedResult>>();
  for (VerifyReport& report : reports) results->push_back(presented(*lane.engine, std::move(report), true, desk_.env, known));
  return [&lane, told = std::move(told), results, known] {
    if (lane.show_known != known) return;
    for (std::size_t i = 0; i < told.size(); ++i) lane.renew(told[i], (*results)[i].told, (*results)[i].marking);
  };
}

void Known::show(ShowKnownArguments arguments, std::string token, Reply reply) {
  const auto answer = std::make_shared<PendingReply>(desk_.client, std::move(token), "Baton: what was there before", std::move(reply));
  lanes_.with(arguments.uri, [this, arguments, answer](Result<Lane*> found) {
    if (!found) return answer->error(found.error());
    Lane* lane = *found;
    if (!lane->last) return answer->error(kNothingYet);
    lane->show_known = arguments.show.value_or(!lane->show_known);
    lane->look.submit([this, lane, answer, told = lane->told, last = lane->last, known = lane->show_known] {
      std::vector<VerifyReport> reports;
      for (const auto& one : told) reports.push_back(one->report);
      desk_.loop.post([answer, last, known, told_anew = told_anew(*lane, told, std::move(reports), known)] {
        told_anew();
        answer->result({{"shown", known}, {"known", last->known}});
      });
    });
  });
}

}  // namespace baton
