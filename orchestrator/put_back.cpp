#include "orchestrator/put_back.h"

#include <re2/re2.h>

#include <algorithm>
#include <map>

#include "analyzers/audit/code_text.h"
#include "analyzers/audit/doc_examples.h"
#include "analyzers/audit/go_set_up.h"
#include "analyzers/audit/test_file.h"
#include "git/line_diff.h"
#include "orchestrator/runner_settings.h"
#include "orchestrator/tests_of_tree.h"

namespace baton {
namespace {

std::string last_part(const std::string& path) { return path.substr(path.rfind('/') == path.npos ? 0 : path.rfind('/') + 1); }

// What lists the tests of its folder goes with them. What installs, and what the whole is built by, belongs to the result.
bool lists_tests(const std::string& path) {
  static const RE2 kList("(?i)(^|/)(CMakeLists\\.txt|[^/]*\\.cmake|GNUmakefile|Makefile|meson\\.build|pytest\\.ini)$");
  return in_test_folder(path) && RE2::PartialMatch(path, kList);
}

// What a module does to another one as it is loaded, holds for every test that runs with it.
bool changes_others(const std::string& path, const std::string& text) {
  if (path.ends_with(".go")) return !audit::set_by_tests(text).empty();
  static const RE2 kReaches("(?m)^(?:(?:setattr|delattr)\\s*\\(|((?:[A-Za-z_$][\\w$]*\\.)+)[A-Za-z_$][\\w$]*\\s*(?:\\[[^\\]\\n]*\\]\\s*)?=[^=>]|.*\\bpatch(?:\\.\\w+)*\\(.*\\)\\.start\\(\\))");
  re2::StringPiece rest(text);
  for (std::string object; RE2::FindAndConsume(&rest, kReaches, &object);) {
    if (object != "module." && object != "exports." && object != "module.exports.") return true;
  }
  return false;
}

class PuttingBack {
 public:
  explicit PuttingBack(const PutBackInput& input) : input_(input) {}

  PutBack run() {
    out_.only_tests = true;
    with_support_ = std::any_of(input_.changes.begin(), input_.changes.end(), [&](const FileChange& change) { return is_program(change) && !supports(change.old_path); });
    for (const FileChange& change : input_.changes) {
      if (holds_both(change)) inline_tests_of(change);
      else if (names_runner_settings(change.old_path) || names_runner_settings(change.path)) settings_of(change);
      else if (has_examples(change)) examples_of(change);
      else file(change);
    }
    out_.weakens = touched_ && std::any_of(input_.changes.begin(), input_.changes.end(), [&](const FileChange& change) { return is_program(change); });
    out_.only_tests = out_.only_tests && !out_.files.empty() && out_.beside.empty();
    return std::move(out_);
  }

 private:
  bool of_tests(const std::string& path, bool in_base) const {
    if (part_of_change(path) == ChangePart::test || input_.scripts.contains(path) || lists_tests(path) || input_.collects(path)) return true;
    if (with_support_ && supports(path)) return true;
    // A submodule is a commit and no text.
    return in_test_folder(path + "/") && !(in_base ? input_.base : input_.head)(path);
  }

  // What the new code uses as well is a part of it by now: where it asks for something that the base does not have there.
  bool supports(const std::string& path) const {
    return input_.supports(path) && std::none_of(input_.changes.begin(), input_.changes.end(), [&](const FileChange& change) {
      const ChangePart part = part_of_change(change.path);
      if (change.kind == ChangeKind::deleted || change.old_path == path || (part != ChangePart::program && part != ChangePart::both) || input_.collects(change.path)) return false;
      const auto text = input_.head(change.path);
      return text && (is_code(path) ? imports(change.path, *text, path) && asks_for_news_of(path, *text) : names_word(*text, last_part(path)));
    });
  }

  bool asks_for_news_of(const std::string& path, const std::string& program) const {
    const std::set<std::string> known = audit::identifiers(input_.base(path).value_or("")), now = audit::identifiers(input_.head(path).value_or("")), asked = audit::identifiers(program);
    return std::any_of(now.begin(), now.end(), [&](const std::string& name) { return !known.contains(name) && asked.contains(name); });
  }

  bool is_program(const FileChange& change) const {
    const ChangePart part = part_of_change(change.path);
    if (of_tests(change.path, change.kind == ChangeKind::deleted) || names_runner_settings(change.path)) return false;
    if (has_examples(change)) return with_base_examples(change) != input_.base(change.old_path);
    if (part != ChangePart::both || change.kind == ChangeKind::added || change.kind == ChangeKind::deleted) return part == ChangePart::program || part == ChangePart::both;
    return without_inline_tests(input_.base(change.old_path).value_or("")) != without_inline_tests(with_base_examples(change).value_or(""));
  }

