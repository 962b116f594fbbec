#include "analyzers/diagnose.h"

#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "analyzers/diagnosis_json.h"
#include "analyzers/sarif.h"
#include "cli/print.h"
#include "cli/verb.h"
#include "cli/verbs.h"
#include "support/files.h"
#include "support/json.h"

namespace baton {
namespace {

constexpr std::uint64_t kMaxBytes = 256u << 20;

struct Options {
  std::string tool, cwd, file, format = "json";
  std::optional<int> exit_code;
  bool embedded = false;  // it always is; the verbs share their options
};

Result<std::string> read_stdin() {
  std::string text;
  char block[1 << 16];
  for (;;) {
    const ssize_t got = ::read(STDIN_FILENO, block, sizeof block);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Error{ErrorKind::usage, "Cannot read standard input: give a file, or a tool's output by a pipe."};
    if (got == 0) return text;
    text.append(block, static_cast<size_t>(got));
    if (text.size() > kMaxBytes) return Error{ErrorKind::usage, "Standard input is longer than 256 MiB: give its end only."};
  }
}

Result<std::string> read_output(const std::string& file) {
  if (file.empty() || file == "-") return read_stdin();
  auto text = read_file(file, kMaxBytes);
  if (!text) return Error{ErrorKind::usage, text.error().message};
  return text;
}

int run_diagnose(const Options& options) {
  const auto text = read_output(options.file);
  if (!text) return complain(text.error());
  std::error_code error;
  const auto cwd = std::filesystem::absolute(options.cwd.empty() ? "." : options.cwd, error);
  RunOutput output;
  output.text = *text;
  output.exit_code = options.exit_code;
  output.cwd = cwd.lexically_normal().string();
  if (output.cwd.size() > 1 && output.cwd.ends_with('/')) output.cwd.pop_back();
  output.tool = options.tool;
  const Diagnosis diagnosis = diagnose(output);
  SarifOptions sarif;
  sarif.version = BATON_VERSION;
  sarif.root = output.cwd;
  sarif.successful = diagnosis.verdict != RunVerdict::env_fault && diagnosis.verdict != RunVerdict::timeout && diagnosis.verdict != RunVerdict::crash;
  sarif.exit_code = options.exit_code;
  write_result(options.format == "sarif" ? to_sarif(diagnosis.findings, sarif) : diagnosis_to_json(diagnosis) + "\n");
  return kExitDone;
}

}  // namespace

void add_diagnose(CLI::App& app, Action& action) {
  const auto options = std::make_shared<Options>();
  Verb verb(app, "diagnose", "Turn a tool's output into findings, test results and one verdict");
  verb.footer("For example:  make 2>&1 | baton diagnose --exit-code 2");
  verb.option("--tool", options->tool, "What printed it: a hint, the text decides").type_name("NAME");
  verb.option("--cwd", options->cwd, "Where it ran (default: here); paths are relative to it").type_name("DIR");
  // "none" says that nobody knows, for scripts that always pass the option.
  verb.option_read_by(
          "--exit-code",
          [options](const std::string& text) -> std::string {
            int number = 0;
            if (text == "none" || text == "None") return "";
            const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), number);
            if (wrong != std::errc() || end != text.data() + text.size()) return "give a number, or none";
            options->exit_code = number;
            return "";
          },
          "How it ended (default: not known)")
      .type_name("N");
  verb.option("--format", options->format, "json or sarif").among({"json", "sarif"}).type_name("FORMAT");
  verb.flag("--embedded", options->embedded, "Read inside this process, as it always does");
  verb.option("FILE", options->file, "The output (default: standard input)");
  verb.acts([options, &action] { action = [options] { return run_diagnose(*options); }; });
}

}  // namespace baton
