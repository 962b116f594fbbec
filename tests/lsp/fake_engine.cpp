#include "tests/lsp/fake_engine.h"

#include <condition_variable>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "support/files.h"
#include "support/json.h"

namespace baton {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

class FakeEngine final : public Engine {
 public:
  explicit FakeEngine(const fs::path& root) {
    repository_.root = root;
    repository_.git_dir = repository_.common_dir = root / ".git";
  }

  const Repository& repository() const override { return repository_; }

  Result<VerifyReport> verify(const VerifyRequest& request, const ProgressSink& progress, std::stop_token stop) override {
    const json plan = script();
    json asked = {{"base", request.base}, {"head", request.head}, {"gates", request.gates}, {"unsaved", json::object()}};
    for (const auto& [path, text] : request.unsaved) asked["unsaved"][path] = text;
    if (request.quick) asked["quick"] = true;
    (void)write_file(repository_.root / "asked.json", dump_json(asked));
    if (plan.value("asks", false) && !trusted_) return Error{ErrorKind::trust, "not approved"};
    for (const json& message : plan.value("progress", json::array())) {
      progress({"gate", "", "", message.get<std::string>(), 1, 4, ""});
    }
    if (plan.contains("quick_first") && request.quick_first) {
      auto quick = verify_report_from_json(plan["quick_first"]);
      if (!quick) return quick;
      Progress step{"provisional", "", "", "a provisional verdict", 0, 0, ""};
      step.provisional = std::make_shared<const VerifyReport>(std::move(*quick));
      progress(step);
    }
    for (const fs::path go = repository_.root / plan.value("waits_for", "."); !fs::exists(go) && !stop.stop_requested();) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    if (plan.value("hang", false)) wait_for(stop);
    if (stop.stop_requested()) return Error{ErrorKind::cancelled, "cancelled"};
    auto report = verify_report_from_json(plan.at("report"));
    if (!report) return report;
    latest_ = *report;
    all_[report->id] = *report;
    return as_it_reads(*report);
  }

  Result<DoctorReport> doctor(const Environment&) override {
    DoctorReport report;
    report.root = repository_.root.string();
    report.branch = "main";
    return report;
  }

  Result<TrustSubject> what_would_run(const VerifyRequest&) override {
    return TrustSubject{repository_.common_dir, "digest-1", {}, {}, {"make test", "npm ci"}};
  }

  Result<VerifyReport> accept(const AcceptRequest& request, const Caller& caller) override {
    if (!latest_) return Error{ErrorKind::precondition, "Nothing has been verified here yet."};
    const auto named = all_.find(request.verification);
    const VerifyReport& report = named == all_.end() ? *latest_ : named->second;
    const auto one = acceptance_of(report, request, caller);
    if (!one) return one.error();
    std::erase_if(accepted_, [&](const Acceptance& other) { return other.same_failure(*one); });
    if (!request.withdraw) accepted_.push_back(*one);
    return as_it_reads(report);
  }

  Result<std::vector<Acceptance>> accepted() override { return accepted_; }

  Result<FileOutline> outline(const OutlineRequest& request) override {
    const json outlines = script().value("outlines", json::object());
    return outlines.contains(request.path) ? file_outline_from_json(outlines[request.path]) : FileOutline();
  }

  Status trust(const TrustSubject& subject, const Caller&) override {
    trusted_ = subject.digest == "digest-1";
    return done();
  }

  bool let_go() override { return script().value("outlives", false); }

  Result<std::optional<VerifyReport>> latest_report() override { return latest_; }

  Result<std::optional<VerifyReport>> missed_report(std::stop_token) override {
    const json plan = script();
    if (!plan.contains("missed")) return std::optional<VerifyReport>();
    auto report = verify_report_from_json(plan["missed"]);
    if (!report) return report.error();
    return std::optional(std::move(*report));
  }

  Result<json> task(const TaskCall& call, const TaskEvents& events, std::stop_token) override {
    const json plan = script();
    if (call.verb == "run" && plan.value("asks", false) && !trusted_) return Error{ErrorKind::trust, "not approved"};
    const json calls = plan.value("tasks", json::object());
    if (!calls.contains(call.verb)) return Error{ErrorKind::usage, "There is no task here."};
    for (const json& event : calls[call.verb].value("events", json::array())) events(event);
    return calls[call.verb].value("result", json::object());
  }

  Result<std::optional<std::string>> file_at(const std::string& tree, const std::string& path) override {
    const json trees = script().value("trees", json::object());
    if (!trees.contains(tree) || !trees[tree].contains(path)) return std::optional<std::string>();
    return std::optional(trees[tree][path].get<std::string>());
  }

 private:
  VerifyReport as_it_reads(VerifyReport report) const {
    show_accepted(report, accepted_);
    return report;
  }

  json script() const {
    auto parsed = parse_json_file(repository_.root / "fake.json");
    return parsed ? std::move(*parsed) : json::object();
  }

  static void wait_for(std::stop_token stop) {
    std::mutex mutex;
    std::condition_variable_any changed;
    std::unique_lock lock(mutex);
    changed.wait(lock, stop, [] { return false; });
  }

  Repository repository_;
  bool trusted_ = false;
  std::optional<VerifyReport> latest_;
  std::map<std::string, VerifyReport> all_;
  std::vector<Acceptance> accepted_;
};

}  // namespace

OpenEngine fake_engines() {
  return [](const fs::path& inside, const Environment&) -> Result<std::unique_ptr<Engine>> {
    for (fs::path folder = inside; folder.has_relative_path(); folder = folder.parent_path()) {
      if (fs::exists(folder / "fake.json")) return std::unique_ptr<Engine>(std::make_unique<FakeEngine>(folder));
    }
    return Error{ErrorKind::precondition, inside.string() + " lies in no git repository: run git init first."};
  };
}

}  // namespace baton
