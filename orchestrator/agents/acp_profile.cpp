#include "orchestrator/agents/acp_profile.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "orchestrator/json_fields.h"
#include "support/files.h"
#include "support/json.h"

namespace baton {

std::string_view acp_profiles_json();

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::uint64_t kMaxLoginFile = 1u << 20;

LoginSign sign_from(JsonFields& fields, const json& object) { return {fields.text(object, "file"), fields.text(object, "holds"), fields.text(object, "environment")}; }

Environment variables_from(JsonFields& fields, const json& object) {
  Environment variables;
  if (const json* given = fields.object(object, "set")) {
    for (const auto& [name, value] : given->items()) variables.emplace_back(name, value.is_string() ? value.get<std::string>() : value.dump());
  }
  return variables;
}

AcpTerms::Further further_from(JsonFields& fields, const json& object, const char* name) {
  const json* given = fields.object(object, name);
  return given ? AcpTerms::Further{fields.texts(*given, "arguments"), variables_from(fields, *given)} : AcpTerms::Further();
}

AcpProfile profile_from(JsonFields& fields, const json& object) {
  AcpProfile profile;
  profile.name = fields.text(object, "name");
  profile.title = fields.text(object, "title");
  profile.package = fields.text(object, "package");
  profile.install = fields.text(object, "install");
  profile.minimum = fields.text(object, "minimum");
  profile.tool = fields.text(object, "tool");
  profile.needs = fields.texts(object, "needs");
  profile.command = fields.texts(object, "command");
  profile.environment = fields.texts(object, "environment");
  profile.login = fields.texts(object, "login");
  AcpTerms& terms = profile.terms;
  terms.mode = fields.text(object, "mode");
  terms.reads = fields.texts(object, "reads");
  terms.isolated = further_from(fields, object, "isolated");
  terms.plain = further_from(fields, object, "plain");
  terms.never_asks = fields.flag(object, "never_asks");
  terms.login_command = fields.text(object, "login_command");
  terms.login_key = fields.text(object, "login_key");
  terms.keychain = fields.text(object, "keychain");
  terms.files = fields.flag(object, "files");
  for (const json& sign : fields.list(object, "signs")) terms.signs.push_back(sign_from(fields, sign));
  for (const json& way : fields.list(object, "authenticate")) terms.ways.push_back({fields.text(way, "method"), sign_from(fields, way)});
  terms.variables = variables_from(fields, object);
  const auto endpoint = further_from(fields, object, "endpoint");
  terms.endpoint_arguments = endpoint.arguments;
  terms.endpoint_variables = endpoint.variables;
  return profile;
}

// package.json of what a program belongs to, from the program upwards.
std::optional<json> package_of(const fs::path& program) {
  std::error_code failed;
  fs::path folder = fs::weakly_canonical(program, failed).parent_path();
  constexpr int kDeepest = 4;
  for (int up = 0; up < kDeepest && folder.has_relative_path(); ++up, folder = folder.parent_path()) {
    if (!fs::is_regular_file(folder / "package.json", failed)) continue;
    auto found = parse_json_file(folder / "package.json");
    if (found && found->is_object() && found->contains("version")) return std::move(*found);
  }
  return std::nullopt;
}

}  // namespace

const std::vector<AcpProfile>& acp_profiles() {
  static const std::vector<AcpProfile> kProfiles = [] {
    std::vector<AcpProfile> profiles;
    const auto data = parse_json(acp_profiles_json());
    JsonFields fields("acp_profiles.json");
    if (!data) return profiles;
    for (const json& object : fields.list(*data, "agents")) profiles.push_back(profile_from(fields, object));
    return profiles;
  }();
  return kProfiles;
}

const AcpProfile* find_acp_profile(std::string_view name) {
  const auto& all = acp_profiles();
  const auto found = std::find_if(all.begin(), all.end(), [&](const AcpProfile& profile) { return profile.name == name; });
  return found == all.end() ? nullptr : &*found;
}

std::string acp_profile_names() {
  std::string names;
  for (const AcpProfile& profile : acp_profiles()) names += (names.empty() ? "" : ", ") + profile.name;
  return names;
}

bool is_there(const LoginSign& sign, const Environment& client_env) {
  if (!sign.environment.empty()) return !get(client_env, sign.environment).value_or("").empty();
  const fs::path home = get(client_env, "HOME").value_or("");
  std::error_code failed;
  if (!home.is_absolute() || !fs::is_regular_file(home / sign.file, failed)) return false;
  if (sign.holds.empty()) return true;
  const auto text = read_file(home / sign.file, kMaxLoginFile);
  return text && text->find(sign.holds) != std::string::npos;
}

bool is_logged_in(const AcpTerms& terms, const Environment& client_env) {
  return terms.signs.empty() || std::any_of(terms.signs.begin(), terms.signs.end(), [&](const LoginSign& sign) { return is_there(sign, client_env); });
}

std::string how_to_log_in(const AcpTerms& terms) {
  if (terms.login_command.empty() && terms.login_key.empty()) return "log in with its own program in a terminal.";
  std::string advice;
  if (!terms.login_command.empty()) advice += "run `" + terms.login_command + "` in a terminal" + (terms.login_key.empty() ? "" : ", or ");
  if (!terms.login_key.empty()) advice += "set " + terms.login_key;
  return advice + "." + (terms.keychain.empty() ? "" : " " + terms.keychain);
}

std::string not_logged_in(const AcpTerms& terms, std::string_view who) { return std::string(who) + " is not logged in: " + how_to_log_in(terms); }

std::optional<FoundProgram> find_acp_program(const AcpProfile& profile, const Environment& client_env) {
  const auto path = find_program(profile.command.front(), get(client_env, "PATH").value_or(""));
  if (!path) return std::nullopt;
  FoundProgram found{path->string(), "", ""};
  if (profile.package.empty()) return found;
  JsonFields fields("package.json");
  if (const auto package = package_of(*path)) {
    found.package = fields.text(*package, "name");
    found.version = fields.text(*package, "version");
  }
  return found;
}

bool is_older(std::string_view version, std::string_view than) {
  while (!version.empty() || !than.empty()) {
    const auto number = [](std::string_view& text) {
      int value = 0;
      const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
      text.remove_prefix(static_cast<std::size_t>(end - text.data()));
      if (problem != std::errc() || !text.starts_with('.')) text = {};
      else text.remove_prefix(1);
      return value;
    };
    const int mine = number(version), other = number(than);
    if (mine != other) return mine < other;
  }
  return false;
}

}  // namespace baton