  bool holds_both(const FileChange& change) const {
    return part_of_change(change.path) == ChangePart::both && !of_tests(change.old_path, true) && (change.kind == ChangeKind::modified || change.kind == ChangeKind::renamed) && !change.binary;
  }

  // Modules of tests, and examples in comments.
  void inline_tests_of(const FileChange& change) {
    const auto was = input_.base(change.old_path), now = input_.head(change.path);
    if (!was || !now || input_.as_changed.contains(change.old_path)) return;
    const bool other_tests = !inline_tests(*was).empty() && inline_tests(*was) != inline_tests(*now);
    const std::string examples = with_base_examples(change).value_or(*now), text = other_tests ? with_inline_tests(examples, *was) : examples;
    if (text == *now) return;
    out_.edits.push_back({change.path, FileEdit::From::text, text});
    out_.in_part.insert(change.old_path);
    if (other_tests) keep(change, change.path, inline_tests(*was), inline_tests(*now));
    else keep(change, change.path, "", "");
    if (examples == *now) return;
    touched_ = true;
    out_.only_tests = false;  // a runner is not asked for them alone
  }

  // A module whose docstrings are tests.
  bool has_examples(const FileChange& change) const {
    const bool both = (change.kind == ChangeKind::modified || change.kind == ChangeKind::renamed) && !change.binary && language_of(change.path) == Language::python;
    return both && !of_tests(change.old_path, true) && input_.runs_examples(change.old_path);
  }

  std::optional<std::string> with_base_examples(const FileChange& change) const {
    const auto was = input_.base(change.old_path), now = input_.head(change.path);
    const bool run = was && now && input_.runs_examples(change.old_path);
    return run ? std::optional(audit::with_examples_of(change.path, *was, *now)) : now;
  }

  void examples_of(const FileChange& change) {
    const auto now = input_.head(change.path);
    auto text = with_base_examples(change);
    if (!now || !text || *text == *now || input_.as_changed.contains(change.old_path)) return;
    put_in_part(change, std::move(*text), *now);
  }

  // What decides which tests run, by what and how strictly, is the base's as well: its own file, or its part of one.
  void settings_of(const FileChange& change) {
    const bool gone = change.kind == ChangeKind::deleted, fresh = change.kind == ChangeKind::added;
    const auto was = fresh ? std::nullopt : input_.base(change.old_path), now = gone ? std::nullopt : input_.head(change.path);
    if (input_.as_changed.contains(change.old_path)) return;
    if (!is_runner_settings(change.old_path) || !is_runner_settings(change.path)) {
      std::string text = now ? with_runner_settings_of(change.path, was.value_or(""), *now) : std::string();
      if (now && text != *now) put_in_part(change, std::move(text), *now);
    } else {
      if (fresh || change.kind == ChangeKind::renamed) out_.edits.push_back({change.path, FileEdit::From::gone});
      if (!fresh) out_.edits.push_back({change.old_path, FileEdit::From::base, {}, change.old_path});
      keep(change, change.old_path, was.value_or(""), now.value_or(""));
      touched_ = true;
    }
    if (!out_.files.empty() && out_.files.back().path == change.path) out_.settings.insert(change.old_path);
  }

  void put_in_part(const FileChange& change, std::string text, const std::string& now) {
    out_.edits.push_back({change.path, FileEdit::From::text, text});
    out_.in_part.insert(change.old_path);
    keep(change, change.path, text, now);
    touched_ = true;
  }

  void file(const FileChange& change) {
    const bool gone = change.kind == ChangeKind::deleted, fresh = change.kind == ChangeKind::added;
    const bool was_test = !fresh && of_tests(change.old_path, true), is_test = !gone && of_tests(change.path, false);
    if (!was_test) {
      if (fresh && is_test) leave_out(change);
      return;
    }
    if (input_.as_changed.contains(change.old_path) || is_shared(change.old_path)) return;
    const bool moved = change.kind == ChangeKind::renamed;
    // Where the result's build lists the new name, the base's text goes there.
    const bool stays = moved && is_test && listed(change.path);
    const std::string& path = stays ? change.path : change.old_path;
    out_.edits.push_back({path, FileEdit::From::base, {}, change.old_path});
    if (moved && is_test && !stays) out_.edits.push_back({change.path, FileEdit::From::gone});
    const auto was = input_.base(change.old_path);
    if (!was) touched_ = true;  // a submodule: another commit
    keep(change, path, was.value_or(""), gone ? std::string() : input_.head(change.path).value_or(""));
  }

