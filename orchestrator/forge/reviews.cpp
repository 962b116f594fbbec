// What a forge's people and checks say about a pull request, in words for another attempt.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "orchestrator/forge/adapters.h"
#include "support/redact.h"

namespace baton {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxWords = 4'000, kMostComments = 60, kMostRedChecks = 40;  // bytes of one, and how many
// GitHub takes 2,500 comments on one pull request; of GitLab the newest come first.
constexpr std::size_t kSaidPage = 100, kMostSaidPages = 25;

class Hearing {
 public:
  Hearing(const ForgePlace& place, ForgeLine& line, std::int64_t number, std::string commit) : place_(place), line_(line), number_(std::to_string(number)), commit_(std::move(commit)) {}

  Result<std::vector<std::string>> run() {
    const Status heard = place_.kind == ForgeKind::gitlab ? of_lab() : of_hub();
    if (!heard) return heard.error();
    return told();
  }

 private:
  struct Comment {
    std::string time, words;  // time: as the forge writes it, which sorts
  };

  // Every page. Gitea gives fewer than asked for where its administrator says so, and ends with an empty page; a forge that knows no pages
  // gives the same again.
  template <class Take>
  Status each(const std::string& path, const char* inside, const Take& take) {
    const bool gitea = place_.kind == ForgeKind::gitea;
    const std::string size = (path.find('?') == path.npos ? "?" : "&") + std::string(gitea ? "limit=" : "per_page=") + std::to_string(kSaidPage);
    json before;
    for (std::size_t page = 1; page <= kMostSaidPages; ++page) {
      auto answer = line_.ask({"GET", path + size + "&page=" + std::to_string(page), "", "read what is said about the pull request"});
      if (!answer) return answer.error();
      if (*answer == before) break;
      const std::size_t found = take_all(*answer, inside, take);
      before = std::move(*answer);
      if (gitea ? found == 0 : found < kSaidPage) break;
    }
    return done();
  }

  // A list that the forge gives whole, whatever page is asked for.
  template <class Take>
  Status whole(const std::string& path, const Take& take) {
    const auto answer = line_.ask({"GET", path, "", "read what is said about the pull request"});
    if (!answer) return answer.error();
    take_all(*answer, nullptr, take);
    return done();
  }

  template <class Take>
  static std::size_t take_all(const json& answer, const char* inside, const Take& take) {
    const json& list = inside ? member(answer, inside) : answer;
    if (!list.is_array()) return 0;
    for (const json& one : list) take(one);
    return list.size();
  }

  // In the order in which it was said; of much, the newest.
  std::vector<std::string> told() {
    std::stable_sort(comments_.begin(), comments_.end(), [](const Comment& a, const Comment& b) { return a.time < b.time; });
    const std::size_t old = comments_.size() - std::min(comments_.size(), kMostComments);
    std::vector<std::string> all;
    if (old > 0) all.push_back(std::to_string(old) + " older comments are left out.");
    for (std::size_t i = old; i < comments_.size(); ++i) all.push_back(as_told(std::move(comments_[i].words)));
    for (std::size_t i = 0; i < std::min(checks_.size(), kMostRedChecks); ++i) all.push_back(as_told(std::move(checks_[i])));
    return all;
  }

  static std::string as_told(std::string words) {
    if (words.size() > kMaxWords) words = words.substr(0, words.rfind('\n', kMaxWords)) + "\n…";
    return redact(words);
  }

  // Ours begin with their marker.
  void add_comment(const json& one, const char* person, const std::string& place) {
    const json& author = member(one, person);
    const std::string body = text_in(one, "body"), login = text_in(author, "login"), who = login.empty() ? text_in(author, "username") : login;
    if (body.empty() || body.starts_with("<!-- baton:")) return;
    const std::string submitted = text_in(one, "submitted_at");
    comments_.push_back({submitted.empty() ? text_in(one, "created_at") : submitted, (who.empty() ? "Somebody" : who) + " wrote" + (place.empty() ? "" : " at " + place) + ":\n" + body});
  }

