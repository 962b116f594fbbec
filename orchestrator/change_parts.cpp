#include "orchestrator/change_parts.h"

#include <re2/re2.h>

#include <algorithm>
#include <map>

#include "analyzers/audit/test_file.h"

namespace baton {
namespace {

bool matches(std::string_view path, const RE2& pattern) { return RE2::PartialMatch(re2::StringPiece(path.data(), path.size()), pattern); }

// From the attribute's line to the brace that closes the module, as rustfmt sets them.
struct Block {
  std::size_t begin = 0, end = 0;
};

std::vector<Block> test_modules(std::string_view text) {
  std::vector<Block> blocks;
  bool waits = false, inside = false;
  std::size_t begin = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::size_t next = std::min(end + 1, text.size());
    const std::string_view line = text.substr(at, end - at);
    if (inside) {
      if (line.starts_with('}')) {
        blocks.push_back({begin, next});
        inside = false;
      }
    } else if (line.starts_with("#[cfg(test)]")) {
      waits = true;
      begin = at;
    } else if (waits && (line.starts_with("mod ") || line.starts_with("pub mod ") || line.starts_with("pub(crate) mod "))) {
      waits = false;
      inside = line.find('{') != line.npos && line.find('}') == line.npos;
    } else if (waits && !line.starts_with("#[") && !line.starts_with("//") && !line.empty()) {
      waits = false;
    }
    at = next;
  }
  return blocks;
}

bool is_part_of_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$'; }

// "a::b[x]" ends with the name "b", and "a::ab" does not.
bool ends_in(std::string_view id, std::string_view name) {
  for (std::size_t at = id.rfind(name); at != id.npos && !name.empty(); at = at == 0 ? id.npos : id.rfind(name, at - 1)) {
    const bool begins = at == 0 || !is_part_of_name(id[at - 1]);
    const std::size_t end = at + name.size();
    const bool ends = end == id.size() || !is_part_of_name(id[end]);
    // What may follow is a parameter or a subtest of it.
    const bool rest = end == id.size() || id[end] == '[' || id[end] == '/' || id[end] == '(' || id[end] == '#' || id.substr(end).starts_with(" (");
    if (begins && ends && rest) return true;
  }
  return false;
}

std::map<std::string, std::string> texts_of_tests(const std::string& path, const std::optional<std::string>& text, std::vector<NamedTest>* names) {
  std::map<std::string, std::string> tests;
  if (!text) return tests;
  for (const audit::TestUnit& unit : audit::read_test_file(path, *text).units) {
    if (!unit.is_test || unit.is_group) continue;
    tests[unit.qualified] += unit.text;
    if (names) names->push_back({path, unit.name, unit.qualified});
  }
  return tests;
}

bool names_new_program(const FileChange& manifest, const std::vector<FileChange>& changes, const TextOf& head) {
  const auto text = manifest.kind == ChangeKind::deleted ? std::optional<std::string>() : head(manifest.path);
  return text && std::any_of(changes.begin(), changes.end(), [&](const FileChange& change) {
    const ChangePart part = part_of_change(change.path);
    const bool fresh = change.kind == ChangeKind::added || change.kind == ChangeKind::renamed;
    return fresh && (part == ChangePart::program || part == ChangePart::both) && names_word(*text, change.path.substr(change.path.rfind('/') + 1));
  });
}

}  // namespace

std::string inline_tests(std::string_view text) {
  std::string tests;
  for (const Block& block : test_modules(text)) tests += text.substr(block.begin, block.end - block.begin);
  return tests;
}

std::string without_inline_tests(std::string_view text) {
  std::string rest;
  std::size_t at = 0;
  for (const Block& block : test_modules(text)) {
    rest += text.substr(at, block.begin - at);
    at = block.end;
  }
  return rest + std::string(text.substr(at));
}

bool names_word(const std::string& text, const std::string& name) {
  for (std::size_t at = text.find(name); at != text.npos; at = text.find(name, at + 1)) {
    const bool begins = at == 0 || !is_part_of_name(text[at - 1]);
    const std::size_t end = at + name.size();
    if (begins && (end == text.size() || !is_part_of_name(text[end]))) return true;
  }
  return false;
}

bool is_code(std::string_view path) {
  switch (language_of(path)) {
    case Language::none:
    case Language::json:
    case Language::yaml:
    case Language::toml: return false;
    default: return true;
  }
}

bool in_test_folder(std::string_view path) {
  static const RE2 kFolder("(?i)(^|/)(tests?|testing|testdata|__tests__|__snapshots__|__mocks__|specs?|fixtures|e2e|unittests?|androidTest|integrationTest)/");
  return matches(path, kFolder);
}

