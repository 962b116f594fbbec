#include "orchestrator/router.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "orchestrator/route_words.h"

namespace baton {
namespace {

constexpr double kEnough = 1.5;          // below it nothing tells the domain
constexpr double kSecondEnough = 2.8;      // another domain beside the first
constexpr double kSecondShare = 0.5;      // of the first one's evidence
constexpr double kPlenty = 9;            // more evidence for the first says nothing against a second
constexpr double kTitle = 1.4, kMention = 0.25, kDirective = 1.25, kLog = 0.5;
constexpr double kCall = 2;              // `GET /x`
constexpr double kUnderDeliverable = 0.3;  // a layer that a test or a text is about
constexpr std::size_t kMaxReasons = 4;
constexpr std::size_t kMaxFilesLooked = 200'000;

struct Evidence {
  double score = 0;
  double lead = 0;          // the most that it had in a clause of its own
  bool made = false;        // such a clause asks for something to be made
  std::size_t first = SIZE_MAX;
  std::vector<std::string> reasons;
};

std::string in_quotes(std::string_view text) { return "\"" + std::string(text) + "\""; }

// A request that a server answers: `GET /x`, `/api/x`, `/v1/x`, or an address that is to be added.
bool has_call(std::string_view text) {
  for (const std::string_view mark : {"GET /", "POST /", "PUT /", "PATCH /", "DELETE /", "HEAD /", "/api/", "/v1/", "/v2/", "/v3/",
                                      "Add /", "add /", "Expose /", "expose /", "Serve /"}) {
    if (text.find(mark) != text.npos) return true;
  }
  return false;
}

// Files of the workspace that a path of the task may mean: the path itself, or one that ends with it.
std::string resolved(const std::string& named, const WorkspaceFacts& facts) {
  if (std::binary_search(facts.files.begin(), facts.files.end(), named)) return named;
  const std::string ending = "/" + named;
  const auto found = std::find_if(facts.files.begin(), facts.files.end(), [&](const std::string& file) { return file.ends_with(ending); });
  return found == facts.files.end() ? named : *found;
}

const FilePattern* pattern_of(const RouteWords& words, std::string_view path) {
  const auto found = std::find_if(words.files.begin(), words.files.end(), [&](const FilePattern& p) { return matches_path(p.pattern, path); });
  return found == words.files.end() ? nullptr : &*found;
}

class Reading {
 public:
  Reading(const RouteWords& words, std::string_view text, const WorkspaceFacts& facts)
      : words_(words), facts_(facts), clauses_(task_clauses(text)), evidence_(words.domains.size()) {
    for (std::size_t i = 0; i < clauses_.size(); ++i) read(clauses_[i], i);
    read_workspace();
    lower_what_a_deliverable_is_about();
  }

  void decide_domains(Route& route) const;
  void decide_workflow(Route& route) const;
  void decide_ambiguity(Route& route, std::string_view text) const;

 private:
  void add(std::vector<double>& here, int domain, double weight, const std::string& reason, std::size_t at) {
    if (domain == words_.neutral) return;
    Evidence& evidence = evidence_[static_cast<std::size_t>(domain)];
    const bool again = std::find(evidence.reasons.begin(), evidence.reasons.end(), reason) != evidence.reasons.end();
    here[static_cast<std::size_t>(domain)] += weight;
    evidence.score += again ? weight * 0.3 : weight;
    evidence.first = std::min(evidence.first, at);
    if (!again) evidence.reasons.push_back(reason);
  }

  void read(const TaskClause& clause, std::size_t at) {
    const bool mention = words_.has(Cue::mention, clause.words);
    double factor = clause.title ? kTitle : 1;
    if (clause.log) factor *= kLog;
    if (mention) factor *= kMention;
    else if (words_.has(Cue::directive, clause.words)) factor *= kDirective;
    std::vector<double> here(words_.domains.size());
    for (const LexiconHit& hit : words_.words.hits(clause.words)) add(here, hit.group, hit.weight * factor, in_quotes(hit.phrase), at);
    for (const std::string& named : clause.paths) {
      if (const FilePattern* pattern = pattern_of(words_, resolved(named, facts_))) add(here, pattern->domain, pattern->weight * factor, named, at);
    }
    if (has_call(clause.text)) add(here, words_.backend, kCall * factor, "a call of the API", at);
    if (!mention) find_leader(clause, here);
  }

