#include "lsp/known.h"

#include <nlohmann/json.hpp>

#include "lsp/actions.h"
#include "lsp/verification.h"

namespace baton {

using nlohmann::json;

void Known::accept(AcceptArguments arguments, std::string, Reply reply) {
  const auto answer = std::make_shared<Reply>(std::move(reply));
  lanes_.with(arguments.uri, [this, arguments, answer](Result<Lane*> found) {
    if (!found) return answer->error(found.error());
    Lane* lane = *found;
    const bool asks = arguments.reason.empty() && !arguments.withdraw && !desk_.client.profile().message_request_blocks;
    if (!asks) return accept_in(*lane, arguments, answer);
    const std::string what = arguments.test.empty() ? arguments.path + ":" + std::to_string(arguments.line) : arguments.test;
    desk_.client.ask(MessageType::info, "Baton: why is the failure of " + what + " accepted as known? The reason is kept with it.",
                     {kReasons, kReasons + std::size(kReasons)}, [this, lane, arguments, answer](int choice) {
                       if (choice < 0) return answer->error(Error{ErrorKind::cancelled, "Nothing was accepted."});
                       AcceptArguments whole = arguments;
                       whole.reason = kReasons[choice];
                       accept_in(*lane, whole, answer);
                     });
  });
}

void Known::accept_in(Lane& lane, const AcceptArguments& arguments, const Answer& answer) {
  const AcceptRequest request{arguments.task, arguments.gate, arguments.test,   arguments.path,
                              arguments.line, arguments.message, arguments.reason, arguments.withdraw};
  const bool shown = !lane.report || request.verification.empty() || lane.report->id == request.verification;
  const std::vector<std::string> gates = shown ? lane.report_gates : std::vector<std::string>();
  lane.look.submit([this, &lane, request, gates, answer, known = lane.show_known] {
    auto report = lane.engine->accept(request, editor_caller());
    if (!report) return desk_.loop.post([answer, error = report.error()] { answer->error(error); });
    const auto result = std::make_shared<JudgedResult>(presented(*lane.engine, std::move(*report), gates, desk_.env, known));
    desk_.loop.post([this, &lane, request, answer, result] {
      const VerifyReport& now = *result->report;
      lane.report = result->report;
      lane.board.show(result->marking);
      answer->result({{"verification", now.id}, {"verdict", to_string(now.verdict)}, {"accepted", now.accepted}, {"cause", now.cause},
                      {"withdrawn", request.withdraw}});
    });
  });
}

void Known::show(ShowKnownArguments arguments, std::string, Reply reply) {
  const auto answer = std::make_shared<Reply>(std::move(reply));
  lanes_.with(arguments.uri, [this, arguments, answer](Result<Lane*> found) {
    if (!found) return answer->error(found.error());
    Lane* lane = *found;
    if (!lane->report) return answer->error(Error{ErrorKind::precondition, "Nothing has been verified here yet: run baton.verify first."});
    lane->show_known = arguments.show.value_or(!lane->show_known);
    lane->look.submit([this, lane, answer, report = lane->report, gates = lane->report_gates, known = lane->show_known] {
      const auto result = std::make_shared<JudgedResult>(presented(*lane->engine, *report, gates, desk_.env, known));
      desk_.loop.post([lane, answer, result, report, known] {
        if (lane->report == report && lane->show_known == known) lane->board.show(result->marking);
        answer->result({{"shown", known}, {"known", known_failures(*report)}});
      });
    });
  });
}

}  // namespace baton
