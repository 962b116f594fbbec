// What a forge's people and checks say about a pull request, in words for another attempt.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "orchestrator/forge/adapters.h"
#include "support/redact.h"

namespace baton {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxWords = 4'000, kMostSaid = 60;  // bytes of one, and how many

class Hearing {
 public:
  Hearing(const ForgePlace& place, ForgeLine& line, std::int64_t number, std::string commit) : place_(place), line_(line), number_(std::to_string(number)), commit_(std::move(commit)) {}

  Result<std::vector<std::string>> run() {
    const Status heard = place_.kind == ForgeKind::gitlab ? of_lab() : of_hub();
    if (!heard) return heard.error();
    return std::move(said_);
  }

 private:
  template <class Take>
  Status each(const std::string& path, const char* inside, const Take& take) {
    const auto answer = line_.ask({"GET", path, "", "read what is said about the pull request"});
    if (!answer) return answer.error();
    const json& list = inside ? member(*answer, inside) : *answer;
    if (list.is_array()) {
      for (const json& one : list) take(one);
    }
    return done();
  }

  void add(std::string words) {
    if (words.empty() || said_.size() >= kMostSaid) return;
    if (words.size() > kMaxWords) words = words.substr(0, words.rfind('\n', kMaxWords)) + "\n…";
    said_.push_back(redact(words));
  }

  // Ours begin with their marker.
  void add_comment(const json& one, const std::string& who, const std::string& place) {
    const std::string body = text_in(one, "body");
    if (body.empty() || body.starts_with("<!-- baton:")) return;
    add((who.empty() ? "Somebody" : who) + " wrote" + (place.empty() ? "" : " at " + place) + ":\n" + body);
  }

  void add_check(const std::string& name, const std::string& state, const std::string& words) {
    constexpr std::array<std::string_view, 5> kRed = {"failure", "failed", "error", "timed_out", "cancelled"};
    if (name == kForgeCheck || std::find(kRed.begin(), kRed.end(), state) == kRed.end()) return;
    add("The check " + name + " is red (" + state + ")" + (words.empty() ? "." : ":\n" + words));
  }

  Status of_hub() {
    const std::string repository = "/repos/" + place_.repository;
    const auto at = [](const json& one) {
      const std::int64_t line = number_in(one, "line");
      return text_in(one, "path") + (line > 0 ? ":" + std::to_string(line) : "");
    };
    if (auto read = each(repository + "/issues/" + number_ + "/comments", nullptr, [&](const json& one) { add_comment(one, text_in(member(one, "user"), "login"), ""); }); !read) return read;
    if (auto read = each(repository + "/pulls/" + number_ + "/reviews", nullptr, [&](const json& one) { add_comment(one, text_in(member(one, "user"), "login"), ""); }); !read) return read;
    if (place_.kind == ForgeKind::github) {
      if (auto read = each(repository + "/pulls/" + number_ + "/comments", nullptr, [&](const json& one) { add_comment(one, text_in(member(one, "user"), "login"), at(one)); }); !read) return read;
      // A token that may not read checks leaves the statuses.
      (void)each(repository + "/commits/" + commit_ + "/check-runs", "check_runs", [&](const json& one) {
        add_check(text_in(one, "name"), text_in(one, "conclusion"), text_in(member(one, "output"), "title") + "\n" + text_in(member(one, "output"), "summary"));
      });
    }
    return each(repository + "/commits/" + commit_ + "/status", "statuses", [&](const json& one) {
      add_check(text_in(one, "context"), text_in(one, place_.kind == ForgeKind::gitea ? "status" : "state"), text_in(one, "description"));
    });
  }

  Status of_lab() {
    const std::string project = "/projects/" + url_escaped(place_.repository);
    auto read = each(project + "/merge_requests/" + number_ + "/notes?sort=asc&order_by=created_at", nullptr, [&](const json& one) {
      const json& position = member(one, "position");
      const std::int64_t line = number_in(position, "new_line");
      if (member(one, "system") != true) add_comment(one, text_in(member(one, "author"), "username"), text_in(position, "new_path") + (line > 0 ? ":" + std::to_string(line) : ""));
    });
    if (!read) return read;
    return each(project + "/repository/commits/" + commit_ + "/statuses", nullptr, [&](const json& one) { add_check(text_in(one, "name"), text_in(one, "status"), text_in(one, "description")); });
  }

  const ForgePlace& place_;
  ForgeLine& line_;
  std::string number_, commit_;
  std::vector<std::string> said_;
};

}  // namespace

Result<std::vector<std::string>> said_about(const ForgePlace& place, ForgeLine& line, std::int64_t number, const std::string& commit) { return Hearing(place, line, number, commit).run(); }

}  // namespace baton
