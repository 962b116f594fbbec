#include "tests/lsp/transcript.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <functional>
#include <map>
#include <sstream>

#include "support/files.h"
#include "support/json.h"
#include "support/process.h"
#include "tests/lsp/peer.h"

namespace baton {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr std::chrono::milliseconds kEndOfLife{2000};

std::string replaced(std::string text, std::string_view what, const std::string& with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != text.npos; at += with.size()) text.replace(at, what.size(), with);
  return text;
}

bool holds(const json& got, const json& wanted) {
  if (wanted == "...") return true;
  if (wanted.is_object() && got.is_object()) {
    for (const auto& [key, value] : wanted.items()) {
      if (!got.contains(key) || !holds(got[key], value)) return false;
    }
    return true;
  }
  if (wanted.is_array() && got.is_array()) {
    if (got.size() != wanted.size()) return false;
    for (std::size_t i = 0; i < got.size(); ++i) {
      if (!holds(got[i], wanted[i])) return false;
    }
    return true;
  }
  // "text..." is a beginning.
  if (wanted.is_string() && got.is_string()) {
    const auto text = wanted.get<std::string>();
    if (text.ends_with("...")) return got.get<std::string>().starts_with(text.substr(0, text.size() - 3));
  }
  return got == wanted;
}

std::string unescaped(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      plain += text[i];
      continue;
    }
    const char c = text[++i];
    if (c == 'x' && i + 2 < text.size()) {
      plain += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
      i += 2;
    } else {
      plain += c == 'n' ? '\n' : c == 'r' ? '\r' : c == '0' ? '\0' : c;
    }
  }
  return plain;
}

pid_t dead_process() {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(0);
  ::waitpid(pid, nullptr, 0);
  return pid;
}

class Player {
 public:
  explicit Player(TemporaryFolder folder) : folder_(std::move(folder)) {
    names_["$ROOT"] = folder_.path().string();
    names_["$PID"] = std::to_string(::getpid());
    names_["$DEAD"] = std::to_string(dead_process());
  }

  Played play(std::string_view transcript) {
    int number = 0;
    while (!transcript.empty() && played_.failure.empty()) {
      const std::size_t end = std::min(transcript.find('\n'), transcript.size());
      const std::string line(transcript.substr(0, end));
      transcript.remove_prefix(std::min(end + 1, transcript.size()));
      ++number;
      if (line.starts_with("file ")) {
        number += take_file(line.substr(5), transcript);
      } else if (!line.empty() && line[0] != '#') {
        step(line);
      }
      if (!played_.failure.empty()) played_.failure = "line " + std::to_string(number) + ": " + line + "\n" + played_.failure;
    }
    return std::move(played_);
  }

 private:
  void fail(std::string why) { played_.failure = std::move(why); }

  std::string named(std::string text) const {
    for (const auto& [name, value] : names_) text = replaced(std::move(text), name, value);
    return text;
  }

  Peer& peer() {
    if (!peer_) peer_ = std::make_unique<Peer>();
    return *peer_;
  }

  int take_file(const std::string& path, std::string_view& rest) {
    const std::size_t end = rest.starts_with("end\n") ? 0 : rest.find("\nend\n") + 1;
    const std::string text = named(std::string(rest.substr(0, end)));
    rest.remove_prefix(end + 4);
    (void)make_folder((folder_.path() / path).parent_path());
    if (const Status written = write_file(folder_.path() / path, text); !written) fail(written.error().message);
    return 1 + static_cast<int>(std::count(text.begin(), text.end(), '\n'));
  }

  void record(const char* direction, const json& message) {
    played_.recording.push_back(dump_json({{"dir", direction}, {"msg", message}}));
  }

  void send(std::string text) {
    json message = json::parse(named(std::move(text)));
    if (!message.contains("jsonrpc")) message["jsonrpc"] = "2.0";
    record("c2s", message);
    if (!peer().write(frame(dump_json(message)))) fail("the session does not read");
  }

