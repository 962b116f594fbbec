#include "analyzers/audit/unread_tests.h"

#include <algorithm>
#include <map>

#include "analyzers/audit/code_text.h"
#include "analyzers/audit/comparison.h"
#include "analyzers/audit/line_changes.h"
#include "analyzers/audit/pattern.h"
#include "analyzers/audit/unread_languages.h"

namespace baton::audit {
namespace {

using Lines = std::vector<ChangedLine>;

bool is_condition(std::string_view line) {
  static const RE2 kCondition("(^|[\\s;}&|(])(if|unless|elsif|elif|else|case|when|while)\\b|&&|\\|\\||\\?\\s");
  return matches(line, kCondition);
}

class UnreadTests {
 public:
  UnreadTests(const std::vector<AuditedFile>& files, const Intent& intent, const Surroundings& around) : files_(files), intent_(intent), around_(around) {}

  std::vector<AuditFinding> run() {
    for (const AuditedFile& file : files_) remember_fresh(file);
    for (const AuditedFile& file : files_) {
      const std::string& old_path = file.old_path.empty() ? file.path : file.old_path;
      const UnreadLanguage* was = unread_tests_language(old_path);
      if (!was || !file.before || (file.before == file.after && old_path == file.path)) continue;
      file_ = &file;
      language_ = was;
      if (file.after && unread_tests_language(file.path)) changed();
      else deleted(old_path);
    }
    return std::move(findings_);
  }

 private:
  bool is_comment(std::string_view line) const { return matches(line, language_->comment); }
  bool asserts(std::string_view line) const { return !is_comment(line) && matches(line, language_->asserts); }

  Lines asserting(const Lines& lines) const {
    Lines found;
    std::copy_if(lines.begin(), lines.end(), std::back_inserter(found), [&](const ChangedLine& line) { return asserts(line.text); });
    return found;
  }

  std::string title_in(std::string_view line) const {
    std::string titles[4];
    const int groups = std::min(language_->begins.NumberOfCapturingGroups(), 4);
    RE2::Arg args[4];
    const RE2::Arg* given[4];
    for (int i = 0; i < groups; ++i) args[i] = RE2::Arg(&titles[i]), given[i] = &args[i];
    if (!RE2::PartialMatchN(re2::StringPiece(line.data(), line.size()), language_->begins, given, groups)) return {};
    for (const std::string& title : titles) {
      if (!title.empty()) return title;
    }
    return std::string(line);
  }

  // What came somewhere in the change may have come from anywhere in it.
  void remember_fresh(const AuditedFile& file) {
    if (!file.after || file.before == file.after) return;
    for (const ChangedLine& line : line_changes(file.before ? std::string_view(*file.before) : std::string_view(), *file.after).fresh) ++fresh_[line.text];
  }

  void add(const char* kind, bool escalates, const ChangedLine& line, bool on_base, std::string message, std::string hunk) {
    AuditFinding finding{on_base && !file_->old_path.empty() ? file_->old_path : file_->path, line.line, kind, escalates ? Severity::warning : Severity::note, std::move(message), escalates, on_base, std::move(hunk)};
    findings_.push_back(std::move(finding));
  }

  static std::string quoted(std::string_view text) { return "\"" + short_text(text) + "\""; }

  void changed() {
    const LineChanges changes = line_changes(*file_->before, *file_->after);
    lines_ = lines_of(*file_->after);
    lost_checks(changes);
    for (const ChangedLine& line : changes.fresh) {
      if (is_comment(line.text) || line.text.size() > 1000) continue;
      if (skips(line, changes)) continue;
      if (ends(line, changes)) continue;
      if (language_->shell) let_pass(line, changes);
    }
    if (language_->shell) no_longer_fails(changes);
  }