  void add_check(const std::string& name, const std::string& state, const std::string& words) {
    constexpr std::array<std::string_view, 5> kRed = {"failure", "failed", "error", "timed_out", "cancelled"};
    if (name == kForgeCheck || std::find(kRed.begin(), kRed.end(), state) == kRed.end()) return;
    checks_.push_back("The check " + name + " is red (" + state + ")" + (words.empty() ? "." : ":\n" + words));
  }

  static std::string line_of(const json& place, const char* path, const char* line) {
    const std::int64_t number = number_in(place, line);
    return text_in(place, path) + (number > 0 ? ":" + std::to_string(number) : "");
  }

  Status of_hub() {
    const std::string repository = "/repos/" + place_.repository;
    const auto read = place_.kind == ForgeKind::github ? said_on_github(repository) : said_on_gitea(repository);
    if (!read) return read;
    return each(repository + "/commits/" + commit_ + "/status", "statuses", [&](const json& one) {
      add_check(text_in(one, "context"), text_in(one, place_.kind == ForgeKind::gitea ? "status" : "state"), text_in(one, "description"));
    });
  }

  Status said_on_github(const std::string& repository) {
    const auto plain = [&](const json& one) { add_comment(one, "user", ""); };
    const std::string pull = repository + "/pulls/" + number_;
    if (auto read = each(repository + "/issues/" + number_ + "/comments", nullptr, plain); !read) return read;
    if (auto read = each(pull + "/reviews", nullptr, plain); !read) return read;
    if (auto read = each(pull + "/comments", nullptr, [&](const json& one) { add_comment(one, "user", line_of(one, "path", "line")); }); !read) return read;
    // A token that may not read checks leaves the statuses.
    (void)each(repository + "/commits/" + commit_ + "/check-runs", "check_runs", [&](const json& one) {
      add_check(text_in(one, "name"), text_in(one, "conclusion"), text_in(member(one, "output"), "title") + "\n" + text_in(member(one, "output"), "summary"));
    });
    return done();
  }

  // What is said at a line stands below its review alone.
  Status said_on_gitea(const std::string& repository) {
    const std::string reviews = repository + "/pulls/" + number_ + "/reviews";
    std::vector<std::int64_t> with_lines;
    if (auto read = whole(repository + "/issues/" + number_ + "/comments", [&](const json& one) { add_comment(one, "user", ""); }); !read) return read;
    const auto take_review = [&](const json& one) {
      add_comment(one, "user", "");
      if (number_in(one, "comments_count") > 0) with_lines.push_back(number_in(one, "id"));
    };
    if (auto read = each(reviews, nullptr, take_review); !read) return read;
    if (with_lines.size() > kMostComments) with_lines.erase(with_lines.begin(), with_lines.end() - kMostComments);
    for (const std::int64_t id : with_lines) {
      if (auto read = whole(reviews + "/" + std::to_string(id) + "/comments", [&](const json& one) { add_comment(one, "user", line_of(one, "path", "position")); }); !read) return read;
    }
    return done();
  }

  Status of_lab() {
    const std::string project = "/projects/" + url_escaped(place_.repository);
    auto read = each(project + "/merge_requests/" + number_ + "/notes?sort=desc&order_by=created_at", nullptr, [&](const json& one) {
      if (member(one, "system") != true) add_comment(one, "author", line_of(member(one, "position"), "new_path", "new_line"));
    });
    if (!read) return read;
    return each(project + "/repository/commits/" + commit_ + "/statuses", nullptr, [&](const json& one) { add_check(text_in(one, "name"), text_in(one, "status"), text_in(one, "description")); });
  }

  const ForgePlace& place_;
  ForgeLine& line_;
  std::string number_, commit_;
  std::vector<Comment> comments_;
  std::vector<std::string> checks_;
};

}  // namespace

Result<std::vector<std::string>> said_about(const ForgePlace& place, ForgeLine& line, std::int64_t number, const std::string& commit) { return Hearing(place, line, number, commit).run(); }

}  // namespace baton
