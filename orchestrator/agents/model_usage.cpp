#include "orchestrator/agents/model_usage.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "support/json.h"

namespace baton {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxWhole = 64u << 20;  // bytes of an answer that are kept to be read
constexpr std::size_t kBytesPerTokenOfReply = 3;     // of JSON with code in it; real ones have about four
constexpr const char* kOutputLimits[] = {"max_tokens", "max_completion_tokens", "max_output_tokens"};
constexpr std::int64_t kMostAnswers = 128, kMostNamed = 1 << 30;

std::int64_t integer(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number() && *found >= 0 ? found->get<std::int64_t>() : 0;
}

std::size_t bytes_of_text(const json& delta) {
  std::size_t bytes = 0;
  if (delta.is_string()) return delta.get_ref<const std::string&>().size();
  if (!delta.is_structured()) return 0;
  for (const json& member : delta) bytes += bytes_of_text(member);
  return bytes;
}

// Models of OpenAI that think before they answer refuse `max_tokens`; most other servers know no other name.
const char* chat_limit_of(std::string_view model) {
  if (const auto slash = model.rfind('/'); slash != model.npos) model.remove_prefix(slash + 1);
  const bool thinks = model.starts_with("gpt-5") || (model.size() > 1 && model[0] == 'o' && std::isdigit(static_cast<unsigned char>(model[1])));
  return thinks ? "max_completion_tokens" : "max_tokens";
}

}  // namespace

std::int64_t estimated_tokens(std::size_t bytes) { return static_cast<std::int64_t>((bytes + kBytesPerTokenOfReply - 1) / kBytesPerTokenOfReply); }

std::int64_t UsageReader::output_so_far() const { return (usage_ ? usage_->output : 0) + estimated_tokens(text_bytes_); }

void UsageReader::feed(std::string_view bytes) {
  if (!streamed_) {
    if (buffer_.size() + bytes.size() <= kMaxWhole) buffer_ += bytes;
    text_bytes_ += bytes.size();
    return;
  }
  buffer_ += bytes;
  std::size_t from = 0;
  for (std::size_t end; (end = buffer_.find('\n', from)) != buffer_.npos; from = end + 1) line(std::string_view(buffer_).substr(from, end - from));
  buffer_.erase(0, from);
  if (buffer_.size() + data_.size() > kMaxWhole) buffer_.clear(), data_.clear();
}

void UsageReader::finish() {
  if (streamed_) {
    if (!buffer_.empty()) line(buffer_);
    line("");
    return;
  }
  if (const auto whole = parse_json(buffer_); whole && whole->is_object()) {
    if (const auto usage = whole->find("usage"); usage != whole->end()) take(*usage);
  }
}

void UsageReader::line(std::string_view text) {
  if (text.ends_with('\r')) text.remove_suffix(1);
  if (text.empty()) {
    const std::string data = std::exchange(data_, {});
    if (data.empty() || data == "[DONE]") return;
    if (const auto value = parse_json(data); value && value->is_object()) event(*value);
    return;
  }
  if (!text.starts_with("data:")) return;
  text.remove_prefix(5);
  if (text.starts_with(' ')) text.remove_prefix(1);
  data_ += (data_.empty() ? "" : "\n") + std::string(text);
}

void UsageReader::event(const json& value) {
  if (const auto usage = value.find("usage"); usage != value.end()) take(*usage);
  if (const auto response = value.find("response"); response != value.end() && response->is_object()) {
    if (const auto usage = response->find("usage"); usage != response->end()) take(*usage);
  }
  const json choices = value.value("choices", json::array());
  for (const json& choice : choices) {
    if (choice.is_object() && choice.contains("delta")) text_bytes_ += bytes_of_text(choice["delta"]);
  }
  if (const auto delta = value.find("delta"); delta != value.end()) text_bytes_ += bytes_of_text(*delta);
}

void UsageReader::take(const json& usage) {
  if (!usage.is_object()) return;
  ModelUsage used;
  used.input = std::max(integer(usage, "prompt_tokens"), integer(usage, "input_tokens"));
  used.output = std::max(integer(usage, "completion_tokens"), integer(usage, "output_tokens"));
  for (const char* details : {"prompt_tokens_details", "input_tokens_details"}) {
    if (const auto found = usage.find(details); found != usage.end() && found->is_object()) used.cached = integer(*found, "cached_tokens");
  }
  if (used.tokens() == 0) return;
  usage_ = used;
  text_bytes_ = 0;
}

std::optional<ModelRequest> read_model_request(std::string& body, bool chat) {
  auto object = parse_json(body);
  if (!object || !object->is_object()) return std::nullopt;
  ModelRequest request;
  const auto model = object->find("model"), stream = object->find("stream");
  if (model != object->end() && model->is_string()) request.model = *model;
  request.streamed = stream != object->end() && stream->is_boolean() && stream->get<bool>();
  request.input = estimated_tokens(body.size());
  if (chat) request.answers = std::clamp<std::int64_t>(integer(*object, "n"), 1, kMostAnswers);
  for (const char* limit : kOutputLimits) {
    if (const std::int64_t given = integer(*object, limit); given > 0) request.output_limit = std::min(given, kMostNamed) * request.answers;
  }
  if (chat && request.streamed) {
    json& options = (*object)["stream_options"];
    if (!options.is_object()) options = json::object();
    if (options.value("include_usage", json()) != true) {
      options["include_usage"] = true;
      body = dump_json(*object);
    }
  }
  return request;
}

std::string with_output_limit(const std::string& body, bool chat, std::int64_t tokens) {
  auto object = parse_json(body);
  if (!object || !object->is_object()) return body;
  const std::int64_t answers = chat ? std::clamp<std::int64_t>(integer(*object, "n"), 1, kMostAnswers) : 1;
  const auto each = std::max<std::int64_t>(1, tokens / answers);
  bool named = false;
  for (const char* limit : kOutputLimits) {
    if (integer(*object, limit) > 0) (*object)[limit] = each, named = true;
  }
  const auto model = object->find("model");
  if (!named) (*object)[chat ? chat_limit_of(model != object->end() && model->is_string() ? model->get_ref<const std::string&>() : "") : "max_output_tokens"] = each;
  return dump_json(*object);
}

}  // namespace baton
