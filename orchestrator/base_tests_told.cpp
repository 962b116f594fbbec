// How the audit tells of the base's tests that fail with the new code: where they stand, in whose words, and whether they are explained.
#include <algorithm>
#include <functional>

#include "analyzers/audit/code_text.h"
#include "analyzers/audit/doc_examples.h"
#include "analyzers/audit/intent.h"
#include "analyzers/audit/line_changes.h"
#include "analyzers/audit/test_file.h"
#include "orchestrator/base_tests.h"
#include "orchestrator/tries.h"
#include "orchestrator/worded_anew.h"

namespace baton {
namespace {

constexpr std::size_t kMaxTold = 20;

// Where a test stands, in each version.
struct Standing {
  std::string base_path, head_path;
  std::optional<audit::TestUnit> was, is;
};

// What is said once: tests of one place.
struct Telling {
  Standing at;
  const FailingBaseTest* first = nullptr;
  std::size_t more = 0;
};

class ToldFindings {
 public:
  ToldFindings(const BaseTestsTold& told, std::vector<AuditFinding>& audit) : told_(told), audit_(audit), intent_(told.task.empty() ? std::nullopt : std::optional(told.task)) {
    for (const FileChange& change : told.changes) {
      if (change.kind == ChangeKind::renamed) renamed_[change.old_path] = change.path;
    }
  }

  void run() {
    tell_failing();
    tell_unasked();
  }

 private:
  void tell_failing() {
    std::vector<Telling> all = tellings(told_.failing);
    const std::size_t count = std::min(all.size(), kMaxTold);
    std::vector<AuditFinding> fresh;
    for (std::size_t i = 0; i < count; ++i) {
      std::string message = words_of_telling(all[i]);
      if (i + 1 == count && all.size() > count) message += " And " + std::to_string(all.size() - count) + " more.";
      if (AuditFinding* known = static_one(all[i])) known->message += " " + message;
      else fresh.push_back(finding_of_telling(all[i], std::move(message)));
    }
    const auto notes = std::stable_partition(fresh.begin(), fresh.end(), [](const AuditFinding& one) { return one.escalates; });
    audit_.insert(audit_.end(), std::make_move_iterator(notes), std::make_move_iterator(fresh.end()));
    fresh.erase(notes, fresh.end());
    const auto place = std::find_if(audit_.begin(), audit_.end(), [](const AuditFinding& one) { return !one.escalates; });
    audit_.insert(place, std::make_move_iterator(fresh.begin()), std::make_move_iterator(fresh.end()));
  }

  // That a test expects something else is a note where nobody knows what was asked for, since the base's test is asked. Where it cannot be,
  // nothing shows that the code still does what it did.
  void tell_unasked() {
    for (const Telling& one : tellings(told_.unasked)) {
      if (!itself_changed(one.at)) continue;
      for (AuditFinding& finding : audit_) {
        if (finding.kind != "expectation_changed" || !is_about(finding, one.at)) continue;
        finding.message += " As the base has it, " + one.at.was->name + " could not be asked of the new code" + (one.first->words.empty() ? "" : ": " + one.first->words) + ".";
        if (!intent_.given()) finding.escalates = true, finding.severity = Severity::warning;
        break;
      }
    }
    std::stable_partition(audit_.begin(), audit_.end(), [](const AuditFinding& one) { return one.escalates; });
  }

  // --- where

  std::string in_result(const std::string& path) const {
    const auto moved = renamed_.find(path);
    return moved == renamed_.end() ? path : moved->second;
  }

  const std::vector<audit::TestUnit>& units_of(const std::string& path, bool base) {
    const auto [place, fresh] = units_.try_emplace((base ? "b:" : "h:") + path);
    if (!fresh) return place->second;
    const auto text = (base ? told_.base : told_.head)(path);
    const bool by_name = audit::may_hold_tests(path);
    if (text && (by_name || told_.collects(path))) {
      for (audit::TestUnit& unit : audit::read_test_file(path, *text, by_name ? AuditedPart::by_name : AuditedPart::tests).units) {
        if (unit.is_test && !unit.is_group) place->second.push_back(std::move(unit));
      }
    }
    if (text && language_of(path) == Language::rust) {
      for (audit::TestUnit& unit : audit::read_rust_examples(path, *text).units) {
        if (unit.is_test) place->second.push_back(std::move(unit));
      }
    }
    return place->second;
  }

