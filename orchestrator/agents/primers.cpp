#include "orchestrator/agents/primers.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "orchestrator/front_matter.h"
#include "support/files.h"

namespace baton {

std::string_view base_primer();
std::string_view orchestrator_primer();
std::string_view frontend_primer();
std::string_view backend_primer();
std::string_view database_primer();
std::string_view devops_primer();
std::string_view testing_primer();
std::string_view documentation_primer();
std::string_view review_primer();
std::string_view general_primer();

namespace {

using nlohmann::json;

constexpr const char* kSuffix = "_AGENT_PRIMER.md";
constexpr std::uint64_t kMaxPrimer = 256u << 10;
constexpr std::size_t kMaxInstructions = 64u << 10, kMaxSkills = 100;
constexpr int kMaxDepth = 16;

std::string upper(std::string_view text) {
  std::string all(text);
  std::transform(all.begin(), all.end(), all.begin(), [](unsigned char c) { return c == '-' ? '_' : static_cast<char>(std::toupper(c)); });
  return all;
}

std::string front_matter_text(const json& fields, const char* name) {
  const auto found = fields.find(name);
  return found != fields.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// One name, or a list of them.
std::vector<std::string> names(const json& fields, const char* name) {
  std::vector<std::string> all;
  const auto found = fields.find(name);
  if (found == fields.end()) return all;
  const auto add = [&](const json& one) {
    if (one.is_string() && !one.get_ref<const std::string&>().empty()) all.push_back(one);
  };
  if (found->is_array()) std::for_each(found->begin(), found->end(), add);
  else add(*found);
  return all;
}

// "BASE_PRIMER.md" of "base", "BASE_PRIMER" and itself: the names in which people say it.
std::vector<std::string> files_named(const std::string& said) {
  if (said.ends_with(".md")) return {said};
  return {said + ".md", upper(said) + kSuffix, upper(said) + "_PRIMER.md"};
}

class Loader {
 public:
  Loader(const std::filesystem::path& user_folder, const FileSource& workspace) : user_folder_(user_folder), workspace_(workspace) {}

  // False: there is none of that name.
  bool add(const std::string& said, int depth = 0) {
    for (const std::string& file : files_named(said)) {
      if (file.find('/') != file.npos || file.find('\\') != file.npos) {
        complain(said, "A primer is named by its file alone, and not as " + said + ".");
        return true;
      }
      if (loaded_.contains(file)) return true;
      auto found = find(file);
      if (!found) continue;
      take(file, found->first, found->second, depth);
      return true;
    }
    return false;
  }
  Primer take_all() { return std::move(primer_); }
  std::vector<Finding> findings() { return std::move(findings_); }

 private:
  // Where it is, and its text. The user's own counts before the repository's.
  std::optional<std::pair<std::string, std::string>> find(const std::string& file) const {
    if (!user_folder_.empty()) {
      if (auto own = read_file(user_folder_ / file, kMaxPrimer)) return std::pair((user_folder_ / file).string(), std::move(*own));
    }
    if (auto shared = workspace_.read(kPrimerFolder + file); shared && shared->size() <= kMaxPrimer) return std::pair(kPrimerFolder + file, std::move(*shared));
    if (const auto built_in = built_in_primer(file); !built_in.empty()) return std::pair("built-in " + file, std::string(built_in));
    return std::nullopt;
  }

  void take(const std::string& file, const std::string& source, const std::string& markdown, int depth) {
    loading_.push_back(file);
    reading_.emplace_back(source, markdown);
    auto read = read_front_matter(markdown);
    if (!read) {
      complain("", source + ": " + read.error().message + " It is used as plain text.");
      append(file, source, markdown);
    } else {
      for (const std::string& parent : names(*read->fields, "inherits_from")) inherit(source, parent, depth);
      append(file, source, read->text);
      for (const std::string& beside : names(*read->fields, "loads_with")) inherit(source, beside, depth);
    }
    loading_.pop_back();
    reading_.pop_back();
  }

  void inherit(const std::string& source, const std::string& said, int depth) {
    for (const std::string& file : files_named(said)) {
      if (std::find(loading_.begin(), loading_.end(), file) == loading_.end()) continue;
      complain(said, source + " comes back to itself through " + file + "; take one of the two out of `inherits_from` or `loads_with`.");
      return;
    }
    if (depth >= kMaxDepth) {
      complain(said, source + " is more than " + std::to_string(kMaxDepth) + " primers deep; " + said + " is left out.");
    } else if (!add(said, depth + 1)) {
      complain(said, source + " names the primer " + said + ", which there is not; put it into " + kPrimerFolder + ", or take the name out.");
    }
  }

  // Of the primer that is read now, on the first line that has these words; else on its first.
  void complain(const std::string& words, std::string message) {
    Finding finding;
    finding.line = finding.column = 1;
    finding.severity = Severity::warning;
    finding.code = "primer";
    finding.tool = "baton";
    if (!reading_.empty()) {
      finding.path = reading_.back().first;
      const std::string& text = reading_.back().second;
      const std::size_t at = words.empty() ? text.npos : text.find(words);
      if (at != text.npos) finding.line = 1 + static_cast<int>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
    }
    finding.message = message;
    findings_.push_back(std::move(finding));
    primer_.problems.push_back(std::move(message));
  }

  void append(const std::string& file, const std::string& source, std::string_view text) {
    if (!loaded_.insert(file).second) return;
    while (text.starts_with('\n')) text.remove_prefix(1);
    while (text.ends_with('\n')) text.remove_suffix(1);
    if (text.empty()) return;
    primer_.text += (primer_.text.empty() ? "" : "\n\n") + std::string(text);
    primer_.sources.push_back(source);
  }

  const std::filesystem::path& user_folder_;
  const FileSource& workspace_;
  Primer primer_;
  std::set<std::string> loaded_;
  std::vector<std::string> loading_;
  std::vector<std::pair<std::string, std::string>> reading_;  // source and text, the innermost last
  std::vector<Finding> findings_;
};

std::vector<std::string> folders_above(const std::string& path) {
  std::vector<std::string> folders;
  for (auto slash = path.find('/'); slash != path.npos; slash = path.find('/', slash + 1)) {
    std::string folder = path.substr(0, slash);
    if (folder.find_first_of("*?[{") != folder.npos) break;
    folders.push_back(std::move(folder));
  }
  return folders;
}

}  // namespace

std::string_view built_in_primer(std::string_view file) {
  const std::pair<std::string_view, std::string_view (*)()> all[] = {
      {"BASE_PRIMER.md", base_primer}, {"ORCHESTRATOR_AGENT_PRIMER.md", orchestrator_primer}, {"FRONTEND_AGENT_PRIMER.md", frontend_primer},
      {"BACKEND_AGENT_PRIMER.md", backend_primer}, {"DATABASE_AGENT_PRIMER.md", database_primer}, {"DEVOPS_AGENT_PRIMER.md", devops_primer},
      {"TESTING_AGENT_PRIMER.md", testing_primer}, {"DOCUMENTATION_AGENT_PRIMER.md", documentation_primer}, {"REVIEW_AGENT_PRIMER.md", review_primer},
      {"GENERAL_AGENT_PRIMER.md", general_primer}};
  for (const auto& [name, text] : all) {
    if (name == file) return text();
  }
  return {};
}

Primer primer_of(std::string_view agent_type, const std::filesystem::path& user_folder, const FileSource& workspace) {
  Loader loader(user_folder, workspace);
  if (agent_type.empty() || !loader.add(upper(agent_type) + kSuffix)) loader.add(std::string("GENERAL") + kSuffix);
  return loader.take_all();
}

std::vector<Finding> primer_problems(const std::filesystem::path& user_folder, const FileSource& workspace) {
  std::set<std::string> files;
  for (const std::string& path : workspace.files()) {
    if (path.starts_with(kPrimerFolder) && path.ends_with(".md")) files.insert(path.substr(std::string_view(kPrimerFolder).size()));
  }
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(user_folder, failed)) {
    if (entry.path().extension() == ".md") files.insert(entry.path().filename().string());
  }
  std::vector<Finding> all;
  for (const std::string& file : files) {
    Loader loader(user_folder, workspace);
    loader.add(file);
    for (Finding& finding : loader.findings()) {
      const bool known = std::any_of(all.begin(), all.end(), [&](const Finding& other) { return other.path == finding.path && other.line == finding.line && other.message == finding.message; });
      if (!known) all.push_back(std::move(finding));
    }
  }
  return all;
}

std::vector<Instruction> instructions_of(const FileSource& workspace, const std::vector<std::string>& paths) {
  std::vector<std::string> folders = {""};
  for (const std::string& path : paths) {
    for (std::string& folder : folders_above(path)) {
      if (std::find(folders.begin(), folders.end(), folder) == folders.end()) folders.push_back(std::move(folder));
    }
  }
  std::vector<Instruction> all;
  std::size_t left = kMaxInstructions;
  for (const std::string& folder : folders) {
    for (const char* name : {"AGENTS.md", "CLAUDE.md"}) {
      const std::string path = folder.empty() ? name : folder + "/" + name;
      auto text = workspace.read(path);
      if (!text || text->find_first_not_of(" \t\r\n") == text->npos) continue;
      // One of the two often only points at the other, or is a copy of it.
      const bool known = std::any_of(all.begin(), all.end(), [&](const Instruction& other) { return other.text == *text; });
      if (known) continue;
      if (text->size() > left) text = "It is too long to be given here; read it before you begin.\n";
      left -= std::min(left, text->size());
      all.push_back({path, std::move(*text)});
    }
  }
  return all;
}

std::vector<Skill> skills_of(const FileSource& workspace) {
  std::vector<Skill> skills;
  for (const std::string& path : workspace.files()) {
    if (skills.size() == kMaxSkills) break;
    if (!path.ends_with("/SKILL.md")) continue;
    auto text = workspace.read(path);
    if (!text) continue;
    auto read = read_front_matter(*text);
    Skill skill;
    if (read) skill.name = front_matter_text(*read->fields, "name"), skill.description = front_matter_text(*read->fields, "description");
    if (skill.name.empty()) skill.name = std::filesystem::path(path).parent_path().filename().string();
    skill.path = path;
    skill.text = std::move(*text);
    const bool known = std::any_of(skills.begin(), skills.end(), [&](const Skill& other) { return other.name == skill.name; });
    if (!known) skills.push_back(std::move(skill));
  }
  std::sort(skills.begin(), skills.end(), [](const Skill& a, const Skill& b) { return a.name < b.name; });
  return skills;
}

}  // namespace baton
