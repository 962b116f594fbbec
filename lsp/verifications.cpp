#include "lsp/verifications.h"

#include <algorithm>
#include <mutex>
#include <nlohmann/json.hpp>

#include "lsp/pending_reply.h"
#include "lsp/sentence.h"
#include "lsp/uri.h"
#include "lsp/work_done.h"

namespace baton {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr std::size_t kMaxWaiting = 8;  // verifications of one repository that wait their turn
constexpr auto kTick = 1500ms;
constexpr auto kAfterSave = 400ms;  // saves come in groups
constexpr std::size_t kMaxCommandLines = 12;  // command lines in a question

Error cancelled() { return Error{ErrorKind::cancelled, "The verification was cancelled; nothing of yours was changed."}; }

MessageType message_type(const VerifyReport& report) {
  if (exit_code(report.verdict) == 0 && weakened_checks(report) > 0) return MessageType::warning;
  switch (report.verdict) {
    case Verdict::verified:
    case Verdict::no_regression: return MessageType::info;
    case Verdict::inconclusive: return MessageType::warning;
    case Verdict::rejected: return MessageType::error;
  }
  return MessageType::info;
}

json summary_of(const JudgedResult& result) {
  const ToldReport& told = *result.told;
  const VerifyReport& report = told.report;
  json tests = json::object();
  for (const auto& [status, count] : told.counts) tests[std::string(to_string(status))] = count;
  json gates = json::array();
  for (const GateReport& gate : report.gates) {
    gates.push_back({{"name", gate.name}, {"verdict", to_string(gate.verdict)}, {"cause", gate.cause}});
  }
  return {{"id", report.id},       {"verdict", to_string(report.verdict)}, {"cause", report.cause},
          {"sentence", told.sentence}, {"gates", gates},                   {"tests", tests},
          {"new_findings", told.fresh}, {"weakened", weakened_checks(report)},
          {"evidence", result.page},    {"provisional", report.provisional},
          {"seconds", report.seconds}};
}

std::string question_text(const TrustSubject& subject) {
  std::string text = "Baton has not run this repository's tools yet. To judge changes it runs, on copies of the tree:";
  const std::size_t shown = std::min(subject.command_lines.size(), kMaxCommandLines);
  for (std::size_t i = 0; i < shown; ++i) text += "\n  " + subject.command_lines[i];
  if (shown < subject.command_lines.size()) {
    text += "\n  and " + std::to_string(subject.command_lines.size() - shown) + " more (baton doctor lists them)";
  }
  return text;
}

// Progress from the worker, handed over without piling up.
class Handover {
 public:
  // True when the io thread has to be told.
  bool put(const Progress& progress) {
    const std::lock_guard lock(mutex_);
    latest_ = progress;
    return !std::exchange(full_, true);
  }
  Progress take() {
    const std::lock_guard lock(mutex_);
    full_ = false;
    return std::move(latest_);
  }

 private:
  std::mutex mutex_;
  Progress latest_;
  bool full_ = false;
};

}  // namespace

struct LiveVerification {
  LiveVerification(VerifyArguments arguments_, Reply reply_) : arguments(std::move(arguments_)), reply(std::move(reply_)) {}

  VerifyArguments arguments;
  Reply reply;
  Lane* lane = nullptr;
  std::shared_ptr<WorkDone> progress;
  std::stop_source stop;
  std::optional<std::stop_callback<std::function<void()>>> on_cancel;
  std::string waits_for = "its turn";
  std::vector<std::string> notes;
  std::map<std::string, std::uint64_t> judged;  // by path, the change of each document that it is about
  Handover handover;
  std::string asks;    // digest of what it waits for the user to approve
  bool heard = false;  // from the engine since the last tick
  bool over = false;   // answered: what comes later is dropped
};

void Verifications::verify(VerifyArguments arguments, std::string token, Reply reply) {
  const auto run = std::make_shared<LiveVerification>(std::move(arguments), std::move(reply));
  run->progress = WorkDone::start(desk_.client, std::move(token), "Baton: verify", "looking for the repository", true,
                                  [this, weak = std::weak_ptr(run)] { if (const auto self = weak.lock()) stop(self); });
  run->on_cancel.emplace(run->reply.cancelled(), std::function<void()>([this, weak = std::weak_ptr(run)] {
                           if (const auto self = weak.lock()) stop(self);
                         }));
  lanes_.with(run->arguments.uri, [this, run](Result<Lane*> lane) {
    if (run->over) return;
    if (!lane) return fail(run, lane.error());
    enqueue(**lane, run);
  });
}

