// Says that what the journal or the cache keeps was written by this user's Baton: a signature with the key of the evidence,
// which no sandbox shows, over the answer and over what it answers. The journal is a file of the repository, so what could
// write there could otherwise have its own verdict given. Reads the key's file; any thread.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace baton {

class JournalSeal {
 public:
  explicit JournalSeal(std::filesystem::path config_home) : config_home_(std::move(config_home)) {}

  // Of a JSON text, however it is spaced. Empty where there is no key and none can be made: such an answer is given
  // once.
  std::string of(std::string_view key, std::string_view json) const;
  bool holds(std::string_view key, std::string_view json, std::string_view seal) const;

 private:
  std::filesystem::path config_home_;
};

}  // namespace baton
