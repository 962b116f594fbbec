// What passes between an engine and those who attach to it, as JSON and back: the values of the `Engine` face. JSON-RPC 2.0 in
// header frames over a local socket; docs/engine-protocol.md lists the methods. Pure; any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "orchestrator/engine.h"

namespace baton {

// Those who attach and the engine understand each other while this number is the same.
inline constexpr int kEngineProtocol = 2;

// Tells one build of the engine from another: version, size and time of the executable.
std::string engine_build(const std::filesystem::path& executable);

// Where an engine is, as it says itself to who started it and in `engine.json` beside its lock.
struct EngineAddress {
  std::string socket, version, build;
  int protocol = 0;
  int pid = 0;
};
nlohmann::json to_json(const EngineAddress& address);
Result<EngineAddress> engine_address_from_json(const nlohmann::json& json);

nlohmann::json to_json(const VerifyRequest& request);
Result<VerifyRequest> verify_request_from_json(const nlohmann::json& json);
nlohmann::json to_json(const Progress& progress);
Result<Progress> progress_from_json(const nlohmann::json& json);
nlohmann::json to_json(const TrustSubject& subject);
Result<TrustSubject> trust_subject_from_json(const nlohmann::json& json);
nlohmann::json to_json(const Repository& repository);
Result<Repository> repository_from_json(const nlohmann::json& json);
nlohmann::json to_json(const Environment& env);
Result<Environment> environment_from_json(const nlohmann::json& json);
nlohmann::json to_json(const TaskCall& call);
Result<TaskCall> task_call_from_json(const nlohmann::json& json);
nlohmann::json to_json(const Caller& caller);
Caller caller_from_json(const nlohmann::json& json);  // what it claims: the kernel is asked, too
nlohmann::json to_json(const Overlay& unsaved);
Result<Overlay> overlay_from_json(const nlohmann::json& json);
nlohmann::json to_json(const Error& error);  // an error object of JSON-RPC; its kind is in `data`
Error error_from_json(const nlohmann::json& json);

}  // namespace baton
