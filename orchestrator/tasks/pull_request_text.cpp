#include "orchestrator/tasks/pull_request_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <optional>

#include "orchestrator/tasks/markdown.h"
#include "support/hash.h"

namespace baton {
namespace {

constexpr std::size_t kMaxTemplate = 20'000, kMaxTitle = 200, kMaxRiskFiles = 12, kMaxLosses = 20, kMaxForm = 160;

struct Section {
  std::string heading, text;  // text: with its heading line
};

// Which lines are code between fences of ``` or ~~~; the fences themselves are.
class Fences {
 public:
  bool in_code(std::string_view line) {
    if (!line.starts_with("```") && !line.starts_with("~~~")) return !fence_.empty();
    const std::string marks(line.substr(0, std::min(line.find_first_not_of(line[0]), line.size())));
    if (fence_.empty()) fence_ = marks;
    else if (marks.starts_with(fence_) && line.find_first_not_of(" \t\r\n", marks.size()) == line.npos) fence_.clear();
    return true;
  }

 private:
  std::string fence_;  // that is open
};

// Where "## " begins a line outside code.
std::vector<Section> sections_of(std::string_view markdown) {
  std::vector<Section> sections;
  Fences fences;
  while (!markdown.empty()) {
    const auto end = std::min(markdown.find('\n'), markdown.size() - 1);
    const std::string_view line = markdown.substr(0, end + 1);
    markdown.remove_prefix(end + 1);
    const bool in_code = fences.in_code(line);
    if (!in_code && line.starts_with("## ")) sections.push_back({std::string(line.substr(3, line.find_first_of("\r\n") - 3)), ""});
    else if (!in_code && line.starts_with("# ") && sections.empty()) continue;  // it is the title
    if (sections.empty()) sections.push_back({});
    sections.back().text += line;
  }
  std::erase_if(sections, [](const Section& one) { return one.text.find_first_not_of(" \n\r") == std::string::npos; });
  return sections;
}

// Code spans and fences are left alone: nothing works in them.
std::size_t end_of_code(std::string_view text, std::size_t start) {
  const auto run_end = std::min(text.find_first_not_of('`', start), text.size());
  const std::string marks(text.substr(start, run_end - start));
  for (auto at = text.find(marks, run_end); at != text.npos; at = text.find(marks, at)) {
    const auto end = std::min(text.find_first_not_of('`', at), text.size());
    if (end - at == marks.size()) return end;
    at = end;
  }
  return run_end;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

bool is_direction_mark(std::string_view text, std::size_t at) {
  const std::string_view mark = text.substr(at, 3);
  return (mark >= "\u202a" && mark <= "\u202e") || (mark >= "\u2066" && mark <= "\u2069");
}

// `!12` and `GL-12` of GitLab, and `GH-12`; @ and # are escaped by who wrote the text.
bool is_reference_mark(std::string_view text, std::size_t at) {
  if (at + 1 >= text.size() || !std::isdigit(static_cast<unsigned char>(text[at + 1]))) return false;
  if (text[at] != '-' || at < 2) return text[at] == '!';
  const std::string word = lower(text.substr(at - 2, 2));
  return word == "gh" || word == "gl";
}

// Of what stands in a block, whatever a forge's page did to its line ends.
std::string hash_of(std::string_view text) {
  std::string plain(text);
  std::erase(plain, '\r');
  const auto from = plain.find_first_not_of(" \n"), to = plain.find_last_not_of(" \n");
  return sha256(from == plain.npos ? "" : plain.substr(from, to - from + 1)).substr(0, 12);
}

std::string closing(std::string_view name) { return "<!-- /baton:" + std::string(name) + " -->"; }
std::string block(const std::string& task, std::string_view name, const std::string& text) {
  return "<!-- baton:" + std::string(name) + " task=" + task + " text=" + hash_of(text) + " -->\n" + text + (text.empty() || text.ends_with("\n") ? "" : "\n") + closing(name);
}

struct Block {
  std::size_t from, to;    // with its marks
  std::string text, hash;  // hash: of what we wrote there
  bool is_edited() const { return !hash.empty() && hash_of(text) != hash; }
};
std::optional<Block> find_block(std::string_view page, std::string_view name) {
  constexpr std::string_view kEnd = "-->", kHash = " text=";
  const auto from = page.find("<!-- baton:" + std::string(name) + " "), inside = page.find(kEnd, from == page.npos ? 0 : from);
  const auto end = page.find(closing(name), inside == page.npos ? 0 : inside);
  if (from == page.npos || inside == page.npos || end == page.npos) return std::nullopt;
  const std::string_view opening = page.substr(from, inside - from);
  const auto hash = opening.find(kHash);
  const auto start = inside + kEnd.size();
  return Block{from, end + closing(name).size(), std::string(page.substr(start, end - start)), hash == opening.npos ? "" : std::string(opening.substr(hash + kHash.size(), 12))};
}

struct Slot {
  std::string_view name;
  std::array<std::string_view, 8> words;     // in a heading of a template
  std::array<std::string_view, 4> sections;  // ours that belong there
};
constexpr std::array<Slot, 4> kSlots = {{{"checks", {"test", "verif", "valid", "qa", "how to check", "checks", "", ""}, {"Gates", "How to check", "Criteria", ""}},
                                         {"risk", {"risk", "breaking", "impact", "", "", "", "", ""}, {"Risk", "", "", ""}},
                                         {"changes", {"change", "implementation", "what was done", "", "", "", "", ""}, {"What changed", "", "", ""}},
                                         {"why", {"summary", "description", "why", "motivation", "context", "overview", "what", "purpose"}, {"Why", "Verdict", "", ""}}}};

constexpr std::string_view kRest = "all";  // the block of what no heading asks for

bool names(const auto& list, std::string_view text) { return !text.empty() && std::find(list.begin(), list.end(), text) != list.end(); }

std::string without_heading(const std::string& text) {
  const auto end = text.find('\n');
  const auto start = end == std::string::npos ? std::string::npos : text.find_first_not_of('\n', end);
  return start == std::string::npos ? "" : text.substr(start);
}

// The template with a block below each heading that something of ours belongs to, and one for the rest.
std::string empty_page(const PullRequestText& text) {
  std::string page;
  std::vector<std::string_view> used;
  bool in_comment = false;
  Fences fences;
  for (std::string_view rest = text.in_template; !rest.empty();) {
    const auto end = std::min(rest.find('\n'), rest.size() - 1);
    const std::string_view line = rest.substr(0, end + 1);
    rest.remove_prefix(end + 1);
    page += line;
    if (!page.ends_with("\n")) page += '\n';
    const bool in_code = fences.in_code(line);
    const auto opens = line.rfind("<!--"), closes = line.rfind("-->");
    const bool was_comment = in_comment;
    if (opens != line.npos || closes != line.npos) in_comment = opens != line.npos && (closes == line.npos || closes < opens);
    const auto marks = std::min(line.find_first_not_of('#'), line.size());
    if (was_comment || in_code || marks == 0 || marks > 6 || marks >= line.size() || line[marks] != ' ') continue;
    const std::string words = lower(line.substr(marks + 1));
    for (const Slot& slot : kSlots) {
      const bool meant = std::any_of(slot.words.begin(), slot.words.end(), [&](std::string_view word) { return !word.empty() && words.find(word) != words.npos; });
      if (!meant || std::find(used.begin(), used.end(), slot.name) != used.end()) continue;
      used.push_back(slot.name);
      page += "\n" + block(text.task, slot.name, "") + "\n\n";
      break;
    }
  }
  return page + (page.empty() ? "" : "\n") + block(text.task, kRest, "") + "\n";
}

// What belongs to a slot; those sections are used up.
std::string taken_for(const Slot& slot, std::vector<Section>& sections) {
  std::string text;
  for (const Section& section : sections) {
    if (names(slot.sections, section.heading)) text += text.empty() ? without_heading(section.text) : "**" + section.heading + "**\n\n" + without_heading(section.text);
  }
  std::erase_if(sections, [&](const Section& section) { return names(slot.sections, section.heading); });
  return text;
}

// What people wrote into a block is theirs: it stays, and ours follows it as soon as it says something else.
void fill_block(std::string& page, const std::string& task, std::string_view name, const std::string& text) {
  const auto there = find_block(page, name);
  if (!there || there->hash == hash_of(text)) return;
  const auto kept = there->is_edited() ? there->text.substr(std::min(there->text.find_first_not_of("\r\n"), there->text.size())) + "\n" : "";
  page.replace(there->from, there->to - there->from, kept + block(task, name, text));
}

std::string joined(const std::vector<Section>& sections) {
  std::string text;
  for (const Section& section : sections) text += section.text + (section.text.ends_with("\n\n") ? "" : "\n");
  return text;
}

// At a line.
void cut_end(Section& section, std::size_t keep) {
  const auto end = section.text.rfind('\n', keep);
  section.text.resize(end == std::string::npos ? 0 : end + 1);
  section.text += "\n…\n\n";
}

// The task's own words are cut to a quarter first: who reads it can look them up. Then whole sections go, the longest first, but for why,
// verdict and what is weaker than before.
std::vector<std::string> fit(std::vector<Section>& sections, std::size_t limit) {
  std::vector<std::string> cut;
  const auto fits = [&] { return joined(sections).size() <= limit; };
  const auto stays = [](const Section& one) { return one.heading == "Why" || one.heading == "Verdict" || one.heading == "Weaker than before" || one.heading.empty(); };
  if (fits()) return cut;
  for (Section& section : sections) {
    if (!stays(section) || section.text.size() <= limit / 4) continue;
    cut_end(section, limit / 4);
    cut.push_back("the end of " + section.heading);
  }
  const auto weight = [&](const Section& one) { return stays(one) ? 0 : one.text.size(); };
  while (!fits()) {
    const auto longest = std::max_element(sections.begin(), sections.end(), [&](const Section& a, const Section& b) { return weight(a) < weight(b); });
    if (stays(*longest)) break;
    cut.push_back(longest->heading);
    sections.erase(longest);
  }
  return cut;
}

std::string cut_note(const std::vector<std::string>& cut) {
  if (cut.empty()) return {};
  std::string text = "Left out, since a forge takes no more: ";
  for (const std::string& one : cut) text += (&one == &cut.front() ? "" : ", ") + one;
  return text + ". The evidence has the whole.\n";
}

std::string short_form(const std::string& form) {
  std::size_t end = kMaxForm;
  if (form.size() <= end) return code_span(form);
  while ((static_cast<unsigned char>(form[end]) & 0xC0) == 0x80) --end;  // no half of a letter
  return code_span(form.substr(0, end) + " …");
}

// "src/OAuthLogin.py" has the words "src", "o", "auth", "login" and "py": lower case, each with a slash behind it.
std::string path_words(std::string_view path) {
  std::string words;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const auto is_upper = [&](std::size_t at) { return at < path.size() && std::isupper(static_cast<unsigned char>(path[at])); };
    const bool hump = is_upper(i) && i > 0 && (!is_upper(i - 1) || (i + 1 < path.size() && std::islower(static_cast<unsigned char>(path[i + 1]))));
    if (hump && !words.ends_with('/')) words += '/';
    words += std::isalnum(static_cast<unsigned char>(path[i])) ? static_cast<char>(std::tolower(static_cast<unsigned char>(path[i]))) : '/';
  }
  return words + "/";
}

// "/name": the end of the path, with at most one `*` for what has no slash in it; "=word": a word of it; else a part of it.
bool has_mark(const std::string& path, const std::string& words, std::string_view mark) {
  if (mark.front() == '=') return words.find("/" + std::string(mark.substr(1)) + "/") != words.npos;
  if (mark.front() != '/') return path.find(mark) != path.npos;
  const auto star = mark.find('*');
  if (star == mark.npos) return path.ends_with(mark);
  const std::string_view before = mark.substr(0, star), after = mark.substr(star + 1);
  const auto at = path.rfind(before);
  if (at == path.npos || path.size() < at + before.size() + after.size()) return false;
  return path.ends_with(after) && path.find('/', at + before.size()) == path.npos;
}

std::string losses_in_words(const std::vector<ApiLoss>& losses) {
  if (losses.empty()) return {};
  std::string text = "Others may build on these declarations, which are gone or have another form:\n\n";
  for (std::size_t i = 0; i < std::min(losses.size(), kMaxLosses); ++i) {
    const auto& [path, change] = losses[i];
    text += "- " + code_span(change.name) + " in " + code_span(path) + ": " + short_form(change.before) + " is " + (change.after.empty() ? "gone" : "now " + short_form(change.after)) + "\n";
  }
  if (losses.size() > kMaxLosses) text += "- and " + std::to_string(losses.size() - kMaxLosses) + " more\n";
  return text + "\n";
}

}  // namespace

// A backslash before a mark does not stop a forge from linking, since it looks at the text that comes out; an empty comment does.
std::string defused(std::string_view text) {
  constexpr std::string_view kNothing = "<!-- -->";
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '`') {
      const auto end = end_of_code(text, i);
      out += text.substr(i, end - i);
      i = end;
    } else if (text.substr(i, 2) == "\\@" || text.substr(i, 2) == "\\#") {
      (out += text[i + 1]) += kNothing;
      i += 2;
    } else if (text[i] == '\\' && i + 1 < text.size()) {
      out += text.substr(i, 2);
      i += 2;
    } else if (text.substr(i, 3) == "://" || is_reference_mark(text, i)) {
      (out += text[i++]) += kNothing;
    } else if (is_direction_mark(text, i)) {
      i += 3;
    } else {
      out += text[i++];
    }
  }
  return out;
}

