#include "analyzers/audit/test_data.h"

#include <algorithm>
#include <map>
#include <set>

#include "analyzers/audit/code_text.h"
#include "analyzers/audit/comparison.h"
#include "analyzers/audit/data_records.h"
#include "analyzers/audit/line_changes.h"
#include "analyzers/audit/pattern.h"
#include "analyzers/audit/settings.h"
#include "analyzers/audit/unread_languages.h"
#include "analyzers/syntax.h"

namespace baton::audit {
namespace {

constexpr std::size_t kMaxPairs = 300;  // records compared with each other
constexpr double kSameRecord = 0.5;

std::string_view last_name(std::string_view path) { return path.substr(path.rfind('/') == path.npos ? 0 : path.rfind('/') + 1); }
std::string stem_of(std::string_view path) { return std::string(last_name(path).substr(0, last_name(path).find('.'))); }

// Tests that may fail, or do not run: the fewer, the more is asked.
bool is_allowance(std::string_view path) {
  static const RE2 kName("(?i)(expected[-_]?fail\\w*|x-?fail\\w*|known[-_]?(fail\\w*|issues|bugs)|skip(s|ped|list|[-_]list)?|ignored?([-_]?list)?|disabled|flaky|quarantined?|excluded?s?|denylist|blacklist)([_.-][^/]*)?$");
  return matches(last_name(path), kName);
}

bool is_code(std::string_view path) {
  switch (language_of(path)) {
    case Language::none:
    case Language::json:
    case Language::yaml:
    case Language::toml: return is_unread_source(path);
    default: return true;
  }
}

bool is_expectation(std::string_view path) {
  if (is_allowance(path)) return false;
  static const RE2 kName("(?i)(^|[/_.-])(exp(ect(ed|ations?)?)?|golden|gold|snap(shot)?s?|want(ed)?|approved|baselines?|correct|answers?|oracle|stdout|stderr)([_.-][^/]*|/.*|)$|\\.(out|ref)$");
  return matches(path, kName);
}

bool is_table_of_cases(std::string_view path, const std::vector<DataRecord>& records) {
  static const RE2 kName("(?i)(^|[_.-])(cases?|vectors?|examples?|scenarios?|tests|conformance|param(eter)?s)[^/]*\\.(json5?|jsonl|ndjson|ya?ml|toml|[ct]sv|txt)$");
  if (matches(last_name(path), kName)) return true;
  const auto told = std::count_if(records.begin(), records.end(), [](const DataRecord& record) {
    static const RE2 kExpects("(?i)(^|[\\s{,\"'-])(expect\\w*|want(ed)?|should\\w*)[\"']?\\s*[:=]");
    return matches(record.text, kExpects);
  });
  return told > 0 && static_cast<std::size_t>(told) * 2 >= records.size();
}

class TestData {
 public:
  TestData(const std::vector<AuditedFile>& files, const Intent& intent, const Surroundings& around, bool tests_removed) : files_(files), intent_(intent), around_(around), tests_removed_(tests_removed) {}

  std::vector<AuditFinding> run() {
    for (const AuditedFile& file : files_) {
      const std::string& old_path = file.old_path.empty() ? file.path : file.old_path;
      if (!file.before || file.before == file.after || !is_data(file, old_path)) continue;
      file_ = &file;
      before_ = records_of(old_path, *file.before);
      expectation_ = is_expectation(old_path);
      if (is_allowance(old_path)) {
        more_allowed();
        continue;
      }
      table_ = !expectation_ && is_table_of_cases(old_path, before_);
      if (file.after) changed();
      else deleted(old_path);
    }
    return std::move(findings_);
  }

 private:
  void add(const char* kind, bool escalates, bool on_base, int line, std::string message) {
    const LineChanges changes = line_changes(*file_->before, file_->after ? std::string_view(*file_->after) : std::string_view());
    const auto& lines = on_base ? changes.lost : changes.fresh;
    if (line == 0 && !lines.empty()) line = lines[0].line;
    AuditFinding finding{on_base && !file_->old_path.empty() ? file_->old_path : file_->path, std::max(line, 1), kind, escalates ? Severity::warning : Severity::note, std::move(message), escalates, on_base, hunk_of(changes.lost, changes.fresh)};
    findings_.push_back(std::move(finding));
  }