// Where nothing was verified yet nobody is asked for trust by a save, so there is nothing to do.
void Verifications::after_save(const std::string& uri) {
  const auto path = path_of_uri(uri);
  Lane* lane = path ? lanes_.find(*path) : nullptr;
  if (!lane) return;
  const bool due = saved_.contains(lane->root);
  saved_[lane->root] = uri;
  if (due) return;
  desk_.loop.after(kAfterSave, [this, lane] { start_saved(*lane); });
}

void Verifications::start_saved(Lane& lane) {
  if (!saved_.contains(lane.root) || ending_.stop_requested()) return;
  if (lane.running || !lane.waiting.empty()) return;  // its end comes back to this
  VerifyArguments arguments;
  arguments.uri = saved_[lane.root];
  arguments.quick = arguments.unasked = true;
  saved_.erase(lane.root);
  verify(arguments, {}, Reply({}, "baton.verify", std::stop_source(), [](const std::string&) {}));
}

void Verifications::enqueue(Lane& lane, const Ptr& run) {
  run->lane = &lane;
  if (!lane.running) return start(run);
  if (lane.waiting.size() >= kMaxWaiting) {
    return fail(run, Error{ErrorKind::precondition, "Too many verifications wait already: cancel one (baton.cancelVerify)."});
  }
  lane.waiting.push_back(run);
  run->progress->report("waits for the verification that runs", std::nullopt);
}

VerifyRequest Verifications::request_of(const LiveVerification& run) const {
  VerifyRequest request;
  request.base = run.arguments.base;
  request.head = run.arguments.head;
  request.gates = run.arguments.gates;
  request.quick = run.arguments.quick;
  request.fresh = run.arguments.fresh;
  request.criteria = run.arguments.criteria;
  if (run.arguments.red_green) request.criteria.emplace_back(kRedGreenCriterion);
  request.mutants = run.arguments.mutants;
  request.quick_first = !request.quick && !request.fresh && request.gates.empty();
  request.outlives_caller = true;
  request.client_env = desk_.env;
  request.actor = desk_.caller.actor;
  return request;
}

void Verifications::start(const Ptr& run) {
  Lane& lane = *run->lane;
  lane.running = run;
  std::vector<std::string> out_of_step;
  Judging judging{request_of(*run), lane.show_known, live_texts(desk_, lane, &out_of_step)};
  for (const std::string& path : out_of_step) {
    run->notes.push_back(path + " is judged as saved: close and open it again to have its changes judged.");
  }
  if (run->arguments.head.empty()) {
    for (const LiveText& text : judging.live) run->judged[text.path] = text.change;
  }
  progressed(run, Progress{"snapshot", "", "", "taking a snapshot"});
  tick(run);
  lane.judge.submit([this, run, judging = std::move(judging)] {
    const ProgressSink sink = [this, run](const Progress& progress) {
      if (progress.provisional) desk_.loop.post([this, run, report = progress.provisional] { provisional(run, report); });
      if (run->handover.put(progress)) desk_.loop.post([this, run] { progressed(run, run->handover.take()); });
    };
    auto result = std::make_shared<Result<JudgedResult>>(
        judge(*run->lane->engine, run->lane->root, judging, sink, run->stop.get_token()));
    desk_.loop.post([this, run, result] { ended(run, std::move(*result)); });
  });
}

// The engine tells every second what is waited for; when it does not, for whatever reason, the user still hears of it.
void Verifications::tick(const Ptr& run) {
  run->heard = false;
  desk_.loop.after(kTick, [this, run] {
    if (run->over) return;
    if (!run->heard) run->progress->report(run->waits_for, std::nullopt);
    tick(run);
  });
}

void Verifications::progressed(const Ptr& run, const Progress& progress) {
  if (run->over) return;
  run->heard = true;
  run->waits_for = progress.message;
  std::optional<int> percentage;
  if (progress.total > 0) percentage = std::clamp(progress.done * 100 / progress.total, 0, 100);
  run->progress->report(run->waits_for, percentage);
}

// A quick verdict on the way: shown until the clean one takes its place.
void Verifications::provisional(const Ptr& run, std::shared_ptr<const VerifyReport> report) {
  if (run->over) return;
  run->lane->look.submit([this, run, report = std::move(report), known = run->lane->show_known] {
    auto result = std::make_shared<JudgedResult>(presented(*run->lane->engine, *report, false, desk_.env, known));
    desk_.loop.post([this, run, result] {
      if (run->over) return;
      show(*run->lane, *result, "Baton: " + result->told->sentence + " The clean verification goes on.", run.get());
    });
  });
}