ChangePart part_of_change(std::string_view path) {
  static const RE2 kBeside("(^|/)conftest\\.py$");
  static const RE2 kManifest(
      "(?i)(^|/)(CMakeLists\\.txt|.*\\.cmake|CMakePresets\\.json|GNUmakefile|Makefile|meson\\.build|meson_options\\.txt|package(-lock)?\\.json|npm-shrinkwrap\\.json|yarn\\.lock|"
      "pnpm-lock\\.yaml|pnpm-workspace\\.yaml|tsconfig[^/]*\\.json|pyproject\\.toml|setup\\.(py|cfg)|requirements[^/]*\\.txt|uv\\.lock|poetry\\.lock|Pipfile(\\.lock)?|tox\\.ini|"
      "noxfile\\.py|pytest\\.ini|(vite|vitest|jest)\\.config\\.[cm]?[jt]s|Cargo\\.(toml|lock)|go\\.(mod|sum|work|work\\.sum)|pom\\.xml|(build|settings)\\.gradle(\\.kts)?|gradle\\.properties)$|"
      "(^|/)(\\.github|\\.gitlab|\\.baton)/|(^|/)\\.[^/]*(ci|rc)[^/]*$");
  static const RE2 kDocument("(?i)\\.(md|rst|adoc|txt|png|jpe?g|gif|svg)$|(^|/)(LICENSE|NOTICE|AUTHORS|CHANGELOG|CHANGES)[^/]*$|^docs?/");
  if (matches(path, kManifest)) return ChangePart::manifest;
  if (audit::is_test_path(path) || in_test_folder(path) || matches(path, kBeside)) return ChangePart::test;
  if (path.ends_with(".rs")) return ChangePart::both;
  return matches(path, kDocument) ? ChangePart::document : ChangePart::program;
}

std::string with_inline_tests(std::string_view program, std::string_view tests) {
  std::string text = without_inline_tests(program);
  const std::string modules = inline_tests(tests);
  if (!text.empty() && !text.ends_with('\n') && !modules.empty()) text += '\n';
  return text + modules;
}

std::set<int> inline_test_lines(std::string_view text) {
  std::set<int> lines;
  for (const Block& block : test_modules(text)) {
    int line = 1 + static_cast<int>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(block.begin), '\n'));
    for (std::size_t at = block.begin; at < block.end; ++at) {
      lines.insert(line);
      line += text[at] == '\n';
    }
  }
  return lines;
}

std::vector<NamedTest> changed_tests(const std::vector<FileChange>& changes, const TextOf& base, const TextOf& head) {
  std::vector<NamedTest> changed;
  for (const FileChange& change : changes) {
    const ChangePart part = part_of_change(change.path);
    if (change.kind == ChangeKind::deleted || change.binary || (part != ChangePart::test && part != ChangePart::both)) continue;
    const auto was = texts_of_tests(change.old_path, change.kind == ChangeKind::added ? std::nullopt : base(change.old_path), nullptr);
    std::vector<NamedTest> names;
    const auto now = texts_of_tests(change.path, head(change.path), &names);
    for (NamedTest& test : names) {
      const auto before = was.find(test.qualified);
      if (before == was.end() || before->second != now.at(test.qualified)) changed.push_back(std::move(test));
    }
  }
  return changed;
}

bool speaks_of(std::string_view id, std::string_view path, const NamedTest& test) {
  if (!path.empty() && path != test.path) return false;
  return ends_in(id, test.name) || ends_in(id, test.qualified);
}

SplitChange split_change(const std::vector<FileChange>& changes, const TextOf& base, const TextOf& head) {
  using Edit = SplitChange::Edit;
  SplitChange split;
  const auto is = [](const FileChange& change, ChangePart part) { return part_of_change(change.path) == part; };
  split.program_changed = std::any_of(changes.begin(), changes.end(), [&](const FileChange& change) { return is(change, ChangePart::program) || is(change, ChangePart::both); });
  for (const FileChange& change : changes) {
    const bool gone = change.kind == ChangeKind::deleted, fresh = change.kind == ChangeKind::added;
    const bool moved = change.kind == ChangeKind::renamed;
    const ChangePart part = part_of_change(change.path);
    // Manifests go with the tests, which often need them; where nothing of the program changed they are what mends it, and one that
    // names a new file of the program belongs to the program.
    const bool with_tests = part == ChangePart::manifest && split.program_changed && !names_new_program(change, changes, head);
    const bool of_tests = part == ChangePart::test || with_tests;
    if (of_tests) {
      split.tests_on_base.push_back(gone ? Edit{change.path, Edit::From::gone} : Edit{change.path, Edit::From::head});
      if (moved) split.tests_on_base.push_back({change.old_path, Edit::From::gone});
      if (part == ChangePart::test && !gone) split.test_files.push_back(change.path);
      continue;
    }
    if (part == ChangePart::document) continue;
    if (part == ChangePart::both && !gone && !change.binary) {
      const auto now = head(change.path), was = fresh ? std::optional<std::string>() : base(change.old_path);
      const bool tests = now && !inline_tests(*now).empty();
      if (tests && was) {
        const std::string mixed = with_inline_tests(*was, *now);
        split.tests_on_base.push_back({change.path, Edit::From::text, mixed});
        if (moved) split.tests_on_base.push_back({change.old_path, Edit::From::gone});
        split.reverted.push_back({change.path, Edit::From::text, mixed});
        split.test_files.push_back(change.path);
        continue;
      }
    }
    if (fresh) split.reverted.push_back({change.path, Edit::From::gone});
    else split.reverted.push_back({moved ? change.old_path : change.path, Edit::From::base});
    if (moved) split.reverted.push_back({change.path, Edit::From::gone});
  }
  return split;
}

}  // namespace baton
