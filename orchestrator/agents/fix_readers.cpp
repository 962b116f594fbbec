#include "orchestrator/agents/fix_readers.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>

#include "git/line_diff.h"
#include "orchestrator/agents/fix_collector.h"
#include "orchestrator/agents/llvm_yaml.h"
#include "support/json.h"

namespace baton {
namespace {

using nlohmann::json;

const json& field_of_fix(const json& object, const char* name) {
  static const json kNull;
  if (!object.is_object()) return kNull;
  const auto found = object.find(name);
  return found == object.end() ? kNull : *found;
}

const json& items(const json& object, const char* name) {
  static const json kEmpty = json::array();
  const json& value = field_of_fix(object, name);
  return value.is_array() ? value : kEmpty;
}

std::string text_of_fix(const json& object, const char* name) {
  const json& value = field_of_fix(object, name);
  return value.is_string() ? value.get<std::string>() : std::string();
}

// A number, also where it is written as text.
std::optional<std::size_t> number_of(const json& value) {
  if (value.is_number_unsigned()) return value.get<std::size_t>();
  if (value.is_number_integer()) return value.get<std::int64_t>() < 0 ? std::nullopt : std::optional(static_cast<std::size_t>(value.get<std::int64_t>()));
  if (!value.is_string()) return std::nullopt;
  const std::string& text = value.get_ref<const std::string&>();
  std::size_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  return problem == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

std::string first_line_of_fix(const std::string& text) { return text.substr(0, text.find('\n')); }

// ---------------------------------------------------------------- clang-tidy

bool is_include(const FixEdit& edit) { return edit.length == 0 && edit.text.starts_with("#include") && edit.text.ends_with('\n'); }

// The include that a check needs comes with the first of its fixes in a file alone; each of them needs it.
void share_includes(std::vector<Fix>& fixes) {
  std::map<std::pair<std::string, std::string>, std::vector<FixEdit>> needed;
  for (const Fix& fix : fixes) {
    for (const FixEdit& edit : fix.edits) {
      auto& of_check = needed[{fix.check, edit.path}];
      if (is_include(edit) && std::find(of_check.begin(), of_check.end(), edit) == of_check.end()) of_check.push_back(edit);
    }
  }
  for (Fix& fix : fixes) {
    if (fix.edits.empty()) continue;
    const auto found = needed.find({fix.check, fix.edits.front().path});
    if (found == needed.end()) continue;
    for (const FixEdit& edit : found->second) {
      if (std::find(fix.edits.begin(), fix.edits.end(), edit) == fix.edits.end()) fix.edits.push_back(edit);
    }
  }
}

// Paths may be those of the command that compiles the file, from the folder where it does so.
std::string named_in(const json& diagnostic, const json& object) {
  std::string path = text_of_fix(object, "FilePath");
  const std::string folder = text_of_fix(diagnostic, "BuildDirectory");
  return path.empty() || path.front() == '/' || folder.empty() ? path : folder + "/" + path;
}

// All replacements, or none where one lies outside the commit: half a fix is none.
std::vector<FixEdit> clang_tidy_edits(FixCollector& collector, const json& diagnostic, const json& replacements) {
  std::vector<FixEdit> edits;
  for (const json& replacement : replacements) {
    std::string path;
    const TextPlaces* file = collector.file(named_in(diagnostic, replacement), path);
    const auto offset = number_of(field_of_fix(replacement, "Offset")), length = number_of(field_of_fix(replacement, "Length"));
    if (!file || !offset || !length || *offset > file->text().size() || *length > file->text().size() - *offset) return {};
    edits.push_back({path, *offset, *length, text_of_fix(replacement, "ReplacementText")});
  }
  return edits;
}

}  // namespace

Result<std::vector<Fix>> read_clang_tidy_fixes(const std::vector<std::string>& outputs, const FixSource& source) {
  FixCollector collector("clang-tidy", source);
  for (const std::string& output : outputs) {
    auto document = parse_llvm_yaml(output);
    if (!document) return document.error();
    const json& diagnostics = items(*document, "Diagnostics");
    // A file that clang cannot compile is understood in part, and what is proposed for it may be wrong.
    const bool broken = std::any_of(diagnostics.begin(), diagnostics.end(), [](const json& one) { return text_of_fix(one, "DiagnosticName") == "clang-diagnostic-error"; });
    if (broken) continue;
    for (const json& diagnostic : diagnostics) {
      // Before LLVM 9 the message's fields stood beside the name.
      const json& message = field_of_fix(diagnostic, "DiagnosticMessage").is_object() ? field_of_fix(diagnostic, "DiagnosticMessage") : diagnostic;
      std::string path;
      const TextPlaces* file = collector.file(named_in(diagnostic, message), path);
      if (!file) continue;
      collector.add(text_of_fix(diagnostic, "DiagnosticName"), path, *file, number_of(field_of_fix(message, "FileOffset")).value_or(0), first_line_of_fix(text_of_fix(message, "Message")),
                    clang_tidy_edits(collector, diagnostic, items(message, "Replacements")));
    }
  }
  auto fixes = collector.take();
  share_includes(fixes);
  return fixes;
}

// ---------------------------------------------------------------- eslint

// Ranges count UTF-16 code units of the text without its byte-order mark, which itself is at -1.
Result<std::vector<Fix>> read_eslint_fixes(const std::vector<std::string>& outputs, const FixSource& source) {
  FixCollector collector("eslint", source);
  for (const std::string& output : outputs) {
    auto document = parse_json(output);
    if (!document) return document.error();
    if (!document->is_array()) return Error{ErrorKind::io, "What eslint wrote is not a list of files."};
    for (const json& of_file : *document) {
      std::string path;
      const TextPlaces* file = collector.file(text_of_fix(of_file, "filePath"), path);
      if (!file) continue;
      for (const json& message : items(of_file, "messages")) {
        const auto line = number_of(field_of_fix(message, "line")).value_or(1), column = number_of(field_of_fix(message, "column")).value_or(1);
        std::size_t start = file->line_start(static_cast<int>(line));
        if (start == 0) start = file->bom();
        const std::size_t byte = file->byte_of(column > 0 ? column - 1 : 0, TextUnit::utf16, start).value_or(start);
        std::vector<FixEdit> edits;
        const json& fix = field_of_fix(message, "fix");
        const json& range = items(fix, "range");
        if (range.size() == 2 && range[0].is_number_integer() && range[1].is_number_integer() && file->is_utf8()) {
          const auto place = [&](std::int64_t units) {
            return units < 0 ? std::optional<std::size_t>(0) : file->byte_of(static_cast<std::size_t>(units), TextUnit::utf16, file->bom());
          };
          const auto from = place(range[0].get<std::int64_t>()), to = place(range[1].get<std::int64_t>());
          if (from && to && *from <= *to) edits.push_back({path, *from, *to - *from, text_of_fix(fix, "text")});
        }
        std::string rule = text_of_fix(message, "ruleId");
        collector.add(rule.empty() ? "eslint" : std::move(rule), path, *file, byte, first_line_of_fix(text_of_fix(message, "message")), std::move(edits));
      }
    }
  }
  return collector.take();
}

// ---------------------------------------------------------------- ruff

namespace {

// Rows and columns count from 1, columns characters.
std::optional<std::size_t> ruff_place(const TextPlaces& file, const json& location) {
  const auto row = number_of(field_of_fix(location, "row")), column = number_of(field_of_fix(location, "column"));
  if (!row || !column || *row == 0 || *column == 0) return std::nullopt;
  std::size_t start = file.line_start(static_cast<int>(*row));
  if (start == 0) start = file.bom();
  return file.byte_of(*column - 1, TextUnit::code_points, start);
}

std::vector<FixEdit> ruff_edits(FixCollector& collector, const std::string& named, const json& fix) {
  const std::string applicability = text_of_fix(fix, "applicability");
  if (applicability != "safe" && applicability != "Safe" && applicability != "automatic") return {};
  std::string path;
  const TextPlaces* file = collector.file(named, path);
  std::vector<FixEdit> edits;
  for (const json& edit : items(fix, "edits")) {
    const auto from = ruff_place(*file, field_of_fix(edit, "location")), to = ruff_place(*file, field_of_fix(edit, "end_location"));
    if (!from || !to || *from > *to) return {};
    edits.push_back({path, *from, *to - *from, text_of_fix(edit, "content")});
  }
  return edits;
}

}  // namespace

Result<std::vector<Fix>> read_ruff_fixes(const std::vector<std::string>& outputs, const FixSource& source) {
  FixCollector collector("ruff", source);
  for (const std::string& output : outputs) {
    auto document = parse_json(output);
    if (!document) return document.error();
    if (!document->is_array()) return Error{ErrorKind::io, "What ruff wrote is not a list of findings."};
    for (const json& finding : *document) {
      std::string path;
      const std::string named = text_of_fix(finding, "filename");
      const TextPlaces* file = collector.file(named, path);
      if (!file) continue;
      std::string code = text_of_fix(finding, "code");
      collector.add(code.empty() ? "syntax-error" : std::move(code), path, *file, ruff_place(*file, field_of_fix(finding, "location")).value_or(0),
                    first_line_of_fix(text_of_fix(finding, "message")), ruff_edits(collector, named, field_of_fix(finding, "fix")));
    }
  }
  return collector.take();
}

// ---------------------------------------------------------------- clippy

namespace {

// The first of the suggestions that can all be applied by a machine: others are alternatives to it.
std::vector<FixEdit> clippy_edits(FixCollector& collector, const json& diagnostic) {
  for (const json& child : items(diagnostic, "children")) {
    std::vector<FixEdit> edits;
    bool whole = true;
    for (const json& span : items(child, "spans")) {
      if (!field_of_fix(span, "suggested_replacement").is_string()) continue;
      std::string path;
      const TextPlaces* file = collector.file(text_of_fix(span, "file_name"), path);
      const auto from = number_of(field_of_fix(span, "byte_start")), to = number_of(field_of_fix(span, "byte_end"));
      const bool applicable = text_of_fix(span, "suggestion_applicability") == "MachineApplicable" && !field_of_fix(span, "expansion").is_object();
      if (!applicable || !file || !from || !to || *from > *to || *to > file->text().size()) {
        whole = false;
        break;
      }
      edits.push_back({path, *from, *to - *from, text_of_fix(span, "suggested_replacement")});
    }
    if (whole && !edits.empty()) return edits;
  }
  return {};
}

}  // namespace

Result<std::vector<Fix>> read_clippy_fixes(const std::vector<std::string>& outputs, const FixSource& source) {
  FixCollector collector("clippy", source);
  for (const std::string& output : outputs) {
    for (std::string_view rest = output; !rest.empty();) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      const std::string_view line = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (!line.starts_with('{')) continue;  // what build scripts and cargo itself say stands between
      const auto report = parse_json(line);
      if (!report || text_of_fix(*report, "reason") != "compiler-message") continue;
      const json& diagnostic = field_of_fix(*report, "message");
      const std::string code = text_of_fix(field_of_fix(diagnostic, "code"), "code");
      const json& spans = items(diagnostic, "spans");
      const auto primary = std::find_if(spans.begin(), spans.end(), [](const json& span) { return field_of_fix(span, "is_primary") == true; });
      if (code.empty() || primary == spans.end()) continue;
      std::string path;
      const TextPlaces* file = collector.file(text_of_fix(*primary, "file_name"), path);
      if (!file) continue;
      collector.add(code, path, *file, number_of(field_of_fix(*primary, "byte_start")).value_or(0), first_line_of_fix(text_of_fix(diagnostic, "message")),
                    clippy_edits(collector, diagnostic));
    }
  }
  return collector.take();
}

// ---------------------------------------------------------------- formatters

std::optional<Fix> formatting_fix(const std::string& tool, const std::string& path, std::string_view before, std::string_view after) {
  if (before == after) return std::nullopt;
  const auto starts = [](std::string_view text) {
    std::vector<std::size_t> lines{0};
    for (std::size_t at = text.find('\n'); at != text.npos; at = text.find('\n', at + 1)) lines.push_back(at + 1);
    if (lines.back() != text.size()) lines.push_back(text.size());
    return lines;
  };
  const auto old_lines = starts(before), new_lines = starts(after);
  const auto byte = [](const std::vector<std::size_t>& lines, int line) { return lines[std::min(static_cast<std::size_t>(line - 1), lines.size() - 1)]; };
  Fix fix{tool + ":" + path, tool, tool, path, 0, "not formatted as " + tool + " does", {}};
  for (const LineHunk& hunk : diff_lines(before, after)) {
    const std::size_t from = byte(old_lines, hunk.from_line), to = byte(old_lines, hunk.from_line + hunk.from_count);
    const std::size_t new_from = byte(new_lines, hunk.to_line), new_to = byte(new_lines, hunk.to_line + hunk.to_count);
    fix.edits.push_back({path, from, to - from, std::string(after.substr(new_from, new_to - new_from))});
    if (fix.line == 0) fix.line = hunk.from_line;
  }
  return fix;
}

std::string place_of(const Fix& fix) { return fix.check + " at " + fix.path + ":" + std::to_string(fix.line); }

}  // namespace baton
