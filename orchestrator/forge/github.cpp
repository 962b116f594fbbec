// GitHub's words, and those of Gitea, whose API took them over but for a few.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "orchestrator/forge/adapters.h"
#include "support/json.h"

namespace baton {
namespace {

using nlohmann::json;

constexpr int kPage = 50, kMaxPages = 20;
constexpr std::size_t kGitHubBody = 30'000, kGiteaBody = 60'000;  // bytes; GitHub takes 65,536 characters and was seen to fail above 30,000
constexpr std::size_t kMaxStatus = 140;

std::string owner_of(const std::string& repository) { return repository.substr(0, repository.find('/')); }

PullRequest pull_request_of(const json& object) {
  PullRequest there;
  there.number = number_in(object, "number");
  there.url = text_in(object, "html_url");
  there.body = text_in(object, "body");
  there.branch = text_in(member(object, "head"), "ref");
  there.draft = member(object, "draft") == true;
  const bool merged = member(object, "merged") == true || !text_in(object, "merged_at").empty();
  there.state = merged ? PullRequestState::merged : text_in(object, "state") == "closed" ? PullRequestState::closed : PullRequestState::open;
  return there;
}

class HubForge final : public Forge {
 public:
  HubForge(const ForgePlace& place, ForgeLine& line) : place_(place), line_(line), gitea_(place.kind == ForgeKind::gitea) {}

  // GitHub names parent and root, Gitea the parent with its own.
  Result<std::vector<std::string>> forked_from(const std::string& repository) override {
    const auto there = line_.ask({"GET", at(repository), "", "look"});
    if (!there) return there.error();
    std::vector<std::string> names;
    for (const json* one = &member(*there, "parent"); one->is_object() && names.size() < kMaxPages; one = &member(*one, "parent")) names.push_back(text_in(*one, "full_name"));
    if (const json& root = member(*there, "source"); root.is_object()) names.push_back(text_in(root, "full_name"));
    return names;
  }

  Result<std::optional<PullRequest>> look_at(std::int64_t number) override {
    const auto there = line_.ask({"GET", at(place_.repository) + "/pulls/" + std::to_string(number), "", "look at the pull request"});
    if (there) return std::optional(pull_request_of(*there));
    return line_.status() == 404 ? Result<std::optional<PullRequest>>(std::nullopt) : there.error();
  }

  Result<std::optional<PullRequest>> find(const PullRequestOrder& order) override {
    const std::string head = owner_of(order.head_repository) + ":" + order.branch;
    for (int page = 1; page <= (gitea_ ? kMaxPages : 1); ++page) {
      const std::string query = gitea_ ? "?state=open&sort=recentupdate&limit=" + std::to_string(kPage) + "&page=" + std::to_string(page)
                                       : "?state=open&head=" + url_escaped(head) + "&per_page=" + std::to_string(kPage);
      const auto list = line_.ask({"GET", at(place_.repository) + "/pulls" + query, "", "list pull requests"});
      if (!list) return list.error();
      for (const json& one : *list) {
        const json& there = member(one, "head");
        const json& repository = member(there, "repo");
        const bool same = !repository.is_object() || repository_key(text_in(repository, "full_name")) == repository_key(order.head_repository);
        if (text_in(there, "ref") == order.branch && same) return std::optional(pull_request_of(one));
      }
      if (list->size() < kPage) break;
    }
    return std::optional<PullRequest>();
  }

  Result<PullRequest> create(const PullRequestOrder& order) override {
    const bool fork = repository_key(order.head_repository) != repository_key(place_.repository);
    json body = {{"title", order.title}, {"head", (fork ? owner_of(order.head_repository) + ":" : "") + order.branch}, {"base", order.base}, {"body", order.body}};
    if (gitea_ && order.draft) body["title"] = "WIP: " + order.title;
    if (!gitea_) body["draft"] = order.draft;
    auto made = line_.ask(post("/pulls", body, "create the pull request"));
    // Some plans have no drafts; then the title says it.
    const bool has_none = !made && line_.status() == 422 && line_.said().find("raft") != std::string::npos;
    if (!gitea_ && order.draft && (has_none || line_.dry())) {
      body["draft"] = false;
      body["title"] = "[draft] " + order.title;
      made = line_.ask(post("/pulls", body, has_none ? "create the pull request" : "create the pull request, only where drafts are refused"));
    }
    if (!made) return made.error();
    PullRequest there = pull_request_of(*made);
    there.made = true;
    there.draft = order.draft;
    if (there.body.empty()) there.body = order.body;
    return there;
  }

  Status update_body(const PullRequest& there, const std::string& body) override {
    return asked({"PATCH", at(place_.repository) + "/pulls/" + number(there), dump_json({{"body", body}}), "change the pull request"});
  }

  Added label(const PullRequest& there, const std::vector<std::string>& labels) override {
    if (labels.empty()) return {};
    if (!gitea_) return added(put_labels(there, labels), labels);
    auto ids = label_ids(labels);
    if (!ids) return added(ids.error(), {});
    Added all;
    json list = json::array();
    for (const std::string& name : labels) {
      const auto id = ids->find(name);
      if (id == ids->end()) {  // making one is not ours to do
        all.refused.push_back({ErrorKind::precondition, place_.repository + " has no label " + name + "; make it there or mend `forge.labels`, then run it again."});
        continue;
      }
      list.push_back(id->second);
      all.names.push_back(name);
    }
    if (list.empty()) return all;
    if (auto put = put_labels(there, list); !put) return added(put, {});
    return all;
  }

