#include "analyzers/audit/data_records.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "analyzers/audit/code_text.h"
#include "analyzers/audit/pattern.h"

namespace baton::audit {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxRecords = 5000;
constexpr int kMaxDepth = 200;

bool ends_with_any(std::string_view path, std::initializer_list<std::string_view> ends) {
  return std::any_of(ends.begin(), ends.end(), [&](std::string_view end) { return path.ends_with(end); });
}

// What is nested deeper than any table of cases is read by its lines.
bool is_deep(std::string_view text) {
  int depth = 0, deepest = 0;
  for (const char c : text) {
    if (c == '[' || c == '{') deepest = std::max(deepest, ++depth);
    else if (c == ']' || c == '}') --depth;
  }
  return deepest > kMaxDepth;
}

DataRecord record_of(const std::string& key, const json& value) {
  DataRecord record{key.empty() ? value.dump(-1, ' ', false, json::error_handler_t::replace) : key + ": " + value.dump(-1, ' ', false, json::error_handler_t::replace), {}, 0};
  if (value.is_object()) {
    for (const auto& [name, part] : value.items()) {
      if (!says_what_is_expected(name)) record.asked += name + ":" + part.dump(-1, ' ', false, json::error_handler_t::replace) + ",";
    }
  } else if (value.is_array() && value.size() > 1) {
    for (std::size_t i = 0; i + 1 < value.size(); ++i) record.asked += value[i].dump(-1, ' ', false, json::error_handler_t::replace) + ",";
  }
  return record;
}

// `[case, case]`, `{"cases": [case, case]}`, `{"name of a case": case}`.
void json_records(const json& value, const std::string& key, int depth, std::vector<DataRecord>& records) {
  if (records.size() >= kMaxRecords) return;
  if (value.is_array() && depth < 2) {
    for (const json& element : value) records.push_back(record_of(key, element));
  } else if (value.is_object() && depth == 0) {
    for (const auto& [name, part] : value.items()) {
      if (part.is_array()) json_records(part, name, 1, records);
      else records.push_back(record_of(name, part));
    }
  } else {
    records.push_back(record_of(key, value));
  }
}

// A block begins where a line of the outermost level does: `- name: a`, `[[case]]`, `key:`.
std::vector<DataRecord> block_records(std::string_view text, const RE2& begins) {
  std::vector<DataRecord> records;
  int number = 0;
  for (const std::string_view line : lines_of(text)) {
    ++number;
    const std::string_view plain = trimmed(line);
    if (plain.empty() || plain[0] == '#') continue;
    if (records.empty() || matches(line, begins)) records.push_back({{}, {}, number});
    DataRecord& record = records.back();
    record.text += (record.text.empty() ? "" : "\n") + std::string(plain);
    const auto cut = plain.find_first_of(":=");
    if (cut == plain.npos || !says_what_is_expected(trimmed(plain.substr(0, cut)))) record.asked += std::string(plain) + "\n";
    if (records.size() >= kMaxRecords) break;
  }
  return records;
}

std::vector<DataRecord> yaml_records(std::string_view text) {
  static const RE2 kItem("(?m)^(\\s*)- "), kKey("^[^\\s#-]");
  std::string indent;
  if (!RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), kItem, &indent)) return block_records(text, kKey);
  const RE2 begins("^" + std::string(indent.size() > 20 ? 0 : indent.size(), ' ') + "- |^[^\\s#-]");
  return block_records(text, begins);
}

std::vector<DataRecord> line_records(std::string_view path, std::string_view text) {
  std::vector<DataRecord> records;
  const char separator = path.ends_with(".tsv") ? '\t' : path.ends_with(".csv") ? ',' : 0;
  int number = 0;
  for (const std::string_view line : lines_of(text)) {
    ++number;
    const std::string_view plain = trimmed(line);
    if (plain.empty()) continue;
    const auto cut = separator ? plain.rfind(separator) : plain.npos;
    records.push_back({std::string(plain), std::string(cut == plain.npos ? std::string_view() : plain.substr(0, cut)), number});
    if (records.size() >= kMaxRecords) break;
  }
  return records;
}

}  // namespace

bool says_what_is_expected(std::string_view key) {
  static const RE2 kExpected("(?i)^\\W*(expect\\w*|want(ed)?|should\\w*|answers?|golden|correct)\\W*$");
  return matches(key, kExpected);
}

std::vector<DataRecord> records_of(std::string_view path, std::string_view text) {
  if (ends_with_any(path, {".json", ".json5"}) && !is_deep(text)) {
    const json value = json::parse(text.begin(), text.end(), nullptr, false, true);
    std::vector<DataRecord> records;
    if (!value.is_discarded()) {
      json_records(value, {}, 0, records);
      return records;
    }
  }
  static const RE2 kTable("^\\s*\\[");
  if (ends_with_any(path, {".yaml", ".yml"})) return yaml_records(text);
  if (path.ends_with(".toml")) return block_records(text, kTable);
  return line_records(path, text);
}

}  // namespace baton::audit
