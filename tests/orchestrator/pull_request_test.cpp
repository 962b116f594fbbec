// A pull request in its parts: where a remote is, what a forge's refusal means, and a text that fits, fills the template and does nothing
// by itself.
#include <gtest/gtest.h>

#include "git/remote_url.h"
#include "orchestrator/forge/forge_line.h"
#include "orchestrator/tasks/pull_request_text.h"

namespace baton {
namespace {

std::string told(const std::optional<RemoteUrl>& url) {
  if (!url) return "none";
  return url->scheme + " " + url->user + " " + url->host + " " + std::to_string(url->port) + " " + url->path;
}

TEST(RemoteUrl, AsGitTakesThem) {
  for (const auto& [given, expected] : std::vector<std::pair<std::string, std::string>>{
           {"https://github.com/acme/toy.git", "https  github.com 0 acme/toy"},
           {"https://user:secret@GitHub.com/acme/toy/", "https user github.com 0 acme/toy"},
           {"http://127.0.0.1:3000/acme/toy.git", "http  127.0.0.1 3000 acme/toy"},
           {"ssh://git@git.example.com:2222/group/sub/toy.git", "ssh git git.example.com 2222 group/sub/toy"},
           {"git@github.com:acme/toy.git", "ssh git github.com 0 acme/toy"},
           {"work-forge:acme/toy", "ssh  work-forge 0 acme/toy"},
           {"git@[::1]:acme/toy.git", "ssh git ::1 0 acme/toy"},
           {"ssh://[::1]:22/acme/toy", "ssh  ::1 22 acme/toy"},
           {"git+ssh://git@h/a/b", "ssh git h 0 a/b"},
           {"/srv/toy.git", "file   0 /srv/toy.git"},
           {"../toy", "file   0 ../toy"},
           {"./odd:name", "file   0 ./odd:name"},
           {"file:///srv/toy.git", "file   0 /srv/toy.git"},
           {"ext::sh -c x", "none"},
           {"https://github.com", "none"},
           {"https://github.com:port/a/b", "none"},
           {"ftp://h/a/b", "none"},
           {"", "none"}}) {
    EXPECT_EQ(told(parse_remote_url(given)), expected) << given;
  }
}

TEST(Forge, WhereItsApiIs) {
  ForgeSetting setting;
  const auto api = [&](ForgeKind kind, const char* url) { return forge_place(kind, *parse_remote_url(url), setting).api; };
  EXPECT_EQ(api(ForgeKind::github, "git@github.com:a/b"), "https://api.github.com");
  EXPECT_EQ(api(ForgeKind::github, "ssh://git@ssh.github.com:443/a/b"), "https://api.github.com");
  EXPECT_EQ(api(ForgeKind::github, "https://ghe.example.com/a/b"), "https://ghe.example.com/api/v3");
  EXPECT_EQ(api(ForgeKind::gitlab, "ssh://git@gitlab.com/a/b/c"), "https://gitlab.com/api/v4");
  EXPECT_EQ(api(ForgeKind::gitea, "http://127.0.0.1:3000/a/b"), "http://127.0.0.1:3000/api/v1");
  EXPECT_EQ(api(ForgeKind::gitea, "ssh://git@[::1]:22/a/b"), "https://[::1]/api/v1");
  setting.url = "http://git.example.com:8080/";
  EXPECT_EQ(api(ForgeKind::gitea, "git@git.example.com:a/b"), "http://git.example.com:8080/api/v1");
  EXPECT_EQ(api(ForgeKind::gitea, "git@other.example.com:a/b"), "https://other.example.com/api/v1") << "the address is of its own host alone";
  EXPECT_EQ(api(ForgeKind::github, "git@acme.ghe.com:a/b"), "https://api.acme.ghe.com");
  setting.url = "https://example.com/git/tea";
  const auto place = [&](const char* url) { return forge_place(ForgeKind::gitea, *parse_remote_url(url), setting); };
  for (const char* below : {"https://example.com/git/tea/a/b.git", "git@example.com:a/b"}) {
    EXPECT_EQ(place(below).api, "https://example.com/git/tea/api/v1") << below;
    EXPECT_EQ(place(below).repository, "a/b") << below;
  }
  EXPECT_EQ(place("https://example.com/a/b").api, "https://example.com/api/v1") << "it is not below the folder";
  EXPECT_EQ(place("https://example.com/a/b").repository, "a/b");
}

TEST(Forge, ATokenIsOfItsHost) {
  const auto token = [](const char* url, ForgeKind kind, Environment env, ForgeSetting setting = {}) -> std::string {
    env.emplace_back("PATH", "/nowhere");
    const auto found = find_token(forge_place(kind, *parse_remote_url(url), setting), setting, "/", env, {});
    return found ? found->from : found.error().message;
  };
  const Environment all = {{"GH_TOKEN", "a"}, {"GITLAB_TOKEN", "b"}, {"GITEA_TOKEN", "c"}, {"GITEA_SERVER_URL", "https://tea.example"}, {"MINE", "d"}};
  EXPECT_EQ(token("git@github.com:a/b", ForgeKind::github, all), "GH_TOKEN");
  EXPECT_EQ(token("git@gitlab.com:a/b", ForgeKind::gitlab, all), "GITLAB_TOKEN");
  EXPECT_EQ(token("git@tea.example:a/b", ForgeKind::gitea, all), "GITEA_TOKEN");
  for (const char* other : {"git@github.evil.example:a/b", "git@gitlab.evil.example:a/b", "git@evil.example:a/b"}) {
    const ForgeKind kind = std::string_view(other).find("gitlab") != std::string_view::npos ? ForgeKind::gitlab : ForgeKind::github;
    EXPECT_EQ(token(other, kind, all).substr(0, 21), "There is no token for") << other;
  }
  ForgeSetting setting;
  setting.token_variable = "MINE";
  EXPECT_EQ(token("git@github.com:a/b", ForgeKind::github, all, setting), "MINE");
  EXPECT_EQ(token("git@evil.example:a/b", ForgeKind::github, all, setting).substr(0, 21), "There is no token for");
  setting.url = "https://ghe.example";
  EXPECT_EQ(token("git@ghe.example:a/b", ForgeKind::github, all, setting), "MINE");
  EXPECT_EQ(token("git@github.com:a/b", ForgeKind::github, all, setting), "GH_TOKEN") << "MINE is ghe.example's";
  for (const char* open : {"http://git.example/a/b", "http://127.evil.example/a/b", "http://127.0.0.1.evil.example/a/b"})
    EXPECT_NE(token(open, ForgeKind::gitea, all).find("unencrypted"), std::string::npos) << open;
  for (const char* here : {"http://127.0.0.2:3000/a/b", "http://localhost/a/b", "http://[::1]:3000/a/b"})
    EXPECT_EQ(token(here, ForgeKind::gitea, all).find("unencrypted"), std::string::npos) << here;
}

HttpAnswer answer(int status, std::map<std::string, std::string> headers = {}, std::string body = {}) {
  HttpAnswer made;
  made.status = status;
  made.headers = std::move(headers);
  made.body = std::move(body);
  return made;
}

TEST(Forge, EveryRefusalIsOneSentence) {
  const ForgePlace place{ForgeKind::github, "github.com", "https://api.github.com", "acme/toy"};
  const ForgeRequest request{"POST", "/x", "", "create the pull request"};
  const std::string key = "ghp_" + std::string("16C7e42F292c6912E7710c838347Ae178B4a");
  for (const auto& [given, words] : std::vector<std::pair<HttpAnswer, std::string>>{
           {answer(400, {}, "no json"), "GitHub refuses to create the pull request (400) and does not say why; mend that"},
           {answer(401), "github.com does not accept the token from GH_TOKEN; get another one (`gh auth login`)"},
           {answer(403, {{"x-accepted-oauth-scopes", "repo"}}), "The token from GH_TOKEN may not create the pull request in acme/toy (needed: repo); give it that right"},
           {answer(403, {{"x-ratelimit-remaining", "0"}}), "takes no more calls"},
           {answer(404, {}, R"({"message":"Not Found"})"), "github.com has no repository acme/toy"},
           {answer(409, {}, R"({"message":["Another open merge request already exists: !1"]})"), "stands against it: Another open merge request already exists: !1; look at it there"},
           {answer(410, {}, R"({"message":"Issues are disabled."})"), "could not create the pull request: Issues are disabled; switch it on"},
           {answer(422, {}, R"({"message":"Validation Failed","errors":[{"resource":"PullRequest","field":"base","code":"invalid"}]})"), "Validation Failed: invalid, base; mend that"},
           {answer(422, {}, R"({"error":"title is missing"})"), "title is missing; mend that"},
           {answer(422, {}, R"({"message":"your token )" + key + R"( is bad"})"), "your token"},
           {answer(413, {}, R"({"message":"quota exceeded"})"), "no room left to create the pull request: quota exceeded; make room"},
           {answer(423, {}, R"({"message":"repo is archived"})"), "acme/toy is archived or locked"},
           {answer(429), "takes no more calls"},
           {answer(500), "has a fault of its own (500)"},
           {answer(503, {}, std::string(100'000, 'x')), "has a fault of its own (503)"},
           {answer(302), "answers with 302"}}) {
    const std::string sentence = refusal_sentence(place, "GH_TOKEN", request, given);
    EXPECT_NE(sentence.find(words), std::string::npos) << sentence;
    EXPECT_TRUE(sentence.ends_with(".") && sentence.size() < 500 && sentence.find('\n') == sentence.npos) << sentence;
    EXPECT_EQ(sentence.find(key), sentence.npos) << sentence;
  }
}

TEST(Forge, WhatIsTriedAgain) {
  const auto wait = [](HttpAnswer given, int tries, int seconds = 0) {
    if (seconds > 0) given.retry_after = std::chrono::seconds(seconds);
    const auto time = wait_before_retry(given, tries);
    return time ? time->count() : -1;
  };
  EXPECT_EQ(wait(answer(502), 1), 500);
  EXPECT_EQ(wait(answer(502), 3), 2000);
  EXPECT_EQ(wait(answer(502), 5), -1);
  EXPECT_EQ(wait(answer(429), 1, 7), 7000);
  EXPECT_EQ(wait(answer(403), 1, 7), 7000);
  EXPECT_EQ(wait(answer(429), 1, 4000), -1) << "nobody waits for an hour";
  for (const int never : {400, 401, 403, 404, 409, 410, 422}) EXPECT_EQ(wait(answer(never), 1), -1) << never;
}

const std::string kDescription = "# Title\n\n## Why\n\n> see \\#12 and \\@team, closes https://h/a/b/issues/1, GH-3, gl-5, !4 in `code @team #1`\n\n## Verdict\n\n**verified**.\n\n"
                                 "## What changed\n\n- `a.cpp`, +1 −1\n\n## Gates\n\n| gate | verdict |\n|---|---|\n| `t` | pass |\n\n## How to check\n\n```sh\n## no heading\nbaton verify\n```\n";

TEST(PullRequestText, NothingInItMentionsOrCloses) {
  const std::string body = pull_request_body({"T", "", kDescription, 30'000});
  EXPECT_NE(body.find("see #<!-- -->12 and @<!-- -->team, closes https:<!-- -->//h/a/b/issues/1, GH-<!-- -->3, gl-<!-- -->5, !<!-- -->4 in `code @team #1`"), body.npos) << body;
  EXPECT_EQ(body.find("# Title"), body.npos) << "it is the title";
  EXPECT_TRUE(body.starts_with("<!-- baton:all task=T text=") && body.find("-->\n## Why") != body.npos && body.ends_with("<!-- /baton:all -->\n")) << body;
}

TEST(PullRequestText, ItsCommandsBeginWithAFetch) {
  const std::string fetched = with_fetch(kDescription, "git fetch origin baton/x");
  EXPECT_NE(fetched.find("## How to check\n\n```sh\ngit fetch origin baton/x\n## no heading\nbaton verify\n"), fetched.npos) << fetched;
  EXPECT_EQ(with_fetch("# Title\n\n```sh\n```\n", "git fetch"), "# Title\n\n```sh\n```\n") << "there is nothing to check";
}

TEST(PullRequestText, TheTemplateIsFilled) {
  const std::string in_template = "<!-- # Summary of the guide -->\n### What & why ✨\n\n## Type of change\n- [ ] bug\n\n#Testing\nHOW I TESTED\n============\n## How Has This Been Tested?\n\n```\n# Changes\n```\n~~~~\n```\n~~~\n# Risk\n~~~~\n";
  const std::string body = pull_request_body({"T", in_template, kDescription, 30'000});
  const auto at = [&](const char* part) { return body.find(part); };
  EXPECT_LT(at("### What & why"), at("see #<!-- -->12"));
  EXPECT_LT(at("see #<!-- -->12"), at("## Type of change"));
  EXPECT_LT(at("## Type of change"), at("- `a.cpp`"));
  EXPECT_LT(at("- `a.cpp`"), at("- [ ] bug"));
  EXPECT_LT(at("How Has This Been Tested?"), at("| `t` | pass |"));
  EXPECT_NE(at("```\n# Changes\n```"), body.npos);
  EXPECT_NE(at("~~~\n# Risk\n~~~~"), body.npos) << "a heading in code is none: " << body;
  // People write around the blocks, and the blocks are found again.
  std::string theirs = body;
  theirs.replace(theirs.find("- [ ] bug"), 9, "- [x] bug");
  const PullRequestText fresh{"T", in_template, std::string(kDescription).replace(kDescription.find("pass"), 4, "fail"), 30'000};
  const std::string renewed = renewed_body(theirs, fresh);
  EXPECT_NE(renewed.find("- [x] bug"), renewed.npos);
  EXPECT_NE(renewed.find("| `t` | fail |"), renewed.npos);
  EXPECT_EQ(renewed.find("| `t` | pass |"), renewed.npos);
  EXPECT_EQ(renewed_body("by hand", fresh), "by hand");
  EXPECT_EQ(adopted_body(theirs, fresh), renewed);
  const std::string adopted = adopted_body("by hand", fresh);
  EXPECT_TRUE(adopted.starts_with("by hand\n\n<!-- baton:all task=T text=") && adopted.find("| `t` | fail |") != adopted.npos) << adopted;
  EXPECT_EQ(adopted_body(adopted, fresh), adopted);
  EXPECT_LE(adopted_body(std::string(25'000, 'x'), {"T", "", kDescription + "## Gates\n\n" + std::string(20'000, 'y') + "\n", 30'000}).size(), 30'000u);
  EXPECT_EQ(renewed_body(renewed, fresh), renewed);
}

// A page lives for days: sections come and go, templates change, and people write where they like.
TEST(PullRequestText, AnOpenPageIsBroughtUpToDate) {
  const std::string in_template = "# Summary\n\n# Risks\n\nnone known\n\n# Testing\n";
  const auto text = [&](const std::string& template_now, const std::string& more) { return PullRequestText{"T", template_now, kDescription + more, 30'000}; };
  const std::string risk = "## Risk\n\nA migration.\n\n", plain = pull_request_body(text(in_template, ""));
  const auto count = [](const std::string& page, std::string_view words) {
    std::size_t found = 0;
    for (auto at = page.find(words); at != page.npos; at = page.find(words, at + 1)) ++found;
    return found;
  };
  const std::string came = renewed_body(plain, text(in_template, risk));
  EXPECT_LT(came.find("# Risks"), came.find("A migration."));
  EXPECT_LT(came.find("A migration."), came.find("none known")) << "below its heading: " << came;
  EXPECT_EQ(renewed_body(came, text(in_template, "")), plain) << "what is gone is no longer told";

  const std::string before = pull_request_body(text("# Summary\n", risk));
  EXPECT_EQ(count(renewed_body(before, text(in_template, risk)), "A migration."), 1u) << "the page has no such heading, and the rest takes it";
  EXPECT_EQ(count(renewed_body(came, text("", risk)), "A migration."), 1u) << "the page's template counts, not the one of today";

  std::string theirs = came;
  theirs.replace(theirs.find("| `t` | pass |"), 14, "| `t` | pass |\n\nI ran it by hand, too.");
  EXPECT_EQ(renewed_body(theirs, text(in_template, risk)), theirs) << "nothing new is to be said";
  std::string red = kDescription;
  red.replace(red.find("pass"), 4, "fail");
  std::string renewed = renewed_body(theirs, {"T", in_template, red + risk, 30'000});
  EXPECT_EQ(count(renewed, "I ran it by hand, too."), 1u);
  EXPECT_LT(renewed.find("I ran it by hand, too."), renewed.find("| `t` | fail |"));
  renewed = renewed_body(renewed, text(in_template, risk));
  EXPECT_EQ(count(renewed, "I ran it by hand, too."), 1u);
  EXPECT_EQ(count(renewed, "| `t` | fail |"), 0u);

  std::string by_the_page = came;  // as a browser sends it
  for (auto at = by_the_page.find('\n'); at != by_the_page.npos; at = by_the_page.find('\n', at + 2)) by_the_page.insert(at, "\r");
  EXPECT_EQ(renewed_body(by_the_page, text(in_template, risk)), by_the_page);
  const std::string next = renewed_body(by_the_page, text(in_template, ""));
  EXPECT_EQ(count(next, "A migration."), 0u) << next;

  std::string cut = came;
  cut.erase(cut.find("<!-- baton:all"));
  EXPECT_EQ(renewed_body(cut, text(in_template, risk)), cut) << "they took it out";
  const std::string older = "# Summary\n\n<!-- baton:why task=T -->\n> old\n<!-- /baton:why -->\n\n<!-- baton:all task=T -->\nold\n<!-- /baton:all -->\n";
  EXPECT_EQ(count(renewed_body(older, text(in_template, risk)), "old"), 0u);
  EXPECT_LE(renewed_body(std::string(25'000, 'x') + came, text(in_template, "## Gates\n\n" + std::string(20'000, 'y') + "\n")).size(), 30'000u);
}

TEST(PullRequestText, FitsAtSectionBorders) {
  std::string files;
  for (int i = 0; i < 3'000; ++i) files += "- `src/file" + std::to_string(i) + ".cpp`, +1 −1\n";
  const std::string large = std::string(kDescription).replace(kDescription.find("- `a.cpp`, +1 −1\n"), 19, files);
  for (const std::size_t limit : {30'000u, 60'000u, 500'000u}) {
    const std::string body = pull_request_body({"T", "## Summary\n", large, limit});
    EXPECT_LE(body.size(), limit);
    EXPECT_EQ(body.find("Left out, since a forge takes no more: What changed.") != body.npos, limit < 100'000) << limit;
    EXPECT_NE(body.find("baton verify"), body.npos);
  }
  const std::string endless = "## Why\n\n" + std::string(70'000, 'x') + "\n> \u202eevil\u202c 👩‍👩‍👧 עברית\n## Verdict\n\n**verified**.\n";
  const std::string body = pull_request_body({"T", "", endless, 30'000});
  EXPECT_LE(body.size(), 30'000u);
  EXPECT_NE(body.find("**verified**"), body.npos);
  EXPECT_EQ(body.find("\u202e"), body.npos);
  EXPECT_LE(pull_request_body({"T", std::string(20'000, 't'), large, 30'000}).size(), 30'000u);
  const std::string check = check_run_text(large, 60'000);
  EXPECT_LE(check.size(), 60'000u);
  EXPECT_TRUE(check.starts_with("## Why") && check.ends_with("Left out, since a forge takes no more: What changed. The evidence has the whole.\n")) << check.substr(0, 80);
  EXPECT_NE(check.find("see #<!-- -->12 and @<!-- -->team"), check.npos);
}

TEST(PullRequestText, ATitleIsOneLine) {
  EXPECT_EQ(pull_request_title("Fix\x07 \u202eit\nand more"), "Fix it");
  EXPECT_EQ(pull_request_title(""), "Work of a task");
  const std::string long_one = pull_request_title(std::string(100, 'x') + " " + std::string(150, 'y'));
  EXPECT_EQ(long_one, std::string(100, 'x') + " …");
  EXPECT_LE(pull_request_title(std::string(300, '\xc3') + "\xa4").size(), 210u);
}

TEST(PullRequestText, RiskIsReadFromSyntaxAndNames) {
  std::vector<FileChange> changes(5);
  const char* paths[] = {"web/package.json", "db/migrations/1.sql", "src/auth/login.py", "docs/openapi.yaml", "README.md"};
  for (std::size_t i = 0; i < changes.size(); ++i) changes[i].path = paths[i];
  const std::string text = risk_section(changes, {});
  for (const char* line : {"- Dependencies: `web/package.json`\n", "- Migrations: `db/migrations/1.sql`\n", "checks: `src/auth/login.py`\n", "- What others build on: `docs/openapi.yaml`\n"})
    EXPECT_NE(text.find(line), text.npos) << text;
  const auto kind = [&](const char* path) {
    changes.resize(1);
    changes[0].path = path;
    const std::string section = risk_section(changes, {});
    const auto from = section.find("\n- ");
    return from == section.npos ? "" : section.substr(from + 3, section.find(':', from + 3) - from - 3);
  };
  for (const char* path : {"requirements-dev.txt", "requirements/test.txt", "app/build.gradle", "build.gradle.kts", "lib/CMakeLists.txt", "setup.py", "setup.cfg", "Pipfile", "composer.json", "src/App.csproj", "conanfile.py", "conanfile.txt", "vcpkg.json"})
    EXPECT_EQ(kind(path), "Dependencies") << path;
  for (const char* path : {"db/migrate/20260101_add_users.rb", "app/migrations/0001.py"}) EXPECT_EQ(kind(path), "Migrations") << path;
  for (const char* path : {"src/auth.cpp", "src/UserAuth.java", "lib/OAuthClient.ts", "src/authorization/rules.go", "oauth2_login.py"}) EXPECT_EQ(kind(path), "Security, deployment and checks") << path;
  for (const char* path : {"AUTHORS", "src/author.py", "docs/requirements.md", "db/migrate.md", "README.md"}) EXPECT_EQ(kind(path), "") << path;
  EXPECT_EQ(risk_section(changes, {{"a.py", {"f", "def f(a)", ""}}, {"a.py", {"g", "def g(`a`)", "def g(" + std::string(300, 'b') + ")"}}}),
            "## Risk\n\nOthers may build on these declarations, which are gone or have another form:\n\n- `f` in `a.py`: `def f(a)` is gone\n- `g` in `a.py`: ``def g(`a`)`` is now `def g(" + std::string(154, 'b') + " …`\n\n");
  EXPECT_NE(risk_section({}, std::vector<ApiLoss>(23, {"a.py", {"f", "def f()", ""}})).find("- and 3 more\n"), std::string::npos);
}

}  // namespace
}  // namespace baton
