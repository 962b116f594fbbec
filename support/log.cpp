#include "support/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "support/redact.h"

namespace baton {
namespace {

spdlog::level::level_enum level_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

LogLevel level_from_environment() {
  const char* value = std::getenv("BATON_LOG");
  const std::string_view name = value ? value : "";
  if (name == "debug") return LogLevel::debug;
  if (name == "info") return LogLevel::info;
  if (name == "error") return LogLevel::error;
  return LogLevel::warning;
}

struct Sink {
  Sink()
      : logger("baton", std::make_shared<spdlog::sinks::stderr_sink_mt>()),
        secrets(secret_values(current_environment())) {
    logger.set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
    logger.set_level(level_of(level_from_environment()));
    logger.flush_on(spdlog::level::trace);
  }
  spdlog::logger logger;
  std::vector<std::string> secrets;
};

// Never destroyed: threads may log while the process ends.
Sink& sink() {
  static Sink* const only = new Sink;
  return *only;
}

// One entry is one line: what tools print cannot forge an entry.
std::string one_line(std::string text) {
  std::string line;
  line.reserve(text.size());
  for (const char c : text) {
    if (c == '\n') {
      line += "\\n";
    } else if (static_cast<unsigned char>(c) >= 0x20 || c == '\t') {
      line += c;
    }
  }
  return line;
}

}  // namespace

void log(LogLevel level, std::string_view message) {
  Sink& out = sink();
  if (!out.logger.should_log(level_of(level))) return;
  out.logger.log(level_of(level), spdlog::string_view_t(one_line(redact(message, out.secrets))));
}

void set_log_level(LogLevel level) {
  sink().logger.set_level(level_of(level));
}

}  // namespace baton
