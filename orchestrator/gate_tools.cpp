#include "orchestrator/gate_tools.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "orchestrator/toml.h"
#include "support/json.h"
#include "support/log.h"

namespace baton {
namespace {

using nlohmann::json;
using Texts = std::vector<std::string>;

constexpr std::size_t kMaxTargets = 20;

std::string text_of(const json& object, const char* key, const char* otherwise = "") {
  return object.contains(key) && object[key].is_string() ? object[key].get<std::string>() : otherwise;
}

Texts texts_of(const json& object, const char* key) {
  Texts texts;
  if (!object.contains(key) || !object[key].is_array()) return texts;
  for (const json& one : object[key]) {
    if (one.is_string()) texts.push_back(one.get<std::string>());
  }
  return texts;
}

bool flag_of(const json& object, const char* key) { return object.contains(key) && object[key].is_boolean() && object[key].get<bool>(); }

GateKind kind_of(const std::string& word) {
  for (const GateKind kind : {GateKind::setup, GateKind::build, GateKind::test, GateKind::typecheck}) {
    if (to_string(kind) == word) return kind;
  }
  return GateKind::lint;
}

bool among(const Texts& all, const std::string& one) { return std::find(all.begin(), all.end(), one) != all.end(); }

class ToolRow {
 public:
  ToolRow(Scene& scene, const json& row) : scene_(scene), row_(row), name_(text_of(row, "name")) {}

  void discover() {
    if (!text_of(row_, "unless_kind").empty() && has_gate_of(kind_of(text_of(row_, "unless_kind")))) return;
    if (!used()) return;
    if (!find_program()) return;
    Texts needs = needed();
    for (const json& step : row_.at("steps")) {
      Gate gate = gate_of(step, needs);
      if (gate.kind == GateKind::setup || gate.kind == GateKind::build) needs.push_back(gate.name);
      scene_.add(std::move(gate));
    }
  }

 private:
  bool has_gate_of(GateKind kind) const {
    return std::any_of(scene_.gates().begin(), scene_.gates().end(), [&](const Gate& gate) { return gate.kind == kind; });
  }

  // --- whether the workspace uses it

  bool used() {
    const FileSource& files = scene_.files();
    if (!text_of(row_, "beside").empty() && !files.exists(text_of(row_, "beside"))) return false;
    for (const std::string& file : texts_of(row_, "files")) {
      if (config_.empty() && files.exists(file)) config_ = file;
    }
    if (config_.empty() && row_.contains("section")) config_ = section();
    const std::string call = text_of(row_, "call");
    if (!call.empty()) take_calls(calls_of(scene_.calls(), call, "", [&](const ToolCall& one) { return counts(one); }));
    source_ = !config_.empty() ? config_ : source_;
    return !source_.empty() && !runs_in_a_script();
  }

  // A script of package.json that is a gate already runs it.
  bool runs_in_a_script() const {
    if (text_of(row_, "package").empty()) return false;
    const auto manifest = parse_json(scene_.files().read("package.json").value_or(""));
    if (!manifest || !manifest->is_object() || !manifest->contains("scripts") || !(*manifest)["scripts"].is_object()) return false;
    for (const auto& [name, text] : (*manifest)["scripts"].items()) {
      if (!text.is_string() || text.get<std::string>().find(text_of(row_, "program")) == std::string::npos) continue;
      const std::string source = "package.json: scripts." + name;
      if (std::any_of(scene_.gates().begin(), scene_.gates().end(), [&](const Gate& gate) { return gate.source == source; })) return true;
    }
    return false;
  }

  std::string section() const {
    const std::string file = text_of(row_["section"], "file"), table = text_of(row_["section"], "table");
    const auto text = scene_.files().read(file);
    const auto parsed = text ? parse_toml(*text) : Result<json>(Error{ErrorKind::io, ""});
    const bool there = parsed && parsed->contains("tool") && (*parsed)["tool"].is_object() && (*parsed)["tool"].contains(table);
    return there ? file : "";
  }

  bool counts(const ToolCall& call) const {
    const std::string first = text_of(row_, "first_word");
    const bool any = !call.arguments.empty();
    if (!first.empty() && (!any || call.arguments[0].text != first)) return false;
    if (any && among(texts_of(row_, "skip"), call.arguments[0].text)) return false;
    const Texts words = texts_of(row_, "needs_word");
    return words.empty() || std::any_of(words.begin(), words.end(), [&](const std::string& word) { return has_option(call.arguments, word); });
  }

  void take_calls(const std::vector<const ToolCall*>& calls) {
    for (const ToolCall* call : calls) {
      if (source_.empty()) source_ = call->source;
      for (const ShellWord& word : call->arguments) {
        const bool option = word.text.starts_with('-');
        if (option && keeps(word.text) && !among(options_, word.text)) options_.push_back(word.text);
        const bool target = !option && !word.expands && targets_.size() < kMaxTargets && is_there(word.text);
        if (target && !among(targets_, word.text)) targets_.push_back(word.text);
      }
    }
  }

  bool keeps(const std::string& option) const {
    const Texts kept = texts_of(row_, "keep");
    return std::any_of(kept.begin(), kept.end(), [&](const std::string& one) { return option == one || option.starts_with(one + "=") || (one.size() == 2 && option.starts_with(one)); });
  }

