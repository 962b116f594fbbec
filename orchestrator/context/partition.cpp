#include "orchestrator/context/partition.h"

#include <algorithm>

#include "analyzers/context/bm25.h"
#include "orchestrator/context/slice_text.h"

namespace baton {
namespace {

constexpr std::size_t kDocuments = 3;
constexpr std::size_t kMaxSkills = 50, kMaxDescription = 300;
constexpr double kDomainDocument = 1.5;  // a document of the domain is worth so many times its words

bool is_skill(std::string_view path) { return path == "SKILL.md" || path.ends_with("/SKILL.md"); }

// `key: value` of the front matter, quotes taken off. A skill that needs more YAML than that is named by its folder.
std::string front_matter(std::string_view text, std::string_view key) {
  if (!text.starts_with("---")) return "";
  const std::size_t end = text.find("\n---", 3);
  if (end == text.npos) return "";
  for (std::size_t begin = text.find('\n') + 1; begin < end;) {
    const std::size_t stop = text.find('\n', begin);
    std::string_view line = text.substr(begin, stop - begin);
    begin = stop + 1;
    if (!line.starts_with(key) || !line.substr(key.size()).starts_with(':')) continue;
    line.remove_prefix(key.size() + 1);
    const auto first = line.find_first_not_of(" \t\"'");
    const auto last = line.find_last_not_of(" \t\r\"'");
    return first == line.npos || last < first ? "" : std::string(line.substr(first, last - first + 1));
  }
  return "";
}

std::vector<SkillNote> skills_of(const WorkspaceView& view, const DomainRule* rule) {
  std::vector<SkillNote> skills;
  for (const ViewFile& file : view.files()) {
    if (!is_skill(file.path) || skills.size() >= kMaxSkills) continue;
    const auto text = view.read(file);
    if (!text) continue;
    SkillNote skill{front_matter(*text, "name"), front_matter(*text, "description").substr(0, kMaxDescription), file.path, tokens_of(text->size())};
    if (skill.name.empty()) {
      const std::string folder = file.path.substr(0, file.path.size() - std::string_view("SKILL.md").size());
      skill.name = folder.empty() ? "skill" : folder.substr(folder.rfind('/', folder.size() - 2) + 1, folder.npos);
      while (skill.name.ends_with('/')) skill.name.pop_back();
    }
    const bool wanted = !rule || rule->skills.empty() || std::find(rule->skills.begin(), rule->skills.end(), skill.name) != rule->skills.end();
    if (wanted) skills.push_back(std::move(skill));
  }
  return skills;
}

std::vector<std::string> documents_for(ContextIndex& index, const WorkspaceView& view, const std::string& text, const DomainRule* rule) {
  const TaskQuery query = task_query(text, index.data().terms);
  struct Document {
    const ViewFile* file;
    const FileTerms* terms;
    double score = 0;
  };
  std::vector<Document> documents;
  double length = 0;
  for (const ViewFile& file : view.files()) {
    const auto indexed = index.data().files.find(file.blob);
    if (source_kind(file.path) != SourceKind::document || is_skill(file.path) || indexed == index.data().files.end() || !indexed->second.terms.usable) continue;
    documents.push_back({&file, &indexed->second.terms});
    length += indexed->second.terms.length;
  }
  Bm25 bm25(documents.size());
  bm25.mean_length = documents.empty() ? 0 : length / static_cast<double>(documents.size());
  for (const QueryTerm& term : query.terms) {
    const auto has = [&](const Document& document) { return count_of(document.terms->terms, term.term) > 0; };
    const auto have = static_cast<std::size_t>(std::count_if(documents.begin(), documents.end(), has));
    // A word that half of the documents have says nothing about one of them.
    if (have == 0 || 2 * have > documents.size() + 1) continue;
    const Bm25::Weighted asked{term.term, term.weight, Bm25::idf(documents.size(), have)};
    for (Document& document : documents) document.score += bm25.score(asked, count_of(document.terms->terms, term.term), document.terms->length);
  }
  if (rule) {
    for (Document& document : documents) {
      const bool own = std::any_of(rule->docs.begin(), rule->docs.end(), [&](const std::string& pattern) { return pattern == document.file->path || matches_path(pattern, document.file->path); });
      if (own) document.score = document.score * kDomainDocument + 0.01;
    }
  }
  std::stable_sort(documents.begin(), documents.end(), [](const Document& a, const Document& b) { return a.score > b.score; });
  std::vector<std::string> paths;
  for (const Document& document : documents) {
    if (document.score > 0 && paths.size() < kDocuments) paths.push_back(document.file->path);
  }
  return paths;
}

}  // namespace

Result<Partition> make_partition(ContextIndex& index, const WorkspaceView& view, const PartitionRequest& request, std::stop_token stop) {
  std::vector<std::string> paths;
  for (const ViewFile& file : view.files()) paths.push_back(file.path);
  const auto rules = domain_rules(paths, request.domains, request.readings);
  const DomainRule* rule = rule_of(rules, request.domain);
  ContextRequest wanted;
  wanted.text = request.text;
  wanted.budget = request.budget;
  wanted.expected = request.expected;
  if (rule) wanted.near = rule->files;
  auto slice = index.slice(view, wanted, stop);
  if (!slice) return slice.error();
  Partition partition;
  partition.domain = rule ? rule->name : "";
  partition.slice = std::move(*slice);
  partition.documents = documents_for(index, view, request.text, rule);
  partition.skills = skills_of(view, rule);
  return partition;
}

ContextFigures figures_of(const Partition& partition) {
  ContextFigures figures{partition.slice.tokens, partition.slice.whole_tokens, partition.slice.workspace_tokens, 0};
  for (const SkillNote& skill : partition.skills) figures.deferred_tokens += skill.tokens;
  return figures;
}

std::string partition_text(const Partition& partition) {
  std::string text;
  if (!partition.slice.pieces.empty()) {
    text += "These pieces of the workspace have most to do with the task. They are where to begin, chosen by words and history alone: the whole\n"
            "workspace is at hand, and what the work needs may be elsewhere.\n\n" +
            slice_text(partition.slice, 3);
  }
  if (!partition.documents.empty()) {
    text += std::string(text.empty() ? "" : "\n") + "Documents that may help:\n\n";
    for (const std::string& path : partition.documents) text += "- " + path + "\n";
  }
  if (!partition.skills.empty()) {
    text += std::string(text.empty() ? "" : "\n") + "Skills; read the file of one before you do what it is for:\n\n";
    for (const SkillNote& skill : partition.skills) text += "- " + skill.name + " (" + skill.path + ")" + (skill.description.empty() ? "" : ": " + skill.description) + "\n";
  }
  return text;
}

}  // namespace baton