  void keep(const FileChange& change, const std::string& path, const std::string& was, const std::string& now) {
    static const RE2 kReadMe("(?i)(^|/)(README|CHANGELOG)[^/]*$");
    out_.files.push_back(change);
    out_.test_paths.insert(path);
    out_.only_tests = out_.only_tests && holds_tests(change.old_path, was);
    const bool same = was == now && change.kind != ChangeKind::deleted;
    if (!same && !RE2::PartialMatch(path, kReadMe) && !only_adds_tests(change.path, was, now)) touched_ = true;
  }

  static bool holds_tests(const std::string& path, const std::string& text) {
    if (!is_code(path)) return false;
    const auto units = audit::read_test_file(path, text).units;
    return std::any_of(units.begin(), units.end(), [](const audit::TestUnit& unit) { return unit.is_test && !unit.is_group; });
  }

  // New tests say nothing of the base's, and may be in their way: a test that moved to another file would be there twice.
  void leave_out(const FileChange& change) {
    const auto text = input_.head(change.path);
    if (!text || text->empty() || !input_.as_changed.empty() || listed(change.path)) return;
    out_.edits.push_back({change.path, FileEdit::From::gone});
    const bool reaches = is_code(change.path) && changes_others(change.path, *text);
    if (!is_code(change.path) || (!reaches && holds_tests(change.path, *text))) return;
    // A conftest.py, a mock, a module that hides another or alters it: it may decide what the base's tests see.
    if (!reaches && audit::is_test_path(change.path) && last_part(change.path) != "conftest.py") return;
    touched_ = true;
    out_.beside.push_back(change.path);
  }

  // The build of the result names the file, and fails without it.
  bool listed(const std::string& path) const {
    const std::string name = last_part(path), stem = name.substr(0, name.find('.'));
    return std::any_of(input_.changes.begin(), input_.changes.end(), [&](const FileChange& change) {
      const ChangePart part = part_of_change(change.path);
      const bool manifest = part == ChangePart::manifest && !lists_tests(change.path);
      const bool crate = path.ends_with(".rs") && change.path.ends_with(".rs") && change.path != path;
      if (change.kind == ChangeKind::deleted || (!manifest && !crate)) return false;
      const auto text = input_.head(change.path);
      return text && (manifest ? names_word(*text, name) : names_word(*text, "mod " + stem));
    });
  }

  bool is_shared(const std::string& path) const { return !audit::is_test_path(path) && !input_.scripts.contains(path) && !input_.collects(path) && input_.shared(path); }

  const PutBackInput& input_;
  PutBack out_;
  bool with_support_ = false;  // more of the program changed than what tests rest on, which may else be what they test
  bool touched_ = false;  // something of the base's tests is not what it was
};

// Lines of the file that belong to new tests or groups of tests, with the marks above them.
std::set<int> lines_of_new_tests(const audit::TestFile& was, const audit::TestFile& now, const std::vector<std::string_view>& lines) {
  std::set<std::string> known;
  for (const audit::TestUnit& unit : was.units) known.insert(unit.qualified);
  std::set<int> fresh;
  for (const audit::TestUnit& unit : now.units) {
    if (unit.name.empty() || known.contains(unit.qualified) || !(unit.is_test || unit.is_group)) continue;
    for (int line = unit.line; line <= unit.end_line; ++line) fresh.insert(line);
    static const RE2 kMark(R"(^\s*(@|#\[|//|///|#))");
    for (int line = unit.line - 1; line > 0 && line <= static_cast<int>(lines.size()); --line) {
      const std::string_view text = lines[static_cast<std::size_t>(line) - 1];
      if (!RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), kMark)) break;
      fresh.insert(line);
    }
  }
  return fresh;
}

}  // namespace

bool only_adds_tests(const std::string& path, const std::string& was, const std::string& now) {
  if (!is_code(path) || was.empty()) return false;
  const auto base = audit::read_test_file(path, was), head = audit::read_test_file(path, now);
  if (!base.readable || !head.readable) return false;
  const std::vector<std::string_view> lines = audit::lines_of(now);
  const std::set<int> fresh = lines_of_new_tests(base, head, lines);
  for (const LineHunk& hunk : diff_lines(was, now)) {
    if (hunk.from_count > 0) return false;
    for (int line = hunk.to_line; line < hunk.to_line + hunk.to_count; ++line) {
      const bool blank = line <= static_cast<int>(lines.size()) && lines[static_cast<std::size_t>(line) - 1].find_first_not_of(" \t\r") == std::string_view::npos;
      if (!blank && !fresh.contains(line)) return false;
    }
  }
  return true;
}

PutBack put_back(const PutBackInput& input) { return PuttingBack(input).run(); }

}  // namespace baton
