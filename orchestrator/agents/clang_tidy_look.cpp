#include "orchestrator/agents/clang_tidy_look.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "orchestrator/discover_parts.h"
#include "orchestrator/reports.h"
#include "support/json.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxUnits = 2000;  // each writes a report of its own
constexpr std::string_view kConfigure = "cmake configure";
constexpr std::string_view kDatabase = "compile_commands.json";

// One file at a time, as many beside each other as there are processors; its fixes in a file whose name is its own. What the
// compiler of the build takes and clang warns of is not what is looked for.
constexpr const char* kScript =
    R"(db=$1 out=$2 checks=$3 headers=$4 jobs=$5; shift 5; export db out checks headers
printf '%s\0' "$@" | xargs -0 -n 1 -P "$jobs" sh -c 'clang-tidy -p "$db" --quiet ${checks:+"--checks=$checks"} "--header-filter=$headers" \
  --extra-arg=-Wno-error --extra-arg=-Wno-unknown-warning-option "--export-fixes=$out/$(printf %s "$1" | cksum | cut -d " " -f 1).yaml" "$1"; \
  code=$?; [ $code -le 1 ] || echo "clang-tidy ended with $code at $1"; exit 0' unit)";

struct Database {
  const Gate* configure = nullptr;  // null: it is a file of the commit
  std::string folder;               // that holds it, relative to the root
};

std::vector<Database> databases(const FileSource& files, const GatePlan& plan) {
  std::vector<Database> found;
  for (const Gate& gate : plan.gates) {
    if (gate.kind != GateKind::setup || !gate.name.starts_with(kConfigure)) continue;
    // Its build folder is an argument of its own: "-B {root}/.baton-build".
    const auto option = std::find(gate.argv.begin(), gate.argv.end(), "-B");
    constexpr std::string_view kRoot = "{root}/";
    if (option == gate.argv.end() || option + 1 == gate.argv.end() || !(option + 1)->starts_with(kRoot)) continue;
    found.push_back({&gate, (option + 1)->substr(kRoot.size())});
  }
  if (found.empty() && files.exists(kDatabase)) found.push_back({nullptr, ""});
  return found;
}

bool is_header(std::string_view path) {
  const auto dot = path.rfind('.');
  static const std::set<std::string, std::less<>> kEndings = {".h", ".hh", ".hpp", ".hxx", ".h++", ".ipp", ".inl", ".tpp"};
  return dot != path.npos && kEndings.contains(path.substr(dot));
}

bool below(const std::string& path, const std::string& folder) { return path == folder || path.starts_with(folder + "/"); }

// Headers are looked at through whatever includes them, so that a wish for a folder with headers needs every unit.
bool needs_every_unit(const FileSource& files, const FixWish& wish) {
  if (wish.paths.empty()) return true;
  return std::any_of(files.files().begin(), files.files().end(), [&](const std::string& path) {
    return is_header(path) && std::any_of(wish.paths.begin(), wish.paths.end(), [&](const std::string& folder) { return below(path, folder); });
  });
}

// The units of a database that are files of the commit and the project's own.
std::vector<std::string> units_of(Workbench& bench, const std::string& database, const FixWish& wish) {
  const auto parsed = parse_json(database);
  if (!parsed || !parsed->is_array()) return {};
  const bool every = needs_every_unit(bench.files(), wish);
  std::set<std::string> units;
  for (const auto& entry : *parsed) {
    if (!entry.is_object() || !entry.contains("file") || !entry["file"].is_string()) continue;
    fs::path file = entry["file"].get<std::string>();
    if (file.is_relative() && entry.contains("directory") && entry["directory"].is_string()) file = fs::path(entry["directory"].get<std::string>()) / file;
    const std::string path = file.lexically_normal().lexically_relative(bench.inner_root()).generic_string();
    const auto& all = bench.files().files();
    if (!std::binary_search(all.begin(), all.end(), path)) continue;
    const bool named = std::any_of(wish.paths.begin(), wish.paths.end(), [&](const std::string& folder) { return below(path, folder); });
    if (named || (every && !is_foreign(folder_of(path)))) units.insert(path);
  }
  return {units.begin(), units.end()};
}

// For `--checks`, which is read after the project's own list.
std::string checks_argument(const FixWish& wish) {
  std::string checks;
  const bool named = std::any_of(wish.checks.begin(), wish.checks.end(), [](const std::string& check) { return !check.starts_with('-'); });
  if (named) checks = "-*";
  for (const bool left_out : {false, true}) {
    for (const std::string& check : wish.checks) {
      if (check.starts_with('-') == left_out) checks += (checks.empty() ? "" : ",") + check;
    }
  }
  return checks;
}

// A regular expression for files below the root.
std::string header_filter(const fs::path& root) {
  std::string pattern = "^";
  for (const char c : root.string() + "/") {
    if (std::string_view(".+*?()[]{}^$|\\").find(c) != std::string_view::npos) pattern += '\\';
    pattern += c;
  }
  return pattern;
}

