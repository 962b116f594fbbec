#include "orchestrator/source_lines.h"

#include <algorithm>
#include <system_error>

#include "support/files.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxFile = 8u << 20;
constexpr std::size_t kMaxBytes = 64u << 20;  // of all files that are kept

}  // namespace

std::optional<fs::path> SourceLines::inside(const std::string& path) const {
  if (path.empty() || path.front() == '/' || path.find('\0') != path.npos) return std::nullopt;
  std::error_code failed;
  const fs::path root = fs::canonical(root_, failed);
  if (failed) return std::nullopt;
  const fs::path real = fs::canonical(root / path, failed);
  if (failed) return std::nullopt;
  const auto [end, rest] = std::mismatch(root.begin(), root.end(), real.begin(), real.end());
  (void)rest;
  if (end != root.end()) return std::nullopt;
  return real;
}

const SourceLines::File& SourceLines::open(const std::string& path) {
  const auto [place, fresh] = files_.try_emplace(path);
  File& file = place->second;
  if (!fresh) return file;
  std::error_code failed;
  const auto real = inside(path);
  if (!real || !fs::is_regular_file(*real, failed) || bytes_ > kMaxBytes) return file;
  auto text = read_file(*real, kMaxFile);
  if (!text) return file;
  file.text = std::move(*text);
  bytes_ += file.text.size();
  for (std::size_t at = 0; at < file.text.size();) {
    file.starts.push_back(at);
    const auto end = file.text.find('\n', at);
    at = end == std::string::npos ? file.text.size() : end + 1;
  }
  return file;
}

std::optional<std::string> SourceLines::line(const std::string& path, int number) {
  const File& file = open(path);
  if (number < 1 || static_cast<std::size_t>(number) > file.starts.size()) return std::nullopt;
  const std::size_t start = file.starts[static_cast<std::size_t>(number) - 1];
  std::string line = file.text.substr(start, std::min(file.text.find('\n', start), file.text.size()) - start);
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return line;
}

bool SourceLines::exists(const std::string& path) {
  const auto [place, fresh] = known_.try_emplace(path, false);
  if (fresh) place->second = inside(path).has_value();
  return place->second;
}

}  // namespace baton
