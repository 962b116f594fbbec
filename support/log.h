// Our log: to stderr, one line each, redacted. Never stdout, which belongs to protocols and results. Thread-safe.
#pragma once

#include <string_view>

namespace baton {

enum class LogLevel { debug, info, warning, error };
void log(LogLevel level, std::string_view message);
void set_log_level(LogLevel level);  // default: warning; $BATON_LOG=debug|info|warning|error

}  // namespace baton