  bool concerns_gone(const std::string& text) const {
    const std::set<std::string> names = identifiers(text);
    return std::any_of(names.begin(), names.end(), [&](const std::string& name) { return around_.gone.count(name) > 0; });
  }

  // Elsewhere the base's tests have to rest on it.
  static bool is_data(const AuditedFile& file, const std::string& path) { return is_test_data(path) || (file.part == AuditedPart::support && !is_code(path) && settings_kind(path) == SettingsKind::none); }

  // What is put in changed as well: `03.in` beside `03.out`.
  bool follows_an_input() const {
    return std::any_of(files_.begin(), files_.end(), [&](const AuditedFile& other) { return &other != file_ && other.before != other.after && is_test_data(other.path) && !is_expectation(other.path) && stem_of(other.path) == stem_of(file_->path); });
  }

  // Something else is expected, by the rule for code.
  bool asks(const std::string& was, const std::string& is) const {
    const std::string said = (was + " " + is).substr(0, 8000);
    const bool explained = intent_.explains_change(file_->path, is.substr(0, 4000), was) || intent_.asks_for_other_tests() || concerns_gone(said) || (around_.program_changed && follows_an_input());
    return intent_.given() ? !explained : !around_.program_changed;
  }

  void changed() {
    const std::vector<DataRecord> after = records_of(file_->path, *file_->after);
    std::vector<const DataRecord*> lost = without(before_, after), fresh = without(after, before_);
    if (lost.empty()) return;
    if (expectation_) {
      other_values(lost, fresh);
      return;
    }
    std::vector<std::pair<const DataRecord*, const DataRecord*>> pairs = pair(lost, fresh);
    if (lost.size() > fresh.size()) fewer(lost);
    if (table_) {
      for (const auto& [was, is] : pairs) other_case(*was, *is);
      if (!lost.empty() && lost.size() <= fresh.size()) add("case_removed", false, true, lost[0]->line, "\"" + short_text(lost[0]->text) + "\" is another case now.");
    }
  }

  void more_allowed() {
    if (!file_->after) return;
    const std::vector<DataRecord> after = records_of(file_->path, *file_->after);
    std::vector<const DataRecord*> fresh = without(after, before_), lost = without(before_, after);
    std::erase_if(fresh, [](const DataRecord* record) { return record->text.starts_with("#") || record->text.starts_with("//"); });
    if (fresh.size() <= lost.size()) return;
    std::string about = file_->path;
    for (const DataRecord* record : fresh) about += " " + record->text;
    add("failure_expected", !intent_.explains_skipping(fresh[0]->text) && !intent_.asks_for_other_tests(), false, fresh[0]->line, "\"" + short_text(fresh[0]->text) + "\"" + (fresh.size() > 1 ? " and " + std::to_string(fresh.size() - 1) + " more are" : " is") + " among what may fail or does not run now.");
  }

  // How often each comes is part of it.
  static std::vector<const DataRecord*> without(const std::vector<DataRecord>& records, const std::vector<DataRecord>& others) {
    std::map<std::string_view, int> left;
    for (const DataRecord& other : others) ++left[other.text];
    std::vector<const DataRecord*> rest;
    for (const DataRecord& record : records) {
      if (--left[record.text] < 0) rest.push_back(&record);
    }
    return rest;
  }