  void lost_checks(const LineChanges& changes) {
    Lines lost = asserting(changes.lost);
    const Lines fresh = asserting(changes.fresh);
    std::erase_if(lost, [&](const ChangedLine& line) {
      const auto at = fresh_.find(line.text);
      return at != fresh_.end() && at->second-- > 0;
    });
    if (lost.empty()) return;
    const auto checks = [&](std::string_view text) {
      const auto lines = lines_of(text);
      return std::count_if(lines.begin(), lines.end(), [&](std::string_view line) { return asserts(trimmed(line)); });
    };
    std::string code = file_->path;
    for (const ChangedLine& line : lost) code += " " + std::string(line.text);
    const bool all = checks(*file_->after) == 0;
    const bool explained = intent_.explains_removal(code) || concerns_gone(code);
    const std::string count = std::to_string(lost.size()) + (lost.size() == 1 ? " line that checks something" : " lines that check something");
    add("not_read", all && !explained, lost[0], true,
        (language_->name == "Other" ? "The tests of this language" : language_->name + " tests") + " are not read: " + count + " went, " + std::to_string(fresh.size()) + " came" + (all ? ", so that nothing in this file checks anything." : "."),
        hunk_of(lost, fresh));
  }

  bool concerns_gone(const std::string& code) const {
    const std::set<std::string> names = identifiers(code);
    return std::any_of(names.begin(), names.end(), [&](const std::string& name) { return around_.gone.count(name) > 0; });
  }

  // The line before it that is not blank.
  std::string_view above(int line) const {
    for (int i = line - 2; i >= 0 && i < static_cast<int>(lines_.size()); --i) {
      if (const auto text = trimmed(lines_[static_cast<std::size_t>(i)]); !text.empty() && !is_comment(text)) return text;
    }
    return {};
  }

  // A test of the base, or all of the file: what comes with a test that is new takes nothing away.
  bool of_a_known_test(const ChangedLine& line) const {
    std::string title = title_in(line.text);
    const bool mark = line.text[0] == '@' || line.text[0] == '[' || line.text.starts_with("#[");
    if (title.empty() && mark) {
      for (std::size_t i = static_cast<std::size_t>(line.line); i < std::min(lines_.size(), static_cast<std::size_t>(line.line) + 5) && title.empty(); ++i) title = title_in(trimmed(lines_[i]));
    }
    for (int i = line.line - 2; i >= 0 && title.empty() && !mark; --i) title = title_in(trimmed(lines_[static_cast<std::size_t>(i)]));
    return title.empty() || file_->before->find(title) != std::string::npos;
  }

  bool skips(const ChangedLine& line, const LineChanges& changes) {
    if (!matches(line.text, language_->skips)) return false;
    if (std::any_of(changes.lost.begin(), changes.lost.end(), [&](const ChangedLine& was) { return !is_comment(was.text) && matches(was.text, language_->skips); })) return false;  // it was there in other words
    const bool conditional = is_condition(line.text) || (!title_begins(above(line.line)) && is_condition(above(line.line)));
    const bool where = conditional && !asks_the_environment(line.text) && !asks_the_environment(above(line.line));
    add("skip_added", of_a_known_test(line) && !where && !intent_.explains_switching_off(), line, false, "A test is skipped: " + quoted(line.text) + ".", hunk_of({}, {line}));
    return true;
  }

  bool title_begins(std::string_view line) const { return !line.empty() && !title_in(line).empty(); }

  // The run, or a test, is over before it has checked anything, and well.
  bool ends(const ChangedLine& line, const LineChanges& changes) {
    static const RE2 kEnds("^(exit!?|quit|os\\.exit|Process\\.exit|return|next)\\s*\\(?\\s*(0|true|success)?\\s*\\)?\\s*;?$"), kRun("^(exit|quit|os\\.exit|Process\\.exit)");
    if (!matches(line.text, kEnds)) return false;
    if (std::any_of(changes.lost.begin(), changes.lost.end(), [&](const ChangedLine& was) { return matches(was.text, kEnds); })) return false;
    const std::string_view raw = lines_[static_cast<std::size_t>(line.line) - 1];
    const bool outermost = !raw.empty() && raw[0] != ' ' && raw[0] != '\t';
    const bool of_run = matches(line.text, kRun) && outermost && !is_condition(above(line.line)) && std::any_of(lines_.begin() + line.line, lines_.end(), [&](std::string_view rest) { return asserts(trimmed(rest)); });
    const bool of_test = title_begins(above(line.line)) && of_a_known_test(line);
    if (!of_run && !of_test) return false;
    add("run_cut_short", true, line, false, quoted(line.text) + " ends it before it has checked anything.", hunk_of({}, {line}));
    return true;
  }