  // The domain that a clause is about; of equal ones the test or the text, which talks of the other.
  void find_leader(const TaskClause& clause, const std::vector<double>& here) {
    const double most = *std::max_element(here.begin(), here.end());
    if (most <= 0) return;
    std::size_t best = static_cast<std::size_t>(std::max_element(here.begin(), here.end()) - here.begin());
    for (const int deliverable : {words_.testing, words_.documentation}) {
      if (here[static_cast<std::size_t>(deliverable)] == most) best = static_cast<std::size_t>(deliverable);
    }
    Evidence& leader = evidence_[best];
    leader.lead = std::max(leader.lead, most);
    leader.made = leader.made || words_.has(Cue::making, clause.words);
    if (clause.title && title_leader_ < 0 && most >= kEnough) title_leader_ = static_cast<int>(best);
  }

  void read_workspace() {
    share_.resize(words_.domains.size());
    double all = 0;
    for (std::size_t i = 0; i < std::min(facts_.files.size(), kMaxFilesLooked); ++i) {
      if (const FilePattern* pattern = pattern_of(words_, facts_.files[i])) {
        share_[static_cast<std::size_t>(pattern->domain)] += 1;
        all += 1;
      }
    }
    for (double& share : share_) share = all > 0 ? share / all : 0;
  }

  // Tests and texts talk of the layers that they are about.
  void lower_what_a_deliverable_is_about() {
    if (title_leader_ != words_.testing && title_leader_ != words_.documentation) return;
    for (std::size_t i = 0; i < evidence_.size(); ++i) {
      const bool asked_for = evidence_[i].made && evidence_[i].lead >= kSecondEnough;
      if (static_cast<int>(i) != title_leader_ && !asked_for) evidence_[i].score *= kUnderDeliverable;
    }
  }

  bool is_stronger(std::size_t a, std::size_t b) const {
    const Evidence &x = evidence_[a], &y = evidence_[b];
    if (std::abs(x.score - y.score) > 1e-9) return x.score > y.score;
    if (share_[a] != share_[b]) return share_[a] > share_[b];
    return x.first != y.first ? x.first < y.first : a < b;
  }

  bool is_second(std::size_t domain, double top) const {
    const Evidence& e = evidence_[domain];
    if (!words_.is_layer(static_cast<int>(domain)) || e.score < std::max(kSecondEnough, kSecondShare * std::min(top, kPlenty))) return false;
    if (e.lead < kSecondEnough) return false;
    const bool deliverable = static_cast<int>(domain) == words_.testing || static_cast<int>(domain) == words_.documentation;
    return !deliverable || e.made;
  }

  const RouteWords& words_;
  const WorkspaceFacts& facts_;
  std::vector<TaskClause> clauses_;
  std::vector<Evidence> evidence_;
  std::vector<double> share_;
  int title_leader_ = -1;  // of the first clause of the title that tells a domain
};

std::string reasons_text(const Evidence& evidence) {
  std::string text;
  for (std::size_t i = 0; i < std::min(evidence.reasons.size(), kMaxReasons); ++i) text += (i > 0 ? ", " : "") + evidence.reasons[i];
  return text;
}

void Reading::decide_domains(Route& route) const {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < evidence_.size(); ++i) {
    if (static_cast<int>(i) != words_.neutral) order.push_back(i);
  }
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return is_stronger(a, b); });
  const double top = evidence_[order[0]].score, next = evidence_[order[1]].score;
  route.route = kGeneral;
  if (top < kEnough) {
    route.confidence = 0.3;
    route.why = "Nothing in the text tells a domain, so it goes to general.";
    return;
  }
  route.confidence = std::round(100 * (top - next + 0.5) / (top + 1)) / 100;
  if (static_cast<int>(order[0]) == words_.general) {
    route.why = "None of the domains covers it: " + reasons_text(evidence_[order[0]]) + ".";
    return;
  }
  for (const std::size_t domain : order) {
    if (domain != order[0] && !is_second(domain, top)) continue;
    route.domains.push_back(words_.domains[domain]);
    route.why += (route.why.empty() ? "" : "; ") + words_.domains[domain] + " by " + reasons_text(evidence_[domain]);
  }
  route.route = route.domains.size() > 1 ? std::string(kCoordinator) : route.domains[0];
  route.why += route.domains.size() > 1 ? ": several domains, so the coordinator plans it." : ".";
}