  // Which became which; they are taken out of both.
  static std::vector<std::pair<const DataRecord*, const DataRecord*>> pair(std::vector<const DataRecord*>& lost, std::vector<const DataRecord*>& fresh) {
    std::vector<std::pair<const DataRecord*, const DataRecord*>> pairs;
    if (lost.size() > kMaxPairs || fresh.size() > kMaxPairs) return pairs;
    for (auto was = lost.begin(); was != lost.end();) {
      auto best = fresh.end();
      double score = kSameRecord;
      for (auto is = fresh.begin(); is != fresh.end(); ++is) {
        const bool same_question = !(*was)->asked.empty() && (*was)->asked == (*is)->asked;
        const double now = same_question ? 1 : likeness(tokens((*was)->text), tokens((*is)->text));
        if (now >= score) score = now, best = is;
      }
      if (best == fresh.end()) {
        ++was;
        continue;
      }
      pairs.emplace_back(*was, *best);
      fresh.erase(best);
      was = lost.erase(was);
    }
    return pairs;
  }

  void other_values(const std::vector<const DataRecord*>& lost, const std::vector<const DataRecord*>& fresh) {
    const auto text_of = [](const std::vector<const DataRecord*>& records) {
      std::string text;
      for (const DataRecord* record : records) text += record->text + " ";
      return text;
    };
    const bool bad = asks(text_of(lost), text_of(fresh));
    const std::string now = fresh.empty() ? " is expected no more" : " became \"" + short_text(fresh[0]->text) + "\"";
    add("expectation_changed", bad, fresh.empty(), (fresh.empty() ? lost : fresh)[0]->line, "\"" + short_text(lost[0]->text) + "\"" + now + (bad ? ", and nothing that was asked for says why." : "."));
  }

  void fewer(const std::vector<const DataRecord*>& lost) {
    std::string about = file_->path;
    for (const DataRecord* record : lost) about += " " + record->text;
    const bool explained = intent_.explains_removal(about.substr(0, 4000)) || concerns_gone(about);
    const std::string more = lost.size() > 1 ? " and " + std::to_string(lost.size() - 1) + " more are" : " is";
    add("case_removed", table_ && !explained, true, lost[0]->line, "\"" + short_text(lost[0]->text) + "\"" + more + " no longer among " + (table_ ? "the cases." : "what the tests are given."));
  }

  void other_case(const DataRecord& was, const DataRecord& is) {
    const bool same_question = was.asked == is.asked;
    const bool bad = asks(was.text, is.text);
    add(same_question ? "expectation_changed" : "question_changed", bad, false, is.line, "The case \"" + short_text(was.text) + "\" became \"" + short_text(is.text) + "\"" + (bad ? ", and nothing that was asked for says why." : "."));
  }

  void deleted(const std::string& old_path) {
    const bool elsewhere = std::any_of(files_.begin(), files_.end(), [&](const AuditedFile& other) { return other.after && other.path != old_path && *other.after == *file_->before; });
    if (elsewhere || (!expectation_ && !table_)) return;
    const bool explained = tests_removed_ || intent_.explains_removal(old_path) || concerns_gone(*file_->before) || (intent_.given() && !intent_.keeps_behaviour() && intent_.mentions(old_path));
    add(table_ ? "case_removed" : "expectation_changed", !explained, true, 1, table_ ? "The cases of this file are gone." : "What this file expected is expected no more.");
  }

  const std::vector<AuditedFile>& files_;
  const Intent& intent_;
  const Surroundings& around_;
  bool tests_removed_, expectation_ = false, table_ = false;
  const AuditedFile* file_ = nullptr;
  std::vector<DataRecord> before_;
  std::vector<AuditFinding> findings_;
};

}  // namespace

bool is_test_data(std::string_view path) {
  static const RE2 kFolder("(?i)(^|/)(tests?|testing|specs?|__tests__|testsuites?|unittests?|test[-_]?data|fixtures?|e2e|goldens?|conformance)/"), kProse("(?i)\\.(md|rst|adoc|lock)$|(^|/)(LICENSE|README|CMakeLists\\.txt|requirements[^/]*\\.txt)");
  return matches(path, kFolder) && !is_code(path) && !matches(path, kProse) && settings_kind(path) == SettingsKind::none;
}

std::vector<AuditFinding> audit_test_data(const std::vector<AuditedFile>& files, const Intent& intent, const Surroundings& around, bool tests_removed) { return TestData(files, intent, around, tests_removed).run(); }

}  // namespace baton::audit