void Verifications::ended(const Ptr& run, Result<JudgedResult> result) {
  Lane& lane = *run->lane;
  if (!run->over) {
    if (result) judged(run, *result);
    else if (result.error().kind == ErrorKind::trust && !run->arguments.unasked) ask(run);
    else fail(run, result.error());
  }
  next(lane);
}

void Verifications::next(Lane& lane) {
  lane.running.reset();
  while (!lane.waiting.empty() && !lane.running) {
    const Ptr run = lane.waiting.front();
    lane.waiting.pop_front();
    if (!run->over) start(run);
  }
  if (!lane.running) start_saved(lane);
}

void Verifications::judged(const Ptr& run, const JudgedResult& result) {
  run->over = true;
  const VerifyReport& report = result.told->report;
  run->progress->end(std::string(to_string(report.verdict)));
  run->reply.result(summary_of(result));
  std::string sentence = "Baton: " + result.told->sentence;
  if (result.left_out > 0) sentence += " " + counted(result.left_out, "more place is", "more places are") + " in the evidence.";
  for (const auto& notes : {run->notes, result.notes}) {
    for (const std::string& note : notes) sentence += " " + note;
  }
  const bool good = exit_code(report.verdict) == 0;
  show(*run->lane, result, run->arguments.unasked && good ? std::string() : std::move(sentence), run.get());
}

// `run`: what it was asked by; none where that is over.
void Verifications::show(Lane& lane, const JudgedResult& result, std::string sentence, const LiveVerification* run) {
  if (lane.removed) return;
  lane.judged = run ? run->judged : std::map<std::string, std::uint64_t>();
  lane.base = run ? run->arguments.base : std::string();
  lane.board.ask({}, {});
  lane.show(result.told, result.marking);
  if (!sentence.empty()) desk_.client.show_message(message_type(result.told->report), sentence);
}

void Verifications::catch_up(Lane& lane) {
  lane.judge.submit([this, &lane, stop = ending_.get_token()] {
    auto report = lane.engine->missed_report(stop);
    if (!report || !*report) return;
    const bool whole = (*report)->whole;
    auto result = std::make_shared<JudgedResult>(presented(*lane.engine, std::move(**report), whole, desk_.env));
    desk_.loop.post([this, &lane, result] {
      // What an editor shows of verifications it knows from their progress.
      WorkDone::start(desk_.client, {}, "Baton: verify", "went on without this window", false, [] {})->end(std::string(to_string(result->told->report.verdict)));
      show(lane, *result, "Baton, of the verification that went on without this window: " + result->told->sentence, nullptr);
    });
  });
}

void Verifications::fail(const Ptr& run, const Error& error) {
  if (run->over) return;
  run->over = true;
  run->progress->end(error.kind == ErrorKind::cancelled ? "cancelled" : error.message);
  run->reply.error(error);
}

void Verifications::stop(const Ptr& run) {
  run->stop.request_stop();
  fail(run, cancelled());
}

void Verifications::leave() {
  ending_.request_stop();
  for (const auto& lane : lanes_.all()) {
    const bool goes_on = lane->engine->let_go();  // first: a stop would be passed on to the engine
    for (const Ptr& run : lane->waiting) stop(run);
    if (!lane->running) continue;
    if (goes_on) left(lane->running);
    stop(lane->running);
  }
}

void Verifications::left(const Ptr& run) {
  if (std::exchange(run->over, true)) return;
  run->progress->end("the window closes; the verification goes on");
  run->reply.error(Error{ErrorKind::cancelled, "The session ends; the verification goes on, and the next window shows its verdict."});
}

void Verifications::cancel(PlaceArguments arguments, std::string, Reply reply) {
  const auto path = path_of_uri(arguments.uri);
  std::size_t count = 0;
  for (const auto& lane : lanes_.all()) {
    if (path && !lane->relative(*path)) continue;
    std::vector<Ptr> all(lane->waiting.begin(), lane->waiting.end());
    all.insert(all.end(), lane->askers.begin(), lane->askers.end());  // they wait for an approval
    if (lane->running) all.push_back(lane->running);
    for (const Ptr& run : all) {
      count += !run->over;
      stop(run);
    }
  }
  reply.result({{"cancelled", count}});
}

// Trust. What would run is looked up on the worker, then shown: as a question where that does not stop the editor, and always
// as an information with a code action.
void Verifications::ask(const Ptr& run) {
  run->progress->report("waits for your approval of this repository's commands", std::nullopt);
  run->waits_for = "waits for your approval of this repository's commands";
  run->lane->look.submit([this, run, request = request_of(*run)] {
    auto subject = std::make_shared<Result<TrustSubject>>(run->lane->engine->what_would_run(request));
    desk_.loop.post([this, run, subject] {
      if (run->over) return;
      if (!*subject) return fail(run, subject->error());
      asked(run, **subject);
    });
  });
}

