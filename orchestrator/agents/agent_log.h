// What an agent prints, written to a file while it comes: secrets taken out, at most so many bytes; and the end of it in memory.
// One thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "support/descriptor.h"
#include "support/result.h"

namespace baton {

class AgentLog {
 public:
  static constexpr std::uint64_t kMaxFile = 32u << 20;
  static constexpr std::size_t kMaxEnd = 8u << 10;

  static Result<AgentLog> open(const std::filesystem::path& file, std::vector<std::string> secrets);
  void add(std::string_view bytes);
  void finish();  // what waits for the end of its line
  const std::string& end() const { return end_; }

 private:
  AgentLog(Descriptor file, std::vector<std::string> secrets) : file_(std::move(file)), secrets_(std::move(secrets)) {}
  void write(std::string_view text);

  Descriptor file_;
  std::vector<std::string> secrets_;
  std::string waiting_, end_;
  std::uint64_t written_ = 0;
  bool full_ = false;
};

}  // namespace baton
