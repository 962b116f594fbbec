// A language server that does nothing but answer: the floor for the figures of ours. It reads whole frames, answers `initialize`
// with no capabilities and every other request with an error, and leaves at `exit`.
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <string_view>

namespace {

// The text of a member's value that is a number or a plain string: enough for the client of the benchmark.
std::string_view member(std::string_view body, std::string_view key) {
  const std::string quoted = "\"" + std::string(key) + "\":";
  const std::size_t at = body.find(quoted);
  if (at == body.npos) return {};
  body.remove_prefix(at + quoted.size());
  return body.substr(0, body.find_first_of(",}"));
}

void answer(std::string_view body) {
  const std::string_view id = member(body, "id");
  const std::string_view method = member(body, "method");
  if (method == "\"exit\"") std::_Exit(0);
  if (id.empty()) return;
  std::string text = R"({"jsonrpc":"2.0","id":)" + std::string(id);
  if (method == "\"initialize\"") text += R"(,"result":{"capabilities":{}}})";
  else if (method == "\"shutdown\"") text += R"(,"result":null})";
  else text += R"(,"error":{"code":-32601,"message":"There is nothing here."}})";
  text = "Content-Length: " + std::to_string(text.size()) + "\r\n\r\n" + text;
  for (std::string_view left = text; !left.empty();) {
    const ssize_t written = ::write(STDOUT_FILENO, left.data(), left.size());
    if (written <= 0) std::_Exit(1);
    left.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

int main() {
  static char block[64 << 10];
  std::string buffer;
  for (ssize_t got = 0; (got = ::read(STDIN_FILENO, block, sizeof block)) > 0;) {
    buffer.append(block, static_cast<std::size_t>(got));
    std::size_t at = 0;
    for (;;) {
      const std::string_view rest = std::string_view(buffer).substr(at);
      const std::size_t end = rest.find("\r\n\r\n");
      if (end == rest.npos) break;
      const std::size_t length = std::strtoull(rest.data() + rest.find(':') + 1, nullptr, 10);
      if (rest.size() < end + 4 + length) break;
      answer(rest.substr(end + 4, length));
      at += end + 4 + length;
    }
    buffer.erase(0, at);
  }
  return 1;
}