std::string pull_request_template(const FileSource& files) {
  constexpr std::array<std::string_view, 5> kFolders = {".github/", "", "docs/", ".gitea/", ".forgejo/"};
  constexpr std::array<std::string_view, 4> kNames = {"pull_request_template.md", "PULL_REQUEST_TEMPLATE.md", "pull_request_template.txt", "pull_request_template"};
  std::vector<std::string> paths;
  for (const std::string_view folder : kFolders) {
    for (const std::string_view name : kNames) paths.push_back(std::string(folder) + std::string(name));
  }
  paths.insert(paths.end(), {".gitlab/merge_request_templates/Default.md", ".gitlab/merge_request_templates/default.md"});
  for (const std::string& path : paths) {
    auto text = files.read(path);
    if (!text || text->empty()) continue;
    if (text->size() > kMaxTemplate) text->resize(text->rfind('\n', kMaxTemplate) == text->npos ? 0 : text->rfind('\n', kMaxTemplate) + 1);
    return *text;
  }
  return {};
}

std::string with_fetch(std::string description, const std::string& fetch) {
  const auto heading = description.rfind("## How to check\n"), fence = description.find("```sh\n", heading);
  if (heading != description.npos && fence != description.npos) description.insert(description.find('\n', fence) + 1, fetch + "\n");
  return description;
}

