#include "lsp/trace.h"

#include <nlohmann/json.hpp>

namespace baton {
namespace {

constexpr std::size_t kMostTraced = 2048;  // bytes of an answer

}  // namespace

void Trace::set(std::string_view value) {
  level_ = value == "verbose" ? Level::verbose : value == "messages" ? Level::messages : Level::off;
}

void Trace::answered(const std::string& method, const std::string& id, Time since, std::string_view answer) {
  if (level_ != Level::off) tell(method + " (" + id + ") was answered", since, answer);
}

void Trace::taken(const std::string& method, Time since) {
  if (level_ != Level::off) tell(method + " was taken", since, {});
}

void Trace::tell(const std::string& what, Time since, std::string_view more) {
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - since).count();
  nlohmann::json params = {{"message", what + " after " + std::to_string(took) + " µs"}};
  if (verbose() && !more.empty() && more.size() <= kMostTraced) params["verbose"] = more;
  client_.notify("$/logTrace", params);
}

}  // namespace baton