  // `diff a b` became `diff a b || true`.
  void let_pass(const ChangedLine& line, const LineChanges& changes) {
    static const RE2 kPasses("^(.*?)\\s*(\\|\\|\\s*(true|:|exit 0|return 0|/bin/true|echo\\b.*)|;\\s*(true|:|exit 0|return 0))\\s*$");
    std::string command;
    if (!RE2::FullMatch(re2::StringPiece(line.text.data(), line.text.size()), kPasses, &command)) return;
    const bool was_strict = std::any_of(changes.lost.begin(), changes.lost.end(), [&](const ChangedLine& was) { return was.text == command || (asserts(was.text) && likeness(tokens(was.text), tokens(command)) >= 0.8 && !RE2::FullMatch(re2::StringPiece(was.text.data(), was.text.size()), kPasses)); });
    if (!was_strict) return;
    add("failure_ignored", !intent_.explains_setting("ignore failure"), line, false, "A failing command no longer fails the test: " + quoted(line.text) + ".", hunk_of({}, {line}));
  }

  void no_longer_fails(const LineChanges& changes) {
    static const RE2 kStrict("^set\\s+(-\\w*e\\w*|-o\\s+(errexit|pipefail))\\b");
    const auto strict = [](const ChangedLine& line) { return matches(line.text, kStrict); };
    const auto was = std::find_if(changes.lost.begin(), changes.lost.end(), strict);
    if (was == changes.lost.end() || std::any_of(changes.fresh.begin(), changes.fresh.end(), strict)) return;
    const auto still = std::any_of(lines_.begin(), lines_.end(), [](std::string_view line) { return matches(trimmed(line), kStrict); });
    add("failure_ignored", !still, *was, true, "A failing command no longer ends the test: " + quoted(was->text) + " is gone.", hunk_of({*was}, {}));
  }

  void deleted(const std::string& old_path) {
    Lines checks, titles;
    int number = 0;
    for (const std::string_view raw : lines_of(*file_->before)) {
      ++number;
      const std::string_view line = trimmed(raw);
      if (asserts(line)) checks.push_back({number, line});
      if (title_begins(line)) titles.push_back({number, line});
    }
    if (checks.empty()) return;
    const auto there = std::count_if(checks.begin(), checks.end(), [&](const ChangedLine& line) { return fresh_.count(line.text) > 0; });
    const bool moved = static_cast<std::size_t>(there) * 2 >= checks.size() && !file_->after;
    std::string about = old_path;
    for (const ChangedLine& line : titles) about += " " + std::string(line.text);
    // What only helps tests is missed by those that call it.
    static const RE2 kHelps("(?i)(^|[/_.-])(updat\\w*|set-?up|clean\\w*|gen\\w*|install\\w*|prepar\\w*|build\\w*|common|utils?|lib|helpers?|support|fixtures?|env\\w*|download|fetch|bench\\w*|mocks?|stubs?|fakes?|base|bless)[\\w-]*\\.\\w+$");
    const bool explained = moved || (titles.empty() && matches(old_path, kHelps)) || intent_.explains_removal(about) || concerns_gone(*file_->before);
    add("test_removed", !explained, {1, checks[0].text}, true, "The " + (language_->name == "Other" ? std::string() : language_->name + " ") + "tests of this file are no longer run; " + std::to_string(checks.size()) + (checks.size() == 1 ? " of their lines checks something." : " of their lines check something."), hunk_of(checks, {}));
  }

  const std::vector<AuditedFile>& files_;
  const Intent& intent_;
  const Surroundings& around_;
  const AuditedFile* file_ = nullptr;
  const UnreadLanguage* language_ = nullptr;
  std::vector<std::string_view> lines_;  // of the result
  std::map<std::string_view, int> fresh_;
  std::vector<AuditFinding> findings_;
};

}  // namespace

std::vector<AuditFinding> audit_unread_tests(const std::vector<AuditedFile>& files, const Intent& intent, const Surroundings& around) { return UnreadTests(files, intent, around).run(); }

}  // namespace baton::audit
