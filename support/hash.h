// SHA-256 (OpenSSL). Digests are 64 lower-case hexadecimal digits. Any thread.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "support/result.h"

namespace baton {

std::string sha256(std::string_view bytes);
Result<std::string> sha256_file(const std::filesystem::path& path);

}  // namespace baton
