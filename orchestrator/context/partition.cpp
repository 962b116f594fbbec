#include "orchestrator/context/partition.h"

#include <algorithm>

#include "analyzers/context/bm25.h"
#include "orchestrator/context/slice_text.h"

namespace baton {
namespace {

constexpr std::size_t kDocuments = 3;
constexpr double kDomainDocument = 1.5;  // a document of the domain is worth so many times its words

bool is_skill(std::string_view path) { return path == "SKILL.md" || path.ends_with("/SKILL.md"); }

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
  if (rule) partition.skills = rule->skills;
  return partition;
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
  return text;
}

}  // namespace baton