  // At once; where they are refused together each alone, since one who may not be asked keeps all from it.
  Added ask_review(const PullRequest& there, const std::vector<std::string>& reviewers) override {
    if (reviewers.empty()) return {};
    const Status all = request_reviews(there, reviewers);
    const bool may_be_one = line_.status() == 422 || (gitea_ && line_.status() == 404);
    if (all || reviewers.size() == 1 || !may_be_one) return added(all, reviewers);
    Added each;
    for (const std::string& one : reviewers) {
      if (auto alone = request_reviews(there, {one})) each.names.push_back(one);
      else each.refused.push_back(alone.error());
    }
    return each;
  }

  Status report(const std::string& repository, const CheckReport& report) override {
    if (!gitea_) {
      auto run = check_run(repository, report);
      const bool refused = !run && line_.status() >= 400 && line_.status() < 500;
      if (!refused && !line_.dry()) return run;
    }
    // A user's token makes no check runs; a status says the same in one line.
    const std::string doing = line_.dry() && !gitea_ ? "report the verdict, only where the check run is refused" : "report the verdict";
    const json body = {{"state", report.passed ? "success" : "failure"}, {"context", report.name}, {"description", first_line(report.summary, kMaxStatus)}};
    return asked({"POST", at(repository) + "/statuses/" + report.commit, dump_json(body), doing});
  }

  Status comment(const PullRequest& there, const std::string& marker, const std::string& text, Missing missing) override {
    for (int page = 1; there.number > 0 && page <= kMaxPages; ++page) {
      const std::string query = "?" + std::string(gitea_ ? "limit=" : "per_page=") + std::to_string(kPage) + "&page=" + std::to_string(page);
      const auto list = line_.ask({"GET", at(place_.repository) + "/issues/" + number(there) + "/comments" + query, "", "read the comments"});
      if (!list) return list.error();
      for (const json& one : *list) {
        const std::string body = text_in(one, "body");
        if (!body.starts_with(marker)) continue;
        if (body == text) return done();
        return asked({"PATCH", at(place_.repository) + "/issues/comments/" + std::to_string(number_in(one, "id")), dump_json({{"body", text}}), "change the comment"});
      }
      if (gitea_ || list->size() < kPage) break;  // Gitea gives all
    }
    if (missing == Missing::leave) return done();
    return asked(post("/issues/" + number(there) + "/comments", {{"body", text}}, "comment on the pull request"));
  }

  std::size_t body_limit() const override { return gitea_ ? kGiteaBody : kGitHubBody; }

 private:
  std::string at(const std::string& repository) const { return "/repos/" + repository; }
  static std::string number(const PullRequest& there) { return there.number > 0 ? std::to_string(there.number) : "NUMBER"; }
  ForgeRequest post(const std::string& path, const json& body, std::string doing) const { return {"POST", at(place_.repository) + path, dump_json(body), std::move(doing)}; }
  Status asked(const ForgeRequest& request) {
    auto answer = line_.ask(request);
    return answer ? done() : Status(answer.error());
  }

  Status put_labels(const PullRequest& there, const json& list) { return asked(post("/issues/" + number(there) + "/labels", {{"labels", list}}, "label the pull request")); }

  Status request_reviews(const PullRequest& there, const std::vector<std::string>& reviewers) {
    json people = json::array(), teams = json::array();
    std::string names;
    for (const std::string& one : reviewers) {
      const auto slash = one.find('/');
      if (slash == one.npos) people.push_back(one);
      else teams.push_back(one.substr(slash + 1));
      names += (names.empty() ? "" : ", ") + one;
    }
    return asked(post("/pulls/" + number(there) + "/requested_reviewers", {{"reviewers", people}, {"team_reviewers", teams}}, "ask " + names + " for a review of the pull request"));
  }

  Status check_run(const std::string& repository, const CheckReport& report) {
    const auto runs = line_.ask({"GET", at(repository) + "/commits/" + report.commit + "/check-runs?check_name=" + url_escaped(report.name), "", "read the checks"});
    std::int64_t there = 0;
    if (runs && runs->contains("check_runs")) {
      for (const json& run : (*runs)["check_runs"]) {
        if (text_in(run, "external_id") == report.key) there = number_in(run, "id");
      }
    }
    json body = {{"name", report.name}, {"external_id", report.key}, {"status", "completed"}, {"conclusion", report.passed ? "success" : "failure"},
                 {"output", {{"title", first_line(report.summary, kMaxStatus)}, {"summary", report.text}}}};
    if (there > 0) return asked({"PATCH", at(repository) + "/check-runs/" + std::to_string(there), dump_json(body), "report the verdict"});
    body["head_sha"] = report.commit;
    return asked({"POST", at(repository) + "/check-runs", dump_json(body), "report the verdict as a check run"});
  }

  // Gitea wants ids. It gives fewer a page than asked for where its administrator says so, and ends with an empty one.
  Result<std::map<std::string, std::int64_t>> label_ids(const std::vector<std::string>& labels) {
    std::map<std::string, std::int64_t> ids;
    for (int page = 1; page <= kMaxPages && ids.size() < labels.size(); ++page) {
      const auto list = line_.ask({"GET", at(place_.repository) + "/labels?limit=" + std::to_string(kPage) + "&page=" + std::to_string(page), "", "read the labels"});
      if (!list) return list.error();
      if (list->empty()) break;
      for (const json& one : *list) {
        if (std::find(labels.begin(), labels.end(), text_in(one, "name")) != labels.end()) ids.emplace(text_in(one, "name"), number_in(one, "id"));
      }
    }
    return ids;
  }

  const ForgePlace& place_;
  ForgeLine& line_;
  bool gitea_;
};

}  // namespace

std::unique_ptr<Forge> open_hub(const ForgePlace& place, ForgeLine& line) { return std::make_unique<HubForge>(place, line); }

}  // namespace baton