  bool is_there(const std::string& path) const {
    if (path == ".") return true;
    const std::string folder = path.ends_with('/') ? path : path + "/";
    const auto& files = scene_.files().files();
    return scene_.files().exists(path) || std::any_of(files.begin(), files.end(), [&](const std::string& one) { return one.starts_with(folder); });
  }

  // --- where it comes from

  bool find_program() {
    const std::string program = text_of(row_, "program"), wrapper = text_of(row_, "wrapper"), package = text_of(row_, "package");
    if (!wrapper.empty() && scene_.files().exists(wrapper)) {
      program_ = {"sh", in_root(wrapper)};
      return true;
    }
    if (!package.empty() && depends_on(package)) {
      for (const Gate& gate : scene_.gates()) {
        if (gate.kind == GateKind::setup && among(gate.installation.outputs, "node_modules")) {
          program_ = {in_root("node_modules/.bin/" + program)};
          install_ = gate.name;
          return true;
        }
      }
    }
    if (scene_.tool(program)) {
      program_ = {program};
      return true;
    }
    const std::string mend = package.empty() ? text_of(row_, "mend") : "npm install --save-dev " + package;
    scene_.advise(name_, source_ + " has the workspace checked by " + name_ + ", which " + (package.empty() ? "is not on the PATH." : "package.json does not ask for and is not on the PATH."), mend,
                  flag_of(row_, "blocking"));
    return false;
  }

  bool depends_on(const std::string& package) const {
    const auto manifest = parse_json(scene_.files().read("package.json").value_or(""));
    if (!manifest || !manifest->is_object()) return false;
    return std::any_of(std::begin(kDependencies), std::end(kDependencies), [&](const char* key) {
      return manifest->contains(key) && (*manifest)[key].is_object() && (*manifest)[key].contains(package);
    });
  }

  Texts needed() const {
    Texts needs;
    if (!install_.empty()) needs.push_back(install_);
    const std::string named = text_of(row_, "needs");
    if (!named.empty() && std::any_of(scene_.gates().begin(), scene_.gates().end(), [&](const Gate& gate) { return gate.name == named; })) needs.push_back(named);
    return needs;
  }

  // --- its commands

  Gate gate_of(const json& step, const Texts& needs) const {
    Gate gate;
    gate.name = text_of(step, "name");
    gate.kind = kind_of(text_of(step, "kind"));
    gate.argv = command(texts_of(step, "command"));
    gate.select_argv = command(texts_of(step, "select"));
    gate.network = flag_of(step, "network");
    gate.parser = text_of(step, "parser");
    gate.needs = needs;
    gate.source = source_;
    if (step.contains("minutes") && step["minutes"].is_number_integer()) gate.timeout = std::chrono::minutes(step["minutes"].get<int>());
    if (step.contains("env") && step["env"].is_object()) {
      for (const auto& [name, value] : step["env"].items()) gate.env.emplace_back(name, value.is_string() ? value.get<std::string>() : "");
    }
    for (const std::string& report : texts_of(step, "reports")) gate.reports.push_back(filled(report, true));
    if (step.contains("reports_beside")) reports_beside(step["reports_beside"], gate);
    if (gate.kind == GateKind::setup && gate.network) {
      gate.installation.inputs = files_of(scene_.files(), texts_of(step, "inputs"));
      gate.installation.outputs = texts_of(step, "outputs");
    }
    if (!config_.empty()) gate.scripts = {config_};
    return gate;
  }

  void reports_beside(const json& said, Gate& gate) const {
    const Texts names = texts_of(said, "files");
    for (const std::string& path : scene_.files().files()) {
      const std::string report = join(folder_of(path), text_of(said, "report"));
      if (among(names, name_of(path)) && !is_foreign(path) && !among(gate.reports, report)) gate.reports.push_back(report);
    }
  }

  Texts command(const Texts& words) const {
    Texts argv;
    for (const std::string& word : words) {
      if (word == "{program}") {
        argv.insert(argv.end(), program_.begin(), program_.end());
      } else if (word == "{options}") {
        argv.insert(argv.end(), options_.begin(), options_.end());
      } else if (word == "{targets}") {
        const std::string all = text_of(row_, "all");
        if (targets_.empty() && !all.empty()) argv.push_back(all);
        argv.insert(argv.end(), targets_.begin(), targets_.end());
      } else {
        argv.push_back(filled(word, false));
      }
    }
    return argv;
  }

  static std::string filled(std::string text, bool relative) {
    constexpr std::string_view kBuild = "{build}";
    const auto at = text.find(kBuild);
    if (at != text.npos) text.replace(at, kBuild.size(), relative ? std::string(kBuildFolder) : in_root(kBuildFolder));
    return text;
  }

  static constexpr const char* kDependencies[] = {"dependencies", "devDependencies", "optionalDependencies"};

  Scene& scene_;
  const json& row_;
  const std::string name_;
  std::string config_, source_, install_;
  Texts options_, targets_, program_;
};

}  // namespace

void discover_tools(Scene& scene, std::string_view table) {
  const auto tools = parse_json(table);
  if (!tools || !tools->is_object() || !tools->contains("tools")) {
    log(LogLevel::error, "The table of gates is damaged: " + (tools ? std::string("it has no tools") : tools.error().message));
    return;
  }
  for (const json& row : (*tools)["tools"]) ToolRow(scene, row).discover();
}

void discover_tools(Scene& scene) { discover_tools(scene, gate_tools_json()); }

}  // namespace baton
