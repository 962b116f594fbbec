// The user's file: {"version": 1, "repositories": {"<common git directory>": {"digest", "parts", "given",
// "command_lines"}}}.
// Written under a lock, atomically, readable by the user alone. A file that cannot be read trusts nothing.
#include "orchestrator/trust.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "orchestrator/file_source.h"
#include "orchestrator/json_fields.h"
#include "support/files.h"
#include "support/hash.h"
#include "support/ids.h"
#include "support/json.h"

namespace baton {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int kTrustVersion = 1;
constexpr std::size_t kMaxParts = 4096;  // kept of one repository; beyond it only what was trusted last

// Shown to a person and pasted into a shell; what a shell would read otherwise is quoted.
std::string shell_word(const std::string& word) {
  static constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,@%+{}";
  if (!word.empty() && word.find_first_not_of(kPlain) == word.npos) return word;
  std::string quoted = "'";
  for (char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string command_line(const Gate& gate) {
  std::string line = gate.cwd.empty() ? "" : "(" + gate.cwd + ") ";
  for (const auto& [name, value] : gate.env) line += name + "=" + shell_word(value) + " ";
  for (const std::string& word : gate.argv) line += shell_word(word) + " ";
  if (!line.empty() && line.back() == ' ') line.pop_back();
  return line + (gate.network ? "   [network]" : "");
}

// Everything that decides what runs, with lengths, so that no two different plans have the same text.
void add(std::string& text, std::string_view value) {
  text += std::to_string(value.size()) + ":";
  text += value;
}

void add_command(std::string& text, const Gate& gate, const std::vector<std::string>& argv) {
  add(text, gate.cwd);
  add(text, std::to_string(argv.size()));
  for (const std::string& word : argv) add(text, word);
}

void add_gate(std::string& text, const Gate& gate) {
  add(text, gate.name);
  add_command(text, gate, gate.argv);
  add_command(text, gate, gate.select_argv);
  add(text, gate.select_pattern), add(text, gate.select_rewrite);
  add(text, std::to_string(gate.env.size()));
  for (const auto& [name, value] : gate.env) add(text, name), add(text, value);
  add(text, gate.network ? "network" : "");
}

std::vector<std::string> settings_of(const FileSource& files) {
  std::vector<std::string> texts;
  for (const std::string& path : files.files()) {
    if (!path.starts_with(".baton/")) continue;
    std::string& text = texts.emplace_back();
    add(text, path);
    add(text, sha256(files.read(path).value_or("")));
  }
  return texts;
}

std::string key_of(const fs::path& common_dir) {
  std::error_code failed;
  fs::path real = fs::weakly_canonical(common_dir, failed);
  return (failed ? common_dir.lexically_normal() : real).string();
}

// {} when there is no file.
Result<json> read_store(const fs::path& file) {
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return json::object();
  Result<json> parsed = parse_json_file(file);
  auto unreadable = [&](const std::string& why) {
    return Error{ErrorKind::io, "The trust file " + file.string() + " cannot be read (" + why +
                                    "); mend it, or move it aside and give trust again."};
  };
  if (!parsed) return unreadable(parsed.error().message);
  JsonFields fields("a trust file");
  int version = fields.integer(*parsed, "version");
  if (!fields.ok()) return unreadable("it is not a trust file");
  if (version > kTrustVersion) return unreadable("it was written by a newer Baton");
  return parsed;
}

Status write_store(const fs::path& file, const json& store) {
  return write_file(file, dump_json_pretty(store), 0600);
}

template <class Change>
Status change_store(const fs::path& file, Change change) {
  if (Status made = make_folder(file.parent_path(), 0700); !made) return made;
  fs::path lock_path = file;
  lock_path += ".lock";
  Result<FileLock> lock = FileLock::acquire(lock_path);
  if (!lock) return lock.error();
  Result<json> store = read_store(file);
  if (!store) return store.error();
  (*store)["version"] = kTrustVersion;
  json& repositories = (*store)["repositories"];
  if (!repositories.is_object()) repositories = json::object();
  if (!change(repositories)) return done();
  return write_store(file, *store);
}

}  // namespace

TrustSubject trust_subject(const fs::path& common_dir, const GatePlan& plan, const FileSource& files,
                           const FileSource* coming) {
  TrustSubject subject;
  subject.repository = fs::path(key_of(common_dir));
  std::string all;
  const auto would_run = [&](const std::string& text) {
    all += text;
    subject.parts.push_back(sha256(text));
  };
  for (const Gate& gate : plan.gates) {
    std::string text;
    add_gate(text, gate);
    would_run(text);
    subject.command_lines.push_back(command_line(gate));
  }
  for (const std::string& text : settings_of(files)) would_run(text);
  if (coming) {
    for (const std::string& text : settings_of(*coming)) subject.also.push_back(sha256(text));
  }
  subject.digest = sha256(all);
  return subject;
}

Result<TrustState> TrustStore::state(const TrustSubject& subject) const {
  Result<json> store = read_store(file_);
  if (!store) return store.error();
  JsonFields fields("a trust file");
  const json* repositories = fields.object(*store, "repositories");
  const json* entry = repositories ? fields.object(*repositories, key_of(subject.repository).c_str()) : nullptr;
  if (!entry) return TrustState::never_asked;
  if (fields.text(*entry, "digest") == subject.digest) return TrustState::trusted;
  const std::vector<std::string> given = fields.texts(*entry, "parts");
  const std::set<std::string> known(given.begin(), given.end());
  const bool all_known = !known.empty() && std::all_of(subject.parts.begin(), subject.parts.end(),
                                                       [&](const std::string& part) { return known.count(part) > 0; });
  return fields.ok() && all_known ? TrustState::trusted : TrustState::changed;
}

Result<std::string> TrustStore::given_by_process(const fs::path& common_dir) const {
  Result<json> store = read_store(file_);
  if (!store) return store.error();
  JsonFields fields("a trust file");
  const json* repositories = fields.object(*store, "repositories");
  const json* entry = repositories ? fields.object(*repositories, key_of(common_dir).c_str()) : nullptr;
  return entry ? fields.text(*entry, "by_process") : std::string();
}

Status TrustStore::give(const TrustSubject& subject, const std::string& by_process) {
  return change_store(file_, [&](json& repositories) {
    json& entry = repositories[key_of(subject.repository)];
    std::set<std::string> parts(subject.parts.begin(), subject.parts.end());
    parts.insert(subject.also.begin(), subject.also.end());
    JsonFields fields("a trust file");
    const auto before = entry.is_object() ? fields.texts(entry, "parts") : std::vector<std::string>{};
    if (parts.size() + before.size() <= kMaxParts) parts.insert(before.begin(), before.end());
    entry = {{"digest", subject.digest},
             {"parts", parts},
             {"given", utc_timestamp()},
             {"command_lines", subject.command_lines}};
    if (!by_process.empty()) entry["by_process"] = by_process;
    return true;
  });
}

Status TrustStore::withdraw(const fs::path& common_dir) {
  return change_store(file_, [&](json& repositories) { return repositories.erase(key_of(common_dir)) > 0; });
}

}  // namespace baton