  const audit::TestUnit* named(const std::string& path, bool base, const std::function<bool(const audit::TestUnit&)>& is) {
    const auto& units = units_of(path, base);
    const auto found = std::find_if(units.begin(), units.end(), is);
    return found == units.end() ? nullptr : &*found;
  }

  // The runner names the file, or it is one of those that were put back.
  Standing standing_of(const FailingBaseTest& test) {
    std::vector<std::string> paths;
    const auto add = [&](const std::string& path) {
      if (!path.empty() && std::find(paths.begin(), paths.end(), path) == paths.end()) paths.push_back(path);
    };
    if (const auto colons = test.id.find("::"); colons != test.id.npos) add(test.id.substr(0, colons));
    if (part_of_change(test.path) != ChangePart::program) add(test.path);
    for (const FileChange& change : told_.back.files) add(change.old_path);
    Standing at;
    for (const std::string& path : paths) {
      const auto* unit = named(path, true, [&](const audit::TestUnit& one) { return !test.id.empty() && speaks_of(test.id, "", {path, one.name, one.qualified}); });
      if (!unit) continue;
      at.base_path = path;
      at.was = *unit;
      break;
    }
    if (!at.was && !paths.empty()) at.base_path = paths.front();
    at.head_path = in_result(at.base_path);
    if (at.was) find_in_result(at);
    return at;
  }

  void find_in_result(Standing& at) {
    std::vector<std::string> paths{at.head_path};
    for (const FileChange& change : told_.changes) {
      if (change.kind != ChangeKind::deleted) paths.push_back(change.path);
    }
    for (const bool by_qualified : {true, false}) {
      for (const std::string& path : paths) {
        const auto* unit = named(path, false, [&](const audit::TestUnit& one) { return by_qualified ? one.qualified == at.was->qualified : one.name == at.was->name; });
        if (!unit) continue;
        at.head_path = path;
        at.is = *unit;
        return;
      }
    }
  }

  std::vector<Telling> tellings(const std::vector<FailingBaseTest>& tests) {
    std::vector<Telling> all;
    for (const FailingBaseTest& test : tests) {
      Standing at = standing_of(test);
      const auto same = std::find_if(all.begin(), all.end(), [&](const Telling& one) { return at.was && one.at.was && one.at.base_path == at.base_path && one.at.was->line == at.was->line; });
      if (same != all.end()) ++same->more;
      else all.push_back({std::move(at), &test, 0});
    }
    return all;
  }

  // --- what it is

  const FileChange* own_file(const Standing& at) const {
    const auto found = std::find_if(told_.back.files.begin(), told_.back.files.end(), [&](const FileChange& one) { return one.old_path == at.base_path; });
    return found == told_.back.files.end() ? nullptr : &*found;
  }

  static bool itself_changed(const Standing& at) { return at.was && (!at.is || at.is->text != at.was->text); }

  // What of all that was put back makes the difference, as far as that can be told: the test, its file, or what stands beside it.
  std::vector<const FileChange*> culprits(const Standing& at) const {
    const FileChange* own = own_file(at);
    if (own && (itself_changed(at) || !at.was)) return {own};
    std::vector<const FileChange*> beside, all;
    for (const FileChange& one : told_.back.files) {
      if (&one != own && !audit::is_test_path(one.old_path) && !told_.collects(one.old_path)) beside.push_back(&one);
      all.push_back(&one);
    }
    if (own && beside.empty()) return {own};
    if (own) beside.insert(beside.begin(), own);
    return beside.empty() ? all : beside;
  }

  // Of a file that is back in part: which part.
  std::string name(const FileChange& file) const {
    if (!told_.back.in_part.contains(file.old_path)) return file.old_path;
    return (told_.back.settings.contains(file.old_path) ? "what the tests' runner reads of " : "the tests of ") + file.old_path;
  }

  // "the tests of src/lib.rs".
  bool is_plural(const FileChange& file) const { return told_.back.in_part.contains(file.old_path) && !told_.back.settings.contains(file.old_path); }

  std::string named_files(const std::vector<const FileChange*>& files) const {
    return name(*files.front()) + (files.size() == 1 ? "" : files.size() == 2 ? " and " + name(*files[1]) : " and " + std::to_string(files.size() - 1) + " more files");
  }

