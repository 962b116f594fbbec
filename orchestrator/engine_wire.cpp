#include "orchestrator/engine_wire.h"

#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "orchestrator/json_fields.h"

namespace baton {
namespace {

using nlohmann::json;

constexpr int kServerError = -32000;  // JSON-RPC 2.0: the first code that an implementation may use

constexpr std::pair<ErrorKind, const char*> kKinds[] = {
    {ErrorKind::usage, "usage"},         {ErrorKind::precondition, "precondition"}, {ErrorKind::trust, "trust"},
    {ErrorKind::missing_tool, "missing_tool"}, {ErrorKind::io, "io"},               {ErrorKind::cancelled, "cancelled"},
    {ErrorKind::internal, "internal"},
};

template <class T>
Result<T> checked(const JsonFields& fields, T value) {
  if (!fields.ok()) return fields.error();
  return value;
}

json pairs_json(const auto& pairs) {
  json list = json::array();
  for (const auto& [name, value] : pairs) list.push_back({name, value});
  return list;
}

// Pairs and not an object: an environment keeps its order, and a name may come twice.
std::vector<std::pair<std::string, std::string>> pairs_from(JsonFields& fields, const json& object, const char* name) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const json& item : fields.list(object, name)) {
    if (item.is_array() && item.size() == 2 && item[0].is_string() && item[1].is_string()) {
      pairs.emplace_back(item[0].get<std::string>(), item[1].get<std::string>());
    } else {
      fields.fail(name, "a list of pairs of texts");
    }
  }
  return pairs;
}

}  // namespace

std::string engine_build(const std::filesystem::path& executable) {
  struct stat status {};
  if (::stat(executable.c_str(), &status) != 0) return BATON_VERSION;
  return std::string(BATON_VERSION) + "+" + std::to_string(status.st_size) + "." + std::to_string(status.st_mtim.tv_sec) + "." +
         std::to_string(status.st_mtim.tv_nsec);
}

json to_json(const EngineAddress& address) {
  return {{"socket", address.socket},
          {"version", address.version},
          {"build", address.build},
          {"protocol", address.protocol},
          {"pid", address.pid}};
}

Result<EngineAddress> engine_address_from_json(const json& object) {
  JsonFields fields("an engine's address");
  EngineAddress address{fields.text(object, "socket"), fields.text(object, "version"), fields.text(object, "build"),
                        fields.integer(object, "protocol"), fields.integer(object, "pid")};
  if (address.socket.empty()) fields.fail("socket", "a path");
  return checked(fields, std::move(address));
}

json to_json(const VerifyRequest& request) {
  json object = {{"base", request.base},
          {"head", request.head},
          {"unsaved", pairs_json(request.unsaved)},
          {"gates", request.gates},
          {"criteria", request.criteria},
          {"task", request.task},
          {"task_by_agent", request.task_by_agent},
          {"mutants", request.mutants},
          {"quick", request.quick},
          {"quick_first", request.quick_first},
          {"trust_this_run", request.trust_this_run},
          {"fresh", request.fresh},
          {"outlives_caller", request.outlives_caller},
          {"env", pairs_json(request.client_env)},
          {"actor", request.actor}};
  if (request.prove) object["prove"] = *request.prove;
  return object;
}

Result<VerifyRequest> verify_request_from_json(const json& object) {
  JsonFields fields("a request to verify");
  VerifyRequest request;
  request.base = fields.text(object, "base");
  request.head = fields.text(object, "head");
  for (auto& [path, text] : pairs_from(fields, object, "unsaved")) request.unsaved.emplace(path, std::move(text));
  request.gates = fields.texts(object, "gates");
  request.criteria = fields.texts(object, "criteria");
  if (object.contains("prove")) request.prove = fields.texts(object, "prove");
  request.task = fields.text(object, "task");
  request.task_by_agent = fields.flag(object, "task_by_agent");
  request.mutants = fields.integer(object, "mutants");
  request.quick = fields.flag(object, "quick");
  request.quick_first = fields.flag(object, "quick_first");
  request.trust_this_run = fields.flag(object, "trust_this_run");
  request.fresh = fields.flag(object, "fresh");
  request.outlives_caller = fields.flag(object, "outlives_caller");
  request.client_env = pairs_from(fields, object, "env");
  request.actor = fields.text(object, "actor");
  return checked(fields, std::move(request));
}

json to_json(const Progress& progress) {
  json object = {{"stage", progress.stage},     {"gate", progress.gate}, {"side", progress.side}, {"message", progress.message},
                 {"done", progress.done}, {"total", progress.total}, {"log", progress.log}};
  if (progress.provisional) object["provisional"] = to_json(*progress.provisional);
  return object;
}