void Reading::decide_workflow(Route& route) const {
  std::array<double, 3> score = {0.6, 0, 0};  // what nothing else tells is something to add
  std::array<std::string, 3> reason;
  for (const TaskClause& clause : clauses_) {
    double factor = clause.title ? 2 : 1;
    if (words_.has(Cue::mention, clause.words)) factor *= 0.6;
    for (const LexiconHit& hit : words_.workflows.hits(clause.words)) {
      const auto group = static_cast<std::size_t>(hit.group);
      score[group] += factor * hit.weight;
      if (reason[group].empty()) reason[group] = hit.phrase;
    }
    if (clause.log) score[static_cast<std::size_t>(Workflow::bugfix)] += 1.5;
  }
  const auto best = static_cast<std::size_t>(std::max_element(score.begin(), score.end()) - score.begin());
  route.workflow = static_cast<Workflow>(best);
  route.why += " Workflow " + std::string(to_string(route.workflow)) + (reason[best].empty() ? "." : " by " + in_quotes(reason[best]) + ".");
}

void Reading::decide_ambiguity(Route& route, std::string_view text) const {
  double vague = 0, concrete = 0;
  std::set<std::string> cues;
  for (const TaskClause& clause : clauses_) {
    for (const LexiconHit& hit : words_.cues[static_cast<std::size_t>(Cue::vague)].hits(clause.words)) {
      if (cues.insert(hit.phrase).second) vague += 1;
    }
    for (const LexiconHit& hit : words_.cues[static_cast<std::size_t>(Cue::undecided)].hits(clause.words)) {
      if (cues.insert(hit.phrase).second) vague += 2;
    }
    for (const TaskWord& word : clause.words) {
      if (!word.parts.empty()) concrete += 0.5;
      if (std::any_of(word.text.begin(), word.text.end(), [](char c) { return c >= '0' && c <= '9'; })) concrete += 1;
    }
    concrete += 0.7 * static_cast<double>(clause.paths.size());
    if (clause.log) concrete += 2;
  }
  concrete += 0.5 * static_cast<double>(std::count(text.begin(), text.end(), '`'));
  concrete += 0.5 * static_cast<double>(std::count(text.begin(), text.end(), '"'));
  if (text.find("\n- ") != text.npos || text.find("\n* ") != text.npos || text.find("\n1. ") != text.npos) concrete += 3;
  route.ambiguous = vague >= 1 && vague > concrete;
  if (!route.ambiguous) return;
  route.why += " No outcome can be checked:";
  std::size_t told = 0;
  for (const std::string& cue : cues) {
    if (told++ < kMaxReasons) route.why += (told > 1 ? ", " : " ") + in_quotes(cue);
  }
  route.why += ".";
}

}  // namespace

std::string_view to_string(Workflow workflow) {
  switch (workflow) {
    case Workflow::feature: return "feature";
    case Workflow::bugfix: return "bugfix";
    case Workflow::refactor: return "refactor";
  }
  return "";
}

Router::Router(const std::vector<DomainSetting>& domains)
    : words_(std::make_shared<RouteWords>(read_route_words(route_words_json(), domains))) {}

Route Router::route(std::string_view text, const WorkspaceFacts& facts) const {
  Route route;
  const Reading reading(*words_, text, facts);
  reading.decide_domains(route);
  reading.decide_workflow(route);
  reading.decide_ambiguity(route, text);
  return route;
}

std::string Router::domain_of_file(const std::string& path, const WorkspaceFacts& facts) const {
  const FilePattern* pattern = pattern_of(*words_, resolved(path, facts));
  return pattern ? words_->domains[static_cast<std::size_t>(pattern->domain)] : std::string();
}

}  // namespace baton
