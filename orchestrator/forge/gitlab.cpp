// GitLab's words: merge requests of projects, found by their path.
#include <nlohmann/json.hpp>

#include "orchestrator/forge/adapters.h"
#include "support/json.h"

namespace baton {
namespace {

using nlohmann::json;

constexpr int kPerPage = 100, kMostPages = 20;
constexpr std::size_t kMaxBody = 500'000, kLongestStatus = 250;  // bytes; a description may have 1,048,576 characters

PullRequest merge_request_of(const json& object) {
  PullRequest there;
  there.number = number_in(object, "iid");
  there.url = text_in(object, "web_url");
  there.body = text_in(object, "description");
  there.branch = text_in(object, "source_branch");
  there.draft = member(object, "draft") == true;
  if (const json& asked = member(object, "reviewers"); asked.is_array()) {
    for (const json& one : asked) there.reviewers.push_back(number_in(one, "id"));
  }
  const std::string state = text_in(object, "state");
  there.state = state == "merged" ? PullRequestState::merged : state == "closed" ? PullRequestState::closed : PullRequestState::open;
  return there;
}

class LabForge final : public Forge {
 public:
  LabForge(const ForgePlace& place, ForgeLine& line) : place_(place), line_(line) {}

  Result<std::vector<std::string>> forked_from(const std::string& repository) override {
    const auto there = line_.ask({"GET", at(repository), "", "look"});
    if (!there) return there.error();
    const std::string parent = text_in(member(*there, "forked_from_project"), "path_with_namespace");
    return parent.empty() ? std::vector<std::string>() : std::vector{parent};
  }

  Result<std::optional<PullRequest>> look_at(std::int64_t number) override {
    const auto there = line_.ask({"GET", at(place_.repository) + "/merge_requests/" + std::to_string(number), "", "look at the merge request"});
    if (there) return std::optional(merge_request_of(*there));
    return line_.status() == 404 ? Result<std::optional<PullRequest>>(std::nullopt) : there.error();
  }

  Result<std::optional<PullRequest>> find(const PullRequestOrder& order) override {
    auto source = source_id(order);
    if (!source) return source.error();
    const auto list = line_.ask({"GET", at(place_.repository) + "/merge_requests?state=opened&source_branch=" + url_escaped(order.branch), "", "list merge requests"});
    if (!list) return list.error();
    for (const json& one : *list) {
      if (*source == 0 || number_in(one, "source_project_id") == *source) return std::optional(merge_request_of(one));
    }
    return std::optional<PullRequest>();
  }

  Result<PullRequest> create(const PullRequestOrder& order) override {
    json body = {{"source_branch", order.branch}, {"target_branch", order.base}, {"title", (order.draft ? "Draft: " : "") + order.title}, {"description", order.body}};
    if (repository_key(order.head_repository) != repository_key(place_.repository)) {
      const auto target = line_.ask({"GET", at(place_.repository), "", "look at"});
      if (!target) return target.error();
      body["target_project_id"] = number_in(*target, "id");
    }
    const auto made = line_.ask({"POST", at(order.head_repository) + "/merge_requests", dump_json(body), "create the merge request"});
    if (!made) return made.error();
    PullRequest there = merge_request_of(*made);
    there.made = true;
    there.draft = order.draft;
    if (there.body.empty()) there.body = order.body;
    return there;
  }

  Status update_body(const PullRequest& there, const std::string& body) override { return change(there, {{"description", body}}, "change the merge request"); }

  Added label(const PullRequest& there, const std::vector<std::string>& labels) override {
    return labels.empty() ? Added{} : added(change(there, {{"add_labels", labels}}, "label the merge request"), labels);
  }

  // By id, and with those who are asked already: who is not named here is taken out.
  Added ask_review(const PullRequest& there, const std::vector<std::string>& reviewers) override {
    Added all;
    std::vector<std::int64_t> ids = there.reviewers;
    for (const std::string& one : reviewers) {
      const auto found = line_.ask({"GET", "/users?username=" + url_escaped(one), "", "look for the reviewer " + one});
      if (!found) {
        all.refused.push_back(found.error());
      } else if (!found->is_array() || found->empty()) {
        all.refused.push_back({ErrorKind::precondition, place_.host + " knows no user " + one + "; mend `forge.reviewers`, then run it again."});
      } else {
        ids.push_back(number_in(found->front(), "id"));
        all.names.push_back(one);
      }
    }
    if (all.names.empty()) return all;
    if (auto put = change(there, {{"reviewer_ids", ids}}, "ask for reviews of the merge request"); !put) return added(put, {});
    return all;
  }

  Status report(const std::string& repository, const CheckReport& report) override {
    const json body = {{"state", report.passed ? "success" : "failed"}, {"name", report.name}, {"description", first_line(report.summary, kLongestStatus)}};
    const auto answer = line_.ask({"POST", at(repository) + "/statuses/" + report.commit, dump_json(body), "report the verdict"});
    // The same state a second time is refused.
    if (!answer && line_.status() == 400 && line_.said().find("Cannot transition status") != std::string::npos) return done();
    return answer ? done() : Status(answer.error());
  }

  Status comment(const PullRequest& there, const std::string& marker, const std::string& text, Missing missing) override {
    const std::string notes = at(place_.repository) + "/merge_requests/" + number(there) + "/notes";
    for (int page = 1; there.number > 0 && page <= kMostPages; ++page) {
      const auto list = line_.ask({"GET", notes + "?per_page=" + std::to_string(kPerPage) + "&page=" + std::to_string(page), "", "read the comments"});
      if (!list) return list.error();
      for (const json& one : *list) {
        const std::string body = text_in(one, "body");
        if (!body.starts_with(marker)) continue;
        if (body == text) return done();
        return asked({"PUT", notes + "/" + std::to_string(number_in(one, "id")), dump_json({{"body", text}}), "change the comment"});
      }
      if (list->size() < kPerPage) break;
    }
    if (missing == Missing::leave) return done();
    return asked({"POST", notes, dump_json({{"body", text}}), "comment on the merge request"});
  }

  std::size_t body_limit() const override { return kMaxBody; }

 private:
  static std::string at(const std::string& repository) { return "/projects/" + url_escaped(repository); }
  static std::string number(const PullRequest& there) { return there.number > 0 ? std::to_string(there.number) : "NUMBER"; }

  // 0: the branch is in the project itself.
  Result<std::int64_t> source_id(const PullRequestOrder& order) {
    if (repository_key(order.head_repository) == repository_key(place_.repository)) return std::int64_t{0};
    const auto project = line_.ask({"GET", at(order.head_repository), "", "look at"});
    if (!project) return project.error();
    return number_in(*project, "id");
  }

  Status change(const PullRequest& there, const json& body, std::string doing) {
    return asked({"PUT", at(place_.repository) + "/merge_requests/" + number(there), dump_json(body), std::move(doing)});
  }
  Status asked(const ForgeRequest& request) {
    const auto answer = line_.ask(request);
    return answer ? done() : Status(answer.error());
  }

  const ForgePlace& place_;
  ForgeLine& line_;
};

}  // namespace

std::unique_ptr<Forge> open_lab(const ForgePlace& place, ForgeLine& line) { return std::make_unique<LabForge>(place, line); }

}  // namespace baton