Result<Progress> progress_from_json(const json& object) {
  JsonFields fields("progress");
  Progress progress{fields.text(object, "stage"),   fields.text(object, "gate"),     fields.text(object, "side"),
                    fields.text(object, "message"), fields.integer(object, "done"), fields.integer(object, "total"),
                    fields.text(object, "log"),     nullptr};
  if (object.contains("provisional")) {
    auto report = verify_report_from_json(object["provisional"]);
    if (!report) return report.error();
    progress.provisional = std::make_shared<const VerifyReport>(std::move(*report));
  }
  return checked(fields, std::move(progress));
}

json to_json(const TrustSubject& subject) {
  return {{"repository", subject.repository.string()},
          {"digest", subject.digest},
          {"parts", subject.parts},
          {"also", subject.also},
          {"command_lines", subject.command_lines}};
}

Result<TrustSubject> trust_subject_from_json(const json& object) {
  JsonFields fields("what would run");
  TrustSubject subject;
  subject.repository = fields.text(object, "repository");
  subject.digest = fields.text(object, "digest");
  subject.parts = fields.texts(object, "parts");
  subject.also = fields.texts(object, "also");
  subject.command_lines = fields.texts(object, "command_lines");
  return checked(fields, std::move(subject));
}

json to_json(const Repository& repository) {
  return {{"root", repository.root.string()},
          {"git_dir", repository.git_dir.string()},
          {"common_dir", repository.common_dir.string()},
          {"head", repository.head.value_or("")},
          {"branch", repository.branch},
          {"operation", repository.operation},
          {"sparse", repository.sparse},
          {"sha256", repository.sha256},
          {"submodules", repository.submodules}};
}

Result<Repository> repository_from_json(const json& object) {
  JsonFields fields("a repository");
  Repository repository;
  repository.root = fields.text(object, "root");
  repository.git_dir = fields.text(object, "git_dir");
  repository.common_dir = fields.text(object, "common_dir");
  if (std::string head = fields.text(object, "head"); !head.empty()) repository.head = std::move(head);
  repository.branch = fields.text(object, "branch");
  repository.operation = fields.text(object, "operation");
  repository.sparse = fields.flag(object, "sparse");
  repository.sha256 = fields.flag(object, "sha256");
  repository.submodules = fields.texts(object, "submodules");
  if (repository.root.empty()) fields.fail("root", "a path");
  return checked(fields, std::move(repository));
}

json to_json(const Environment& env) { return {{"env", pairs_json(env)}}; }

Result<Environment> environment_from_json(const json& object) {
  JsonFields fields("an environment");
  Environment env = pairs_from(fields, object, "env");
  return checked(fields, std::move(env));
}

json to_json(const TaskCall& call) {
  return {{"verb", call.verb}, {"arguments", call.arguments}, {"actor", call.actor}, {"human", call.human}, {"env", pairs_json(call.client_env)}};
}

Result<TaskCall> task_call_from_json(const json& object) {
  JsonFields fields("a verb of tasks");
  TaskCall call{fields.text(object, "verb"), fields.text(object, "arguments"), fields.text(object, "actor"), fields.flag(object, "human"),
                pairs_from(fields, object, "env")};
  return checked(fields, std::move(call));
}

json to_json(const Caller& caller) { return {{"actor", caller.actor}, {"human", caller.human}}; }

Caller caller_from_json(const json& object) {
  JsonFields fields("who calls");
  const json* caller = object.is_object() ? fields.object(object, "caller") : nullptr;
  if (!caller) return {};
  return {fields.text(*caller, "actor"), fields.flag(*caller, "human"), {}};
}

json to_json(const Overlay& unsaved) { return {{"unsaved", pairs_json(unsaved)}}; }

Result<Overlay> overlay_from_json(const json& object) {
  JsonFields fields("unsaved text");
  Overlay unsaved;
  for (auto& [path, text] : pairs_from(fields, object, "unsaved")) unsaved.emplace(path, std::move(text));
  return checked(fields, std::move(unsaved));
}

json to_json(const Error& error) {
  const char* kind = "internal";
  for (const auto& [value, name] : kKinds) {
    if (value == error.kind) kind = name;
  }
  return {{"code", kServerError}, {"message", error.message}, {"data", {{"kind", kind}}}};
}

Error error_from_json(const json& object) {
  JsonFields fields("an error");
  Error error{ErrorKind::internal, fields.text(object, "message")};
  if (const json* data = fields.object(object, "data")) {
    const std::string given = fields.text(*data, "kind");
    for (const auto& [value, name] : kKinds) {
      if (given == name) error.kind = value;
    }
  }
  return error;
}

}  // namespace baton