  std::string words_of_telling(const Telling& one) const {
    const std::vector<const FileChange*> files = culprits(one.at);
    const bool itself = own_file(one.at) && itself_changed(one.at);
    std::string text = itself ? "As the base has it" : files.empty() ? "" : "With " + named_files(files) + " as the base has " + (files.size() > 1 || is_plural(*files.front()) ? "them" : "it");
    if (!itself && !told_.back.beside.empty()) text += (text.empty() ? "Without " : " and without ") + told_.back.beside.front();
    text += ", ";
    text += one.first->id.empty() ? "\"" + one.first->gate + "\"" : one.at.was ? one.at.was->name : one.first->id;
    if (one.more > 0) text += " (" + std::to_string(one.more + 1) + " cases)";
    text += " fails with the new code";
    return text + (one.first->words.empty() ? "" : ": " + one.first->words) + ".";
  }

  AuditFinding finding_of_telling(const Telling& one, std::string message) {
    AuditFinding finding;
    finding.kind = kBaseTestFails;
    finding.message = std::move(message);
    finding.escalates = !explained(one);
    finding.severity = finding.escalates ? Severity::warning : Severity::note;
    const std::vector<const FileChange*> files = culprits(one.at);
    finding.hunk = hunk_between(one.at, files);
    if (one.at.is) {
      finding.path = one.at.head_path;
      finding.line = one.at.is->line;
    } else if (one.at.was) {
      finding.path = one.at.base_path;
      finding.line = one.at.was->line;
      finding.on_base = true;
    } else if (!files.empty()) {
      place_at_change(finding, *files.front());
    } else {
      finding.path = one.first->path;
    }
    return finding;
  }

  // The first line that the result has otherwise, else where the base's was.
  void place_at_change(AuditFinding& finding, const FileChange& change) const {
    const bool gone = change.kind == ChangeKind::deleted;
    const auto was = told_.base(change.old_path), is = gone ? std::optional<std::string>() : told_.head(change.path);
    const audit::LineChanges lines = audit::line_changes(was ? std::string_view(*was) : std::string_view(), is ? std::string_view(*is) : std::string_view());
    finding.on_base = gone || (lines.fresh.empty() && !lines.lost.empty());
    finding.path = finding.on_base ? change.old_path : change.path;
    finding.line = finding.on_base ? (lines.lost.empty() ? 1 : lines.lost.front().line) : lines.fresh.empty() ? 1 : lines.fresh.front().line;
  }

  std::string hunk_between(const Standing& at, const std::vector<const FileChange*>& files) const {
    if (own_file(at) && itself_changed(at) && at.is) {
      const audit::LineChanges lines = audit::line_changes(at.was->text, at.is->text);
      return audit::hunk_of(lines.lost, lines.fresh);
    }
    for (const FileChange* file : files) {
      const auto was = told_.base(file->old_path), is = file->kind == ChangeKind::deleted ? std::optional<std::string>() : told_.head(file->path);
      const audit::LineChanges lines = audit::line_changes(was ? std::string_view(*was) : std::string_view(), is ? std::string_view(*is) : std::string_view());
      if (!lines.lost.empty() || !lines.fresh.empty()) return audit::hunk_of(lines.lost, lines.fresh);
    }
    const auto fresh = told_.back.beside.empty() ? std::optional<std::string>() : told_.head(told_.back.beside.front());
    return fresh ? audit::hunk_of({}, audit::line_changes("", *fresh).fresh) : std::string();
  }

  // --- what the static audit says of it

  static bool explains(const AuditFinding& finding) {
    static const std::set<std::string> kAbout = {"assertion_removed", "case_removed", "test_removed", "assertion_weakened", "bound_loosened", "tolerance_widened", "expectation_changed",
                                                 "skip_added", "failure_expected"};
    return kAbout.contains(finding.kind);
  }

  // Of the test itself; else of the file that it fails by, outside of any other test.
  AuditFinding* static_one(const Telling& one) {
    AuditFinding* best = nullptr;
    const auto better = [&](AuditFinding& finding) {
      if (finding.kind == kBaseTestFails) return;
      if (!best || (finding.escalates && !best->escalates)) best = &finding;
    };
    for (AuditFinding& finding : audit_) {
      if ((finding.escalates || explains(finding)) && is_about(finding, one.at)) better(finding);
    }
    if (best) return best;
    for (AuditFinding& finding : audit_) {
      const bool of_a_file = finding.escalates || finding.kind.starts_with("snapshot_");
      if (of_a_file && is_about_what_was_put_back(finding, one)) better(finding);
    }
    return best;
  }

