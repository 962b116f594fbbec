// What a call of a model used, read from its answer as the bytes pass: chat completions and responses, streamed or whole. Sources: the
// OpenAI API's `usage` objects; server-sent events as in the HTML standard, 9.2.6. One thread.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace baton {

struct ModelUsage {
  std::int64_t input = 0, output = 0, cached = 0;  // tokens; `cached` is part of `input`
  bool estimated = false;                          // the answer did not say, or was cut
  std::int64_t tokens() const { return input + output; }
};

// Of a text, where nobody counts: rather too many than too few.
std::int64_t estimated_tokens(std::size_t bytes);

class UsageReader {
 public:
  explicit UsageReader(bool streamed) : streamed_(streamed) {}
  void feed(std::string_view bytes);
  void finish();                                                     // of a whole answer: now it is read
  const std::optional<ModelUsage>& usage() const { return usage_; }  // as the answer has it
  std::int64_t output_so_far() const;                                // as it tells, and estimated from the text that came since

 private:
  void line(std::string_view text);
  void event(const nlohmann::json& value);
  void take(const nlohmann::json& usage);

  const bool streamed_;
  std::string buffer_, data_;
  std::optional<ModelUsage> usage_;
  std::size_t text_bytes_ = 0;  // since it told its usage
};

// What a request may use at most: its input by its size, its output by the limit that it names.
struct ModelRequest {
  std::string model;
  bool streamed = false;
  std::int64_t input = 0;
  std::optional<std::int64_t> output_limit;  // of all its answers together
  std::int64_t answers = 1;                  // that it asks for side by side
};
// Absent: no JSON object. In a streamed chat completion the body is changed so that the answer tells its usage.
std::optional<ModelRequest> read_model_request(std::string& body, bool chat);
// The body with `tokens` as the most that all its answers may have.
std::string with_output_limit(const std::string& body, bool chat, std::int64_t tokens);

}  // namespace baton