  void expect(const std::string& text, bool pass_over) {
    const json wanted = json::parse(named(text));
    std::string seen;
    for (;;) {
      const auto got = peer().next();
      if (!got) return fail("nothing more came, after:" + seen);
      record("s2c", *got);
      if (holds(*got, wanted)) return;
      seen += "\n  " + replaced(dump_json(*got), names_["$ROOT"], "$ROOT");
      const bool log = got->value("method", "") == "window/logMessage";
      if (!pass_over && !log) return fail("came instead:" + seen);
    }
  }

  void step(const std::string& line) {
    const std::string rest = line.size() > 4 ? line.substr(4) : std::string();
    if (line.starts_with("--> * ")) {
      const std::size_t space = line.find(' ', 6);
      const int times = std::stoi(line.substr(6, space - 6));
      for (int i = 0; i < times && played_.failure.empty(); ++i) {
        send(replaced(line.substr(space + 1), "$N", std::to_string(i)));
      }
    } else if (line.starts_with("--> ")) {
      send(rest);
    } else if (line.starts_with("<-- ")) {
      expect(rest, false);
    } else if (line.starts_with("<== ")) {
      expect(rest, true);
    } else if (line.starts_with("raw ")) {
      if (!peer().write(unescaped(rest))) fail("the session does not read");
    } else if (line.starts_with("asked ")) {
      const auto asked = parse_json_file(folder_.path() / "asked.json");
      if (!asked || *asked != json::parse(line.substr(6))) fail(asked ? dump_json(*asked) : asked.error().message);
    } else if (line == "close") {
      peer().close_input();
    } else if (line.starts_with("signal ")) {
      peer().signal(std::stoi(line.substr(7)));
    } else if (line.starts_with("exit ")) {
      const auto code = peer().wait_for_exit(kEndOfLife);
      if (!code) return fail("it did not end in time");
      if (*code != std::stoi(line.substr(5))) fail("it ended with " + std::to_string(*code));
    } else {
      fail("not a step of a transcript");
    }
  }

  TemporaryFolder folder_;
  std::map<std::string, std::string> names_;
  std::unique_ptr<Peer> peer_;
  Played played_;
};

fs::path validator() { return fs::path(BATON_SOURCE_DIR).parent_path() / "shared/data/lsp/validate.py"; }

}  // namespace

Played play(std::string_view transcript) {
  auto folder = TemporaryFolder::make(fs::temp_directory_path(), "baton-lsp-");
  if (!folder) return {folder.error().message, {}};
  return Player(std::move(*folder)).play(transcript);
}

bool can_validate() { return fs::exists(validator()) && find_program("python3", std::getenv("PATH")); }

std::string validate(const std::vector<std::string>& recording, bool both_sides) {
  auto folder = TemporaryFolder::make(fs::temp_directory_path(), "baton-lsp-");
  if (!folder) return folder.error().message;
  const fs::path log = folder->path() / "log.jsonl";
  std::string text;
  for (const std::string& line : recording) text += line + "\n";
  if (const Status written = write_file(log, text); !written) return written.error().message;
  const std::string command = "python3 '" + validator().string() + "' --meta '" + (validator().parent_path() / "metaModel-3.17.json").string() + "' --side " + (both_sides ? "both" : "s2c") +
                              " '" + log.string() + "' > '" + log.string() + ".out' 2>&1";
  const int code = std::system(command.c_str());
  const auto out = read_file(log.string() + ".out");
  if (code == 0 || !out) return out ? std::string() : out.error().message;
  // A client that misuses ids on purpose makes pairs that are none.
  std::string faults;
  for (std::istringstream lines(*out); std::getline(lines, text);) {
    const bool about_ids = text.starts_with("error   id ") || text.starts_with("warning id ");
    if (!text.starts_with('{') && (both_sides || !about_ids)) faults += text + "\n";
  }
  return faults;
}

}  // namespace baton