std::string pull_request_body(const PullRequestText& text) { return renewed_body(empty_page(text), text); }

std::string renewed_body(const std::string& there, const PullRequestText& text) {
  std::string page = there;
  std::size_t around = there.size() + 1'000;
  for (const std::string_view name : {kSlots[0].name, kSlots[1].name, kSlots[2].name, kSlots[3].name, kRest}) {
    if (const auto known = find_block(there, name); known && !known->is_edited()) around -= known->text.size();
  }
  std::vector<Section> sections = sections_of(defused(text.description));
  const std::vector<std::string> cut = fit(sections, text.limit > around ? text.limit - around : text.limit / 2);
  for (const Slot& slot : kSlots) {  // what has no block of its own, since the page was made without, belongs to the rest
    if (find_block(page, slot.name)) fill_block(page, text.task, slot.name, taken_for(slot, sections));
  }
  fill_block(page, text.task, kRest, joined(sections) + cut_note(cut));
  return page;
}

std::string adopted_body(const std::string& there, const PullRequestText& text) {
  const bool has_ours = find_block(there, kRest) || std::any_of(kSlots.begin(), kSlots.end(), [&](const Slot& slot) { return find_block(there, slot.name).has_value(); });
  return renewed_body(has_ours ? there : there + (there.empty() ? "" : "\n\n") + block(text.task, kRest, "") + "\n", text);
}

