#include "orchestrator/chat/chat_hint.h"

#include <nlohmann/json.hpp>

#include "support/json.h"

namespace baton {
namespace {

struct NamedEndpoint {
  std::string url, by;  // `by`: what names it
};

std::string value_in(const Environment& env, const char* name) {
  return get(env, name).value_or("");
}

// Without a name and password, which are nobody's to show.
std::string without_login(std::string url) {
  const auto scheme = url.find("://");
  const auto host = scheme == url.npos ? 0 : scheme + 3, at = url.find('@', host);
  if (at != url.npos && at < url.find('/', host)) url.erase(host, at + 1 - host);
  return url;
}

std::optional<NamedEndpoint> named_endpoint(const Environment& env) {
  for (const char* name : {"OPENAI_BASE_URL", "OPENAI_API_BASE"}) {
    if (std::string url = value_in(env, name); !url.empty())
      return NamedEndpoint{without_login(std::move(url)), std::string(name) + " is set"};
  }
  if (!value_in(env, "OPENAI_API_KEY").empty())
    return NamedEndpoint{"https://api.openai.com/v1", "OPENAI_API_KEY is set"};
  if (std::string host = value_in(env, "OLLAMA_HOST"); !host.empty()) {
    return NamedEndpoint{without_login((host.find("://") == host.npos ? "http://" : "") + host) + "/v1",
                         "OLLAMA_HOST is set"};
  }
  if (find_program("ollama", value_in(env, "PATH")))
    return NamedEndpoint{"http://127.0.0.1:11434/v1", "`ollama` is on the PATH"};
  return std::nullopt;
}

}  // namespace

std::optional<AgentNote> chat_hint(const Environment& client_env, const std::filesystem::path& file) {
  const auto found = named_endpoint(client_env);
  if (!found) return std::nullopt;
  const std::string model = value_in(client_env, "OPENAI_MODEL");
  nlohmann::ordered_json endpoint = {{"url", found->url}};
  if (!value_in(client_env, "OPENAI_API_KEY").empty() && found->by.starts_with("OPENAI_"))
    endpoint["key_env"] = "OPENAI_API_KEY";
  endpoint["model"] = model.empty() ? "NAME" : model;
  const nlohmann::ordered_json agent = {{"name", "chat"}, {"backend", "chat"}, {"endpoint", std::move(endpoint)}};
  std::string text = nlohmann::ordered_json{{"agents", nlohmann::ordered_json::array({agent})}}.dump();
  return AgentNote{"chat", "chat", false,
                   found->by + ", so the built-in agent could use that model; it does not unless it is configured in " +
                       file.string(),
                   std::move(text)};
}

}  // namespace baton