  static bool holds_line(const std::optional<audit::TestUnit>& unit, int line) { return unit && line >= unit->line && line <= unit->end_line; }

  static bool is_about(const AuditFinding& finding, const Standing& at) {
    if (finding.on_base) return finding.path == at.base_path && holds_line(at.was, finding.line);
    return finding.path == at.head_path && holds_line(at.is, finding.line);
  }

  bool is_about_what_was_put_back(const AuditFinding& finding, const Telling& one) {
    if (std::find(told_.back.beside.begin(), told_.back.beside.end(), finding.path) != told_.back.beside.end()) return true;
    for (const FileChange* file : culprits(one.at)) {
      if (finding.path != file->path && finding.path != file->old_path) continue;
      const auto& units = units_of(finding.path, finding.on_base);
      return std::none_of(units.begin(), units.end(), [&](const audit::TestUnit& unit) { return finding.line >= unit.line && finding.line <= unit.end_line; });
    }
    return false;
  }

  // The test, or data that it reads, has other values, and the task speaks of the new ones. The words of an error are the program's own.
  bool explained(const Telling& one) {
    if (intent_.keeps_behaviour()) return false;
    if (!told_.back.beside.empty()) return false;
    if (itself_changed(one.at) && one.at.is && is_worded_anew({one.at.was->text, one.at.is->text}, program())) return true;
    if (!intent_.given()) return false;
    if (itself_changed(one.at)) return one.at.is && (speaks_of_news(one.at.was->text, one.at.is->text) || speaks_of_an_exception(one.at.was->text, one.at.is->text));
    std::string before, after;
    for (const FileChange* file : culprits(one.at)) {
      const Language language = language_of(file->old_path);
      const bool data = language == Language::none || language == Language::json || language == Language::yaml;
      if (!data && file->old_path != one.at.base_path) return false;
      const auto was = told_.base(file->old_path), is = told_.head(file->path);
      if (!was || !is) return false;
      before += data ? *was : beside_tests(file->old_path, *was, true), after += data ? *is : beside_tests(file->path, *is, false);
    }
    return speaks_of_news(before, after);
  }

  // What a file of tests says outside of them: the values and helpers that they share.
  std::string beside_tests(const std::string& path, const std::string& text, bool base) {
    const auto& units = units_of(path, base);
    std::string rest;
    int line = 0;
    for (const std::string_view one : audit::lines_of(text)) {
      ++line;
      if (std::none_of(units.begin(), units.end(), [&](const audit::TestUnit& unit) { return line >= unit.line && line <= unit.end_line; })) rest += std::string(one) + "\n";
    }
    return rest;
  }

  bool speaks_of_news(const std::string& was, const std::string& is) const { return intent_.explains_change({}, new_words(was, is), was); }

  // Nothing came to the test, and what went from it is what the task is about: an exception that it made.
  bool speaks_of_an_exception(const std::string& was, const std::string& is) const {
    return new_words(was, is).empty() && intent_.explains_change({}, new_words(is, was), is);
  }

  std::vector<TextPair> program() const {
    std::vector<TextPair> texts;
    for (const FileChange& change : told_.changes) {
      const ChangePart part = part_of_change(change.path);
      if (change.kind == ChangeKind::deleted || (part != ChangePart::program && part != ChangePart::both)) continue;
      if (auto was = told_.base(change.old_path), is = told_.head(change.path); was && is) texts.push_back({std::move(*was), std::move(*is)});
    }
    return texts;
  }

  static std::string new_words(const std::string& was, const std::string& is) {
    const std::set<std::string> before = audit::words(was);
    std::string fresh;
    for (const std::string& word : audit::words(is)) {
      if (!before.contains(word)) fresh += word + " ";
    }
    return fresh;
  }

  const BaseTestsTold& told_;
  std::vector<AuditFinding>& audit_;
  const audit::Intent intent_;
  std::map<std::string, std::string> renamed_;
  std::map<std::string, std::vector<audit::TestUnit>> units_;
};

}  // namespace

void tell_base_tests(const BaseTestsTold& told, std::vector<AuditFinding>& audit) {
  if (!told.failing.empty() || !told.unasked.empty()) ToldFindings(told, audit).run();
}

}  // namespace baton