std::string check_run_text(const std::string& description, std::size_t limit) {
  std::vector<Section> sections = sections_of(defused(description));
  const std::vector<std::string> cut = fit(sections, limit - std::min<std::size_t>(limit / 2, 1'000));
  return joined(sections) + cut_note(cut);
}

std::string pull_request_title(std::string_view words) {
  std::string title;
  const std::string_view line = words.substr(0, words.find('\n'));
  for (std::size_t i = 0; i < line.size();) {
    if (is_direction_mark(line, i)) i += 3;
    else if (static_cast<unsigned char>(line[i]) < 0x20) ++i;
    else title += line[i++];
  }
  if (title.size() > kMaxTitle) {
    const auto space = title.rfind(' ', kMaxTitle);
    std::size_t end = space == title.npos || space < kMaxTitle / 2 ? kMaxTitle : space;
    while (end > 0 && (static_cast<unsigned char>(title[end]) & 0xC0) == 0x80) --end;  // no half of a letter
    title = title.substr(0, end) + " …";
  }
  return title.empty() ? "Work of a task" : title;
}

std::string risk_section(const std::vector<FileChange>& changes, const std::vector<ApiLoss>& losses) {
  struct Kind {
    std::string_view says;
    std::vector<std::string_view> marks;
  };
  static const std::vector<Kind> kKinds = {
      {"Dependencies", {"/package.json", "/package-lock.json", "/yarn.lock", "/pnpm-lock.yaml", "/cargo.toml", "/cargo.lock", "/go.mod", "/go.sum", "/pyproject.toml", "/setup.py", "/setup.cfg", "/requirements*.txt",
                        "/requirements/*.txt", "/pipfile", "/pipfile.lock", "/poetry.lock", "/uv.lock", "/pom.xml", "/build.gradle", "/build.gradle.kts", "/gemfile", "/gemfile.lock", "/composer.json", "/composer.lock",
                        "/*.csproj", "/cmakelists.txt", "/conanfile.*", "/vcpkg.json"}},
      {"Migrations", {"migration", "/db/migrate/*", "/schema.sql", "alembic", "/schema.prisma"}},
      {"Security, deployment and checks", {"=auth", "=oauth", "=oauth2", "=authentication", "=authenticate", "=authenticator", "=authorization", "=authorize", "=authorizer", "=authn", "=authz", "crypt", "password", "secret", "permission", ".github/workflows",
                                           ".gitlab-ci", "/dockerfile", "sandbox", "certificate", "/codeowners", "terraform"}},
      {"What others build on", {".d.ts", ".proto", "openapi", "swagger", "graphql"}},
  };
  std::string text;
  for (const Kind& kind : kKinds) {
    std::vector<std::string> found;
    for (const FileChange& change : changes) {
      const std::string path = "/" + lower(change.path), words = "/" + path_words(change.path);
      const bool is = std::any_of(kind.marks.begin(), kind.marks.end(), [&](std::string_view mark) { return has_mark(path, words, mark); });
      if (is) found.push_back(change.path);
    }
    if (found.empty()) continue;
    text += "- " + std::string(kind.says) + ":";
    for (std::size_t i = 0; i < std::min(found.size(), kMaxRiskFiles); ++i) text += (i == 0 ? " " : ", ") + code_span(found[i]);
    if (found.size() > kMaxRiskFiles) text += " and " + std::to_string(found.size() - kMaxRiskFiles) + " more";
    text += "\n";
  }
  const std::string lost = losses_in_words(losses);
  if (lost.empty() && text.empty()) return {};
  return "## Risk\n\n" + lost + (text.empty() ? "" : "By their names, these files deserve a second look:\n\n" + text + "\n");
}

std::string cost_section(const Spending& spent, double minutes) {
  if (spent.tokens() == 0 && minutes < 0.05) return {};
  std::string text = "## Cost\n\n";
  char number[64];
  std::snprintf(number, sizeof number, "%.1f", minutes);
  text += "Its agents worked for " + std::string(number) + " minutes";
  if (const std::string used = spending_words(spent); !used.empty()) text += " and used " + used;
  return text + ".\n\n";
}

}  // namespace baton