// Files that clang could not compile, by their own reports.
std::vector<std::string> not_compiled(const std::vector<std::string>& reports, const fs::path& root) {
  std::vector<std::string> files;
  for (const std::string& report : reports) {
    if (report.find("clang-diagnostic-error") == std::string::npos) continue;
    const auto line = report.find("MainSourceFile:");
    if (line == std::string::npos) continue;
    const auto begin = report.find_first_not_of(" '\"", line + std::string_view("MainSourceFile:").size());
    const auto end = report.find_first_of("'\"\n", begin);
    if (begin == std::string::npos || end == std::string::npos) continue;
    files.push_back(fs::path(report.substr(begin, end - begin)).lexically_relative(root).generic_string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 5;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kShown); ++i) text += (i > 0 ? ", " : "") + names[i];
  if (names.size() > kShown) text += " and " + std::to_string(names.size() - kShown) + " more";
  return text;
}

Status look_by(const Database& database, Workbench& bench, const FixWish& wish, FixLook& look, std::vector<std::string>& reports) {
  if (database.configure) {
    auto configured = bench.run(*database.configure);
    if (!configured) return configured.error();
    const Diagnosis& said = configured->evidence.diagnosis;
    if (said.verdict != RunVerdict::pass) {
      return Error{ErrorKind::precondition, "clang-tidy needs the commands of the build, and `" + database.configure->name + "` does not pass: " + said.cause + "."};
    }
  } else if (auto made = bench.check_out(); !made) {
    return made;
  }
  const auto texts = read_reports(bench.checkout().tree() / database.folder, kDatabase);
  if (texts.empty()) return Error{ErrorKind::precondition, "The build wrote no " + std::string(kDatabase) + ", which clang-tidy needs; it wants CMake with Ninja or Makefiles."};
  auto units = units_of(bench, texts.front().content, wish);
  if (units.empty()) return done();
  if (units.size() > kMaxUnits) {
    look.notes.push_back("clang-tidy looked at the first " + std::to_string(kMaxUnits) + " of " + std::to_string(units.size()) + " files.");
    units.resize(kMaxUnits);
  }
  Gate gate;
  gate.name = named("clang-tidy fixes", database.folder);
  gate.kind = GateKind::lint;
  gate.argv = {"sh", "-c", kScript, "clang-tidy", in_root(database.folder), "{reports}", checks_argument(wish), header_filter(bench.inner_root()), "{jobs}"};
  for (const std::string& unit : units) gate.argv.push_back(in_root(unit));
  gate.timeout = std::chrono::minutes(120);
  gate.parser = "clang-tidy";
  if (database.configure) gate.needs = {database.configure->name};
  gate.source = "a task";
  auto run = bench.run(gate);
  if (!run) return run.error();
  look.evidence.push_back(run->statement);
  if (run->evidence.exit_code != 0) return Error{ErrorKind::precondition, "clang-tidy could not look at the workspace: " + bench.complaint_of(*run)};
  for (std::string& report : bench.reports("*.yaml")) reports.push_back(std::move(report));
  return done();
}

}  // namespace

FixerState find_clang_tidy(const FixerScene& scene) {
  const bool configured = scene.files.exists(".clang-tidy");
  if (databases(scene.files, scene.plan).empty()) {
    return {false, configured, "clang-tidy needs the commands of the build: a CMake project, or a compile_commands.json in the tree.", ""};
  }
  if (!find_program("clang-tidy", scene.path)) return {false, configured, "clang-tidy is not on the PATH.", "apt install clang-tidy"};
  return {true, configured, configured ? "the workspace has a .clang-tidy." : "clang-tidy is on the PATH and CMake gives the commands of the build.", ""};
}

Result<FixLook> look_with_clang_tidy(const FixTool&, Workbench& bench, const FixWish& wish) {
  FixLook look;
  std::vector<std::string> reports;
  for (const Database& database : databases(bench.files(), bench.plan())) {
    if (auto looked = look_by(database, bench, wish, look, reports); !looked) return looked.error();
  }
  FixSource source;
  source.root = source.cwd = bench.inner_root().string();
  source.text = [&bench](const std::string& path) { return bench.text_of(path); };
  auto fixes = read_clang_tidy_fixes(reports, source);
  if (!fixes) return fixes.error();
  look.fixes = std::move(*fixes);
  std::erase_if(look.fixes, [](const Fix& fix) { return fix.check.starts_with("clang-diagnostic-") || is_foreign(folder_of(fix.path)); });
  if (const auto files = not_compiled(reports, bench.inner_root()); !files.empty()) {
    look.notes.push_back("Not looked at, since clang cannot compile " + std::string(files.size() == 1 ? "it" : "them") + ": " + listed(files) + ".");
  }
  return look;
}

}  // namespace baton
