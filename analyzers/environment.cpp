#include "analyzers/environment.h"

#include <algorithm>
#include <array>
#include <vector>

#include "analyzers/readers/word_finder.h"

namespace baton {
namespace {

// A phrase, what must stand elsewhere in its line, and what it means. Whole phrases of the tools themselves, so that a test about
// networks does not look like a network that is closed.
struct Phrase {
  std::string_view words;
  std::string_view also;
  std::string_view meaning;
};

constexpr std::array<Phrase, 63> kPhrases = {{
    {"No space left on device", "", "the disk is full"},
    {"ENOSPC: ", "", "the disk is full"},
    {"Disk quota exceeded", "", "the disk quota is used up"},
    {"npm ERR! code ENOTFOUND", "", "npm cannot reach its registry"},
    {"npm error code ENOTFOUND", "", "npm cannot reach its registry"},
    {"npm ERR! code EAI_AGAIN", "", "npm cannot reach its registry"},
    {"npm error code EAI_AGAIN", "", "npm cannot reach its registry"},
    {"npm ERR! code ECONNREFUSED", "", "npm cannot reach its registry"},
    {"npm error code ECONNREFUSED", "", "npm cannot reach its registry"},
    {"npm ERR! code ETIMEDOUT", "", "npm cannot reach its registry"},
    {"npm error code ETIMEDOUT", "", "npm cannot reach its registry"},
    {"npm ERR! code ECONNRESET", "", "npm cannot reach its registry"},
    {"npm error code ECONNRESET", "", "npm cannot reach its registry"},
    {"npm ERR! code ENETUNREACH", "", "npm cannot reach its registry"},
    {"npm ERR! code ENOTCACHED", "", "npm works offline and its cache lacks a package"},
    {"npm error code ENOTCACHED", "", "npm works offline and its cache lacks a package"},
    {"npm ERR! network", "", "npm cannot reach its registry"},
    {"npm error network", "", "npm cannot reach its registry"},
    {"ERR_PNPM_META_FETCH_FAIL", "", "pnpm cannot reach its registry"},
    {"ERR_PNPM_NO_OFFLINE_", "", "pnpm works offline and its store lacks a package"},
    {"error An unexpected error occurred: \"https://registry", "", "yarn cannot reach its registry"},
    {"getaddrinfo EAI_AGAIN", "registry", "the package registry cannot be reached"},
    {"getaddrinfo ENOTFOUND", "registry", "the package registry cannot be reached"},
    {"Failed to establish a new connection", "/simple/", "pip cannot reach its index"},
    {"Temporary failure in name resolution", "", "names of the network cannot be resolved"},
    {"Could not resolve host", "", "a host of the network cannot be resolved"},
    {"Could not resolve hostname", "", "a host of the network cannot be resolved"},
    {"ERROR: Could not find a version that satisfies the requirement", "WARNING: Retrying (", "pip cannot reach its index"},
    {"error: Failed to fetch: `https://", "", "uv cannot reach its index"},
    {"Network is unreachable", "", "the network is unreachable"},
    {"failed to download from `https://", "", "cargo cannot reach its registry"},
    {"failed to get `", "as a dependency", "cargo cannot reach its registry"},
    {"Unable to update registry", "", "cargo cannot reach its registry"},
    {"spurious network error", "", "cargo cannot reach its registry"},
    {"dial tcp", "proxy.golang.org", "go cannot reach its module proxy"},
    {"dial tcp: lookup", "go: ", "go cannot reach its module proxy"},
    {"module lookup disabled by GOPROXY=off", "", "go works offline and lacks a module"},
    {"Could not transfer artifact", "", "maven cannot reach its repository"},
    {"java.net.UnknownHostException", "Could not", "the repository of packages cannot be reached"},
    {"Could not GET 'https://", "", "gradle cannot reach its repository"},
    {"No cached version", "available for offline mode", "gradle works offline and lacks a package"},
    {"Unable to fetch some archives", "", "apt cannot reach its archive"},
    {"error while loading shared libraries", "", "a shared library is missing"},
    {"Exec format error", "", "a program is built for another machine"},
    {"bad interpreter", "", "a script's interpreter is missing"},
    {"cannot execute: required file not found", "", "a script's interpreter is missing"},
    {"No CMAKE_CXX_COMPILER could be found", "", "no C++ compiler is installed"},
    {"No CMAKE_C_COMPILER could be found", "", "no C compiler is installed"},
    {"CMake was unable to find a build program", "", "the build program of CMake is missing"},
    {"Cannot connect to the Docker daemon", "", "the Docker daemon does not run"},
    {"Executable doesn't exist at", "playwright", "Playwright's browsers are not installed"},
    {"Could not find Chrome", "", "no browser is installed"},
    {"ERR_OSSL_EVP_UNSUPPORTED", "", "this Node's OpenSSL lacks what the tool needs"},
    {"No usable sandbox", "", "the browser's sandbox is not available"},
    {"JAVA_HOME is not set", "", "no Java is set up"},
    {"rustup could not choose a version of", "", "rustup has no default toolchain"},
    {"error: toolchain '", "is not installed", "rustup lacks the toolchain that the project names"},
    {"error: override toolchain '", "is not installed", "rustup lacks the toolchain that the project names"},
    {"pyenv: version `", "is not installed", "pyenv lacks the Python that the project names"},
    {"rbenv: version `", "is not installed", "rbenv lacks the Ruby that the project names"},
    {"No version is set for command ", "", "asdf has no version of the tool"},
    {"requires go >= ", "running go ", "this Go is older than the module asks for"},
    {"error: release version ", " not supported", "this JDK is older than the project asks for"},
}};

// What ended a run stands near its end.
constexpr size_t kWindow = size_t{2} << 20;
constexpr size_t kMaxLine = 1000;  // of a shell or an interpreter

size_t window_of(const Text& text) { return text.all().size() > kWindow ? text.all().size() - kWindow : 0; }

// Modules that are the runner itself: without them nothing was judged.
bool is_runner_module(std::string_view name) {
  static constexpr std::array<std::string_view, 20> kRunners = {"pytest", "unittest", "nose", "tox", "nox", "mypy", "flake8", "pylint", "ruff", "black",
                                                                "isort", "pip", "venv", "ensurepip", "coverage", "pyright", "build", "setuptools", "wheel", "virtualenv"};
  return std::find(kRunners.begin(), kRunners.end(), name) != kRunners.end();
}

std::string_view word_at(std::string_view text) {
  size_t end = 0;
  while (end < text.size() && text[end] != ' ' && text[end] != '\'' && text[end] != '"' && text[end] != '\n' && text[end] != ':') ++end;
  return text.substr(0, end);
}

// "/usr/bin/python3: No module named pytest": the interpreter itself speaks, not a traceback of the project.
std::string missing_runner(const Text& text) {
  constexpr std::string_view kNeedle = ": No module named ";
  for (size_t at = text.find(kNeedle, window_of(text)); at != std::string_view::npos; at = text.find(kNeedle, at + 1)) {
    const std::string_view line = text.line(text.line_at(at));
    if (line.size() > kMaxLine || line.find("python") == std::string_view::npos || line.substr(0, 6) == "Module" || line.substr(0, 6) == "Import" || line[0] == 'E' || line[0] == ' ') continue;
    std::string_view name = word_at(text.all().substr(at + kNeedle.size()));
    if (is_runner_module(name.substr(0, name.find('.')))) return "Python has no module " + std::string(name);
  }
  return {};
}

// A shell could not start a program: "sh: 1: eslint: not found", "bash: line 1: x: command not found", "env: 'node': No such file".
std::string missing_program(const Text& text) {
  for (const std::string_view needle : {": command not found", ": not found", ": No such file or directory"}) {
    for (size_t at = text.find(needle, window_of(text)); at != std::string_view::npos; at = text.find(needle, at + 1)) {
      const std::string_view line = text.line(text.line_at(at));
      const bool shell = line.substr(0, 4) == "bash" || line.substr(0, 3) == "sh:" || line.substr(0, 8) == "/bin/sh:" || line.substr(0, 5) == "dash:" || line.substr(0, 4) == "zsh:" ||
                         line.substr(0, 9) == "/bin/bash" || line.substr(0, 4) == "env:" || line.substr(0, 12) == "/usr/bin/env" || line.substr(0, 5) == "make:" || line.substr(0, 5) == "make[";
      if (!shell || line.size() > kMaxLine) continue;
      // A project file that a script misses is the project's fault.
      if (needle[2] == 'N' && line.substr(0, 4) != "env:" && line.substr(0, 12) != "/usr/bin/env" && line.substr(0, 4) != "make") continue;
      const std::string_view before = line.substr(0, line.find(needle));
      std::string_view name = before.substr(before.rfind(": ") == std::string_view::npos ? 0 : before.rfind(": ") + 2);
      while (!name.empty() && (name[0] == '\'' || name[0] == '`')) name.remove_prefix(1);
      while (!name.empty() && (name.back() == '\'' || name.back() == ':')) name.remove_suffix(1);
      // A path inside the project that was not built is not the environment.
      if (name.empty() || (name.find('/') != std::string_view::npos && name[0] != '/')) continue;
      return "the program " + std::string(name) + " is not installed";
    }
  }
  return {};
}

}  // namespace

EnvironmentFault environment_fault(const Text& text) {
  static const WordFinder kFinder = [] {
    std::vector<std::string_view> words;
    for (const Phrase& phrase : kPhrases) words.push_back(phrase.words);
    return WordFinder(words);
  }();
  size_t first = kPhrases.size();  // of those that are said
  const std::string_view window = text.all().substr(window_of(text));
  for (size_t at = 0; at < window.size();) {
    const size_t end = std::min(window.find('\n', at), window.size());
    const std::string_view line = window.substr(at, end - at);
    std::array<bool, kPhrases.size()> looked_at{};
    kFinder.find(line, [&](size_t phrase) {
      if (phrase >= first || looked_at[phrase]) return;
      looked_at[phrase] = true;
      if (kPhrases[phrase].also.empty() || line.find(kPhrases[phrase].also) != std::string_view::npos) first = phrase;
    });
    at = end + 1;
  }
  if (first < kPhrases.size()) {
    const std::string_view meaning = kPhrases[first].meaning;
    return {std::string(meaning), meaning.substr(0, 8) == "the disk"};
  }
  std::string missing = missing_runner(text);
  return {missing.empty() ? missing_program(text) : missing, false};
}

}  // namespace baton
