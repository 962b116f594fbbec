#include "lsp/actions.h"

#include <nlohmann/json.hpp>

#include "lsp/methods.h"

namespace baton {

using nlohmann::json;

// The diagnostics that an action is about are those with its message, or all of ours when `message` is empty.
json ActionMaker::action(const std::string& title, const char* command, json arguments, const std::string& message) const {
  arguments["uri"] = uri_;
  json call = {{"title", title}, {"command", command}, {"arguments", json::array({std::move(arguments)})}};
  if (!profile_.action_literals) return call;
  json about = json::array();
  for (const Json& diagnostic : given_) {
    if (!diagnostic->is_object() || diagnostic->value("source", json()) != "baton") continue;
    if (message.empty() || diagnostic->value("message", json()) == message) about.push_back(*diagnostic);
  }
  json action = {{"title", title}, {"kind", "quickfix"}, {"command", std::move(call)}};
  if (!about.empty()) action["diagnostics"] = std::move(about);
  return action;
}

json named_by(const std::string& verification, const Mark& mark) {
  json about = {{"task", verification}, {"gate", mark.gate}};
  if (!mark.test.empty()) {
    about["test"] = mark.test;
  } else if (!mark.path.empty()) {
    about["path"] = mark.path;
    about["line"] = mark.line;
    about["message"] = mark.message;
  }
  return about;
}

json ActionMaker::open_evidence(const std::string& verification, const Mark& mark) const {
  const std::string& about = mark.test.empty() ? mark.gate : mark.test;
  const std::string title = about.empty() ? "Open the evidence" : "Open the evidence: " + about;
  return action(title, "baton.openEvidence", named_by(verification, mark), mark.message);
}

std::vector<json> ActionMaker::accept(const std::string& verification, const Mark& mark, bool asks) const {
  json about = named_by(verification, mark);
  const std::string name = mark.test.empty() ? mark.path + ":" + std::to_string(mark.line) : mark.test;
  if (mark.accepted) {
    about["withdraw"] = true;
    return {action("No longer accept: " + name, "baton.acceptFailure", std::move(about), mark.message)};
  }
  if (asks) return {action("Accept as known: " + name, "baton.acceptFailure", std::move(about), mark.message)};
  std::vector<json> all;
  for (const std::string_view reason : kReasons) {
    about["reason"] = reason;
    all.push_back(action("Accept as known, " + std::string(reason) + ": " + name, "baton.acceptFailure", about, mark.message));
  }
  return all;
}

json ActionMaker::source(const std::string& title, const char* command, json arguments) const {
  arguments["uri"] = uri_;
  json call = {{"title", title}, {"command", command}, {"arguments", json::array({std::move(arguments)})}};
  if (!profile_.action_literals) return call;
  return {{"title", title}, {"kind", kSourceKind}, {"command", std::move(call)}};
}

json ActionMaker::run_gate(const std::string& gate) const {
  return action("Run this gate again: " + gate, "baton.verify", {{"gates", {gate}}, {"fresh", true}}, {});
}

json ActionMaker::verify() const { return action("Verify again", "baton.verify", json::object(), {}); }

json ActionMaker::trust(const std::string& digest) const {
  return action("Approve this repository's commands and verify", "baton.trustRepository", {{"digest", digest}, {"verify", true}},
                {});
}

json ActionMaker::cancel() const { return action("Cancel the verification", "baton.cancelVerify", json::object(), {}); }

}  // namespace baton
