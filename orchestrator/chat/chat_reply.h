// The answer of a chat completion, streamed or whole, and what a refusal of one means. Nothing of an answer is used
// that did not come to its end: a cut one names no tool call. Sources: the OpenAI API, "Chat Completions"; server-sent
// events, HTML standard 9.2.6. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace baton {

struct ChatCall {
  std::string id, name;
  std::string arguments;  // JSON as the model wrote it, which may be none
};

struct ChatReply {
  std::string text;
  std::vector<ChatCall> calls;
  std::string finish;             // "stop", "tool_calls", "length", "content_filter", or another word of the service
  std::int64_t input_tokens = 0;  // as the service counts them; 0: it does not say
  std::string problem;            // not empty: it is no whole answer, and why
  bool is_cut_off() const { return finish == "length"; }
};
ChatReply read_chat_reply(std::string_view body);

struct ChatRefusal {
  enum class Kind {
    final,      // asking again changes nothing
    passing,    // the network or the service, for now
    busy,       // it takes no more calls for now
    too_long,   // the request is longer than the model can take
    no_stream,  // it does not stream
  };
  Kind kind = Kind::final;
  std::string words;  // for the user: the status and what the service says, in one line
};
// Of a status of 400 and more.
ChatRefusal read_chat_refusal(int status, std::string_view body, std::string_view model);

}  // namespace baton