void Verifications::asked(const Ptr& run, const TrustSubject& subject) {
  Lane& lane = *run->lane;
  lane.asked = subject;
  lane.asked_last = run;
  std::erase_if(lane.askers, [](const Ptr& other) { return other->over; });
  lane.askers.push_back(run);
  run->asks = subject.digest;
  const std::string text = question_text(subject);
  std::string path;
  if (const Document* document = desk_.documents.find(run->arguments.uri)) path = lane.relative(document->path).value_or("");
  for (const auto& [key, document] : desk_.documents.all()) {
    if (path.empty() && document.in_step) path = lane.relative(document.path).value_or("");
  }
  lane.board.ask(path, text);
  const Error refused{ErrorKind::trust, "This repository's commands are not approved: run baton.trustRepository to approve them."};
  if (desk_.client.profile().message_request_blocks) {
    desk_.client.show_message(MessageType::warning,
                              text + "\nApprove them with the code action on this place, or with baton.trustRepository.");
    return fail(run, refused);
  }
  desk_.client.ask(MessageType::info, text, {"Run them", "Not now"}, [this, run, subject, refused](int choice) {
    if (run->over || run->asks.empty()) return;  // approved by other means meanwhile
    if (choice == 0) approved(run, subject);
    else fail(run, refused);
  });
}

void Verifications::approved(const Ptr& run, const TrustSubject& subject) {
  run->lane->look.submit([this, run, subject] {
    auto given = std::make_shared<Status>(run->lane->engine->trust(subject, desk_.caller));
    desk_.loop.post([this, run, subject, given] {
      if (*given) go_on(*run->lane, subject.digest);
      else fail(run, given->error());
    });
  });
}

// Whatever waited for this approval, and by whatever means it was given. False when nothing did.
bool Verifications::go_on(Lane& lane, const std::string& digest) {
  lane.board.ask({}, {});
  bool any = false;
  for (const Ptr& run : std::exchange(lane.askers, {})) {
    if (run->over) continue;
    if (run->asks != digest) {
      lane.askers.push_back(run);
      continue;
    }
    run->asks.clear();
    enqueue(lane, run);
    any = true;
  }
  return any;
}

// What the user was shown is what is approved, whatever would run by now.
Result<TrustSubject> Verifications::approve(Lane& lane, const std::optional<TrustSubject>& shown, const VerifyRequest& request,
                                            const std::string& digest) {
  auto subject = shown ? Result<TrustSubject>(*shown) : lane.engine->what_would_run(request);
  if (!subject) return subject;
  if (!digest.empty() && subject->digest != digest) {
    return Error{ErrorKind::precondition, "What would run has changed since it was shown: verify again to see it."};
  }
  if (const Status given = lane.engine->trust(*subject, desk_.caller); !given) return given.error();
  return subject;
}

void Verifications::trust(TrustArguments arguments, std::string token, Reply reply) {
  const auto answer = std::make_shared<PendingReply>(desk_.client, std::move(token), "Baton: approve the commands", std::move(reply));
  lanes_.with(arguments.uri, [this, arguments, answer](Result<Lane*> found) {
    if (!found) return answer->error(found.error());
    Lane* lane = *found;
    std::optional<TrustSubject> shown;
    if (lane->asked && lane->asked->digest == arguments.digest) shown = lane->asked;
    VerifyRequest request;
    if (lane->asked_last) request = request_of(*lane->asked_last);
    request.client_env = desk_.env;
    lane->look.submit([this, lane, arguments, answer, shown, request] {
      if (answer->cancelled()) return;
      auto result = std::make_shared<Result<TrustSubject>>(approve(*lane, shown, request, arguments.digest));
      desk_.loop.post([this, lane, arguments, answer, result] {
        if (!*result) return answer->error(result->error());
        lane->board.ask({}, {});
        answer->result({{"trusted", true}, {"commands", (*result)->command_lines}});
        if (go_on(*lane, (*result)->digest) || !arguments.verify || answer->cancelled()) return;
        VerifyArguments again;  // as it was asked for when the answer was no
        if (lane->asked_last) again = lane->asked_last->arguments;
        again.uri = arguments.uri;
        verify(again, {}, Reply({}, "baton.verify", std::stop_source(), [](const std::string&) {}));
      });
    });
  });
}

}  // namespace baton
