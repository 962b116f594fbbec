#include <unistd.h>

#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/consent.h"
#include "cli/interrupt.h"
#include "cli/open_engine.h"
#include "cli/print.h"
#include "cli/verb.h"
#include "cli/verbs.h"
#include "orchestrator/evidence_bundle.h"
#include "orchestrator/evidence_export.h"
#include "support/files.h"
#include "support/json.h"
#include "support/places.h"

namespace baton {
namespace {

using nlohmann::json;

constexpr std::uint64_t kMaxBundle = 1ull << 30;

struct Options {
  std::string workspace = ".", verification, out, bundle, key;
  bool replay = false, yes = false, json = false;
};

// Whose key signed it: "yours", "given" by --key, or "unknown".
Result<std::string> signer_of(const CheckedBundle& bundle, const std::string& key_file, const Environment& env) {
  if (!key_file.empty()) {
    const auto pem = read_file(key_file, 1 << 16);
    if (!pem) return Error{ErrorKind::usage, pem.error().message};
    const auto key = PublicKey::from_pem(*pem);
    if (!key) return Error{ErrorKind::usage, key_file + ": " + key.error().message};
    if (key->id() != bundle.key_id) return Error{ErrorKind::precondition, "This bundle was signed by another key than " + key_file + "."};
    return std::string("given");
  }
  const auto own_file = config_home(env) / kUserKeyFile;
  std::error_code ignored;
  if (!std::filesystem::exists(own_file, ignored)) return std::string("unknown");
  const auto own = SigningKey::of_file(own_file);
  return std::string(own && own->public_half().id() == bundle.key_id ? "yours" : "unknown");
}

std::string in_words(const CheckedBundle& bundle, const std::string& signer) {
  const std::string verdict = "The verdict " + std::string(to_string(bundle.report.verdict)) + " on tree " + bundle.report.head.tree.substr(0, 12) +
                              " against " + bundle.report.base.tree.substr(0, 12) + ", " + std::to_string(bundle.runs.size()) + " runs: ";
  if (!bundle.isolated) return verdict + "integrity only: it was made without isolation, so that what ran could have signed it.\n";
  if (signer == "unknown") return verdict + "intact, signer unknown (key " + bundle.key_id.substr(0, 16) + "; --key FILE names a public key).\n";
  return verdict + "intact, signed by " + (signer == "yours" ? "your key" : "the key that was given") + ".\n";
}

Result<std::vector<std::string>> replay(const CheckedBundle& bundle, const Options& options, const Environment& env, std::stop_token stop) {
  auto request = request_again(options.workspace, bundle.report);
  if (!request) return request.error();
  request->trust_this_run = options.yes;
  request->client_env = env;
  request->actor = "cli:" + std::to_string(::getpid());
  request->process = ::getpid();
  request->agent = this_caller().agent;
  const auto engine = open_engine(options.workspace, false, env);
  if (!engine) return engine.error();
  const auto tell = [&](const Progress& progress) {
    if (!options.json && is_terminal(STDERR_FILENO)) std::cerr << progress.message << '\n';
  };
  const auto again = (*engine)->verify(*request, tell, stop);
  if (!again) return again.error();
  return differences(bundle.report, *again);
}

// "No" is an answer, and not a fault of whoever asked: what was altered, or signed by another key, was not achieved.
int say_no(const Error& error) {
  const int code = complain(error);
  return error.kind == ErrorKind::precondition ? kExitNotAchieved : code;
}

int run_verify(const Options& options) {
  const Interrupt interrupt;
  const Environment env = current_environment();
  const auto text = read_file(options.bundle, kMaxBundle);
  if (!text) return complain({ErrorKind::usage, text.error().message});
  const auto bundle = check_bundle(*text);
  if (!bundle) return say_no(bundle.error());
  const auto signer = signer_of(*bundle, options.key, env);
  if (!signer) return say_no(signer.error());
  json answer = {{"verdict", to_string(bundle->report.verdict)}, {"intact", true},      {"signer", *signer}, {"key", bundle->key_id},
                 {"isolated", bundle->isolated},                 {"head", bundle->report.head.tree}, {"base", bundle->report.base.tree}};
  std::string words = in_words(*bundle, *signer);
  bool same = true;
  if (options.replay) {
    const auto different = replay(*bundle, options, env, interrupt.token());
    if (!different) return complain(interrupt.raised() ? Error{ErrorKind::cancelled, "Cancelled; nothing of yours was changed."} : different.error());
    same = different->empty();
    answer["replay"] = {{"same", same}, {"differences", *different}};
    words += same ? "Run again here, it says the same.\n" : "Run again here, it says something else:\n";
    for (const std::string& one : *different) words += "  " + one + "\n";
  }
  write_result(options.json ? dump_json(answer) + "\n" : words);
  return same ? kExitDone : kExitNotAchieved;
}

int run_export(const Options& options) {
  const auto bundle = export_evidence(options.workspace, current_environment(), options.verification);
  if (!bundle) return complain(bundle.error());
  if (options.out.empty()) {
    write_result(*bundle);
    return kExitDone;
  }
  const Status written = write_file(options.out, *bundle, 0644);
  if (!written) return complain(written.error());
  write_result("Written to " + options.out + "; `baton evidence verify " + options.out + "` checks it.\n");
  return kExitDone;
}

int run_key() {
  const auto key = SigningKey::of_file(config_home(current_environment()) / kUserKeyFile);
  if (!key) return complain(key.error());
  write_result(key->public_half().pem());
  return kExitDone;
}

}  // namespace

void add_evidence(CLI::App& app, Action& action) {
  const auto options = std::make_shared<Options>();
  Verb evidence(app, "evidence", "Check the evidence of a verdict, here or elsewhere, and run it again");
  Verb check(evidence, "verify", "Check hashes and signature of a bundle; --replay runs the same commands on the same trees and compares");
  check.footer("Ends with 1 when the bundle was altered, was signed by another key, or says something else run again; with 2 when FILE is no bundle.");
  check.option("BUNDLE", options->bundle, "The bundle").required().type_name("FILE");
  check.option("--key", options->key, "The public key that must have signed it (PEM)").type_name("FILE");
  check.flag("--replay", options->replay, "Run it again in this repository, and compare");
  check.flag("--yes", options->yes, "Approve the repository's commands for this run");
  check.flag("--json", options->json, "The answer as JSON");
  check.option("--workspace", options->workspace, "The repository (default: the current folder)").type_name("DIR");
  check.acts([options, &action] { action = [options] { return run_verify(*options); }; });
  Verb out(evidence, "export", "Write the bundle of a verification: its verdict, runs and logs in one signed file");
  out.option("VERIFICATION", options->verification, "Its id (default: the latest)");
  out.option("--out", options->out, "Where to (default: standard output)").type_name("FILE");
  out.option("--workspace", options->workspace, "The repository (default: the current folder)").type_name("DIR");
  out.acts([options, &action] { action = [options] { return run_export(*options); }; });
  Verb key(evidence, "key", "Print the public key by which others check what you export");
  key.acts([&action] { action = [] { return run_key(); }; });
}

}  // namespace baton
